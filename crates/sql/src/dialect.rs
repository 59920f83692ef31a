//! What differs between SQL engines.

use std::fmt;

use rollbook_core::{Kind, Search};

use crate::name::quoted;
use crate::search::{Fit, match_expression};

/// How one engine spells what the statements need.
pub trait Dialect: fmt::Debug + Sync {
    /// The type of a column that holds values of `kind`.
    fn column_type(&self, kind: Kind) -> &'static str;

    /// What follows the columns of a table.
    fn table_suffix(&self) -> &'static str;

    /// What follows the columns of a table whose rows are nothing but their key.
    fn key_table_suffix(&self) -> &'static str;

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

    /// Selects the elements of the list in `column`, a JSON text.
    fn elements(&self, column: &str) -> String;

    /// What follows a table's name so that it is read through `index`; empty if the engine takes no advice.
    fn through(&self, index: &str) -> String;

    /// The index that the engine made for the unique column `$id` of `table`.
    fn id_index(&self, table: &str) -> String;

    /// Runs `statements` for each row that is deleted from `table`, which they call `OLD`, also when it
    /// falls with its owner.
    fn after_delete(&self, table: &str, statements: &[String]) -> String;

    /// Creates the table `name` of texts to search, whose rows are numbered by sequence.
    fn create_search(&self, name: &str) -> Vec<String>;

    /// Adds a text to search; the parameters are its sequence and the text.
    fn insert_search(&self, name: &str) -> String;

    /// Puts a text to search in the place of another; the parameters are the same.
    fn replace_search(&self, name: &str) -> String;

    /// Takes the text of the row `sequence` out of the table `name`.
    fn delete_search(&self, name: &str, sequence: &str) -> String;

    /// What a search is bound as, if it has any words.
    fn search(&self, search: &Search, fit: Fit) -> Option<String>;

    /// Selects, as `sequence`, the rows of the table `name` in which the search in `placeholder` finds
    /// something.
    fn found(&self, name: &str, placeholder: &str, sequence: &str) -> String;
}

/// SQLite 3.43 or later.
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

    fn key_table_suffix(&self) -> &'static str {
        " STRICT, WITHOUT ROWID"
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

    fn elements(&self, column: &str) -> String {
        format!("SELECT value FROM json_each({column})")
    }

    fn through(&self, index: &str) -> String {
        format!(" INDEXED BY {}", quoted(index))
    }

    fn id_index(&self, table: &str) -> String {
        format!("sqlite_autoindex_{table}_1")
    }

    fn after_delete(&self, table: &str, statements: &[String]) -> String {
        let name = quoted(&format!("{table} deleted"));
        let (table, statements) = (quoted(table), statements.join("; "));
        format!("CREATE TRIGGER {name} AFTER DELETE ON {table} BEGIN {statements}; END")
    }

    /// The tokenizer takes ASCII letters and digits and everything beyond ASCII for letters, so it finds
    /// the very tokens that the text was joined from. It cuts tokens after 32,768 bytes, which no search is
    /// long enough to notice.
    ///
    /// Beginnings of two letters have an index: a page of those that 100,000 users have takes 23 µs with it
    /// and 290 without. One for one letter or for three costs an import 2.5 µs a row each. Segments are
    /// merged by sixteen, not by four, which saves an import a third of what it spends here; a search
    /// becomes slower by a sixth.
    fn create_search(&self, name: &str) -> Vec<String> {
        let name = quoted(name);
        let create = format!(
            "CREATE VIRTUAL TABLE {name} USING fts5(tokens, content = '', contentless_delete = 1, \
             tokenize = 'ascii', prefix = '2')"
        );
        let merge = format!("INSERT INTO {name} ({name}, rank) VALUES ('automerge', 16)");
        vec![create, merge]
    }

    fn insert_search(&self, name: &str) -> String {
        format!("INSERT INTO {} (rowid, tokens) VALUES (?1, ?2)", quoted(name))
    }

    fn replace_search(&self, name: &str) -> String {
        format!("INSERT OR REPLACE INTO {} (rowid, tokens) VALUES (?1, ?2)", quoted(name))
    }

    fn delete_search(&self, name: &str, sequence: &str) -> String {
        format!("DELETE FROM {} WHERE rowid = {sequence}", quoted(name))
    }

    fn search(&self, search: &Search, fit: Fit) -> Option<String> {
        match_expression(search, fit)
    }

    fn found(&self, name: &str, placeholder: &str, sequence: &str) -> String {
        let name = quoted(name);
        format!("SELECT rowid AS {sequence} FROM {name} WHERE {name} MATCH {placeholder}")
    }
}
