//! Faults of filters: nulls, numbers, texts, lists, and how filters are joined.

use rollbook_core::{Field, Filter, Value};

use crate::clay::Past;
use crate::faults;
use crate::support::{composed, numbers_as, texts_as, until_nul};

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

    case_ignored { holds: |_, filter, row| texts_as(filter, row, str::to_lowercase) } =>
        texts_compare_by_bytes prefixes_are_no_patterns parts_are_no_patterns;

    blanks_trimmed {
        holds: |_, filter, row| texts_as(filter, row, |text| text.trim_end_matches(' ').to_owned()),
    } => texts_compare_by_bytes;

    texts_composed { holds: |_, filter, row| texts_as(filter, row, composed) } =>
        prefixes_are_no_patterns parts_are_no_patterns;

    texts_cut_at_nul { holds: |_, filter, row| texts_as(filter, row, until_nul) } =>
        texts_compare_by_bytes prefixes_are_no_patterns parts_are_no_patterns;

    prefix_as_a_pattern {
        holds: |_, filter, row| match filter {
            Filter::StartsWith { field, prefix, .. } => like(&field.read(row), &format!("{prefix}%")),
            _ => None,
        },
    } => prefixes_are_no_patterns;

    prefix_ignores_case {
        holds: |_, filter, row| match filter {
            Filter::StartsWith { .. } => texts_as(filter, row, str::to_ascii_lowercase),
            _ => None,
        },
    } => prefixes_are_no_patterns;

    prefix_as_a_range_to_the_last_letter {
        holds: |_, filter, row| match (filter, filter_text(filter, row)) {
            (Filter::StartsWith { prefix, .. }, Some(text)) => {
                Some(text >= *prefix && text < format!("{prefix}\u{10ffff}"))
            }
            _ => None,
        },
    } => prefixes_are_no_patterns;

    end_as_a_pattern {
        holds: |_, filter, row| match filter {
            Filter::EndsWith { field, suffix, .. } => like(&field.read(row), &format!("%{suffix}")),
            _ => None,
        },
    } => parts_are_no_patterns;

    end_anywhere {
        holds: |_, filter, row| match (filter, filter_text(filter, row)) {
            (Filter::EndsWith { suffix, .. }, Some(text)) => Some(text.contains(suffix.as_str())),
            _ => None,
        },
    } => parts_are_no_patterns;

    part_as_a_pattern {
        holds: |_, filter, row| match filter {
            Filter::Contains { field, parts, .. } => {
                let text = field.read(row);
                like(&text, "")?;
                Some(parts.iter().any(|part| like(&text, &format!("%{part}%")) == Some(true)))
            }
            _ => None,
        },
    } => parts_are_no_patterns;

    part_wants_the_whole {
        holds: |_, filter, row| match (filter, filter_text(filter, row)) {
            (Filter::Contains { parts, .. }, Some(text)) => Some(parts.contains(&text)),
            _ => None,
        },
    } => parts_are_no_patterns;

    elements_in_part {
        holds: |_, filter, row| match filter {
            Filter::Contains { field, parts, .. } => match field.read(row) {
                Value::List(list) => {
                    let text = rollbook_core::list_text(&list);
                    Some(parts.iter().any(|part| text.contains(part.as_str())))
                }
                _ => None,
            },
            _ => None,
        },
    } => lists_contain_elements;

    elements_joined_by_commas {
        holds: |_, filter, row| match filter {
            Filter::Contains { field, parts, .. } => match field.read(row) {
                Value::List(list) => {
                    let text = list.join(",");
                    Some(parts.iter().any(|part| text.split(',').any(|element| element == part)))
                }
                _ => None,
            },
            _ => None,
        },
    } => lists_contain_elements;

    all_elements_as_any {
        holds: |_, filter, row| match filter {
            Filter::ContainsAll { field, elements, .. } => match field.read(row) {
                Value::List(list) => Some(elements.iter().any(|element| list.contains(element))),
                _ => None,
            },
            _ => None,
        },
    } => lists_contain_elements;

    all_elements_by_their_number {
        holds: |_, filter, row| match filter {
            Filter::ContainsAll { field, elements, .. } => match field.read(row) {
                Value::List(list) => {
                    let found = list.iter().filter(|element| elements.contains(element)).count();
                    Some(found == elements.len())
                }
                _ => None,
            },
            _ => None,
        },
    } => lists_contain_elements;

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

/// The text that a filter on parts looks at.
fn filter_text(filter: &Filter, row: &rollbook_core::Document) -> Option<String> {
    let field: &Field = match filter {
        Filter::StartsWith { field, .. }
        | Filter::EndsWith { field, .. }
        | Filter::Contains { field, .. } => field,
        _ => return None,
    };
    match field.read(row) {
        Value::Text(text) => Some(text.into_owned()),
        _ => None,
    }
}

/// A pattern in which `%` stands for any letters and `_` for one.
fn like(value: &Value<'_>, pattern: &str) -> Option<bool> {
    fn matches(text: &[char], pattern: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['%', rest @ ..] => (0..=text.len()).any(|skip| matches(&text[skip..], rest)),
            ['_', rest @ ..] => !text.is_empty() && matches(&text[1..], rest),
            [letter, rest @ ..] => text.first() == Some(letter) && matches(&text[1..], rest),
        }
    }
    let Value::Text(text) = value else { return None };
    let [text, pattern] = [text.as_ref(), pattern].map(|text| text.chars().collect::<Vec<_>>());
    Some(matches(&text, &pattern))
}
