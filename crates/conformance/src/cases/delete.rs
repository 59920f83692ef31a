//! Deletions by filter.

use rollbook_core::{Batch, Expect, Filter, SEQUENCE};

use crate::Harness;
use crate::fixtures::{MEMBERS, Member, field};
use crate::probe::{Trial, has_id, ids};
use crate::report::{check, rule};

/// Deletion takes what satisfies all the filters, tells how many, and leaves the rest.
pub(crate) async fn delete_by_filters<H: Harness>() {
    let age = field::<Member>("age");
    let name = field::<Member>("name");
    let greater = || age.greater(1).expect("an age is a number");
    let cases: [(&str, Vec<Filter>, &[&str]); 9] = [
        ("an id", vec![has_id("c")], &["a", "b", "d", "e"]),
        ("an id that nobody has", vec![has_id("z")], &["a", "b", "c", "d", "e"]),
        ("age > 1", vec![greater()], &["a", "d"]),
        ("age > 1 and the id c", vec![greater(), has_id("c")], &["a", "b", "d", "e"]),
        ("no age", vec![age.is_null()], &["a", "b", "c", "e"]),
        (
            "two ids that exclude each other",
            vec![has_id("a"), has_id("b")],
            &["a", "b", "c", "d", "e"],
        ),
        ("either of two", vec![Filter::or([has_id("a"), age.is_null()])], &["b", "c", "e"]),
        (
            "an empty `Or`, which nothing satisfies",
            vec![Filter::or([])],
            &["a", "b", "c", "d", "e"],
        ),
        (
            "a name that begins with %",
            vec![name.starts_with("%").expect("a name is a text")],
            &["a", "b", "c", "d"],
        ),
    ];
    for (what, filters, expected) in cases {
        let trial = Trial::<H>::open().await;
        for (id, age, name) in MEMBERS_TO_DELETE {
            trial
                .insert(Member { name: Some((*name).to_owned()), age: *age, ..Member::new(id) })
                .await;
        }
        let done = format!("deletion by {what}: {filters:?}");
        let deleted = trial.delete(&MEMBERS, filters).await;
        check(rule::SELECT, &done, ids(&trial.all(&MEMBERS).await), expected.to_vec());
        check(rule::COMMITTED, &done, deleted, 5 - expected.len() as u64);
    }
}

/// No filter means all; deletion of nothing is no error.
pub(crate) async fn delete_all_and_none<H: Harness>() {
    let trial = Trial::<H>::open().await;
    check(rule::COMMITTED, "deletion in an empty store", trial.delete(&MEMBERS, vec![]).await, 0);
    for id in ["a", "b", "c"] {
        trial.insert(Member::new(id)).await;
    }
    let all = vec![Filter::and([])];
    check(rule::COMMITTED, "deletion by an empty `And`", trial.delete(&MEMBERS, all).await, 3);
    trial.insert(Member::new("a")).await;
    check(rule::COMMITTED, "deletion without a filter", trial.delete(&MEMBERS, vec![]).await, 1);
    check(rule::DURABLE, "deletion of all", trial.contents().await, vec![]);
}

/// A deletion sees what its own batch has put, and not what it puts later.
pub(crate) async fn delete_sees_its_batch<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::new("old")).await;
    let count = field::<Member>("count").equal([7]).expect("a count is a number");
    let seven = |id: &str| Member { count: 7, ..Member::new(id) };
    let batch = Batch::new()
        .put(seven("new"), Expect::Absent)
        .put(seven("old"), Expect::Revision(1))
        .delete(&MEMBERS, vec![count.clone()])
        .put(seven("later"), Expect::Absent)
        .delete(&MEMBERS, vec![has_id("nobody")]);
    let done = "a deletion between puts that its filter matches";
    let committed = trial.accept(rule::ALONE, done, batch).await;
    check(rule::COMMITTED, done, committed.deleted, 2);
    check(rule::COMMITTED, done, ids(&committed.documents), vec!["new", "old", "later"]);
    check(rule::ALONE, done, ids(&trial.all(&MEMBERS).await), vec!["later"]);
    // What an update took out of the filter's reach stays.
    let batch = Batch::new()
        .put(Member::new("later"), Expect::Anything)
        .delete(&MEMBERS, vec![count])
        .delete(&MEMBERS, vec![SEQUENCE.less(0).expect("a sequence is a number")]);
    let done = "a deletion after the update of what it would have matched";
    let committed = trial.accept(rule::ALONE, done, batch).await;
    check(rule::COMMITTED, done, committed.deleted, 0);
    check(rule::ALONE, done, ids(&trial.all(&MEMBERS).await), vec!["later"]);
}

/// Id, age and name.
const MEMBERS_TO_DELETE: &[(&str, Option<i64>, &str)] = &[
    ("a", Some(1), "a%"),
    ("b", Some(2), ""),
    ("c", Some(3), "x"),
    ("d", None, "_"),
    ("e", Some(5), "%e"),
];
