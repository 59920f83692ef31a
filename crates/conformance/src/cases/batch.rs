//! Batches: all or nothing, in order, each with an outcome.

use rollbook_core::{Batch, Document, Expect, StoreError};

use crate::Harness;
use crate::fixtures::{Line, MEMBERS, Member, NOTES, Note};
use crate::probe::{Row, Trial, has_id, ids, put};
use crate::report::{check, check_refused, conflict, not_found, rule, stale};

/// A failing operation takes the whole batch with it, wherever it stands and whatever stands before it.
pub(crate) async fn failed_batch_leaves_nothing<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::with_handle("ann", "a")).await;
    trial.insert(Note::new("n", Some("ann"))).await;
    trial.insert(Line::new("l", "n", 1)).await;
    let before = || {
        Batch::new()
            .put(Member::new("new"), Expect::Absent)
            .put(Note::new("new", Some("new")), Expect::Absent)
            .put(Member::with_handle("ann", "z"), Expect::Revision(1))
            .delete(&NOTES, vec![])
    };
    let failing: [(&str, Batch, StoreError); 5] = [
        ("a taken id", before().put(Member::new("ann"), Expect::Absent), conflict::<Member>("$id")),
        (
            "an old revision",
            before().put(Member::new("ann"), Expect::Revision(1)),
            stale::<Member>("ann"),
        ),
        (
            "no document",
            before().put(Note::new("n", None), Expect::Revision(1)),
            not_found::<Note>("n"),
        ),
        (
            "no owner",
            before().put(Line::new("l", "n", 2), Expect::Anything),
            not_found::<Note>("n"),
        ),
        (
            "a taken handle",
            before().put(Member::with_handle("new", "z"), Expect::Anything),
            conflict::<Member>("handle"),
        ),
    ];
    for (what, batch, error) in failing {
        let batch = batch.put(Member::new("never"), Expect::Absent).delete(&MEMBERS, vec![]);
        let done = format!("a batch of puts and deletions with {what} in its middle");
        trial.refuse(rule::ALL_OR_NOTHING, done, batch, &error).await;
    }
    // What the failed batches had taken for themselves is free: for others, and for the same again.
    let done = "insertion of a handle that a failed batch had put";
    trial
        .accept(rule::ALL_OR_NOTHING, done, put(Member::with_handle("other", "z"), Expect::Absent))
        .await;
    trial.delete(&MEMBERS, vec![has_id("other")]).await;
    let done = "the same writes after they had failed";
    trial.accept(rule::ALL_OR_NOTHING, done, before()).await;
}

/// The batches beside a failed one are applied.
pub(crate) async fn neighbours_are_not_affected<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let batches = vec![
        put(Member::with_handle("a", "1"), Expect::Absent),
        put(Member::with_handle("b", "2"), Expect::Absent).put(Member::new("a"), Expect::Absent),
        put(Member::with_handle("c", "2"), Expect::Absent),
        Batch::new().delete(&MEMBERS, vec![]).put(Note::new("n", Some("a")), Expect::Absent),
        put(Member::with_handle("d", "1"), Expect::Absent),
        put(Note::new("n", Some("c")), Expect::Absent),
    ];
    let outcomes = trial.commit(batches).await;
    let done = "a commit of six batches, of which 1, 3 and 4 (from 0) fail";
    let accepted: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    check(rule::OUTCOMES, done, accepted, vec![true, false, true, false, false, true]);
    check_refused(rule::OUTCOMES, done, &outcomes[1], &conflict::<Member>("$id"));
    check_refused(rule::OUTCOMES, done, &outcomes[3], &not_found::<Member>("a"));
    check_refused(rule::OUTCOMES, done, &outcomes[4], &conflict::<Member>("handle"));
    let left = (ids(&trial.all(&MEMBERS).await), ids(&trial.all(&NOTES).await));
    let expected = (vec!["a".to_owned(), "c".to_owned()], vec!["n".to_owned()]);
    check(rule::ALL_OR_NOTHING, done, left, expected);
}

/// A later batch of a commit sees the earlier ones.
pub(crate) async fn later_batch_sees_the_earlier<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let member = |count| Member { count, ..Member::with_handle("ann", "a") };
    let outcomes = trial
        .commit(vec![
            put(member(0), Expect::Absent),
            put(member(1), Expect::Revision(1)),
            put(member(2), Expect::Revision(1)),
            put(Note::new("n", Some("ann")), Expect::Absent),
            Batch::new().delete(&MEMBERS, vec![has_id("ann")]),
            put(Note::new("n", Some("ann")), Expect::Absent),
            put(Member::with_handle("bob", "a"), Expect::Absent),
        ])
        .await;
    let done =
        "a commit that inserts, updates twice on revision 1, adds a note, deletes, and reuses";
    let accepted: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    check(rule::IN_ORDER, done, accepted, vec![true, true, false, true, true, false, true]);
    check_refused(rule::IN_ORDER, done, &outcomes[2], &stale::<Member>("ann"));
    check_refused(rule::IN_ORDER, done, &outcomes[5], &not_found::<Member>("ann"));
    check(rule::IN_ORDER, done, ids(&trial.all(&MEMBERS).await), vec!["bob"]);
    check(rule::CASCADE, done, trial.all(&NOTES).await.len(), 0);
}

/// A commit of nothing, and batches of nothing, succeed and do nothing.
pub(crate) async fn empty_batches<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::new("ann")).await;
    let before = trial.contents().await;
    check(rule::OUTCOMES, "a commit of no batches", trial.commit(vec![]).await.len(), 0);
    let outcomes = trial.commit(vec![Batch::new(), Batch::new()]).await;
    for outcome in &outcomes {
        let told = outcome.as_ref().map(|committed| (committed.documents.len(), committed.deleted));
        check(rule::COMMITTED, "a commit of two empty batches", told.ok(), Some((0, 0)));
    }
    check(rule::ALL_OR_NOTHING, "commits of nothing", trial.contents().await, before);
}

/// The documents that are told are those that are stored, in the order of the puts.
pub(crate) async fn committed_tells_what_happened<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let old = trial.insert(Member::new("old")).await;
    let batch = Batch::new()
        .put(Note::new("z", None), Expect::Absent)
        .put(Member { count: 1, ..Member::new("new") }, Expect::Absent)
        .put(Member { count: 2, ..Member::new("old") }, Expect::Revision(1))
        .put(Member { count: 3, ..Member::new("new") }, Expect::Revision(1))
        .put(Note::new("a", Some("new")), Expect::Anything);
    let done = "a batch of five puts, of which two have one id";
    let committed = trial.accept(rule::COMMITTED, done, batch).await;
    let documents = &committed.documents;
    check(rule::COMMITTED, done, ids(documents), vec!["z", "new", "old", "new", "a"]);
    let revisions: Vec<u64> = documents.iter().map(Document::revision).collect();
    check(rule::COMMITTED, done, revisions, vec![1, 1, 2, 2, 1]);
    check(rule::UPDATE, done, documents[2].sequence(), old.sequence());
    check(rule::UPDATE, done, documents[3].sequence(), documents[1].sequence());
    check(rule::SEQUENCE, done, documents[1].sequence() > old.sequence(), true);
    let counts = [1, 2, 3].map(|place| documents[place].typed::<Member>().count);
    check(rule::COMMITTED, done, counts, [1, 2, 3]);
    let told: Vec<Row> = [2, 3, 0, 4].iter().map(|place| Row::from(&documents[*place])).collect();
    check(rule::DURABLE, done, trial.contents().await, told);
}

/// Deletions of a batch are counted together; what fell with its owner is not.
pub(crate) async fn committed_counts_deletions<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for id in ["a", "b", "c"] {
        trial.insert(Member::new(id)).await;
        trial.insert(Note::new(id, Some(id))).await;
        trial.insert(Line::new(id, id, 0)).await;
    }
    let batch = Batch::new()
        .delete(&NOTES, vec![has_id("a")])
        .delete(&MEMBERS, vec![has_id("a")])
        .delete(&MEMBERS, vec![has_id("a")])
        .delete(&MEMBERS, vec![has_id("b")])
        .delete(&NOTES, vec![has_id("b")]);
    let done = "deletion of note a, member a (twice), member b with its note, and note b";
    let committed = trial.accept(rule::COMMITTED, done, batch).await;
    check(rule::COMMITTED, done, committed.deleted, 3);
    check(rule::CASCADE, done, trial.contents().await.len(), 3);
}

/// A failed batch takes no revision and no sequence that anybody could see.
pub(crate) async fn failed_batch_is_not_seen<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let first = trial.insert(Member::new("ann")).await;
    for _ in 0..3 {
        let batch = put(Member::new("ann"), Expect::Anything)
            .put(Member::new("bob"), Expect::Absent)
            .put(Note::new("n", Some("nobody")), Expect::Absent);
        let done = "a batch with an owner that does not exist";
        trial.refuse(rule::ALL_OR_NOTHING, done, batch, &not_found::<Member>("nobody")).await;
    }
    let ann = trial.put(Member::new("ann"), Expect::Revision(1)).await;
    let bob = trial.insert(Member::new("bob")).await;
    let done = "an update and an insertion after failed ones";
    let expected = (2, first.sequence(), 1);
    check(rule::ALL_OR_NOTHING, done, (ann.revision(), ann.sequence(), bob.revision()), expected);
    check(rule::SEQUENCE, done, ids(&trial.all(&MEMBERS).await), vec!["ann", "bob"]);
}
