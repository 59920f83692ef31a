//! Maps that are not ours, too new or damaged: the message says what is wrong, and nothing changes.

use insta::assert_snapshot;
use rollbook_core::{ID, Query, Random, Record, SCHEMAS, SeededRandom, User, UserStore};

use crate::map::Tree;
use crate::{open, refused_with, run, users, with_users};

const FORMAT: &[u8] = b"\0\0format";

fn refused(tree: &Tree) -> String {
    refused_with(tree, SCHEMAS)
}

fn with(key: &[u8], value: Option<&[u8]>) -> Tree {
    let tree = with_users(3);
    tree.set(key, value);
    tree
}

#[test]
fn another_application() {
    let tree = Tree::default();
    tree.set(b"users/ann", Some(b"{}"));
    assert_snapshot!(refused(&tree), @"the data of another application; choose another name");
    assert_eq!(refused(&with(FORMAT, None)), refused(&tree));
    assert_eq!(refused(&with(FORMAT, Some(b"rollbook"))), refused(&tree));
    assert_eq!(refused(&with(FORMAT, Some(b"somebook\0\0\0\x01"))), refused(&tree));
    assert_eq!(refused(&with(FORMAT, Some(b"rollbook\0\0\0\0"))), refused(&tree));
}

#[test]
fn a_newer_format() {
    assert_snapshot!(refused(&with(FORMAT, Some(b"rollbook\0\0\0\x02"))), @"written in format 2, and this version of rollbook knows formats up to 1; use a newer version");
}

#[test]
fn a_damaged_list_of_schemas() {
    let check = |value: &[u8]| refused(&with(b"\0\0schema users", Some(value)));
    assert_snapshot!(check(b""), @"damaged: what is kept of the users can't be read; restore it from a backup");
    assert_eq!(check(b"\0\x01\0\0"), check(b""));
    // The number of the keys that this is written under.
    assert_eq!(check(b"\0\0\0\0\0\x01users"), check(b""));
    assert_eq!(check(b"\0\x01\0\0\0\x01\xff"), check(b""));
    let tree = with_users(1);
    let users = tree.entries()[&b"\0\0schema users"[..]].clone();
    tree.set(b"\0\0schema others", Some(&users));
    assert_snapshot!(refused(&tree), @"damaged: two schemas have the same number; restore it from a backup");
}

#[test]
fn a_damaged_counter() {
    let check = |value: Option<&[u8]>| refused(&with(b"\0\0counter users", value));
    assert_snapshot!(check(None), @"the counter of the users is missing or damaged");
    for value in [vec![], vec![0; 15], vec![0; 17], vec![0xff; 16], vec![1; 8]] {
        assert_eq!(check(Some(&value)), check(None), "{value:?}");
    }
    // More documents than sequences.
    let value = [3_u64.to_be_bytes(), 4_u64.to_be_bytes()].concat();
    assert_eq!(check(Some(&value)), check(None));
}

/// Whatever stands in the values: an answer or an error, and the others are read.
#[test]
fn damaged_values() {
    let random = SeededRandom::new(1);
    for (key, value) in with_users(4).entries() {
        if key.starts_with(b"\0\0") {
            continue;
        }
        for length in [0, 1, 8, 15, 16, 17, 40] {
            let mut bytes = vec![0; length];
            random.fill(&mut bytes);
            let cut = value[..value.len().min(length)].to_vec();
            for damaged in [bytes, cut] {
                let tree = with_users(4);
                tree.set(&key, Some(&damaged));
                let store = open(&tree);
                let mut read = 0;
                for n in 0..4 {
                    let id = format!("u{n}");
                    if let Ok(Some(user)) = run(users(&store).get(&id)) {
                        assert_eq!(*user.id, *id);
                        read += 1;
                    }
                }
                assert!(read >= 3, "{key:?} {damaged:?}");
                let _ = run(store.select(&Query::new(User::SCHEMA)));
                let one = ID.equal(["u0"]).unwrap();
                let _ = run(store.count(&Query::new(User::SCHEMA).filter(one)));
                let _ = run(users(&store).delete("u1"));
            }
        }
    }
}
