//! Running the plan of a query.

use std::ops::{Bound, ControlFlow};

use rollbook_core::{Direction, Document, Filter, ID, Query, StoreError, Value};

use crate::access::{self, Access, By};
use crate::encode::{sequence_key, sequence_of, value_key};
use crate::engine::{Entry, Part, Reader, Space};
use crate::lists::Lists;
use crate::plan::{Choice, Index, Plan, Tuning, smallest};
use crate::walk::by_value;

/// The documents that `query` selects.
pub(crate) fn select(
    reader: &dyn Reader,
    schema: u16,
    query: &Query,
    tuning: Tuning,
) -> Result<Vec<Document>, StoreError> {
    if query.max() == Some(0) {
        return Ok(Vec::new());
    }
    if let Some(found) = look_up(reader, schema, query)? {
        return Ok(found);
    }
    let Choice { plan, otherwise } = Choice::of(reader, schema, query, tuning.few)?;
    let patience = if otherwise.is_empty() { u64::MAX } else { tuning.patience };
    let mut page = Page::new(reader, schema, query, patience);
    match plan {
        Plan::Collect(access) => return collect(reader, schema, query, &access),
        Plan::Lists { space, lists, direction, .. } => {
            let sequences = access::sequences(query.filters());
            let lists = Lists::new(reader, space, &lists, sequences, direction)?;
            lists.each(|sequence| page.look_at(sequence))?;
        }
        Plan::Index(index) => page.follow(index)?,
        Plan::Documents(direction) => {
            let sequences = access::sequences(query.filters());
            documents(reader, schema, sequences, direction, &mut |document| page.take(document))?;
        }
        Plan::Scan => {
            let mut found = Vec::new();
            let sequences = access::sequences(query.filters());
            documents(reader, schema, sequences, Direction::Ascending, &mut |document| {
                if query.matches(document) {
                    found.push(document.clone());
                }
                ControlFlow::Continue(())
            })?;
            return Ok(query.run(&found));
        }
    }
    match if page.gave_up { smallest(reader, otherwise)? } else { None } {
        Some(access) => collect(reader, schema, query, &access),
        None => Ok(page.found),
    }
}

/// What is under the key that a query gives, if it gives one key and nothing else: most of what a store is asked,
/// which wants no plan.
fn look_up(
    reader: &dyn Reader,
    schema: u16,
    query: &Query,
) -> Result<Option<Vec<Document>>, StoreError> {
    let [Filter::Equal { field, values, .. }] = query.filters() else { return Ok(None) };
    let [value] = values.as_slice() else { return Ok(None) };
    let entry = match value {
        Value::Text(id) if *field == &ID => {
            reader.get(Space { schema, part: Part::Ids }, id.as_bytes())?
        }
        _ => {
            let mut uniques = (0..).zip(query.schema().uniques);
            let Some((place, _)) = uniques.find(|(_, unique)| *unique.fields == [field.name()])
            else {
                return Ok(None);
            };
            reader.get(Space { schema, part: Part::Unique(place) }, &value_key(value))?
        }
    };
    Ok(Some(match entry {
        // The key is the value: to compare it with the document's would only miss the cache again.
        Some(Entry::Sequence(sequence)) if query.skip() == 0 => {
            document(reader, schema, sequence)?.into_iter().collect()
        }
        _ => Vec::new(),
    }))
}

/// What `select` would do, for people.
pub(crate) fn explain(
    reader: &dyn Reader,
    schema: u16,
    query: &Query,
    tuning: Tuning,
) -> Result<String, StoreError> {
    Ok(Choice::of(reader, schema, query, tuning.few)?.to_string())
}

/// How many documents satisfy the filters of `query`.
pub(crate) fn count(reader: &dyn Reader, schema: u16, query: &Query) -> Result<u64, StoreError> {
    let mut ways = access::all(reader, schema, query)?;
    if let Some(exact) = ways.iter().position(|access| access.exact) {
        return ways.swap_remove(exact).count(reader);
    }
    let best = smallest(reader, ways)?;
    let mut number = 0;
    if let Some(access) = best {
        for sequence in sequences(reader, &access)? {
            if let Some(document) = document(reader, schema, sequence)? {
                number += u64::from(query.matches(&document));
            }
        }
        return Ok(number);
    }
    let within = access::sequences(query.filters());
    documents(reader, schema, within, Direction::Ascending, &mut |document| {
        number += u64::from(query.matches(document));
        ControlFlow::Continue(())
    })?;
    Ok(number)
}

impl Access {
    /// How many documents it leads to, which are those that were asked for.
    fn count(&self, reader: &dyn Reader) -> Result<u64, StoreError> {
        let twice = match &self.by {
            By::Keys(..) => true,
            By::Lists(_, lists) => lists.len() > 1,
            // A document has one value, but several words.
            By::Range(space, _) => !matches!(space.part, Part::Index(_)),
        };
        if twice {
            return Ok(sequences(reader, self)?.len() as u64);
        }
        self.estimate(reader, u64::MAX)
    }
}

/// The sequences that a way leads to, each once.
fn sequences(reader: &dyn Reader, access: &Access) -> Result<Vec<u64>, StoreError> {
    let mut sequences = Vec::new();
    access.each(reader, &mut |sequence| sequences.push(sequence))?;
    sequences.sort_unstable();
    sequences.dedup();
    Ok(sequences)
}

/// All matches that a way leads to, in the order of the query.
fn collect(
    reader: &dyn Reader,
    schema: u16,
    query: &Query,
    access: &Access,
) -> Result<Vec<Document>, StoreError> {
    let mut found = Vec::new();
    for sequence in sequences(reader, access)? {
        if let Some(document) = document(reader, schema, sequence)?
            && query.matches(&document)
        {
            found.push(document);
        }
    }
    Ok(if found.len() <= 1 && query.skip() == 0 { found } else { query.run(&found) })
}

/// A page that is filled in the order of its query.
struct Page<'r> {
    reader: &'r dyn Reader,
    schema: u16,
    query: &'r Query,
    skip: u64,
    limit: usize,
    found: Vec<Document>,
    patience: u64,
    gave_up: bool,
}

impl<'r> Page<'r> {
    fn new(reader: &'r dyn Reader, schema: u16, query: &'r Query, patience: u64) -> Self {
        let limit = query.max().unwrap_or(u64::MAX);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let (skip, found) = (query.skip(), Vec::new());
        Self { reader, schema, query, skip, limit, found, patience, gave_up: false }
    }

    fn look_at(&mut self, sequence: u64) -> Result<ControlFlow<()>, StoreError> {
        Ok(match document(self.reader, self.schema, sequence)? {
            Some(document) => self.take(&document),
            None => ControlFlow::Continue(()),
        })
    }

    /// Takes the next document in order, if it is a match.
    fn take(&mut self, document: &Document) -> ControlFlow<()> {
        if self.query.matches(document) {
            if self.skip > 0 {
                self.skip -= 1;
            } else {
                self.found.push(document.clone());
            }
        }
        if self.found.len() >= self.limit {
            return ControlFlow::Break(());
        }
        if self.patience == 0 {
            self.gave_up = true;
            return ControlFlow::Break(());
        }
        self.patience -= 1;
        ControlFlow::Continue(())
    }

    fn follow(&mut self, index: Index) -> Result<(), StoreError> {
        let Index { space, range, direction, ties, start, .. } = index;
        let reader = self.reader;
        if let (Some((value, sequence)), Some(ties)) = (&start, ties) {
            let sequences = match ties {
                Direction::Ascending => (sequence.saturating_add(1), u64::MAX),
                Direction::Descending => (0, sequence.saturating_sub(1)),
            };
            let lists = Lists::new(reader, space, std::slice::from_ref(value), sequences, ties)?;
            let mut broken = false;
            lists.each(|sequence| {
                let flow = self.look_at(sequence)?;
                broken = flow.is_break();
                Ok(flow)
            })?;
            if broken {
                return Ok(());
            }
        }
        if let Some(ties) = ties {
            return by_value(reader, space, range, direction, ties, &mut |sequence, _| {
                self.look_at(sequence)
            });
        }
        // Documents of one value are sorted by what else the query says.
        let mut group: Vec<Document> = Vec::new();
        let mut broken = false;
        by_value(reader, space, range, direction, direction, &mut |sequence, new| {
            if new && self.flush(&mut group).is_break() {
                broken = true;
                return Ok(ControlFlow::Break(()));
            }
            if let Some(document) = document(reader, self.schema, sequence)?
                && self.query.matches(&document)
            {
                group.push(document);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if !broken {
            let _ = self.flush(&mut group);
        }
        Ok(())
    }

    fn flush(&mut self, group: &mut Vec<Document>) -> ControlFlow<()> {
        group.sort_by(|a, b| self.query.compare(a, b));
        group.drain(..).try_for_each(|document| self.take(&document))
    }
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

fn documents(
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

/// Visits the sequences that an index holds under the key of a value.
pub(crate) fn under(
    reader: &dyn Reader,
    index: Space,
    value: &[u8],
) -> Result<Vec<u64>, StoreError> {
    let mut found = Vec::new();
    let to = crate::walk::after(value);
    let bounds = (Bound::Included(value), Bound::Excluded(to.as_slice()));
    reader.scan(index, bounds, Direction::Ascending, &mut |key, _| {
        found.extend(sequence_of(key));
        ControlFlow::Continue(())
    })?;
    Ok(found)
}
