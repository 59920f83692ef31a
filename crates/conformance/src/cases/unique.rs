//! Unique tuples.

use rollbook_core::{Batch, Expect};

use crate::Harness;
use crate::fixtures::{MEMBERS, Member};
use crate::probe::{Trial, has_id, put};
use crate::report::{check, conflict, rule};
use crate::values::texts;

/// A taken value is refused on insertion and on update; one's own is no conflict.
pub(crate) async fn unique_field<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let taken = conflict::<Member>("handle");
    trial.insert(Member::with_handle("ann", "a")).await;
    trial.insert(Member::with_handle("bob", "b")).await;
    let batch = put(Member::with_handle("cy", "a"), Expect::Absent);
    trial.refuse(rule::UNIQUE, "insertion with the handle of another", batch, &taken).await;
    for expect in [Expect::Anything, Expect::Revision(1)] {
        let batch = put(Member::with_handle("bob", "a"), expect);
        let done = format!("an update to the handle of another, with {expect:?}");
        trial.refuse(rule::UNIQUE, done, batch, &taken).await;
    }
    let own = trial.put(Member::with_handle("bob", "b"), Expect::Revision(1)).await;
    check(rule::UNIQUE, "an update that keeps the own handle", own.revision(), 2);
}

/// An update frees the value that it leaves.
pub(crate) async fn unique_freed_by_update<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::with_handle("ann", "a")).await;
    trial.put(Member::with_handle("ann", "b"), Expect::Anything).await;
    let done = "insertion with a handle that its owner has changed";
    trial.accept(rule::UNIQUE, done, put(Member::with_handle("bob", "a"), Expect::Absent)).await;
    trial.put(Member::new("bob"), Expect::Anything).await;
    let done = "insertion with a handle that its owner has set to null";
    trial.accept(rule::UNIQUE, done, put(Member::with_handle("cy", "a"), Expect::Absent)).await;
    let batch = put(Member::with_handle("bob", "b"), Expect::Anything);
    let done = "an update to the handle that another has changed to";
    trial.refuse(rule::UNIQUE, done, batch, &conflict::<Member>("handle")).await;
}

/// Of a pair, only both values together are taken.
pub(crate) async fn unique_pair<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let taken = conflict::<Member>("place");
    let place = Member::with_place;
    trial.insert(place("first", Some("a"), Some(1))).await;
    trial.insert(place("other room", Some("b"), Some(1))).await;
    trial.insert(place("other seat", Some("a"), Some(2))).await;
    // Values that would meet if the tuple were kept as one text.
    trial.insert(place("joined", Some("a1"), Some(1))).await;
    trial.insert(place("joined elsewhere", Some("a"), Some(11))).await;
    trial.insert(place("ends in nul", Some("a\0"), Some(1))).await;
    trial.insert(place("empty", Some(""), Some(11))).await;
    trial.insert(place("negative", Some("a"), Some(-1))).await;
    let batch = put(place("new", Some("a"), Some(1)), Expect::Absent);
    trial.refuse(rule::UNIQUE, "insertion with a taken pair", batch, &taken).await;
    let batch = put(place("other seat", Some("a"), Some(1)), Expect::Revision(1));
    trial.refuse(rule::UNIQUE, "an update of one half to a taken pair", batch, &taken).await;
}

/// A null anywhere in a tuple exempts from it.
pub(crate) async fn null_exempts<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for copy in 0..2 {
        for (room, seat) in [(None, None), (Some("a"), None), (None, Some(1))] {
            let member = Member::with_place(&format!("{room:?} {seat:?} {copy}"), room, seat);
            let done = format!("copy {copy} of a member with the place ({room:?}, {seat:?})");
            trial.accept(rule::UNIQUE, done, put(member, Expect::Absent)).await;
        }
    }
    trial.insert(Member::with_place("full", Some("a"), Some(1))).await;
    let id = "Some(\"a\") None 0";
    let batch = put(Member::with_place(id, Some("a"), Some(1)), Expect::Anything);
    let done = "an update that fills the null to a taken pair";
    trial.refuse(rule::UNIQUE, done, batch, &conflict::<Member>("place")).await;
}

/// Texts that look alike are different values; each conflicts with itself only.
pub(crate) async fn unique_values_are_bytes<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let texts = texts();
    for (place, text) in texts.iter().enumerate() {
        let member = Member::with_handle(&place.to_string(), text);
        let done = format!("insertion of the handle {text:?} beside others that look alike");
        trial.accept(rule::UNIQUE, done, put(member, Expect::Absent)).await;
    }
    let again = texts.iter().map(|text| put(Member::with_handle("new", text), Expect::Absent));
    let outcomes = trial.commit(again.collect()).await;
    for (text, outcome) in texts.iter().zip(&outcomes) {
        let done = format!("a second insertion of the handle {text:?}");
        crate::report::check_refused(rule::UNIQUE, done, outcome, &conflict::<Member>("handle"));
    }
}

/// Deletion frees a value, also for a later put of the same batch.
pub(crate) async fn unique_freed_by_delete<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::with_handle("ann", "a")).await;
    trial.delete(&MEMBERS, vec![has_id("ann")]).await;
    let done = "insertion of a handle whose owner is deleted";
    trial.accept(rule::UNIQUE, done, put(Member::with_handle("bob", "a"), Expect::Absent)).await;
    let batch = Batch::new()
        .delete(&MEMBERS, vec![has_id("bob")])
        .put(Member::with_handle("cy", "a"), Expect::Absent);
    let done = "deletion of the owner of a handle and insertion of that handle in one batch";
    trial.accept(rule::ALONE, done, batch).await;
    let batch = Batch::new()
        .put(Member::with_handle("di", "a"), Expect::Absent)
        .delete(&MEMBERS, vec![has_id("cy")]);
    let done = "insertion of a handle before the deletion of its owner, in one batch";
    trial.refuse(rule::ALONE, done, batch, &conflict::<Member>("handle")).await;
}

/// Two documents swap their values in one batch when one of them is put away first, and not otherwise.
pub(crate) async fn swap_in_a_batch<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::with_handle("ann", "a")).await;
    trial.insert(Member::with_handle("bob", "b")).await;
    let batch = Batch::new()
        .put(Member::with_handle("ann", "b"), Expect::Anything)
        .put(Member::with_handle("bob", "a"), Expect::Anything);
    let done = "a swap of two handles without putting one away";
    trial.refuse(rule::ALONE, done, batch, &conflict::<Member>("handle")).await;
    let batch = Batch::new()
        .put(Member::new("ann"), Expect::Revision(1))
        .put(Member::with_handle("bob", "a"), Expect::Revision(1))
        .put(Member::with_handle("ann", "b"), Expect::Revision(2));
    let done = "a swap of two handles, one of them put away first";
    trial.accept(rule::ALONE, done, batch).await;
    let mut handles = Vec::new();
    for row in trial.all(&MEMBERS).await {
        handles.push((row.typed::<Member>().handle.clone(), row.revision()));
    }
    let expected = vec![(Some("b".to_owned()), 3), (Some("a".to_owned()), 2)];
    check(rule::ALONE, done, handles, expected);
}

/// Two puts of one batch conflict like those of two.
pub(crate) async fn unique_within_a_batch<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let batch = Batch::new()
        .put(Member::with_handle("ann", "a"), Expect::Absent)
        .put(Member::with_handle("bob", "a"), Expect::Absent);
    let done = "two insertions with one handle in one batch";
    trial.refuse(rule::ALONE, done, batch, &conflict::<Member>("handle")).await;
    let twice = Batch::new()
        .put(Member::new("ann"), Expect::Absent)
        .put(Member::new("ann"), Expect::Absent);
    let done = "two insertions of one id in one batch";
    trial.refuse(rule::ALONE, done, twice, &conflict::<Member>("$id")).await;
}
