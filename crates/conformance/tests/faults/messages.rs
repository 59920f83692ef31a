//! What a failure says: the rule, what was done, what was expected, and what came.

use rollbook_core::{Document, Expect, Filter, StoreError, Value};

use crate::clay::{HONEST, Ways};
use crate::support::{by_keys, directed};
use crate::told;

/// The message of a case about a store with these ways.
fn says(ways: &'static Ways, case: &str) -> String {
    match told(ways, &[case]).remove(0) {
        Ok(ended) => format!("{ended:?}"),
        Err(message) => message,
    }
}

/// Takes every revision for the stored one.
static CARELESS: Ways = Ways {
    expect: |expect, _| match expect {
        Expect::Revision(_) => Expect::Anything,
        other => other,
    },
    ..HONEST
};

#[test]
fn a_lost_update() {
    insta::assert_snapshot!(says(&CARELESS, "revision_replaces_that_one"), @"");
}

#[test]
fn a_lost_update_among_random_commits() {
    insta::assert_snapshot!(says(&CARELESS, "random_commits"), @"");
}

#[test]
fn a_conflict_by_another_name() {
    static WAYS: Ways = Ways {
        error: |error| match error {
            StoreError::Conflict { schema, .. } => StoreError::Conflict { schema, key: "UNIQUE" },
            other => other,
        },
        ..HONEST
    };
    insta::assert_snapshot!(says(&WAYS, "unique_pair"), @"");
}

#[test]
fn a_value_that_is_taken_for_another() {
    static WAYS: Ways = Ways {
        clash: |new, other| match (new, other) {
            ([Value::Text(new)], [Value::Text(other)]) => new.eq_ignore_ascii_case(other),
            _ => new == other,
        },
        ..HONEST
    };
    insta::assert_snapshot!(says(&WAYS, "unique_values_are_bytes"), @"");
}

#[test]
fn a_cascade_that_ends_early() {
    static WAYS: Ways = Ways {
        owned: |depth, value, owner| depth == 0 && *value == Value::from(owner.id()),
        ..HONEST
    };
    insta::assert_snapshot!(says(&WAYS, "delete_cascades"), @"");
}

#[test]
fn outcomes_in_the_wrong_places() {
    static WAYS: Ways = Ways {
        commit: |ways, shelf, batches| {
            let mut outcomes = (HONEST.commit)(ways, shelf, batches)?;
            outcomes.reverse();
            Ok(outcomes)
        },
        ..HONEST
    };
    insta::assert_snapshot!(says(&WAYS, "neighbours_are_not_affected"), @"");
}

#[test]
fn nulls_in_the_wrong_place() {
    static WAYS: Ways = Ways {
        compare: |query, a, b| {
            by_keys(query, a, b, |key, a, b| {
                a.is_null().cmp(&b.is_null()).then(directed(key, a.order(b)))
            })
        },
        ..HONEST
    };
    insta::assert_snapshot!(says(&WAYS, "orders"), @"");
}

/// Lets nulls through a negation.
static NULLS_MATCH: Ways = Ways {
    holds: |_, filter, row| match filter {
        Filter::NotEqual { field, .. } if field.read(row).is_null() => Some(true),
        _ => None,
    },
    ..HONEST
};

#[test]
fn a_random_query_is_made_smaller() {
    insta::assert_snapshot!(says(&NULLS_MATCH, "random_queries"), @"");
}

#[test]
fn a_word_that_was_left_out() {
    static WAYS: Ways = Ways {
        holds: |_, filter, row| match filter {
            Filter::Search { schema, search, .. } => {
                let texts = schema.search_tokens(row);
                let first = search.words.first().and_then(|word| word.tokens.first());
                Some(texts.iter().flatten().any(|token| Some(token) == first))
            }
            _ => None,
        },
        ..HONEST
    };
    insta::assert_snapshot!(says(&WAYS, "search_wants_all_words"), @"");
}

#[test]
fn a_total_that_was_not_kept() {
    static WAYS: Ways =
        Ways { total: |shelf, _, counted| counted + shelf.past.len() as u64, ..HONEST };
    insta::assert_snapshot!(says(&WAYS, "totals_follow_writes"), @"");
}

#[test]
fn a_sequence_that_starts_again() {
    static WAYS: Ways = Ways {
        reopened: |mut shelf, schemas| {
            let last = shelf.documents.iter().map(Document::sequence).max();
            shelf.sequence = last.unwrap_or_default();
            shelf.decoded(schemas)
        },
        ..HONEST
    };
    insta::assert_snapshot!(says(&WAYS, "reopened_sequences_go_on"), @"");
}
