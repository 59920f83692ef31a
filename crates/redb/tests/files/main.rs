//! What the conformance kit does not ask: the file itself, and who else has it open.
//!
//! - `refused`: files that are not ours, too new or in use are named and left as they are
//! - `damaged`: files that are cut off or have wrong bytes are refused, or read right
//! - `yesterday`: the stored file of each format opens
//! - `crash`: what was acknowledged outlives a killed process
//! - `commits`: what is flushed, when, and the end of a store

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod commits;
mod crash;
mod damaged;
mod refused;
mod yesterday;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use rollbook_core::{Batch, Collection, Expect, SCHEMAS, Schema, StoreError, User, UserStore};
use rollbook_redb::{OpenError, RedbOptions, RedbStore};
use serde_json::json;
use tempfile::TempDir;

/// A directory with a file `users.redb`, or room for one.
struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    /// A place whose file holds `bytes`.
    fn with(bytes: impl AsRef<[u8]>) -> Self {
        let place = Self::new();
        fs::write(place.path(), bytes).unwrap();
        place
    }

    /// A place whose file is a closed store of the users `u0`, `u1` and so on.
    fn with_users(number: usize) -> Self {
        let place = Self::new();
        let batches = (0..number).map(|n| insert(&format!("u{n}"))).collect();
        for outcome in run(place.open().commit(batches)).unwrap() {
            outcome.unwrap();
        }
        place
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("users.redb")
    }

    fn open(&self) -> Arc<RedbStore> {
        Arc::new(RedbStore::open(self.path()).unwrap())
    }

    fn open_with(&self, schemas: &'static [&'static Schema]) -> Result<Arc<RedbStore>, OpenError> {
        RedbOptions::new().schemas(schemas).open(self.path()).map(Arc::new)
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap()
    }

    /// The names in the directory.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// Asserts that the file can't be opened and that nothing has changed, and returns the message.
    fn refused(&self) -> String {
        self.refused_with(SCHEMAS)
    }

    fn refused_with(&self, schemas: &'static [&'static Schema]) -> String {
        let (names, before) = (self.names(), fs::read(self.path()).ok());
        let error = self.open_with(schemas).unwrap_err();
        assert_eq!(self.names(), names, "{error}");
        assert!(fs::read(self.path()).ok() == before, "the file has changed: {error}");
        self.redact(&error)
    }

    /// The message of `error`, with `DIR` for the directory.
    fn redact(&self, error: &OpenError) -> String {
        error.to_string().replace(self.directory.path().to_str().unwrap(), "DIR")
    }
}

/// A user whose name and e-mail follow from the id.
fn user(id: &str) -> User {
    serde_json::from_value(json!({
        "$id": id, "$createdAt": 0, "$updatedAt": 0, "registration": 0, "status": true,
        "name": format!("Name of {id}"), "email": format!("{id}@example.com"),
    }))
    .unwrap()
}

/// A batch that inserts the user `id`.
fn insert(id: &str) -> Batch {
    Batch::new().put(user(id), Expect::Absent)
}

/// Commits one batch.
async fn commit(store: &dyn UserStore, batch: Batch) -> Result<(), StoreError> {
    store.commit(vec![batch]).await?.pop().unwrap().map(drop)
}

/// The users in `store`.
fn users(store: &Arc<RedbStore>) -> Collection<User> {
    Collection::new(store.clone())
}

/// Runs `future` to its end, with threads for the tasks that it starts.
fn run<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build();
    runtime.unwrap().block_on(future)
}
