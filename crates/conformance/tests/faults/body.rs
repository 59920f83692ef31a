//! Faults of what is kept of a record.

use serde_json::{Value as Json, json};

use crate::faults;
use crate::support::{composed, cut, json, rewritten, until_nul, with_texts};

faults! {
    fractions_rounded {
        record: |_, record| rewritten(record.as_ref(), |fields| each_number(fields, |number| {
            let rounded = number.as_f64().map(|value| (value * 1e15).round() / 1e15);
            rounded.filter(|_| number.is_f64()).map(|value| json!(value))
        })),
    } => bodies_survive;

    whole_fractions_kept_as_integers {
        record: |_, record| rewritten(record.as_ref(), |fields| each_number(fields, |number| {
            (number.as_f64() == Some(1.0)).then(|| json!(1))
        })),
    } => bodies_survive;

    long_numbers_kept_as_fractions {
        record: |_, record| rewritten(record.as_ref(), |fields| each_number(fields, |number| {
            let long = number.as_i64().is_none() && !number.is_f64();
            long.then(|| json!(number.as_f64()))
        })),
    } => bodies_survive;

    long_numbers_rounded {
        record: |_, record| rewritten(record.as_ref(), |fields| {
            if let Some(age) = fields.get("age").and_then(Json::as_i64) {
                // As a JSON reader does that knows only fractions.
                fields["age"] = json!(rounded(age));
            }
        }),
    } => values_survive;

    keys_sorted {
        record: |_, record| rewritten(record.as_ref(), |fields| {
            if let Some(Json::Object(extra)) = fields.get_mut("extra") {
                extra.sort_keys();
            }
        }),
    } => bodies_survive;

    what_is_in_no_field_lost {
        record: |_, record| rewritten(record.as_ref(), |fields| {
            fields.insert("extra".to_owned(), Json::Null);
        }),
    } => insert_then_read bodies_survive;

    nulls_within_dropped {
        record: |_, record| rewritten(record.as_ref(), |fields| {
            if let Some(Json::Object(extra)) = fields.get_mut("extra") {
                extra.values_mut().filter_map(Json::as_object_mut).for_each(|part| {
                    part.retain(|_, value| !value.is_null());
                });
            }
        }),
    } => bodies_survive;

    empty_list_kept_as_null {
        record: |_, record| rewritten(record.as_ref(), |fields| {
            if fields.get("tags") == Some(&json!([])) {
                fields["tags"] = Json::Null;
            }
        }),
    } => insert_then_read nulls_match_only_is_null;

    empty_text_kept_as_null {
        record: |_, record| rewritten(record.as_ref(), |fields| {
            if fields.get("name") == Some(&json!("")) {
                fields["name"] = Json::Null;
            }
        }),
    } => values_survive nulls_match_only_is_null;

    lists_kept_as_sets {
        record: |_, record| rewritten(record.as_ref(), |fields| {
            if let Some(Json::Array(roles)) = fields.get_mut("roles") {
                roles.sort_by_key(ToString::to_string);
                roles.dedup();
            }
        }),
    } => insert_then_read;

    update_merged_into_what_was {
        record: |stored, record| match stored {
            Some(stored) if stored.record().schema() == record.schema() => {
                let old = json(stored.record().as_ref());
                rewritten(record.as_ref(), |fields| {
                    fields.iter_mut().filter(|(_, value)| value.is_null()).for_each(|(name, value)| {
                        *value = old[name].clone();
                    });
                })
            }
            _ => record,
        },
    } => unique_freed_by_update totals_follow_writes search_follows_writes;

    milliseconds_lost {
        record: |_, record| rewritten(record.as_ref(), |fields| {
            if let Some(seen) = fields.get("seen").and_then(Json::as_i64) {
                fields["seen"] = json!(seen - seen.rem_euclid(1_000));
            }
        }),
    } => values_survive times_compare_by_milliseconds;

    blanks_trimmed {
        record: |_, record| with_texts(record.as_ref(), |text| text.trim_end_matches(' ').to_owned()),
    } => values_survive unique_values_are_bytes;

    texts_cut_at_nul {
        record: |_, record| with_texts(record.as_ref(), until_nul),
    } => values_survive unique_values_are_bytes;

    texts_composed {
        record: |_, record| with_texts(record.as_ref(), composed),
    } => values_survive unique_values_are_bytes;

    line_ends_unified {
        record: |_, record| with_texts(record.as_ref(), |text| text.replace("\r\n", "\n")),
    } => values_survive;

    long_texts_cut {
        record: |_, record| with_texts(record.as_ref(), |text| cut(text, 8_000)),
    } => values_survive very_long_text;

    text_of_a_mebibyte_cut {
        record: |_, record| with_texts(record.as_ref(), |text| cut(text, 65_535)),
    } => very_long_text;
}

/// Replaces the numbers of `extra` that stand in a list.
fn each_number(
    fields: &mut serde_json::Map<String, Json>,
    change: impl Fn(&serde_json::Number) -> Option<Json>,
) {
    let Some(Json::Array(values)) = fields.get_mut("extra") else { return };
    for value in values {
        if let Json::Number(number) = value
            && let Some(changed) = change(number)
        {
            *value = changed;
        }
    }
}

/// The nearest number of 53 bits.
fn rounded(number: i64) -> i64 {
    const BITS: i64 = 1 << 10;
    if number.unsigned_abs() < 1 << 53 { number } else { number / BITS * BITS }
}
