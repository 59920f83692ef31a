//! Puts of single records: expectations, revisions, sequences.

use std::sync::Arc;

use rollbook_core::{Batch, Document, Expect};

use crate::Harness;
use crate::fixtures::{LINES, MEMBERS, Member, NOTES, Note};
use crate::probe::{Row, Trial, ids, put};
use crate::report::{check, check_above, check_refused, conflict, not_found, rule, stale};
use crate::values::{NUMBERS, texts, times};

/// A new store is empty, and an inserted record comes back as it was.
pub(crate) async fn insert_then_read<H: Harness>() {
    let trial = Trial::<H>::open().await;
    check(rule::SELECT, "a read of a new store", trial.contents().await, vec![]);
    let member = Member {
        verified: Some(false),
        name: Some("Ann".to_owned()),
        age: Some(-1),
        seen: Some(times()[0]),
        tags: Some(vec![]),
        roles: vec!["b".to_owned(), "a".to_owned(), "b".to_owned()],
        extra: serde_json::json!({"z": [1, null, {"": "\u{0}"}], "a": 0.1}),
        ..Member::new("ann")
    };
    let inserted = trial.insert(member.clone()).await;
    let read = trial.get::<Member>("ann").await;
    check(rule::BODY, "an insertion", inserted.typed::<Member>(), &member);
    check(rule::BODY, "an insertion", read.as_ref().map(Document::typed::<Member>), Some(&member));
    let told = Some(Row::from(&inserted));
    check(rule::DURABLE, "an insertion", read.as_ref().map(Row::from), told);
}

/// All values come back as they went in, whatever they contain, as fields, as ids and in the body.
pub(crate) async fn values_survive<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let (texts, times) = (texts(), times());
    let mut members = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let id = if text.len() < 100 { text.clone() } else { format!("long {place}") };
        members.push(Member {
            name: Some(text.clone()),
            about: Some(text.clone()),
            handle: Some(text.clone()),
            age: Some(NUMBERS[place % NUMBERS.len()]),
            seen: Some(times[place % times.len()]),
            tags: Some(vec![text.clone(), String::new()]),
            extra: serde_json::json!({ text.as_str(): text }),
            ..Member::new(&id)
        });
    }
    for member in members.clone() {
        trial.insert(member).await;
    }
    let stored = trial.all(&MEMBERS).await;
    check(rule::SEQUENCE, "one insertion per text", stored.len(), members.len());
    for (stored, member) in stored.iter().zip(&members) {
        check(
            rule::BODY,
            format!("an insertion of {:?}", member.id),
            stored.typed::<Member>(),
            member,
        );
        let found = trial.get::<Member>(&member.id).await;
        let found = found.as_ref().map(Document::typed::<Member>);
        check(rule::SELECT, format!("a select of the id {:?}", member.id), found, Some(member));
    }
}

/// The body comes back letter by letter: what is in no field, long numbers, fractions, the order of keys.
pub(crate) async fn bodies_survive<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let extras = [
        r#"{"z":1,"a":2,"m":{"y":null,"b":[]}}"#,
        "[0.1,-0.0,1e300,5e-324,1.7976931348623157e308,0.30000000000000004,1.0]",
        "[18446744073709551615,-9223372036854775808,9007199254740993,0,-1]",
        r#"{"":{"":[[],{},"",null,false]}}"#,
        r#"{"a\u0000b":"\u0000","\"\\":"\n\u001f\u007f\u2028\ud83d\ude00"}"#,
        r#""2020-01-01T00:00:00.000+00:00""#,
        r#"{"$id":"x","id":"y","revision":7,"sequence":7,"name":"z"}"#,
    ];
    for (place, extra) in extras.iter().enumerate() {
        let extra = serde_json::from_str(extra).expect("the kit writes JSON");
        let member = Member { extra, ..Member::new(&place.to_string()) };
        let body = Row::from(&Document::new(1, 0, Arc::new(member.clone()))).body;
        let inserted = trial.insert(member.clone()).await;
        let done = format!("an insertion of {}", member.extra);
        check(rule::BODY, &done, Row::from(&inserted).body, body.clone());
        let read = trial.get::<Member>(&member.id).await;
        check(rule::BODY, &done, read.as_ref().map(|d| Row::from(d).body), Some(body.clone()));
        let updated = trial.put(member.clone(), Expect::Revision(1)).await;
        let done = format!("an update to {}", member.extra);
        check(rule::BODY, done, Row::from(&updated).body, body);
    }
}

/// `Absent` refuses an id that is taken, and changes nothing.
pub(crate) async fn absent_refuses_a_taken_id<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::new("ann")).await;
    let again = put(Member { count: 1, ..Member::new("ann") }, Expect::Absent);
    let done = "a second insertion of \"ann\"";
    trial.refuse(rule::EXPECT, done, again, &conflict::<Member>("$id")).await;
}

/// `Anything` inserts and replaces.
pub(crate) async fn anything_inserts_and_replaces<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for count in 0..3 {
        let member = Member { count, ..Member::new("ann") };
        let stored = trial.put(member, Expect::Anything).await;
        let expected = u64::try_from(count).unwrap_or_default() + 1;
        check(rule::UPDATE, "puts of one id with `Anything`", stored.revision(), expected);
    }
    let read = trial.get::<Member>("ann").await;
    let read = read.map(|d| (d.revision(), d.typed::<Member>().count));
    check(rule::DURABLE, "three puts of one id with `Anything`", read, Some((3, 2)));
}

/// `Revision` replaces exactly that revision; an older, a future one and zero are stale.
pub(crate) async fn revision_replaces_that_one<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::new("ann")).await;
    for revision in 1..=4 {
        let stored = trial.put(Member::new("ann"), Expect::Revision(revision)).await;
        let done = format!("a put on revision {revision}");
        check(rule::UPDATE, done, stored.revision(), revision + 1);
    }
    for revision in [0, 1, 4, 6, u64::MAX] {
        let batch = put(Member::new("ann"), Expect::Revision(revision));
        let done = format!("a put on revision {revision} while 5 is stored");
        trial.refuse(rule::EXPECT, done, batch, &stale::<Member>("ann")).await;
    }
}

/// `Revision` of a document that never was, or is no more, is `NotFound` with its own schema and id.
pub(crate) async fn revision_needs_a_document<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::new("ann")).await;
    let batch = put(Note::new("ann", None), Expect::Revision(1));
    let done = "a put on revision 1 of a note whose id only a member has";
    trial.refuse(rule::EXPECT, done, batch, &not_found::<Note>("ann")).await;
    trial.delete(&MEMBERS, vec![]).await;
    for revision in [0, 1, 2] {
        let batch = put(Member::new("ann"), Expect::Revision(revision));
        let done = format!("a put on revision {revision} after the deletion");
        trial.refuse(rule::EXPECT, done, batch, &not_found::<Member>("ann")).await;
    }
}

/// The expectation is checked before the owner, and the owner before the unique tuples.
pub(crate) async fn checks_have_an_order<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Note::new("first", None).slug("taken")).await;
    trial.insert(Note::new("second", None)).await;
    let wrong = |id: &str| Note::new(id, Some("nobody")).slug("taken");
    let cases = [
        ("second", Expect::Absent, conflict::<Note>("$id")),
        ("second", Expect::Revision(7), stale::<Note>("second")),
        ("third", Expect::Revision(1), not_found::<Note>("third")),
        ("third", Expect::Absent, not_found::<Member>("nobody")),
        ("second", Expect::Revision(1), not_found::<Member>("nobody")),
        ("second", Expect::Anything, not_found::<Member>("nobody")),
    ];
    for (id, expect, error) in cases {
        let done = format!("a put of {id:?} with {expect:?}, no owner, and a taken slug");
        trial.refuse(rule::CHECKS, done, put(wrong(id), expect), &error).await;
    }
    let batch = put(Note::new("second", None).slug("taken"), Expect::Anything);
    let done = "a put with a taken slug";
    trial.refuse(rule::CHECKS, done, batch, &conflict::<Note>("slug")).await;
    // Of two tuples that are taken, the first of the schema is told.
    trial.insert(Member::with_handle("a", "h")).await;
    trial.insert(Member::with_place("b", Some("r"), Some(1))).await;
    let both =
        Member { handle: Some("h".to_owned()), ..Member::with_place("c", Some("r"), Some(1)) };
    let done = "a put with two taken tuples";
    trial
        .refuse(rule::CHECKS, done, put(both, Expect::Absent), &conflict::<Member>("handle"))
        .await;
}

/// Sequences grow with every insertion and stay with every update.
pub(crate) async fn sequences_grow<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let mut last = 0;
    // Ids against the order of insertion, so that an order by id does not pass for it.
    for id in ["e", "c", "d", "a", "b"] {
        let sequence = trial.insert(Member::new(id)).await.sequence();
        let done = format!("the insertion of {id:?} after one with the sequence {last}");
        if id != "e" {
            check_above(done, sequence, last);
        }
        last = sequence;
    }
    let before = trial.all(&MEMBERS).await;
    check(
        rule::SEQUENCE,
        "insertions of e, c, d, a, b",
        ids(&before),
        vec!["e", "c", "d", "a", "b"],
    );
    for id in ["c", "e", "c"] {
        trial.put(Member { count: 1, ..Member::new(id) }, Expect::Anything).await;
    }
    let after = trial.all(&MEMBERS).await;
    let sequences =
        |documents: &[Document]| -> Vec<u64> { documents.iter().map(Document::sequence).collect() };
    check(rule::UPDATE, "updates of c and e", ids(&after), vec!["e", "c", "d", "a", "b"]);
    check(rule::UPDATE, "updates of c and e", sequences(&after), sequences(&before));
}

/// A sequence is never given twice, also when the last document was deleted.
pub(crate) async fn sequences_are_not_reused<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let mut last = trial.insert(Member::new("ann")).await.sequence();
    for round in 0..3 {
        trial.delete(&MEMBERS, vec![]).await;
        let again = trial.insert(Member::new("ann")).await;
        let done = format!("round {round}: deletion of the last document, then its insertion");
        check(rule::UPDATE, &done, again.revision(), 1);
        check_above(done, again.sequence(), last);
        last = again.sequence();
    }
    // The same within one batch: a deletion and an insertion are no update.
    let batch = Batch::new().delete(&MEMBERS, vec![]).put(Member::new("ann"), Expect::Absent);
    let done = "deletion and insertion of one id in a batch";
    let committed = trial.accept(rule::ALONE, done, batch).await;
    let fresh = committed.documents.iter().map(|d| (d.revision(), d.sequence() > last));
    check(rule::SEQUENCE, done, fresh.collect::<Vec<_>>(), vec![(1, true)]);
}

/// An id is unique within its schema only.
pub(crate) async fn ids_belong_to_their_schema<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::new("same")).await;
    trial.insert(Note::new("same", None)).await;
    let done = "insertion of one id in two schemas, then deletion of the notes";
    check(rule::WORKS, done, trial.delete(&NOTES, vec![]).await, 1);
    let left = [trial.all(&MEMBERS).await, trial.all(&NOTES).await, trial.all(&LINES).await];
    check(rule::EXPECT, done, left.map(|rows| rows.len()), [1, 0, 0]);
}

/// Ids are compared byte by byte.
pub(crate) async fn ids_are_bytes<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let all = ["a", "A", "á", "a\u{301}", "a ", "a\0", "", "%", "_", "Ａ", "а"];
    for id in all {
        let outcome = trial.apply(put(Member::new(id), Expect::Absent)).await;
        check(rule::EXPECT, format!("insertion of the id {id:?}"), outcome.is_ok(), true);
    }
    check(rule::EXPECT, "insertion of look-alikes", ids(&trial.all(&MEMBERS).await), all.to_vec());
    for id in all {
        let outcome = trial.apply(put(Member::new(id), Expect::Absent)).await;
        let done = format!("a second insertion of the id {id:?}");
        check_refused(rule::EXPECT, done, &outcome, &conflict::<Member>("$id"));
    }
}
