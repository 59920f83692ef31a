//! The file: what marks it as ours, how it is created, and how it follows a change of the schemas.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::iter::repeat;
use std::path::Path;

use rollbook_core::{Schema, StoreError};
use rollbook_sql::{CREATE_TALLIES, Sqlite, Table};
use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior, ffi};

use crate::{OpenError, rebuild};

/// `roll`, in the header of the file (`PRAGMA application_id`).
const APPLICATION_ID: u32 = 0x726f_6c6c;

/// The format of the tables that this version writes, in the header of the file (`PRAGMA user_version`).
const FORMAT: u32 = 1;

/// How often the write-ahead log is tried to be turned on. Whoever was faster is done after a round.
const MOST_ROUNDS: usize = 100;

/// The size of the header of a SQLite file, and where the numbers stand in it
/// (SQLite file format, 1.3).
const HEADER: usize = 100;
const PAGE_SIZE_AT: usize = 16;
const USER_VERSION_AT: usize = 60;
const APPLICATION_ID_AT: usize = 68;

/// Refuses a file that is not ours by its header, without opening it as a database, which might change
/// it. No file, or an empty one, is as good as one of ours.
pub(crate) fn inspect(path: &Path) -> Result<(), OpenError> {
    let io = |source| OpenError::Io { path: path.to_owned(), source };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            if directory.is_some_and(|directory| !directory.is_dir()) {
                let reason = "there is no such directory; make it first";
                return Err(io(std::io::Error::new(ErrorKind::NotFound, reason)));
            }
            return Ok(());
        }
        Err(error) => return Err(io(error)),
    };
    let mut header = Vec::new();
    file.by_ref().take(HEADER as u64).read_to_end(&mut header).map_err(io)?;
    if header.is_empty() {
        return Ok(());
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
        FORMAT if is_cut(&file, path, number(PAGE_SIZE_AT) >> 16).map_err(io)? => {
            let message = Some("the end of the file is missing".to_owned());
            let source =
                rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), message);
            Err(OpenError::Sqlite { path: path.to_owned(), source })
        }
        FORMAT => Ok(()),
        // There was no such format.
        0 => Err(OpenError::NotADatabase { path: path.to_owned() }),
        found => Err(OpenError::Newer { path: path.to_owned(), found, known: FORMAT }),
    }
}

/// Whether the end of the last page is missing. SQLite itself only misses whole pages, and reads zeros.
fn is_cut(file: &File, path: &Path, page_size: u32) -> std::io::Result<bool> {
    // As long as there is a log, what was written last stands there in full.
    let has_log = ["-wal", "-journal"].iter().any(|end| {
        let mut log = path.as_os_str().to_owned();
        log.push(end);
        Path::new(&log).exists()
    });
    // 1 stands for 65536; other numbers that are no sizes are SQLite's to refuse.
    let page_size = if page_size == 1 { 65_536 } else { page_size };
    Ok(page_size >= 512 && !has_log && file.metadata()?.len() % u64::from(page_size) != 0)
}

/// Makes the file ours, if it is not. The marks are written before the write-ahead log exists, so that
/// they stand in the file itself whatever happens afterwards.
///
/// Also for a file whose header says that it is ours: when a process died while it made the file, there
/// is nothing left as soon as SQLite has undone what had been begun.
pub(crate) fn create(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    if application_id(connection).map_err(sqlite)? == APPLICATION_ID {
        return Ok(());
    }
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite)?;
    // Another process may have been faster, and it may be one of another application.
    let id = application_id(&transaction).map_err(sqlite)?;
    if id == APPLICATION_ID {
        return Ok(());
    }
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = transaction.query_row(tables, (), |row| row.get(0)).map_err(sqlite)?;
    if tables > 0 {
        return Err(OpenError::Foreign { path: path.to_owned(), id });
    }
    transaction
        .execute_batch(&format!(
            "PRAGMA application_id = {APPLICATION_ID};
            PRAGMA user_version = {FORMAT};
            CREATE TABLE rollbook_schemas (
                name TEXT PRIMARY KEY,
                fingerprint TEXT NOT NULL,
                last_sequence INTEGER NOT NULL
            ) STRICT"
        ))
        .and_then(|()| transaction.commit())
        .map_err(sqlite)
}

fn application_id(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "application_id", |row| row.get(0))
}

/// Turns the write-ahead log on; it stays on.
///
/// When several do so at once, SQLite refuses all but one without waiting, lest they wait for each other.
/// So who is refused waits for the file to be free, in the usual way, and tries again.
pub(crate) fn log_ahead(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    let turn_on = || {
        let mode = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
        connection.pragma_update_and_check(None, "journal_mode", "WAL", mode)
    };
    let mut mode = turn_on();
    for _ in 0..MOST_ROUNDS {
        match &mode {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                connection.execute_batch("BEGIN EXCLUSIVE; COMMIT").map_err(sqlite)?;
            }
            _ => break,
        }
        mode = turn_on();
    }
    // Where it can't be, SQLite goes on without it and without a word.
    match mode.map_err(sqlite)? {
        mode if mode == "wal" => Ok(()),
        mode => Err(OpenError::NoLog { path: path.to_owned(), mode }),
    }
}

/// Creates the tables that are missing, and builds those anew whose schema has changed.
pub(crate) fn adapt(
    connection: &mut Connection,
    path: &Path,
    schemas: &[&'static Schema],
) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    if changes(connection, schemas).map_err(sqlite)?.is_empty() {
        return Ok(());
    }
    // While a table is replaced, those that refer to it must not lose their rows (SQLite, ALTER TABLE, 7).
    connection.pragma_update(None, "foreign_keys", false).map_err(sqlite)?;
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite)?;
    // Another process may have been faster.
    let changed = changes(&transaction, schemas).map_err(sqlite)?;
    transaction.execute_batch(CREATE_TALLIES).map_err(sqlite)?;
    for &(schema, exists) in &changed {
        let table = Table::new(schema, &Sqlite);
        rebuild::begin(&transaction, &table, exists).map_err(sqlite)?;
        if exists {
            rebuild::fill(&transaction, path, &table)?;
        }
        // Those of the unique tuples come first.
        let keys = schema.uniques.iter().map(|unique| Some(unique.name)).chain(repeat(None));
        for (index, key) in table.create_indexes().iter().zip(keys) {
            transaction
                .execute_batch(index)
                .map_err(|error| violation(path, schema, key, error))?;
        }
        if let Some(trigger) = table.create_trigger(&Sqlite) {
            transaction.execute_batch(&trigger).map_err(sqlite)?;
        }
        transaction
            .execute(
                "INSERT INTO rollbook_schemas (name, fingerprint, last_sequence) VALUES (?1, ?2, 0)
                 ON CONFLICT (name) DO UPDATE SET fingerprint = excluded.fingerprint",
                (schema.name, table.fingerprint()),
            )
            .map_err(sqlite)?;
    }
    // The keys were not checked while they were off.
    for (schema, _) in changed.into_iter().filter(|(_, exists)| *exists) {
        if let Some(source) = orphan(&transaction, schema).map_err(sqlite)? {
            return Err(OpenError::Rule { path: path.to_owned(), schema: schema.name, source });
        }
    }
    transaction.commit().map_err(sqlite)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(sqlite)
}

/// The schemas that are not as the file has them, and whether it has them at all.
fn changes(
    connection: &Connection,
    schemas: &[&'static Schema],
) -> rusqlite::Result<Vec<(&'static Schema, bool)>> {
    let sql = "SELECT fingerprint FROM rollbook_schemas WHERE name = ?1";
    let mut statement = connection.prepare(sql)?;
    let mut changed = Vec::new();
    for schema in schemas {
        let known: Option<String> =
            statement.query_row([schema.name], |row| row.get(0)).optional()?;
        if known.as_deref() != Some(&Table::new(schema, &Sqlite).fingerprint()) {
            changed.push((*schema, known.is_some()));
        }
    }
    Ok(changed)
}

/// An owner that is missing, as the error that a put would be answered with.
fn orphan(
    connection: &Connection,
    schema: &'static Schema,
) -> rusqlite::Result<Option<StoreError>> {
    for (field, owner) in schema.owner_fields() {
        let (table, field) = (schema.name, field.name());
        let sql = format!(
            "SELECT \"{field}\" FROM \"{table}\"
             WHERE \"{field}\" NOT IN (SELECT \"$id\" FROM \"{0}\") LIMIT 1",
            owner.name
        );
        let id: Option<String> = connection.query_row(&sql, (), |row| row.get(0)).optional()?;
        if let Some(id) = id {
            return Ok(Some(StoreError::NotFound { schema: owner.name, id }));
        }
    }
    Ok(None)
}

/// The error for a row or index that SQLite refuses: that of the unique tuple `key`, if it is one.
pub(crate) fn violation(
    path: &Path,
    schema: &'static Schema,
    key: Option<&'static str>,
    error: rusqlite::Error,
) -> OpenError {
    let path = path.to_owned();
    match key {
        Some(key) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            let schema = schema.name;
            OpenError::Rule { path, schema, source: StoreError::Conflict { schema, key } }
        }
        _ => OpenError::Sqlite { path, source: error },
    }
}
