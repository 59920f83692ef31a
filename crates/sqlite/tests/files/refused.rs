//! Files that are not ours, or too new: the message names the file, what is wrong and what to do, and
//! nothing in the directory changes.

use std::fs;

use insta::assert_snapshot;
use rollbook_core::{Random, SeededRandom};
use rollbook_sqlite::SqliteStore;
use rusqlite::Connection;

use crate::Place;

#[test]
fn a_text() {
    let place = Place::with("id,email\n".repeat(100));
    assert_snapshot!(place.refused(), @"DIR/users.db: not a SQLite database, or its beginning is damaged; choose another file name, or restore it from a backup");
}

#[test]
fn the_beginning_of_a_header() {
    let bytes = Place::with_users(1).bytes();
    for length in 1..100 {
        let message = Place::with(&bytes[..length]).refused();
        assert!(message.contains("not a SQLite database"), "{length}: {message}");
    }
}

#[test]
fn random_bytes() {
    for (seed, length) in [1, 99, 100, 101, 4096, 10_000].into_iter().enumerate() {
        let mut bytes = vec![0; length];
        SeededRandom::new(seed as u64).fill(&mut bytes);
        let message = Place::with(bytes).refused();
        assert!(message.contains("not a SQLite database"), "{length}: {message}");
    }
}

#[test]
fn an_application_without_an_id() {
    let place = Place::new();
    let other = place.other();
    // The tables may even be called like ours.
    other
        .execute_batch("CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('Ann')")
        .unwrap();
    other.pragma_update(None, "user_version", 1).unwrap();
    other.close().unwrap();
    assert_snapshot!(place.refused(), @"DIR/users.db: a SQLite database of another application (application id 0x00000000); choose another file name");
}

#[test]
fn an_application_with_another_id() {
    let place = Place::new();
    let other = place.other();
    other.pragma_update(None, "application_id", 0x0f05_5112).unwrap();
    other.close().unwrap();
    assert_snapshot!(place.refused(), @"DIR/users.db: a SQLite database of another application (application id 0x0f055112); choose another file name");
}

/// Opening the file as a database would fold the log of the other program.
#[test]
fn an_application_that_runs() {
    let place = Place::new();
    let other = place.other();
    other.pragma_update(None, "journal_mode", "WAL").unwrap();
    other
        .execute_batch("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('milk')")
        .unwrap();
    assert_eq!(place.names(), ["users.db", "users.db-shm", "users.db-wal"]);
    let message = place.refused();
    assert!(message.contains("another application"), "{message}");
    let text: String = other.query_row("SELECT text FROM notes", (), |row| row.get(0)).unwrap();
    assert_eq!(text, "milk");
}

fn with_format(format: u32) -> Place {
    let place = Place::with_users(1);
    let other = place.other();
    other.pragma_update(None, "user_version", format).expect("it can be written");
    other.close().expect("it can be closed");
    place
}

#[test]
fn a_newer_format() {
    assert_snapshot!(with_format(2).refused(), @"DIR/users.db: written in format 2, and this version of rollbook knows formats up to 1; use a newer version");
}

#[test]
fn a_format_that_never_was() {
    assert_snapshot!(with_format(0).refused(), @"DIR/users.db: not a SQLite database, or its beginning is damaged; choose another file name, or restore it from a backup");
}

#[test]
fn a_directory() {
    let place = Place::new();
    fs::create_dir(place.path()).unwrap();
    assert_snapshot!(place.refused(), @"DIR/users.db: can't be opened: Is a directory (os error 21)");
}

#[test]
fn a_file_in_a_missing_directory() {
    let place = Place::new();
    let error = SqliteStore::open(place.directory.path().join("none/users.db")).unwrap_err();
    assert!(place.names().is_empty());
    assert_snapshot!(place.redact(&error), @"DIR/none/users.db: can't be opened: there is no such directory; make it first");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_users(1);
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o000)).unwrap();
    // Nothing is forbidden to some users.
    if fs::File::open(place.path()).is_err() {
        assert_snapshot!(place.refused(), @"DIR/users.db: can't be opened: Permission denied (os error 13)");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_users(1);
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o444)).unwrap();
    if fs::File::options().write(true).open(place.path()).is_err() {
        assert_snapshot!(place.refused(), @"DIR/users.db: the file can't be written; rollbook must be allowed to write it and its directory");
    }
}

/// As a process leaves it that died while it made the file: a journal says that there was nothing before.
#[test]
fn a_file_that_was_not_finished_is_made_anew() {
    let place = Place::with_users(3);
    let mut journal = vec![0; 512];
    journal[..8].copy_from_slice(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7");
    journal[20..24].copy_from_slice(&512_u32.to_be_bytes());
    journal[24..28].copy_from_slice(&4096_u32.to_be_bytes());
    fs::write(place.directory.path().join("users.db-journal"), journal).unwrap();
    let store = place.open();
    assert_eq!(
        crate::run(crate::users(&store).get("u1")).unwrap().map(|user| user.sequence()),
        None
    );
    crate::run(crate::commit(&store, crate::insert("u1"))).unwrap();
    drop(store);
    let id: u32 = Connection::open(place.path())
        .and_then(|connection| {
            connection.pragma_query_value(None, "application_id", |row| row.get(0))
        })
        .unwrap();
    assert_eq!(id.to_be_bytes(), *b"roll");
    assert_eq!(place.names(), ["users.db"]);
}

#[test]
fn an_empty_file_is_no_file() {
    let place = Place::with("");
    drop(place.open());
    assert_eq!(place.names(), ["users.db"]);
    assert!(place.bytes().starts_with(b"SQLite format 3\0"));
}

/// In memory there is no log, and every connection would see a database of its own.
#[test]
fn where_there_is_no_log() {
    let error = SqliteStore::open(":memory:").unwrap_err();
    insta::assert_snapshot!(error, @r#":memory:: there is no write-ahead log here (journal mode "memory"); choose a file on a local disk, where processes can share memory"#);
}
