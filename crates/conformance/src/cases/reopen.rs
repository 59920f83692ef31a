//! What is there after reopening. Each case is skipped if the store keeps nothing.

use rollbook_core::{Batch, Collection, Expect, Query};

use super::query::check_filter;
use super::total::{check_totals, set};
use crate::Harness;
use crate::fixtures::{
    AFTER, BEFORE, GUESTS_AFTER, GuestAfter, GuestBefore, LINES, Line, MEMBERS, Member, NOTES,
    Note, SCHEMAS, field,
};
use crate::probe::{Probe, Row, Trial, asked, has_id, ids, put};
use crate::report::{broken, check, check_above, conflict, not_found, rule, stale};
use crate::values::{NUMBERS, texts, times};

/// All documents are there, as they were, with their revisions and sequences.
pub(crate) async fn reopened_as_it_was<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for (place, text) in texts().iter().enumerate() {
        let member = Member {
            name: Some(text.clone()),
            handle: Some(text.clone()),
            age: Some(NUMBERS[place % NUMBERS.len()]),
            seen: Some(times()[place % times().len()]),
            tags: Some(vec![text.clone()]),
            ..Member::new(&format!("m{place}"))
        };
        trial.insert(member).await;
    }
    trial.insert(Note::new("n", Some("m1"))).await;
    trial.insert(Line::new("l", "n", 1)).await;
    trial.put(Line::new("l", "n", 2), Expect::Revision(1)).await;
    trial.delete(&MEMBERS, vec![has_id("m3")]).await;
    let before = trial.contents().await;
    let trial = trial.reopen(SCHEMAS).await;
    check(rule::DURABLE, "reopening", trial.contents().await, before.clone());
    let trial = trial.reopen(SCHEMAS).await;
    check(rule::DURABLE, "reopening twice", trial.contents().await, before);
    // The indexes are there as well.
    for text in texts() {
        let equal = |name| field::<Member>(name).equal([text.clone()]).expect("it is a text");
        let both = Query::new(&MEMBERS).filter(equal("name")).filter(equal("handle"));
        let expected = u64::from(text != texts()[3]);
        let done = format!("a count by name and handle {text:?} after reopening");
        check(rule::DURABLE, done, trial.count(&both).await, expected);
    }
}

/// All checks hold for what was stored before.
pub(crate) async fn reopened_checks_hold<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::with_handle("ann", "a")).await;
    trial.put(Member::with_handle("ann", "b"), Expect::Revision(1)).await;
    trial.insert(Member::with_place("bob", Some("r"), Some(1))).await;
    trial.insert(Note::new("n", Some("ann"))).await;
    trial.insert(Line::new("l", "n", 1)).await;
    let trial = trial.reopen(SCHEMAS).await;
    let refused = [
        (put(Member::new("ann"), Expect::Absent), conflict::<Member>("$id")),
        (put(Member::new("ann"), Expect::Revision(1)), stale::<Member>("ann")),
        (put(Member::new("cy"), Expect::Revision(1)), not_found::<Member>("cy")),
        (put(Member::with_handle("cy", "b"), Expect::Absent), conflict::<Member>("handle")),
        (
            put(Member::with_place("cy", Some("r"), Some(1)), Expect::Absent),
            conflict::<Member>("place"),
        ),
        (put(Note::new("n", Some("cy")), Expect::Anything), not_found::<Member>("cy")),
    ];
    for (batch, error) in refused {
        let done = format!("after reopening: {batch:?}");
        trial.refuse(rule::DURABLE, done, batch, &error).await;
    }
    let done = "insertion of a handle that was left before reopening";
    trial.accept(rule::UNIQUE, done, put(Member::with_handle("cy", "a"), Expect::Absent)).await;
    trial.delete(&MEMBERS, vec![has_id("ann")]).await;
    let done = "deletion, after reopening, of a member with a note and a line";
    check(rule::CASCADE, done, trial.all(&NOTES).await.len() + trial.all(&LINES).await.len(), 0);
}

/// Sequences go on above all that were ever given, also when the last documents are gone.
pub(crate) async fn reopened_sequences_go_on<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::new("first")).await;
    let mut last = trial.insert(Member::new("last")).await.sequence();
    trial.delete(&MEMBERS, vec![has_id("last")]).await;
    let mut trial = trial;
    for (round, what) in ["the last document", "all documents", "nothing"].iter().enumerate() {
        trial = trial.reopen(SCHEMAS).await;
        let sequence = trial.insert(Member::new(&round.to_string())).await.sequence();
        let done = format!("deletion of {what}, reopening, insertion");
        check_above(done, sequence, last);
        last = sequence;
        if round == 0 {
            trial.delete(&MEMBERS, vec![]).await;
        }
    }
}

/// What was acknowledged is there however often the store was opened in between.
pub(crate) async fn acknowledged_commits_stay<H: Harness>() {
    let mut trial = Trial::<H>::open().await;
    let mut expected: Vec<Row> = Vec::new();
    for round in 0..5 {
        let outcomes = trial
            .commit(vec![
                put(Member::with_handle(&format!("{round}"), &format!("{round}")), Expect::Absent),
                // It fails, and must not come back.
                put(Member::new("ghost"), Expect::Absent).put(Member::new("0"), Expect::Absent),
                put(Note::new(&format!("{round}"), Some("0")), Expect::Absent),
                Batch::new().delete(&NOTES, vec![has_id(&format!("{}", round - 1))]),
            ])
            .await;
        let accepted: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
        check(rule::OUTCOMES, format!("commit {round}"), accepted, vec![true, false, true, true]);
        trial = trial.reopen(SCHEMAS).await;
        expected.retain(|row| row.schema == MEMBERS.name);
        for outcome in outcomes.into_iter().flatten() {
            expected.extend(outcome.documents.iter().map(Row::from));
        }
        expected.sort_by_key(|row| (row.schema == NOTES.name, row.sequence));
        let done = format!("commit {round}, then reopening");
        check(rule::DURABLE, done, trial.contents().await, expected.clone());
    }
}

/// Totals and words go on where they were.
pub(crate) async fn reopened_totals_and_words<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for number in 0..4_i64 {
        let about = Some(format!("word{number} all"));
        let (active, verified) = (number % 2 == 0, (number > 0).then_some(number == 1));
        let member = Member { active, verified, about, ..Member::new(&format!("q{number}")) };
        trial.insert(member).await;
    }
    trial.delete(&MEMBERS, vec![has_id("q2")]).await;
    let member = Member { about: Some("other".to_owned()), ..Member::new("q3") };
    trial.put(member, Expect::Revision(1)).await;
    let trial = trial.reopen(SCHEMAS).await;
    check_totals(&trial, "reopening", [3, 2, 1, 1, 0, 2]).await;
    let found = |text: &str| MEMBERS.search(text).expect("the members are searched");
    for (text, expected) in
        [("all", &["q0", "q1"][..]), ("word", &["q0", "q1"]), ("oth", &["q3"]), ("word3", &[])]
    {
        check_filter(&trial, found(text), expected).await;
    }
    let done = "an update after reopening";
    trial.accept(rule::WORKS, done, set("q1", true, None)).await;
    check_totals(&trial, done, [3, 3, 0, 0, 0, 3]).await;
    check_filter(&trial, found("all"), &["q0"]).await;
    trial.delete(&MEMBERS, vec![found("all")]).await;
    let trial = trial.reopen(SCHEMAS).await;
    check_totals(&trial, "a deletion and reopening", [2, 2, 0, 0, 0, 2]).await;
    check_filter(&trial, found("q"), &["q1", "q3"]).await;
}

/// Opened with a field, an index and a unique tuple more, the store has them for what it held before.
pub(crate) async fn changed_schema_is_indexed_anew<H: Harness>() {
    let trial = Trial::<H>::open_with(BEFORE).await;
    let guest = |id: &str, name: &str, email: Option<&str>, city: Option<&str>| GuestBefore {
        id: id.to_owned(),
        name: name.to_owned(),
        email: email.map(ToOwned::to_owned),
        city: city.map(ToOwned::to_owned),
    };
    trial.insert(guest("ann", "b", Some("a@x.co"), Some("Rome"))).await;
    trial.insert(guest("bob", "a", None, None)).await;
    trial.insert(guest("cy", "", Some("c@x.co"), Some("Rome"))).await;
    trial.insert(guest("di", "c", None, Some("Oslo"))).await;
    trial.put(guest("di", "c", None, Some("Bern")), Expect::Revision(1)).await;
    let before: Vec<_> = trial.all(&GUESTS_AFTER).await.iter().map(revision_and_sequence).collect();
    let trial = trial.reopen(AFTER).await;
    let after: Vec<_> = trial.all(&GUESTS_AFTER).await.iter().map(revision_and_sequence).collect();
    check(rule::REINDEX, "opening with a changed schema", after, before);
    changed_guests(&trial).await;
    // And once more, now that nothing changes.
    let trial = trial.reopen(AFTER).await;
    let email = field::<GuestAfter>("email");
    let query = Query::new(&GUESTS_AFTER).order(email.descending());
    let done = format!("{} after opening with the changed schema again", asked(&query));
    check(rule::REINDEX, done, trial.ids(&query).await, vec!["cy", "ann", "bob", "di", "ed"]);
}

/// Opened with a schema that is searched, the store finds what it held before.
pub(crate) async fn changed_schema_is_searched_anew<H: Harness>() {
    let trial = Trial::<H>::open_with(BEFORE).await;
    for (id, name, city) in [("ann", "Ann Lee", Some("Rome")), ("bob", "Bob", None)] {
        let (name, city) = (name.to_owned(), city.map(ToOwned::to_owned));
        trial.insert(GuestBefore { id: id.to_owned(), name, email: None, city }).await;
    }
    let trial = trial.reopen(AFTER).await;
    for (text, expected) in
        [("an", &["ann"][..]), ("rom lee", &["ann"]), ("b", &["bob"]), ("ee", &[])]
    {
        let found = GUESTS_AFTER.search(text).expect("the guests are searched by now");
        let query = Query::new(&GUESTS_AFTER).filter(found);
        let done = format!("{} after opening with the changed schema", asked(&query));
        check(rule::REINDEX, done, trial.ids(&query).await, expected.to_vec());
    }
}

/// Opened with a boolean more, the store counts what it held before.
pub(crate) async fn changed_schema_is_counted_anew<H: Harness>() {
    let trial = Trial::<H>::open_with(BEFORE).await;
    for id in ["a", "b", "c"] {
        let (id, name) = (id.to_owned(), id.to_owned());
        trial.insert(GuestBefore { id, name, email: None, city: None }).await;
    }
    let mut trial = trial.reopen(AFTER).await;
    let vip = field::<GuestAfter>("vip");
    let is = |value: bool| vip.equal([value]).expect("`vip` is a boolean");
    for done in ["opening with the changed schema", "opening with it again"] {
        for (filter, expected) in
            [(None, 3), (Some(is(true)), 0), (Some(is(false)), 3), (Some(vip.is_null()), 0)]
        {
            let query = Query::new(&GUESTS_AFTER).filters_all(filter);
            let done = format!("count of {} after {done}", asked(&query));
            check(rule::REINDEX, done, trial.count(&query).await, expected);
        }
        trial = trial.reopen(AFTER).await;
    }
}

async fn changed_guests(probe: &Probe) {
    let [name, city, rank] = ["name", "city", "rank"].map(field::<GuestAfter>);
    let rome = city.equal(["Rome"]).expect("a city is a text");
    let first = rank.equal([1]).expect("a rank is a number");
    let early = name.less("c").expect("a name is a text");
    let all = || Query::new(&GUESTS_AFTER);
    for (query, expected) in [
        (all().filter(rome), &["ann", "cy"][..]),
        (all().filter(first), &["ann", "bob", "cy", "di"]),
        (all().filter(city.is_null()), &["bob"]),
        (all().order(city.descending()), &["ann", "cy", "di", "bob"]),
        (all().order(name.ascending()), &["cy", "bob", "ann", "di"]),
        (all().filter(early).order(name.descending()), &["ann", "bob", "cy"]),
    ] {
        let done = format!("{} after opening with the changed schema", asked(&query));
        check(rule::REINDEX, &done, ids(&probe.select(&query).await), expected.to_vec());
        check(rule::REINDEX, done, probe.count(&query).await, expected.len() as u64);
    }
    let ed = GuestAfter {
        id: "ed".to_owned(),
        name: String::new(),
        email: Some("c@x.co".to_owned()),
        city: None,
        rank: 2,
        vip: true,
    };
    let outcome = probe.apply(put(ed.clone(), Expect::Absent)).await;
    let done = "insertion of an e-mail that was stored before it had to be unique";
    crate::report::check_refused(rule::REINDEX, done, &outcome, &conflict::<GuestAfter>("email"));
    probe.insert(GuestAfter { email: None, ..ed }).await;
    let guests = Collection::<GuestAfter>::new(probe.store().clone());
    let raised = guests
        .update::<rollbook_core::StoreError, _>("di", |di| {
            Ok(Some(GuestAfter { rank: di.rank + 1, ..di.clone() }))
        })
        .await;
    match raised {
        Ok(Some(di)) => {
            check(rule::UPDATE, "an update of an old document", (di.rank, di.revision()), (2, 3));
        }
        other => broken(rule::REINDEX, "an update of an old document", &"the document", &other),
    }
}

fn revision_and_sequence(document: &rollbook_core::Document) -> (String, u64, u64) {
    (document.id().to_owned(), document.revision(), document.sequence())
}
