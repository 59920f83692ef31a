//! Faults of batches: all or nothing, in order, each with its outcome, and never seen in part.

use rollbook_core::{Batch, Committed, Op, StoreError};

use crate::clay::{Isolation, in_order, of_ops, singly, whole};
use crate::faults;

faults! {
    first_operations_stay {
        batch: |ways, shelf, batch| {
            let mut committed = Committed::default();
            for batch in singly(batch) {
                let Committed { documents, deleted } = whole(ways, shelf, batch)?;
                committed.documents.extend(documents);
                committed.deleted += deleted;
            }
            Ok(committed)
        },
    } => failed_batch_leaves_nothing failed_batch_is_not_seen neighbours_are_not_affected
        totals_forget_failed_batches search_forgets_failed_batches;

    deletions_of_a_failed_batch_stay {
        batch: |ways, shelf, batch| {
            let deletions = batch.ops().iter().filter(|op| matches!(op, Op::Delete { .. }));
            let deletions = of_ops(deletions.cloned());
            let outcome = whole(ways, shelf, batch);
            if outcome.is_err() {
                let _ = whole(ways, shelf, deletions);
            }
            outcome
        },
    } => failed_batch_leaves_nothing neighbours_are_not_affected;

    batch_not_seen_by_its_later_operations {
        batch: |ways, shelf, batch| {
            let before = shelf.clone();
            for batch in singly(batch.clone()) {
                whole(ways, &mut before.clone(), batch)?;
            }
            whole(&crate::clay::Ways { checks: &[], ..*ways }, shelf, batch)
        },
    } => unique_within_a_batch owner_in_the_same_batch committed_tells_what_happened;

    uniques_checked_when_the_batch_ends {
        batch: |ways, shelf, batch| {
            let before = shelf.clone();
            let careless = crate::clay::Ways { tuples: |_| Vec::new(), ..*ways };
            let committed = whole(&careless, shelf, batch)?;
            let again = committed.documents.iter().map(|row| Op::Put {
                record: row.record().clone(),
                expect: rollbook_core::Expect::Anything,
            });
            let alive = again.filter(|op| match op {
                Op::Put { record, .. } => shelf.documents.iter().any(|row| row.id() == record.id()),
                Op::Delete { .. } => false,
            });
            let checked = whole(ways, &mut shelf.clone(), of_ops(alive.collect::<Vec<_>>()));
            if checked.is_err() {
                *shelf = before;
            }
            checked.map(|_| committed)
        },
    } => unique_freed_by_delete swap_in_a_batch;

    deletions_before_puts {
        batch: |ways, shelf, batch| {
            let (deletions, puts) = split(batch);
            whole(ways, shelf, of_ops(deletions.into_iter().chain(puts)))
        },
    } => delete_sees_its_batch unique_freed_by_delete;

    puts_before_deletions {
        batch: |ways, shelf, batch| {
            let (deletions, puts) = split(batch);
            whole(ways, shelf, of_ops(puts.into_iter().chain(deletions)))
        },
    } => delete_sees_its_batch unique_freed_by_delete sequences_are_not_reused;

    later_batch_does_not_see_the_earlier {
        commit: |ways, shelf, batches| {
            let before = shelf.clone();
            let checked = |batch: Batch| {
                whole(ways, &mut before.clone(), batch.clone())?;
                whole(ways, shelf, batch)
            };
            Ok(batches.into_iter().map(checked).collect())
        },
    } => later_batch_sees_the_earlier neighbours_are_not_affected;

    batches_applied_backwards {
        commit: |ways, shelf, batches| {
            let mut outcomes = in_order(ways, shelf, batches.into_iter().rev().collect())?;
            outcomes.reverse();
            Ok(outcomes)
        },
    } => later_batch_sees_the_earlier neighbours_are_not_affected;

    one_error_fails_the_commit {
        commit: |ways, shelf, batches| {
            let (before, number) = (shelf.clone(), batches.len());
            let outcomes = in_order(ways, shelf, batches)?;
            let Some(Err(error)) = outcomes.iter().find(|outcome| outcome.is_err()) else {
                return Ok(outcomes);
            };
            *shelf = before;
            Ok((0..number).map(|_| Err(error.clone())).collect())
        },
    } => neighbours_are_not_affected later_batch_sees_the_earlier;

    nothing_after_an_error {
        commit: |ways, shelf, batches| {
            let mut failed = None;
            let one = |batch| match &failed {
                Some(error) => Err(StoreError::clone(error)),
                None => whole(ways, shelf, batch).inspect_err(|error| failed = Some(error.clone())),
            };
            Ok(batches.into_iter().map(one).collect())
        },
    } => neighbours_are_not_affected later_batch_sees_the_earlier acknowledged_commits_stay;

    refusal_as_an_outer_error {
        commit: |ways, shelf, batches| {
            let outcomes = in_order(ways, shelf, batches)?;
            outcomes.into_iter().map(|outcome| outcome.map(Ok)).collect()
        },
    } => neighbours_are_not_affected absent_refuses_a_taken_id;

    outcomes_reversed {
        commit: |ways, shelf, batches| {
            let mut outcomes = in_order(ways, shelf, batches)?;
            outcomes.reverse();
            Ok(outcomes)
        },
    } => neighbours_are_not_affected later_batch_sees_the_earlier;

    outcomes_of_failed_batches_last {
        commit: |ways, shelf, batches| {
            let mut outcomes = in_order(ways, shelf, batches)?;
            outcomes.sort_by_key(Result::is_err);
            Ok(outcomes)
        },
    } => neighbours_are_not_affected later_batch_sees_the_earlier;

    no_outcome_for_failed_batches {
        commit: |ways, shelf, batches| {
            let mut outcomes = in_order(ways, shelf, batches)?;
            outcomes.retain(Result::is_ok);
            Ok(outcomes)
        },
    } => neighbours_are_not_affected;

    only_a_thousand_batches {
        commit: |ways, shelf, mut batches| {
            batches.truncate(1_000);
            in_order(ways, shelf, batches)
        },
    } => ten_thousand_batches;

    empty_batch_refused {
        batch: |ways, shelf, batch| match batch.ops() {
            [] => Err(StoreError::backend("an empty batch")),
            _ => whole(ways, shelf, batch),
        },
    } => empty_batches;

    empty_commit_has_an_outcome {
        commit: |ways, shelf, mut batches| {
            if batches.is_empty() {
                batches.push(Batch::new());
            }
            in_order(ways, shelf, batches)
        },
    } => empty_batches;

    documents_told_once_for_each_id {
        told: |mut committed| {
            let rows = committed.documents.clone();
            let later = |row: &rollbook_core::Document| {
                rows.iter().any(|other| other.id() == row.id() && other.revision() > row.revision())
            };
            committed.documents.retain(|row| !later(row));
            committed
        },
    } => committed_tells_what_happened;

    documents_told_in_another_order {
        told: |mut committed| {
            committed.documents.sort_by_key(|row| row.record().schema().name);
            committed
        },
    } => committed_tells_what_happened;

    deletions_of_the_last_operation_told {
        batch: |ways, shelf, batch| {
            let last = match batch.ops().last() {
                Some(Op::Delete { .. }) => None,
                _ => Some(0),
            };
            let one = batch.ops().len() == 1;
            let mut committed = whole(ways, shelf, batch)?;
            if !one {
                committed.deleted = last.unwrap_or(committed.deleted.min(1));
            }
            Ok(committed)
        },
    } => committed_counts_deletions delete_sees_its_batch;

    halves_are_seen {
        isolation: Isolation::Steps,
    } => readers_see_whole_batches;

    last_writer_wins {
        isolation: Isolation::Copies,
    } => commits_side_by_side no_update_is_lost one_wins_an_id one_wins_a_unique_value
        one_wins_a_revision no_orphans reads_see_what_was_acknowledged;
}

/// The deletions and the puts of a batch.
fn split(batch: Batch) -> (Vec<Op>, Vec<Op>) {
    batch.into_ops().into_iter().partition(|op| matches!(op, Op::Delete { .. }))
}
