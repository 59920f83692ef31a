//! What differs between SQL engines.

use std::fmt;

use rollbook_core::Kind;

/// How one engine spells what the statements need.
pub trait Dialect: fmt::Debug + Sync {
    /// The type of a column that holds values of `kind`.
    fn column_type(&self, kind: Kind) -> &'static str;

    /// What follows the columns of a table.
    fn table_suffix(&self) -> &'static str;

    /// The placeholder of the n-th parameter, counted from 1.
    fn placeholder(&self, n: usize) -> String;

    /// Whether the list in `column`, a JSON text, has one of the elements in `placeholders`.
    fn contains(&self, column: &str, placeholders: &str) -> String;
}

/// SQLite 3.38 or later.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to configure")]
pub struct Sqlite;

impl Dialect for Sqlite {
    fn column_type(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Bool | Kind::Int | Kind::Time => "INTEGER",
            Kind::Text | Kind::List => "TEXT",
        }
    }

    fn table_suffix(&self) -> &'static str {
        " STRICT"
    }

    fn placeholder(&self, n: usize) -> String {
        format!("?{n}")
    }

    fn contains(&self, column: &str, placeholders: &str) -> String {
        format!("EXISTS (SELECT 1 FROM json_each({column}) WHERE value IN ({placeholders}))")
    }
}
