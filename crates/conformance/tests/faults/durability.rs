//! Faults that show when a store is opened again.

use rollbook_core::{Document, Filter};

use crate::clay::{Past, Shelf, others};
use crate::faults;

faults! {
    all_forgotten {
        reopened: |_, schemas| Shelf { schemas, ..Shelf::default() },
    } => reopened_as_it_was reopened_checks_hold reopened_sequences_go_on acknowledged_commits_stay
        reopened_totals_and_words changed_schema_is_indexed_anew;

    last_document_forgotten {
        reopened: |mut shelf, schemas| {
            let last = shelf.documents.iter().map(Document::sequence).max().unwrap_or_default();
            shelf.documents.retain(|row| row.sequence() < last);
            shelf.decoded(schemas)
        },
    } => reopened_as_it_was acknowledged_commits_stay;

    updates_forgotten {
        reopened: |mut shelf, schemas| {
            for row in &mut shelf.documents {
                let mut past = shelf.past.iter().filter(|(why, _)| *why == Past::Updated);
                if let Some((_, first)) = past.find(|(_, old)| old.sequence() == row.sequence()) {
                    *row = first.clone();
                }
            }
            shelf.decoded(schemas)
        },
    } => reopened_as_it_was reopened_checks_hold;

    deletions_forgotten {
        reopened: |shelf, schemas| back(shelf, Past::Deleted).decoded(schemas),
    } => reopened_as_it_was acknowledged_commits_stay reopened_totals_and_words;

    failed_batches_come_back {
        reopened: |shelf, schemas| back(shelf, Past::Failed).decoded(schemas),
    } => acknowledged_commits_stay;

    counters_forgotten {
        reopened: |mut shelf, schemas| {
            shelf.sequence = shelf.documents.iter().map(Document::sequence).max().unwrap_or_default();
            shelf.decoded(schemas)
        },
    } => reopened_sequences_go_on;

    counters_start_again {
        reopened: |mut shelf, schemas| {
            shelf.sequence = 0;
            shelf.decoded(schemas)
        },
    } => reopened_sequences_go_on;

    documents_numbered_anew {
        reopened: |mut shelf, schemas| {
            let renumbered = |(place, row): (u64, &Document)| {
                Document::new(row.revision(), place, row.record().clone())
            };
            shelf.documents.sort_by_key(Document::sequence);
            shelf.documents = (1..).zip(&shelf.documents).map(renumbered).collect();
            shelf.decoded(schemas)
        },
    } => reopened_as_it_was;

    revisions_start_again {
        reopened: |mut shelf, schemas| {
            let first = |row: &Document| Document::new(1, row.sequence(), row.record().clone());
            shelf.documents = shelf.documents.iter().map(first).collect();
            shelf.decoded(schemas)
        },
    } => reopened_as_it_was reopened_checks_hold;

    order_of_insertion_forgotten {
        reopened: |mut shelf, schemas| {
            let mut sequences: Vec<u64> = shelf.documents.iter().map(Document::sequence).collect();
            shelf.documents.sort_by(|a, b| a.id().cmp(b.id()));
            sequences.sort_unstable();
            let moved = shelf.documents.iter().zip(sequences);
            shelf.documents = moved
                .map(|(row, sequence)| Document::new(row.revision(), sequence, row.record().clone()))
                .collect();
            shelf.decoded(schemas)
        },
    } => reopened_as_it_was;

    old_values_not_taken_after_reopening {
        rivals: |shelf, new, _| match shelf.reopened {
            0 => others(shelf, new),
            _ => Vec::new(),
        },
    } => reopened_checks_hold changed_schema_is_indexed_anew;

    freed_values_taken_again_after_reopening {
        rivals: |shelf, new, _| {
            let mut rivals = others(shelf, new);
            if shelf.reopened > 0 {
                rivals.extend(shelf.gone(new.record().schema(), Past::Updated));
            }
            rivals
        },
    } => reopened_checks_hold;

    no_owners_after_reopening {
        housed: |shelf, schema, id, _| {
            shelf.reopened > 0 || shelf.of(schema).iter().any(|owner| owner.id() == id)
        },
    } => reopened_checks_hold;

    unique_of_the_old_schema_after_a_change {
        rivals: |shelf, new, _| match new.record().schema().name {
            "guests" => Vec::new(),
            _ => others(shelf, new),
        },
    } => changed_schema_is_indexed_anew;

    new_field_is_null_in_old_documents {
        holds: |shelf, filter, row| match filter {
            Filter::Equal { field, .. } if is_new(shelf, field.name(), row) => Some(false),
            Filter::IsNull { field, .. } if is_new(shelf, field.name(), row) => Some(true),
            _ => None,
        },
    } => changed_schema_is_indexed_anew changed_schema_is_counted_anew;

    new_index_has_no_old_documents {
        candidates: |shelf, query| {
            let mut rows = shelf.of(query.schema());
            let by_name = query.orders().first().is_some_and(|key| key.field.name() == "name");
            if shelf.reopened > 0 && by_name && query.schema().name == "guests" {
                rows.retain(|row| row.sequence() > 4);
            }
            rows
        },
    } => changed_schema_is_indexed_anew;

    words_not_kept {
        holds: |shelf, filter, _| match filter {
            Filter::Search { .. } if shelf.reopened > 0 => Some(false),
            _ => None,
        },
    } => reopened_totals_and_words changed_schema_is_searched_anew;

    words_not_made_anew {
        holds: |shelf, filter, row| match filter {
            Filter::Search { schema, .. } if schema.name == "guests" && shelf.reopened > 0 => {
                Some(row.sequence() > 2 && filter.matches(row))
            }
            _ => None,
        },
    } => changed_schema_is_searched_anew;

    totals_not_kept {
        total: |shelf, query, counted| match query.filters() {
            [Filter::Equal { .. } | Filter::IsNull { .. }] if shelf.reopened > 0 => 0,
            _ => counted,
        },
    } => reopened_totals_and_words changed_schema_is_counted_anew;

    totals_not_made_anew {
        total: |shelf, query, counted| match query.filters() {
            [Filter::Equal { field, .. }] if field.name() == "vip" && shelf.reopened > 0 => 0,
            _ => counted,
        },
    } => changed_schema_is_counted_anew;
}

/// The shelf with documents of the past that nothing has replaced.
fn back(mut shelf: Shelf, why: Past) -> Shelf {
    for (past, row) in shelf.past.clone() {
        let taken = shelf.documents.iter().any(|other| {
            other.id() == row.id() && other.record().schema() == row.record().schema()
        });
        if past == why && !taken {
            shelf.documents.push(row);
        }
    }
    shelf
}

/// Whether a field was no field when the document was stored.
fn is_new(shelf: &Shelf, field: &str, row: &Document) -> bool {
    let name = row.record().schema().name;
    shelf.reopened > 0 && name == "guests" && ["city", "rank", "vip"].contains(&field)
}
