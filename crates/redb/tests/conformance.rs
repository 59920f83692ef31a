//! The store contract, case by case.

use std::sync::Arc;

use rollbook_conformance::{Harness, conformance};
use rollbook_core::{Schema, UserStore};
use rollbook_redb::{RedbOptions, RedbStore};
use tempfile::TempDir;

struct Redb {
    store: Arc<RedbStore>,
    directory: TempDir,
}

impl Redb {
    fn at(directory: TempDir, schemas: &'static [&'static Schema]) -> Self {
        let path = directory.path().join("users.redb");
        let store = RedbOptions::new().schemas(schemas).open(path).expect("it opens");
        Self { store: Arc::new(store), directory }
    }
}

impl Harness for Redb {
    async fn open(schemas: &'static [&'static Schema]) -> Self {
        Self::at(tempfile::tempdir().expect("a directory"), schemas)
    }

    fn store(&self) -> Arc<dyn UserStore> {
        self.store.clone()
    }

    async fn reopen(self, schemas: &'static [&'static Schema]) -> Option<Self> {
        let Self { store, directory } = self;
        drop(store);
        Some(Self::at(directory, schemas))
    }
}

conformance!(Redb);
