//! SQLite by hand: the same table, the same indexes, prepared statements, nothing else.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use crate::{Person, person};

/// The columns of a user, as the table of the SQLite store has them.
const COLUMNS: &str = "\"$sequence\" INTEGER PRIMARY KEY, \"$id\" TEXT NOT NULL UNIQUE,
    \"$revision\" INTEGER NOT NULL, body TEXT NOT NULL, name TEXT, email TEXT, phone TEXT,
    status INTEGER, labels TEXT, \"passwordUpdate\" INTEGER, registration INTEGER,
    \"emailVerification\" INTEGER, \"phoneVerification\" INTEGER, \"accessedAt\" INTEGER,
    \"$createdAt\" INTEGER, \"$updatedAt\" INTEGER";

/// Inserts a row of the table.
pub const INSERT: &str = "INSERT INTO users VALUES
    (?1, ?2, 1, ?3, ?4, ?5, ?6, 1, '[]', ?7, ?7, 0, 0, NULL, ?7, ?7)";

/// Opens a file with the settings of the SQLite store.
///
/// # Panics
///
/// If SQLite fails.
pub fn open(path: &Path) -> Connection {
    let connection = Connection::open(path).expect("the file opens");
    connection.pragma_update(None, "journal_mode", "WAL").expect("the log is made");
    connection.pragma_update(None, "synchronous", "FULL").expect("it can be set");
    connection.pragma_update(None, "foreign_keys", true).expect("it can be set");
    connection.pragma_update(None, "cache_size", -65_536).expect("it can be set");
    connection
}

/// Creates the table and its unique indexes.
///
/// # Panics
///
/// If SQLite fails.
pub fn create(connection: &Connection) {
    connection
        .execute_batch(&format!(
            "CREATE TABLE users ({COLUMNS}) STRICT;
             CREATE UNIQUE INDEX users_email ON users (email);
             CREATE UNIQUE INDEX users_phone ON users (phone);"
        ))
        .expect("the table is created");
}

/// The JSON that stands for a user in the raw table, as long as that of the store.
pub fn body(person: &Person) -> String {
    format!(
        "{{\"$id\":\"{}\",\"$createdAt\":{r},\"$updatedAt\":{r},\"name\":\"{}\",\"email\":\"{}\",\
         \"phone\":\"{}\",\"credential\":{{\"algorithm\":\"bcrypt\",\"hash\":\"{}\",\"options\":\
         {{\"type\":\"bcrypt\",\"cost\":10}}}},\"passwordUpdate\":{r},\"registration\":{r},\
         \"status\":true,\"emailVerification\":false,\"phoneVerification\":false,\
         \"prefs\":{{\"theme\":\"dark\",\"n\":55}}}}",
        person.id,
        person.name,
        person.email,
        person.phone,
        person.hash,
        r = person.registration,
    )
}

/// Inserts user `n` with a prepared statement.
///
/// # Errors
///
/// What SQLite says.
pub fn insert(connection: &Connection, n: u64, person: &Person) -> rusqlite::Result<usize> {
    let mut statement = connection.prepare_cached(INSERT)?;
    statement.execute((
        n.cast_signed() + 1,
        &person.id,
        body(person),
        &person.name,
        &person.email,
        &person.phone,
        person.registration,
    ))
}

/// Inserts users `0..number` in transactions of 10,000.
///
/// # Panics
///
/// If SQLite fails.
pub fn import(connection: &Connection, number: u64) {
    for from in (0..number).step_by(10_000) {
        connection.execute_batch("BEGIN IMMEDIATE").expect("it begins");
        for n in from..(from + 10_000).min(number) {
            insert(connection, n, &person(n)).expect("the row is new");
        }
        connection.execute_batch("COMMIT").expect("it commits");
    }
}

/// The body of the user whose `column` is `value`, by a prepared statement.
///
/// # Panics
///
/// If SQLite fails.
pub fn find(connection: &Connection, column: &str, value: &str) -> Option<(i64, i64, String)> {
    let sql = format!("SELECT \"$sequence\", \"$revision\", body FROM users WHERE {column} = ?1");
    let mut statement = connection.prepare_cached(&sql).expect("the statement is right");
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    statement.query_row([value], row).optional().expect("it is found or not")
}

/// The 25 bodies after `sequence`.
///
/// # Panics
///
/// If SQLite fails.
pub fn page(connection: &Connection, sequence: i64) -> Vec<String> {
    let sql = "SELECT body FROM users WHERE \"$sequence\" > ?1 ORDER BY \"$sequence\" LIMIT 25";
    let mut statement = connection.prepare_cached(sql).expect("the statement is right");
    let rows = statement.query_map([sequence], |row| row.get(0)).expect("it runs");
    rows.collect::<rusqlite::Result<_>>().expect("rows are texts")
}
