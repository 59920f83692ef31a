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
    insta::assert_snapshot!(says(&CARELESS, "revision_replaces_that_one"), @r#"
    the store breaks a rule
      rule: `Absent`: no record has the id, else `Conflict` on `$id`; `Anything`: whatever is stored; `Revision`: that one, else `Stale`, or `NotFound` when there is none
      done: a put on revision 0 while 5 is stored
      expected: Stale { schema: "members", id: "ann" }
      actual: accepted: [members "ann" r6 #1 {"id":"ann","created":0,"active":true,"count":0}], 0 deleted
    "#);
}

#[test]
fn a_lost_update_among_random_commits() {
    insta::assert_snapshot!(says(&CARELESS, "random_commits"), @r#"
    the store breaks a rule
      rule: for every put are checked, in this order: the expectation, then the owner, then the unique tuples, in the order of the schema
      done: batch 2 of commit 0 of seed 0x5eed0003:
        batch 0: put notes {"id":"e","member":"b"} with Anything;
        batch 1: put members {"id":"c","created":0,"active":true,"verified":true,"handle":"d","count":1} with Absent; put members {"id":"c","created":0,"active":true,"verified":true,"handle":"d","room":"s","count":0} with Absent; delete notes by [Equal { field: $id, values: [Text("c")] }]; delete members by [Equal { field: active, values: [Bool(true)] }];
        batch 2: delete members by [Equal { field: count, values: [Int(1)] }, Equal { field: room, values: [Text("r")] }]; put members {"id":"d","created":0,"active":false,"room":"r","seat":2,"count":0} with Revision(2);
      expected: NotFound { schema: "members", id: "d" }
      actual: accepted: [members "d" r1 #1 {"id":"d","created":0,"active":false,"room":"r","seat":2,"count":0}], 0 deleted
    "#);
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
    insta::assert_snapshot!(says(&WAYS, "unique_pair"), @r#"
    the store breaks a rule
      rule: no two documents share the values of a unique tuple, compared byte by byte; a null anywhere in it exempts; else `Conflict` on the tuple's name
      done: insertion with a taken pair
      expected: Conflict { schema: "members", key: "place" }
      actual: Conflict { schema: "members", key: "UNIQUE" }
    "#);
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
    insta::assert_snapshot!(says(&WAYS, "unique_values_are_bytes"), @r#"
    the store breaks a rule
      rule: no two documents share the values of a unique tuple, compared byte by byte; a null anywhere in it exempts; else `Conflict` on the tuple's name
      done: insertion of the handle "A" beside others that look alike
      expected: "acceptance"
      actual: Conflict { schema: "members", key: "handle" }
    "#);
}

#[test]
fn a_cascade_that_ends_early() {
    static WAYS: Ways = Ways {
        owned: |depth, value, owner| depth == 0 && *value == Value::from(owner.id()),
        ..HONEST
    };
    insta::assert_snapshot!(says(&WAYS, "delete_cascades"), @r#"
    the store breaks a rule
      rule: what a deleted document owns, directly or not, is deleted in the same batch
      done: deletion of a member with two notes of two lines each
      expected: [["bob"], ["b1", "free"], ["b1-0"]]
      actual: [["bob"], ["b1", "free"], ["a1-0", "a1-1", "a2-0", "a2-1", "b1-0"]]
    "#);
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
    insta::assert_snapshot!(says(&WAYS, "neighbours_are_not_affected"), @r#"
    the store breaks a rule
      rule: the outcome of each batch stands at its place
      done: a commit of six batches, of which 1, 3 and 4 (from 0) fail
      expected: [true, false, true, false, false, true]
      actual: [true, false, false, true, false, true]
    "#);
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
    insta::assert_snapshot!(says(&WAYS, "orders"), @r#"
    the store breaks a rule
      rule: `select` and `count` return exactly what `Query::run` returns over all documents, in its order: null rules, ties and all
      done: members by age Ascending, $sequence Ascending
      expected: ["d", "a", "b", "e", "c", "f"]
      actual: ["b", "e", "c", "f", "d", "a"]
    "#);
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
    insta::assert_snapshot!(says(&NULLS_MATCH, "random_queries"), @r#"
    the store breaks a rule
      rule: `select` and `count` return exactly what `Query::run` returns over all documents, in its order: null rules, ties and all
      done: query 29 of seed 0x5eed0002, made smaller: members that satisfy [NotEqual { field: verified, value: Bool(true) }] by $sequence Ascending; the first difference is at place 1
      expected: (82, ["á8", "а10", "ß12", "ı15", "İ16", "a20", "a22", "a26"])
      actual: (138, ["a2", "A5", "a6", "a7", "á8", "а10", "ß12", "ı15"])
    "#);
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
    insta::assert_snapshot!(says(&WAYS, "search_wants_all_words"), @r#"
    the store breaks a rule
      rule: `select` and `count` return exactly what `Query::run` returns over all documents, in its order: null rules, ties and all
      done: members that satisfy [Search { schema: members, search: Search { words: [SearchWord { tokens: ["ann"], prefix: true }, SearchWord { tokens: ["rome"], prefix: true }] } }] by $sequence Ascending
      expected: ["q0", "q1"]
      actual: ["q0", "q1", "q2"]
    "#);
}

#[test]
fn a_total_that_was_not_kept() {
    static WAYS: Ways =
        Ways { total: |shelf, _, counted| counted + shelf.past.len() as u64, ..HONEST };
    insta::assert_snapshot!(says(&WAYS, "totals_follow_writes"), @r#"
    the store breaks a rule
      rule: `select` and `count` return exactly what `Query::run` returns over all documents, in its order: null rules, ties and all
      done: after an update of nothing: all, active, inactive, verified, not, unknown
      expected: [3, 1, 2, 1, 1, 1]
      actual: [4, 2, 3, 2, 2, 2]
    "#);
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
    insta::assert_snapshot!(says(&WAYS, "reopened_sequences_go_on"), @r#"
    the store breaks a rule
      rule: each inserted document has a sequence above that of all before it in its schema, also after deletions and reopening
      done: deletion of the last document, reopening, insertion
      expected: a sequence above 2
      actual: 2
    "#);
}
