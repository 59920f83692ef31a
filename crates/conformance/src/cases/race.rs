//! Many at once: what holds for one writer holds for all.

use std::panic::resume_unwind;
use std::sync::Arc;

use async_trait::async_trait;
use rollbook_core::{Batch, Collection, Document, Expect, Query, StoreError, UserStore};
use tokio::sync::{Barrier, Notify};
use tokio::task::{JoinSet, yield_now};

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
        let batches = (0..TASKS).map(|task| put(member(number(task)), Expect::Absent));
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
        let batches = (0..TASKS).map(|task| put(member(number(task)), expect));
        let outcomes = together(&trial, batches).await;
        one_wins(&outcomes, &stale::<Member>("ann"), "updates of one revision", round);
    }
}

/// Of many who count up one document by compare-and-swap, none is lost.
pub(crate) async fn no_update_is_lost<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::new("ann")).await;
    let store: Arc<dyn UserStore> = Arc::new(Interrupted(Arc::clone(trial.store())));
    let start = Arc::new(Barrier::new(TASKS));
    let tasks = (0..TASKS).map(|_| {
        let members = Collection::<Member>::new(Arc::clone(&store));
        let start = Arc::clone(&start);
        tokio::spawn(async move {
            start.wait().await;
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
    check(rule::CONCURRENT, done, ann, Some((number(total), total as u64 + 1)));
}

/// The store under test, with a moment for others after every read: without it a fast store is done
/// before anybody comes between the reading and the writing.
#[derive(Debug)]
struct Interrupted(Arc<dyn UserStore>);

#[async_trait]
impl UserStore for Interrupted {
    async fn select(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        let rows = self.0.select(query).await;
        yield_now().await;
        rows
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.0.count(query).await
    }

    async fn commit(&self, batches: Vec<Batch>) -> Result<Vec<Outcome>, StoreError> {
        self.0.commit(batches).await
    }
}

/// A reader sees all of a batch or nothing of it, and never goes back in time.
pub(crate) async fn readers_see_whole_batches<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.accept(rule::ALONE, "insertion of two members", both(Batch::new(), 0)).await;
    let read = Arc::new(Notify::new());
    // Whoever fails first ends the case, and the others with it.
    let mut tasks = JoinSet::new();
    for _ in 0..READERS {
        tasks.spawn(read_both(trial.clone(), Arc::clone(&read)));
    }
    tasks.spawn(change_both(trial.clone(), read));
    while let Some(task) = tasks.join_next().await {
        joined(task);
    }
}

async fn read_both(probe: Probe, read: Arc<Notify>) {
    let mut last = 0;
    while last < CHANGES {
        let rows = probe.select(&Query::new(&MEMBERS)).await;
        let counts: Vec<i64> = rows.iter().map(|d| d.typed::<Member>().count).collect();
        match counts[..] {
            [a, b] if a == b && a >= last => last = a,
            _ => {
                let done = "a select while a writer changes two members in each batch";
                let expected = format!("two members of one count, {last} or above");
                broken(rule::ALONE, done, &expected, &counts)
            }
        }
        read.notify_one();
        yield_now().await;
    }
}

async fn change_both(probe: Probe, read: Arc<Notify>) {
    for count in 1..=CHANGES {
        // A fast writer would be done before the first reader begins.
        read.notified().await;
        // Every other time both go and come again.
        let batch = match count % 2 {
            0 => Batch::new().delete(&MEMBERS, vec![]),
            _ => Batch::new(),
        };
        probe.accept(rule::ALONE, "a change of two members", both(batch, count)).await;
    }
}

/// Two members that always have the same count, and one handle that is never free.
fn both(batch: Batch, count: i64) -> Batch {
    batch
        .put(Member { count, ..Member::with_handle("ann", "taken") }, Expect::Anything)
        .put(Member { count, ..Member::new("bob") }, Expect::Anything)
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
            Ok(committed) => told.extend(committed.documents.iter().map(Document::sequence)),
            Err(error) => broken(rule::CONCURRENT, done, &"acceptance of all", error),
        }
    }
    told.sort_unstable();
    let stored: Vec<u64> = trial.all(&MEMBERS).await.iter().map(Document::sequence).collect();
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

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

const TASKS: usize = 8;
const READERS: usize = 3;
const ROUNDS: usize = 40;
const INCREMENTS: usize = 25;
const CHANGES: i64 = 200;
