//! Many at once: what holds for one writer holds for all.

use std::panic::resume_unwind;
use std::sync::Arc;

use rollbook_core::{Batch, Collection, Expect, Query, StoreError};
use tokio::sync::Barrier;

use crate::Harness;
use crate::fixtures::{LINES, Line, MEMBERS, Member, NOTES, Note};
use crate::probe::{Outcome, Probe, Trial, has_id, ids, put};
use crate::report::{broken, check, conflict, rule, same, stale};

/// Of many insertions of one unique value, one is accepted, and the others are told the conflict.
pub(crate) async fn one_wins_a_unique_value<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for round in 0..ROUNDS {
        let batches = (0..TASKS).map(|task| {
            let member = Member::with_handle(&format!("{round}-{task}"), &round.to_string());
            put(member, Expect::Absent)
        });
        let outcomes = together(&trial, batches).await;
        one_wins(&outcomes, &conflict::<Member>("handle"), "insertions of one handle", round);
    }
    check(rule::CONCURRENT, "all rounds", trial.all(&MEMBERS).await.len(), ROUNDS);
}

/// Of many insertions of one id, one is accepted.
pub(crate) async fn one_wins_an_id<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for round in 0..ROUNDS {
        let member = |task| Member { count: task, ..Member::new(&round.to_string()) };
        let batches = (0..TASKS).map(|task| put(member(task as i64), Expect::Absent));
        let outcomes = together(&trial, batches).await;
        one_wins(&outcomes, &conflict::<Member>("$id"), "insertions of one id", round);
    }
}

/// Of many updates of one revision, one is accepted, and the others are stale.
pub(crate) async fn one_wins_a_revision<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::new("ann")).await;
    for round in 0..ROUNDS {
        let member = |task| Member { count: task, ..Member::new("ann") };
        let expect = Expect::Revision(round as u64 + 1);
        let batches = (0..TASKS).map(|task| put(member(task as i64), expect));
        let outcomes = together(&trial, batches).await;
        one_wins(&outcomes, &stale::<Member>("ann"), "updates of one revision", round);
    }
}

/// Of many who count up one document by compare-and-swap, none is lost.
pub(crate) async fn no_update_is_lost<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::new("ann")).await;
    let tasks = (0..TASKS).map(|_| {
        let members = Collection::<Member>::new(Arc::clone(trial.store()));
        tokio::spawn(async move {
            for _ in 0..INCREMENTS {
                let add = |member: &Member| {
                    Ok::<_, StoreError>(Some(Member { count: member.count + 1, ..member.clone() }))
                };
                if let Err(error) = members.update("ann", add).await {
                    broken(rule::CONCURRENT, "an update", &"success", &error);
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        joined(task.await);
    }
    let ann = trial.get::<Member>("ann").await.map(|d| (d.typed::<Member>().count, d.revision()));
    let done = format!("{TASKS} tasks count up one member {INCREMENTS} times each");
    let total = TASKS * INCREMENTS;
    check(rule::CONCURRENT, done, ann, Some((total as i64, total as u64 + 1)));
}

/// A reader sees all of a batch or nothing of it.
pub(crate) async fn readers_see_whole_batches<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let both = |count| {
        Batch::new()
            .put(Member { count, ..Member::with_handle("ann", "moving") }, Expect::Anything)
            .put(Member { count, ..Member::new("bob") }, Expect::Anything)
    };
    trial.accept(rule::ALONE, "insertion of two members", both(0)).await;
    let probe = trial.clone();
    let writer = tokio::spawn(async move {
        for count in 1..=CHANGES {
            // Every other time both go and come again; the handle is never free, and never twice.
            let batch = if count % 2 == 0 {
                let gone = Batch::new().delete(&MEMBERS, vec![]);
                both(count).into_ops().into_iter().fold(gone, |batch, op| match op {
                    rollbook_core::Op::Put { record, expect } => batch.put_any(record, expect),
                    rollbook_core::Op::Delete { schema, filters } => batch.delete(schema, filters),
                })
            } else {
                both(count)
            };
            probe.accept(rule::ALONE, "a change of two members", batch).await;
        }
    });
    let readers = (0..3).map(|_| {
        let probe = trial.clone();
        tokio::spawn(async move {
            let mut last = 0;
            while last < CHANGES {
                let rows = probe.select(&Query::new(&MEMBERS)).await;
                let counts: Vec<i64> = rows.iter().map(|d| d.typed::<Member>().count).collect();
                let done = "a select while a writer changes two members in each batch";
                match counts[..] {
                    [a, b] if a == b && a >= last => last = a,
                    _ => broken(
                        rule::ALONE,
                        done,
                        &"two members with one count, never an older one",
                        &counts,
                    ),
                }
            }
        })
    });
    for task in readers.collect::<Vec<_>>() {
        joined(task.await);
    }
    joined(writer.await);
}

/// Whoever is first, the deletion of an owner or the put of what it owns: there is no orphan.
pub(crate) async fn no_orphans<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for round in 0..ROUNDS {
        let id = round.to_string();
        trial.insert(Member::new(&id)).await;
        trial.insert(Note::new(&format!("{id}-old"), Some(&id))).await;
        let delete = Batch::new().delete(&MEMBERS, vec![has_id(&id)]);
        let notes =
            (0..3).map(|task| put(Note::new(&format!("{id}-{task}"), Some(&id)), Expect::Absent));
        let lines = (0..3).map(|task| {
            put(Line::new(&format!("{id}-{task}"), &format!("{id}-old"), task), Expect::Absent)
        });
        let batches: Vec<Batch> = notes.chain([delete]).chain(lines).collect();
        let outcomes = together(&trial, batches).await;
        let done = format!("round {round}: deletion of a member while its notes and lines are put");
        for outcome in &outcomes {
            if let Err(error) = outcome
                && !matches!(error, StoreError::NotFound { .. })
            {
                broken(rule::OWNER, &done, &"acceptance or `NotFound` of the owner", error);
            }
        }
        let left = (ids(&trial.all(&NOTES).await), ids(&trial.all(&LINES).await));
        check(rule::CONCURRENT, done, left, (Vec::<String>::new(), Vec::<String>::new()));
    }
}

/// Commits that don't concern each other all succeed, each with a sequence of its own.
pub(crate) async fn commits_side_by_side<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let batches = (0..64).map(|task| put(Member::new(&task.to_string()), Expect::Absent));
    let outcomes = together(&trial, batches).await;
    let done = "64 insertions at once";
    let mut told = Vec::new();
    for outcome in &outcomes {
        match outcome {
            Ok(committed) => told.extend(committed.documents.iter().map(|d| d.sequence())),
            Err(error) => broken(rule::CONCURRENT, done, &"acceptance of all", error),
        }
    }
    told.sort_unstable();
    let stored: Vec<u64> = trial.all(&MEMBERS).await.iter().map(|d| d.sequence()).collect();
    check(rule::SEQUENCE, done, stored, told.clone());
    told.dedup();
    check(rule::SEQUENCE, done, told.len(), 64);
}

/// What a commit has acknowledged, every later read sees, whoever reads.
pub(crate) async fn reads_see_what_was_acknowledged<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let tasks = (0..TASKS).map(|task| {
        let probe = trial.clone();
        tokio::spawn(async move {
            for number in 0..INCREMENTS {
                let id = format!("{task}-{number}");
                probe.insert(Member::new(&id)).await;
                let read = probe.get::<Member>(&id).await.is_some();
                check(rule::DURABLE, format!("a read of {id:?} after its insertion"), read, true);
                let counted = probe.count(&Query::new(&MEMBERS).filter(has_id(&id))).await;
                check(rule::DURABLE, format!("a count of {id:?} after its insertion"), counted, 1);
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        joined(task.await);
    }
    check(rule::SELECT, "all members at last", trial.contents().await.len(), TASKS * INCREMENTS);
}

/// Commits each batch in a task of its own, all released at one moment.
async fn together(probe: &Probe, batches: impl IntoIterator<Item = Batch>) -> Vec<Outcome> {
    let batches: Vec<Batch> = batches.into_iter().collect();
    let start = Arc::new(Barrier::new(batches.len()));
    let tasks = batches.into_iter().map(|batch| {
        let (probe, start) = (probe.clone(), Arc::clone(&start));
        tokio::spawn(async move {
            start.wait().await;
            probe.apply(batch).await
        })
    });
    let mut outcomes = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        outcomes.push(joined(task.await));
    }
    outcomes
}

/// The result of a task; its failure is that of the case.
fn joined<T>(task: Result<T, tokio::task::JoinError>) -> T {
    task.unwrap_or_else(|failure| resume_unwind(failure.into_panic()))
}

#[track_caller]
fn one_wins(outcomes: &[Outcome], others: &StoreError, what: &str, round: usize) {
    let done = format!("round {round}: {} {what} at once", outcomes.len());
    check(rule::CONCURRENT, &done, outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes {
        if let Err(error) = outcome
            && !same(error, others)
        {
            broken(rule::CONCURRENT, &done, others, error);
        }
    }
}

const TASKS: usize = 8;
const ROUNDS: usize = 40;
const INCREMENTS: usize = 25;
const CHANGES: i64 = 200;
