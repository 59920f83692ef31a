//! Opening a map as a store: what is refused, what is made, and what is built anew.

use std::collections::HashSet;
use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use rollbook_core::{Direction, Document, Schema, StoreError, Value};

use super::codec::{State, Tables, decode, derived_keys, encode, place_key};
use super::error::{Refusal, guarded};
use super::map::{Durability, Map, Sink, View};
use super::meta::{self, Known};
use super::store::MapStore;
use crate::engine::{Counter, Entry, Part, Reader, Space};
use crate::layout::keys;
use crate::plan;

/// What an engine found where it was to open a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is something or nothing")]
pub enum Found {
    /// Nothing: the map was made just now, and may become a store.
    Nothing,
    /// Data: it must be a store already.
    Data,
}

/// A map that may be opened as a store: it was looked at, and nothing was written.
///
/// An engine that holds its writes back until here, as `rollbook-redb` does, leaves refused data as it
/// is, byte for byte.
#[derive(Debug)]
pub struct Opening<M> {
    map: M,
    tables: Tables,
    tasks: Vec<Task>,
    is_new: bool,
}

/// What has to be written for a schema.
#[derive(Debug)]
struct Task {
    schema: &'static Schema,
    known: Known,
    counter: Counter,
    is_new: bool,
}

impl<M: Map> Opening<M> {
    /// Looks at `map`, which is to hold documents of `schemas`.
    ///
    /// When the fingerprint of a schema has changed, its documents are read and its rules checked.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if the map is not ours, of a newer format or damaged, or if its documents can't be
    /// read or break a rule that is new to them.
    pub fn check(
        map: M,
        schemas: &'static [&'static Schema],
        found: Found,
    ) -> Result<Self, Refusal> {
        let looked = guarded(|| map.read(|view| Ok(look(view, schemas, found))))?;
        let (tables, tasks, is_new) = looked?;
        Ok(Self { map, tables, tasks, is_new })
    }

    /// Writes what is missing, builds the keys of changed schemas anew, all in one write, and starts
    /// the store.
    ///
    /// # Errors
    ///
    /// If the engine fails, or there are no threads.
    pub fn finish(self, durability: Durability) -> Result<MapStore<M>, Refusal> {
        let Self { map, tables, tasks, is_new } = self;
        if is_new || !tasks.is_empty() {
            map.write(Durability::Immediate, |view, sink| {
                let (key, mark) = meta::mark();
                sink.set(key, Some(&mark))?;
                tasks.iter().try_for_each(|task| task.carry_out(view, &tables, sink))
            })?;
        }
        MapStore::start(map, tables, durability).map_err(Refusal::from)
    }
}

/// The schemas with their numbers, what has to be written for them, and whether the map is new.
fn look(
    view: &dyn View,
    schemas: &'static [&'static Schema],
    found: Found,
) -> Result<(Tables, Vec<Task>, bool), Refusal> {
    let is_new = !meta::is_marked(view)?;
    if is_new && found == Found::Data {
        return Err(Refusal::Foreign);
    }
    let known = meta::known(view)?;
    let mut last = known.values().map(|known| known.number).max().unwrap_or(0);
    let mut tables = Tables { schemas, numbers: Vec::new() };
    for schema in schemas {
        let number = known.get(schema.name).map(|known| known.number);
        let number = number.or_else(|| {
            last = last.checked_add(1)?;
            Some(last)
        });
        let number = number.ok_or_else(|| Refusal::Damaged("no number is left".to_owned()))?;
        tables.numbers.push(number);
    }
    let mut tasks = Vec::new();
    for (place, schema) in (0..).zip(schemas.iter().copied()) {
        let now = Known::new(tables.numbers[usize::from(place)], schema.fingerprint());
        match known.get(schema.name) {
            Some(known) if *known == now => {
                meta::counter(view, schema.name)?;
            }
            Some(_) => {
                let counter = check_documents(view, &tables, place)?;
                tasks.push(Task { schema, known: now, counter, is_new: false });
            }
            None => {
                let counter = Counter::default();
                tasks.push(Task { schema, known: now, counter, is_new: true });
            }
        }
    }
    Ok((tables, tasks, is_new))
}

/// Reads all documents of a schema, checks its rules, and counts them.
fn check_documents(view: &dyn View, tables: &Tables, place: u16) -> Result<Counter, Refusal> {
    let schema = tables.schemas[usize::from(place)];
    // A sequence of a deleted document is never given again, so the old one stays, if it can be read.
    let mut counter = meta::counter(view, schema.name).unwrap_or_default();
    counter.documents = 0;
    counter.tallies.clear();
    let state = State { view, tables };
    let mut taken = HashSet::new();
    each_document(view, tables, place, &mut |document| {
        counter.documents += 1;
        counter.tally(document, u64::wrapping_add);
        counter.last = counter.last.max(document.sequence());
        let rule = |source| Refusal::Rule { schema: schema.name, source };
        for (field, owner) in schema.owner_fields() {
            let Value::Text(id) = field.read(document) else { continue };
            let ids = Space { schema: plan::place(tables.schemas, owner)?, part: Part::Ids };
            if state.get(ids, id.as_bytes())?.is_none() {
                let id = id.into_owned();
                return Err(rule(StoreError::NotFound { schema: owner.name, id }));
            }
        }
        for (space, key, _) in keys(place, document) {
            let name = match space.part {
                Part::Ids => "$id",
                Part::Unique(place) => schema.uniques[usize::from(place)].name,
                _ => continue,
            };
            if !taken.insert((space.part, key)) {
                return Err(rule(StoreError::Conflict { schema: schema.name, key: name }));
            }
        }
        Ok(())
    })?;
    Ok(counter)
}

/// Visits the documents of a schema, one in memory at a time.
fn each_document(
    view: &dyn View,
    tables: &Tables,
    place: u16,
    visit: &mut dyn FnMut(&Document) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let (schema, number) = (tables.schemas[usize::from(place)], tables.numbers[usize::from(place)]);
    let from = place_key(number, Part::Documents, &[]);
    let (to, _) = derived_keys(number);
    let bounds = (Bound::Included(from.as_slice()), Bound::Excluded(to.as_slice()));
    let mut outcome = Ok(());
    view.scan(bounds, Direction::Ascending, &mut |key, bytes| {
        let key = &key[from.len().min(key.len())..];
        outcome = match decode(schema, Part::Documents, key, bytes) {
            Ok(Entry::Document(document)) => visit(&document),
            Ok(_) => Ok(()),
            Err(error) => Err(Refusal::Record(Arc::new(error))),
        };
        if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    outcome
}

impl Task {
    fn carry_out(
        &self,
        view: &dyn View,
        tables: &Tables,
        sink: &mut dyn Sink,
    ) -> Result<(), StoreError> {
        let Self { schema, known, counter, is_new } = self;
        if !is_new {
            build_anew(view, tables, plan::place(tables.schemas, schema)?, sink)?;
        }
        sink.set(&meta::schema_key(schema.name), Some(&known.encode()))?;
        sink.set(&meta::counter_key(schema.name), Some(&meta::encode_counter(counter)))
    }
}

/// Replaces all keys that follow from the documents of a schema.
fn build_anew(
    view: &dyn View,
    tables: &Tables,
    place: u16,
    sink: &mut dyn Sink,
) -> Result<(), StoreError> {
    let (from, to) = derived_keys(tables.numbers[usize::from(place)]);
    let bounds = (Bound::Included(from.as_slice()), Bound::Excluded(to.as_slice()));
    let mut outcome = Ok(());
    view.scan(bounds, Direction::Ascending, &mut |key, _| {
        outcome = sink.set(key, None);
        if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    outcome?;
    each_document(view, tables, place, &mut |document| {
        for (space, key, entry) in keys(place, document) {
            sink.set(&tables.key(space, &key)?, Some(&encode(&entry)))?;
        }
        Ok(())
    })
    .map_err(StoreError::backend)
}
