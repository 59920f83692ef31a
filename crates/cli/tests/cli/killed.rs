//! A server that is killed in the middle of writes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use serde_json::json;

use crate::Place;
use crate::http::{Client, Server};

/// How many clients write at once, and after how many answers the server is killed.
const CLIENTS: usize = 8;
const ANSWERS: usize = 150;
/// How often it is killed; the next one starts with what the last one left.
const KILLS: usize = 3;

#[test]
fn sqlite_keeps_what_was_acknowledged() {
    check("sqlite:users.db");
}

#[test]
fn redb_keeps_what_was_acknowledged() {
    check("redb:users.redb");
}

#[test]
fn sled_keeps_what_was_acknowledged() {
    check("sled:users.sled");
}

/// A write that was answered: a user, and the name that it has from then on.
struct Written {
    id: String,
    name: &'static str,
}

#[track_caller]
fn check(store: &str) {
    let place = Place::new();
    let arguments = format!("--store {store}");
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    for round in 0..KILLS {
        let mut server = Server::start(&place, &arguments);
        let (sender, written) = channel();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (address, sender) = (server.address, sender.clone());
                thread::spawn(move || write(address, &format!("r{round}c{client}"), &sender))
            })
            .collect();
        drop(sender);
        let mut answered: Vec<Written> = written.iter().take(ANSWERS).collect();
        server.kill();
        // What was answered before it was killed counts as well.
        answered.extend(written.iter());
        for client in clients {
            client.join().unwrap();
        }
        known.extend(answered.into_iter().map(|written| (written.id, written.name)));
    }
    let server = Server::start(&place, &arguments);
    let mut client = server.client();
    for (id, name) in &known {
        let user = client.get(&format!("/v1/users/{id}"));
        assert_eq!(user.status, 200, "{id} of {store}");
        // A new name may have been written and not been acknowledged.
        let found = user.json()["name"].clone();
        assert!(found == *name || (*name, &found) == ("old", &json!("new")), "{id}: {found}");
    }
    let total = client.get("/v1/users").json()["total"].as_u64().unwrap();
    let total = usize::try_from(total).unwrap();
    assert!((known.len()..=known.len() + KILLS * CLIENTS).contains(&total), "{total} in {store}");
}

/// Makes users and gives each a new name until the server is gone.
fn write(address: SocketAddr, prefix: &str, written: &Sender<Written>) {
    let mut client = Client::connect(address).unwrap();
    for number in 0.. {
        let id = format!("{prefix}n{number}");
        let create = json!({ "userId": id, "name": "old" }).to_string();
        let rename = json!({ "name": "new" }).to_string();
        let path = format!("/v1/users/{id}/name");
        let writes = [
            ("POST", "/v1/users", create, 201, "old"),
            ("PATCH", path.as_str(), rename, 200, "new"),
        ];
        for (method, path, body, status, name) in writes {
            let Ok(answer) = client.request(method, path, &body) else { return };
            assert_eq!(answer.status, status, "{answer:?}");
            written.send(Written { id: id.clone(), name }).unwrap();
        }
    }
}
