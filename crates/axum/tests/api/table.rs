//! Every route of the table answers, and what it answers has the keys that the table says.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::Client;

#[tokio::test]
async fn what_is_no_route_is_not_found() {
    let client = Client::new();
    for (method, path) in
        [("GET", "/nothing"), ("POST", "/users/ann/name"), ("TRACE", "/users"), ("GET", "")]
    {
        let answer = client.send(method, path, None).await;
        assert_eq!(answer.said(), "404 general_route_not_found", "{method} {path}");
    }
    assert_eq!(client.get("/users/").await.status, 200, "a slash at the end");
}

#[tokio::test]
async fn users_are_not_hidden_by_the_paths_beside_them() {
    let client = Client::new();
    for id in ["argon2", "sha", "identities", "usage", "import"] {
        client.call("POST", "/users", json!({"userId": id})).await;
        let read = client.get(&format!("/users/{id}")).await;
        // These two have a GET of their own, as in the service.
        if !["identities", "usage"].contains(&id) {
            assert_eq!((read.status, &read.body["$id"]), (200, &json!(id)));
        }
        let name = client.call("PATCH", &format!("/users/{id}/name"), json!({"name": "x"})).await;
        assert_eq!((name.status, &name.body["$id"]), (200, &json!(id)));
        for path in ["sessions", "prefs", "mfa/factors", "targets/none"] {
            let read = client.get(&format!("/users/{id}/{path}")).await;
            assert!([200, 404].contains(&read.status), "{id} {path}");
            assert_ne!(read.said(), "404 general_route_not_found", "{id} {path}");
        }
        assert_eq!(client.delete(&format!("/users/{id}")).await.status, 204, "{id}");
    }
    // Fixed segments win, as in the service.
    let identity = client.delete("/users/identities/sessions").await;
    assert_eq!(identity.said(), "404 user_identity_not_found");
}

#[tokio::test]
async fn the_description_tells_every_route() {
    let document = Client::new().guest().get("/openapi.json").await.body;
    let mut told = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            told.insert(format!("{} {path}", method.to_uppercase()));
            for parameter in operation["parameters"].as_array().unwrap() {
                let in_path =
                    path.contains(&format!("{{{}}}", parameter["name"].as_str().unwrap()));
                assert_eq!(in_path, parameter["in"] == "path", "{path}: {parameter}");
            }
        }
    }
    let routes: BTreeSet<_> = rollbook_axum::routes()
        .map(|route| format!("{} /v1{}", route.verb.name(), route.path))
        .collect();
    assert!(told.remove("POST /v1/users/import"), "no route of the table, since it streams");
    assert_eq!(told, routes);
    let names: BTreeSet<_> = rollbook_axum::routes().map(|route| route.name).collect();
    assert_eq!(names.len(), routes.len(), "every route has a name of its own");
    // The 45 of the Users API, of all its versions, are there.
    let operations = include_str!("../../../../OPERATIONS.md");
    let rows = operations.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let rows: Vec<_> = rows.filter(|row| row.ends_with('`')).collect();
    assert_eq!(rows.len(), 45);
    for row in rows {
        let (method, path) = row.split_once(' ').unwrap();
        let path = path.trim_matches('`');
        assert!(routes.contains(&format!("{method} /v1{path}")), "{row}");
    }
}

#[tokio::test]
async fn answers_have_the_keys_that_are_described() {
    let client = Client::new();
    let document = client.get("/openapi.json").await.body;
    let new = json!({"userId": "ann", "email": "ann@example.com", "password": "correct horse"});
    let user = client.call("POST", "/users", new).await;
    assert_eq!(user.status, 201);
    same_keys(&document, "user", &user.body);
    let list = client.get("/users").await.body;
    same_keys(&document, "userList", &list);
    same_keys(&document, "target", &list["users"][0]["targets"][0]);
    let session = client.call("POST", "/users/ann/sessions", json!({})).await.body;
    same_keys(&document, "session", &session);
    same_keys(&document, "sessionList", &client.get("/users/ann/sessions").await.body);
    same_keys(&document, "token", &client.call("POST", "/users/ann/tokens", json!({})).await.body);
    same_keys(&document, "jwt", &client.call("POST", "/users/ann/jwts", json!({})).await.body);
    let logs = client.get("/users/ann/logs").await.body;
    same_keys(&document, "logList", &logs);
    same_keys(&document, "log", &logs["logs"][0]);
    let usage = client.get("/users/usage?range=24h").await.body;
    same_keys(&document, "usageUsers", &usage);
    assert_eq!(usage["users"].as_array().unwrap().len(), 24);
    same_keys(&document, "mfaFactors", &client.get("/users/ann/mfa/factors").await.body);
    let codes = client.call("PATCH", "/users/ann/mfa/recovery-codes", json!({})).await;
    assert_eq!(codes.status, 200);
    same_keys(&document, "mfaRecoveryCodes", &codes.body);
    same_keys(&document, "healthStatus", &client.get("/health").await.body);
    same_keys(&document, "error", &client.get("/users/nobody").await.body);
}

#[track_caller]
fn same_keys(document: &Value, model: &str, body: &Value) {
    let properties = &document["components"]["schemas"][model]["properties"];
    let described: Vec<_> = properties.as_object().unwrap().keys().collect();
    let keys: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys, described, "{model}");
}
