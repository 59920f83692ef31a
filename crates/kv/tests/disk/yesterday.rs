//! What earlier versions wrote.
//!
//! `format-1.txt` has the keys and values of a store, a line each, written once by
//! `lines(&store())`. A new format gets a file of its own and a test beside this one; the old file
//! stays, and so does its test.

use rollbook_core::{Batch, Expect, ID, Query, Record, User, UserStore};

use crate::map::Tree;
use crate::{commit, insert, named, open, run, user, users};

/// Bytes as Rust writes them in a literal, which a diff can show.
fn lines(tree: &Tree) -> String {
    tree.entries().iter().fold(String::new(), |lines, (key, value)| {
        format!("{lines}{}\t{}\n", key.escape_ascii(), value.escape_ascii())
    })
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next().unwrap() {
                b't' => b'\t',
                b'r' => b'\r',
                b'n' => b'\n',
                b'x' => {
                    let hex = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(str::from_utf8(&hex).unwrap(), 16).unwrap()
                }
                itself => itself,
            },
            byte => byte,
        });
    }
    bytes
}

/// A store with what the format has: updates, a deletion, nulls, letters, a control character.
fn store() -> Tree {
    let tree = Tree::default();
    let store = open(&tree);
    run(async {
        let mut ivan = named("ivan", "Иван\t\\");
        ivan.labels = vec!["vip".to_owned(), "a\u{1}".to_owned()];
        let mut nobody = user("nobody");
        (nobody.email, nobody.name) = (None, String::new());
        let gone = vec![ID.equal(["gone"]).unwrap()];
        let batches = [
            insert("ann"),
            insert("gone"),
            Batch::new().put(user("zoe"), Expect::Absent),
            Batch::new().put(ivan, Expect::Absent).put(nobody, Expect::Absent),
            Batch::new().put(named("zoe", "Zoë"), Expect::Revision(1)),
            insert("last"),
            Batch::new().delete(User::SCHEMA, gone),
            Batch::new().delete(User::SCHEMA, vec![ID.equal(["last"]).unwrap()]),
        ];
        for batch in batches {
            commit(&*store, batch).await.unwrap();
        }
    });
    tree
}

/// When this fails, documents are written otherwise than before: raise the layout or the format of `meta`,
/// or, if only the fields of a schema or record have changed, nothing.
#[test]
fn format_1_is_written() {
    let written = lines(&store());
    let of = |text: &str, part: &str| {
        let lines = text.lines().filter(|line| line.starts_with(part));
        lines.map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let kept = include_str!("format-1.txt");
    // Documents, ids and unique tuples; what is indexed and tallied may change with the schema.
    for part in [r"\x00\x00format", r"\x00\x01\x00", r"\x00\x01\x01", r"\x00\x01\x02"] {
        assert_eq!(of(&written, part), of(kept, part), "{part}");
    }
}

#[test]
fn format_1_is_read() {
    let tree = Tree::default();
    for line in include_str!("format-1.txt").lines() {
        let (key, value) = line.split_once('\t').unwrap();
        tree.set(&unescape(key), Some(&unescape(value)));
    }
    let store = open(&tree);
    run(async {
        let rows = store.select(&Query::new(User::SCHEMA)).await.unwrap();
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                let user = row.typed::<User>();
                let email = user.email.as_deref().unwrap_or_default();
                (row.sequence(), row.revision(), row.id(), &*user.name, email)
            })
            .collect();
        assert_eq!(
            rows,
            [
                (1, 1, "ann", "Name of ann", "ann@example.com"),
                (3, 2, "zoe", "Zoë", "zoe@example.com"),
                (4, 1, "ivan", "Иван\t\\", "ivan@example.com"),
                (5, 1, "nobody", "", ""),
            ]
        );
        assert_eq!(store.count(&Query::new(User::SCHEMA)).await.unwrap(), 4);
        let email = User::SCHEMA.field("email").unwrap();
        let zoe = users(&store).find(email, "zoe@example.com".into()).await.unwrap().unwrap();
        assert_eq!(&*zoe.id, "zoe");
        let ivan = users(&store).get("ivan").await.unwrap().unwrap();
        assert_eq!(ivan.labels, ["vip", "a\u{1}"]);
        assert_eq!(users(&store).insert(user("new")).await.unwrap().sequence(), 7);
    });
}
