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
        vec![name.ascending(), accessed.descending(), ID.ascending()],
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
        field("status").contains(["a"]).unwrap_err(),
        field("registration").greater("2020-01-01").unwrap_err(),
    ]
    .map(|error| error.to_string())
    .join("\n");
    insta::assert_snapshot!(messages, @r#"
    Invalid query: Attribute not found in schema: prefs
    Invalid query: Query value is invalid for attribute "status"
    Invalid query: Equal queries require at least one value.
    Invalid query: Query on attribute has greater than 500 values: name
    Invalid query: Cannot query equal on attribute "labels" because it is an array.
    Invalid query: Cannot query lessThan on attribute "labels" because it is an array.
    Invalid query: Query value is invalid for attribute "status"
    Invalid query: Cannot query contains on attribute "status" because it is not an array, string, or object.
    Invalid query: Query value is invalid for attribute "registration"
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

#[test]
fn parts_of_texts_and_lists() {
    let mut rows = rows(&[("Ann", None), ("bob", None), ("", None), ("100%", None)]);
    let labels: [&[&str]; 4] = [&["vip"], &[], &["pro", "vip"], &["VIP"]];
    for (row, labels) in rows.iter_mut().zip(labels) {
        let mut user = row.typed::<User>().clone();
        user.labels = labels.iter().map(ToString::to_string).collect();
        user.email = (row.sequence() > 1).then(|| crate::Email::parse("a@x.co").unwrap());
        *row = Document::new(1, row.sequence(), Arc::new(user));
    }
    let (name, email, labels) = (field("name"), field("email"), field("labels"));
    let expectations: [(Result<Filter, QueryError>, &[u64]); 19] = [
        (name.ends_with("nn"), &[1]),
        (name.ends_with("N"), &[]),
        (name.ends_with(""), &[1, 2, 3, 4]),
        (name.not_ends_with("nn"), &[2, 3, 4]),
        (name.contains(["n"]), &[1]),
        (name.contains(["N", "o", "%"]), &[2, 4]),
        (name.contains_all(["o", "b"]), &[2]),
        (name.not_contains(["n", "o"]), &[3, 4]),
        (name.not_starts_with("A"), &[2, 3, 4]),
        (name.between("A", "b"), &[1]),
        (name.between("b", "A"), &[]),
        (name.not_between("A", "b"), &[2, 3, 4]),
        (name.not_between("b", "A"), &[1, 2, 3, 4]),
        // A null satisfies neither a filter nor its opposite.
        (email.not_contains(["z"]), &[2, 3, 4]),
        (email.not_ends_with("z"), &[2, 3, 4]),
        (labels.contains(["vip", "x"]), &[1, 3]),
        (labels.contains_all(["vip", "pro"]), &[3]),
        (labels.not_contains(["vip"]), &[2, 4]),
        (labels.not_contains(["vi", "x"]), &[1, 2, 3, 4]),
    ];
    for (filter, expected) in expectations {
        check(&Query::new(User::SCHEMA).filter(filter.unwrap()), &rows, expected);
    }
}

#[test]
fn a_shuffled_query_has_all_rows_in_another_order() {
    let rows = rows(&[("", None); 50]);
    let query = |seed| Query::new(User::SCHEMA).shuffled(Shuffle::new(seed));
    let order = |seed| query(seed).run(&rows).iter().map(Document::sequence).collect::<Vec<_>>();
    let mut sorted = order(1);
    assert_eq!(order(1), sorted);
    assert_ne!(order(1), order(2));
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=50).collect::<Vec<_>>());
    let pages = [query(1).limit(20), query(1).offset(20)].map(|query| query.run(&rows));
    assert_eq!(pages.concat().iter().map(Document::sequence).collect::<Vec<_>>(), order(1));
    assert!(query(1).after(&rows[0]).run(&rows).is_empty());
    assert_eq!(Cursor::new(&query(1), &rows[0]), Err(QueryError::CursorInRandomOrder));
}

#[test]
fn cursors_outlive_their_row_in_both_directions() {
    let rows = rows(&[("b", Some(2)), ("a", None), ("b", Some(1)), ("é\0", Some(2)), ("c", None)]);
    let [name, accessed, labels] = [field("name"), field("accessedAt"), field("labels")];
    let orders = [
        vec![],
        vec![name.descending(), accessed.ascending()],
        vec![accessed.descending(), labels.ascending()],
        vec![field("status").ascending(), field("$createdAt").descending()],
        vec![ID.descending()],
    ];
    for keys in orders {
        let query = keys.into_iter().fold(Query::new(User::SCHEMA), Query::order);
        let all = query.run(&rows);
        for (place, row) in all.iter().enumerate() {
            let cursor = Cursor::new(&query, row).unwrap();
            let read: Cursor = cursor.to_string().parse().unwrap();
            assert_eq!(read, cursor);
            let left: Vec<Document> =
                rows.iter().filter(|other| other.id() != row.id()).cloned().collect();
            let ids = |rows: &[Document]| rows.iter().map(Document::sequence).collect::<Vec<_>>();
            let after = query.clone().after_cursor(&cursor).unwrap().run(&left);
            assert_eq!(ids(&after), ids(&all[place + 1..]));
            let before = query.clone().before_cursor(&cursor).unwrap();
            // The place of a row is the same, whichever way its page was read.
            assert_eq!(Cursor::new(&before, row).unwrap(), cursor);
            let mut found = before.run(&left);
            before.restore(&mut found);
            assert_eq!(ids(&found), ids(&all[..place]));
        }
    }
}

#[test]
fn a_cursor_that_does_not_fit_is_refused() {
    let rows = rows(&[("Ann", None)]);
    let query = Query::new(User::SCHEMA).order(field("name").ascending());
    let text = Cursor::new(&query, &rows[0]).unwrap().to_string();
    insta::assert_snapshot!(text, @r#"Aa-0z189b1sidXNlcnMiLFtbIm5hbWUiLCIrIiwiQW5uIl0sWyIkc2VxdWVuY2UiLCIrIiwxXV1d"#);
    for place in 0..text.len() {
        let mut changed = text.clone().into_bytes();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(changed.parse::<Cursor>(), Err(QueryError::CursorText), "{changed}");
        assert_eq!(text[..place].parse::<Cursor>(), Err(QueryError::CursorText));
    }
    let cursor: Cursor = text.parse().unwrap();
    assert!(query.after_cursor(&cursor).is_ok());
    for other in [
        Query::new(User::SCHEMA),
        Query::new(User::SCHEMA).order(field("name").descending()),
        Query::new(User::SCHEMA).order(field("email").ascending()),
        Query::new(User::SCHEMA).order(field("name").ascending()).order(field("email").ascending()),
    ] {
        assert_eq!(other.before_cursor(&cursor), Err(QueryError::CursorOrder));
    }
}
