//! Faults of single puts: expectations, revisions, sequences, ids.

use rollbook_core::{Expect, StoreError};

use crate::clay::{Check, Isolation, Past};
use crate::faults;
use crate::support::{composed, until_nul};

faults! {
    revision_ignored {
        expect: |expect, _| match expect {
            Expect::Revision(_) => Expect::Anything,
            other => other,
        },
    } => revision_replaces_that_one revision_needs_a_document one_wins_a_revision no_update_is_lost
        checks_have_an_order random_commits;

    revision_of_the_future_accepted {
        expect: |expect, stored| match (expect, stored) {
            (Expect::Revision(revision), Some(stored)) if revision > stored => Expect::Anything,
            (other, _) => other,
        },
    } => revision_replaces_that_one;

    revision_zero_is_any {
        expect: |expect, _| match expect {
            Expect::Revision(0) => Expect::Anything,
            other => other,
        },
    } => revision_replaces_that_one revision_needs_a_document;

    revision_inserts {
        expect: |expect, stored| match (expect, stored) {
            (Expect::Revision(_), None) => Expect::Anything,
            (other, _) => other,
        },
    } => revision_needs_a_document random_commits;

    absent_overwrites {
        expect: |expect, _| match expect {
            Expect::Absent => Expect::Anything,
            other => other,
        },
    } => absent_refuses_a_taken_id one_wins_an_id ids_are_bytes;

    anything_only_inserts {
        expect: |expect, _| match expect {
            Expect::Anything => Expect::Absent,
            other => other,
        },
    } => anything_inserts_and_replaces;

    revision_not_incremented {
        revision: |_, stored, _| stored.map_or(1, rollbook_core::Document::revision),
    } => revision_replaces_that_one anything_inserts_and_replaces committed_tells_what_happened;

    revision_reset_by_an_update { revision: |_, _, _| 1 } => anything_inserts_and_replaces;

    revision_starts_at_zero {
        revision: |_, stored, _| stored.map_or(0, |stored| stored.revision() + 1),
    } => anything_inserts_and_replaces sequences_are_not_reused;

    revision_goes_on_after_deletion {
        revision: |shelf, stored, id| {
            let past = shelf.past.iter().map(|(_, row)| row).filter(|row| row.id() == id);
            let last = past.chain(stored).map(rollbook_core::Document::revision).max();
            last.unwrap_or_default() + 1
        },
    } => sequences_are_not_reused cascade_frees_uniques;

    sequence_reused_after_deletion {
        sequence: |shelf, stored| {
            let last = shelf.documents.iter().map(rollbook_core::Document::sequence).max();
            stored.map_or(last.unwrap_or_default() + 1, rollbook_core::Document::sequence)
        },
    } => sequences_are_not_reused reopened_sequences_go_on;

    sequence_changed_by_an_update {
        sequence: |shelf, _| shelf.sequence + shelf.past.len() as u64 + 1,
    } => sequences_grow committed_tells_what_happened;

    sequence_given_twice { sequence: |_, _| 1 } => sequences_grow commits_side_by_side;

    rows_in_the_order_of_their_ids {
        compare: |query, a, b| match query.orders() {
            [only] if only.field == &rollbook_core::SEQUENCE => a.id().cmp(b.id()),
            _ => query.compare(a, b),
        },
    } => sequences_grow orders;

    expectation_checked_after_unique {
        checks: &[Check::Owner, Check::Unique, Check::Expectation],
    } => checks_have_an_order;

    owner_checked_before_expectation {
        checks: &[Check::Owner, Check::Expectation, Check::Unique],
    } => checks_have_an_order;

    unique_checked_before_owner {
        checks: &[Check::Expectation, Check::Unique, Check::Owner],
    } => checks_have_an_order;

    stale_told_as_conflict {
        error: |error| match error {
            StoreError::Stale { schema, .. } => StoreError::Conflict { schema, key: "$id" },
            other => other,
        },
    } => revision_replaces_that_one later_batch_sees_the_earlier;

    missing_told_as_stale {
        error: |error| match error {
            StoreError::NotFound { schema, id } => StoreError::Stale { schema, id },
            other => other,
        },
    } => revision_needs_a_document owner_must_exist;

    conflict_told_by_another_name {
        error: |error| match error {
            StoreError::Conflict { schema, .. } => StoreError::Conflict { schema, key: "primary" },
            other => other,
        },
    } => absent_refuses_a_taken_id unique_field;

    refusal_told_as_failure {
        error: |error| StoreError::backend(error.to_string()),
    } => absent_refuses_a_taken_id;

    ids_ignore_case {
        is: |row, schema, id| row.record().schema() == schema && row.id().eq_ignore_ascii_case(id),
    } => ids_are_bytes;

    ids_trimmed {
        is: |row, schema, id| row.record().schema() == schema && row.id().trim_end() == id.trim_end(),
    } => ids_are_bytes;

    ids_cut_at_nul {
        is: |row, schema, id| row.record().schema() == schema && until_nul(row.id()) == until_nul(id),
    } => ids_are_bytes;

    ids_composed {
        is: |row, schema, id| row.record().schema() == schema && composed(row.id()) == composed(id),
    } => ids_are_bytes;

    ids_of_all_schemas_in_one { is: |row, _, id| row.id() == id } => ids_belong_to_their_schema;

    own_writes_read_late {
        isolation: Isolation::Late,
    } => insert_then_read reads_see_what_was_acknowledged;

    deleted_read_still {
        candidates: |shelf, query| {
            let deleted = shelf.gone(query.schema(), Past::Deleted);
            shelf.of(query.schema()).into_iter().chain(deleted).collect()
        },
    } => delete_by_filters delete_all_and_none;
}
