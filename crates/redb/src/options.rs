//! How a redb store is opened.

use std::path::Path;

use rollbook_core::{SCHEMAS, Schema};
use rollbook_kv::{Durability, OpenError};

use crate::RedbStore;

/// How much of a file is checked as it is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verify {
    /// The header, and after a crash everything. Opening takes a millisecond. Of damage elsewhere redb
    /// makes what it can: an error as it is read, a wrong answer if it is in a value, or, if it is in a
    /// number of a page, an allocation that ends the process.
    #[default]
    Header,
    /// The checksum of every page. Opening reads the whole file: a second or two for a million users.
    Everything,
}

/// The settings of a [`RedbStore`]; each has a default.
///
/// ```
/// use rollbook_redb::{Durability, RedbOptions};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("users.redb");
/// let store = RedbOptions::new().durability(Durability::Eventual).open(&path)?;
/// assert_eq!(store.path(), path);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RedbOptions {
    pub(crate) schemas: &'static [&'static Schema],
    pub(crate) durability: Durability,
    pub(crate) cache: usize,
    pub(crate) verify: Verify,
}

impl Default for RedbOptions {
    fn default() -> Self {
        Self {
            schemas: SCHEMAS,
            durability: Durability::Immediate,
            cache: 64 << 20,
            verify: Verify::Header,
        }
    }
}

impl RedbOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The record types that the store holds. Default: those of rollbook.
    pub fn schemas(self, schemas: &'static [&'static Schema]) -> Self {
        Self { schemas, ..self }
    }

    /// When a commit is acknowledged. Default: [`Durability::Immediate`].
    pub fn durability(self, durability: Durability) -> Self {
        Self { durability, ..self }
    }

    /// How many bytes of pages redb keeps in memory. Default: 64 MiB.
    pub fn cache(self, cache: usize) -> Self {
        Self { cache, ..self }
    }

    /// How much of the file is checked as it is opened. Default: [`Verify::Header`].
    pub fn verify(self, verify: Verify) -> Self {
        Self { verify, ..self }
    }

    /// Opens the file at `path`, or creates it.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the file is open already, is not one of rollbook's, is damaged, or was written by
    /// a newer version; it is not changed then.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<RedbStore, OpenError> {
        RedbStore::open_with(path.as_ref(), self)
    }
}
