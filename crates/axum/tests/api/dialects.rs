//! The three dialects of lists, and what older versions don't see.

use serde_json::{Value, json};

use crate::Client;

async fn filled() -> Client {
    let client = Client::new();
    for id in ["a", "b", "c"] {
        let new = json!({"userId": id, "email": format!("{id}@example.com"), "name": id.repeat(3)});
        assert_eq!(client.call("POST", "/users", new).await.status, 201);
    }
    client
}

fn ids(body: &Value) -> Vec<&str> {
    body["users"].as_array().unwrap().iter().map(|user| user["$id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn queries_as_json() {
    let client = filled().await;
    let queries = r#"queries[0]={"method":"equal","attribute":"name","values":["bbb"]}"#;
    let page = client.get(&format!("/users?{}", encode(queries))).await;
    assert_eq!((ids(&page.body), &page.body["total"]), (vec!["b"], &json!(1)));
    let newest = client.header("x-appwrite-response-format", "1.9.5");
    let refused =
        newest.get(&format!("/users?{}", encode(r#"queries[]=equal("name","bbb")"#))).await;
    let message = "Invalid `queries` param: Invalid query: Invalid query: Syntax error";
    assert_eq!(refused.body["message"], message);
}

#[tokio::test]
async fn queries_as_texts() {
    let client = filled().await;
    let query = encode(r#"queries[0]=orderDesc("name")&queries[1]=limit(2)"#);
    for client in [&client, &client.header("x-appwrite-response-format", "1.4.0")] {
        let page = client.get(&format!("/users?{query}")).await;
        assert_eq!(
            (ids(&page.body), &page.body["total"]),
            (vec!["c", "b"], &json!(3)),
            "{}",
            page.body
        );
    }
    let old = client.header("x-appwrite-response-format", "1.4.0").get("/users/a").await.body;
    assert!(
        old.get("targets").is_none() && old.get("mfa").is_none() && old.get("labels").is_some()
    );
    assert!(old["$createdAt"].is_string());
}

#[tokio::test]
async fn plain_parameters() {
    let client = filled().await;
    let old = client.header("x-appwrite-response-format", "0.15.0");
    let page = old.get("/users?limit=2&orderType=DESC&search=").await;
    assert_eq!((ids(&page.body), &page.body["total"]), (vec!["c", "b"], &json!(3)));
    let user = &page.body["users"][0];
    assert!(user["$createdAt"].is_u64() && user["passwordUpdate"] == 0, "{user}");
    assert!(user.get("password").is_none());
    let page = old.get("/users?cursor=b&cursorDirection=before").await;
    assert_eq!(ids(&page.body), ["a"]);
    let page = old.get("/users?search=bbb").await;
    assert_eq!(ids(&page.body), ["b"]);
    let wrong = old.get("/users?limit=101").await;
    assert_eq!(
        wrong.body["message"],
        "Invalid limit: Value must be a valid range between 0 and 100"
    );
    // Without the header, by what the request looks like.
    let guessed = client.get("/users?limit=1").await;
    assert!(guessed.body["users"][0]["registration"].is_u64());
    assert_eq!(client.get("/users").await.body["users"][0]["targets"].as_array().unwrap().len(), 1);
    let logs = old.get("/users/a/logs?limit=0").await;
    assert_eq!((&logs.body["total"], &logs.body["logs"]), (&json!(1), &json!([])));
}

#[tokio::test]
async fn lists_say_what_is_wrong() {
    let client = filled().await;
    let said = |query: &str| {
        let path = format!("/users?{}", encode(query));
        let client = &client;
        async move { client.get(&path).await.body["message"].as_str().unwrap_or_default().to_owned() }
    };
    let cases = [
        ("queries=x", "Invalid `queries` param: Queries must be an array"),
        (
            "search=",
            "Invalid `search` param: Value must be a valid string and at least 1 chars and no longer than 256 chars",
        ),
        (
            r#"queries[]={"method":"equal","attribute":"status","values":["true"]}"#,
            "Invalid `queries` param: Invalid query: Query value is invalid for attribute \"status\"",
        ),
        (
            r#"queries[]={"method":"cursorAfter","values":["nobody"]}"#,
            "User 'nobody' for the 'cursor' value not found.",
        ),
    ];
    for (query, message) in cases {
        assert_eq!(said(query).await, message, "{query}");
    }
    let logs = client
        .get(&format!(
            "/users/a/logs?{}",
            encode(r#"queries[]={"method":"equal","attribute":"event","values":["x"]}"#)
        ))
        .await;
    assert_eq!(logs.said(), "400 general_argument_invalid");
}

/// A query as a client sends it.
fn encode(query: &str) -> String {
    let mut text = String::new();
    for byte in query.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'=' | b'&' => text.push(byte.into()),
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}
