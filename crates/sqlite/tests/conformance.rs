//! The store contract, case by case.

use std::sync::Arc;

use rollbook_conformance::{Harness, InTenant, conformance};
use rollbook_core::{Schema, UserStore};
use rollbook_sqlite::{SqliteOptions, SqliteStore};
use tempfile::TempDir;

struct Sqlite {
    store: Arc<SqliteStore>,
    directory: TempDir,
}

impl Sqlite {
    fn at(directory: TempDir, schemas: &'static [&'static Schema]) -> Self {
        let path = directory.path().join("users.db");
        let store = SqliteOptions::new().schemas(schemas).open(path).expect("it opens");
        Self { store: Arc::new(store), directory }
    }
}

impl Harness for Sqlite {
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

conformance!(Sqlite);

/// The same on a tenant of such a store.
mod tenant {
    use super::{InTenant, Sqlite};

    rollbook_conformance::conformance!(InTenant<Sqlite>);
}
