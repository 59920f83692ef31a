//! The maps: hashed where keys are only looked up, ordered where they are scanned.

use std::collections::HashMap;
use std::ops::{Bound, ControlFlow, RangeInclusive};

use rollbook_core::{Direction, Schema, StoreError};
use rollbook_kv::{Change, Counter, Engine, Entry, Part, Reader, Space, Visit};
use smallvec::SmallVec;

use crate::pages::Pages;
use crate::postings::Postings;

/// A key; ids and most phone numbers lie in the table itself, which saves a miss of the cache.
type Key = SmallVec<[u8; 24]>;

/// The maps of every record type, in the order of the schemas.
#[derive(Debug)]
pub(crate) struct Maps {
    tables: Vec<Table>,
}

#[derive(Debug, Default)]
struct Table {
    documents: Pages,
    ids: HashMap<Key, u64>,
    uniques: Vec<HashMap<Key, u64>>,
    indexes: Vec<Postings>,
    tokens: Postings,
    heads: Postings,
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
                .and_then(|sequence| table.documents.get(sequence))
                .map(|document| Entry::Document(document.clone())),
            Part::Ids => table.ids.get(key).copied().map(Entry::Sequence),
            Part::Unique(place) => at(&table.uniques, place)
                .and_then(|unique| unique.get(key))
                .copied()
                .map(Entry::Sequence),
            Part::Index(_) | Part::Tokens | Part::Heads => {
                self.postings(space).filter(|postings| postings.has(key)).map(|_| Entry::Present)
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
                walk(table.documents.range(numbers(from, to)), direction, |document| {
                    let entry = Entry::Document(document.clone());
                    visit(&document.sequence().to_be_bytes(), &entry)
                });
            }
            Part::Index(_) | Part::Tokens | Part::Heads => {
                if let Some(postings) = self.postings(space) {
                    postings.scan((from, to), direction, visit);
                }
            }
            Part::Ids | Part::Unique(_) => {
                return Err(StoreError::backend("ids and unique tuples are not sorted"));
            }
        }
        Ok(())
    }

    fn estimate(
        &self,
        space: Space,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
        most: u64,
    ) -> Result<u64, StoreError> {
        if let Some(postings) = self.postings(space) {
            return Ok(postings.estimate(bounds, most));
        }
        let mut number = 0;
        self.scan(space, bounds, Direction::Ascending, &mut |_, _| {
            number += 1;
            if number < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(number)
    }
}

impl Maps {
    /// The entries of a space, if it is an index.
    fn postings(&self, space: Space) -> Option<&Postings> {
        let table = self.table(space)?;
        match space.part {
            Part::Index(place) => at(&table.indexes, place),
            Part::Tokens => Some(&table.tokens),
            Part::Heads => Some(&table.heads),
            Part::Documents | Part::Ids | Part::Unique(_) => None,
        }
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
                    table.documents.insert(document);
                }
                (Part::Documents, _) => {
                    if let Some(sequence) = sequence(&key) {
                        table.documents.remove(sequence);
                    }
                }
                (Part::Ids, entry) => set(&mut table.ids, key, entry.as_ref()),
                (Part::Unique(place), entry) => {
                    set(grown(&mut table.uniques, place), key, entry.as_ref());
                }
                (Part::Index(place), entry) => {
                    grown(&mut table.indexes, place).set(&key, entry.is_some());
                }
                (Part::Tokens, entry) => table.tokens.set(&key, entry.is_some()),
                (Part::Heads, entry) => table.heads.set(&key, entry.is_some()),
            }
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

fn set(map: &mut HashMap<Key, u64>, key: Vec<u8>, entry: Option<&Entry>) {
    match entry {
        Some(Entry::Sequence(sequence)) => {
            map.insert(Key::from_vec(key), *sequence);
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

/// The sequences within two keys of the space of documents.
fn numbers(from: Bound<&[u8]>, to: Bound<&[u8]>) -> RangeInclusive<u64> {
    let number = |key: &[u8]| sequence(key).unwrap_or_default();
    let from = match from {
        Bound::Included(key) => number(key),
        Bound::Excluded(key) => number(key).saturating_add(1),
        Bound::Unbounded => 0,
    };
    let to = match to {
        Bound::Included(key) => number(key),
        Bound::Excluded(key) => number(key).saturating_sub(1),
        Bound::Unbounded => u64::MAX,
    };
    from..=to
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
