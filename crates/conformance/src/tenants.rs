//! The same kit on a tenant of a store.

use std::sync::Arc;

use async_trait::async_trait;
use rollbook_core::{
    Batch, Committed, Document, Query, Schema, StoreError, Tenant, UserStore, tenanted,
};

use crate::Harness;

/// A harness of which the kit sees one tenant, and another does all the same beside it.
///
/// If the neighbour could be seen, or stood in the way, every case would find it: whatever is there is
/// there twice, under the same ids and unique values.
///
/// ```
/// # use std::sync::Arc;
/// # use rollbook_conformance::{Harness, ModelStore};
/// # use rollbook_core::{Schema, UserStore};
/// # struct Mine(Arc<ModelStore>);
/// # impl Harness for Mine {
/// #     async fn open(schemas: &'static [&'static Schema]) -> Self {
/// #         Self(Arc::new(ModelStore::new(schemas)))
/// #     }
/// #     fn store(&self) -> Arc<dyn UserStore> {
/// #         self.0.clone()
/// #     }
/// #     async fn reopen(self, _: &'static [&'static Schema]) -> Option<Self> {
/// #         None
/// #     }
/// # }
/// mod tenant {
///     use rollbook_conformance::{InTenant, conformance};
/// #   use super::Mine;
///
///     conformance!(InTenant<Mine>, without durability);
/// }
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct InTenant<H> {
    harness: H,
    schemas: &'static [&'static Schema],
}

impl<H: Harness> Harness for InTenant<H> {
    async fn open(schemas: &'static [&'static Schema]) -> Self {
        let schemas = tenanted(schemas);
        Self { harness: H::open(schemas).await, schemas }
    }

    fn store(&self) -> Arc<dyn UserStore> {
        let store = self.harness.store();
        let tenant = |id| {
            Tenant::new(Arc::clone(&store), id, self.schemas).expect("the ids of both are right")
        };
        Arc::new(Neighbours { tenant: tenant("b"), before: tenant("a"), after: tenant("b.c") })
    }

    async fn reopen(self, schemas: &'static [&'static Schema]) -> Option<Self> {
        let schemas = tenanted(schemas);
        Some(Self { harness: self.harness.reopen(schemas).await?, schemas })
    }
}

/// A tenant, and what is written to it written to its neighbours too: one that sorts before it, and one
/// whose name begins with its own.
#[derive(Debug)]
struct Neighbours {
    tenant: Tenant,
    before: Tenant,
    after: Tenant,
}

#[async_trait]
impl UserStore for Neighbours {
    async fn select(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        self.tenant.select(query).await
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.tenant.count(query).await
    }

    async fn commit(
        &self,
        batches: Vec<Batch>,
    ) -> Result<Vec<Result<Committed, StoreError>>, StoreError> {
        // Where many write at once, the others may have other outcomes.
        self.before.commit(batches.clone()).await?;
        let outcomes = self.tenant.commit(batches.clone()).await?;
        self.after.commit(batches).await?;
        Ok(outcomes)
    }
}
