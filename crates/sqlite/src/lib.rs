//! The user store on SQLite: one file, durable, fast, and nothing to install.
//!
//! [`SqliteStore::open`] is all there is to it; [`SqliteOptions`] has the settings. SQLite is compiled in.
//!
//! # How it works
//!
//! The file has a write-ahead log. One thread writes: it takes the commits of all callers that wait and
//! makes them durable with one flush. Reads run beside it on connections of their own and never wait for
//! it: what reads a handful of rows on the caller's thread, everything else on a pool of threads. With
//! [`Synchronous::Full`], the default, an acknowledged commit survives the loss of power.
//!
//! # What the file holds
//!
//! A table per record type: `body` is the record as JSON, the other columns are copies of its queryable
//! fields. Beside it stand an FTS5 table of what is searched, a table of the elements of each list, and
//! tallies, so that a list with its total needs no look at every row. When the fields or indexes of a record type change, all of it is built anew from the bodies
//! as the file is opened. Files of other applications, damaged files and files of a newer format are
//! refused and left as they are.

mod connection;
mod copies;
mod error;
mod format;
mod job;
mod options;
mod readers;
mod rebuild;
mod rows;
mod store;
mod writer;

pub use error::OpenError;
pub use options::{SqliteOptions, Synchronous};
pub use store::SqliteStore;
