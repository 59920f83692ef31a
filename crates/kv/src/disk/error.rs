//! Why data can't be opened as a store.

use std::error::Error;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rollbook_core::StoreError;

/// Why a file or folder can't be opened as a store. Nothing was written to it, or what its store says.
///
/// ```
/// use rollbook_kv::{OpenError, Refusal};
///
/// let error = OpenError::new("users.redb", Refusal::Foreign);
/// assert!(matches!(error.reason(), Refusal::Foreign));
/// assert_eq!(
///     error.to_string(),
///     "users.redb: the data of another application; choose another name"
/// );
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct OpenError {
    path: PathBuf,
    #[source]
    reason: Refusal,
}

impl OpenError {
    /// A refusal of what is at `path`.
    pub fn new(path: impl Into<PathBuf>, reason: impl Into<Refusal>) -> Self {
        Self { path: path.into(), reason: reason.into() }
    }

    /// The file or folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong with it.
    pub fn reason(&self) -> &Refusal {
        &self.reason
    }
}

impl From<OpenError> for StoreError {
    fn from(error: OpenError) -> Self {
        Self::backend(error)
    }
}

/// What is wrong with data that can't be opened as a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It can't be read or written, or there is no thread for it.
    #[error("can't be opened: {0}")]
    Io(#[from] io::Error),
    /// Somebody else has it open.
    #[error(
        "another process has it open, or another store in this one; \
         one at a time can, so close the other, or share this one"
    )]
    Busy,
    /// It is no data of the engine, or its beginning is damaged.
    #[error(
        "no {engine} data, or its beginning is damaged; \
         choose another name, or restore it from a backup"
    )]
    NoData {
        /// The engine.
        engine: &'static str,
    },
    /// It is another application's.
    #[error("the data of another application; choose another name")]
    Foreign,
    /// It was written by a newer version of rollbook.
    #[error(
        "written in format {found}, and this version of rollbook knows formats up to {known}; \
         use a newer version"
    )]
    Newer {
        /// The format of the data.
        found: u32,
        /// The newest format that this version knows.
        known: u32,
    },
    /// It is ours, and damaged.
    #[error("damaged: {0}; restore it from a backup")]
    Damaged(String),
    /// A record can't be read, so the indexes can't be built anew.
    #[error("{0}; restore it from a backup, or open it with the version that wrote it")]
    Record(#[source] Arc<dyn Error + Send + Sync>),
    /// The records break a rule that their schema has gained: a unique tuple or an owner.
    #[error(
        "the {schema} break a rule that is new to them: {source}; \
         open it with the schema of before, and mend them"
    )]
    Rule {
        /// The record type.
        schema: &'static str,
        /// What a put of such a record would be answered.
        source: StoreError,
    },
    /// The engine failed.
    #[error("{0}")]
    Engine(#[source] Arc<dyn Error + Send + Sync>),
}

impl Refusal {
    /// The engine's own error, as a [`Refusal::Engine`].
    pub fn engine(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Engine(Arc::from(source.into()))
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Backend(source) => Self::Engine(source),
            error => Self::engine(error),
        }
    }
}

/// Runs `work` of an engine, and makes an error of a panic: some engines panic on data that makes no
/// sense.
///
/// ```
/// use rollbook_core::StoreError;
/// use rollbook_kv::guarded;
///
/// let page: &[u8] = &[];
/// let read = guarded(|| Ok::<u8, StoreError>(page[7]));
/// assert!(matches!(read, Err(StoreError::Backend(_))));
/// ```
pub fn guarded<T, E: From<StoreError>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let told = panic.downcast_ref::<String>().map(String::as_str);
        let told = told.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
        let told = format!("the engine panicked, so its data may be damaged: {told}");
        Err(StoreError::backend(told).into())
    })
}
