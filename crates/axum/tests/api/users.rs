//! Users, and what they consist of.

use serde_json::{Value, json};

use crate::Client;

#[tokio::test]
async fn a_user_is_made_read_changed_and_deleted() {
    let client = Client::new();
    let new = json!({"userId": "unique()", "email": "Ann@Example.com", "name": "Ann", "password": "correct horse"});
    let made = client.call("POST", "/users", new).await;
    assert_eq!(made.status, 201);
    let id = made.body["$id"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 20);
    assert_eq!(made.body["email"], "ann@example.com");
    assert_eq!(made.body["hash"], "argon2");
    assert_eq!(made.body["targets"][0]["identifier"], "ann@example.com");
    let read = client.get(&format!("/users/{id}")).await;
    assert_eq!((read.status, &read.body), (200, &made.body));
    let path = |rest: &str| format!("/users/{id}{rest}");
    let changes = [
        ("PATCH", "/name", json!({"name": "Anna"}), "name", json!("Anna")),
        (
            "PATCH",
            "/email",
            json!({"email": "ANNA@example.com"}),
            "email",
            json!("anna@example.com"),
        ),
        ("PATCH", "/phone", json!({"number": "+14155550100"}), "phone", json!("+14155550100")),
        ("PATCH", "/status", json!({"status": "false"}), "status", json!(false)),
        ("PUT", "/labels", json!({"labels": ["vip", "vip", "a"]}), "labels", json!(["vip", "a"])),
        (
            "PATCH",
            "/verification",
            json!({"emailVerification": true}),
            "emailVerification",
            json!(true),
        ),
        (
            "PATCH",
            "/verification/phone",
            json!({"phoneVerification": true}),
            "phoneVerification",
            json!(true),
        ),
        ("PATCH", "/mfa", json!({"mfa": true}), "mfa", json!(true)),
        ("PATCH", "/impersonator", json!({"impersonator": true}), "impersonator", json!(true)),
        ("PATCH", "/email", json!({"email": ""}), "email", json!("")),
        ("PATCH", "/phone", json!({"number": ""}), "phone", json!("")),
        ("PATCH", "/name", json!({"name": ""}), "name", json!("")),
        ("PATCH", "/password", json!({"password": ""}), "password", json!("")),
    ];
    for (method, rest, body, key, value) in changes {
        let answer = client.call(method, &path(rest), body).await;
        assert_eq!((answer.status, &answer.body[key]), (200, &value), "{method} {rest}");
    }
    let prefs = client.call("PATCH", &path("/prefs"), json!({"prefs": {"a": {"b": {}}}})).await;
    assert_eq!(prefs.body, json!({"a": {"b": {}}}));
    assert_eq!(client.get(&path("/prefs")).await.body, prefs.body);
    let gone = client.delete(&path("")).await;
    assert_eq!((gone.status, gone.body), (204, Value::Null));
    assert_eq!(client.get(&path("")).await.said(), "404 user_not_found");
}

#[tokio::test]
async fn hashes_are_imported_and_checked() {
    let client = Client::new();
    let create = |path: &'static str, password: &'static str, mut more: Value| {
        let id = path.trim_start_matches("/users/").replace('-', "");
        more["email"] = json!(format!("{id}@example.com"));
        more["userId"] = json!(id);
        more["password"] = json!(password);
        let client = &client;
        async move { client.call("POST", path, more).await }
    };
    let scrypt = "b448ad7ba88b653b5b56b8053a06806724932d0751988bc9cd0ef7ff059e8ba8a020e1913b7069a650d3f99a1559aba0221f2c277826919513a054e76e339028";
    let sha = "4243da0a694e8a2f727c8060fe0507c8fa01ca68146c76d2c190805b638c20c6bf6ba04e21f11ae138785d0bff63c416e6f87badbffad37f6dee50094cc38c70";
    let firebase =
        "UlM7JiXRcQhzAGlaonpSqNSLIz475WMddOgLjej5De9vxTy48K6WtqlEzrRFeK4t0COfMhWCb8wuMHgxOFCHFQ==";
    let signer =
        "XyEKE9RcTDeLEsL/RjwPDBv/RqDl8fb3gpYEOQaPihbxf1ZAtSOHCjuAAa7Q3oHpCYhXSN9tizHgVOwn6krflQ==";
    let cases = [
        (
            "/users/argon2",
            "$argon2i$v=19$m=20,t=3,p=2$YXBwd3JpdGU$A/54i238ed09ZR4NwlACU5XnkjNBZU9QeOEuhjLiexI",
            json!({}),
            "argon2",
            "appwrite",
        ),
        (
            "/users/bcrypt",
            "$2a$05$IjrtSz6SN7UJ6Sh3l.b5jODEvEG2LMJTPAHIaLWRvlWx7if3VMkFO",
            json!({}),
            "bcrypt",
            "hello-world",
        ),
        ("/users/md5", "144fa7eaa4904e8ee120651997f70dcc", json!({}), "md5", "appwrite"),
        ("/users/phpass", "$P$Br387rwferoKN7uwHZqNMu98q3U8RO.", json!({}), "phpass", "appwrite"),
        ("/users/sha", sha, json!({"passwordVersion": "SHA512"}), "sha", "appwrite"),
        (
            "/users/scrypt",
            scrypt,
            json!({"passwordSalt": "some-salt", "passwordCpu": 16384, "passwordMemory": 12, "passwordParallel": 2, "passwordLength": 64}),
            "scrypt",
            "some-scrypt-password",
        ),
        (
            "/users/scrypt-modified",
            firebase,
            json!({"passwordSalt": "UxLMreBr6tYyjQ==", "passwordSaltSeparator": "Bw==", "passwordSignerKey": signer}),
            "scryptMod",
            "appwrite",
        ),
    ];
    for (path, password, more, hash, plain) in cases {
        let answer = create(path, password, more).await;
        assert_eq!(
            (answer.status, &answer.body["hash"]),
            (201, &json!(hash)),
            "{path}: {}",
            answer.body
        );
        assert_eq!(answer.body["password"], password);
        let email = answer.body["email"].as_str().unwrap();
        let signed_in = json!({"email": email, "password": plain});
        let answer = client.guest().call("POST", "/account/sessions/email", signed_in).await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.body);
    }
    let bad = create("/users/bcrypt", "correct horse", json!({})).await;
    assert_eq!(bad.said(), "400 general_argument_invalid");
    assert!(
        bad.body["message"].as_str().unwrap().starts_with("Invalid `password` param: "),
        "{}",
        bad.body
    );
    let missing = create("/users/scrypt", scrypt, json!({"passwordSalt": "x"})).await;
    assert_eq!(missing.body["message"], "Param \"passwordCpu\" is not optional.");
}

#[tokio::test]
async fn conflicts_and_strangers_are_told_apart() {
    let client = Client::new();
    for (id, email) in [("ann", "ann@example.com"), ("bob", "bob@example.com")] {
        let answer = client.call("POST", "/users", json!({"userId": id, "email": email})).await;
        assert_eq!(answer.status, 201);
    }
    let said = |method: &'static str, path: &'static str, body: Value| {
        let client = &client;
        async move { client.call(method, path, body).await.said() }
    };
    assert_eq!(said("POST", "/users", json!({"userId": "ann"})).await, "409 user_already_exists");
    let taken = json!({"userId": "c", "email": "ann@example.com"});
    assert_eq!(said("POST", "/users", taken).await, "409 user_already_exists");
    let taken = json!({"email": "ann@example.com"});
    assert_eq!(said("PATCH", "/users/bob/email", taken).await, "409 user_email_already_exists");
    let paths = [
        ("GET", "/users/nobody"),
        ("DELETE", "/users/nobody"),
        ("GET", "/users/nobody/prefs"),
        ("GET", "/users/nobody/sessions"),
        ("DELETE", "/users/nobody/sessions"),
        ("GET", "/users/nobody/logs"),
        ("GET", "/users/nobody/memberships"),
        ("GET", "/users/nobody/targets"),
        ("POST", "/users/nobody/tokens"),
        ("POST", "/users/nobody/jwts"),
        ("GET", "/users/nobody/mfa/factors"),
        ("GET", "/users/nobody/passkeys"),
        ("GET", "/users/nobody/mfa/recovery-codes"),
        ("DELETE", "/users/nobody/mfa/authenticators/totp"),
    ];
    for (method, path) in paths {
        assert_eq!(said(method, path, json!({})).await, "404 user_not_found", "{method} {path}");
    }
    let paths = [
        ("DELETE", "/users/ann/sessions/none", "404 user_session_not_found"),
        ("GET", "/users/ann/targets/none", "404 user_target_not_found"),
        ("DELETE", "/users/identities/none", "404 user_identity_not_found"),
        ("GET", "/users/ann/mfa/recovery-codes", "404 user_recovery_codes_not_found"),
        ("DELETE", "/users/ann/mfa/authenticators/totp", "404 user_authenticator_not_found"),
        ("GET", "/users/ann/mfa/challenges/none", "401 user_invalid_token"),
        ("GET", "/users/ann/passkeys/none", "404 user_passkey_not_found"),
        ("DELETE", "/users/ann/mfa/authenticators/sms", "400 general_argument_invalid"),
        ("GET", "/users/_ann", "400 general_argument_invalid"),
    ];
    for (method, path, expected) in paths {
        assert_eq!(said(method, path, json!({})).await, expected, "{method} {path}");
    }
}

#[tokio::test]
async fn memberships_and_identities_are_listed() {
    use rollbook::{NewIdentity, NewTeam, NewUser};
    let client = Client::new();
    let users = &client.users;
    let ann = users.create(NewUser::new().id("ann").name("Ann")).await.unwrap();
    let team = users.create_team(NewTeam::new("Night").id("night")).await.unwrap();
    users.create_confirmed_membership(&team.id, &ann.id, ["cook"]).await.unwrap();
    let page = client.get("/users/ann/memberships").await.body;
    assert_eq!((&page["total"], &page["memberships"][0]["teamName"]), (&json!(1), &json!("Night")));
    let made = users.create_identity(&ann.id, NewIdentity::new("github", "17")).await.unwrap();
    let page = client.get("/users/identities").await.body;
    assert_eq!((&page["total"], &page["identities"][0]["providerUid"]), (&json!(1), &json!("17")));
    assert_eq!(client.get("/users/identities?search=x").await.said(), "400 general_query_invalid");
    assert_eq!(client.delete(&format!("/users/identities/{}", made.id)).await.status, 204);
    assert_eq!(client.get("/users/identities").await.body["total"], 0);
}

#[tokio::test]
async fn targets_are_made_changed_and_deleted() {
    let client = Client::new();
    client.call("POST", "/users", json!({"userId": "ann", "email": "ann@example.com"})).await;
    let new = json!({"targetId": "t", "providerType": "push", "identifier": "device", "providerId": "", "name": "Tablet"});
    let made = client.call("POST", "/users/ann/targets", new.clone()).await;
    assert_eq!(
        (made.status, &made.body["name"], &made.body["providerId"]),
        (201, &json!("Tablet"), &Value::Null)
    );
    let again = client.call("POST", "/users/ann/targets", new).await;
    assert_eq!(again.said(), "409 user_target_already_exists");
    let bad = json!({"targetId": "u", "providerType": "email", "identifier": "device"});
    assert_eq!(
        client.call("POST", "/users/ann/targets", bad).await.said(),
        "400 general_invalid_email"
    );
    let changed =
        client.call("PATCH", "/users/ann/targets/t", json!({"identifier": "other"})).await;
    assert_eq!(changed.body["identifier"], "other");
    assert_eq!(client.get("/users/ann/targets").await.body["total"], 2);
    assert_eq!(client.delete("/users/ann/targets/t").await.status, 204);
    assert_eq!(client.get("/users/ann/targets?total=false").await.body["total"], 0);
}
