//! Connections: how they are opened, and how statements of `rollbook-sql` run on them.

use std::path::Path;
use std::time::Duration;

use rollbook_core::{Document, Query, Schema, StoreError};
use rollbook_sql::{Fit, Param, Sqlite, Statement, count, fit, select};
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, MAIN_DB, OpenFlags, ToSql, ffi};

use crate::{SqliteOptions, Synchronous};

/// Statements that a connection keeps prepared.
const PREPARED: usize = 64;

/// A connection that writes.
pub(crate) fn writer(path: &Path, options: &SqliteOptions) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, options.busy_timeout)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(
        None,
        "synchronous",
        match options.synchronous {
            Synchronous::Full => "FULL",
            Synchronous::Normal => "NORMAL",
        },
    )?;
    // What is deleted or replaced, a weak hash for example, is overwritten in the pages that are written
    // anyway.
    connection.pragma_update(None, "secure_delete", "FAST")?;
    // Large imports touch every page of every index. With less, the pages of a transaction are written to
    // the log several times; with the usual 1,000 pages of log, to the file after every transaction. Both
    // together make an import half as fast again. The memory is taken only when there is so much to write.
    connection.pragma_update(None, "cache_size", -131_072)?;
    connection.pragma_update(None, "wal_autocheckpoint", 10_000)?;
    Ok(connection)
}

/// An error if SQLite writes nothing to the file, which it decides without a word: at once for want of
/// permission, and once it has read a header that says so.
pub(crate) fn check_writable(connection: &Connection) -> rusqlite::Result<()> {
    if connection.is_readonly(MAIN_DB)? {
        let message = Some("the file can't be written".to_owned());
        return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_READONLY), message));
    }
    Ok(())
}

/// A connection that reads what was committed.
pub(crate) fn reader(path: &Path, options: &SqliteOptions) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, options.busy_timeout)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -8192)?;
    Ok(connection)
}

fn open(path: &Path, flags: OpenFlags, busy: Duration) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    check_writable(&connection)?;
    connection.busy_timeout(busy)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    // Plans depend on no bound value. Otherwise SQLite prepares a statement again whenever one changes that
    // its statistics know something about, which takes as long as to read a page of rows.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Damaged files must not make SQLite run code of their own.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

/// A parameter as rusqlite binds it.
pub(crate) struct Bound<'p>(pub(crate) Param<'p>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match &self.0 {
            Param::Null => ValueRef::Null,
            Param::Int(value) => ValueRef::Integer(*value),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Ints(values) => return json(serde_json::to_string(values)),
            Param::Texts(values) => return json(serde_json::to_string(values)),
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// A list as JSON, which `json_each` takes apart.
fn json(text: serde_json::Result<String>) -> rusqlite::Result<ToSqlOutput<'static>> {
    let text = text.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    Ok(text.into())
}

/// Runs a statement that returns no rows, and says how many it changed.
pub(crate) fn execute<'p>(
    connection: &Connection,
    sql: &str,
    params: impl IntoIterator<Item = Param<'p>>,
) -> rusqlite::Result<usize> {
    let mut statement = connection.prepare_cached(sql)?;
    statement.execute(rusqlite::params_from_iter(params.into_iter().map(Bound)))
}

/// The documents that `query` selects.
pub(crate) fn run_select(
    connection: &Connection,
    query: &Query,
) -> Result<Vec<Document>, StoreError> {
    let mut documents = Vec::new();
    let max = query.max().unwrap_or(u64::MAX);
    let mut found = 0_u64;
    each(connection, query, &mut |document| match fit(query) {
        Fit::Exact => {
            documents.push(document);
            true
        }
        Fit::Loose => {
            if query.matches(&document) {
                found += 1;
                if found > query.skip() && max > 0 {
                    documents.push(document);
                }
            }
            found < query.skip().saturating_add(max)
        }
    })?;
    Ok(documents)
}

/// Hands each document that the statement of `query` finds to `take`, until that wants no more.
fn each(
    connection: &Connection,
    query: &Query,
    take: &mut dyn FnMut(Document) -> bool,
) -> Result<(), StoreError> {
    let Statement { sql, params } = select(query, &Sqlite);
    let mut statement = connection.prepare_cached(&sql).map_err(StoreError::backend)?;
    let mut rows = statement
        .query(rusqlite::params_from_iter(params.into_iter().map(Bound)))
        .map_err(StoreError::backend)?;
    while let Some(row) = rows.next().map_err(StoreError::backend)? {
        if !take(document(row, query.schema())?) {
            break;
        }
    }
    Ok(())
}

/// What SQLite will do to select what `query` selects: a line for each step, those of a part of the
/// statement further in.
pub(crate) fn run_explain(connection: &Connection, query: &Query) -> Result<String, StoreError> {
    let Statement { sql, params } = select(query, &Sqlite);
    let explain = format!("EXPLAIN QUERY PLAN {sql}");
    let steps = || -> rusqlite::Result<Vec<(i64, i64, String)>> {
        let mut statement = connection.prepare(&explain)?;
        let rows = statement
            .query_map(rusqlite::params_from_iter(params.into_iter().map(Bound)), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(3)?))
            })?;
        rows.collect()
    };
    let steps = steps().map_err(StoreError::backend)?;
    let depth = |mut parent: i64| {
        let mut depth = 0;
        while let Some((_, above, _)) = steps.iter().find(|(id, ..)| *id == parent) {
            (parent, depth) = (*above, depth + 1);
        }
        depth
    };
    let line = |(_, parent, detail): &(i64, i64, String)| {
        format!("{}{detail}", "  ".repeat(depth(*parent)))
    };
    Ok(steps.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// How many documents satisfy the filters of `query`.
pub(crate) fn run_count(connection: &Connection, query: &Query) -> Result<u64, StoreError> {
    if fit(query) == Fit::Loose {
        let mut number = 0;
        each(connection, query, &mut |document| {
            number += u64::from(query.matches(&document));
            true
        })?;
        return Ok(number);
    }
    let Statement { sql, params } = count(query, &Sqlite);
    let mut statement = connection.prepare_cached(&sql).map_err(StoreError::backend)?;
    let params = rusqlite::params_from_iter(params.into_iter().map(Bound));
    let number: i64 = statement.query_row(params, |row| row.get(0)).map_err(StoreError::backend)?;
    Ok(number.cast_unsigned())
}

/// The document of a row of sequence, revision and body.
pub(crate) fn document(
    row: &rusqlite::Row<'_>,
    schema: &'static Schema,
) -> Result<Document, StoreError> {
    let sequence: i64 = row.get(0).map_err(StoreError::backend)?;
    let revision: i64 = row.get(1).map_err(StoreError::backend)?;
    let body = row.get_ref(2).and_then(|body| Ok(body.as_bytes()?)).map_err(StoreError::backend)?;
    let record = (schema.decode)(schema, body).map_err(|error| {
        let place = format!("row {sequence} of the {} holds no record: {error}", schema.name);
        StoreError::backend(place)
    })?;
    Ok(Document::new(revision.cast_unsigned(), sequence.cast_unsigned(), record))
}
