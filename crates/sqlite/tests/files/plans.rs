//! Queries use indexes: what SQLite says it will do for each shape of query, in a file that is large enough
//! to make it wish for something else.

use std::sync::{Arc, LazyLock};

use rollbook_core::{
    Batch, Document, Expect, Field, Filter, ID, Query, Record, SEQUENCE, Session, Timestamp, User,
    UserStore,
};
use rollbook_sqlite::SqliteStore;
use serde_json::json;

use crate::{Place, run};

const USERS: usize = 10_000;

/// The same users in a file of which SQLite knows nothing yet, and in one with statistics.
static STORES: LazyLock<[(Place, Arc<SqliteStore>); 2]> = LazyLock::new(|| {
    let filled = || {
        let place = Place::new();
        let store = place.open();
        for outcome in run(store.commit((0..USERS).map(insert).collect())).expect("the store works")
        {
            outcome.expect("the users are new");
        }
        (place, store)
    };
    let (place, store) = filled();
    drop(store);
    place.other().execute_batch("ANALYZE").expect("SQLite counts");
    let store = place.open();
    [filled(), (place, store)]
});

/// All users, in the order of insertion.
static ALL: LazyLock<Vec<Document>> =
    LazyLock::new(|| run(STORES[0].1.select(&Query::new(User::SCHEMA))).expect("the store works"));

fn insert(n: usize) -> Batch {
    // Times in no order, some of them null; most users are not blocked.
    let scattered = n * 7919 % USERS;
    let user: User = serde_json::from_value(json!({
        "$id": format!("u{scattered}"),
        "$createdAt": scattered * 1000,
        "$updatedAt": scattered * 1000,
        "registration": scattered * 1000,
        "status": !n.is_multiple_of(100),
        "name": format!("Name {}", n % 64),
        "email": (!n.is_multiple_of(10)).then(|| format!("u{scattered}@example.com")),
        "phone": (n % 10 > 1).then(|| format!("+1{:010}", 2_000_000_000 + scattered)),
        "passwordUpdate": (!n.is_multiple_of(2)).then_some(scattered),
        "accessedAt": (!n.is_multiple_of(3)).then_some(scattered),
        "emailVerification": n.is_multiple_of(4),
        "phoneVerification": n.is_multiple_of(5),
        "labels": if n.is_multiple_of(20) { vec!["vip", "x"] } else { vec![] },
    }))
    .expect("it is a user");
    Batch::new().put(user, Expect::Absent)
}

fn field(name: &str) -> &'static Field {
    User::SCHEMA.field(name).expect("users have it")
}

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).expect("it is a time")
}

fn page() -> Query {
    Query::new(User::SCHEMA).limit(25)
}

fn with(filter: Result<Filter, rollbook_core::QueryError>) -> Query {
    page().filter(filter.expect("the value has the type of the field"))
}

fn up(query: Query, name: &str) -> Query {
    query.order(field(name).ascending())
}

fn down(query: Query, name: &str) -> Query {
    query.order(field(name).descending())
}

/// A user in the middle of the file.
fn row() -> &'static Document {
    &ALL[USERS / 2]
}

/// The plans of `query`, after a check that it finds what it should.
fn plan(query: &Query) -> String {
    let ids = |rows: &[Document]| rows.iter().map(|row| row.id().to_owned()).collect::<Vec<_>>();
    let plans = STORES.iter().map(|(_, store)| {
        let found = run(store.select(query)).expect("the store works");
        assert_eq!(ids(&found), ids(&query.run(&*ALL)), "{query:?}");
        let number = run(store.count(query)).expect("the store works");
        let matching = ALL.iter().filter(|row| query.matches(row)).count();
        assert_eq!(number, matching as u64, "{query:?}");
        store.explain(query).expect("SQLite explains")
    });
    plans.collect::<Vec<_>>().join("\n")
}

/// Whether a step reads every row of the table.
fn scans(plan: &str) -> bool {
    plan.lines().any(|step| step.trim_start() == "SCAN users")
}

/// Whether a step sorts all that was found. To sort rows of one value by their sequence is no such step.
fn sorts(plan: &str) -> bool {
    plan.contains("TEMP B-TREE FOR ORDER BY")
}

/// Neither reads more than the page needs, nor sorts.
fn check_in_order(name: &str, query: &Query) {
    let plan = plan(query);
    assert!(!scans(&plan) && !sorts(&plan), "{name}: {query:?}\n{plan}");
}

/// Finds by an index and sorts what it found.
fn check_sorted(name: &str, query: &Query) {
    let plan = plan(query);
    assert!(!scans(&plan) && sorts(&plan), "{name}: {query:?}\n{plan}");
}

/// Counts the rows before the page off by an index alone, in its order, and sorts no more than the page.
fn check_skipping(name: &str, query: &Query) {
    let plan = plan(query);
    if plan.contains("COMPOUND QUERY") {
        // What may be null is read in two parts, in their order.
        return assert!(!scans(&plan) && !sorts(&plan), "{name}: {query:?}\n{plan}");
    }
    let (within, page): (Vec<_>, Vec<_>) = plan.lines().partition(|step| step.starts_with(' '));
    let covering = within.iter().any(|step| step.contains("COVERING INDEX"));
    assert!(covering && !sorts(&within.join("\n")), "{name}: {query:?}\n{plan}");
    assert!(page.iter().any(|step| step.contains("INTEGER PRIMARY KEY")), "{name}\n{plan}");
}

/// The fields by which users are sorted, but for the lists.
const ORDERED: [&str; 12] = [
    "name",
    "email",
    "phone",
    "status",
    "passwordUpdate",
    "registration",
    "emailVerification",
    "phoneVerification",
    "$createdAt",
    "$updatedAt",
    "accessedAt",
    "$id",
];

const FLAGS: [&str; 3] = ["status", "emailVerification", "phoneVerification"];

const TIMES: [&str; 5] =
    ["passwordUpdate", "registration", "$createdAt", "$updatedAt", "accessedAt"];

#[test]
fn orders() {
    for name in ORDERED {
        check_in_order(name, &up(page(), name));
        check_in_order(name, &down(page(), name));
        check_skipping(name, &down(page().offset(100), name));
    }
    // Every row has a part in it.
    check_in_order("all", &Query::new(User::SCHEMA).filter(SEQUENCE.greater(0).unwrap()));
}

#[test]
fn pages_by_cursor() {
    let row = row();
    for name in ORDERED {
        for query in [up(page(), name), down(page(), name)] {
            check_in_order(name, &query.clone().after(row));
            check_in_order(name, &query.before(row));
        }
    }
    check_in_order("insertion", &page().after(row));
    check_in_order("insertion", &page().before(row));
    // A page far behind is sought, not reached by reading all before it.
    for (name, part) in [("registration", "registration<?"), ("name", "name<?")] {
        let plan = plan(&down(page(), name).after(row));
        assert!(plan.contains(part), "{plan}");
    }
}

/// A row without a value, from which pages go on to the rows with one and back.
#[test]
fn pages_by_cursor_from_a_null() {
    let null = Query::new(User::SCHEMA).filter(field("email").is_null()).offset(500).limit(1);
    let row = &null.run(&*ALL)[0];
    for name in ["email", "phone"] {
        for query in [up(page(), name), down(page(), name)] {
            check_in_order(name, &query.clone().after(row));
            check_in_order(name, &query.before(row));
        }
    }
}

#[test]
fn equality() {
    for name in ["name", "email", "phone", "$id"] {
        let values = [["Name 7", "x"], ["u7@example.com", "x"], ["+12000000007", "x"], ["u7", "x"]];
        for [value, other] in values {
            check_in_order(name, &with(field(name).equal([value])));
            check_sorted(name, &down(with(field(name).equal([value, other])), "accessedAt"));
        }
    }
    for name in TIMES {
        check_in_order(name, &with(field(name).equal([time(7000)])));
        check_in_order(name, &with(field(name).equal([time(7000)])).after(row()));
    }
    for name in FLAGS {
        for value in [true, false] {
            check_in_order(name, &with(field(name).equal([value])));
            check_in_order(name, &with(field(name).equal([value])).after(row()));
            check_in_order(name, &with(field(name).equal([value])).before(row()));
        }
    }
}

#[test]
fn ranges() {
    for name in TIMES {
        let from = || field(name).greater(time(5_000_000));
        let to = || field(name).less_equal(time(6_000_000)).unwrap();
        for query in [with(from()), with(from()).filter(to()), page().filter(to())] {
            check_in_order(name, &up(query.clone(), name));
            check_in_order(name, &down(query.clone(), name));
            // The rows of a range are not in the order of insertion.
            check_sorted(name, &query);
        }
        check_in_order(name, &up(with(field(name).between(time(1), time(9_000_000))), name));
    }
    check_in_order("name", &up(with(field("name").greater("Name 3")), "name"));
    check_in_order("$id", &up(with(ID.greater("u3")), "$id"));
    check_in_order("$sequence", &with(SEQUENCE.between(100, 5_000)));
}

#[test]
fn a_flag_never_leads_against_an_order() {
    for name in TIMES {
        let blocked = || with(field("status").equal([false]));
        let plan = plan(&down(blocked(), name));
        assert!(plan.contains(&format!("users by {name}")), "{plan}");
        let late = field(name).greater(time(5_000_000)).unwrap();
        check_in_order(name, &down(blocked().filter(late.clone()), name));
        check_in_order(name, &up(blocked().filter(late), name).after(row()));
    }
    check_in_order("name", &up(with(field("emailVerification").equal([true])), "name"));
    check_in_order("$id", &up(with(field("status").equal([true])), "$id"));
    check_in_order(
        "flags",
        &with(field("status").equal([true]))
            .filter(field("emailVerification").equal([false]).unwrap()),
    );
}

#[test]
fn beginnings_and_nulls() {
    for (name, prefix) in [("name", "Name 1"), ("email", "u12"), ("phone", "+120"), ("$id", "u99")]
    {
        check_in_order(name, &up(with(field(name).starts_with(prefix)), name));
        check_in_order(name, &down(with(field(name).starts_with(prefix)), name));
        check_sorted(name, &with(field(name).starts_with(prefix)));
        check_sorted(name, &down(with(field(name).starts_with(prefix)), "$createdAt"));
    }
    for name in ["email", "phone", "passwordUpdate", "accessedAt", "name", "status"] {
        check_in_order(name, &page().filter(field(name).is_null()));
        check_in_order(name, &down(page().filter(field(name).is_null()), "registration"));
        check_in_order(name, &up(page().filter(field(name).is_not_null()), name));
    }
    check_sorted("email", &page().filter(field("email").is_not_null()));
}

#[test]
fn labels() {
    let labels = field("labels");
    check_in_order("labels", &with(labels.contains(["vip"])));
    check_in_order("labels", &with(labels.contains(["vip"])).after(row()));
    check_in_order("labels", &with(labels.contains(["vip", "pro"])));
    check_in_order("labels", &with(labels.contains_all(["vip", "x"])));
    check_in_order("labels", &with(labels.contains_all(["vip", "vip"])));
    check_sorted("labels", &down(with(labels.contains(["vip"])), "registration"));
    let flag = field("status").equal([true]).unwrap();
    check_in_order("labels", &with(labels.contains(["vip"])).filter(flag));
}

#[test]
fn searches() {
    let search = |text: &str| with(User::SCHEMA.search(text));
    for text in
        ["u", "name 1", "u12@example.com", "\"name 7\"", "example", "label:vip", "+12000000"]
    {
        check_in_order(text, &search(text));
        check_in_order(text, &search(text).after(row()));
        check_in_order(text, &search(text).before(row()));
        check_in_order(text, &search(text).filter(field("status").equal([true]).unwrap()));
        check_sorted(text, &down(search(text), "$createdAt"));
        check_sorted(text, &up(search(text), "name").after(row()));
    }
    let late = plan(&search("name").after(row()));
    assert!(late.contains("SCAN users search VIRTUAL TABLE INDEX"), "{late}");
    assert!(late.contains("SEARCH users USING INTEGER PRIMARY KEY"), "{late}");
    // It can't be true of any row, so that none is read.
    plan(&search("-"));
    check_in_order("two", &search("name").filter(User::SCHEMA.search("u12").unwrap()));
    check_sorted(
        "one or the other",
        &page().filter(Filter::or([
            User::SCHEMA.search("u12").unwrap(),
            field("email").equal(["u7@example.com"]).unwrap(),
        ])),
    );
}

/// No index serves these.
#[test]
fn what_is_scanned() {
    for query in [
        with(field("email").ends_with("7@example.com")),
        with(field("name").contains(["ame 7"])),
        with(field("name").not_equal("Name 7")),
        with(field("labels").not_contains(["vip"])),
    ] {
        let plan = plan(&query);
        assert!(scans(&plan) && !sorts(&plan), "{query:?}\n{plan}");
    }
}

#[test]
fn ended_sessions_are_found_by_their_ends() {
    let ended = Query::new(Session::SCHEMA).filter(Session::EXPIRE.less_equal(time(0)).into());
    let plan = STORES[0].1.explain(&ended).expect("SQLite explains");
    assert!(plan.starts_with("SEARCH sessions USING INDEX") && plan.contains("expire<?"), "{plan}");
}
