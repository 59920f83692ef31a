//! The page for operators, with all that it needs in the program.

use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use sha2::{Digest as _, Sha256};

/// A page at `/admin` on which an operator finds, reads, blocks and imports users.
///
/// It calls the API at `v1/` beside itself with the key that the operator types, which the browser keeps until
/// its tab is closed. So the page needs no key to be read and has no powers of its own. It loads nothing from
/// elsewhere and runs no script but its own, whatever users are called.
///
/// ```
/// # use std::sync::Arc;
/// # use rollbook::{MemoryStore, Users};
/// # use axum::{body::Body, http::Request};
/// # use tower::ServiceExt as _;
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let users = Users::new(Arc::new(MemoryStore::new()));
/// let api = rollbook_axum::router(users, rollbook_axum::Options::new().api_key("secret"));
/// let app = api.merge(rollbook_axum::admin());
///
/// let reply = app.oneshot(Request::get("/admin").body(Body::empty())?).await?;
/// assert_eq!(reply.status(), 200);
/// assert_eq!(reply.headers()["content-type"], "text/html; charset=utf-8");
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
pub fn admin() -> Router {
    let page = [(header::LOCATION, "../admin")];
    let elsewhere = get(move || async move { (StatusCode::PERMANENT_REDIRECT, page) });
    ASSETS.iter().fold(Router::new().route("/admin/", elsewhere), |router, asset| {
        let answer = move |headers: HeaderMap| async move { asset.answer(&headers) };
        router.route(asset.path, get(answer))
    })
}

/// A file of the page.
struct Asset {
    path: &'static str,
    kind: &'static str,
    text: &'static str,
    /// Tells this text from that of another version.
    tag: LazyLock<HeaderValue, fn() -> HeaderValue>,
}

/// A file of the folder `admin`, where it is served and as what.
macro_rules! asset {
    ($name:literal, $path:expr, $kind:expr) => {
        Asset {
            path: $path,
            kind: $kind,
            text: include_str!(concat!("admin/", $name)),
            tag: LazyLock::new(|| tag(include_str!(concat!("admin/", $name)))),
        }
    };
    ($name:literal, $kind:expr) => {
        asset!($name, concat!("/admin/", $name), $kind)
    };
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

static ASSETS: [Asset; 9] = [
    asset!("index.html", "/admin", "text/html; charset=utf-8"),
    asset!("style.css", "text/css; charset=utf-8"),
    asset!("icon.svg", "image/svg+xml"),
    asset!("main.js", SCRIPT),
    asset!("api.js", SCRIPT),
    asset!("dom.js", SCRIPT),
    asset!("list.js", SCRIPT),
    asset!("user.js", SCRIPT),
    asset!("import.js", SCRIPT),
];

/// Nothing from elsewhere, nothing written into the page itself, no frames, and no text that becomes markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    // The browser asks each time and is told that nothing changed.
    (header::CACHE_CONTROL, "no-cache"),
];

impl Asset {
    fn answer(&self, headers: &HeaderMap) -> Response {
        let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
        let is_known = known.is_some_and(|tags| {
            // A proxy that compresses makes a tag weak.
            let mut tags = tags.split(',').map(|tag| tag.trim().trim_start_matches("W/"));
            tags.any(|tag| tag == "*" || tag == *self.tag)
        });
        let tag = [(header::ETAG, self.tag.clone())];
        if is_known {
            return (StatusCode::NOT_MODIFIED, HEADERS, tag).into_response();
        }
        (HEADERS, tag, [(header::CONTENT_TYPE, self.kind)], self.text).into_response()
    }
}

fn tag(text: &str) -> HeaderValue {
    let digest = Sha256::digest(text);
    let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    HeaderValue::from_str(&format!("\"{number:016x}\"")).expect("digits in quotes make a header")
}
