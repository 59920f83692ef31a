//! Faults of pages: limits, offsets, cursors.

use rollbook_core::{Filter, SEQUENCE};

use crate::clay::paged;
use crate::faults;

faults! {
    one_too_many {
        page: |query, rows| paged(rows, query.skip(), query.max().map(|most| most.saturating_add(1))),
    } => limits_and_offsets cursors_walk_all_pages random_orders;

    one_too_few {
        page: |query, rows| paged(rows, query.skip(), query.max().map(|most| most.saturating_sub(1))),
    } => limits_and_offsets cursors_walk_all_pages;

    offset_counts_from_one {
        page: |query, rows| paged(rows, query.skip().saturating_sub(1), query.max()),
    } => limits_and_offsets random_orders;

    offset_needs_a_limit {
        page: |query, rows| paged(rows, query.max().map_or(0, |_| query.skip()), query.max()),
    } => limits_and_offsets;

    offset_within_the_limit {
        page: |query, rows| paged(paged(rows, 0, query.max()), query.skip(), None),
    } => limits_and_offsets random_orders;

    offset_ignored { page: |query, rows| paged(rows, 0, query.max()) } => limits_and_offsets random_orders;

    limit_zero_is_all {
        page: |query, rows| paged(rows, query.skip(), query.max().filter(|most| *most > 0)),
    } => limits_and_offsets;

    huge_limit_is_negative {
        page: |query, rows| {
            let most = query.max().map(|most| u64::try_from(most.cast_signed()).unwrap_or_default());
            paged(rows, query.skip(), most)
        },
    } => limits_and_offsets;

    huge_offset_is_negative {
        page: |query, rows| {
            let skip = u64::try_from(query.skip().cast_signed()).unwrap_or_default();
            paged(rows, skip, query.max())
        },
    } => limits_and_offsets;

    at_most_five_thousand {
        page: |query, rows| paged(rows, query.skip(), Some(query.max().map_or(5_000, |most| most.min(5_000)))),
    } => thousands_of_rows;

    // The page is cut from all rows, and filtered then.
    page_before_filter {
        candidates: |shelf, query| {
            let mut rows = shelf.of(query.schema());
            rows.sort_by(|a, b| query.compare(a, b));
            paged(rows, query.skip(), query.max())
        },
        page: |_, rows| rows,
    } => count_ignores_the_page search_with_orders_and_pages random_queries;

    offset_before_filter {
        candidates: |shelf, query| {
            let mut rows = shelf.of(query.schema());
            rows.sort_by(|a, b| query.compare(a, b));
            paged(rows, query.skip(), None)
        },
        page: |query, rows| paged(rows, 0, query.max()),
    } => filters_come_before_the_page random_queries;

    page_before_order {
        candidates: |shelf, query| {
            let mut rows = shelf.of(query.schema());
            rows.retain(|row| query.matches(row));
            paged(rows, query.skip(), query.max())
        },
        page: |_, rows| rows,
    } => limits_and_offsets;

    cursor_repeats_its_row {
        holds: |_, filter, row| match filter {
            Filter::Greater { field, value, .. } if *field == &SEQUENCE && field.read(row) == *value => {
                Some(true)
            }
            _ => None,
        },
    } => cursors_walk_all_pages;

    cursor_leaves_ties_out {
        holds: |_, filter, row| match filter {
            Filter::And { filters, .. } if filters.len() > 1 => match (&filters[0], filters.last()) {
                (Filter::Equal { field, .. }, Some(Filter::Greater { field: last, .. }))
                    if *last == &SEQUENCE && *field != *last => Some(field.read(row).is_null()),
                _ => None,
            },
            _ => None,
        },
    } => cursors_walk_all_pages cursors_outlive_their_row;

    cursor_loses_nulls {
        holds: |_, filter, row| match filter {
            Filter::Or { filters, .. } => match &filters[..] {
                [less @ (Filter::Less { .. } | Filter::LessEqual { .. }), Filter::IsNull { .. }] => {
                    Some(less.matches(row))
                }
                _ => None,
            },
            _ => None,
        },
    } => cursors_walk_all_pages cursors_outlive_their_row;
}
