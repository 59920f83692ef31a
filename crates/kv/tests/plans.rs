//! The conformance kit on the plainest engine there is, whose plans change their minds after a few documents:
//! with the defaults, the few hundred records of the kit would always be read as a whole.

use std::sync::Arc;

use async_trait::async_trait;
use rollbook_conformance::{Harness, conformance};
use rollbook_core::{Batch, Committed, Document, Query, Schema, StoreError, UserStore};
// What the engine next door names.
use rollbook_kv::{Change, Counter, Engine, Entry, Kv, Reader, Space, Tuning, Visit};

#[path = "../src/plain.rs"]
mod plain;

use plain::Maps;

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
        let kv = Kv::new(Maps::new(schemas.len()), schemas).expect("maps can be read");
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
