//! The store.

use std::sync::Arc;

use async_trait::async_trait;
use rollbook_core::{Batch, Committed, Document, Query, StoreError, UserStore};

use super::codec::{State, Tables};
use super::map::{Durability, LookUps, Map, View};
use super::meta;
use super::readers::Readers;
use super::writer::Writer;
use crate::plan::{self, Tuning};
use crate::select;

/// A store on a [`Map`]; [`Opening`](crate::Opening) makes one.
///
/// One thread writes: it takes the commits of all callers that wait, applies each batch as if alone, and
/// makes them durable with one write of the map. Reads run beside it on threads of their own.
#[derive(Debug)]
pub struct MapStore<M> {
    // Before the readers, so that all commits are made before the map can close.
    writer: Writer,
    readers: Readers<M>,
    tables: Arc<Tables>,
}

impl<M: Map> MapStore<M> {
    /// How a query is answered: which keys are read, and in which order.
    ///
    /// The text is for people, and may change.
    ///
    /// # Errors
    ///
    /// The store was not opened with the query's schema, or the engine fails.
    pub fn explain(&self, query: &Query) -> Result<String, StoreError> {
        let schema = plan::place(self.tables.schemas, query.schema())?;
        let explain = |view: &dyn View| {
            let state = State { view, tables: &self.tables };
            select::explain(&state, schema, query, Tuning::default())
        };
        self.readers.here(|map| map.read(explain))
    }

    pub(super) fn start(
        map: M,
        tables: Tables,
        durability: Durability,
    ) -> Result<Self, std::io::Error> {
        let (map, tables) = (Arc::new(map), Arc::new(tables));
        let writer = Writer::start(Arc::clone(&map), Arc::clone(&tables), durability)?;
        Ok(Self { writer, readers: Readers::start(map), tables })
    }
}

#[async_trait]
impl<M: Map> UserStore for MapStore<M> {
    async fn select(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        let schema = plan::place(self.tables.schemas, query.schema())?;
        if M::LOOK_UPS == LookUps::Here && query.is_look_up() {
            return self.readers.here(|map| read(map, &self.tables, schema, query));
        }
        let (query, tables) = (query.clone(), Arc::clone(&self.tables));
        self.readers.hop(move |map| read(map, &tables, schema, &query)).await
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let schema = plan::place(self.tables.schemas, query.schema())?;
        let (query, tables) = (query.clone(), Arc::clone(&self.tables));
        let count = move |map: &M| {
            map.read(|view| match meta::counter(view, query.schema().name)?.number(&query) {
                Some(number) => Ok(number),
                None => select::count(&State { view, tables: &tables }, schema, &query),
            })
        };
        self.readers.hop(count).await
    }

    async fn commit(
        &self,
        batches: Vec<Batch>,
    ) -> Result<Vec<Result<Committed, StoreError>>, StoreError> {
        if batches.is_empty() {
            return Ok(Vec::new());
        }
        self.writer.commit(batches).await
    }
}

fn read<M: Map>(
    map: &M,
    tables: &Tables,
    schema: u16,
    query: &Query,
) -> Result<Vec<Document>, StoreError> {
    let tuning = Tuning::default();
    map.read(|view| select::select(&State { view, tables }, schema, query, tuning))
}
