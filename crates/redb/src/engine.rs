//! The map: one table of bytes.

use std::ops::Bound;

use redb::{
    Database, Durability as RedbDurability, ReadOnlyTable, ReadableDatabase, Table, TableDefinition,
};
use rollbook_core::{Direction, StoreError};
use rollbook_kv::{Durability, LookUps, Map, Sink, View, VisitBytes};

/// The table that holds everything.
pub(crate) const TABLE: TableDefinition<&[u8], &[u8]> = TableDefinition::new("rollbook");

/// A redb database as a map.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) database: Database,
}

impl Engine {
    fn now(&self) -> Result<State, StoreError> {
        let transaction = self.database.begin_read().map_err(StoreError::backend)?;
        transaction.open_table(TABLE).map(State).map_err(StoreError::backend)
    }
}

impl Map for Engine {
    // A reader has a state of its own, whatever is written beside it.
    const LOOK_UPS: LookUps = LookUps::Here;

    fn read<T>(
        &self,
        read: impl FnOnce(&dyn View) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        read(&self.now()?)
    }

    fn write<T>(
        &self,
        durability: Durability,
        write: impl FnOnce(&dyn View, &mut dyn Sink) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let before = self.now()?;
        let mut transaction = self.database.begin_write().map_err(StoreError::backend)?;
        let durability = match durability {
            Durability::Immediate => RedbDurability::Immediate,
            Durability::Eventual => RedbDurability::None,
        };
        transaction.set_durability(durability).map_err(StoreError::backend)?;
        // A transaction that is dropped is undone.
        let table = transaction.open_table(TABLE).map_err(StoreError::backend)?;
        let mut changes = Changes { table, is_empty: true };
        let written = write(&before, &mut changes)?;
        let is_empty = changes.is_empty;
        drop(changes);
        // As long as it is looked at, its pages are not used again.
        drop(before);
        if is_empty {
            transaction.abort().map_err(StoreError::backend)?;
        } else {
            transaction.commit().map_err(StoreError::backend)?;
        }
        Ok(written)
    }

    fn sync(&self) -> Result<(), StoreError> {
        // A durable commit takes those before it along.
        let transaction = self.database.begin_write().map_err(StoreError::backend)?;
        transaction.commit().map_err(StoreError::backend)
    }
}

/// The table as one transaction sees it.
struct State(ReadOnlyTable<&'static [u8], &'static [u8]>);

impl View for State {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.0.get(key).map_err(StoreError::backend)?;
        Ok(value.map(|value| value.value().to_vec()))
    }

    fn scan(
        &self,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
        visit: VisitBytes<'_>,
    ) -> Result<(), StoreError> {
        let mut range = self.0.range::<&[u8]>(bounds).map_err(StoreError::backend)?;
        loop {
            let next = match direction {
                Direction::Ascending => range.next(),
                Direction::Descending => range.next_back(),
            };
            let Some(entry) = next else { return Ok(()) };
            let (key, value) = entry.map_err(StoreError::backend)?;
            if visit(key.value(), value.value()).is_break() {
                return Ok(());
            }
        }
    }
}

/// The table of a transaction that writes.
struct Changes<'t> {
    table: Table<'t, &'static [u8], &'static [u8]>,
    is_empty: bool,
}

impl Sink for Changes<'_> {
    fn set(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), StoreError> {
        self.is_empty = false;
        let before = match value {
            Some(value) => self.table.insert(key, value),
            None => self.table.remove(key),
        };
        before.map(drop).map_err(StoreError::backend)
    }
}
