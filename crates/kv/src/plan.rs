//! How a query is answered: from which keys, and whether they come in its order.

use std::collections::BTreeSet;
use std::ops::{Bound, ControlFlow};

use rollbook_core::{
    Direction, Document, Filter, ID, Query, SEQUENCE, Schema, StoreError, Unique, Value,
};

use crate::encode::{sequence_key, sequence_of, value_key};
use crate::engine::{Entry, Part, Reader, Space};
use crate::layout::indexes;

/// The documents that `query` selects.
pub(crate) fn select(
    reader: &dyn Reader,
    schema: u16,
    query: &Query,
) -> Result<Vec<Document>, StoreError> {
    if query.max() == Some(0) {
        return Ok(Vec::new());
    }
    let plan = Plan::of(schema, query);
    let mut found = Vec::new();
    // A range in the order of insertion is in the query's order already, and stops at the limit.
    if let (Plan::Range(from, to), Some(direction)) = (&plan, insertion_order(query)) {
        let (mut skip, limit) = (query.skip(), query.max().unwrap_or(u64::MAX));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        scan_documents(reader, schema, (*from, *to), direction, &mut |document| {
            if !query.matches(document) {
                return ControlFlow::Continue(());
            }
            if skip > 0 {
                skip -= 1;
                return ControlFlow::Continue(());
            }
            found.push(document.clone());
            if found.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        return Ok(found);
    }
    visit(reader, schema, query, plan, &mut |document| found.push(document.clone()))?;
    // Most look-ups find one document or none, and need no order.
    Ok(if found.len() <= 1 && query.skip() == 0 { found } else { query.run(&found) })
}

/// How many documents satisfy the filters of `query`.
pub(crate) fn count(reader: &dyn Reader, schema: u16, query: &Query) -> Result<u64, StoreError> {
    let mut number = 0;
    visit(reader, schema, query, Plan::of(schema, query), &mut |_| number += 1)?;
    Ok(number)
}

/// Whether a query is answered from a few keys.
pub(crate) fn is_look_up(schema: u16, query: &Query) -> bool {
    matches!(Plan::of(schema, query), Plan::Keys(_, values) if values.len() <= 4)
}

/// Where the matches of a query are.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Plan<'q> {
    /// Under the keys of these values, in a space that maps keys to sequences, one at most each.
    Keys(Space, &'q [Value<'static>]),
    /// Among the index entries of these values.
    Index(Space, &'q [Value<'static>]),
    /// In this range of sequences, both ends included.
    Range(u64, u64),
}

impl<'q> Plan<'q> {
    fn of(schema: u16, query: &'q Query) -> Self {
        let space = |part| Space { schema, part };
        if let Some(ids) = query.pinned(&ID) {
            return Self::Keys(space(Part::Ids), ids);
        }
        for (place, Unique { fields, .. }) in (0..).zip(query.schema().uniques) {
            let [field] = fields else { continue };
            let values = query.schema().field(field).ok().and_then(|field| query.pinned(field));
            if let Some(values) = values {
                return Self::Keys(space(Part::Unique(place)), values);
            }
        }
        for (place, field) in (0..).zip(indexes(query.schema())) {
            if let Some(values) = query.pinned(field) {
                return Self::Index(space(Part::Index(place)), values);
            }
        }
        let (mut from, mut to) = (0, u64::MAX);
        narrow(query.filters(), &mut from, &mut to);
        Self::Range(from, to)
    }
}

/// The sequence of the one document that has `value` in a space of keys.
fn keyed(reader: &dyn Reader, space: Space, value: &Value<'_>) -> Result<Option<u64>, StoreError> {
    let entry = match (space.part, value) {
        // Ids are texts, and keys as they are.
        (Part::Ids, Value::Text(id)) => reader.get(space, id.as_bytes())?,
        (Part::Ids, _) => None,
        (_, value) => reader.get(space, &value_key(value))?,
    };
    Ok(match entry {
        Some(Entry::Sequence(sequence)) => Some(sequence),
        _ => None,
    })
}

/// Narrows a range of sequences to what the filters allow; it need not be exact.
fn narrow(filters: &[Filter], from: &mut u64, to: &mut u64) {
    for filter in filters {
        match filter {
            Filter::And { filters, .. } => narrow(filters, from, to),
            Filter::Greater { field, value: Value::Int(bound), .. }
            | Filter::GreaterEqual { field, value: Value::Int(bound), .. }
                if *field == &SEQUENCE =>
            {
                *from = (*from).max(u64::try_from(*bound).unwrap_or(0));
            }
            Filter::Less { field, value: Value::Int(bound), .. }
            | Filter::LessEqual { field, value: Value::Int(bound), .. }
                if *field == &SEQUENCE =>
            {
                *to = (*to).min(u64::try_from(*bound).unwrap_or(0));
            }
            _ => {}
        }
    }
}

fn insertion_order(query: &Query) -> Option<Direction> {
    query.orders().first().filter(|first| first.field == &SEQUENCE).map(|first| first.direction)
}

/// Visits every match once, in no particular order.
fn visit(
    reader: &dyn Reader,
    schema: u16,
    query: &Query,
    plan: Plan<'_>,
    found: &mut dyn FnMut(&Document),
) -> Result<(), StoreError> {
    let one = |sequence| -> Result<(), StoreError> {
        if let Some(document) = document(reader, schema, sequence)?
            && query.matches(&document)
        {
            found(&document);
        }
        Ok(())
    };
    let mut sequences = BTreeSet::new();
    match plan {
        Plan::Range(from, to) => {
            return scan_documents(
                reader,
                schema,
                (from, to),
                Direction::Ascending,
                &mut |document| {
                    if query.matches(document) {
                        found(document);
                    }
                    ControlFlow::Continue(())
                },
            );
        }
        Plan::Keys(space, [value]) => return keyed(reader, space, value)?.map_or(Ok(()), one),
        Plan::Keys(space, values) => {
            for value in values {
                sequences.extend(keyed(reader, space, value)?);
            }
        }
        Plan::Index(space, values) => {
            for value in values {
                scan_value(reader, space, value, &mut |sequence| {
                    sequences.insert(sequence);
                })?;
            }
        }
    }
    sequences.into_iter().try_for_each(one)
}

/// Visits the sequences that an index holds for `value`.
pub(crate) fn scan_value(
    reader: &dyn Reader,
    index: Space,
    value: &Value<'_>,
    found: &mut dyn FnMut(u64),
) -> Result<(), StoreError> {
    let mut from = value_key(value);
    let mut to = from.clone();
    from.extend(sequence_key(0));
    to.extend(sequence_key(u64::MAX));
    let bounds = (Bound::Included(from.as_slice()), Bound::Included(to.as_slice()));
    reader.scan(index, bounds, Direction::Ascending, &mut |key, _| {
        sequence_of(key).into_iter().for_each(&mut *found);
        ControlFlow::Continue(())
    })
}

/// The document with this sequence.
pub(crate) fn document(
    reader: &dyn Reader,
    schema: u16,
    sequence: u64,
) -> Result<Option<Document>, StoreError> {
    let space = Space { schema, part: Part::Documents };
    Ok(match reader.get(space, &sequence_key(sequence))? {
        Some(Entry::Document(document)) => Some(document),
        _ => None,
    })
}

fn scan_documents(
    reader: &dyn Reader,
    schema: u16,
    (from, to): (u64, u64),
    direction: Direction,
    visit: &mut dyn FnMut(&Document) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    if from > to {
        return Ok(());
    }
    let space = Space { schema, part: Part::Documents };
    let (from, to) = (sequence_key(from), sequence_key(to));
    let bounds = (Bound::Included(from.as_slice()), Bound::Included(to.as_slice()));
    reader.scan(space, bounds, direction, &mut |_, entry| match entry {
        Entry::Document(document) => visit(document),
        _ => ControlFlow::Continue(()),
    })
}

/// The schema's place among `schemas`.
pub(crate) fn place(schemas: &[&'static Schema], schema: &Schema) -> Result<u16, StoreError> {
    let place = schemas.iter().position(|known| *known == schema);
    place.and_then(|place| u16::try_from(place).ok()).ok_or_else(|| {
        StoreError::backend(format!("the store was not opened with the schema {}", schema.name))
    })
}
