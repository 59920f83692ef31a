//! What is flushed, when, and the end of a store.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use rollbook_core::{Filter, ID, Query, Record, User, UserStore};
use rollbook_redb::{Durability, RedbOptions};

use crate::{Place, commit, insert, run};

/// Polls `future` once; nobody is told when it can go on.
fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// What a killed process would leave: the file as it is, while the store is open.
fn as_if_killed(place: &Place) -> Vec<String> {
    let left = Place::with(place.bytes());
    let rows = run(left.open().select(&Query::new(User::SCHEMA))).unwrap();
    rows.iter().map(|row| row.id().to_owned()).collect()
}

#[test]
fn what_is_acknowledged_is_in_the_file() {
    let place = Place::new();
    let store = place.open();
    for n in 0..20 {
        run(commit(&*store, insert(&format!("u{n}")))).unwrap();
        assert_eq!(as_if_killed(&place).len(), n + 1);
    }
}

#[test]
fn what_is_flushed_later_is_there_at_the_end() {
    let place = Place::new();
    let options = RedbOptions::new().durability(Durability::Eventual);
    let store = options.open(place.path()).unwrap();
    for n in 0..20 {
        run(commit(&store, insert(&format!("u{n}")))).unwrap();
    }
    // A part of it may be missing, the last ones first.
    let left = as_if_killed(&place);
    assert!(left.iter().enumerate().all(|(n, id)| *id == format!("u{n}")), "{left:?}");
    drop(store);
    assert_eq!(as_if_killed(&place).len(), 20);
    assert_eq!(run(place.open().count(&Query::new(User::SCHEMA))).unwrap(), 20);
}

#[test]
fn commits_that_nobody_waits_for_are_made_at_the_end() {
    let place = Place::new();
    let store = place.open();
    for n in 0..20 {
        let mut commit = store.commit(vec![insert(&n.to_string())]);
        let _ = poll_once(commit.as_mut());
        let everyone = Query::new(User::SCHEMA);
        let mut list = store.select(&everyone);
        let _ = poll_once(list.as_mut());
    }
    drop(store);
    assert_eq!(place.names(), ["users.redb"]);
    assert_eq!(run(place.open().count(&Query::new(User::SCHEMA))).unwrap(), 20);
}

/// Whoever polls once and has the answer did not wait for another thread.
#[test]
fn a_look_up_by_a_key_runs_where_it_is_called() {
    let place = Place::with_users(3);
    let store = place.open();
    let email = User::SCHEMA.field("email").unwrap();
    let found = |filter: Filter| {
        let query = Query::new(User::SCHEMA).filter(filter);
        match poll_once(store.select(&query).as_mut()) {
            Poll::Ready(rows) => rows.unwrap().len(),
            Poll::Pending => panic!("it waits"),
        }
    };
    assert_eq!(found(ID.equal(["u1"]).unwrap()), 1);
    assert_eq!(found(ID.equal(["u1", "u2", "nobody"]).unwrap()), 2);
    assert_eq!(found(email.equal(["u2@example.com"]).unwrap()), 1);
    assert_eq!(found(email.equal(["nobody@example.com"]).unwrap()), 0);
}
