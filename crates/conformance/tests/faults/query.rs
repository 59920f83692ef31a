//! Faults of filters: nulls, numbers, times, how filters are joined, and indexes behind them.

use rollbook_core::{Filter, Value};

use crate::clay::Past;
use crate::faults;
use crate::support::numbers_as;

faults! {
    not_equal_matches_nulls {
        holds: |_, filter, row| match filter {
            Filter::NotEqual { field, .. } if field.read(row).is_null() => Some(true),
            _ => None,
        },
    } => nulls_match_only_is_null random_queries;

    negation_matches_nulls {
        holds: |_, filter, row| match filter {
            Filter::Not { field, .. } if field.read(row).is_null() => Some(true),
            _ => None,
        },
    } => nulls_match_only_is_null lists_contain_elements;

    null_is_less_than_all {
        holds: |_, filter, row| match filter {
            Filter::Less { field, .. } | Filter::LessEqual { field, .. }
                if field.read(row).is_null() => Some(true),
            _ => None,
        },
    } => nulls_match_only_is_null;

    null_taken_for_zero {
        holds: |_, filter, row| match filter {
            Filter::Equal { field, values, .. } if field.read(row).is_null() => {
                Some(values.contains(&Value::Int(0)))
            }
            _ => None,
        },
    } => nulls_match_only_is_null;

    null_taken_for_false {
        holds: |_, filter, row| match filter {
            Filter::Equal { field, values, .. } if field.read(row).is_null() => {
                Some(values.contains(&Value::Bool(false)))
            }
            _ => None,
        },
    } => nulls_match_only_is_null totals_follow_writes;

    empty_taken_for_null {
        holds: |_, filter, row| match filter {
            Filter::IsNull { field, .. } => Some(is_empty(field.read(row))),
            Filter::IsNotNull { field, .. } => Some(!is_empty(field.read(row))),
            _ => None,
        },
    } => nulls_match_only_is_null;

    first_value_only {
        holds: |_, filter, row| match filter {
            Filter::Equal { field, values, .. } => Some(values.first() == Some(&field.read(row))),
            _ => None,
        },
    } => comparisons many_filters_of_many_values;

    less_takes_the_bound {
        holds: |_, filter, row| match filter {
            Filter::Less { field, value, .. } if field.read(row) == *value => Some(true),
            _ => None,
        },
    } => comparisons texts_compare_by_bytes times_compare_by_milliseconds;

    greater_equal_leaves_the_bound_out {
        holds: |_, filter, row| match filter {
            Filter::GreaterEqual { field, value, .. } if field.read(row) == *value => Some(false),
            _ => None,
        },
    } => comparisons;

    or_as_and {
        holds: |_, filter, row| match filter {
            Filter::Or { filters, .. } => Some(filters.iter().all(|part| part.matches(row))),
            _ => None,
        },
    } => and_or_nest delete_by_filters;

    and_as_or {
        holds: |_, filter, row| match filter {
            Filter::And { filters, .. } => Some(filters.iter().any(|part| part.matches(row))),
            _ => None,
        },
    } => and_or_nest comparisons;

    or_takes_two_at_most {
        holds: |_, filter, row| match filter {
            Filter::Or { filters, .. } => Some(filters.iter().take(2).any(|part| part.matches(row))),
            _ => None,
        },
    } => and_or_nest many_filters_of_many_values;

    empty_or_is_true {
        holds: |_, filter, _| match filter {
            Filter::Or { filters, .. } if filters.is_empty() => Some(true),
            _ => None,
        },
    } => and_or_nest delete_by_filters;

    empty_and_is_false {
        holds: |_, filter, _| match filter {
            Filter::And { filters, .. } if filters.is_empty() => Some(false),
            _ => None,
        },
    } => and_or_nest delete_all_and_none;

    numbers_compared_as_texts {
        holds: |_, filter, row| numbers_as(filter, row, |number| number.to_string()),
    } => comparisons;

    numbers_compared_without_sign {
        holds: |_, filter, row| numbers_as(filter, row, i64::cast_unsigned),
    } => comparisons times_compare_by_milliseconds;

    numbers_of_32_bits {
        holds: |_, filter, row| numbers_as(filter, row, |number| {
            number.clamp(i32::MIN.into(), i32::MAX.into())
        }),
    } => long_numbers_are_exact times_compare_by_milliseconds;

    numbers_as_fractions {
        holds: |_, filter, row| numbers_as(filter, row, fraction),
    } => long_numbers_are_exact random_queries;

    extremes_as_infinity {
        holds: |_, filter, row| match filter {
            Filter::LessEqual { field, value: Value::Int(i64::MIN), .. }
            | Filter::GreaterEqual { field, value: Value::Int(i64::MAX), .. } => {
                Some(field.read(row).is_null())
            }
            _ => None,
        },
    } => comparisons;

    times_by_the_second {
        holds: |_, filter, row| match filter {
            Filter::Less { field, .. } | Filter::Equal { field, .. }
                if field.kind() == rollbook_core::Kind::Time =>
            {
                numbers_as(filter, row, |number| number.div_euclid(1_000))
            }
            _ => None,
        },
    } => times_compare_by_milliseconds;

    stale_index_after_update {
        holds: |shelf, filter, row| match filter {
            Filter::Equal { field, .. } if field.is_indexed() => {
                let schema = row.record().schema();
                let mut past = shelf.gone(schema, Past::Updated).into_iter();
                let was = past.any(|old| old.sequence() == row.sequence() && filter.matches(&old));
                Some(was || filter.matches(row))
            }
            _ => None,
        },
    } => queries_follow_writes;

    index_not_written_by_an_update {
        holds: |shelf, filter, row| match filter {
            Filter::Equal { field, .. } if field.is_indexed() => {
                let past = shelf.gone(row.record().schema(), Past::Updated);
                let first = past.iter().find(|old| old.sequence() == row.sequence());
                Some(filter.matches(first.unwrap_or(row)))
            }
            _ => None,
        },
    } => queries_follow_writes;
}

#[expect(clippy::cast_precision_loss, reason = "that is the fault")]
fn fraction(number: i64) -> f64 {
    number as f64
}

fn is_empty(value: Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        Value::List(list) => list.is_empty(),
        _ => false,
    }
}
