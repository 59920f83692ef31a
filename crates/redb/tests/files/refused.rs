//! Files that are not ours, too new or in use: the message names the file, what is wrong and what to do,
//! and nothing in the directory changes.

use std::fs;

use insta::assert_snapshot;
use redb::{Database, MultimapTableDefinition, TableDefinition};
use rollbook_core::{Query, Random, Record, SeededRandom, User, UserStore};
use rollbook_redb::RedbStore;

use crate::{Place, insert, run};

#[test]
fn a_text() {
    let place = Place::with("id,email\n".repeat(100));
    assert_snapshot!(place.refused(), @"DIR/users.redb: no redb data, or its beginning is damaged; choose another name, or restore it from a backup");
}

#[test]
fn the_beginning_of_a_header() {
    let bytes = Place::with_users(1).bytes();
    for length in 1..64 {
        let message = Place::with(&bytes[..length]).refused();
        assert!(message.contains("no redb data"), "{length}: {message}");
    }
}

#[test]
fn random_bytes() {
    for (seed, length) in [1, 63, 64, 320, 4096, 10_000].into_iter().enumerate() {
        let mut bytes = vec![0; length];
        SeededRandom::new(seed as u64).fill(&mut bytes);
        let message = Place::with(bytes).refused();
        assert!(message.contains("no redb data"), "{length}: {message}");
    }
}

/// A database of another application, with `make` to fill it.
fn foreign(make: impl FnOnce(&redb::WriteTransaction)) -> Place {
    let place = Place::new();
    let database = Database::create(place.path()).unwrap();
    let transaction = database.begin_write().unwrap();
    make(&transaction);
    transaction.commit().unwrap();
    place
}

#[test]
fn another_application() {
    const NOTES: TableDefinition<&str, u64> = TableDefinition::new("notes");
    // They may even be called like ours.
    const NAMED: TableDefinition<&str, u64> = TableDefinition::new("rollbook");
    const BYTES: TableDefinition<&[u8], &[u8]> = TableDefinition::new("rollbook");
    const MANY: MultimapTableDefinition<&[u8], &[u8]> = MultimapTableDefinition::new("rollbook");
    let place = foreign(|transaction| {
        transaction.open_table(NOTES).unwrap().insert("milk", 1).unwrap();
    });
    assert_snapshot!(place.refused(), @"DIR/users.redb: the data of another application; choose another name");
    let places = [
        foreign(|transaction| {
            transaction.open_table(NAMED).unwrap().insert("milk", 1).unwrap();
        }),
        foreign(|transaction| {
            transaction.open_table(BYTES).unwrap().insert(&b"milk"[..], &b"1"[..]).unwrap();
        }),
        foreign(|transaction| drop(transaction.open_table(BYTES).unwrap())),
        foreign(|transaction| {
            transaction.open_multimap_table(MANY).unwrap().insert(&b"m"[..], &b"1"[..]).unwrap();
        }),
    ];
    for other in places {
        assert_eq!(other.refused(), place.refused());
    }
}

/// One that was not closed is repaired as it is opened, if it is accepted.
#[test]
fn another_application_that_was_killed() {
    const NOTES: TableDefinition<&str, u64> = TableDefinition::new("notes");
    let place = Place::new();
    let database = Database::create(place.path()).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(NOTES).unwrap().insert("milk", 1).unwrap();
    transaction.commit().unwrap();
    let running = Place::with(place.bytes());
    assert!(running.refused().contains("another application"), "{}", running.refused());
    drop(database);
    assert!(place.bytes() != running.bytes());
}

fn with_format(format: &[u8]) -> Place {
    const TABLE: TableDefinition<&[u8], &[u8]> = TableDefinition::new("rollbook");
    let place = Place::with_users(1);
    let database = Database::create(place.path()).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(TABLE).unwrap().insert(&b"\0\0format"[..], format).unwrap();
    transaction.commit().unwrap();
    place
}

#[test]
fn a_newer_format() {
    assert_snapshot!(with_format(b"rollbook\0\0\0\x02").refused(), @"DIR/users.redb: written in format 2, and this version of rollbook knows formats up to 1; use a newer version");
}

#[test]
fn a_directory() {
    let place = Place::new();
    fs::create_dir(place.path()).unwrap();
    assert_snapshot!(place.refused(), @"DIR/users.redb: can't be opened: Is a directory (os error 21)");
}

#[test]
fn a_file_in_a_missing_directory() {
    let place = Place::new();
    let error = RedbStore::open(place.directory.path().join("none/users.redb")).unwrap_err();
    assert!(place.names().is_empty());
    assert_snapshot!(place.redact(&error), @"DIR/none/users.redb: can't be opened: there is no such directory; make it first");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_users(1);
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o444)).unwrap();
    // Nothing is forbidden to some users.
    if fs::File::options().write(true).open(place.path()).is_err() {
        assert_snapshot!(place.refused(), @"DIR/users.redb: can't be opened: Permission denied (os error 13)");
    }
}

#[test]
fn a_store_that_is_open() {
    let place = Place::with_users(1);
    let store = place.open();
    assert_snapshot!(place.refused(), @"DIR/users.redb: another process has it open, or another store in this one; one at a time can, so close the other, or share this one");
    // The first one does not notice.
    run(crate::commit(&*store, insert("u1"))).unwrap();
    drop(store);
    assert_eq!(run(place.open().count(&Query::new(User::SCHEMA))).unwrap(), 2);
}

#[test]
fn an_empty_file_is_no_file() {
    let place = Place::with("");
    drop(place.open());
    assert_eq!(place.names(), ["users.redb"]);
    assert!(place.bytes().starts_with(b"redb"));
}

/// As a process leaves it that died between two steps of making it.
#[test]
fn a_file_that_was_not_finished_is_made() {
    let place = Place::new();
    drop(Database::create(place.path()).unwrap());
    run(crate::commit(&*place.open(), insert("u0"))).unwrap();
    assert_eq!(run(place.open().count(&Query::new(User::SCHEMA))).unwrap(), 1);
}
