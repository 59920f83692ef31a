//! Files that are cut off or have wrong bytes. Whatever SQLite makes of them: they are refused and stay
//! as they are, or what is read is an error or right.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use rollbook_core::{Query, Record, User, UserStore};
use rollbook_sqlite::{SqliteOptions, SqliteStore};

use crate::{Place, run, user, users};

/// Enough for a table of two levels.
const USERS: usize = 200;
const PAGE: usize = 4096;

#[test]
fn a_file_that_was_cut() {
    let bytes = Place::with_users(USERS).bytes();
    let whole = bytes.len() / PAGE * PAGE;
    let refused = |length: usize| Place::with(&bytes[..length]).refused();
    assert_snapshot!(refused(whole - 1), @"DIR/users.db: the end of the file is missing; restore it from a backup, or salvage it with `sqlite3 .recover`");
    assert_snapshot!(refused(whole / 2 / PAGE * PAGE), @"DIR/users.db: database disk image is malformed; restore it from a backup, or salvage it with `sqlite3 .recover`");
    for length in [whole - PAGE, PAGE, 100, PAGE + 1, whole / 2 + 7] {
        let message = refused(length);
        assert!(message.starts_with("DIR/users.db: "), "{length}: {message}");
    }
}

/// How often flipped bytes were found when the file was opened, when it was read, or not at all.
#[derive(Debug, Default, PartialEq)]
struct Found {
    opening: usize,
    reading: usize,
    never: usize,
}

/// Flips the bytes at `places`, one at a time.
fn flip(bytes: &[u8], places: impl IntoIterator<Item = usize>) -> Found {
    let mut found = Found::default();
    let expected: BTreeMap<String, User> =
        (0..USERS).map(|n| format!("u{n}")).map(|id| (id.clone(), user(&id))).collect();
    for place in places {
        for mask in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.to_vec();
            damaged[place] ^= mask;
            let file = Place::with(damaged);
            match SqliteOptions::new().readers(1).open(file.path()) {
                Err(_) => {
                    file.refused();
                    found.opening += 1;
                }
                Ok(store) => {
                    if read(store, &expected, place) {
                        found.never += 1;
                    } else {
                        found.reading += 1;
                    }
                }
            }
        }
    }
    found
}

/// Reads what there is; it must be right. Says whether it was all there.
fn read(store: SqliteStore, expected: &BTreeMap<String, User>, place: usize) -> bool {
    let store = std::sync::Arc::new(store);
    let all = run(store.select(&Query::new(User::SCHEMA)));
    for document in all.iter().flatten() {
        assert_eq!(expected.get(document.id()), Some(document.typed()), "byte {place}");
    }
    let one = run(users(&store).get("u7"));
    if let Ok(Some(one)) = &one {
        assert_eq!(**one, expected["u7"], "byte {place}");
    }
    let email = User::SCHEMA.field("email").expect("users have one");
    let found = run(users(&store).find(email, "u7@example.com".to_owned().into()));
    if let Ok(Some(found)) = &found {
        assert_eq!(**found, expected["u7"], "byte {place}");
    }
    let number = run(store.count(&Query::new(User::SCHEMA)));
    all.is_ok_and(|all| all.len() == expected.len())
        && matches!(one, Ok(Some(_)))
        && matches!(found, Ok(Some(_)))
        && number.is_ok_and(|number| number == expected.len() as u64)
}

#[test]
fn wrong_bytes_in_the_header() {
    let found = flip(&Place::with_users(USERS).bytes(), 0..100);
    assert!(found.opening > 100, "{found:?}");
}

#[test]
fn wrong_bytes_in_the_list_of_tables() {
    let place = Place::with_users(USERS);
    // The list is a table of two levels. The heads of its first pages, and some of the texts.
    let leaf: u32 = place
        .other()
        .query_row(
            "SELECT min(pageno) FROM dbstat WHERE name = 'sqlite_schema' AND pagetype = 'leaf'",
            (),
            |row| row.get(0),
        )
        .unwrap();
    let start = (leaf as usize - 1) * PAGE;
    let texts = (start + PAGE - 2500..start + PAGE).step_by(23);
    let bytes = place.bytes();
    let found = flip(&bytes, (100..130).chain(start..start + 30).chain(texts));
    assert!(found.opening > 30, "{found:?}");
}

#[test]
fn wrong_bytes_in_an_inner_page() {
    let place = Place::with_users(USERS);
    let root: u32 = place
        .other()
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'users'", (), |row| row.get(0))
        .unwrap();
    let bytes = place.bytes();
    let start = (root as usize - 1) * PAGE;
    assert_eq!(bytes[start], 5, "it is the inner page of a table");
    let found = flip(&bytes, (start..start + 40).chain((start + PAGE - 60)..start + PAGE));
    assert!(found.reading > 50, "{found:?}");
}
