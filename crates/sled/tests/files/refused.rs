//! Folders that are not ours, too new or in use: the message names the folder, what is wrong and what to
//! do, and nothing in it changes.

use std::fs;

use insta::assert_snapshot;
use rollbook_core::{Query, Record, User, UserStore};
use rollbook_sled::SledStore;

use crate::{Files, Place, commit, insert, run};

#[test]
fn another_application() {
    let place = Place::new();
    let other = sled::open(place.path()).unwrap();
    other.insert("milk", "1").unwrap();
    drop(other);
    assert_snapshot!(place.refused(), @"DIR/users.sled: the data of another application; choose another name");
}

#[test]
fn any_folder_with_something_in_it() {
    let check = |name: &str, bytes: &[u8]| {
        let place = Place::with(&Files::from([(name.to_owned(), bytes.to_vec())]));
        assert!(place.refused().contains("another application"), "{name}");
    };
    check("notes.txt", b"milk");
    check("rollbook", b"milk");
    check("rollbook", b"rollbook on sled, format one");
    check("rollbook", b"rollbook on sled, format 0");
}

#[test]
fn a_newer_format() {
    let place = Place::with_users(1);
    fs::write(place.path().join("rollbook"), "rollbook on sled, format 2\n").unwrap();
    assert_snapshot!(place.refused(), @"DIR/users.sled: written in format 2, and this version of rollbook knows formats up to 1; use a newer version");
}

/// The keys and values have a format of their own.
#[test]
fn a_newer_format_of_what_is_in_it() {
    let place = Place::with_users(1);
    let tree = sled::open(place.path()).unwrap();
    tree.insert(b"\0\0format", b"rollbook\0\0\0\x02").unwrap();
    drop(tree);
    let error = SledStore::open(place.path()).unwrap_err();
    assert_snapshot!(place.redact(&error), @"DIR/users.sled: written in format 2, and this version of rollbook knows formats up to 1; use a newer version");
}

#[test]
fn a_file() {
    let place = Place::new();
    fs::write(place.path(), "id,email").unwrap();
    assert_snapshot!(place.refused(), @"DIR/users.sled: no sled data, or its beginning is damaged; choose another name, or restore it from a backup");
}

#[test]
fn a_folder_in_a_missing_directory() {
    let place = Place::new();
    let error = SledStore::open(place.directory.path().join("none/users.sled")).unwrap_err();
    assert!(!place.directory.path().join("none").exists());
    assert_snapshot!(place.redact(&error), @"DIR/none/users.sled: can't be opened: there is no such directory above it; make it first");
}

#[test]
fn a_store_that_is_open() {
    let place = Place::with_users(1);
    let store = place.open();
    assert_snapshot!(place.refused(), @"DIR/users.sled: another process has it open, or another store in this one; one at a time can, so close the other, or share this one");
    // The first one does not notice.
    run(commit(&*store, insert("u1"))).unwrap();
    drop(store);
    assert_eq!(run(place.open().count(&Query::new(User::SCHEMA))).unwrap(), 2);
}

/// sled lets go of its files a moment after it was dropped; who opens them again meanwhile waits.
#[test]
fn a_store_that_is_being_closed() {
    let place = Place::with_users(1);
    let tree = sled::open(place.path()).unwrap();
    let begun = std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        let opening = scope.spawn(|| {
            begun.wait();
            SledStore::open(place.path()).map(drop)
        });
        begun.wait();
        drop(tree);
        opening.join().unwrap().unwrap();
    });
}

#[test]
fn an_empty_folder_is_no_folder() {
    let place = Place::with(&Files::new());
    run(commit(&*place.open(), insert("u0"))).unwrap();
    assert_eq!(run(place.open().count(&Query::new(User::SCHEMA))).unwrap(), 1);
}

/// As a process leaves it that died before it had made the store, or before it could say so.
#[test]
fn a_folder_that_was_not_finished_is_made() {
    let begun = Place::with(&Files::from([("rollbook".to_owned(), Vec::new())]));
    run(commit(&*begun.open(), insert("u0"))).unwrap();
    assert_eq!(run(begun.open().count(&Query::new(User::SCHEMA))).unwrap(), 1);
    let unsaid = Place::with_users(2);
    fs::write(unsaid.path().join("rollbook"), "").unwrap();
    assert_eq!(run(unsaid.open().count(&Query::new(User::SCHEMA))).unwrap(), 2);
}
