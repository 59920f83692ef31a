//! Why a file can't be opened.

use std::path::PathBuf;

use rollbook_core::StoreError;

/// Why a file can't be opened as a store. The file is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file can't be read.
    #[error("{}: the file can't be read: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no SQLite database, or its header is damaged.
    #[error("{}: not a SQLite database, or its beginning is damaged", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is a SQLite database of another application.
    #[error(
        "{}: a SQLite database of another application (application id {id:#010x}); \
         choose another file name",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The application id in its header.
        id: u32,
    },
    /// The file was written by a newer version of rollbook.
    #[error(
        "{}: written in format {found}, and this version of rollbook knows formats up to {known}; \
         use a newer version",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format of the file.
        found: u32,
        /// The newest format that this version knows.
        known: u32,
    },
    /// A record in the file can't be read, so its columns and indexes can't be built anew.
    #[error("{}: the record {id:?} of the {schema} can't be read: {source}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// The record type.
        schema: &'static str,
        /// The record's id.
        id: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// SQLite failed: the file is damaged, locked, or can't be written.
    #[error("{}: {source}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

impl From<OpenError> for StoreError {
    fn from(error: OpenError) -> Self {
        Self::backend(error)
    }
}
