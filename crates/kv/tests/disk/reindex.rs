//! Bodies are the truth: when a schema has changed, its keys are made from them anew; when that is not
//! possible, the map stays as it is.

use insta::assert_snapshot;
use rollbook_core::{
    Batch, Document, Expect, Field, ID, Kind, Owner, Query, Record, SCHEMAS, Schema, StoreError,
    Unique, User, UserStore, decode,
};
use serde::{Deserialize, Serialize};

use crate::map::Tree;
use crate::{commit, named, open, open_with, refused_with, run, user, users, with_users};

/// What another program makes of users: their names are unique.
#[derive(Debug, Serialize, Deserialize)]
struct Person {
    #[serde(rename = "$id")]
    id: String,
    name: String,
}

static PEOPLE: Schema = Schema {
    name: "users",
    fields: &[Field::new("name", Kind::Text, |d| d.typed::<Person>().name.as_str().into())],
    uniques: &[Unique { name: "name", fields: &["name"] }],
    search: None,
    owners: &[],
    decode: decode::<Person>,
};

impl Record for Person {
    const SCHEMA: &'static Schema = &PEOPLE;

    fn id(&self) -> &str {
        &self.id
    }
}

static NAMES_ARE_UNIQUE: &[&Schema] = &[&PEOPLE];

#[derive(Debug, Serialize, Deserialize)]
struct Note {
    id: String,
    author: Option<String>,
}

/// Notes that belong to users.
static NOTES: Schema = Schema {
    name: "notes",
    fields: &[Field::new("author", Kind::Text, author)],
    uniques: &[],
    search: None,
    owners: &[Owner { field: "author", schema: User::SCHEMA }],
    decode: decode::<Note>,
};

fn author(document: &Document) -> rollbook_core::Value<'_> {
    document.typed::<Note>().author.as_deref().into()
}

impl Record for Note {
    const SCHEMA: &'static Schema = &NOTES;

    fn id(&self) -> &str {
        &self.id
    }
}

/// The notes stand before the users, whose number was given first.
static OWNED: &[&Schema] = &[&NOTES, User::SCHEMA];

/// The same notes, of anybody.
static FREE: &[&Schema] = &[
    User::SCHEMA,
    &Schema {
        name: "notes",
        fields: &[Field::new("author", Kind::Text, author)],
        uniques: &[],
        search: None,
        owners: &[],
        decode: decode::<Note>,
    },
];

fn note(id: &str, author: &str) -> Batch {
    let note = Note { id: id.to_owned(), author: Some(author.to_owned()) };
    Batch::new().put(note, Expect::Absent)
}

/// Sequence, revision and id of everything of `schema`.
fn rows(store: &dyn UserStore, schema: &'static Schema) -> Vec<(u64, u64, String)> {
    let rows = run(store.select(&Query::new(schema))).unwrap();
    rows.iter().map(|row| (row.sequence(), row.revision(), row.id().to_owned())).collect()
}

/// Makes the next opening build the keys of the users anew.
fn forget(tree: &Tree) {
    tree.set(b"\0\0schema users", Some(b"\0\x01\0\0\0\x01of yesterday"));
}

#[test]
fn keys_are_made_from_the_bodies() {
    let tree = with_users(5);
    let store = open(&tree);
    run(async {
        let changed = Batch::new().put(user("u2"), Expect::Anything);
        let gone = |id| Batch::new().delete(User::SCHEMA, vec![ID.equal([id]).unwrap()]);
        for batch in [changed, gone("u1"), gone("u4")] {
            commit(&*store, batch).await.unwrap();
        }
    });
    drop(store);
    let before = tree.entries();
    // Without its keys nobody is found; with wrong ones, somebody else.
    for (key, value) in &before {
        if key.starts_with(b"\0\x01") && key[2] > 0 {
            tree.set(key, None);
            tree.set(&[key, &b"wrong"[..]].concat(), Some(value));
        }
    }
    tree.set(b"\0\0counter users", Some(b"damaged"));
    forget(&tree);
    let store = open(&tree);
    assert_eq!(rows(&*store, User::SCHEMA).len(), 3);
    assert_eq!(run(store.count(&Query::new(User::SCHEMA))).unwrap(), 3);
    run(async {
        assert!(users(&store).get("u2").await.unwrap().is_some());
        let error = users(&store).insert(named("u2", "again")).await.unwrap_err();
        assert!(matches!(error, StoreError::Conflict { key: "$id", .. }), "{error}");
    });
    drop(store);
    let mut after = tree.entries();
    // The last sequence was lost with the counter; that of the deleted last user is forgotten.
    let counter = [4_u64.to_be_bytes(), 3_u64.to_be_bytes()].concat();
    let kept = after.insert(b"\0\0counter users".to_vec(), vec![]).unwrap();
    assert_eq!(kept[..16], counter);
    let mut before = before;
    before.insert(b"\0\0counter users".to_vec(), vec![]);
    assert!(after == before);
}

#[test]
fn a_sequence_is_not_given_again() {
    let tree = with_users(3);
    assert!(run(users(&open(&tree)).delete("u2")).unwrap());
    forget(&tree);
    assert_eq!(run(users(&open(&tree)).insert(user("new"))).unwrap().sequence(), 4);
}

#[test]
fn a_unique_tuple_that_the_data_violates() {
    let tree = with_users(2);
    run(users(&open(&tree)).insert(named("twin", "Name of u1"))).unwrap();
    assert_snapshot!(refused_with(&tree, NAMES_ARE_UNIQUE), @"the users break a rule that is new to them: another of the users has the same name; open it with the schema of before, and mend them");

    // It still opens as before, and with the new schema once the data satisfies it.
    run(commit(&*open(&tree), Batch::new().put(user("twin"), Expect::Anything))).unwrap();
    let store = open_with(&tree, NAMES_ARE_UNIQUE).unwrap();
    let again = Person { id: "again".to_owned(), name: "Name of u1".to_owned() };
    let error = run(commit(&*store, Batch::new().put(again, Expect::Absent))).unwrap_err();
    assert!(matches!(error, StoreError::Conflict { key: "name", .. }), "{error}");
    assert_eq!(rows(&*store, &PEOPLE).len(), 3);
    drop(store);
    // And back again.
    let store = open(&tree);
    run(users(&store).insert(named("again", "Name of u1"))).unwrap();
    let error = run(users(&store).insert(user("again"))).unwrap_err();
    assert!(matches!(error, StoreError::Conflict { key: "$id", .. }), "{error}");
    drop(store);
    let names = |(key, _): &(Vec<u8>, Vec<u8>)| key.starts_with(b"\0\x01\x02\0\x04Name");
    assert_eq!(tree.entries().into_iter().filter(names).count(), 0);
}

#[test]
fn a_body_that_is_no_record() {
    let tree = with_users(3);
    let key = b"\0\x01\0\0\0\0\0\0\0\0\0\x02";
    let half = tree.entries()[&key[..]][..36].to_vec();
    tree.set(key, Some(&half));
    // As long as the schema stays, the others can be read.
    let store = open(&tree);
    assert!(run(users(&store).get("u2")).unwrap().is_some());
    assert_snapshot!(run(users(&store).get("u1")).unwrap_err(), @"the store failed: document 2 of the users holds no record: EOF while parsing a string at line 1 column 20");
    drop(store);
    forget(&tree);
    assert_snapshot!(refused_with(&tree, SCHEMAS), @"document 2 of the users holds no record: EOF while parsing a string at line 1 column 20; restore it from a backup, or open it with the version that wrote it");
}

#[test]
fn what_is_owned_is_not_touched_with_its_owners() {
    let tree = with_users(2);
    let store = open_with(&tree, OWNED).unwrap();
    run(async {
        commit(&*store, note("n0", "u0")).await.unwrap();
        commit(&*store, note("n1", "u1")).await.unwrap();
    });
    drop(store);
    forget(&tree);
    let store = open_with(&tree, OWNED).unwrap();
    assert_eq!(rows(&*store, &NOTES).len(), 2);
    let error = run(commit(&*store, note("n2", "nobody"))).unwrap_err();
    assert!(matches!(error, StoreError::NotFound { schema: "users", .. }), "{error}");
    assert!(run(users(&store).delete("u0")).unwrap());
    assert_eq!(rows(&*store, &NOTES), [(2, 1, "n1".to_owned())]);
}

#[test]
fn an_owner_that_the_data_lacks() {
    let tree = with_users(2);
    let store = open_with(&tree, FREE).unwrap();
    run(async {
        commit(&*store, note("n0", "u0")).await.unwrap();
        commit(&*store, note("n1", "u1")).await.unwrap();
        // Nothing is owned here.
        assert!(users(&store).delete("u1").await.unwrap());
    });
    drop(store);
    assert_snapshot!(refused_with(&tree, OWNED), @r#"the notes break a rule that is new to them: there is no "u1" among the users; open it with the schema of before, and mend them"#);

    let store = open_with(&tree, FREE).unwrap();
    let orphan = vec![ID.equal(["n1"]).unwrap()];
    run(commit(&*store, Batch::new().delete(&NOTES, orphan))).unwrap();
    drop(store);
    let store = open_with(&tree, OWNED).unwrap();
    assert!(run(users(&store).delete("u0")).unwrap());
    assert!(rows(&*store, &NOTES).is_empty());
}

/// The documents of a schema that this program does not name are left alone.
#[test]
fn documents_of_other_schemas_stay() {
    let tree = with_users(1);
    run(commit(&*open_with(&tree, OWNED).unwrap(), note("n", "u0"))).unwrap();
    let before = tree.entries();
    drop(open_with(&tree, SCHEMAS).unwrap());
    assert!(tree.entries() == before);
    assert_eq!(rows(&*open_with(&tree, OWNED).unwrap(), &NOTES).len(), 1);
}
