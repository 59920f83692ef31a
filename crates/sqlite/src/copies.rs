//! What stands beside the tables, written with every row: texts to search and elements of lists.
//!
//! A trigger follows deletions, so that what falls with its owner is not forgotten.

use rollbook_core::{Document, Value};
use rollbook_sql::{Elements, Param, Table, search_text};
use rusqlite::Connection;

use crate::connection::execute;

/// Writes what stands beside the row of `document`, which came or took the place of `before`. `searched` is
/// its [`search_text`].
pub(crate) fn write(
    connection: &Connection,
    table: &Table,
    before: Option<&Document>,
    document: &Document,
    searched: &str,
) -> rusqlite::Result<()> {
    let sequence = || Param::Int(document.sequence().cast_signed());
    let sql = table.search().and_then(|search| match before {
        None => Some(&search.insert),
        Some(before) => (!finds_same(before, searched)).then_some(&search.replace),
    });
    if let Some(sql) = sql {
        execute(connection, sql, [sequence(), Param::Text(searched.into())])?;
    }
    for Elements { field, insert, delete, .. } in table.elements() {
        let old = before.map_or(Value::Null, |before| field.read(before));
        let (old, new) = (list(old), list(field.read(document)));
        for element in old.iter().filter(|element| !new.contains(element)) {
            execute(connection, delete, [Param::Text(element.as_str().into()), sequence()])?;
        }
        for element in new.iter().filter(|element| !old.contains(element)) {
            execute(connection, insert, [Param::Text(element.as_str().into()), sequence()])?;
        }
    }
    Ok(())
}

/// Whether searches find the document as they will find it with `searched`. Most updates change nothing
/// there; to compare costs some microseconds, to write the text again ten times that.
fn finds_same(before: &Document, searched: &str) -> bool {
    let mut text = String::with_capacity(searched.len());
    search_text(before, &mut text);
    text == searched
}

fn list(value: Value<'_>) -> Vec<String> {
    match value {
        Value::List(list) => list.into_owned(),
        _ => Vec::new(),
    }
}
