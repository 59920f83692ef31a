//! Keys, limits and headers.

use rollbook_axum::Options;
use serde_json::json;

use crate::{Client, KEY};

#[tokio::test]
async fn who_may_not_is_told_so() {
    let client = Client::new();
    let guest = client.guest();
    let refused = guest.get("/users").await;
    assert_eq!(refused.said(), "401 general_unauthorized_scope");
    assert_eq!(refused.body["message"], "User (role: guests) missing scopes ([\"users.read\"])");
    let stranger = client.header("x-appwrite-key", "another");
    assert_eq!(stranger.get("/users").await.said(), "401 general_unauthorized_scope");
    let both = client.header("x-appwrite-session", "x");
    assert_eq!(both.get("/users").await.said(), "403 user_api_key_and_session_set");
    assert_eq!(client.get("/account").await.said(), "401 general_unauthorized_scope");
    // Who may not is told that before anything else is looked at.
    let wrong = guest.call("POST", "/users", json!({"email": 5})).await;
    assert_eq!(wrong.said(), "401 general_unauthorized_scope");
}

#[tokio::test]
async fn stored_keys_do_what_they_may() {
    use rollbook::{NewApiKey, Scope};
    let client = Client::new();
    let key = async |new: NewApiKey| {
        let (_, secret) = client.users.create_api_key(new).await.unwrap();
        client.header("x-appwrite-key", secret.as_str())
    };
    let reader = key(NewApiKey::new("reader", [Scope::UsersRead])).await;
    assert_eq!(reader.get("/users").await.status, 200);
    let refused = reader.call("POST", "/users", json!({"userId": "ann"})).await;
    assert_eq!(refused.said(), "401 general_unauthorized_scope");
    let message = "app \"reader\" (role: applications) missing scopes ([\"users.write\"])";
    assert_eq!(refused.body["message"], message);
    client.call("POST", "/users", json!({"userId": "ann"})).await;
    let sessions = key(NewApiKey::new("sessions", [Scope::SessionsWrite])).await;
    assert_eq!(sessions.call("POST", "/users/ann/sessions", json!({})).await.status, 201);
    assert_eq!(sessions.get("/users/ann").await.said(), "401 general_unauthorized_scope");
    let other = key(NewApiKey::new("other", [Scope::UsersRead]).project("other")).await;
    assert_eq!(other.get("/users").await.said(), "401 general_unauthorized_scope");
    assert_eq!(other.header("x-appwrite-project", "other").get("/users").await.status, 200);
}

#[tokio::test]
async fn a_key_ends() {
    use rollbook::testing::{START, TestUsers};
    use rollbook::{NewApiKey, Scope, Timestamp};
    let users = TestUsers::new();
    let expire = Timestamp::from_millis(START).unwrap().plus_millis(1000);
    let new = NewApiKey::new("short", [Scope::UsersRead]).expire(expire);
    let (_, secret) = users.create_api_key(new).await.unwrap();
    let client = Client::over(&users, Options::new()).header("x-appwrite-key", secret.as_str());
    assert_eq!(client.get("/users").await.status, 200);
    users.advance_seconds(1);
    assert_eq!(client.get("/users").await.said(), "401 project_key_expired");
}

#[tokio::test]
async fn projects_have_nothing_in_common() {
    use std::sync::Arc;

    use rollbook::{Argon2Params, JwtKey, MemoryStore, Users, all_schemas};
    let users = Users::builder(Arc::new(MemoryStore::with_schemas(all_schemas())))
        .hashing(Argon2Params::insecure_for_tests())
        .jwt_key(JwtKey::new([7; 32]).unwrap());
    let client = Client::over(&users.build(), Options::new().tenants());
    let of = |project: &str| client.header("x-appwrite-project", project);
    let ann = json!({"userId": "ann", "email": "ann@example.com", "password": "correct horse"});
    for project in ["", "acme", "other"] {
        let made = of(project).call("POST", "/users", ann.clone()).await;
        assert_eq!(made.status, 201, "{project}: {}", made.body);
        assert_eq!(of(project).get("/users").await.body["total"], 1);
    }
    of("acme").delete("/users/ann").await;
    assert_eq!(of("acme").get("/users?search=ann").await.body["total"], 0);
    assert_eq!(of("default").get("/users/ann").await.status, 200, "the project without a name");
    assert_eq!(of("/").get("/users").await.said(), "404 project_not_found");
    // What opens one project opens no other, where the same id may be somebody else's.
    of("acme").call("POST", "/users", ann).await;
    let jwt = of("acme").call("POST", "/users/ann/jwts", json!({})).await.body["jwt"].clone();
    let session =
        of("acme").call("POST", "/users/ann/sessions", json!({})).await.body["secret"].clone();
    let opens = async |header: &'static str, secret: &serde_json::Value, project: &str| {
        of(project).guest().header(header, secret.as_str().unwrap()).get("/account").await.status
    };
    for project in ["acme", "other", "default"] {
        let expected = if project == "acme" { 200 } else { 401 };
        assert_eq!(opens("x-appwrite-jwt", &jwt, project).await, expected, "{project}");
        assert_eq!(opens("x-appwrite-session", &session, project).await, expected, "{project}");
    }
}

#[tokio::test]
async fn a_project_has_a_name_as_an_id_is() {
    let client = Client::new();
    for project in ["a;b", "_a", "a b"] {
        let answer = client.header("x-appwrite-project", project).get("/users").await;
        assert_eq!(answer.said(), "404 project_not_found", "{project}");
    }
}

#[tokio::test]
async fn a_long_body_is_refused() {
    let client = Client::with(Options::new().most_body_bytes(1000));
    let fits = json!({"userId": "a", "x": "x".repeat(900)});
    assert_eq!(client.call("POST", "/users", fits).await.status, 201);
    let long = json!({"userId": "b", "x": "x".repeat(1000)});
    assert_eq!(client.call("POST", "/users", long).await.said(), "413 general_argument_invalid");
}

#[tokio::test]
async fn forms_are_read() {
    let client = Client::new();
    let form = "userId=ann&email=ann%40example.com&name=Ann";
    let kind = "application/x-www-form-urlencoded";
    let made = client.send("POST", "/users", Some((kind, form.to_owned()))).await;
    assert_eq!((made.status, &made.body["name"]), (201, &json!("Ann")));
    let strict = "emailVerification=true".to_owned();
    let strict = client.send("PATCH", "/users/ann/verification", Some((kind, strict))).await;
    assert_eq!(strict.said(), "400 general_argument_invalid", "a form has no truth values");
    for body in ["", "{", "[]", "5"] {
        let none = client.send("POST", "/users", Some(("application/json", body.to_owned()))).await;
        assert_eq!(none.body["message"], "Param \"userId\" is not optional.", "{body}");
    }
}

#[tokio::test]
async fn too_many_requests_are_refused() {
    let client = Client::with(Options::new().requests_per_key(2));
    assert_eq!(client.get("/users").await.status, 200);
    assert_eq!(client.get("/users").await.status, 200);
    let refused = client.get("/users").await;
    assert_eq!(refused.said(), "429 general_rate_limit_exceeded");
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(client.header("x-appwrite-key", "other").get("/users").await.status, 401);
}

#[tokio::test]
async fn every_answer_has_an_id_and_no_guess_at_its_type() {
    let client = Client::new().header("x-request-id", "mine");
    for path in ["/users", "/users/nobody", "/nothing"] {
        let answer = client.get(path).await;
        assert_eq!(answer.headers["x-request-id"], "mine");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["content-type"], "application/json; charset=UTF-8");
    }
    assert_eq!(Client::new().get("/users").await.headers["x-request-id"].len(), 36);
}

#[tokio::test]
async fn pages_of_an_allowed_origin_may_call() {
    let client = Client::with(Options::new().allow_origin("https://example.com"));
    let from = |origin: &str| client.header("origin", origin);
    let allowed = from("https://example.com").send("OPTIONS", "/users", None).await;
    assert_eq!(allowed.headers["access-control-allow-origin"], "https://example.com");
    assert_eq!(allowed.headers["access-control-allow-credentials"], "true");
    let other = from("https://example.org").get("/users").await;
    assert!(!other.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn the_log_knows_who_did_it() {
    let client = Client::new().header(
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    );
    client.call("POST", "/users", json!({"userId": "ann"})).await;
    let log = client.get("/users/ann/logs").await.body["logs"][0].clone();
    assert_eq!(
        (&log["event"], &log["userName"], &log["clientName"]),
        (&json!("user.create"), &json!("app"), &json!("Firefox"))
    );
    assert!(!log.to_string().contains(KEY));
}
