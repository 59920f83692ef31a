//! The list of all cases, from which the tests and [`cases`] are made.

use crate::Harness;
use crate::case::{Case, Level};

/// Writes one `#[test]` per rule of the contract for a [`Harness`], in a module `conformance` with a
/// module for each [`Level`](crate::Level).
///
/// Write it in a test file at module level, once per module. A store that keeps nothing says so:
/// `conformance!(Memory, without durability)` puts a single test `durability::skipped` in the place of that
/// level, so that nobody who reads the results takes it for passed.
///
/// ```
/// # use std::sync::Arc;
/// # use rollbook_conformance::{Harness, ModelStore};
/// # use rollbook_core::{Schema, UserStore};
/// # struct Model(Arc<ModelStore>);
/// # impl Harness for Model {
/// #     async fn open(schemas: &'static [&'static Schema]) -> Self {
/// #         Self(Arc::new(ModelStore::new(schemas)))
/// #     }
/// #     fn store(&self) -> Arc<dyn UserStore> { self.0.clone() }
/// #     async fn reopen(self, _: &'static [&'static Schema]) -> Option<Self> { None }
/// # }
/// rollbook_conformance::conformance!(Model, without durability);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! conformance {
    (@list $then:ident $harness:ty) => {
        $crate::conformance! { @$then $harness;
            Core core {
                put: insert_then_read values_survive bodies_survive absent_refuses_a_taken_id
                    anything_inserts_and_replaces revision_replaces_that_one
                    revision_needs_a_document checks_have_an_order sequences_grow
                    sequences_are_not_reused ids_belong_to_their_schema ids_are_bytes;
                unique: unique_field unique_freed_by_update unique_pair null_exempts
                    unique_values_are_bytes unique_freed_by_delete swap_in_a_batch
                    unique_within_a_batch;
                owner: owner_must_exist ownership_changes two_owners delete_cascades
                    cascade_frees_uniques cascade_of_many owners_are_bytes owner_in_the_same_batch
                    update_keeps_what_is_owned;
                delete: delete_by_filters delete_all_and_none delete_sees_its_batch;
                batch: failed_batch_leaves_nothing neighbours_are_not_affected
                    later_batch_sees_the_earlier empty_batches committed_tells_what_happened
                    committed_counts_deletions failed_batch_is_not_seen;
                model: random_commits;
                race: one_wins_a_unique_value one_wins_an_id one_wins_a_revision no_update_is_lost
                    readers_see_whole_batches no_orphans commits_side_by_side
                    reads_see_what_was_acknowledged;
            }
            Query query {
                query: nulls_match_only_is_null comparisons long_numbers_are_exact
                    times_compare_by_milliseconds texts_compare_by_bytes and_or_nest
                    many_filters_of_many_values queries_follow_writes;
                order: orders booleans_sort lists_sort_by_their_text random_orders;
                part: prefixes_are_no_patterns parts_are_no_patterns lists_contain_elements;
                page: limits_and_offsets filters_come_before_the_page count_ignores_the_page cursors_walk_all_pages
                    cursors_outlive_their_row;
                total: totals_follow_writes totals_forget_failed_batches totals_follow_cascades
                    totals_of_other_filters;
                word: search_finds_beginnings search_wants_all_words search_glues_words
                    search_quotes_are_whole search_folds_letters search_takes_characters_of_han
                    search_without_words_finds_nothing search_knows_no_operators
                    search_of_any_size;
                search: search_follows_writes search_forgets_failed_batches search_deletes
                    search_of_what_is_owned search_with_orders_and_pages;
                random: random_queries;
            }
            Bulk bulk {
                bulk: ten_thousand_batches one_large_batch thousands_of_rows very_long_text;
            };
            Durability durability {
                reopen: reopened_as_it_was reopened_checks_hold reopened_sequences_go_on
                    reopened_totals_and_words acknowledged_commits_stay
                    changed_schema_is_indexed_anew changed_schema_is_searched_anew
                    changed_schema_is_counted_anew;
            }
        }
    };
    (@tests $harness:ty; $($always:ident $module:ident $files:tt)+; $($durability:tt)+) => {
        type ConformanceHarness = $harness;

        mod conformance {
            $($crate::conformance! { @level $always $module $files })+
            $crate::conformance! { @level $($durability)+ }
        }
    };
    (@volatile $harness:ty; $($always:ident $module:ident $files:tt)+; $($durability:tt)+) => {
        type ConformanceHarness = $harness;

        mod conformance {
            $($crate::conformance! { @level $always $module $files })+

            mod durability {
                #[test]
                fn skipped() {
                    $crate::check_skipped::<super::super::ConformanceHarness>();
                }
            }
        }
    };
    (@level $level:ident $module:ident { $($file:ident: $($case:ident)+;)+ }) => {
        mod $module {
            $($(
                #[test]
                fn $case() {
                    $crate::check::<super::super::ConformanceHarness>(stringify!($case));
                }
            )+)+
        }
    };
    (@cases $harness:ty; $($($level:ident $module:ident {
        $($file:ident: $($case:ident)+;)+
    })+);+) => {
        vec![$($($($(
            Case::new(Level::$level, stringify!($case), || {
                Box::pin($crate::cases::$file::$case::<$harness>())
            }),
        )+)+)+)+]
    };
    ($harness:ty) => {
        $crate::conformance! { @list tests $harness }
    };
    ($harness:ty, without durability) => {
        $crate::conformance! { @list volatile $harness }
    };
}

/// All cases for stores that `H` opens, in the order of their levels: what
/// [`conformance!`](crate::conformance) makes tests of.
///
/// For a runner of one's own; a test suite wants the macro. An example stands at [`Case`].
pub fn cases<H: Harness>() -> Vec<Case> {
    conformance!(@list cases H)
}
