//! The store contract on any ordered key-value map.
//!
//! Unique tuples, owners and cascades, atomic batches, and the choice of keys to answer a query from are
//! written here once. What is left to an engine depends on what it keeps:
//!
//! - **Documents as they are**, in the process's memory: it implements [`Engine`], five methods over byte
//!   keys, and wraps itself in [`Kv`]. `rollbook-memory` is the example.
//! - **Bytes**, on a disk: it implements [`Map`], three methods, and opens itself with [`Opening`], which
//!   yields a [`MapStore`]: encodings, a format that is checked, indexes that are built anew when a
//!   schema has changed, and commits that share a flush. `rollbook-redb` and `rollbook-sled` are the
//!   examples.
//!
//! A store is free not to use either.

mod access;
mod commit;
mod disk;
mod encode;
mod engine;
mod layout;
mod lists;
#[cfg(test)]
mod plain;
mod plan;
mod select;
mod walk;

pub use disk::{
    Durability, Found, LookUps, Map, MapStore, OpenError, Opening, Refusal, Sink, View, VisitBytes,
    guarded,
};
pub use engine::{Change, Counter, Engine, Entry, Part, Reader, Space, Visit};
pub use plan::Tuning;

use std::sync::{Mutex, PoisonError, RwLock};

use rollbook_core::{Batch, Committed, Document, Query, Schema, StoreError};

use commit::Transaction;

/// A store on an [`Engine`]: what the store contract asks, without the `async`.
///
/// One writer at a time; readers share, and each read sees one state between two batches.
#[derive(Debug)]
pub struct Kv<E> {
    engine: RwLock<E>,
    schemas: &'static [&'static Schema],
    counters: RwLock<Vec<Counter>>,
    writer: Mutex<()>,
    tuning: Tuning,
}

impl<E: Engine> Kv<E> {
    /// A store on `engine`, which holds documents of `schemas`.
    pub fn new(engine: E, schemas: &'static [&'static Schema]) -> Result<Self, StoreError> {
        let counters = RwLock::new(engine.counters()?);
        let (engine, writer) = (RwLock::new(engine), Mutex::new(()));
        Ok(Self { engine, schemas, counters, writer, tuning: Tuning::default() })
    }

    /// The same with plans that change their minds elsewhere.
    pub fn tuned(self, tuning: Tuning) -> Self {
        Self { tuning, ..self }
    }

    /// As [`UserStore::select`](rollbook_core::UserStore::select).
    pub fn select(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        let schema = plan::place(self.schemas, query.schema())?;
        let engine = self.engine.read().unwrap_or_else(PoisonError::into_inner);
        select::select(&*engine, schema, query, self.tuning)
    }

    /// What [`select`](Self::select) would do: which keys it would read, and in which order.
    ///
    /// The text is for people, and may change.
    pub fn explain(&self, query: &Query) -> Result<String, StoreError> {
        let schema = plan::place(self.schemas, query.schema())?;
        let engine = self.engine.read().unwrap_or_else(PoisonError::into_inner);
        select::explain(&*engine, schema, query, self.tuning)
    }

    /// As [`UserStore::count`](rollbook_core::UserStore::count). Without filters it costs nothing, nor with
    /// one on a field of [`Schema::tallied`].
    pub fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let schema = plan::place(self.schemas, query.schema())?;
        {
            let counters = self.counters.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(number) = counters[usize::from(schema)].number(query) {
                return Ok(number);
            }
        }
        let engine = self.engine.read().unwrap_or_else(PoisonError::into_inner);
        select::count(&*engine, schema, query)
    }

    /// As [`UserStore::commit`](rollbook_core::UserStore::commit).
    ///
    /// Each batch is visible as soon as it is applied; all are durable when this returns.
    pub fn commit(
        &self,
        batches: Vec<Batch>,
    ) -> Result<Vec<Result<Committed, StoreError>>, StoreError> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let outcomes = batches.into_iter().map(|batch| self.apply(batch)).collect();
        self.engine.read().unwrap_or_else(PoisonError::into_inner).flush()?;
        Ok(outcomes)
    }

    fn apply(&self, batch: Batch) -> Result<Committed, StoreError> {
        let (committed, changes, counters) = {
            let engine = self.engine.read().unwrap_or_else(PoisonError::into_inner);
            let before = self.counters.read().unwrap_or_else(PoisonError::into_inner);
            let mut transaction = Transaction::new(&*engine, self.schemas, &before);
            let committed = transaction.apply(batch)?;
            let (changes, counters) = transaction.finish();
            (committed, changes, counters)
        };
        let mut engine = self.engine.write().unwrap_or_else(PoisonError::into_inner);
        engine.apply(changes, &counters)?;
        *self.counters.write().unwrap_or_else(PoisonError::into_inner) = counters;
        Ok(committed)
    }
}
