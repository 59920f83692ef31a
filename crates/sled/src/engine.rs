//! The map: one tree.

use std::fmt;
use std::fs::File;
use std::ops::Bound;
use std::sync::{OnceLock, PoisonError, RwLock};

use rollbook_core::{Direction, StoreError};
use rollbook_kv::{Durability, LookUps, Map, Sink, View, VisitBytes};
use sled::{Batch, Db};

use crate::key::{escaped, unescaped};

/// A sled database as a map.
pub(crate) struct Engine {
    tree: Db,
    // The file that sled logs to, to flush it.
    log: File,
    // Iterators of sled see what is written meanwhile; so a read keeps the writer from applying.
    applying: RwLock<()>,
    // Why a write failed. What it left in memory is not what is on the disk.
    failed: OnceLock<StoreError>,
}

impl Engine {
    pub(crate) fn new(tree: Db, log: File) -> Self {
        Self { tree, log, applying: RwLock::new(()), failed: OnceLock::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    fn check(&self) -> Result<(), StoreError> {
        self.failed.get().map_or(Ok(()), |error| Err(error.clone()))
    }

    /// The error of a write, which is also that of all that comes after it.
    fn fail(&self, error: sled::Error) -> StoreError {
        self.failed.get_or_init(|| StoreError::backend(error)).clone()
    }

    fn flush(&self) -> Result<(), sled::Error> {
        self.tree.flush()?;
        // On Linux sled calls `sync_file_range`, which leaves the size of the file and the cache of the
        // drive to others.
        Ok(self.log.sync_data()?)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // sled would show all that is in it.
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Map for Engine {
    // They wait while a write is applied, which may be thousands of keys.
    const LOOK_UPS: LookUps = LookUps::Hop;

    fn read<T>(
        &self,
        read: impl FnOnce(&dyn View) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let _one_state = self.applying.read().unwrap_or_else(PoisonError::into_inner);
        self.check()?;
        read(&State(&self.tree))
    }

    fn write<T>(
        &self,
        durability: Durability,
        write: impl FnOnce(&dyn View, &mut dyn Sink) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.check()?;
        let mut changes = Changes { batch: Batch::default(), is_empty: true };
        let written = write(&State(&self.tree), &mut changes)?;
        if !changes.is_empty {
            let _alone = self.applying.write().unwrap_or_else(PoisonError::into_inner);
            self.tree.apply_batch(changes.batch).map_err(|error| self.fail(error))?;
        }
        if !changes.is_empty && durability == Durability::Immediate {
            self.sync()?;
        }
        Ok(written)
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.check()?;
        self.flush().map_err(|error| self.fail(error))
    }
}

/// The tree as it is now.
struct State<'a>(&'a Db);

impl View for State<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.0.get(escaped(key)).map_err(StoreError::backend)?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan(
        &self,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
        visit: VisitBytes<'_>,
    ) -> Result<(), StoreError> {
        let (from, to) = bounds;
        let bounds = (from.map(escaped), to.map(escaped));
        let mut range = self.0.range(bounds);
        loop {
            let next = match direction {
                Direction::Ascending => range.next(),
                Direction::Descending => range.next_back(),
            };
            let Some(entry) = next else { return Ok(()) };
            let (key, value) = entry.map_err(StoreError::backend)?;
            if visit(&unescaped(&key), &value).is_break() {
                return Ok(());
            }
        }
    }
}

/// What a write changes; sled takes it all at once.
struct Changes {
    batch: Batch,
    is_empty: bool,
}

impl Sink for Changes {
    fn set(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), StoreError> {
        self.is_empty = false;
        match value {
            Some(value) => self.batch.insert(&*escaped(key), value),
            None => self.batch.remove(&*escaped(key)),
        }
        Ok(())
    }
}
