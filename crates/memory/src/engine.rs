//! The maps: hashed where keys are only looked up, ordered where they are scanned.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::{Bound, ControlFlow};

use rollbook_core::{Direction, Document, Schema, StoreError};
use rollbook_kv::{Change, Counter, Engine, Entry, Part, Reader, Space, Visit};

/// The maps of every record type, in the order of the schemas.
#[derive(Debug)]
pub(crate) struct Maps {
    tables: Vec<Table>,
}

#[derive(Debug, Default)]
struct Table {
    // Sequences are compared as numbers: half the time of comparing their bytes.
    documents: BTreeMap<u64, Document>,
    ids: HashMap<Box<[u8]>, u64>,
    uniques: Vec<HashMap<Box<[u8]>, u64>>,
    // Index keys end in the sequence, so they are unique, and say it all.
    indexes: Vec<BTreeSet<Box<[u8]>>>,
}

impl Maps {
    pub(crate) fn new(schemas: &[&Schema]) -> Self {
        Self { tables: schemas.iter().map(|_| Table::default()).collect() }
    }

    fn table(&self, space: Space) -> Option<&Table> {
        self.tables.get(usize::from(space.schema))
    }
}

impl Reader for Maps {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Entry>, StoreError> {
        let Some(table) = self.table(space) else { return Ok(None) };
        Ok(match space.part {
            Part::Documents => sequence(key)
                .and_then(|sequence| table.documents.get(&sequence))
                .map(|document| Entry::Document(document.clone())),
            Part::Ids => table.ids.get(key).copied().map(Entry::Sequence),
            Part::Unique(place) => at(&table.uniques, place)
                .and_then(|unique| unique.get(key))
                .copied()
                .map(Entry::Sequence),
            Part::Index(place) => {
                at(&table.indexes, place).and_then(|index| index.get(key)).map(|_| Entry::Present)
            }
        })
    }

    fn scan(
        &self,
        space: Space,
        (from, to): (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
        visit: Visit<'_>,
    ) -> Result<(), StoreError> {
        let Some(table) = self.table(space) else { return Ok(()) };
        match space.part {
            Part::Documents => {
                let bounds = (from.map(number), to.map(number));
                let range = table.documents.range(bounds);
                walk(range, direction, |(sequence, document)| {
                    visit(&sequence.to_be_bytes(), &Entry::Document(document.clone()))
                });
            }
            Part::Index(place) => {
                if let Some(index) = at(&table.indexes, place) {
                    let range = index.range::<[u8], _>((from, to));
                    walk(range, direction, |key| visit(key, &Entry::Present));
                }
            }
            Part::Ids | Part::Unique(_) => {
                return Err(StoreError::backend("ids and unique tuples are not sorted"));
            }
        }
        Ok(())
    }
}

impl Engine for Maps {
    fn counters(&self) -> Result<Vec<Counter>, StoreError> {
        Ok(vec![Counter::default(); self.tables.len()])
    }

    fn apply(&mut self, changes: Vec<Change>, _: &[Counter]) -> Result<(), StoreError> {
        for Change { space, key, entry } in changes {
            let Some(table) = self.tables.get_mut(usize::from(space.schema)) else { continue };
            match (space.part, entry) {
                (Part::Documents, Some(Entry::Document(document))) => {
                    table.documents.insert(document.sequence(), document);
                }
                (Part::Documents, _) => {
                    sequence(&key).and_then(|sequence| table.documents.remove(&sequence));
                }
                (Part::Ids, entry) => set(&mut table.ids, key, entry.as_ref()),
                (Part::Unique(place), entry) => {
                    set(grown(&mut table.uniques, place), key, entry.as_ref());
                }
                (Part::Index(place), Some(_)) => {
                    grown(&mut table.indexes, place).insert(key.into());
                }
                (Part::Index(place), None) => {
                    grown(&mut table.indexes, place).remove(key.as_slice());
                }
            }
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

fn set(map: &mut HashMap<Box<[u8]>, u64>, key: Vec<u8>, entry: Option<&Entry>) {
    match entry {
        Some(Entry::Sequence(sequence)) => {
            map.insert(key.into(), *sequence);
        }
        _ => {
            map.remove(key.as_slice());
        }
    }
}

fn at<T>(maps: &[T], place: u8) -> Option<&T> {
    maps.get(usize::from(place))
}

fn grown<T: Default>(maps: &mut Vec<T>, place: u8) -> &mut T {
    let place = usize::from(place);
    if maps.len() <= place {
        maps.resize_with(place + 1, T::default);
    }
    &mut maps[place]
}

fn sequence(key: &[u8]) -> Option<u64> {
    key.try_into().ok().map(u64::from_be_bytes)
}

/// A bound of the range of documents; kv bounds them by whole keys.
fn number(key: &[u8]) -> u64 {
    sequence(key).unwrap_or_default()
}

fn walk<T>(
    mut range: impl DoubleEndedIterator<Item = T>,
    direction: Direction,
    mut visit: impl FnMut(T) -> ControlFlow<()>,
) {
    let _ = match direction {
        Direction::Ascending => range.try_for_each(&mut visit),
        Direction::Descending => range.rev().try_for_each(&mut visit),
    };
}
