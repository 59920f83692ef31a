//! Faults of orders.

use std::cmp::Ordering;

use rollbook_core::{Direction, SEQUENCE, Value};

use crate::faults;
use crate::support::{by_keys, by_texts, composed, directed, until_nul};

faults! {
    nulls_last_both_ways {
        compare: |query, a, b| by_keys(query, a, b, |key, a, b| {
            a.is_null().cmp(&b.is_null()).then(directed(key, a.order(b)))
        }),
    } => orders cursors_walk_all_pages random_queries;

    nulls_first_both_ways {
        compare: |query, a, b| by_keys(query, a, b, |key, a, b| {
            b.is_null().cmp(&a.is_null()).then(directed(key, a.order(b)))
        }),
    } => orders cursors_walk_all_pages;

    nulls_after_all_values {
        compare: |query, a, b| by_keys(query, a, b, |key, a, b| {
            directed(key, a.is_null().cmp(&b.is_null()).then(a.order(b)))
        }),
    } => orders;

    null_sorted_as_zero {
        compare: |query, a, b| by_keys(query, a, b, |key, a, b| {
            let number = |value: &Value<'_>| match value {
                Value::Null => Some(0),
                Value::Int(number) => Some(*number),
                _ => None,
            };
            match (number(a), number(b)) {
                (Some(a), Some(b)) => directed(key, a.cmp(&b)),
                _ => directed(key, a.order(b)),
            }
        }),
    } => orders;

    ties_reversed {
        compare: |query, a, b| by_keys(query, a, b, |key, a, b| {
            let ordering = directed(key, a.order(b));
            if key.field == &SEQUENCE && query.orders().len() > 1 { ordering.reverse() } else { ordering }
        }),
    } => orders cursors_walk_all_pages random_queries;

    ties_follow_the_direction {
        compare: |query, a, b| by_keys(query, a, b, |key, a, b| match query.orders().first() {
            Some(first) if key.field == &SEQUENCE => directed(first, a.order(b)),
            _ => directed(key, a.order(b)),
        }),
    } => orders;

    ties_by_id {
        compare: |query, a, b| {
            let by_key = by_keys(query, a, b, |key, a, b| if key.field == &SEQUENCE { Ordering::Equal } else { directed(key, a.order(b)) });
            by_key.then_with(|| a.id().cmp(b.id()))
        },
    } => orders sequences_grow cursors_walk_all_pages;

    newest_first_keeps_ties_in_place {
        compare: |query, a, b| by_keys(query, a, b, |key, a, b| {
            if key.field == &SEQUENCE && query.orders().len() > 1 { a.order(b) } else { directed(key, a.order(b)) }
        }),
    } => orders;

    second_key_ignored {
        compare: |query, a, b| {
            let first = query.orders().first().map(|key| key.field);
            let by_key = by_keys(query, a, b, |key, a, b| if Some(key.field) == first { directed(key, a.order(b)) } else { Ordering::Equal });
            by_key.then_with(|| a.sequence().cmp(&b.sequence()))
        },
    } => orders random_queries;

    third_key_ignored {
        compare: |query, a, b| {
            let keys: Vec<_> = query.orders().iter().take(2).map(|key| key.field).collect();
            let by_key = by_keys(query, a, b, |key, a, b| if keys.contains(&key.field) { directed(key, a.order(b)) } else { Ordering::Equal });
            by_key.then_with(|| a.sequence().cmp(&b.sequence()))
        },
    } => orders;

    one_direction_for_all_keys {
        compare: |query, a, b| by_keys(query, a, b, |key, a, b| match query.orders().first() {
            Some(first) if key.field != &SEQUENCE => directed(first, a.order(b)),
            _ => directed(key, a.order(b)),
        }),
    } => orders;

    direction_ignored {
        compare: |query, a, b| by_keys(query, a, b, |_, a, b| a.order(b)),
    } => orders limits_and_offsets;

    case_ignored {
        compare: |query, a, b| by_texts(query, a, b, str::to_lowercase),
    } => texts_compare_by_bytes random_queries;

    accents_ignored {
        compare: |query, a, b| by_texts(query, a, b, rollbook_core::tokens),
    } => texts_compare_by_bytes;

    texts_sorted_by_utf_16 {
        compare: |query, a, b| by_texts(query, a, b, |text| text.encode_utf16().collect::<Vec<_>>()),
    } => texts_compare_by_bytes random_queries;

    texts_sorted_by_length {
        compare: |query, a, b| by_texts(query, a, b, |text| (text.len(), text.to_owned())),
    } => texts_compare_by_bytes;

    texts_sorted_until_nul {
        compare: |query, a, b| by_texts(query, a, b, until_nul),
    } => texts_compare_by_bytes;

    texts_sorted_composed {
        compare: |query, a, b| by_texts(query, a, b, composed),
    } => texts_compare_by_bytes;

    blanks_not_sorted {
        compare: |query, a, b| by_texts(query, a, b, |text| text.trim_end_matches(' ').to_owned()),
    } => texts_compare_by_bytes;

    numbers_sorted_as_texts {
        compare: |query, a, b| by_keys(query, a, b, |key, a, b| match (a, b) {
            (Value::Int(a), Value::Int(b)) => directed(key, a.to_string().cmp(&b.to_string())),
            _ => directed(key, a.order(b)),
        }),
    } => queries_follow_writes random_queries;

    times_sorted_by_the_second {
        compare: |query, a, b| by_keys(query, a, b, |key, a, b| match (a, b) {
            (Value::Time(a), Value::Time(b)) => {
                let second = |time: &rollbook_core::Timestamp| time.as_millis().div_euclid(1_000);
                directed(key, second(a).cmp(&second(b)))
            }
            _ => directed(key, a.order(b)),
        }),
    } => times_compare_by_milliseconds;

    true_before_false {
        compare: |query, a, b| by_keys(query, a, b, |key, a, b| match (a, b) {
            (Value::Bool(a), Value::Bool(b)) => directed(key, b.cmp(a)),
            _ => directed(key, a.order(b)),
        }),
    } => booleans_sort cursors_walk_all_pages;

    lists_sorted_by_elements {
        compare: |query, a, b| by_keys(query, a, b, |key, a, b| match (a, b) {
            (Value::List(a), Value::List(b)) => directed(key, a.cmp(b)),
            _ => directed(key, a.order(b)),
        }),
    } => lists_sort_by_their_text;

    random_order_ignored {
        compare: |query, a, b| match query.shuffle() {
            Some(_) => a.sequence().cmp(&b.sequence()),
            None => query.compare(a, b),
        },
    } => random_orders random_queries;

    random_order_of_its_own {
        compare: |query, a, b| match query.shuffle() {
            Some(_) => {
                let place = |row: &rollbook_core::Document| row.sequence().wrapping_mul(0x9e37_79b9) % 65_536;
                place(a).cmp(&place(b))
            }
            None => query.compare(a, b),
        },
    } => random_orders search_with_orders_and_pages;

    descending_sequence_ignored {
        compare: |query, a, b| match query.orders() {
            [only] if only.field == &SEQUENCE && only.direction == Direction::Descending => {
                a.sequence().cmp(&b.sequence())
            }
            _ => query.compare(a, b),
        },
    } => orders limits_and_offsets;
}
