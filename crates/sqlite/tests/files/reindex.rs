//! Bodies are the truth: when a schema has changed, columns and indexes are made from them anew; when
//! that is not possible, the file stays as it is.

use insta::assert_snapshot;
use rollbook_core::{
    Batch, Document, Expect, Field, ID, Kind, Owner, Query, Record, SCHEMAS, Schema, StoreError,
    Unique, User, UserStore, decode,
};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::{Place, commit, insert, named, rival, run, user, users};

/// Makes the next opening build the table of the users anew.
const FORGET: &str =
    "UPDATE rollbook_schemas SET fingerprint = 'of yesterday' WHERE name = 'users'";

/// Users whose names are unique.
static NAMES_ARE_UNIQUE: &[&Schema] = &[&Schema {
    name: "users",
    fields: User::SCHEMA.fields,
    uniques: &[
        Unique { name: "email", fields: &["email"] },
        Unique { name: "phone", fields: &["phone"] },
        Unique { name: "name", fields: &["name"] },
    ],
    search: None,
    owners: &[],
    decode: User::SCHEMA.decode,
}];

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

static OWNED: &[&Schema] = &[User::SCHEMA, &NOTES];

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

/// Sequence, revision and id of everything in the table of `schema`.
fn rows(store: &dyn UserStore, schema: &'static Schema) -> Vec<(u64, u64, String)> {
    let rows = run(store.select(&Query::new(schema))).expect("the store works");
    rows.iter().map(|row| (row.sequence(), row.revision(), row.id().to_owned())).collect()
}

/// Changes the closed file of `place` by hand.
fn by_hand(place: &Place, sql: &str) {
    let connection: Connection = place.other();
    connection.execute_batch(sql).expect("the file can be changed");
    connection.close().expect("the file can be closed");
}

#[test]
fn columns_are_made_from_the_bodies() {
    let place = Place::with_users(5);
    let store = place.open();
    run(async {
        let changed = Batch::new().put(user("u2"), Expect::Anything);
        let gone = |id| Batch::new().delete(User::SCHEMA, vec![ID.equal([id]).unwrap()]);
        for batch in [changed, gone("u1"), gone("u4")] {
            commit(&store, batch).await.unwrap();
        }
    });
    let before = rows(&*store, User::SCHEMA);
    drop(store);
    by_hand(
        &place,
        "UPDATE users SET email = 'wrong@example.com', phone = '+1', name = 'Wrong', status = 0,
            \"$id\" = 'wrong' WHERE \"$id\" = 'u2';
         DROP INDEX \"users unique email\";",
    );
    by_hand(&place, FORGET);
    let store = place.open();
    assert_eq!(rows(&*store, User::SCHEMA), before);
    run(async {
        let of = |name: &str, value: &str| {
            let field = if name == "$id" { &ID } else { User::SCHEMA.field(name).unwrap() };
            let (users, value) = (users(&store), value.to_owned());
            async move { users.find(field, value.into()).await.unwrap().map(|u| u.id.to_string()) }
        };
        assert_eq!(of("$id", "u2").await.as_deref(), Some("u2"));
        assert_eq!(of("email", "u2@example.com").await.as_deref(), Some("u2"));
        assert_eq!(of("name", "Name of u2").await.as_deref(), Some("u2"));
        for (name, value) in
            [("$id", "wrong"), ("email", "wrong@example.com"), ("phone", "+1"), ("name", "Wrong")]
        {
            assert_eq!(of(name, value).await, None, "{name}");
        }
        // The index is there again, and the sequence of the deleted last user is not given again.
        let error = users(&store).insert(rival("u2")).await.unwrap_err();
        assert!(matches!(error, StoreError::Conflict { key: "email", .. }), "{error}");
        commit(&store, insert("new")).await.unwrap();
        assert_eq!(users(&store).get("new").await.unwrap().unwrap().sequence(), 6);
    });
    drop(store);
    place.check_integrity();
}

#[test]
fn a_unique_tuple_that_the_data_violates() {
    let place = Place::new();
    let store = place.open();
    run(async {
        commit(&store, insert("u1")).await.unwrap();
        users(&store).insert(named("twin", "Name of u1")).await.unwrap();
    });
    drop(store);
    assert_snapshot!(place.refused_with(NAMES_ARE_UNIQUE), @"DIR/users.db: the users break a rule that is new to them: another of the users has the same name; open the file with the schema of before, and mend them");

    // It still opens as before, and with the new schema once the data satisfies it.
    let store = place.open();
    assert_eq!(rows(&*store, User::SCHEMA).len(), 2);
    run(commit(&store, Batch::new().put(user("twin"), Expect::Anything))).unwrap();
    drop(store);
    let store = place.open_with(NAMES_ARE_UNIQUE).unwrap();
    let error = run(users(&store).insert(named("another", "Name of u1"))).unwrap_err();
    assert!(matches!(error, StoreError::Backend(_) | StoreError::Conflict { .. }), "{error}");
    assert_eq!(rows(&*store, User::SCHEMA).len(), 2);
}

#[test]
fn a_body_that_is_no_record() {
    let place = Place::with_users(3);
    let half = "UPDATE users SET body = substr(body, 1, 20) WHERE \"$id\" = 'u1'";
    by_hand(&place, half);
    // As long as the schema stays, the others can be read.
    let store = place.open();
    assert!(run(users(&store).get("u2")).unwrap().is_some());
    let error = run(users(&store).get("u1")).unwrap_err();
    assert_snapshot!(error, @"the store failed: row 2 of the users holds no record: EOF while parsing a string at line 1 column 20");
    drop(store);
    by_hand(&place, FORGET);
    assert_snapshot!(place.refused(), @r#"DIR/users.db: the record "u1" of the users can't be read: EOF while parsing a string at line 1 column 20"#);
}

#[test]
fn what_is_owned_outlives_the_new_table_of_its_owners() {
    let place = Place::with_users(2);
    let store = place.open_with(OWNED).unwrap();
    run(async {
        commit(&store, note("n0", "u0")).await.unwrap();
        commit(&store, note("n1", "u1")).await.unwrap();
    });
    drop(store);
    by_hand(&place, FORGET);
    let store = place.open_with(OWNED).unwrap();
    assert_eq!(rows(&*store, &NOTES).len(), 2);
    // It still belongs to them.
    let error = run(commit(&store, note("n2", "nobody"))).unwrap_err();
    assert!(matches!(error, StoreError::NotFound { schema: "users", .. }), "{error}");
    assert!(run(users(&store).delete("u0")).unwrap());
    assert_eq!(rows(&*store, &NOTES), [(2, 1, "n1".to_owned())]);
    drop(store);
    place.check_integrity();
}

#[test]
fn an_owner_that_the_data_lacks() {
    let place = Place::with_users(2);
    let store = place.open_with(FREE).unwrap();
    run(async {
        commit(&store, note("n0", "u0")).await.unwrap();
        commit(&store, note("n1", "nobody")).await.unwrap();
    });
    drop(store);
    assert_snapshot!(place.refused_with(OWNED), @r#"DIR/users.db: the notes break a rule that is new to them: there is no "nobody" among the users; open the file with the schema of before, and mend them"#);

    let store = place.open_with(FREE).unwrap();
    let orphan = vec![ID.equal(["n1"]).unwrap()];
    run(commit(&store, Batch::new().delete(&NOTES, orphan))).unwrap();
    drop(store);
    let store = place.open_with(OWNED).unwrap();
    assert!(run(users(&store).delete("u0")).unwrap());
    assert!(rows(&*store, &NOTES).is_empty());
}

/// The table of a schema that this program does not name is left alone.
#[test]
fn tables_of_other_schemas_stay() {
    let place = Place::with_users(1);
    let store = place.open_with(OWNED).unwrap();
    run(commit(&store, note("n", "u0"))).unwrap();
    drop(store);
    drop(place.open_with(SCHEMAS).unwrap());
    let store = place.open_with(OWNED).unwrap();
    assert_eq!(rows(&*store, &NOTES).len(), 1);
}

/// Searches, elements and tallies are made from the bodies as well, and those of fields that are gone go.
#[test]
fn what_stands_beside_the_table_is_made_anew() {
    let place = Place::with_users(3);
    let store = place.open();
    let mut labelled = named("u1", "Zoë");
    labelled.labels = vec!["vip".to_owned()];
    labelled.status = false;
    run(commit(&store, Batch::new().put(labelled, Expect::Anything))).unwrap();
    drop(store);
    by_hand(
        &place,
        "DELETE FROM \"users each labels\"; UPDATE rollbook_tallies SET n = 7;
         INSERT INTO \"users search\" (rowid, tokens) VALUES (77, 'zoe');
         CREATE TABLE \"users each hobbies\" (element, sequence);
         DROP TRIGGER \"users deleted\";",
    );
    by_hand(&place, FORGET);
    let store = place.open();
    let labels = User::SCHEMA.field("labels").unwrap().contains(["vip"]).unwrap();
    let blocked = User::SCHEMA.field("status").unwrap().equal([false]).unwrap();
    let search = User::SCHEMA.search("zoe").unwrap();
    for filter in [labels, blocked, search] {
        let query = Query::new(User::SCHEMA).filter(filter);
        assert_eq!(run(store.count(&query)).unwrap(), 1);
        assert_eq!(run(store.select(&query)).unwrap()[0].id(), "u1");
    }
    assert!(run(users(&store).delete("u1")).unwrap());
    assert_eq!(run(store.count(&Query::new(User::SCHEMA))).unwrap(), 2);
    drop(store);
    let left =
        "SELECT (SELECT count(*) FROM \"users each labels\") + (SELECT count(*) FROM sqlite_schema
        WHERE name = 'users each hobbies')";
    let left: u32 = place.other().query_row(left, (), |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
    place.check_integrity();
}
