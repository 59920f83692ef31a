//! Faults of filters on texts, on parts of them, and on lists.

use rollbook_core::{Document, Field, Filter, Value};

use crate::faults;
use crate::support::{composed, texts_as, until_nul};

faults! {
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
}

/// The text that a filter on parts looks at.
fn filter_text(filter: &Filter, row: &Document) -> Option<String> {
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
