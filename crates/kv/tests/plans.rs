//! The conformance kit on the plainest engine there is, whose plans change their minds after a few documents:
//! with the defaults, the few hundred records of the kit would always be read as a whole.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use async_trait::async_trait;
use rollbook_conformance::{Harness, conformance};
use rollbook_core::{Batch, Committed, Direction, Document, Query, Schema, StoreError, UserStore};
use rollbook_kv::{Change, Counter, Engine, Entry, Kv, Reader, Space, Tuning, Visit};

/// An ordered map for each space.
#[derive(Debug)]
struct Maps {
    spaces: BTreeMap<Space, BTreeMap<Vec<u8>, Entry>>,
    counters: Vec<Counter>,
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

/// A store that gives up on an order after a few documents.
#[derive(Debug)]
struct Hasty(Kv<Maps>);

#[async_trait]
impl UserStore for Hasty {
    async fn select(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        self.0.select(query)
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.0.count(query)
    }

    async fn commit(
        &self,
        batches: Vec<Batch>,
    ) -> Result<Vec<Result<Committed, StoreError>>, StoreError> {
        self.0.commit(batches)
    }
}

/// How the kit opens it.
struct Plans<const FEW: u64, const PATIENCE: u64>(Arc<Hasty>);

impl<const FEW: u64, const PATIENCE: u64> Harness for Plans<FEW, PATIENCE> {
    async fn open(schemas: &'static [&'static Schema]) -> Self {
        let counters = vec![Counter::default(); schemas.len()];
        let kv = Kv::new(Maps { spaces: BTreeMap::new(), counters }, schemas).expect("maps can be read");
        Self(Arc::new(Hasty(kv.tuned(Tuning { few: FEW, patience: PATIENCE }))))
    }

    fn store(&self) -> Arc<dyn UserStore> {
        self.0.clone()
    }

    async fn reopen(self, _: &'static [&'static Schema]) -> Option<Self> {
        None // It keeps nothing.
    }
}

mod in_order {
    use super::{Plans, conformance};

    conformance!(Plans<0, { u64::MAX }>, without durability);
}

mod giving_up {
    use super::{Plans, conformance};

    conformance!(Plans<3, 5>, without durability);
}
