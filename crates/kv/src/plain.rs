//! The plainest engine there is, for tests: an ordered map for each space.
//!
//! Tests and fuzz targets outside of this crate include this file; their root has the names that it uses.

use std::collections::BTreeMap;
use std::ops::Bound;

use rollbook_core::{Direction, StoreError};

use crate::{Change, Counter, Engine, Entry, Reader, Space, Visit};

/// The maps.
#[derive(Debug)]
pub(crate) struct Maps {
    spaces: BTreeMap<Space, BTreeMap<Vec<u8>, Entry>>,
    counters: Vec<Counter>,
}

impl Maps {
    /// No keys, of so many schemas.
    pub(crate) fn new(schemas: usize) -> Self {
        Self { spaces: BTreeMap::new(), counters: vec![Counter::default(); schemas] }
    }
}

impl Reader for Maps {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Entry>, StoreError> {
        Ok(self.spaces.get(&space).and_then(|map| map.get(key)).cloned())
    }

    fn scan(
        &self,
        space: Space,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
        visit: Visit<'_>,
    ) -> Result<(), StoreError> {
        let Some(map) = self.spaces.get(&space) else { return Ok(()) };
        let mut entries = map.range::<[u8], _>(bounds);
        let mut step = |(key, entry): (&Vec<u8>, &Entry)| visit(key, entry);
        let _ = match direction {
            Direction::Ascending => entries.try_for_each(&mut step),
            Direction::Descending => entries.rev().try_for_each(&mut step),
        };
        Ok(())
    }
}

impl Engine for Maps {
    fn counters(&self) -> Result<Vec<Counter>, StoreError> {
        Ok(self.counters.clone())
    }

    fn apply(&mut self, changes: Vec<Change>, counters: &[Counter]) -> Result<(), StoreError> {
        for Change { space, key, entry } in changes {
            let map = self.spaces.entry(space).or_default();
            match entry {
                Some(entry) => map.insert(key, entry),
                None => map.remove(&key),
            };
        }
        self.counters = counters.to_vec();
        Ok(())
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
