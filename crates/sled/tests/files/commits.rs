//! What is flushed, when, and the end of a store.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use rollbook_core::{Query, Record, User, UserStore};
use rollbook_sled::{Durability, SledOptions};

use crate::{Place, commit, insert, run};

/// Polls `future` once; nobody is told when it can go on.
fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// What a killed process would leave: the folder as it is, while the store is open.
fn as_if_killed(place: &Place) -> Vec<String> {
    let left = Place::with(&place.files());
    let rows = run(left.open().select(&Query::new(User::SCHEMA))).unwrap();
    rows.iter().map(|row| row.id().to_owned()).collect()
}

#[test]
fn what_is_acknowledged_is_in_the_folder() {
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
    let options = SledOptions::new().durability(Durability::Eventual);
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
    assert_eq!(run(place.open().count(&Query::new(User::SCHEMA))).unwrap(), 20);
}
