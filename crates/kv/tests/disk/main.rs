//! Stores on a map of bytes, whatever the engine: the map here is a tree in memory that outlives the store.
//!
//! - `conformance`: the store contract, case by case
//! - `refused`: maps that are not ours, too new or damaged are named and left as they are
//! - `reindex`: bodies are the truth; keys follow from them, or the map stays as it is
//! - `commits`: commits that share a write, fail, panic, or are flushed later
//! - `yesterday`: the stored keys and values of each format are read

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod commits;
mod conformance;
mod map;
mod refused;
mod reindex;
mod yesterday;

use std::sync::Arc;

use rollbook_core::{Batch, Collection, Expect, SCHEMAS, Schema, StoreError, User, UserStore};
use rollbook_kv::{Durability, Found, MapStore, Opening, Refusal};
use serde_json::json;

use map::Tree;

/// Opens what is in `tree`.
fn open_with(
    tree: &Tree,
    schemas: &'static [&'static Schema],
) -> Result<Arc<MapStore<Tree>>, Refusal> {
    let found = if tree.is_empty() { Found::Nothing } else { Found::Data };
    let opening = Opening::check(tree.clone(), schemas, found)?;
    opening.finish(Durability::Immediate).map(Arc::new)
}

fn open(tree: &Tree) -> Arc<MapStore<Tree>> {
    open_with(tree, SCHEMAS).unwrap()
}

/// A closed store of the users `u0`, `u1` and so on.
fn with_users(number: usize) -> Tree {
    let tree = Tree::default();
    let batches = (0..number).map(|n| insert(&format!("u{n}"))).collect();
    for outcome in run(open(&tree).commit(batches)).unwrap() {
        outcome.unwrap();
    }
    tree
}

/// Asserts that `tree` can't be opened and that nothing has changed, and returns the message.
fn refused_with(tree: &Tree, schemas: &'static [&'static Schema]) -> String {
    let before = tree.entries();
    let error = open_with(tree, schemas).unwrap_err();
    assert!(tree.entries() == before, "it has changed: {error}");
    error.to_string()
}

/// A user whose name and e-mail follow from the id.
fn user(id: &str) -> User {
    named(id, &format!("Name of {id}"))
}

fn named(id: &str, name: &str) -> User {
    let email = format!("{id}@example.com");
    serde_json::from_value(json!({
        "$id": id, "$createdAt": 0, "$updatedAt": 0, "registration": 0, "status": true,
        "name": name, "email": email,
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
fn users(store: &Arc<MapStore<Tree>>) -> Collection<User> {
    Collection::new(store.clone())
}

/// Runs `future` to its end, with threads for the tasks that it starts.
fn run<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build();
    runtime.unwrap().block_on(future)
}
