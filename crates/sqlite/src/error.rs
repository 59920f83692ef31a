//! Why a file can't be opened.

use std::path::PathBuf;

use rollbook_core::StoreError;
use rusqlite::ErrorCode;

/// Why a file can't be opened as a store. The file is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file can't be read, or there is no thread for it.
    #[error("{}: can't be opened: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no SQLite database, or its header is damaged.
    #[error(
        "{}: not a SQLite database, or its beginning is damaged; \
         choose another file name, or restore it from a backup",
        path.display()
    )]
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
    /// The records in the file break a rule that their schema has gained: a unique tuple or an owner.
    #[error(
        "{}: the {schema} break a rule that is new to them: {source}; \
         open the file with the schema of before, and mend them",
        path.display()
    )]
    Rule {
        /// The file.
        path: PathBuf,
        /// The record type.
        schema: &'static str,
        /// What a put of such a record would be answered.
        source: StoreError,
    },
    /// The file can't have a write-ahead log, without which readers would wait for the writer.
    #[error(
        "{}: there is no write-ahead log here (journal mode {mode:?}); \
         choose a file on a local disk, where processes can share memory",
        path.display()
    )]
    NoLog {
        /// The file.
        path: PathBuf,
        /// The journal mode that SQLite stays in.
        mode: String,
    },
    /// SQLite failed: the file is damaged, locked, or can't be written.
    #[error("{}: {source}{}", path.display(), advice(source))]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

/// What to do about an error that people meet.
fn advice(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "; restore it from a backup, or salvage it with `sqlite3 .recover`"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "; another process has been writing to it for long"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) => {
            "; rollbook must be allowed to write it and its directory"
        }
        _ => "",
    }
}

impl From<OpenError> for StoreError {
    fn from(error: OpenError) -> Self {
        Self::backend(error)
    }
}
