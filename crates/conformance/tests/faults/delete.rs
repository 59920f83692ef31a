//! Faults of deletions by filter.

use crate::clay::HONEST;
use crate::faults;

faults! {
    last_filter_ignored {
        narrowed: |mut filters| {
            if filters.len() > 1 {
                filters.pop();
            }
            filters
        },
    } => delete_by_filters;

    any_filter_suffices {
        narrowed: |filters| match filters.len() {
            0 => filters,
            _ => vec![rollbook_core::Filter::or(filters)],
        },
    } => delete_by_filters;

    without_filters_nothing {
        narrowed: |filters| match filters.len() {
            0 => vec![rollbook_core::Filter::or([])],
            _ => filters,
        },
    } => delete_all_and_none sequences_are_not_reused;

    one_at_a_time { doomed: |rows| rows.into_iter().take(1).collect() } => delete_by_filters
        delete_all_and_none cascade_of_many;

    only_a_thousand { doomed: |rows| rows.into_iter().take(1_000).collect() } => thousands_of_rows;

    told_as_one { deleted: |named, _| named.min(1) } => delete_by_filters delete_all_and_none;

    told_as_none { deleted: |_, _| 0 } => delete_by_filters committed_counts_deletions;

    searches_ignored {
        narrowed: |filters| {
            let search = |filter: &rollbook_core::Filter| {
                matches!(filter, rollbook_core::Filter::Search { .. })
            };
            filters.into_iter().filter(|filter| !search(filter)).collect()
        },
    } => search_deletes;

    filters_see_the_state_before_the_batch {
        batch: |ways, shelf, batch| {
            // What the batch itself has put is out of its reach.
            let after = shelf.sequence;
            let old = rollbook_core::SEQUENCE.less_equal(after.cast_signed());
            let old = old.expect("a sequence is a number");
            let ops = batch.into_ops().into_iter().map(|op| match op {
                rollbook_core::Op::Delete { schema, mut filters } => {
                    filters.push(old.clone());
                    rollbook_core::Op::Delete { schema, filters }
                }
                put @ rollbook_core::Op::Put { .. } => put,
            });
            (HONEST.batch)(ways, shelf, crate::clay::of_ops(ops.collect::<Vec<_>>()))
        },
    } => delete_sees_its_batch;
}
