//! What is read for which query, of 3,000 users; and that what is read in order is in order.

use rollbook_core::{
    Batch, Cursor, Direction, Document, Expect, Filter, ID, Order, Query, Record, SCHEMAS, User,
};
use serde_json::json;

use crate::plain::Maps;
use crate::{Kv, Tuning};

fn users() -> Kv<Maps> {
    let kv = Kv::new(Maps::new(SCHEMAS.len()), SCHEMAS).unwrap();
    let batches = (0..3_000).map(|n| {
        let labels: &[&str] = match n {
            _ if n % 1_000 == 0 => &["even", "rare"],
            _ if n % 2 == 0 => &["even"],
            _ => &[],
        };
        let user: User = serde_json::from_value(json!({
            "$id": format!("u{n}"),
            "$createdAt": n / 4,
            "$updatedAt": 3_000 - n / 300,
            "name": format!("{} {}", ["Ann", "Bob", "Cid"][n % 3], n % 500),
            "email": (n % 5 > 0).then(|| format!("user{n}@x.co")),
            "registration": n % 7,
            "status": n % 10 > 0,
            "labels": labels,
            "accessedAt": (n % 3 > 0).then_some(n % 100),
        }))
        .unwrap();
        Batch::new().put(user, Expect::Absent)
    });
    kv.commit(batches.collect()).unwrap().into_iter().for_each(|outcome| drop(outcome.unwrap()));
    kv
}

fn all() -> Query {
    Query::new(User::SCHEMA)
}

fn orders(query: Query, orders: &[Order]) -> Query {
    orders.iter().fold(query, |query, order| query.order(*order))
}

fn user(kv: &Kv<Maps>, id: &str) -> Document {
    kv.select(&all().filter(ID.equal([id.to_owned()]).unwrap())).unwrap().remove(0)
}

/// Queries of every kind, by name.
fn queries(kv: &Kv<Maps>) -> Vec<(&'static str, Query)> {
    let filter = |filter: Filter| all().filter(filter);
    let search = |text: &str| all().filter(User::SCHEMA.search(text).unwrap());
    let even = || filter(User::LABELS.contains("even").into());
    let (newest, by_name) = (User::CREATED_AT.descending().into(), User::NAME.ascending().into());
    let accessed: Order = User::ACCESSED_AT.descending().into();
    let row = user(kv, "u1500");
    vec![
        ("one id", filter(User::ID.equal("u7").into())),
        ("one e-mail", filter(User::EMAIL.equal("user7@x.co").into())),
        ("one name", filter(User::NAME.equal("Ann 0").into())),
        (
            "some names, newest",
            filter(User::NAME.any_of(["Ann 0", "Bob 1"]).into()).order(newest).limit(5),
        ),
        (
            "a rare label, by name",
            filter(User::LABELS.contains("rare").into()).order(by_name).limit(5),
        ),
        ("a common label", even().limit(25)),
        ("a common label, last", even().order(User::SEQUENCE.descending().into()).limit(25)),
        ("a common label, newest", even().order(newest).limit(25)),
        ("a common label, all", even().order(newest)),
        ("a common and a rare label", even().filter(User::LABELS.contains("rare").into())),
        ("no e-mail", filter(User::EMAIL.is_null().into()).limit(5)),
        (
            "a common status, by name",
            filter(User::STATUS.equal(true).into()).order(by_name).limit(25),
        ),
        (
            "a short range in its order",
            filter(User::NAME.starts_with("Ann 1").into()).order(by_name).limit(5),
        ),
        (
            "a long range in its order",
            filter(User::NAME.greater("B").into()).order(by_name).limit(5),
        ),
        (
            "a long range in another order",
            filter(User::NAME.greater("B").into()).order(newest).limit(5),
        ),
        ("a rare word", search("user77").limit(5)),
        ("a common word", search("user").limit(25)),
        ("a common word, newest", search("user").order(newest).limit(25)),
        ("common words", search("user x.co").order(newest).limit(25)),
        ("two letters", search("an").limit(25)),
        ("no word", search(">").limit(25)),
        ("none of no names", filter(User::NAME.any_of([""; 0]).into()).limit(25)),
        ("everybody", all()),
        ("the first", all().limit(25)),
        ("newest", all().order(newest).limit(25)),
        ("by name", all().order(by_name).limit(25)),
        ("by name, all", all().order(by_name)),
        ("by a field without index", all().order(ID.ascending()).limit(25)),
        ("by two keys", orders(all(), &[accessed, by_name]).limit(25)),
        ("a page by insertion", all().limit(25).after(&row)),
        ("a page before", all().limit(25).before(&row)),
        ("a page of the newest", all().order(newest).limit(25).after(&row)),
        ("a page by name, before", all().order(by_name).limit(25).before(&row)),
        ("a page after those without", all().order(accessed).limit(25).after(&user(kv, "u0"))),
        ("a page of a label", even().limit(25).after(&row)),
        ("the total alone", even().limit(0)),
    ]
}

#[test]
fn the_plan_of_each_kind_of_query() {
    let kv = users();
    let everybody = kv.select(&all()).unwrap();
    let mut told = String::new();
    for (name, query) in queries(&kv) {
        told += &format!("{name}: {}\n", kv.explain(&query).unwrap());
        assert_eq!(ids(&kv.select(&query).unwrap()), ids(&query.run(&everybody)), "{name}");
        let matching = everybody.iter().filter(|user| query.matches(user)).count();
        assert_eq!(kv.count(&query).unwrap(), matching as u64, "{name}");
    }
    insta::assert_snapshot!(told, @r#"
    one id: read $id, then sort
    one e-mail: read the unique email, then sort
    one name: read the index of name, then sort
    some names, newest: read the index of name, then sort
    a rare label, by name: read the index of labels, then sort
    a common label: read the index of labels in the order of insertion
    a common label, last: read the index of labels against the order of insertion
    a common label, newest: read the index of $createdAt against its order; if that takes long, read the index of labels, then sort
    a common label, all: read the index of labels, then sort
    a common and a rare label: read the index of labels, then sort
    no e-mail: read the index of email in the order of insertion
    a common status, by name: read the index of name in its order; if that takes long, read the index of status, then sort
    a short range in its order: read the range of name, then sort
    a long range in its order: read the index of name in its order; if that takes long, read the range of name, then sort
    a long range in another order: read the index of $createdAt against its order; if that takes long, read the range of name, then sort
    a rare word: read the words that begin with "user77", then sort
    a common word: read all in the order of insertion; if that takes long, read the words that begin with "user", then sort
    a common word, newest: read the index of $createdAt against its order; if that takes long, read the words that begin with "user", then sort
    common words: read the index of $createdAt against its order; if that takes long, read the words that are "x" or the words that begin with "co" or the words that begin with "user", whichever is shorter, then sort
    two letters: read the words that begin with "an" in the order of insertion
    no word: read nothing, then sort
    none of no names: read nothing, then sort
    everybody: read all in the order of insertion
    the first: read all in the order of insertion
    newest: read the index of $createdAt against its order
    by name: read the index of name in its order
    by name, all: read all, then sort
    by a field without index: read all, then sort
    by two keys: read the index of accessedAt against its order
    a page by insertion: read all in the order of insertion
    a page before: read all against the order of insertion
    a page of the newest: read the index of $createdAt against its order; if that takes long, read the range of $createdAt, then sort
    a page by name, before: read the range of name, then sort
    a page after those without: read the index of accessedAt, then sort
    a page of a label: read the index of labels in the order of insertion
    the total alone: read the index of labels in the order of insertion
    "#);
}

fn ids(users: &[Document]) -> Vec<&str> {
    users.iter().map(Document::id).collect()
}

/// All pages one after the other are the whole list, whichever way they are read.
#[test]
fn pages_are_the_whole_list_in_pieces() {
    let kv = users();
    // Nothing is read as a whole.
    let eager = users().tuned(Tuning { few: 0, patience: u64::MAX });
    let everybody = kv.select(&all()).unwrap();
    let keys: [(&str, Vec<Order>); 8] = [
        ("insertion", vec![]),
        ("against insertion", vec![User::SEQUENCE.descending().into()]),
        ("newest", vec![User::CREATED_AT.descending().into()]),
        ("oldest", vec![User::CREATED_AT.ascending().into()]),
        ("latest registration", vec![User::REGISTRATION.descending().into()]),
        ("latest access", vec![User::ACCESSED_AT.descending().into()]),
        ("earliest access", vec![User::ACCESSED_AT.ascending().into()]),
        ("status and name", vec![User::STATUS.ascending().into(), User::NAME.descending().into()]),
    ];
    for (name, keys) in keys {
        let query = orders(all(), &keys);
        let whole = query.run(&everybody);
        for (kv, length) in [(&kv, 331), (&eager, 190)] {
            for direction in [Direction::Ascending, Direction::Descending] {
                let mut found = Vec::new();
                let mut page = query.clone().limit(length);
                if direction == Direction::Descending {
                    found.push(whole[2_999].clone());
                    page = page.before(&whole[2_999]);
                }
                loop {
                    let mut rows = kv.select(&page).unwrap();
                    page.restore(&mut rows);
                    if direction == Direction::Descending {
                        rows.reverse();
                    }
                    let Some(last) = rows.last() else { break };
                    let place = Cursor::new(&query, last).unwrap();
                    let next = query.clone().limit(length);
                    page = match direction {
                        Direction::Ascending => next.after_cursor(&place).unwrap(),
                        Direction::Descending => next.before_cursor(&place).unwrap(),
                    };
                    found.extend(rows);
                }
                if direction == Direction::Descending {
                    found.reverse();
                }
                assert!(ids(&found) == ids(&whole), "by {name}, {direction:?}, {length} at a time");
            }
        }
    }
}
