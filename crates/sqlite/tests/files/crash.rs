//! A process that is killed while it writes: what it acknowledged is there, whole, and nothing is there
//! in part.
//!
//! The process is this binary, started once more with only [`the_process_that_is_killed`].

use std::collections::BTreeSet;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use rollbook_core::{Expect, Query, Record, StoreError, User, UserStore};
use rollbook_sqlite::SqliteStore;

use crate::{Place, commit, insert, rival, run, user, users};

/// Where the process that is killed finds its file, and what its ids begin with.
const FILE: &str = "ROLLBOOK_TEST_FILE";
const PREFIX: &str = "ROLLBOOK_TEST_PREFIX";
/// What stands before an acknowledged id on its output, among the lines of the test runner.
const ACKNOWLEDGED: &str = "acknowledged ";
/// How many tasks write at once.
const TASKS: usize = 8;
/// More than any round waits for.
const MOST: usize = 100_000;

/// Does nothing unless it was started by the test below.
#[test]
fn the_process_that_is_killed() {
    let (Some(path), Ok(prefix)) = (env::var_os(FILE), env::var(PREFIX)) else { return };
    let store = Arc::new(SqliteStore::open(path).unwrap());
    run(async {
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| tokio::spawn(write(Arc::clone(&store), format!("{prefix}-{task}"))))
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

/// Creates users in pairs, and tells of each pair when it is durable.
async fn write(store: Arc<SqliteStore>, prefix: String) {
    for n in 0..MOST {
        let id = format!("{prefix}-{n}");
        let pair = insert(&id).put(user(&twin(&id)), Expect::Absent);
        commit(&store, pair).await.expect("the users are new");
        let mut output = std::io::stdout().lock();
        // It fails when nobody listens any more, and so ends the process.
        writeln!(output, "{ACKNOWLEDGED}{id}").expect("somebody listens");
        output.flush().expect("somebody listens");
    }
}

fn twin(id: &str) -> String {
    format!("{id}-twin")
}

/// Starts a process, kills it when it has acknowledged `number` pairs, and returns all that it
/// acknowledged.
fn killed_after(number: usize, place: &Place, prefix: &str) -> BTreeSet<String> {
    let mut child = Command::new(env::current_exe().expect("the binary has a path"))
        .args(["crash::the_process_that_is_killed", "--exact", "--nocapture"])
        .env(FILE, place.path())
        .env(PREFIX, prefix)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the process starts");
    let output = BufReader::new(child.stdout.take().expect("its output is read"));
    let mut acknowledged = BTreeSet::new();
    for line in output.lines() {
        let line = line.expect("the output is text");
        // The first line follows a text of the test runner.
        if let Some((_, id)) = line.split_once(ACKNOWLEDGED) {
            assert!(acknowledged.insert(id.to_owned()), "{id} was acknowledged twice");
            if acknowledged.len() == number {
                child.kill().expect("the process can be killed");
            }
        }
    }
    let status = child.wait().expect("the process has ended");
    assert!(!status.success() && acknowledged.len() >= number, "{status}");
    acknowledged
}

#[test]
fn what_was_acknowledged_is_there() {
    let place = Place::new();
    let mut expected = BTreeSet::new();
    let mut last = 0;
    for (round, number) in [1, 3, 50, 400, 7].into_iter().enumerate() {
        let acknowledged = killed_after(number, &place, &round.to_string());
        let store = place.open();
        let stored = run(store.select(&Query::new(User::SCHEMA))).unwrap();
        let ids: BTreeSet<String> = stored.iter().map(|row| row.id().to_owned()).collect();
        for id in acknowledged.union(&expected) {
            assert!(ids.contains(id), "round {round}: {id} is lost");
        }
        // What was on its way when the process was killed, at most one pair of each task.
        let more = ids.iter().filter(|id| !id.ends_with("-twin")).count() - expected.len();
        assert!(more - acknowledged.len() <= TASKS, "round {round}: {more}, {acknowledged:?}");
        for row in &stored {
            assert_eq!(row.typed::<User>(), &user(row.id()), "round {round}");
            let id = row.id().trim_end_matches("-twin");
            assert!(ids.contains(id) && ids.contains(&twin(id)), "round {round}: half of {id}");
        }
        last = stored.iter().map(rollbook_core::Document::sequence).fold(last, u64::max);
        last = check_rules(&store, &ids, last);
        expected = ids.into_iter().filter(|id| !id.ends_with("-twin")).collect();
        drop(store);
        place.check_integrity();
        assert_eq!(place.names(), ["users.db"]);
    }
}

/// Ids and unique values are still taken, and sequences go on above `last`; returns the last one now.
fn check_rules(store: &Arc<SqliteStore>, ids: &BTreeSet<String>, last: u64) -> u64 {
    run(async {
        for id in ids.iter().rev().take(TASKS) {
            let same = commit(store, insert(id)).await;
            assert!(matches!(same, Err(StoreError::Conflict { key: "$id", .. })), "{same:?}");
            let same = users(store).insert(rival(id)).await;
            assert!(matches!(same, Err(StoreError::Conflict { key: "email", .. })), "{same:?}");
        }
        let probe = users(store).insert(user("probe")).await.expect("the user is new");
        assert!(probe.sequence() > last, "{} after {last}", probe.sequence());
        assert!(users(store).delete("probe").await.expect("the store works"));
        probe.sequence()
    })
}
