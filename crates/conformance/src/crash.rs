//! A process that is killed while it writes: what it acknowledged is there, whole, and nothing is there
//! in part.
//!
//! The process is the test binary, started once more with only the test that writes. Two tests:
//!
//! ```no_run
//! # use std::path::Path;
//! # use std::sync::Arc;
//! # use rollbook_core::{Schema, UserStore};
//! # use rollbook_conformance::crash;
//! # fn open(_: &Path, _: &'static [&'static Schema]) -> Arc<dyn UserStore> { unimplemented!() }
//! # mod tempfile { pub fn tempdir() -> std::io::Result<std::path::PathBuf> { unimplemented!() } }
//! // In a file `tests/crash.rs`.
//! #[test]
//! fn the_process_that_is_killed() {
//!     crash::write_until_killed(open);
//! }
//!
//! #[test]
//! fn what_was_acknowledged_is_there() {
//!     let directory = tempfile::tempdir().unwrap();
//!     let path = directory.join("users");
//!     crash::check_after_kills("the_process_that_is_killed", &path, open, || {});
//! }
//! ```

use std::collections::BTreeSet;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rollbook_core::{
    Batch, Collection, Document, Expect, Query, Record, Schema, StoreError, UserStore,
};

use crate::fixtures::{Member, SCHEMAS};

/// Where the process that is killed finds its data, and what its ids begin with.
const PATH: &str = "ROLLBOOK_TEST_PATH";
const PREFIX: &str = "ROLLBOOK_TEST_PREFIX";
/// What stands before an acknowledged id on its output, among the lines of the test runner.
const ACKNOWLEDGED: &str = "acknowledged ";
/// How many tasks write at once.
const TASKS: usize = 8;
/// More than any round waits for.
const MOST: usize = 100_000;
/// After how many acknowledged pairs the process is killed, round by round.
const ROUNDS: [usize; 5] = [1, 3, 50, 400, 7];

/// The body of the test that writes. Does nothing unless [`check_after_kills`] started the process.
///
/// # Panics
///
/// If the store refuses a commit.
pub fn write_until_killed(
    open: impl FnOnce(&Path, &'static [&'static Schema]) -> Arc<dyn UserStore>,
) {
    let (Some(path), Ok(prefix)) = (env::var_os(PATH), env::var(PREFIX)) else { return };
    let store = open(Path::new(&path), SCHEMAS);
    run(async {
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| tokio::spawn(write(Arc::clone(&store), format!("{prefix}-{task}"))))
            .collect();
        for task in tasks {
            task.await.expect("the task writes to its end");
        }
    });
}

/// Starts the test called `writer`, kills it while it writes to a store at `path`, opens what is there,
/// and checks it; several times. Calls `closed` whenever the store is closed in between.
///
/// # Panics
///
/// If something is lost, or there in part, or the rules of the store no longer hold.
pub fn check_after_kills(
    writer: &str,
    path: &Path,
    open: impl Fn(&Path, &'static [&'static Schema]) -> Arc<dyn UserStore>,
    closed: impl Fn(),
) {
    let mut expected = BTreeSet::new();
    let mut last = 0;
    for (round, number) in ROUNDS.into_iter().enumerate() {
        let acknowledged = killed_after(number, writer, path, &round.to_string());
        let store = open(path, SCHEMAS);
        let stored = run(store.select(&Query::new(Member::SCHEMA))).expect("the store works");
        let ids: BTreeSet<String> = stored.iter().map(|row| row.id().to_owned()).collect();
        for id in acknowledged.union(&expected) {
            assert!(ids.contains(id), "round {round}: {id} is lost");
        }
        // What was on its way when the process was killed, at most one pair of each task.
        let more = ids.iter().filter(|id| !id.ends_with("-twin")).count() - expected.len();
        assert!(more - acknowledged.len() <= TASKS, "round {round}: {more}, {acknowledged:?}");
        for row in &stored {
            assert_eq!(row.typed::<Member>(), &member(row.id()), "round {round}");
            let id = row.id().trim_end_matches("-twin");
            assert!(ids.contains(id) && ids.contains(&twin(id)), "round {round}: half of {id}");
        }
        last = stored.iter().map(Document::sequence).fold(last, u64::max);
        last = run(check_rules(&store, &ids, last));
        expected = ids.into_iter().filter(|id| !id.ends_with("-twin")).collect();
        drop(store);
        closed();
    }
}

/// Creates members in pairs, and tells of each pair when it is durable.
async fn write(store: Arc<dyn UserStore>, prefix: String) {
    for n in 0..MOST {
        let id = format!("{prefix}-{n}");
        let pair = Batch::new().put(member(&id), Expect::Absent);
        let pair = pair.put(member(&twin(&id)), Expect::Absent);
        let outcomes = store.commit(vec![pair]).await.expect("the store works");
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        let mut output = std::io::stdout().lock();
        // It fails when nobody listens any more, and so ends the process.
        writeln!(output, "{ACKNOWLEDGED}{id}").expect("somebody listens");
        output.flush().expect("somebody listens");
    }
}

fn twin(id: &str) -> String {
    format!("{id}-twin")
}

/// A member whose unique handle follows from the id.
fn member(id: &str) -> Member {
    Member::with_handle(id, &format!("handle of {id}"))
}

/// Starts a process, kills it when it has acknowledged `number` pairs, and returns all that it
/// acknowledged.
fn killed_after(number: usize, writer: &str, path: &Path, prefix: &str) -> BTreeSet<String> {
    let mut child = Command::new(env::current_exe().expect("the binary has a path"))
        .args([writer, "--exact", "--nocapture"])
        .env(PATH, path)
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

/// Ids and unique values are still taken, and sequences go on above `last`; returns the last one now.
async fn check_rules(store: &Arc<dyn UserStore>, ids: &BTreeSet<String>, last: u64) -> u64 {
    let members = Collection::<Member>::new(Arc::clone(store));
    for id in ids.iter().rev().take(TASKS) {
        let same = members.insert(member(id)).await;
        assert!(matches!(same, Err(StoreError::Conflict { key: "$id", .. })), "{same:?}");
        let same = members.insert(Member { id: "rival".to_owned(), ..member(id) }).await;
        assert!(matches!(same, Err(StoreError::Conflict { key: "handle", .. })), "{same:?}");
    }
    let probe = members.insert(member("probe")).await.expect("the member is new");
    assert!(probe.sequence() > last, "{} after {last}", probe.sequence());
    assert!(members.delete("probe").await.expect("the store works"));
    probe.sequence()
}

fn run<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build();
    runtime.expect("the system has threads for a test").block_on(future)
}
