//! How a sled store is opened.

use std::path::Path;

use rollbook_core::{SCHEMAS, Schema};
use rollbook_kv::{Durability, OpenError};

use crate::SledStore;

/// The settings of a [`SledStore`]; each has a default.
///
/// ```
/// use rollbook_sled::{Durability, SledOptions};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("users.sled");
/// let store = SledOptions::new().durability(Durability::Eventual).open(&path)?;
/// assert_eq!(store.path(), path);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SledOptions {
    pub(crate) schemas: &'static [&'static Schema],
    pub(crate) durability: Durability,
    pub(crate) cache: u64,
}

impl Default for SledOptions {
    fn default() -> Self {
        Self { schemas: SCHEMAS, durability: Durability::Immediate, cache: 32 << 20 }
    }
}

impl SledOptions {
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

    /// How many bytes of pages sled aims to keep in memory; it takes several times as much. Default:
    /// 32 MiB, where that of sled is a gibibyte.
    pub fn cache(self, cache: u64) -> Self {
        Self { cache, ..self }
    }

    /// Opens the folder at `path`, or creates it.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the folder is open already, is not one of rollbook's, is damaged, or was written by
    /// a newer version; it is not changed then, unless it is damaged.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<SledStore, OpenError> {
        SledStore::open_with(path.as_ref(), self)
    }
}
