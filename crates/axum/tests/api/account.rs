//! The routes that users call themselves.

use serde_json::{Value, json};

use crate::Client;

#[tokio::test]
async fn a_user_signs_in_and_out() {
    let client = Client::new();
    let new = json!({"userId": "ann", "email": "ann@example.com", "password": "correct horse"});
    client.call("POST", "/users", new).await;
    let guest = client.guest();
    let credentials = json!({"email": "ann@example.com", "password": "correct horse"});
    let wrong = json!({"email": "ann@example.com", "password": "incorrect horse"});
    assert_eq!(
        guest.call("POST", "/account/sessions/email", wrong).await.said(),
        "401 user_invalid_credentials"
    );
    let session = guest.call("POST", "/account/sessions/email", credentials.clone()).await;
    assert_eq!((session.status, &session.body["secret"]), (201, &json!("")));
    let cookie = session.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("a_session_default=") && cookie.contains("HttpOnly"), "{cookie}");
    let fallback: Value =
        serde_json::from_str(session.headers["x-fallback-cookies"].to_str().unwrap()).unwrap();
    let secret = fallback["a_session_default"].as_str().unwrap();
    let by_cookie = guest.header("cookie", format!("other=1; a_session_default={secret}"));
    let ann = guest.header("x-appwrite-session", secret);
    for ann in [&ann, &by_cookie] {
        let account = ann.get("/account").await;
        assert_eq!((account.status, &account.body["$id"]), (200, &json!("ann")));
        assert!(account.body.get("password").is_none());
    }
    let current = ann.get("/account/sessions/current").await.body;
    assert_eq!((&current["current"], &current["secret"]), (&json!(true), &json!("")));
    let jwt =
        ann.call("POST", "/account/jwts", json!({})).await.body["jwt"].as_str().unwrap().to_owned();
    let by_jwt = guest.header("x-appwrite-jwt", jwt);
    assert_eq!(by_jwt.get("/account").await.status, 200);
    assert_eq!(ann.delete("/account/sessions/current").await.status, 204);
    assert_eq!(ann.get("/account").await.said(), "401 general_unauthorized_scope");
    assert_eq!(by_jwt.get("/account").await.said(), "401 user_jwt_invalid");
    // A server with a key gets the secret in the body.
    let session = client.call("POST", "/account/sessions/email", credentials).await;
    assert_eq!(session.body["secret"].as_str().map(str::len), Some(64));
}

#[tokio::test]
async fn a_token_is_exchanged_once() {
    let client = Client::new();
    client.call("POST", "/users", json!({"userId": "ann"})).await;
    let token = client.call("POST", "/users/ann/tokens", json!({"length": 32})).await.body;
    let exchange = json!({"userId": "ann", "secret": token["secret"]});
    let guest = client.guest();
    let session = guest.call("POST", "/account/sessions/token", exchange.clone()).await;
    assert_eq!((session.status, &session.body["provider"]), (201, &json!("token")));
    let again = guest.call("POST", "/account/sessions/token", exchange).await;
    assert_eq!(again.said(), "401 user_invalid_token");
    let stranger = json!({"userId": "nobody", "secret": "abcdef"});
    let stranger = guest.call("PUT", "/account/sessions/token", stranger).await;
    assert_eq!(stranger.said(), "401 user_invalid_token");
}

#[tokio::test]
async fn an_impersonator_acts_as_others() {
    let client = Client::new();
    for (id, phone) in [("ann", "+14155550100"), ("bob", "+14155550101")] {
        let new = json!({"userId": id, "email": format!("{id}@example.com"), "phone": phone});
        client.call("POST", "/users", new).await;
    }
    let session = client.call("POST", "/users/ann/sessions", json!({})).await.body;
    let ann = client.guest().header("x-appwrite-session", session["secret"].as_str().unwrap());
    let as_bob = ann.header("x-appwrite-impersonate-user-email", "bob@example.com");
    assert_eq!(
        as_bob.get("/account").await.body["$id"],
        "ann",
        "without the capability it is ignored"
    );
    assert_eq!(ann.get("/users").await.said(), "401 general_unauthorized_scope");
    client.call("PATCH", "/users/ann/impersonator", json!({"impersonator": true})).await;
    assert_eq!(ann.get("/users").await.body["total"], 2);
    let seen = as_bob.get("/account").await.body;
    assert_eq!((&seen["$id"], &seen["impersonatorUserId"]), (&json!("bob"), &json!("ann")));
    let as_nobody = ann.header("x-appwrite-impersonate-user-id", "nobody");
    assert_eq!(as_nobody.get("/account").await.said(), "404 user_not_found");
}

#[tokio::test]
async fn a_blocked_user_is_refused() {
    let client = Client::new();
    client.call("POST", "/users", json!({"userId": "ann"})).await;
    let session = client.call("POST", "/users/ann/sessions", json!({})).await.body;
    let ann = client.guest().header("x-appwrite-session", session["secret"].as_str().unwrap());
    client.call("PATCH", "/users/ann/status", json!({"status": false})).await;
    assert_eq!(ann.get("/account").await.said(), "403 user_blocked");
}

#[tokio::test]
async fn a_second_factor_is_asked_for() {
    use rollbook::Factor;
    let client = Client::new();
    let new = json!({"userId": "ann", "email": "ann@example.com", "password": "correct horse"});
    client.call("POST", "/users", new).await;
    client.call("PATCH", "/users/ann/mfa", json!({"mfa": true})).await;
    let session = client.call("POST", "/users/ann/sessions", json!({})).await.body;
    let ann = client.guest().header("x-appwrite-session", session["secret"].as_str().unwrap());
    assert_eq!(ann.get("/account").await.status, 200, "there is no second factor to show");
    let codes = client.call("PATCH", "/users/ann/mfa/recovery-codes", json!({})).await.body;
    let verified = json!({"emailVerification": true});
    client.call("PATCH", "/users/ann/verification", verified).await;
    assert_eq!(ann.get("/account").await.said(), "401 user_more_factors_required");
    // The application asks for it; then the same session is enough.
    let session = session["$id"].as_str();
    let challenge =
        client.users.create_challenge("ann", session, Factor::RecoveryCode).await.unwrap();
    let code = codes["recoveryCodes"][0].as_str().unwrap();
    client.users.complete_challenge("ann", &challenge.id, code).await.unwrap();
    assert_eq!(ann.get("/account").await.status, 200);
    let other = client.call("POST", "/users/ann/sessions", json!({})).await.body;
    let other = client.guest().header("x-appwrite-session", other["secret"].as_str().unwrap());
    assert_eq!(
        other.delete("/account/sessions/current").await.status,
        204,
        "to sign out it is not"
    );
}
