//! What the conformance kit does not ask: the file itself, and who else has it open.
//!
//! - `refused`: files that are not ours, or too new, are named and left as they are
//! - `damaged`: files that are cut off or have wrong bytes are refused, or read right
//! - `yesterday`: the stored file of each format opens
//! - `reindex`: bodies are the truth; columns and indexes follow from them, or the file stays as it is
//! - `crash`: what was acknowledged outlives a killed process
//! - `commits`: commits of many callers, abandoned commits, and the end of a store
//! - `shared`: several stores and other programs on one file
//! - `plans`: queries use indexes, one by one
//! - `totals`: totals are right whatever happened to the rows
//! - `searches`: what FTS5 might get wrong
//! - `settings`: options, and on which thread a read runs

mod commits;
mod crash;
mod damaged;
mod plans;
mod refused;
mod reindex;
mod searches;
mod settings;
mod shared;
mod totals;
mod yesterday;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use rollbook_core::{Batch, Collection, Expect, Schema, StoreError, User, UserStore};
use rollbook_sqlite::{OpenError, SqliteOptions, SqliteStore};
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

/// A directory with a file `users.db`, or room for one.
struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory can be made") }
    }

    /// A place whose file holds `bytes`.
    fn with(bytes: impl AsRef<[u8]>) -> Self {
        let place = Self::new();
        fs::write(place.path(), bytes).expect("the file can be written");
        place
    }

    /// A place whose file is a closed store of the users `u0`, `u1` and so on.
    fn with_users(number: usize) -> Self {
        let place = Self::new();
        let store = place.open();
        let batches = (0..number).map(|n| insert(&format!("u{n}"))).collect();
        for outcome in run(store.commit(batches)).expect("the store works") {
            outcome.expect("the users are new");
        }
        place
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("users.db")
    }

    fn open(&self) -> Arc<SqliteStore> {
        Arc::new(SqliteStore::open(self.path()).expect("it opens"))
    }

    fn open_with(
        &self,
        schemas: &'static [&'static Schema],
    ) -> Result<Arc<SqliteStore>, OpenError> {
        SqliteOptions::new().schemas(schemas).open(self.path()).map(Arc::new)
    }

    /// Another program that has the file open.
    fn other(&self) -> Connection {
        Connection::open(self.path()).expect("SQLite opens it")
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).expect("the file can be read")
    }

    /// The names in the directory, with what the files hold.
    fn contents(&self) -> BTreeMap<String, Option<Vec<u8>>> {
        let entries = fs::read_dir(self.directory.path()).expect("the directory can be read");
        entries
            .map(|entry| {
                let entry = entry.expect("the directory can be read");
                let name = entry.file_name().into_string().expect("the names are plain");
                (name, fs::read(entry.path()).ok())
            })
            .collect()
    }

    /// The names in the directory.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).expect("the directory can be read");
        let names = entries.map(|entry| entry.expect("the directory can be read").file_name());
        let mut names: Vec<_> =
            names.map(|name| name.into_string().expect("the names are plain")).collect();
        names.sort();
        names
    }

    /// Asserts that the file can't be opened and that nothing has changed, and returns the message.
    fn refused(&self) -> String {
        self.refused_with(rollbook_core::SCHEMAS)
    }

    fn refused_with(&self, schemas: &'static [&'static Schema]) -> String {
        let before = self.contents();
        let error = self.open_with(schemas).expect_err("it is refused");
        let after = self.contents();
        assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>(), "{error}");
        assert!(after == before, "the file has changed: {error}");
        self.redact(&error)
    }

    /// The message of `error`, with `DIR` for the directory.
    fn redact(&self, error: &OpenError) -> String {
        let directory = self.directory.path().to_str().expect("the path is plain");
        error.to_string().replace(directory, "DIR")
    }

    /// Asserts that SQLite finds nothing wrong with the file.
    fn check_integrity(&self) {
        let connection = self.other();
        let integrity: String = connection
            .query_row("PRAGMA integrity_check", (), |row| row.get(0))
            .expect("the check runs");
        assert_eq!(integrity, "ok");
        let mut orphans = connection.prepare("PRAGMA foreign_key_check").expect("the check runs");
        assert!(!orphans.exists(()).expect("the check runs"), "an owner is missing");
    }
}

/// A user whose name and e-mail follow from the id.
fn user(id: &str) -> User {
    serde_json::from_value(json!({
        "$id": id,
        "$createdAt": 0,
        "$updatedAt": 0,
        "registration": 0,
        "status": true,
        "name": format!("Name of {id}"),
        "email": format!("{id}@example.com"),
    }))
    .expect("it is a user")
}

/// The user `id` with another name.
fn named(id: &str, name: &str) -> User {
    let mut user = user(id);
    name.clone_into(&mut user.name);
    user
}

/// Somebody who wants the e-mail of the user `id`.
fn rival(id: &str) -> User {
    let mut rival = user("rival");
    rival.email = user(id).email;
    rival
}

/// A batch that inserts the user `id`.
fn insert(id: &str) -> Batch {
    Batch::new().put(user(id), Expect::Absent)
}

/// Commits one batch.
async fn commit(store: &SqliteStore, batch: Batch) -> Result<(), StoreError> {
    let mut outcomes = store.commit(vec![batch]).await?;
    outcomes.pop().expect("there is an outcome for each batch").map(drop)
}

/// The users in `store`.
fn users(store: &Arc<SqliteStore>) -> Collection<User> {
    Collection::new(store.clone())
}

/// Runs `future` to its end, with threads for the tasks that it starts.
fn run<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build();
    runtime.expect("a runtime can be made").block_on(future)
}

/// Polls `future` once; nobody is told when it can go on.
fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
