//! The store.

use std::sync::Arc;

use async_trait::async_trait;
use rollbook_core::{Batch, Committed, Document, Query, StoreError, UserStore};

use super::codec::{State, Tables};
use super::map::{Durability, LookUps, Map};
use super::meta;
use super::readers::Readers;
use super::writer::Writer;
use crate::plan;

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
        if M::LOOK_UPS == LookUps::Here && plan::is_look_up(schema, query) {
            return self.readers.here(|map| select(map, &self.tables, schema, query));
        }
        let (query, tables) = (query.clone(), Arc::clone(&self.tables));
        self.readers.hop(move |map| select(map, &tables, schema, &query)).await
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let schema = plan::place(self.tables.schemas, query.schema())?;
        let (query, tables) = (query.clone(), Arc::clone(&self.tables));
        let count = move |map: &M| {
            map.read(|view| {
                if query.filters().is_empty() {
                    Ok(meta::counter(view, query.schema().name)?.documents)
                } else {
                    plan::count(&State { view, tables: &tables }, schema, &query)
                }
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

fn select<M: Map>(
    map: &M,
    tables: &Tables,
    schema: u16,
    query: &Query,
) -> Result<Vec<Document>, StoreError> {
    map.read(|view| plan::select(&State { view, tables }, schema, query))
}
