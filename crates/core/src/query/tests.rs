use std::sync::Arc;

use super::*;
use crate::{Id, Record, Timestamp, User};

fn field(name: &str) -> &'static Field {
    User::SCHEMA.field(name).unwrap()
}

/// Users called by the names of their places, with names and access times as given.
fn rows(users: &[(&str, Option<i64>)]) -> Vec<Document> {
    let start = Timestamp::from_millis(0).unwrap();
    let document = |(sequence, (name, accessed)): (u64, &(&str, Option<i64>))| {
        let mut user = User::empty(Id::parse(format!("u{sequence}")).unwrap(), start);
        (*name).clone_into(&mut user.name);
        user.accessed_at = accessed.map(|millis| Timestamp::from_millis(millis).unwrap());
        Document::new(1, sequence, Arc::new(user))
    };
    (1..).zip(users).map(document).collect()
}

fn check(query: &Query, rows: &[Document], expected: &[u64]) {
    let found: Vec<u64> = query.run(rows).iter().map(Document::sequence).collect();
    assert_eq!(found, expected, "{query:?}");
}

#[test]
fn orders_with_nulls_and_ties() {
    let rows = rows(&[("b", Some(2)), ("a", None), ("b", Some(1)), ("a", Some(2)), ("c", None)]);
    let query = || Query::new(User::SCHEMA);
    let (name, accessed) = (field("name"), field("accessedAt"));
    check(&query(), &rows, &[1, 2, 3, 4, 5]);
    check(&query().order(SEQUENCE.descending()), &rows, &[5, 4, 3, 2, 1]);
    check(&query().order(name.ascending()), &rows, &[2, 4, 1, 3, 5]);
    check(&query().order(name.descending()), &rows, &[5, 1, 3, 2, 4]);
    check(&query().order(accessed.ascending()), &rows, &[2, 5, 3, 1, 4]);
    check(&query().order(accessed.descending()), &rows, &[1, 4, 3, 2, 5]);
    let both = query().order(name.ascending()).order(accessed.descending());
    check(&both, &rows, &[4, 2, 1, 3, 5]);
    // A key that decides everything makes the later ones idle; the first of two on a field counts.
    let idle = query().order(SEQUENCE.descending()).order(name.ascending());
    check(&idle, &rows, &[5, 4, 3, 2, 1]);
    check(&query().order(name.descending()).order(name.ascending()), &rows, &[5, 1, 3, 2, 4]);
    // All were created at the same moment: newest first is last inserted first.
    check(&query().order(field("$createdAt").descending()), &rows, &[5, 4, 3, 2, 1]);
}

#[test]
fn cursors_continue_every_order_from_every_row() {
    let rows = rows(&[("b", Some(2)), ("a", None), ("b", Some(1)), ("a", Some(2)), ("c", None)]);
    let (name, accessed) = (field("name"), field("accessedAt"));
    let orders = [
        vec![],
        vec![name.ascending()],
        vec![name.descending()],
        vec![accessed.ascending()],
        vec![accessed.descending()],
        vec![accessed.ascending(), name.descending()],
        vec![name.ascending(), accessed.descending(), crate::ID.ascending()],
        vec![SEQUENCE.descending()],
    ];
    for keys in orders {
        let query = keys.into_iter().fold(Query::new(User::SCHEMA), Query::order);
        let all: Vec<u64> = query.run(&rows).iter().map(Document::sequence).collect();
        for (place, row) in query.run(&rows).iter().enumerate() {
            check(&query.clone().after(row), &rows, &all[place + 1..]);
            let before = query.clone().before(row).limit(2);
            let mut found = before.run(&rows);
            before.restore(&mut found);
            let found: Vec<u64> = found.iter().map(Document::sequence).collect();
            assert_eq!(found, all[place.saturating_sub(2)..place], "{before:?}");
        }
    }
}

#[test]
fn filters_are_checked_when_they_are_made() {
    let messages = [
        User::SCHEMA.field("prefs").map(|_| ()).unwrap_err(),
        field("status").equal(["true"]).unwrap_err(),
        field("name").equal::<&str>([]).unwrap_err(),
        field("name").equal(vec!["x"; 501]).unwrap_err(),
        field("labels").equal(["vip"]).unwrap_err(),
        field("labels").less("vip").unwrap_err(),
        field("status").starts_with("t").unwrap_err(),
        field("name").contains(["a"]).unwrap_err(),
        field("registration").greater("2020-01-01").unwrap_err(),
    ]
    .map(|error| error.to_string())
    .join("\n");
    insta::assert_snapshot!(messages, @r#"
    Attribute not found in schema: prefs
    Query value is invalid for attribute "status"
    Equal queries require at least one value.
    Query on attribute has greater than 500 values: name
    Cannot query equal on attribute "labels" because of its type.
    Cannot query lessThan on attribute "labels" because of its type.
    Cannot query startsWith on attribute "status" because of its type.
    Cannot query contains on attribute "name" because of its type.
    Query value is invalid for attribute "registration"
    "#);
}

#[test]
fn what_the_filters_pin_down() {
    let name = field("name");
    let either = Filter::or([name.equal(["a"]).unwrap(), name.equal(["b"]).unwrap()]);
    let query = Query::new(User::SCHEMA).filter(either);
    assert_eq!(query.pinned(name), None, "an alternative pins nothing");
    let query = query.filter(Filter::and([name.equal(["a", "b"]).unwrap()]));
    assert_eq!(query.pinned(name), Some(["a".into(), "b".into()].as_slice()));
    assert_eq!(query.pinned(field("email")), None);
}
