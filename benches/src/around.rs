//! What stands around a user, in SQLite by hand: targets, sessions, log entries, the words of the search.
//!
//! The columns are those of the SQLite store; the indexes are what one needs to find a target or a session
//! by what is unique of it, and all of a user's.

use rollbook::Session;
use rusqlite::{Connection, Result};

use crate::{Person, raw};

/// Adds the tables to those of [`raw::create`].
///
/// # Panics
///
/// If SQLite fails.
pub fn create(connection: &Connection) {
    let owned = "\"$sequence\" INTEGER PRIMARY KEY, \"$id\" TEXT NOT NULL UNIQUE,
        \"$revision\" INTEGER NOT NULL, body TEXT NOT NULL,
        \"userId\" TEXT NOT NULL REFERENCES users (\"$id\") ON DELETE CASCADE";
    connection
        .execute_batch(&format!(
            "CREATE TABLE targets ({owned}, \"providerType\" TEXT, identifier TEXT, \"$createdAt\" INTEGER,
                \"$updatedAt\" INTEGER) STRICT;
             CREATE UNIQUE INDEX targets_identifier ON targets (identifier);
             CREATE INDEX targets_user ON targets (\"userId\");
             CREATE TABLE sessions ({owned}, secret TEXT, \"$createdAt\" INTEGER, expire INTEGER) STRICT;
             CREATE UNIQUE INDEX sessions_secret ON sessions (secret);
             CREATE INDEX sessions_user ON sessions (\"userId\");
             CREATE TABLE logs ({owned}, time INTEGER) STRICT;
             CREATE INDEX logs_user ON logs (\"userId\");
             CREATE VIRTUAL TABLE search USING fts5(tokens, content = '', contentless_delete = 1,
                tokenize = 'ascii', prefix = '2');"
        ))
        .expect("the tables are created");
}

/// Inserts user `n` with its targets, its log entry and its words; to be called within a transaction.
///
/// # Errors
///
/// What SQLite says.
pub fn insert(connection: &Connection, n: u64, person: &Person) -> Result<()> {
    raw::insert(connection, n, person)?;
    let Person { id, email, phone, name, registration, .. } = person;
    let sql = "INSERT INTO targets VALUES (NULL, ?1, 1, ?2, ?3, ?4, ?5, ?6, ?6)";
    let mut statement = connection.prepare_cached(sql)?;
    for (kind, identifier) in [("email", email), ("sms", phone)] {
        let body = format!(
            "{{\"$id\":\"{id}{kind}\",\"$createdAt\":{registration},\"$updatedAt\":{registration},\
             \"userId\":\"{id}\",\"providerType\":\"{kind}\",\"identifier\":\"{identifier}\"}}"
        );
        statement.execute((format!("{id}{kind}"), body, id, kind, identifier, registration))?;
    }
    log(connection, &format!("{id}created"), id, "user.create", *registration)?;
    let mut statement =
        connection.prepare_cached("INSERT INTO search (rowid, tokens) VALUES (?1, ?2)")?;
    let tokens = format!("{id} ¦ {name} ¦ {email} ¦ {phone}").to_lowercase();
    statement.execute((n.cast_signed() + 1, tokens))?;
    Ok(())
}

/// Inserts a log entry.
///
/// # Errors
///
/// What SQLite says.
pub fn log(connection: &Connection, id: &str, user: &str, event: &str, time: i64) -> Result<()> {
    let sql = "INSERT INTO logs VALUES (NULL, ?1, 1, ?2, ?3, ?4)";
    let body =
        format!("{{\"$id\":\"{id}\",\"userId\":\"{user}\",\"event\":\"{event}\",\"time\":{time}}}");
    connection.prepare_cached(sql)?.execute((id, body, user, time))?;
    Ok(())
}

/// Inserts a session.
///
/// # Panics
///
/// If a session can't be written as JSON.
///
/// # Errors
///
/// What SQLite says.
pub fn session(connection: &Connection, session: &Session) -> Result<()> {
    let sql = "INSERT INTO sessions VALUES (NULL, ?1, 1, ?2, ?3, ?4, ?5, ?6)";
    let body = serde_json::to_string(session).expect("a session is JSON");
    let Session { id, user_id, secret, created_at, expire, .. } = session;
    let (created, expire) = (created_at.as_millis(), expire.as_millis());
    let row = (id.as_str(), body, user_id.as_str(), secret.as_str(), created, expire);
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// Writes that a user was there at `time`.
///
/// # Errors
///
/// What SQLite says.
pub fn accessed(connection: &Connection, user: &str, body: &str, time: i64) -> Result<()> {
    let sql = "UPDATE users SET \"$revision\" = \"$revision\" + 1, body = ?2, \"accessedAt\" = ?3,
        \"$updatedAt\" = ?3 WHERE \"$id\" = ?1";
    connection.prepare_cached(sql)?.execute((user, body, time))?;
    Ok(())
}

/// Deletes a user and all that is around it, in one transaction.
///
/// # Errors
///
/// What SQLite says.
pub fn delete(connection: &Connection, user: &str) -> Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for sql in [
        "DELETE FROM logs WHERE \"userId\" = ?1",
        "DELETE FROM sessions WHERE \"userId\" = ?1",
        "DELETE FROM targets WHERE \"userId\" = ?1",
        "DELETE FROM search WHERE rowid = (SELECT \"$sequence\" FROM users WHERE \"$id\" = ?1)",
        "DELETE FROM users WHERE \"$id\" = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([user])?;
    }
    connection.execute_batch("COMMIT")
}

/// The bodies of the session with this digest and of its user.
///
/// # Errors
///
/// What SQLite says; also when there is none.
pub fn validate(connection: &Connection, digest: &str) -> Result<(String, String)> {
    let sql = "SELECT sessions.body, users.body FROM sessions JOIN users
        ON users.\"$id\" = sessions.\"userId\" WHERE secret = ?1";
    connection.prepare_cached(sql)?.query_row([digest], |row| Ok((row.get(0)?, row.get(1)?)))
}
