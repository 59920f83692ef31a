//! The store contract as SQL statements.
//!
//! [`Table`] says what a record type looks like in SQL and how rows are written; [`select`], [`count`]
//! and [`delete`] turn queries into statements; a [`Dialect`] says how an engine spells them. Nothing here
//! talks to a database: a store binds the parameters and runs the statements in its own way.
//! `rollbook-sqlite` is the shortest example. A store is free not to use it.

mod dialect;
mod name;
mod param;
mod part;
mod plan;
mod search;
mod statement;
mod table;
mod tally;
mod writer;

pub use dialect::{Dialect, Sqlite};
pub use param::Param;
pub use search::{Fit, search_text};
pub use statement::{Statement, count, delete, fit, select};
pub use table::{Elements, SearchTable, Table, rival, row, update};
pub use tally::{CREATE_TALLIES, Tally};
