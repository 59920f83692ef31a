//! Reading users from the files of other systems.
//!
//! A [`Source`] turns a file into [`Row`]s, each a user or the reason why it is none; [`SOURCES`] lists
//! those there are. [`Importer`] takes the rows of a file into a store and writes what was refused to
//! another file, from where it can be imported again after repair.
//!
//! Nothing here opens files or asks the network: a source reads from any [`BufRead`], in bounded
//! memory.
//!
//! ```
//! use rollbook_core::import::{ReadOptions, SOURCES};
//!
//! let file = r#"{"$id":"ann","email":"ann@example.com","hash":"md5","password":"5f4dcc3b5aa765d61d8327deb882cf99"}
//! {"$id":"bob","emial":"bob@example.com"}"#;
//! let rows = SOURCES[0].rows(Box::new(file.as_bytes()), &ReadOptions::new());
//! let rows = rows.collect::<Result<Vec<_>, _>>()?;
//! assert_eq!(rows[0].user.as_ref().unwrap().email.as_deref(), Some("ann@example.com"));
//! let error = rows[1].user.as_ref().unwrap_err();
//! assert_eq!(error.to_string(), "invalid `emial`: not a field of a user; did you mean `email`?");
//! # Ok::<(), std::io::Error>(())
//! ```

mod importer;
mod json;
mod jsonl;
mod lines;
mod options;
mod rejection;

use std::fmt;
use std::io::{self, BufRead};

pub use importer::{HashTally, ImportError, ImportSummary, Importer};
pub use jsonl::Jsonl;
pub use options::{ReadOptions, UnknownFields, WeakHashes};
pub use rejection::Rejection;

use crate::{Error, ImportedUser};

/// Every source there is; the first is the default.
///
/// ```
/// use rollbook_core::import::SOURCES;
///
/// let names: Vec<_> = SOURCES.iter().map(|source| source.name()).collect();
/// assert_eq!(names, ["jsonl"]);
/// ```
pub static SOURCES: &[&dyn Source] = &[&Jsonl];

/// The rows of a file. An error means that the file can't be read any further.
pub type Rows = Box<dyn Iterator<Item = io::Result<Row>> + Send>;

/// A kind of file with users in it.
///
/// An implementation is a unit struct in a file of its own with three methods, and a line in
/// [`SOURCES`].
///
/// [`rows`](Self::rows) MUST yield one row for every user of the file, in its order, also for one that
/// can't be read: what is wrong with it is the row's error, never the end of the file. It MUST hold no
/// more of the file than one line or record, and errors MUST NOT repeat a password hash.
pub trait Source: fmt::Debug + Send + Sync + 'static {
    /// The name by which a program chooses it.
    fn name(&self) -> &'static str;

    /// What it is, for people.
    fn title(&self) -> &'static str;

    /// Reads a file.
    fn rows(&self, file: Box<dyn BufRead + Send>, options: &ReadOptions) -> Rows;
}

/// A user of a file, or what is wrong with it.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "every source builds it")]
pub struct Row {
    /// The line on which it stands, counted from 1.
    pub line: u64,
    /// What stands there.
    pub input: Input,
    /// The user.
    pub user: Result<ImportedUser, Error>,
}

/// A record as it stands in its file. `Debug` shows its size only, since there is a hash in it.
#[derive(Clone, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every source builds it, and a reject file has these forms"
)]
pub enum Input {
    /// A JSON value on one line.
    Json(String),
    /// A text that is no JSON; bytes that are no UTF-8 are replaced.
    Text(String),
    /// Too long to be kept.
    Dropped,
}

impl Input {
    /// The size in bytes of what is kept.
    fn len(&self) -> usize {
        match self {
            Self::Json(text) | Self::Text(text) => text.len(),
            Self::Dropped => 0,
        }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Json(_) => "Json",
            Self::Text(_) => "Text",
            Self::Dropped => "Dropped",
        };
        f.debug_struct(name).field("bytes", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = SOURCES.iter().map(|source| source.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SOURCES.len());
    }

    #[test]
    fn debug_shows_no_record() {
        let input = Input::Json(r#"{"password":"5e88"}"#.to_owned());
        assert_eq!(format!("{input:?}"), "Json { bytes: 19, .. }");
    }
}
