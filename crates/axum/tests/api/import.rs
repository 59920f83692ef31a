//! Files that are imported while they arrive, and files that don't arrive.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt as _;
use hyper::body::Frame;
use rollbook_axum::Options;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::ServiceExt as _;

use crate::{Client, KEY};

/// A body that arrives as it is sent.
struct Arriving(mpsc::UnboundedReceiver<io::Result<Bytes>>);

impl hyper::body::Body for Arriving {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

type Sender = mpsc::UnboundedSender<io::Result<Bytes>>;

fn arriving() -> (Sender, Body) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (sender, Body::new(Arriving(receiver)))
}

/// Lets a piece of the body arrive.
fn send(sender: &Sender, text: &'static str) {
    sender.send(Ok(text.into())).unwrap();
}

async fn post(client: &Client, query: &str, body: impl Into<Body>) -> Response {
    let request = Request::post(format!("/v1/users/import{query}")).header("x-appwrite-key", KEY);
    client.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap()
}

/// The lines of an answer.
async fn lines(response: Response) -> Vec<Value> {
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let text = str::from_utf8(&body).unwrap();
    assert!(text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The last line.
async fn summary(response: Response) -> Value {
    lines(response).await.pop().unwrap()
}

#[tokio::test]
async fn good_rows_become_users_and_bad_ones_are_told() {
    let client = Client::new();
    let mut file = br#"{"$id":"ann","email":"ann@example.com","hash":"md5","password":"5f4dcc3b5aa765d61d8327deb882cf99"}

{"$id":"bob","email":"bob@"}
{"$id":"zoe","name":"Zo"#
        .to_vec();
    file.extend(b"\xff\"}\r\n{\"$id\":\"ann\"}\nnothing\n");
    file.extend(br#"{"$id":"import","name":"Imogen"}"#);
    let bytes = file.len();
    let mut told = lines(post(&client, "", file).await).await;
    let progress = json!({"rows": 6, "imported": 2, "rejected": 4, "bytes": bytes});
    let mut last = told.pop().unwrap();
    assert_eq!(told, std::slice::from_ref(&progress));
    let rejects = last.as_object_mut().unwrap().remove("rejects").unwrap();
    let of = |key: &str| -> Vec<Value> {
        rejects.as_array().unwrap().iter().map(|reject| reject[key].clone()).collect()
    };
    assert_eq!(of("line"), [3, 4, 5, 6]);
    assert_eq!(of("field"), [json!("email"), json!("line"), Value::Null, json!("line")]);
    assert_eq!(of("input"), vec![Value::Null; 4], "hashes are not sent back");
    assert_eq!(of("code")[2], "user_already_exists");
    assert_eq!(last["complete"], true);
    last.as_object_mut().unwrap().remove("complete");
    assert_eq!(last, progress);

    assert_eq!(client.get("/users/ann").await.body["hash"], "md5");
    assert_eq!(client.get("/users/import").await.body["name"], "Imogen", "no route hides it");
    assert_eq!(client.get("/users").await.body["total"], 2);
    let other = client.call("POST", "/users/ann", json!({})).await;
    assert_eq!(other.said(), "404 general_route_not_found");
}

#[tokio::test]
async fn what_is_told_of_rejects_is_bounded() {
    let client = Client::new();
    let file = "{\"$id\":\"_\"}\n".repeat(250);
    let told = summary(post(&client, "", file).await).await;
    assert_eq!((&told["rejected"], &told["complete"]), (&json!(250), &json!(true)));
    assert_eq!(told["rejects"].as_array().unwrap().len(), 100);
    assert_eq!(told["rejects"][99]["line"], 100);
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let told = summary(post(&Client::new(), "", "").await).await;
    let nothing = json!({"rows": 0, "imported": 0, "rejected": 0, "bytes": 0, "complete": true, "rejects": []});
    assert_eq!(told, nothing);
}

#[tokio::test]
async fn a_line_that_is_too_long_is_a_reject() {
    let client = Client::new();
    let mut file = vec![b'x'; 16 * 1024 * 1024 + 1];
    file.extend(b"\n{\"$id\":\"ann\"}");
    let told = summary(post(&client, "", file).await).await;
    assert_eq!((&told["imported"], &told["rejected"]), (&json!(1), &json!(1)));
    assert_eq!(told["rejects"][0]["line"], 1);
}

#[tokio::test]
async fn flags_are_those_of_the_program() {
    let row = r#"{"$id":"ann","emial":"x","hash":"mysql41","password":"*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"}"#;
    for (query, imported) in [
        ("", 0),
        ("?ignoreUnknown=true", 0),
        ("?allowWeak=true", 0),
        ("?ignoreUnknown=true&allowWeak=1", 1),
    ] {
        let told = summary(post(&Client::new(), query, row).await).await;
        assert_eq!(told["imported"], imported, "{query}: {told}");
    }
    let client = Client::new();
    let row = r#"{"$id":"ann","hash":"md5","password":"5f4dcc3b5aa765d61d8327deb882cf99"}"#;
    let told = summary(post(&client, "?wrap=true", row).await).await;
    assert_eq!(told["imported"], 1, "{told}");
    assert_eq!(client.get("/users/ann").await.body["hash"], "wrapped");
    let wrong = post(&client, "?wrap=perhaps", row).await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn only_a_key_with_the_scope_may() {
    let client = Client::new();
    let said = async |client: &Client| {
        let file = ("application/x-ndjson", r#"{"$id":"ann"}"#.to_owned());
        client.send("POST", "/users/import", Some(file)).await.said()
    };
    let scope = "401 general_unauthorized_scope";
    assert_eq!(said(&client.guest()).await, scope);
    assert_eq!(said(&client.header("x-appwrite-key", "wrong")).await, scope);
    assert_eq!(client.get("/users").await.body["total"], 0);
    let limited = Client::with(Options::new().requests_per_key(1));
    assert_eq!(limited.get("/users").await.status, 200);
    assert_eq!(said(&limited).await, "429 general_rate_limit_exceeded");
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused() {
    let client = Client::with(Options::new().most_import_bytes(26));
    let told = post(&client, "", "x".repeat(27)).await;
    assert_eq!(told.status(), StatusCode::PAYLOAD_TOO_LARGE);
    // Without a length it is noticed on the way; whole lines before are in the store.
    let (sender, body) = arriving();
    send(&sender, "{\"$id\":\"ann\"}\n{\"$id\":\"bo");
    send(&sender, "b\"}\n");
    let told = summary(post(&client, "", body).await).await;
    assert_eq!((&told["imported"], &told["complete"]), (&json!(1), &json!(false)));
    assert_eq!(told["error"]["code"], 413);
    assert_eq!(told["error"]["message"], "The body is longer than 26 bytes.");
    assert_eq!(client.get("/users/bob").await.status, 404);
}

#[tokio::test]
async fn half_a_row_is_none() {
    let client = Client::new();
    let (sender, body) = arriving();
    // The half is a whole user, if one takes the end of the connection for that of the line.
    send(&sender, "{\"$id\":\"ann\"}\n{\"$id\":\"bob\"}");
    sender.send(Err(io::ErrorKind::ConnectionReset.into())).unwrap();
    let told = summary(post(&client, "", body).await).await;
    assert_eq!((&told["rows"], &told["imported"]), (&json!(1), &json!(1)));
    assert_eq!((&told["complete"], &told["error"]["code"]), (&json!(false), &json!(400)));
    assert_eq!(client.get("/users/bob").await.status, 404);
}

#[tokio::test]
async fn a_client_that_sends_nothing_is_not_waited_for() {
    let client = Client::with(Options::new().timeout(Duration::from_secs(1)));
    let (sender, body) = arriving();
    send(&sender, "{\"$id\":\"ann\"}\n");
    let told = summary(post(&client, "", body).await).await;
    assert_eq!((&told["imported"], &told["error"]["code"]), (&json!(1), &json!(408)));
    assert!(sender.is_closed());
}

#[tokio::test]
async fn who_goes_away_stops_the_import() {
    let client = Client::new();
    let (sender, body) = arriving();
    send(&sender, "{\"$id\":\"ann\"}\n");
    let response = post(&client, "", body).await;
    assert!(!sender.is_closed());
    drop(response);
    // The body is let go of, though neither it ended nor the time is up.
    tokio::time::timeout(Duration::from_secs(20), sender.closed()).await.unwrap();
    assert_eq!(client.get("/users").await.body["total"], 0, "the chunk was not full");
}
