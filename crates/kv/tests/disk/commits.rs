//! Commits of many callers, commits that fail, and the end of a store.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use rollbook_core::{
    AnyRecord, Batch, Expect, Filter, ID, Query, Record, SCHEMAS, SEQUENCE, Schema, User,
    UserStore, decode,
};
use rollbook_kv::{Durability, Found, Opening};

use crate::map::Tree;
use crate::{commit, insert, named, open, open_with, run, user, users, with_users};

/// Polls `future` once; nobody is told when it can go on.
fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn callers_share_a_write() {
    let tree = Tree::default();
    let store = open(&tree);
    let before = tree.log.lock().unwrap().writes.len();
    // The first commit waits at the gate, and the others queue behind it.
    let closed = tree.gate.lock().unwrap();
    let mut commits: Vec<_> =
        (0..64).map(|n| store.commit(vec![insert(&format!("u{}", n / 2))])).collect();
    for commit in &mut commits {
        assert!(poll_once(commit.as_mut()).is_pending());
    }
    drop(closed);
    let outcomes = run(async {
        let mut outcomes = Vec::new();
        for commit in commits {
            outcomes.push(commit.await.unwrap().pop().unwrap().is_ok());
        }
        outcomes
    });
    let number = tree.log.lock().unwrap().writes.len() - before;
    assert!((1..=2).contains(&number), "{number} writes");
    // Every user is created by two callers, the second of whom is refused.
    assert!(outcomes.chunks(2).all(|pair| pair == [true, false]), "{outcomes:?}");
    let rows = run(store.select(&Query::new(User::SCHEMA))).unwrap();
    assert!(rows.iter().map(rollbook_core::Document::sequence).eq(1..=32));
}

#[test]
fn a_write_that_fails_leaves_nothing() {
    let tree = with_users(1);
    let store = open(&tree);
    let before = tree.entries();
    tree.log.lock().unwrap().disk_is_full = true;
    let error = run(store.commit(vec![insert("a"), insert("b")])).unwrap_err();
    assert_eq!(error.to_string(), "the store failed: the disk is full");
    assert!(tree.entries() == before);
    assert_eq!(run(store.count(&Query::new(User::SCHEMA))).unwrap(), 1);
    tree.log.lock().unwrap().disk_is_full = false;
    assert_eq!(run(users(&store).insert(user("a"))).unwrap().sequence(), 2);
}

/// What a batch sees of a range that the batches before it have changed.
#[test]
fn a_batch_scans_what_those_before_it_changed() {
    let tree = with_users(9);
    let store = open(&tree);
    let name = User::SCHEMA.field("name").unwrap();
    let gone = |id: &'static str| Batch::new().delete(User::SCHEMA, vec![ID.equal([id]).unwrap()]);
    let put = |user| Batch::new().put(user, Expect::Anything);
    let batches = vec![
        gone("u0"),
        gone("u8"),
        put(named("u4", "x")),
        put(named("u9", "x")),
        put(named("u3", "y")),
        gone("u9"),
        put(named("u9", "x")),
        Batch::new().delete(User::SCHEMA, vec![Filter::or([name.equal(["x"]).unwrap()])]),
        Batch::new().delete(User::SCHEMA, vec![name.equal(["y"]).unwrap()]),
    ];
    let outcomes = run(store.commit(batches)).unwrap();
    let deleted: Vec<u64> = outcomes.into_iter().map(|outcome| outcome.unwrap().deleted).collect();
    assert_eq!(deleted, [1, 1, 0, 0, 0, 1, 0, 2, 1]);
    let down = Query::new(User::SCHEMA).order(SEQUENCE.descending());
    let left = run(store.select(&down)).unwrap();
    let left: Vec<&str> = left.iter().map(rollbook_core::Document::id).collect();
    assert_eq!(left, ["u7", "u6", "u5", "u2", "u1"]);
}

static PANICS: AtomicBool = AtomicBool::new(false);

static BRITTLE: &[&Schema] = &[&Schema {
    name: "users",
    fields: User::SCHEMA.fields,
    uniques: User::SCHEMA.uniques,
    search: None,
    owners: &[],
    decode: decode_or_panic,
}];

fn decode_or_panic(
    schema: &'static Schema,
    bytes: &[u8],
) -> Result<Arc<dyn AnyRecord>, serde_json::Error> {
    assert!(!PANICS.load(Ordering::SeqCst), "this page makes no sense");
    decode::<User>(schema, bytes)
}

/// As engines panic on damaged pages.
#[test]
fn a_panic_is_an_error_and_the_threads_go_on() {
    let tree = with_users(3);
    let store = open_with(&tree, BRITTLE).unwrap();
    let everyone = Query::new(BRITTLE[0]);
    let one = Query::new(BRITTLE[0]).filter(ID.equal(["u1"]).unwrap());
    let all = || Batch::new().delete(BRITTLE[0], vec![]);
    PANICS.store(true, Ordering::SeqCst);
    insta::assert_snapshot!(run(store.select(&everyone)).unwrap_err(), @"the store failed: the engine panicked, so its data may be damaged: this page makes no sense");
    for _ in 0..20 {
        assert!(run(store.select(&everyone)).is_err());
        assert!(run(store.select(&one)).is_err());
        assert!(run(store.commit(vec![all()])).is_err());
    }
    PANICS.store(false, Ordering::SeqCst);
    assert_eq!(run(store.select(&everyone)).unwrap().len(), 3);
    assert_eq!(run(store.select(&one)).unwrap().len(), 1);
    run(commit(&*store, all())).unwrap();
    assert_eq!(run(store.count(&everyone)).unwrap(), 0);
}

#[test]
fn commits_that_nobody_waits_for_are_made_at_the_end() {
    let tree = Tree::default();
    let store = open(&tree);
    for n in 0..20 {
        let id = format!("u{n}");
        let mut commit =
            store.commit(vec![insert(&id).put(user(&format!("{id}x")), Expect::Absent)]);
        let _ = poll_once(commit.as_mut());
        let everyone = Query::new(User::SCHEMA);
        let mut list = store.select(&everyone);
        let _ = poll_once(list.as_mut());
    }
    drop(store);
    assert_eq!(run(open(&tree).count(&Query::new(User::SCHEMA))).unwrap(), 40);
}

#[test]
fn what_is_flushed_later_is_flushed_at_the_end() {
    let tree = Tree::default();
    let opening = Opening::check(tree.clone(), SCHEMAS, Found::Nothing).unwrap();
    let store = opening.finish(Durability::Eventual).unwrap();
    run(commit(&store, insert("a"))).unwrap();
    assert_eq!(run(store.count(&Query::new(User::SCHEMA))).unwrap(), 1);
    drop(store);
    let log = tree.log.lock().unwrap();
    // The first one made the store.
    assert_eq!(log.writes, [Durability::Immediate, Durability::Eventual]);
    assert_eq!(log.syncs, 1);
}
