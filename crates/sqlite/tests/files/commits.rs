//! Commits of many callers, commits that nobody waits for, and the end of a store.

use std::fs;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use rollbook_core::{Batch, Expect, Query, Record, StoreError, User, UserStore};
use rollbook_sqlite::SqliteStore;

use crate::{Place, commit, insert, poll_once, run, user, users};

/// How many transactions the write-ahead log of `place` holds (SQLite file format, 4.1).
fn transactions(place: &Place) -> usize {
    let log = fs::read(place.directory.path().join("users.db-wal")).expect("there is a log");
    let Some((header, frames)) = log.split_at_checked(32) else { return 0 };
    let page = u32::from_be_bytes(header[8..12].try_into().expect("four bytes"));
    let salts = &header[16..24];
    frames
        .chunks_exact(24 + page as usize)
        .take_while(|frame| &frame[8..16] == salts)
        // The last frame of a transaction says how large the file is then.
        .filter(|frame| frame[4..8] != [0; 4])
        .count()
}

#[test]
fn callers_share_a_transaction() {
    let place = Place::new();
    let store = place.open();
    let before = transactions(&place);
    // While another program writes, the first commit waits for it, and the others queue behind.
    let other = place.other();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut commits: Vec<_> =
        (0..64).map(|n| store.commit(vec![insert(&format!("u{n}"))])).collect();
    for commit in &mut commits {
        assert!(poll_once(commit.as_mut()).is_pending());
    }
    other.execute_batch("ROLLBACK").unwrap();
    run(async {
        for commit in commits {
            commit.await.unwrap().pop().unwrap().unwrap();
        }
    });
    let number = transactions(&place) - before;
    assert!((1..=2).contains(&number), "{number} transactions");
    assert_eq!(run(store.count(&Query::new(User::SCHEMA))).unwrap(), 64);
}

#[test]
fn outcomes_reach_their_callers() {
    let place = Place::new();
    let store = place.open();
    run(async {
        // Every user is created by two callers, one of whom is refused.
        let tasks: Vec<_> = (0..64)
            .map(|n| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { commit(&store, insert(&format!("u{}", n / 2))).await })
            })
            .collect();
        let mut created = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => created += 1,
                Err(error) => {
                    assert!(matches!(error, StoreError::Conflict { key: "$id", .. }), "{error}");
                }
            }
        }
        assert_eq!(created, 32);
        let rows = store.select(&Query::new(User::SCHEMA)).await.unwrap();
        let sequences: Vec<u64> = rows.iter().map(rollbook_core::Document::sequence).collect();
        assert_eq!(sequences, (1..=32).collect::<Vec<_>>());
    });
}

/// Two users who come together or not at all.
fn pair(id: &str) -> Batch {
    insert(id).put(user(&format!("{id}-twin")), Expect::Absent)
}

/// How many users there are, after asserting that each has its twin.
fn pairs(store: &Arc<SqliteStore>) -> usize {
    let rows = run(store.select(&Query::new(User::SCHEMA))).expect("the store works");
    let ids: Vec<&str> = rows.iter().map(|row| row.id().trim_end_matches("-twin")).collect();
    for twins in ids.chunks(2) {
        assert_eq!(twins.first(), twins.last(), "half of a batch");
    }
    assert_eq!(ids.len() % 2, 0, "half of a batch");
    ids.len() / 2
}

#[test]
fn abandoned_commits_happen_or_not() {
    let place = Place::new();
    let store = place.open();
    for n in 0..50 {
        let mut commit = store.commit(vec![pair(&format!("polled{n}"))]);
        // It may be done already.
        let _ = poll_once(commit.as_mut());
    }
    drop(store.commit(vec![pair("unpolled")]));
    run(commit(&store, pair("last"))).unwrap();
    // The thread had them before the last one.
    assert_eq!(pairs(&store), 51);
    assert!(run(users(&store).get("unpolled")).unwrap().is_none());
}

#[test]
fn a_caller_who_panics_disturbs_nobody() {
    let place = Place::new();
    let store = place.open();
    run(async {
        let caller = Arc::clone(&store);
        let task = tokio::spawn(async move {
            let mut commit = pin!(caller.commit(vec![pair("a")]));
            let _ = poll_once(commit.as_mut());
            let everyone = Query::new(User::SCHEMA);
            let mut count = pin!(caller.count(&everyone));
            let _ = poll_once(count.as_mut());
            panic!("the caller panics while its commit is on its way");
        });
        assert!(task.await.unwrap_err().is_panic());
        commit(&store, pair("b")).await.unwrap();
    });
    assert_eq!(pairs(&store), 2);
}

#[test]
fn the_end_of_a_store_waits_for_its_commits() {
    let place = Place::new();
    let store = place.open();
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let (tell, told) = channel();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    for task in 0..32 {
        let (store, acknowledged, tell) = (store.clone(), acknowledged.clone(), tell.clone());
        runtime.spawn(async move {
            for n in 0.. {
                commit(&store, pair(&format!("{task}-{n}"))).await.expect("the users are new");
                if acknowledged.fetch_add(1, Ordering::SeqCst) == 200 {
                    tell.send(()).expect("the test waits");
                }
            }
        });
    }
    drop(store);
    told.recv().unwrap();
    // The tasks end where they wait, and the store with the last of them.
    drop(runtime);
    assert_eq!(place.names(), ["users.db"]);
    let acknowledged = acknowledged.load(Ordering::SeqCst);
    let stored = pairs(&place.open());
    assert!((acknowledged..=acknowledged + 32).contains(&stored), "{stored}, {acknowledged}");
    place.check_integrity();
}

#[test]
fn commits_that_nobody_waits_for_are_made_at_the_end() {
    let place = Place::new();
    let store = place.open();
    for n in 0..20 {
        let mut commit = store.commit(vec![pair(&n.to_string())]);
        let _ = poll_once(commit.as_mut());
        let everyone = Query::new(User::SCHEMA);
        let mut list = store.select(&everyone);
        let _ = poll_once(list.as_mut());
    }
    drop(store);
    assert_eq!(place.names(), ["users.db"]);
    assert_eq!(pairs(&place.open()), 20);
}
