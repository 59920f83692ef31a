//! The map under test.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, RwLock};

use rollbook_core::{Direction, StoreError};
use rollbook_kv::{Durability, LookUps, Map, Sink, View, VisitBytes};

type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

/// A tree of bytes that all its clones share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    entries: Arc<RwLock<Entries>>,
    /// Every write takes it before it is applied; who holds it keeps writes waiting.
    pub(crate) gate: Arc<Mutex<()>>,
    pub(crate) log: Arc<Mutex<Log>>,
}

/// What was asked of the tree, and what it should answer.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) writes: Vec<Durability>,
    pub(crate) syncs: usize,
    pub(crate) disk_is_full: bool,
}

impl Tree {
    pub(crate) fn entries(&self) -> Entries {
        self.entries.read().unwrap().clone()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.read().unwrap().is_empty()
    }

    /// Changes it by hand.
    pub(crate) fn set(&self, key: &[u8], value: Option<&[u8]>) {
        set(&mut self.entries.write().unwrap(), key, value);
    }
}

fn set(entries: &mut Entries, key: &[u8], value: Option<&[u8]>) {
    match value {
        Some(value) => entries.insert(key.to_vec(), value.to_vec()),
        None => entries.remove(key),
    };
}

impl Map for Tree {
    const LOOK_UPS: LookUps = LookUps::Here;

    fn read<T>(
        &self,
        read: impl FnOnce(&dyn View) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        read(&State(&self.entries.read().unwrap()))
    }

    fn write<T>(
        &self,
        durability: Durability,
        write: impl FnOnce(&dyn View, &mut dyn Sink) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut changes = Changes(Vec::new());
        let written = write(&State(&self.entries.read().unwrap()), &mut changes)?;
        let _open = self.gate.lock().unwrap();
        let mut log = self.log.lock().unwrap();
        if log.disk_is_full {
            return Err(StoreError::backend("the disk is full"));
        }
        log.writes.push(durability);
        let mut entries = self.entries.write().unwrap();
        for (key, value) in changes.0 {
            set(&mut entries, &key, value.as_deref());
        }
        Ok(written)
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.log.lock().unwrap().syncs += 1;
        Ok(())
    }
}

struct State<'a>(&'a Entries);

impl View for State<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.get(key).cloned())
    }

    fn scan(
        &self,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
        visit: VisitBytes<'_>,
    ) -> Result<(), StoreError> {
        let mut range = self.0.range::<[u8], _>(bounds);
        let mut step = |(key, value): (&Vec<u8>, &Vec<u8>)| visit(key, value);
        let _ = match direction {
            Direction::Ascending => range.try_for_each(&mut step),
            Direction::Descending => range.rev().try_for_each(&mut step),
        };
        Ok(())
    }
}

struct Changes(Vec<(Vec<u8>, Option<Vec<u8>>)>);

impl Sink for Changes {
    fn set(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), StoreError> {
        self.0.push((key.to_vec(), value.map(<[u8]>::to_vec)));
        Ok(())
    }
}
