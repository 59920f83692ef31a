//! The page for operators: its files and what browsers are told about them.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use rollbook_axum::admin;
use tower::ServiceExt as _;

async fn get(router: &Router, path: &str, tag: &str) -> (u16, HeaderMap, String) {
    let request = Request::get(path).header("if-none-match", tag).body(Body::empty()).unwrap();
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head.status.as_u16(), head.headers, String::from_utf8(body.to_vec()).unwrap())
}

/// The files that a text of the page names, as addresses.
fn named(text: &str) -> Vec<String> {
    let html = text.split(['"', '\'']).filter(|part| part.starts_with("admin/"));
    let scripts = text.split('"').filter_map(|part| part.strip_prefix("./"));
    html.map(|part| format!("/{part}"))
        .chain(scripts.map(|part| format!("/admin/{part}")))
        .collect()
}

#[tokio::test]
async fn every_file_that_the_page_names_is_there() {
    let router = admin();
    let mut left = vec!["/admin".to_owned()];
    let mut seen = Vec::new();
    while let Some(path) = left.pop() {
        let (status, headers, text) = get(&router, &path, "").await;
        assert_eq!(status, 200, "{path}");
        let kind = headers["content-type"].to_str().unwrap();
        let expected = match path.rsplit_once('.') {
            Some((_, "js")) => "text/javascript; charset=utf-8",
            Some((_, "css")) => "text/css; charset=utf-8",
            Some(_) => "image/svg+xml",
            None => "text/html; charset=utf-8",
        };
        assert_eq!(kind, expected, "{path}");
        let text = text.replace("http://www.w3.org/2000/svg", "");
        assert!(!text.contains("http:") && !text.contains("https:"), "{path} names another server");
        left.extend(named(&text));
        seen.push(path);
        left.retain(|path| !seen.contains(path));
    }
    seen.sort();
    assert_eq!(seen.len(), 9, "{seen:?}");
}

#[tokio::test]
async fn browsers_are_told_to_trust_nothing_else() {
    for path in ["/admin", "/admin/main.js", "/admin/style.css"] {
        let (_, headers, _) = get(&admin(), path, "").await;
        let header = |name: &str| headers[name].to_str().unwrap();
        let policy = header("content-security-policy");
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "connect-src 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.split("; ").any(|part| part == rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("cache-control"), "no-cache");
    }
}

#[tokio::test]
async fn what_a_browser_has_is_not_sent_again() {
    let router = admin();
    let (_, headers, _) = get(&router, "/admin/list.js", "").await;
    let tag = headers["etag"].to_str().unwrap();
    for known in [tag.to_owned(), format!("\"x\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
        let (status, headers, body) = get(&router, "/admin/list.js", &known).await;
        assert_eq!((status, body.as_str()), (304, ""), "{known}");
        assert_eq!(headers["etag"], tag);
    }
    let (status, headers, _) = get(&router, "/admin/user.js", tag).await;
    assert_eq!(status, 200);
    assert_ne!(headers["etag"], tag);
}

#[tokio::test]
async fn nothing_else_is_there() {
    let (status, headers, _) = get(&admin(), "/admin/", "").await;
    assert_eq!((status, headers["location"].to_str().unwrap()), (308, "../admin"));
    for path in ["/", "/admin/nothing.js", "/admin/../Cargo.toml", "/admin/index.html"] {
        assert_eq!(get(&admin(), path, "").await.0, 404, "{path}");
    }
    let post = Request::post("/admin").body(Body::empty()).unwrap();
    assert_eq!(admin().oneshot(post).await.unwrap().status(), 405);
}

#[tokio::test]
async fn no_script_writes_markup() {
    for path in ["main.js", "api.js", "dom.js", "list.js", "user.js", "import.js"] {
        let (_, _, text) = get(&admin(), &format!("/admin/{path}"), "").await;
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "localStorage",
        ] {
            assert!(!text.contains(word), "{path}: {word}");
        }
    }
    let (_, _, page) = get(&admin(), "/admin", "").await;
    for word in ["style=", "onclick", "<style", "<script>"] {
        assert!(!page.contains(word), "{word}");
    }
}
