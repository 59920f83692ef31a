//! Searches among writes, owners, orders and pages.

use rollbook_core::{Batch, Document, Expect, Filter, Query, SEQUENCE, Shuffle};

use super::query::made;
use super::word::{Found, about, check_search, found};
use crate::Harness;
use crate::fixtures::{MEMBERS, Member, NOTES, Note, field};
use crate::probe::{Probe, Trial, asked, has_id, ids, put};
use crate::report::{check, not_found, rule};

/// A search finds what is stored now: not what a document said before an update, nor what is deleted.
pub(crate) async fn search_follows_writes<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let says = |about: &str| Member { about: Some(about.to_owned()), ..Member::new("q0") };
    let steps: [(Option<&str>, Found, Found); 5] = [
        (Some("old word"), ("old", "0"), ("new", "")),
        (Some("new word"), ("new", "0"), ("old", "")),
        (Some("newer word"), ("newe", "0"), ("\"new\"", "")),
        (None, ("nobody", ""), ("word", "")),
        (Some("old again"), ("old", "0"), ("new", "")),
    ];
    for (about, found, gone) in steps {
        match about {
            Some(about) => drop(trial.put(says(about), Expect::Anything).await),
            None => drop(trial.delete(&MEMBERS, vec![has_id("q0")]).await),
        }
        check_search(&trial, &[found, gone]).await;
    }
    // An update that leaves the texts alone leaves the words alone.
    trial.put(Member { count: 1, ..says("old again") }, Expect::Anything).await;
    check_search(&trial, &[("old", "0"), ("again", "0"), ("q0", "0")]).await;
    trial.put(Member::new("q0"), Expect::Anything).await;
    check_search(&trial, &[("old", ""), ("again", ""), ("q0", "0")]).await;
    let batch = put(says("first"), Expect::Anything)
        .put(says("second"), Expect::Anything)
        .delete(&MEMBERS, vec![has_id("q0")])
        .put(says("third"), Expect::Absent)
        .put(says("fourth"), Expect::Anything);
    trial.accept(rule::ALONE, "a batch that writes one member four times", batch).await;
    let gone = ["first", "second", "third"].map(|text| (text, ""));
    check_search(&trial, &gone).await;
    check_search(&trial, &[("fourth", "0")]).await;
}

/// A batch that fails leaves the words as they were.
pub(crate) async fn search_forgets_failed_batches<H: Harness>() {
    let trial = Trial::<H>::open().await;
    about(&trial, &["old"]).await;
    let batch =
        put(Member { about: Some("new".to_owned()), ..Member::new("q0") }, Expect::Anything)
            .put(Member { about: Some("new".to_owned()), ..Member::new("q1") }, Expect::Absent)
            .delete(&MEMBERS, vec![has_id("q0")])
            .put(Note::new("n", Some("nobody")), Expect::Absent);
    let done = "a batch that rewrites texts and then fails";
    trial.refuse(rule::ALL_OR_NOTHING, done, batch, &not_found::<Member>("nobody")).await;
    check_search(&trial, &[("old", "0"), ("new", ""), ("q1", "")]).await;
}

/// A deletion takes a search as a filter, and sees what its batch has put.
pub(crate) async fn search_deletes<H: Harness>() {
    let trial = Trial::<H>::open().await;
    about(&trial, &["ann one", "bob", "ann two", "ann three"]).await;
    trial.insert(Note::new("n", Some("q2"))).await;
    let filters = vec![found(&MEMBERS, "ann"), made(field::<Member>("about").not_equal("ann one"))];
    let batch = Batch::new()
        .put(Member { about: Some("cy".to_owned()), ..Member::new("q3") }, Expect::Anything)
        .put(Member { about: Some("ann four".to_owned()), ..Member::new("q4") }, Expect::Absent)
        .delete(&MEMBERS, filters);
    let done = "a deletion of what is found by \"ann\" but for one, after two puts";
    let committed = trial.accept(rule::ALONE, done, batch).await;
    check(rule::COMMITTED, done, committed.deleted, 2);
    check(rule::SELECT, done, ids(&trial.all(&MEMBERS).await), vec!["q0", "q1", "q3"]);
    check(rule::CASCADE, done, trial.all(&NOTES).await.len(), 0);
    let none = trial.delete(&MEMBERS, vec![found(&MEMBERS, ">")]).await;
    check(rule::SELECT, "a deletion by a search without words", none, 0);
}

/// What belongs to an owner is searched as well, and is gone with it; each schema has its own words.
pub(crate) async fn search_of_what_is_owned<H: Harness>() {
    let trial = Trial::<H>::open().await;
    about(&trial, &["rome", "oslo"]).await;
    for (id, member, text) in
        [("n0", Some("q0"), "in Rome"), ("n1", Some("q1"), "rome, oslo"), ("n2", None, "Romeo")]
    {
        trial.insert(Note { text: text.to_owned(), ..Note::new(id, member) }).await;
    }
    let notes = || Query::new(&NOTES).filter(found(&NOTES, "rome"));
    let of = |member: &str| made(field::<Note>("member").equal([member.to_owned()]));
    check_search(&trial, &[("rome", "0")]).await;
    for (query, expected) in [
        (notes(), &["n0", "n1", "n2"][..]),
        (notes().filter(of("q1")), &["n1"]),
        (notes().filter(field::<Note>("member").is_null()), &["n2"]),
        (notes().order(field::<Note>("text").ascending()), &["n2", "n0", "n1"]),
        (Query::new(&NOTES).filter(found(&NOTES, "q0")), &[]),
    ] {
        check_query(&trial, &query, expected).await;
    }
    trial.delete(&MEMBERS, vec![has_id("q1")]).await;
    check_query(&trial, &notes(), &["n0", "n2"]).await;
    check_query(&trial, &Query::new(&NOTES).filter(found(&NOTES, "oslo")), &[]).await;
}

/// A search goes with every other filter, order, page and cursor.
pub(crate) async fn search_with_orders_and_pages<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for number in 0..60_i64 {
        let name = Some(if number % 3 == 0 { "Bob" } else { "Ann" }.to_owned());
        let age = (number % 4 > 0).then_some(number % 5);
        let member = Member { name, age, count: number, ..Member::new(&format!("q{number}")) };
        trial.insert(Member { active: number % 2 == 0, ..member }).await;
    }
    let all = trial.all(&MEMBERS).await;
    let [age, name, count, active] = ["age", "name", "count", "active"].map(field::<Member>);
    let ann = || Query::new(&MEMBERS).filter(found(&MEMBERS, "ann"));
    let row = &all[31];
    let queries = [
        ann(),
        ann().limit(7),
        ann().offset(35).limit(7),
        ann().limit(0),
        ann().order(age.ascending()),
        ann().order(age.descending()).limit(9),
        ann().order(name.descending()).order(count.descending()).offset(3).limit(5),
        ann().order(SEQUENCE.descending()).limit(3),
        ann().after(row).limit(4),
        ann().before(row).limit(4),
        ann().order(age.descending()).after(row).limit(10),
        ann().order(age.ascending()).before(row),
        ann().shuffled(Shuffle::new(5)).limit(10),
        ann().filter(made(active.equal([true]))).order(count.descending()).limit(4),
        ann().filter(age.is_null()),
        ann().filter(made(count.between(10, 20))),
        ann().filter(found(&MEMBERS, "q1")),
        Query::new(&MEMBERS).filter(Filter::or([found(&MEMBERS, "q5"), made(age.equal([1]))])),
        Query::new(&MEMBERS)
            .filter(Filter::or([found(&MEMBERS, "bob"), found(&MEMBERS, "q1")]))
            .order(name.ascending()),
        ann().filter(has_id("q4")),
        ann().filter(has_id("q3")),
    ];
    for query in queries {
        compare(&trial, &query, &all).await;
    }
}

async fn check_query(probe: &Probe, query: &Query, expected: &[&str]) {
    check(rule::SELECT, asked(query), probe.ids(query).await, expected.to_vec());
    let done = format!("count of {}", asked(query));
    check(rule::SELECT, done, probe.count(query).await, expected.len() as u64);
}

/// The rows and the count are those of [`Query::run`].
async fn compare(probe: &Probe, query: &Query, all: &[Document]) {
    check(rule::SELECT, asked(query), probe.ids(query).await, ids(&query.run(all)));
    let matching = all.iter().filter(|document| query.matches(document)).count() as u64;
    check(rule::SELECT, format!("count of {}", asked(query)), probe.count(query).await, matching);
}
