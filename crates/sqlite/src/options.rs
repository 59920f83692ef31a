//! How a SQLite store is opened.

use std::path::Path;
use std::time::Duration;

use rollbook_core::{SCHEMAS, Schema};

use crate::{OpenError, SqliteStore};

/// When a commit counts as durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "SQLite offers these two for a write-ahead log")]
pub enum Synchronous {
    /// Every commit is on the disk when it is acknowledged: nothing is lost when the power goes.
    #[default]
    Full,
    /// A commit survives a crash of the process, but the last ones may be lost when the power goes. The
    /// file stays consistent. Faster where the disk is slow to flush; with many concurrent writers the
    /// difference is small, since they share a flush.
    Normal,
}

/// The settings of a [`SqliteStore`]; each has a default.
///
/// ```
/// use rollbook_sqlite::{SqliteOptions, Synchronous};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("users.db");
/// let store = SqliteOptions::new().synchronous(Synchronous::Normal).open(&path)?;
/// assert!(path.exists());
/// # drop(store);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    pub(crate) schemas: &'static [&'static Schema],
    pub(crate) synchronous: Synchronous,
    pub(crate) busy_timeout: Duration,
    pub(crate) readers: usize,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            schemas: SCHEMAS,
            synchronous: Synchronous::Full,
            busy_timeout: Duration::from_secs(5),
            readers: 8,
        }
    }
}

impl SqliteOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The record types that the store holds. Default: those of rollbook.
    pub fn schemas(self, schemas: &'static [&'static Schema]) -> Self {
        Self { schemas, ..self }
    }

    /// When a commit counts as durable. Default: [`Synchronous::Full`].
    pub fn synchronous(self, synchronous: Synchronous) -> Self {
        Self { synchronous, ..self }
    }

    /// How long to wait for another process that writes to the file. Default: 5 seconds.
    pub fn busy_timeout(self, busy_timeout: Duration) -> Self {
        Self { busy_timeout, ..self }
    }

    /// How many reads run at once, at least 1. Each has a connection with a page cache of up to 8 MiB.
    /// Default: 8.
    pub fn readers(self, readers: usize) -> Self {
        Self { readers: readers.max(1), ..self }
    }

    /// Opens the file at `path`, or creates it.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the file is not one of rollbook's, is damaged, or was written by a newer version;
    /// it is not changed then.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<SqliteStore, OpenError> {
        SqliteStore::open_with(path.as_ref(), self)
    }
}
