//! What the conformance kit does not ask: the folder itself, and who else has it open.
//!
//! - `refused`: folders that are not ours, too new or in use are named and left as they are
//! - `damaged`: what is missing or wrong in a folder is named, or leads to an error or to less
//! - `yesterday`: the stored folder of each format opens
//! - `crash`: what was acknowledged outlives a killed process
//! - `commits`: what is flushed, when, and the end of a store

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod commits;
mod crash;
mod damaged;
mod refused;
mod yesterday;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use rollbook_core::{Batch, Expect, StoreError, User, UserStore};
use rollbook_sled::{OpenError, SledStore};
use serde_json::json;
use tempfile::TempDir;

/// Files by their names.
type Files = BTreeMap<String, Vec<u8>>;

/// A directory with a folder `users.sled`, or room for one.
struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    /// A place whose folder has these files.
    fn with(files: &Files) -> Self {
        let place = Self::new();
        fs::create_dir(place.path()).unwrap();
        for (name, bytes) in files {
            fs::write(place.path().join(name), bytes).unwrap();
        }
        place
    }

    /// A place whose folder is a closed store of the users `u0`, `u1` and so on.
    fn with_users(number: usize) -> Self {
        let place = Self::new();
        let batches = (0..number).map(|n| insert(&format!("u{n}"))).collect();
        for outcome in run(place.open().commit(batches)).unwrap() {
            outcome.unwrap();
        }
        place
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("users.sled")
    }

    fn open(&self) -> Arc<SledStore> {
        Arc::new(SledStore::open(self.path()).unwrap())
    }

    /// The files in the folder, or the one that is in its place.
    fn files(&self) -> Files {
        if let Ok(bytes) = fs::read(self.path()) {
            return Files::from([(String::new(), bytes)]);
        }
        let Ok(entries) = fs::read_dir(self.path()) else { return Files::new() };
        let files = entries.map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap_or_default())
        });
        // One that sled may have, or not.
        files.filter(|(name, _)| name != "blobs").collect()
    }

    /// Asserts that the folder can't be opened and that nothing has changed, and returns the message.
    fn refused(&self) -> String {
        let before = self.files();
        let error = SledStore::open(self.path()).unwrap_err();
        assert!(self.files() == before, "it has changed: {error}");
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

/// Runs `future` to its end, with threads for the tasks that it starts.
fn run<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build();
    runtime.unwrap().block_on(future)
}
