//! Applying a batch: every check and every key that follows from it.

use std::collections::{BTreeMap, HashSet};
use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use rollbook_core::{
    AnyRecord, Batch, Committed, Direction, Document, Expect, Filter, Op, Query, Schema,
    StoreError, Value,
};

use crate::encode::value_key;
use crate::engine::{Change, Counter, Entry, Part, Reader, Space, Visit};
use crate::layout::{indexes, keys, keys_beside};
use crate::plan::{self, Tuning};
use crate::select;

/// A batch in the making: what the engine holds, under what the batch has changed so far.
pub(crate) struct Transaction<'a> {
    base: &'a dyn Reader,
    schemas: &'a [&'static Schema],
    changes: BTreeMap<(Space, Vec<u8>), Option<Entry>>,
    counters: Vec<Counter>,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(
        base: &'a dyn Reader,
        schemas: &'a [&'static Schema],
        counters: &[Counter],
    ) -> Self {
        Self { base, schemas, changes: BTreeMap::new(), counters: counters.to_vec() }
    }

    /// Applies the operations of `batch`; on an error the transaction is to be dropped.
    pub(crate) fn apply(&mut self, batch: Batch) -> Result<Committed, StoreError> {
        let mut committed = Committed::default();
        for op in batch.into_ops() {
            match op {
                Op::Put { record, expect } => committed.documents.push(self.put(record, expect)?),
                Op::Delete { schema, filters } => {
                    committed.deleted += self.delete(schema, filters)?;
                }
            }
        }
        Ok(committed)
    }

    /// Applies `batch` as if alone: all of it, or nothing.
    pub(crate) fn apply_whole(&mut self, batch: Batch) -> Result<Committed, StoreError> {
        let mut nested = Transaction::new(self, self.schemas, &self.counters);
        let committed = nested.apply(batch)?;
        let Transaction { changes, counters, .. } = nested;
        self.changes.extend(changes);
        self.counters = counters;
        Ok(committed)
    }

    /// What the engine has to apply.
    pub(crate) fn finish(self) -> (Vec<Change>, Vec<Counter>) {
        let changes = self.changes.into_iter();
        let changes = changes.map(|((space, key), entry)| Change { space, key, entry }).collect();
        (changes, self.counters)
    }

    fn put(&mut self, record: Arc<dyn AnyRecord>, expect: Expect) -> Result<Document, StoreError> {
        let schema = record.schema();
        let number = plan::place(self.schemas, schema)?;
        let current = self.by_id(number, record.id())?;
        check_expectation(&record, expect, current.as_ref())?;
        let counter = &mut self.counters[usize::from(number)];
        let document = if let Some(current) = &current {
            Document::new(current.revision() + 1, current.sequence(), record)
        } else {
            counter.last += 1;
            counter.documents += 1;
            Document::new(1, counter.last, record)
        };
        self.check_owner(&document)?;
        let new = keys_beside(number, &document, current.as_ref());
        for (space, key, _) in &new {
            let Part::Unique(place) = space.part else { continue };
            match self.get(*space, key)? {
                Some(Entry::Sequence(taken)) if taken != document.sequence() => {
                    let unique = &schema.uniques[usize::from(place)];
                    return Err(StoreError::Conflict { schema: schema.name, key: unique.name });
                }
                _ => {}
            }
        }
        let mut old: HashSet<(Space, Vec<u8>)> = current
            .iter()
            .flat_map(|current| keys_beside(number, current, Some(&document)))
            .map(|(space, key, _)| (space, key))
            .collect();
        for (space, key, entry) in new {
            // Two revisions may share words, or elements of a list.
            let key = (space, key);
            if !old.remove(&key) {
                self.changes.insert(key, Some(entry));
            }
        }
        self.changes.extend(old.into_iter().map(|key| (key, None)));
        if let Some(current) = &current {
            self.counters[usize::from(number)].tally(current, u64::wrapping_sub);
        }
        self.counters[usize::from(number)].tally(&document, u64::wrapping_add);
        self.set(number, document.sequence(), Some(Entry::Document(document.clone())));
        Ok(document)
    }

    fn delete(&mut self, schema: &'static Schema, filters: Vec<Filter>) -> Result<u64, StoreError> {
        let number = plan::place(self.schemas, schema)?;
        let query = Query::new(schema).filters_all(filters);
        let doomed = select::select(self, number, &query, Tuning::default())?;
        for document in &doomed {
            self.remove(number, document)?;
        }
        Ok(doomed.len() as u64)
    }

    /// Removes a document, its keys, and what it owns.
    fn remove(&mut self, number: u16, document: &Document) -> Result<(), StoreError> {
        // A counter that was damaged must not end the program.
        let counter = &mut self.counters[usize::from(number)];
        counter.documents = counter.documents.saturating_sub(1);
        counter.tally(document, u64::wrapping_sub);
        for (space, key, _) in keys(number, document) {
            self.changes.insert((space, key), None);
        }
        self.set(number, document.sequence(), None);
        let schema = document.record().schema();
        let owned = (0..).zip(self.schemas).flat_map(|(owned, child)| {
            let fields = child.owner_fields().filter(|(_, owner)| *owner == schema);
            fields.map(move |(field, _)| (owned, *child, field))
        });
        for (owned, child, field) in owned {
            let place = (0..).zip(indexes(child)).find(|(_, index)| *index == field);
            let Some((place, _)) = place else { continue };
            let index = Space { schema: owned, part: Part::Index(place) };
            let id = value_key(&Value::from(document.id()));
            for sequence in select::under(self, index, &id)? {
                if let Some(document) = select::document(self, owned, sequence)? {
                    self.remove(owned, &document)?;
                }
            }
        }
        Ok(())
    }

    fn check_owner(&self, document: &Document) -> Result<(), StoreError> {
        for (field, owner) in document.record().schema().owner_fields() {
            let Value::Text(id) = field.read(document) else { continue };
            if self.by_id(plan::place(self.schemas, owner)?, &id)?.is_none() {
                return Err(StoreError::NotFound { schema: owner.name, id: id.into_owned() });
            }
        }
        Ok(())
    }

    fn by_id(&self, number: u16, id: &str) -> Result<Option<Document>, StoreError> {
        match self.get(Space { schema: number, part: Part::Ids }, id.as_bytes())? {
            Some(Entry::Sequence(sequence)) => select::document(self, number, sequence),
            _ => Ok(None),
        }
    }

    fn set(&mut self, number: u16, sequence: u64, entry: Option<Entry>) {
        let space = Space { schema: number, part: Part::Documents };
        self.changes.insert((space, crate::encode::sequence_key(sequence).to_vec()), entry);
    }
}

fn check_expectation(
    record: &Arc<dyn AnyRecord>,
    expect: Expect,
    current: Option<&Document>,
) -> Result<(), StoreError> {
    let (schema, id) = (record.schema().name, record.id());
    match (expect, current) {
        (Expect::Absent, Some(_)) => Err(StoreError::Conflict { schema, key: "$id" }),
        (Expect::Revision(_), None) => Err(StoreError::NotFound { schema, id: id.to_owned() }),
        (Expect::Revision(revision), Some(current)) if current.revision() != revision => {
            Err(StoreError::Stale { schema, id: id.to_owned() })
        }
        _ => Ok(()),
    }
}

impl Reader for Transaction<'_> {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Entry>, StoreError> {
        // A batch changes few keys; most look-ups need not build a key to compare with.
        if !self.changes.is_empty()
            && let Some(entry) = self.changes.get(&(space, key.to_vec()))
        {
            return Ok(entry.clone());
        }
        self.base.get(space, key)
    }

    fn scan(
        &self,
        space: Space,
        (from, to): (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
        visit: Visit<'_>,
    ) -> Result<(), StoreError> {
        let lower = match from {
            Bound::Unbounded => Bound::Included((space, Vec::new())),
            bound => bound.map(|key| (space, key.to_vec())),
        };
        let upper = to.map(|key| (space, key.to_vec()));
        let inside = |((of, _), _): &(&(Space, Vec<u8>), _)| *of == space;
        let changed = self.changes.range((lower, upper)).take_while(inside);
        let mut changed: Vec<(&[u8], Option<&Entry>)> =
            changed.map(|((_, key), entry)| (key.as_slice(), entry.as_ref())).collect();
        if changed.is_empty() {
            return self.base.scan(space, (from, to), direction, visit);
        }
        // The base is visited as it is, not copied: it may be all there is.
        if direction == Direction::Ascending {
            changed.reverse();
        }
        let is_before = |key: &[u8], other: &[u8]| match direction {
            Direction::Ascending => key < other,
            Direction::Descending => key > other,
        };
        let mut flow = ControlFlow::Continue(());
        self.base.scan(space, (from, to), direction, &mut |key, entry| {
            while let Some((new, entry)) = changed.pop_if(|(new, _)| is_before(new, key)) {
                flow = entry.map_or(flow, |entry| visit(new, entry));
                if flow.is_break() {
                    return flow;
                }
            }
            flow = match changed.pop_if(|(new, _)| *new == key) {
                Some((_, changed)) => changed.map_or(flow, |entry| visit(key, entry)),
                None => visit(key, entry),
            };
            flow
        })?;
        while flow.is_continue()
            && let Some((new, entry)) = changed.pop()
        {
            flow = entry.map_or(flow, |entry| visit(new, entry));
        }
        Ok(())
    }
}
