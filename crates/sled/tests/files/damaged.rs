//! What is missing or wrong in a folder. sled checks what it logs, and takes a wrong end of its log for
//! one that a killed process left; so the last commits may be missing, and what is read is right.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use rollbook_core::{Query, Record, User, UserStore};
use rollbook_sled::SledStore;

use crate::{Place, commit, insert, run, user};

#[test]
fn a_missing_file() {
    let files = Place::with_users(3).files();
    let without = |name: &str| {
        let mut files = files.clone();
        files.remove(name).unwrap();
        Place::with(&files).refused()
    };
    assert_snapshot!(without("db"), @"DIR/users.sled: damaged: its file db is missing; restore it from a backup");
    assert_snapshot!(without("conf"), @"DIR/users.sled: damaged: its file conf is missing; restore it from a backup");
    assert!(without("rollbook").contains("another application"));
}

#[test]
fn an_empty_file() {
    let files = Place::with_users(3).files();
    for name in ["db", "conf"] {
        let mut files = files.clone();
        files.insert(name.to_owned(), Vec::new());
        assert!(Place::with(&files).refused().contains("is missing"), "{name}");
    }
}

#[test]
fn a_log_of_nothing() {
    let mut files = Place::with_users(3).files();
    let log = files.get_mut("db").unwrap();
    log.fill(0);
    let place = Place::with(&files);
    let error = SledStore::open(place.path()).unwrap_err();
    assert_snapshot!(place.redact(&error), @"DIR/users.sled: damaged: nothing of it is left; restore it from a backup");
}

/// Users are inserted one by one, so that there is an end to be lost, and a beginning.
#[test]
fn wrong_bytes_in_the_log() {
    let place = Place::new();
    let store = place.open();
    for n in 0..50 {
        run(commit(&*store, insert(&format!("u{n}")))).unwrap();
    }
    drop(store);
    let files = place.files();
    let length = files["db"].len();
    let mut left = BTreeSet::new();
    for at in (0..length).step_by(length / 100) {
        let mut damaged = files.clone();
        damaged.get_mut("db").unwrap()[at] ^= 0x40;
        let place = Place::with(&damaged);
        let Ok(store) = SledStore::open(place.path()) else { continue };
        let Ok(rows) = run(store.select(&Query::new(User::SCHEMA))) else { continue };
        for (n, row) in rows.iter().enumerate() {
            assert_eq!(row.typed::<User>(), &user(&format!("u{n}")), "byte {at}");
        }
        left.insert(rows.len());
    }
    assert!(left.len() > 10 && left.last() <= Some(&50), "{left:?}");
}
