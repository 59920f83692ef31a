//! Faults of owners and cascades.

use rollbook_core::{StoreError, Value};

use crate::clay::{Check, Update};
use crate::faults;

faults! {
    owner_not_checked {
        checks: &[Check::Expectation, Check::Unique],
    } => owner_must_exist owner_in_the_same_batch no_orphans reopened_checks_hold;

    owner_checked_at_insertion_only {
        housed: |shelf, schema, id, stored| {
            stored.is_some() || shelf.of(schema).iter().any(|owner| owner.id() == id)
        },
    } => owner_must_exist;

    owner_of_any_schema {
        housed: |shelf, _, id, _| shelf.documents.iter().any(|owner| owner.id() == id),
    } => owner_must_exist;

    owner_ignores_case {
        housed: |shelf, schema, id, _| {
            shelf.of(schema).iter().any(|owner| owner.id().eq_ignore_ascii_case(id))
        },
    } => owners_are_bytes;

    empty_owner_taken_for_none {
        housed: |shelf, schema, id, _| {
            id.is_empty() || shelf.of(schema).iter().any(|owner| owner.id() == id)
        },
    } => owner_must_exist;

    missing_owner_told_as_conflict {
        error: |error| match error {
            StoreError::NotFound { schema: "members", .. } => {
                StoreError::Conflict { schema: "notes", key: "member" }
            }
            other => other,
        },
    } => owner_must_exist checks_have_an_order no_orphans;

    no_cascade { owned: |_, _, _| false } => delete_cascades cascade_of_many cascade_frees_uniques
        ownership_changes totals_follow_cascades reopened_checks_hold;

    cascade_of_one_level {
        owned: |depth, value, owner| depth == 0 && *value == Value::from(owner.id()),
    } => delete_cascades cascade_of_many totals_follow_cascades;

    cascade_takes_look_alikes {
        owned: |_, value, owner| match value {
            Value::Text(id) => id.eq_ignore_ascii_case(owner.id()),
            _ => false,
        },
    } => owners_are_bytes;

    cascade_takes_what_begins_so {
        owned: |_, value, owner| matches!(value, Value::Text(id) if id.starts_with(owner.id())),
    } => owners_are_bytes;

    cascade_takes_what_has_no_owner {
        owned: |_, value, owner| value.is_null() || *value == Value::from(owner.id()),
    } => delete_cascades cascade_of_many;

    cascade_takes_all { owned: |_, _, _| true } => delete_cascades ownership_changes;

    cascade_counted { deleted: |named, fallen| named + fallen } => committed_counts_deletions
        delete_cascades cascade_of_many;

    update_deletes_and_inserts {
        update: Update::Anew,
    } => update_keeps_what_is_owned;

    former_owner_takes_it_along {
        owned: |_, value, owner| match value {
            Value::Text(id) => id == owner.id() || owner.id() == "ann" && id == "bob",
            _ => false,
        },
    } => ownership_changes;
}
