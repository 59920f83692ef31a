//! The file: what marks it as ours, how it is created, and how it follows a change of the schemas.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use rollbook_core::{Document, Schema};
use rollbook_sql::{Sqlite, Table, row};
use rusqlite::{Connection, TransactionBehavior};

use crate::OpenError;
use crate::connection::execute;

/// `roll`, in the header of the file (`PRAGMA application_id`).
const APPLICATION_ID: u32 = 0x726f_6c6c;

/// The format of the tables that this version writes, in the header of the file (`PRAGMA user_version`).
const FORMAT: u32 = 1;

/// The size of the header of a SQLite file, and where the numbers stand in it
/// (SQLite file format, 1.3).
const HEADER: usize = 100;
const USER_VERSION_AT: usize = 60;
const APPLICATION_ID_AT: usize = 68;

/// Whose file it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// There is none, or it is empty.
    Missing,
    /// It is ours.
    Ours,
}

/// Looks at the header of the file without opening it as a database, which might change it.
pub(crate) fn inspect(path: &Path) -> Result<State, OpenError> {
    let io = |source| OpenError::Io { path: path.to_owned(), source };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(State::Missing),
        Err(error) => return Err(io(error)),
    };
    let mut header = Vec::new();
    file.by_ref().take(HEADER as u64).read_to_end(&mut header).map_err(io)?;
    if header.is_empty() {
        return Ok(State::Missing);
    }
    if header.len() < HEADER || !header.starts_with(b"SQLite format 3\0") {
        return Err(OpenError::NotADatabase { path: path.to_owned() });
    }
    let number = |at: usize| header[at..at + 4].iter().fold(0, |n, byte| n << 8 | u32::from(*byte));
    let id = number(APPLICATION_ID_AT);
    if id != APPLICATION_ID {
        return Err(OpenError::Foreign { path: path.to_owned(), id });
    }
    match number(USER_VERSION_AT) {
        FORMAT => Ok(State::Ours),
        found => Err(OpenError::Newer { path: path.to_owned(), found, known: FORMAT }),
    }
}

/// Makes the file ours. The marks are written before the write-ahead log exists, so that they stand in
/// the file itself whatever happens afterwards.
pub(crate) fn create(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let id: u32 = transaction.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id != APPLICATION_ID {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", FORMAT)?;
        transaction.execute_batch(
            "CREATE TABLE rollbook_schemas (
                name TEXT PRIMARY KEY,
                fingerprint TEXT NOT NULL,
                last_sequence INTEGER NOT NULL
            ) STRICT",
        )?;
    }
    transaction.commit()
}

/// Creates the tables that are missing, and builds those anew whose schema has changed.
pub(crate) fn adapt(
    connection: &mut Connection,
    path: &Path,
    schemas: &[&'static Schema],
) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    let mut changed = Vec::new();
    for schema in schemas {
        let known = fingerprint(connection, schema).map_err(sqlite)?;
        if known.as_deref() != Some(&schema.fingerprint()) {
            changed.push((*schema, known.is_some()));
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    // While a table is replaced, those that refer to it must not lose their rows (SQLite, ALTER TABLE, 7).
    connection.pragma_update(None, "foreign_keys", false).map_err(sqlite)?;
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite)?;
    for (schema, exists) in changed {
        let table = Table::new(schema, &Sqlite);
        if exists {
            rebuild(&transaction, path, &table)?;
        } else {
            transaction.execute_batch(&table.create(schema.name, &Sqlite)).map_err(sqlite)?;
        }
        for index in table.create_indexes() {
            transaction.execute_batch(&index).map_err(sqlite)?;
        }
        transaction
            .execute(
                "INSERT INTO rollbook_schemas (name, fingerprint, last_sequence) VALUES (?1, ?2, 0)
                 ON CONFLICT (name) DO UPDATE SET fingerprint = excluded.fingerprint",
                (schema.name, schema.fingerprint()),
            )
            .map_err(sqlite)?;
    }
    transaction.commit().map_err(sqlite)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(sqlite)
}

fn fingerprint(connection: &Connection, schema: &Schema) -> rusqlite::Result<Option<String>> {
    use rusqlite::OptionalExtension;
    let sql = "SELECT fingerprint FROM rollbook_schemas WHERE name = ?1";
    connection.query_row(sql, [schema.name], |row| row.get(0)).optional()
}

/// Fills a new table from the bodies of the old one, and puts it in its place.
fn rebuild(connection: &Connection, path: &Path, table: &Table) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    let schema = table.schema();
    let (old, new) = (schema.name, format!("{} new", schema.name));
    connection.execute_batch(&table.create(&new, &Sqlite)).map_err(sqlite)?;
    let insert = table.insert().replacen(&format!("\"{old}\""), &format!("\"{new}\""), 1);
    let select = format!("SELECT \"$sequence\", \"$revision\", \"$id\", body FROM \"{old}\"");
    let mut statement = connection.prepare(&select).map_err(sqlite)?;
    let mut rows = statement.query(()).map_err(sqlite)?;
    while let Some(row) = rows.next().map_err(sqlite)? {
        let (sequence, revision): (i64, i64) =
            row.get(0).and_then(|sequence| Ok((sequence, row.get(1)?))).map_err(sqlite)?;
        let body = row.get_ref(3).and_then(|body| Ok(body.as_bytes()?)).map_err(sqlite)?;
        let record = (schema.decode)(body).map_err(|source| OpenError::Record {
            path: path.to_owned(),
            schema: schema.name,
            id: row.get(2).unwrap_or_default(),
            source,
        })?;
        let (sequence, revision) = (sequence.cast_unsigned(), revision.cast_unsigned());
        let body = std::str::from_utf8(body).map_err(|error| sqlite(error.into()))?;
        let document = Document::new(revision, sequence, record);
        execute(connection, &insert, self::row(&document, body)).map_err(sqlite)?;
    }
    let replace = format!("DROP TABLE \"{old}\"; ALTER TABLE \"{new}\" RENAME TO \"{old}\"");
    connection.execute_batch(&replace).map_err(sqlite)
}
