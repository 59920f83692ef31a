//! Several stores on one file, as of several processes, and other programs beside them.

use std::collections::BTreeSet;
use std::env;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, LazyLock};
use std::thread;
use std::time::Duration;

use rollbook_core::{
    AnyRecord, Batch, Collection, Expect, Query, Record, Schema, StoreError, User, UserStore,
    decode,
};
use rollbook_sqlite::SqliteOptions;

use crate::{Place, commit, insert, named, rival, run, user, users};

#[test]
fn two_stores_write() {
    let place = Place::new();
    let stores = [place.open(), place.open()];
    run(async {
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let own = Arc::clone(&stores[task % 2]);
                let other = Arc::clone(&stores[(task + 1) % 2]);
                tokio::spawn(async move {
                    let mut sequences = Vec::new();
                    for n in 0..20 {
                        let id = format!("u{task}-{n}");
                        let created = users(&own).insert(user(&id)).await.unwrap();
                        // The other one sees it at once, and keeps its rules.
                        let seen = users(&other).get(&id).await.unwrap().unwrap();
                        assert_eq!((&*seen, seen.sequence()), (&*created, created.sequence()));
                        let refused = users(&other).insert(rival(&id)).await;
                        assert!(matches!(refused, Err(StoreError::Conflict { key: "email", .. })));
                        sequences.push(created.sequence());
                    }
                    sequences
                })
            })
            .collect();
        let mut all = BTreeSet::new();
        for task in tasks {
            let sequences = task.await.unwrap();
            assert!(sequences.is_sorted());
            all.extend(sequences);
        }
        assert_eq!(all, (1..=160).collect());
    });
    let [first, second] = stores;
    drop(first);
    // The one that is left goes on.
    run(commit(&second, insert("last"))).unwrap();
    drop(second);
    assert_eq!(place.names(), ["users.db"]);
    place.check_integrity();
}

#[test]
fn many_open_a_new_file_at_once() {
    for round in 0..10 {
        let place = Place::new();
        let start = Barrier::new(8);
        thread::scope(|scope| {
            for n in 0..8 {
                let (place, start) = (&place, &start);
                scope.spawn(move || {
                    start.wait();
                    let store = SqliteOptions::new().readers(2).open(place.path());
                    let store = store.unwrap_or_else(|error| panic!("round {round}: {error}"));
                    run(commit(&store, insert(&format!("u{n}")))).unwrap();
                });
            }
        });
        assert_eq!(place.names(), ["users.db"]);
        assert_eq!(run(place.open().count(&Query::new(User::SCHEMA))).unwrap(), 8);
        place.check_integrity();
    }
}

#[test]
fn readers_do_not_wait_for_a_writer() {
    let place = Place::with_users(3);
    let store = SqliteOptions::new().busy_timeout(Duration::ZERO).open(place.path()).unwrap();
    let store = Arc::new(store);
    let other = place.other();
    other.execute_batch("BEGIN IMMEDIATE; DELETE FROM users").unwrap();
    let everyone = Query::new(User::SCHEMA);
    assert_eq!(run(store.select(&everyone)).unwrap().len(), 3);
    assert_eq!(run(store.count(&everyone)).unwrap(), 3);
    assert!(run(users(&store).get("u1")).unwrap().is_some());
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(run(store.count(&everyone)).unwrap(), 0);
    assert!(run(users(&store).get("u1")).unwrap().is_none());
}

#[test]
fn a_writer_that_waits_too_long_says_so_and_goes_on() {
    let place = Place::with_users(1);
    let store = SqliteOptions::new().busy_timeout(Duration::ZERO).open(place.path()).unwrap();
    let other = place.other();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = run(store.commit(vec![insert("a"), insert("b")])).unwrap_err();
    insta::assert_snapshot!(error, @"the store failed: database is locked");
    other.execute_batch("ROLLBACK").unwrap();
    run(commit(&store, insert("a"))).unwrap();
    assert_eq!(run(store.count(&Query::new(User::SCHEMA))).unwrap(), 2);
}

#[test]
fn a_writer_does_not_wait_for_readers() {
    let place = Place::with_users(3);
    let store = place.open();
    let other = place.other();
    other.execute_batch("BEGIN").unwrap();
    let count =
        || other.query_row("SELECT count(*) FROM users", (), |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(count(), 3);
    run(commit(&store, Batch::new().delete(User::SCHEMA, vec![]))).unwrap();
    assert_eq!(count(), 3);
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(count(), 0);
    other.close().unwrap();
    drop(store);
    assert_eq!(place.names(), ["users.db"]);
}

/// The file that a second process opens and closes.
const FILE: &str = "ROLLBOOK_TEST_VISITED_FILE";

/// Does nothing unless it was started by the test below.
#[test]
fn the_process_that_visits() {
    let Some(path) = env::var_os(FILE) else { return };
    let store = SqliteOptions::new().readers(1).open(path).unwrap();
    let visits = run(store.count(&Query::new(User::SCHEMA))).unwrap();
    run(commit(&store, insert(&format!("visit{visits}")))).unwrap();
}

fn visit(place: &Place) {
    let status = Command::new(env::current_exe().expect("the binary has a path"))
        .args(["shared::the_process_that_visits", "--exact"])
        .env(FILE, place.path())
        .stdout(Stdio::null())
        .status()
        .expect("the process starts");
    assert!(status.success(), "{status}");
}

/// A process loses its locks on a file as soon as it closes any handle of it (POSIX, `fcntl`), and the
/// store closes one after a look at the header. Without them another process might think itself alone
/// and take the log away, which SQLite before 3.51 did.
#[test]
fn another_process_does_not_take_the_log_away() {
    let place = Place::with_users(1);
    let store = place.open();
    run(commit(&store, insert("first"))).unwrap();
    let again = place.open();
    visit(&place);
    assert_eq!(place.names(), ["users.db", "users.db-shm", "users.db-wal"]);
    for store in [&store, &again] {
        assert_eq!(run(store.count(&Query::new(User::SCHEMA))).unwrap(), 3);
    }
    drop(again);
    run(commit(&store, insert("second"))).unwrap();
    visit(&place);
    assert_eq!(run(store.count(&Query::new(User::SCHEMA))).unwrap(), 5);
    drop(store);
    assert_eq!(place.names(), ["users.db"]);
    place.check_integrity();
}

/// A reader that stops at its first row until it is allowed to go on.
static STOPS: AtomicBool = AtomicBool::new(false);
static REACHED: LazyLock<Barrier> = LazyLock::new(|| Barrier::new(2));
static ALLOWED: LazyLock<Barrier> = LazyLock::new(|| Barrier::new(2));

static SLOW: &[&Schema] = &[&Schema {
    name: "users",
    fields: User::SCHEMA.fields,
    uniques: User::SCHEMA.uniques,
    search: None,
    owners: &[],
    decode: slowly,
}];

fn slowly(schema: &'static Schema, bytes: &[u8]) -> Result<Arc<dyn AnyRecord>, serde_json::Error> {
    if STOPS.swap(false, Ordering::SeqCst) {
        REACHED.wait();
        ALLOWED.wait();
    }
    decode::<User>(schema, bytes)
}

#[test]
fn a_long_select_sees_one_state() {
    let place = Place::with_users(100);
    let store = place.open_with(SLOW).unwrap();
    STOPS.store(true, Ordering::SeqCst);
    let reader = Arc::clone(&store);
    run(async {
        let task = tokio::spawn(async move { reader.select(&Query::new(SLOW[0])).await });
        REACHED.wait();
        // In the middle of the select everybody is renamed, one goes and one comes.
        let renamed = (0..100).fold(Batch::new(), |batch, n| {
            batch.put(named(&format!("u{n}"), "Renamed"), Expect::Anything)
        });
        commit(&store, renamed).await.unwrap();
        assert!(users(&store).delete("u99").await.unwrap());
        commit(&store, insert("new")).await.unwrap();
        let seen = Collection::<User>::new(store.clone()).get("u50").await.unwrap().unwrap();
        assert_eq!(seen.name, "Renamed");
        ALLOWED.wait();
        let rows = task.await.unwrap().unwrap();
        assert_eq!(rows.len(), 100);
        for row in rows {
            assert_eq!(row.typed::<User>(), &user(row.id()));
        }
    });
}
