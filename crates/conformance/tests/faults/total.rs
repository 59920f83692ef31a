//! Faults of totals, counted or kept.

use rollbook_core::{Filter, Query};

use crate::clay::{Past, Shelf};
use crate::faults;

faults! {
    page_counted {
        total: |_, query, counted| {
            counted.saturating_sub(query.skip()).min(query.max().unwrap_or(u64::MAX))
        },
    } => count_ignores_the_page random_queries;

    limit_counted { total: |_, query, counted| counted.min(query.max().unwrap_or(u64::MAX)) } =>
        count_ignores_the_page;

    offset_counted { total: |_, query, counted| counted.saturating_sub(query.skip()) } =>
        count_ignores_the_page;

    filters_not_counted {
        total: |shelf, query, _| shelf.of(query.schema()).len() as u64,
    } => count_ignores_the_page totals_follow_writes;

    capped_at_five_thousand { total: |_, _, counted| counted.min(5_000) } => thousands_of_rows;

    updates_counted_again {
        total: |shelf, query, counted| counted + gone(shelf, query, Past::Updated),
    } => totals_follow_writes;

    deletions_not_taken_off {
        total: |shelf, query, counted| counted + gone(shelf, query, Past::Deleted),
    } => totals_follow_writes;

    cascades_not_taken_off {
        total: |shelf, query, counted| counted + gone(shelf, query, Past::Fallen),
    } => totals_follow_cascades;

    failed_batches_counted {
        total: |shelf, query, counted| counted + gone(shelf, query, Past::Failed),
    } => totals_forget_failed_batches;

    totals_of_first_versions {
        total: |shelf, query, counted| match query.filters() {
            [Filter::Equal { .. } | Filter::IsNull { .. }] => {
                let rows = shelf.of(query.schema()).into_iter().map(|row| {
                    let past = shelf.gone(query.schema(), Past::Updated).into_iter();
                    past.into_iter().find(|old| old.sequence() == row.sequence()).unwrap_or(row)
                });
                rows.filter(|row| query.matches(row)).count() as u64
            }
            _ => counted,
        },
    } => totals_follow_writes;

    null_counted_as_false {
        total: |shelf, query, counted| match query.filters() {
            [Filter::Equal { field, values, .. }] if *values == [false.into()] => {
                let nulls = Query::new(query.schema()).filter(field.is_null());
                counted + nulls.run(&shelf.of(query.schema())).len() as u64
            }
            _ => counted,
        },
    } => totals_follow_writes;

    null_not_counted {
        total: |_, query, counted| match query.filters() {
            [Filter::IsNull { .. }] => 0,
            _ => counted,
        },
    } => totals_follow_writes;

    first_value_counted {
        total: |shelf, query, counted| match query.filters() {
            [Filter::Equal { field, values, .. }] => {
                let rows = shelf.of(query.schema());
                rows.iter().filter(|row| field.read(row) == values[0]).count() as u64
            }
            _ => counted,
        },
    } => totals_of_other_filters;

    values_counted_one_by_one {
        total: |shelf, query, counted| match query.filters() {
            [Filter::Equal { field, values, .. }] => {
                let rows = shelf.of(query.schema());
                let one = |value: &rollbook_core::Value<'_>| rows.iter().filter(|row| field.read(row) == *value).count() as u64;
                values.iter().map(one).sum()
            }
            _ => counted,
        },
    } => totals_of_other_filters comparisons;

    first_filter_counted {
        total: |shelf, query, counted| match query.filters() {
            [first, _, ..] => {
                let rows = shelf.of(query.schema());
                rows.iter().filter(|row| first.matches(row)).count() as u64
            }
            _ => counted,
        },
    } => totals_of_other_filters;

    not_equal_counted_as_the_rest {
        total: |shelf, query, counted| match query.filters() {
            [Filter::NotEqual { field, value, .. }] => {
                let rows = shelf.of(query.schema());
                rows.iter().filter(|row| field.read(row) != *value).count() as u64
            }
            _ => counted,
        },
    } => totals_of_other_filters nulls_match_only_is_null;
}

/// How many documents of the past match a query without a filter, or with one that a total is kept for.
fn gone(shelf: &Shelf, query: &Query, why: Past) -> u64 {
    match query.filters() {
        [] | [Filter::Equal { .. } | Filter::IsNull { .. }] => {
            query.run(&shelf.gone(query.schema(), why)).len() as u64
        }
        _ => 0,
    }
}
