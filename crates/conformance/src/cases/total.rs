//! Totals, which a store may keep as it writes instead of counting.

use rollbook_core::{Batch, Expect, Filter, Query, Schema};

use super::query::made;
use crate::Harness;
use crate::fixtures::{LINES, Line, MEMBERS, Member, NOTES, Note, field};
use crate::probe::{Probe, Trial, has_id, put};
use crate::report::{check, not_found, rule};

/// Totals, of all and by each value of a boolean, follow insertions, updates and deletions.
pub(crate) async fn totals_follow_writes<H: Harness>() {
    let trial = Trial::<H>::open().await;
    check_totals(&trial, "a new store", [0; 6]).await;
    let all = || Batch::new().delete(&MEMBERS, vec![]);
    // The batch, and then: all, active, inactive, verified, not verified, unknown.
    let steps: [(&str, Batch, Totals); 14] = [
        ("an insertion", set("a", true, None), [1, 1, 0, 0, 0, 1]),
        ("a second one", set("b", false, Some(true)), [2, 1, 1, 1, 0, 1]),
        ("a third one", set("c", false, Some(false)), [3, 1, 2, 1, 1, 1]),
        ("an update of nothing", set("c", false, Some(false)), [3, 1, 2, 1, 1, 1]),
        ("false to true", set("c", true, Some(true)), [3, 2, 1, 2, 0, 1]),
        ("true to false", set("a", false, None), [3, 1, 2, 2, 0, 1]),
        ("null to false", set("a", false, Some(false)), [3, 1, 2, 2, 1, 0]),
        ("true to null", set("b", false, None), [3, 1, 2, 1, 1, 1]),
        ("a deletion", Batch::new().delete(&MEMBERS, vec![has_id("b")]), [2, 1, 1, 1, 1, 0]),
        (
            "a deletion of nothing",
            Batch::new().delete(&MEMBERS, vec![has_id("b")]),
            [2, 1, 1, 1, 1, 0],
        ),
        (
            "one member written four times",
            joined([
                set("d", true, None),
                set("d", false, None),
                set("d", false, Some(true)),
                set("d", true, None),
            ]),
            [3, 2, 1, 1, 1, 1],
        ),
        (
            "an insertion and its deletion",
            set("e", true, None).delete(&MEMBERS, vec![has_id("e")]),
            [3, 2, 1, 1, 1, 1],
        ),
        (
            "deletion of all, and an insertion",
            joined([all(), set("a", true, Some(true))]),
            [1, 1, 0, 1, 0, 0],
        ),
        ("deletion of all", all(), [0; 6]),
    ];
    for (what, batch, expected) in steps {
        trial.accept(rule::WORKS, what, batch).await;
        check_totals(&trial, what, expected).await;
    }
}

/// A batch that fails counts for nothing, and its neighbours count.
pub(crate) async fn totals_forget_failed_batches<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.accept(rule::WORKS, "an insertion", set("a", true, None)).await;
    let fails = || Batch::new().put(Note::new("n", Some("nobody")), Expect::Absent);
    let failing = [
        joined([set("b", true, None), fails()]),
        joined([set("a", false, Some(true)), fails()]),
        joined([Batch::new().delete(&MEMBERS, vec![]), fails()]),
    ];
    for batch in failing.clone() {
        let done = "a batch that fails at its end";
        trial.refuse(rule::ALL_OR_NOTHING, done, batch, &not_found::<Member>("nobody")).await;
        check_totals(&trial, done, [1, 1, 0, 0, 0, 1]).await;
    }
    let [insertion, update, deletion] = failing;
    let batches =
        vec![insertion, set("c", false, Some(true)), update, set("a", false, None), deletion];
    trial.commit(batches).await;
    let done = "a commit of five batches, of which the first, third and fifth fail";
    check_totals(&trial, done, [2, 0, 2, 1, 0, 1]).await;
}

/// What falls with its owner is no longer counted.
pub(crate) async fn totals_follow_cascades<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for member in ["a", "b"] {
        trial.insert(Member { active: member == "a", ..Member::new(member) }).await;
        for number in 0..3 {
            let note = format!("{member}{number}");
            trial.insert(Note::new(&note, Some(member))).await;
            trial.insert(Line::new(&note, &note, number)).await;
        }
    }
    let of = |member: &str| made(field::<Note>("member").equal([member.to_owned()]));
    let active = || vec![made(field::<Member>("active").equal([true]))];
    let steps: [(&str, Batch, [u64; 5]); 4] = [
        ("no deletion", Batch::new(), [2, 6, 6, 3, 3]),
        ("deletion of a note", Batch::new().delete(&NOTES, vec![has_id("a0")]), [2, 5, 5, 2, 3]),
        ("deletion of its member", Batch::new().delete(&MEMBERS, active()), [1, 3, 3, 0, 3]),
        (
            "deletion of the other and its insertion",
            joined([Batch::new().delete(&MEMBERS, vec![]), set("b", true, None)]),
            [1, 0, 0, 0, 0],
        ),
    ];
    for (what, batch, expected) in steps {
        trial.accept(rule::CASCADE, what, batch).await;
        let mut totals = Vec::new();
        for (schema, filters) in [
            (&MEMBERS, vec![]),
            (&NOTES, vec![]),
            (&LINES, vec![]),
            (&NOTES, vec![of("a")]),
            (&NOTES, vec![of("b")]),
        ] {
            totals.push(total(&trial, schema, filters).await);
        }
        check(rule::SELECT, format!("totals after {what}"), totals, expected.to_vec());
    }
}

/// A total that is kept answers nothing but its own question: more filters, more values and negations
/// are counted as they are.
pub(crate) async fn totals_of_other_filters<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for (number, verified) in [None, Some(true), Some(false), Some(true)].into_iter().enumerate() {
        trial
            .accept(rule::WORKS, "an insertion", set(&number.to_string(), number > 1, verified))
            .await;
    }
    let [active, verified] = ["active", "verified"].map(field::<Member>);
    let is = |field: &'static rollbook_core::Field, value: bool| made(field.equal([value]));
    let cases = [
        (vec![is(active, true), is(verified, true)], 1),
        (vec![is(active, true), is(active, true)], 2),
        (vec![is(active, true), is(active, false)], 0),
        (vec![is(active, true), verified.is_null()], 0),
        (vec![Filter::and([is(active, true)])], 2),
        (vec![Filter::or([is(active, true), verified.is_null()])], 3),
        (vec![Filter::or([is(active, true), is(active, false)])], 4),
        (vec![made(active.equal([true, false]))], 4),
        (vec![made(active.equal([true, true]))], 2),
        (vec![made(verified.equal([false, true]))], 3),
        (vec![made(active.not_equal(true))], 2),
        (vec![made(verified.not_equal(true))], 1),
        (vec![made(verified.less(true))], 1),
        (vec![made(verified.greater_equal(false))], 3),
        (vec![active.is_null()], 0),
        (vec![active.is_not_null()], 4),
        (vec![verified.is_not_null()], 3),
        (vec![is(verified, true), has_id("1")], 1),
    ];
    for (filters, expected) in cases {
        let done = format!("count by {filters:?}");
        check(rule::SELECT, done, total(&trial, &MEMBERS, filters).await, expected);
    }
}

/// All, active, inactive, verified, not verified, and those of whom it is not known.
pub(super) type Totals = [u64; 6];

pub(super) async fn check_totals(probe: &Probe, done: &str, expected: Totals) {
    let [active, verified] = ["active", "verified"].map(field::<Member>);
    let mut totals = Vec::new();
    for filters in [
        vec![],
        vec![made(active.equal([true]))],
        vec![made(active.equal([false]))],
        vec![made(verified.equal([true]))],
        vec![made(verified.equal([false]))],
        vec![verified.is_null()],
    ] {
        totals.push(total(probe, &MEMBERS, filters).await);
    }
    let done = format!("after {done}: all, active, inactive, verified, not, unknown");
    check(rule::SELECT, done, totals, expected.to_vec());
}

async fn total(probe: &Probe, schema: &'static Schema, filters: Vec<Filter>) -> u64 {
    probe.count(&Query::new(schema).filters_all(filters)).await
}

/// A put of a member, whatever is stored.
pub(super) fn set(id: &str, active: bool, verified: Option<bool>) -> Batch {
    put(Member { active, verified, ..Member::new(id) }, Expect::Anything)
}

/// One batch of the operations of several.
fn joined(batches: impl IntoIterator<Item = Batch>) -> Batch {
    let ops = batches.into_iter().flat_map(Batch::into_ops);
    ops.fold(Batch::new(), |batch, op| match op {
        rollbook_core::Op::Put { record, expect } => batch.put_any(record, expect),
        rollbook_core::Op::Delete { schema, filters } => batch.delete(schema, filters),
    })
}
