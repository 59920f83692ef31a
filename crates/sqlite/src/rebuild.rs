//! How a table follows a change of its schema: built anew from the bodies.

use std::path::Path;

use rollbook_core::Document;
use rollbook_sql::{Sqlite, Statement, Table, Tally, row, search_text};
use rusqlite::Connection;

use crate::connection::execute;
use crate::format::violation;
use crate::{OpenError, copies};

/// Creates the table and what stands beside it, empty. If there is a table already, the new one waits under
/// another name.
pub(crate) fn begin(connection: &Connection, table: &Table, exists: bool) -> rusqlite::Result<()> {
    let schema = table.schema();
    let name = if exists { format!("{} new", schema.name) } else { schema.name.to_owned() };
    let mut names = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    let names: Vec<String> =
        names.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let old = names.iter().filter(|name| table.is_copy(name));
    let statements = old
        .map(|name| format!("DROP TABLE \"{name}\""))
        .chain([table.create(&name, &Sqlite)])
        .chain(table.create_copies(&Sqlite))
        .chain(Tally::new(schema).reset());
    for statement in statements {
        connection.execute_batch(&statement)?;
    }
    Ok(())
}

/// Fills a new table, and all that stands beside it, from the bodies of the old one, and puts it in its
/// place.
pub(crate) fn fill(connection: &Connection, path: &Path, table: &Table) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    let schema = table.schema();
    let (old, new) = (schema.name, format!("{} new", schema.name));
    let insert = table.insert().replacen(&format!("\"{old}\""), &format!("\"{new}\""), 1);
    let select = format!("SELECT \"$sequence\", \"$revision\", \"$id\", body FROM \"{old}\"");
    let mut statement = connection.prepare(&select).map_err(sqlite)?;
    let mut rows = statement.query(()).map_err(sqlite)?;
    let (mut tally, mut searched) = (Tally::new(schema), String::new());
    while let Some(row) = rows.next().map_err(sqlite)? {
        let (sequence, revision): (i64, i64) =
            row.get(0).and_then(|sequence| Ok((sequence, row.get(1)?))).map_err(sqlite)?;
        let body = row.get_ref(3).and_then(|body| Ok(body.as_bytes()?)).map_err(sqlite)?;
        let record = (schema.decode)(schema, body).map_err(|source| OpenError::Record {
            path: path.to_owned(),
            schema: schema.name,
            id: row.get(2).unwrap_or_default(),
            source,
        })?;
        let (sequence, revision) = (sequence.cast_unsigned(), revision.cast_unsigned());
        let body = std::str::from_utf8(body).map_err(|error| sqlite(error.into()))?;
        let document = Document::new(revision, sequence, record);
        execute(connection, &insert, self::row(&document, body))
            .map_err(|error| violation(path, schema, Some("$id"), error))?;
        searched.clear();
        search_text(&document, &mut searched);
        copies::write(connection, table, None, &document, &searched).map_err(sqlite)?;
        tally.count(None, &document);
    }
    for Statement { sql, params } in tally.changes(&Sqlite) {
        execute(connection, &sql, params).map_err(sqlite)?;
    }
    let replace = format!("DROP TABLE \"{old}\"; ALTER TABLE \"{new}\" RENAME TO \"{old}\"");
    connection.execute_batch(&replace).map_err(sqlite)
}
