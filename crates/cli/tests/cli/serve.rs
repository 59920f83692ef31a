//! `rollbook serve`, as its clients and its operator see it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;

use rollbook_axum::{Access, routes};
use serde_json::json;

use crate::Place;
use crate::http::{Client, Server};

#[test]
fn a_key_of_the_environment_opens_it() {
    let place = Place::new();
    let server = Server::start(&place, "--store memory:");
    let mut client = server.client();
    let made = client.request("POST", "/v1/users", r#"{"userId":"ann","name":"Ann"}"#).unwrap();
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(client.get("/v1/users/ann").json()["name"], "Ann");
    assert_eq!(server.client().key("another").get("/v1/users/ann").status, 401);
    assert_eq!(server.client().key("").get("/v1/users/ann").status, 401);
}

#[test]
fn without_a_key_everything_is_refused() {
    let place = Place::new();
    for variables in [&[][..], &[("ROLLBOOK_API_KEY", "")]] {
        let arguments = "--store memory: --requests-per-address 0";
        let server = Server::with(&place, arguments, variables);
        for key in ["", "a-key"] {
            let mut client = server.client().key(key);
            for route in routes().filter(|route| route.access != Access::Anyone) {
                let path = route.path.replace(['{', '}'], "");
                let answer =
                    client.request(route.verb.name(), &format!("/v1{path}"), "{}").unwrap();
                assert_eq!(answer.status, 401, "{} {path}: {answer:?}", route.verb.name());
            }
        }
    }
}

#[test]
fn it_tells_how_it_is() {
    let place = Place::new();
    let server = Server::start(&place, "--store memory:");
    let mut client = server.client().key("");
    assert_eq!(client.get("/v1/health").json()["status"], "pass");
    assert_eq!(client.get("/health").json()["status"], "pass");
    assert_eq!(client.get("/v1/users").status, 401);
    let metrics = client.get("/metrics").body;
    for (route, status, count) in [("getHealth", 200, 2), ("list", 401, 1)] {
        let labels = format!("{{route=\"{route}\",status=\"{status}\"}}");
        let line = format!("rollbook_http_requests_total{labels} {count}\n");
        assert!(metrics.contains(&line), "{line} in {metrics}");
    }
    assert!(metrics.contains("rollbook_http_request_duration_seconds_bucket{route=\"list\""));
}

#[test]
fn asked_to_end_it_answers_what_it_has_begun() {
    let place = Place::new();
    let mut server = Server::start(&place, "--store sqlite:users.db");
    let mut idle = server.client();
    assert_eq!(idle.get("/v1/health").status, 200);
    let mut client = server.client();
    let body = json!({ "userId": "ann" }).to_string();
    let head = client.head("POST", "/v1/users", body.len());
    client.send(&format!("{head}Expect: 100-continue\r\n\r\n")).unwrap();
    // It says so when it waits for the body.
    assert_eq!(client.answer().unwrap().status, 100);
    server.terminate();
    while Client::connect(server.address).is_ok() {}
    assert_eq!(idle.rest(), "", "who asks nothing is not waited for");
    client.send(&body).unwrap();
    assert_eq!(client.answer().unwrap().status, 201);
    assert_eq!(client.rest(), "");
    assert_eq!(server.wait().code(), Some(0));
    assert_eq!(place.get("ann")["$id"], "ann");
}

#[test]
fn slow_clients_are_cut_off_while_others_are_served() {
    let place = Place::new();
    let server = Server::start(&place, "--store memory: --timeout 1");
    let mut silent = server.client();
    let mut head_only = server.client();
    head_only.send("GET /v1/users HTTP/1.1\r\nHost: rollbook\r\nX-Slow: ").unwrap();
    let mut half = server.client();
    let head = half.head("POST", "/v1/users", 100);
    half.send(&format!("{head}\r\n{{\"userId\":")).unwrap();

    assert_eq!(server.client().get("/v1/users").status, 200);
    let answer = half.answer().unwrap();
    assert_eq!((answer.status, &answer.json()["code"]), (408, &json!(408)));
    assert_eq!(half.rest(), "");
    assert_eq!(head_only.rest(), "");
    assert_eq!(silent.rest(), "");
    assert_eq!(server.client().get("/v1/users").json()["total"], 0);
}

#[test]
fn what_is_wrong_with_its_set_up_is_told() {
    let place = Place::new();
    let serve = |listen: &str, secret: &[u8]| {
        let output = Command::new(env!("CARGO_BIN_EXE_rollbook"))
            .args(["serve", "--store", "memory:", "--listen", listen])
            .current_dir(place.directory.path())
            .env("ROLLBOOK_API_KEY", "key")
            .env("ROLLBOOK_SECRET", OsStr::from_bytes(secret))
            .env("RUST_LOG", "off")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        said + &String::from_utf8(output.stderr).unwrap()
    };
    insta::assert_snapshot!(serve("127.0.0.1:0", b"short"), @"error: ROLLBOOK_SECRET has 5 characters; it needs 32 at least");
    insta::assert_snapshot!(serve("127.0.0.1:0", &[0xff; 40]), @"error: ROLLBOOK_SECRET is not a text in UTF-8");
    let server = Server::start(&place, "--store memory:");
    let address = server.address.to_string();
    let said = serve(&address, b"").replace(&address, "ADDRESS");
    insta::assert_snapshot!(said, @"error: ADDRESS can't be listened on: Address already in use (os error 98)");
}
