//! Files that are cut off or have wrong bytes. Whatever redb makes of them: they are refused and stay as
//! they are, or what is read is an error or right.

use std::collections::BTreeMap;
use std::sync::Arc;

use insta::assert_snapshot;
use rollbook_core::{Query, Record, User, UserStore};
use rollbook_redb::{RedbOptions, RedbStore, Verify};

use crate::{Place, run, user, users};

const USERS: usize = 200;
const PAGE: usize = 4096;

#[test]
fn a_file_that_was_cut() {
    let bytes = Place::with_users(USERS).bytes();
    let refused = |length: usize| Place::with(&bytes[..length]).refused();
    assert_snapshot!(refused(bytes.len() - 1), @"DIR/users.redb: damaged: the end of the file is missing; restore it from a backup");
    for length in [64, 320, PAGE, PAGE + 1, bytes.len() / 2, bytes.len() - PAGE] {
        assert_eq!(refused(length), refused(bytes.len() - 1), "{length}");
    }
}

/// How often flipped bytes were found when the file was opened, when it was read, or not at all.
#[derive(Debug, Default, PartialEq)]
struct Found {
    opening: usize,
    reading: usize,
    never: usize,
    wrong: usize,
}

/// Flips a bit of the bytes at `places`, one at a time.
fn flip(verify: Verify, bytes: &[u8], places: impl IntoIterator<Item = usize>) -> Found {
    let mut found = Found::default();
    let expected: BTreeMap<String, User> =
        (0..USERS).map(|n| format!("u{n}")).map(|id| (id.clone(), user(&id))).collect();
    for place in places {
        let mut damaged = bytes.to_vec();
        damaged[place] ^= 1 << (place % 8);
        let file = Place::with(&damaged);
        match RedbOptions::new().verify(verify).open(file.path()) {
            Err(_) => {
                assert!(file.bytes() == damaged, "byte {place}: the file has changed");
                found.opening += 1;
            }
            Ok(store) => match read(store, &expected) {
                Some(true) => found.never += 1,
                Some(false) => found.wrong += 1,
                None => found.reading += 1,
            },
        }
    }
    found
}

/// Reads what there is, and says whether it is all there and right; `None` if the store says so itself.
fn read(store: RedbStore, expected: &BTreeMap<String, User>) -> Option<bool> {
    let store = Arc::new(store);
    let rows = run(store.select(&Query::new(User::SCHEMA))).ok()?;
    let right = rows.iter().all(|row| expected.get(row.id()) == Some(row.typed::<User>()));
    let email = User::SCHEMA.field("email").unwrap();
    let found = run(users(&store).find(email, "u7@example.com".to_owned().into())).ok()?;
    let one = run(users(&store).get("u7")).ok()?;
    let all = rows.len() == expected.len() && one.is_some() && found.is_some();
    Some(right && all)
}

#[test]
fn wrong_bytes_in_the_header() {
    let bytes = Place::with_users(USERS).bytes();
    for (verify, step) in [(Verify::Header, 1), (Verify::Everything, 5)] {
        let found = flip(verify, &bytes, (0..320).step_by(step));
        // The other half is the commit before and what is not used.
        assert!(found.opening * step >= 25, "{verify:?}: {found:?}");
        assert_eq!((found.reading, found.wrong), (0, 0), "{verify:?}: {found:?}");
    }
}

#[test]
fn wrong_bytes_in_the_pages() {
    let bytes = Place::with_users(USERS).bytes();
    let found = flip(Verify::Everything, &bytes, (PAGE..bytes.len()).step_by(bytes.len() / 200));
    assert!(found.opening >= 20, "{found:?}");
    assert_eq!((found.reading, found.wrong), (0, 0), "{found:?}");
}
