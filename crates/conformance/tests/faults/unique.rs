//! Faults of unique tuples.

use rollbook_core::Value;

use crate::clay::{Past, others};
use crate::faults;
use crate::support::{composed, cut, until_nul};

faults! {
    unique_not_checked { tuples: |_| Vec::new() } => unique_field unique_pair unique_values_are_bytes
        one_wins_a_unique_value reopened_checks_hold;

    first_tuple_only { tuples: |schema| schema.uniques.iter().take(1).collect() } => unique_pair;

    last_tuple_first { tuples: |schema| schema.uniques.iter().rev().collect() } => checks_have_an_order;

    case_ignored { clash: |new, other| alike(new, other, str::to_lowercase) } =>
        unique_values_are_bytes;

    blanks_trimmed { clash: |new, other| alike(new, other, |text| text.trim_end().to_owned()) } =>
        unique_values_are_bytes;

    accents_composed { clash: |new, other| alike(new, other, composed) } => unique_values_are_bytes;

    cut_at_nul { clash: |new, other| alike(new, other, until_nul) } => unique_values_are_bytes unique_pair;

    long_texts_cut { clash: |new, other| alike(new, other, |text| cut(text, 255)) } =>
        unique_values_are_bytes;

    long_texts_exempt {
        clash: |new, other| {
            new == other
                && !new.iter().any(|value| matches!(value, Value::Text(text) if text.len() > 2_700))
        },
    } => unique_values_are_bytes;

    empty_text_taken_for_null {
        clash: |new, other| {
            !new.contains(&Value::from("")) && new == other
        },
    } => unique_values_are_bytes;

    first_field_only {
        clash: |new, other| new.first() == other.first(),
    } => unique_pair;

    any_field_clashes {
        clash: |new, other| {
            new.iter().zip(other).any(|(new, other)| new == other)
        },
    } => unique_pair;

    tuple_kept_as_one_text {
        clash: |new, other| {
            let joined = |values: &[Value<'_>]| values.iter().map(shown).collect::<String>();
            !other.contains(&Value::Null) && joined(new) == joined(other)
        },
    } => unique_pair;

    nulls_are_equal { exempt: |_| false } => null_exempts;

    null_exempts_only_if_all_are {
        exempt: |values| values.iter().all(Value::is_null),
    } => null_exempts;

    checked_at_insertion_only {
        rivals: |shelf, new, stored| match stored {
            Some(_) => Vec::new(),
            None => others(shelf, new),
        },
    } => unique_field unique_pair swap_in_a_batch null_exempts;

    checked_at_update_only {
        rivals: |shelf, new, stored| match stored {
            Some(_) => others(shelf, new),
            None => Vec::new(),
        },
    } => unique_field unique_pair unique_within_a_batch;

    conflict_with_itself {
        rivals: |shelf, new, _| shelf.of(new.record().schema()),
    } => unique_field;

    not_freed_by_update {
        rivals: |shelf, new, _| {
            let past = shelf.gone(new.record().schema(), Past::Updated).into_iter();
            past.filter(|row| row.id() != new.id()).chain(others(shelf, new)).collect()
        },
    } => unique_freed_by_update;

    not_freed_by_delete {
        rivals: |shelf, new, _| {
            let past = shelf.gone(new.record().schema(), Past::Deleted);
            others(shelf, new).into_iter().chain(past).collect()
        },
    } => unique_freed_by_delete;

    not_freed_by_cascade {
        rivals: |shelf, new, _| {
            let past = shelf.gone(new.record().schema(), Past::Fallen);
            others(shelf, new).into_iter().chain(past).collect()
        },
    } => cascade_frees_uniques;

    not_freed_by_a_failed_batch {
        rivals: |shelf, new, _| {
            let past = shelf.gone(new.record().schema(), Past::Failed).into_iter();
            past.filter(|row| row.id() != new.id()).chain(others(shelf, new)).collect()
        },
    } => failed_batch_leaves_nothing;

    conflict_named_by_its_field {
        error: |error| match error {
            rollbook_core::StoreError::Conflict { schema, key: "place" } => {
                rollbook_core::StoreError::Conflict { schema, key: "room" }
            }
            other => other,
        },
    } => unique_pair;
}

/// Whether two tuples are the same when their texts are seen through `view`.
fn alike(new: &[Value<'_>], other: &[Value<'_>], view: fn(&str) -> String) -> bool {
    new.iter().zip(other).all(|(new, other)| match (new, other) {
        (Value::Text(new), Value::Text(other)) => view(new) == view(other),
        _ => !new.is_null() && new == other,
    })
}

fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => text.clone().into_owned(),
        Value::Int(number) => number.to_string(),
        _ => String::new(),
    }
}
