//! What runners of the kit rely on: names, levels, and that nothing is skipped unseen.

use std::collections::HashSet;
use std::panic::catch_unwind;
use std::sync::Arc;

use rollbook_conformance::{Case, Ended, Harness, Level, ModelStore, cases, check, check_skipped};
use rollbook_core::{Schema, UserStore};

/// A store that keeps its data, or does not.
struct Model<const KEEPS: bool>(Arc<ModelStore>);

impl<const KEEPS: bool> Harness for Model<KEEPS> {
    async fn open(schemas: &'static [&'static Schema]) -> Self {
        Self(Arc::new(ModelStore::new(schemas)))
    }

    fn store(&self) -> Arc<dyn UserStore> {
        self.0.clone()
    }

    async fn reopen(self, schemas: &'static [&'static Schema]) -> Option<Self> {
        let reopened = self.0.reopened(schemas).expect("the kit's schemas read their own bodies");
        KEEPS.then(|| Self(Arc::new(reopened)))
    }
}

type Lasting = Model<true>;
type Volatile = Model<false>;

#[test]
fn only_durability_is_skipped_and_only_without_reopening() {
    let durable = |case: &Case| case.level() == Level::Durability;
    for case in cases::<Volatile>().iter().filter(|case| durable(case)) {
        assert_eq!(case.run(), Ended::Skipped, "{case:?}");
    }
    for case in cases::<Lasting>().iter().filter(|case| durable(case)) {
        assert_eq!(case.run(), Ended::Passed, "{case:?}");
    }
    let first = &cases::<Volatile>()[0];
    assert_eq!((first.level(), first.run()), (Level::Core, Ended::Passed));
}

#[test]
fn a_skipped_test_fails_unless_it_is_said() {
    check_skipped::<Volatile>();
    check::<Lasting>("reopened_as_it_was");
    let message = |ended: Result<(), Box<dyn std::any::Any + Send>>| {
        *ended.expect_err("it fails").downcast::<String>().expect("a message")
    };
    let messages = [
        message(catch_unwind(|| check::<Volatile>("reopened_as_it_was"))),
        message(catch_unwind(check_skipped::<Lasting>)),
        message(catch_unwind(|| check::<Volatile>("no_such_case"))),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r#"
    the case reopened_as_it_was has checked nothing, because `reopen` returns `None`
      if the store keeps nothing, say so: `conformance!(Model<false>, without durability)`
    the store keeps its data, so its durability can be tested: `conformance!(Model<true>)`
    there is no case no_such_case
    "#);
}

#[test]
fn names_are_not_used_twice() {
    let cases = cases::<Volatile>();
    let names: HashSet<_> = cases.iter().map(Case::name).collect();
    assert_eq!(names.len(), cases.len());
}

/// Filters, reports and lists of known failures name cases: one may be added, but none renamed or moved.
#[test]
fn names_are_stable() {
    let names: Vec<_> = cases::<Volatile>().iter().map(|case| format!("{case:?}")).collect();
    let lines: Vec<_> = names.chunks(3).map(|names| names.join(" ")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    Core::insert_then_read Core::values_survive Core::bodies_survive
    Core::absent_refuses_a_taken_id Core::anything_inserts_and_replaces Core::revision_replaces_that_one
    Core::revision_needs_a_document Core::checks_have_an_order Core::sequences_grow
    Core::sequences_are_not_reused Core::ids_belong_to_their_schema Core::ids_are_bytes
    Core::unique_field Core::unique_freed_by_update Core::unique_pair
    Core::null_exempts Core::unique_values_are_bytes Core::unique_freed_by_delete
    Core::swap_in_a_batch Core::unique_within_a_batch Core::owner_must_exist
    Core::ownership_changes Core::two_owners Core::delete_cascades
    Core::cascade_frees_uniques Core::cascade_of_many Core::owners_are_bytes
    Core::owner_in_the_same_batch Core::update_keeps_what_is_owned Core::delete_by_filters
    Core::delete_all_and_none Core::delete_sees_its_batch Core::failed_batch_leaves_nothing
    Core::neighbours_are_not_affected Core::later_batch_sees_the_earlier Core::empty_batches
    Core::committed_tells_what_happened Core::committed_counts_deletions Core::failed_batch_is_not_seen
    Core::random_commits Core::one_wins_a_unique_value Core::one_wins_an_id
    Core::one_wins_a_revision Core::no_update_is_lost Core::readers_see_whole_batches
    Core::no_orphans Core::commits_side_by_side Core::reads_see_what_was_acknowledged
    Query::nulls_match_only_is_null Query::comparisons Query::long_numbers_are_exact
    Query::times_compare_by_milliseconds Query::texts_compare_by_bytes Query::and_or_nest
    Query::many_filters_of_many_values Query::queries_follow_writes Query::orders
    Query::booleans_sort Query::lists_sort_by_their_text Query::random_orders
    Query::prefixes_are_no_patterns Query::parts_are_no_patterns Query::lists_contain_elements
    Query::limits_and_offsets Query::filters_come_before_the_page Query::count_ignores_the_page
    Query::cursors_walk_all_pages Query::cursors_outlive_their_row Query::totals_follow_writes
    Query::totals_forget_failed_batches Query::totals_follow_cascades Query::totals_of_other_filters
    Query::search_finds_beginnings Query::search_wants_all_words Query::search_glues_words
    Query::search_quotes_are_whole Query::search_folds_letters Query::search_takes_characters_of_han
    Query::search_without_words_finds_nothing Query::search_knows_no_operators Query::search_of_any_size
    Query::search_follows_writes Query::search_forgets_failed_batches Query::search_deletes
    Query::search_of_what_is_owned Query::search_with_orders_and_pages Query::random_queries
    Bulk::ten_thousand_batches Bulk::one_large_batch Bulk::thousands_of_rows
    Bulk::very_long_text Durability::reopened_as_it_was Durability::reopened_checks_hold
    Durability::reopened_sequences_go_on Durability::reopened_totals_and_words Durability::acknowledged_commits_stay
    Durability::changed_schema_is_indexed_anew Durability::changed_schema_is_searched_anew Durability::changed_schema_is_counted_anew
    "#);
}
