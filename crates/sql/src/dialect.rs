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

    /// Whether `expression` is one of the values of the parameter `list`.
    fn any_of(&self, expression: &str, list: &str) -> String;

    /// Whether the text in `column` ends with the text `suffix`, which is not empty, byte for byte.
    fn ends_with(&self, column: &str, suffix: &str) -> String;

    /// Whether the text in `column` has the text `part` within, byte for byte.
    fn has_part(&self, column: &str, part: &str) -> String;

    /// Whether the text in `column`, named with its table, has one of the texts of `list` within.
    fn has_any_part(&self, column: &str, list: &str) -> String;

    /// Whether the list in `column`, a JSON text, has one of the texts of `list` as an element.
    fn contains_any(&self, column: &str, list: &str) -> String;

    /// Whether the list in `column`, a JSON text, has all of the texts of `list` as elements.
    fn contains_all(&self, column: &str, list: &str) -> String;
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

    fn any_of(&self, expression: &str, list: &str) -> String {
        format!("{expression} IN (SELECT value FROM json_each({list}))")
    }

    fn ends_with(&self, column: &str, suffix: &str) -> String {
        // As bytes: of a text, `substr` sees nothing behind a NUL. `IS`: of no bytes it makes a null.
        let bytes = |text: &str| format!("CAST({text} AS BLOB)");
        let (column, suffix) = (bytes(column), bytes(suffix));
        format!("substr({column}, -length({suffix})) IS {suffix}")
    }

    fn has_part(&self, column: &str, part: &str) -> String {
        format!("instr({column}, {part}) > 0")
    }

    fn has_any_part(&self, column: &str, list: &str) -> String {
        format!("EXISTS (SELECT 1 FROM json_each({list}) WHERE instr({column}, value) > 0)")
    }

    fn contains_any(&self, column: &str, list: &str) -> String {
        let any = self.any_of("value", list);
        format!("EXISTS (SELECT 1 FROM json_each({column}) WHERE {any})")
    }

    fn contains_all(&self, column: &str, list: &str) -> String {
        format!(
            "NOT EXISTS (SELECT value FROM json_each({list}) EXCEPT SELECT value FROM json_each({column}))"
        )
    }
}
