//! The user store in memory: nothing to install, nothing left behind.
//!
//! [`MemoryStore::new`] is all there is to it. Documents are shared, not copied; everything is gone
//! with the last handle. It is the store for tests and for data that lives as long as the process.

mod engine;
mod pages;
mod postings;

use async_trait::async_trait;
use rollbook_core::{Batch, Committed, Document, Query, SCHEMAS, Schema, StoreError, UserStore};
use rollbook_kv::Kv;

use engine::Maps;

/// A store that keeps its documents in the process's memory.
///
/// ```
/// use std::sync::Arc;
/// use rollbook_core::{NewUser, Users};
/// use rollbook_memory::MemoryStore;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let users = Users::new(Arc::new(MemoryStore::new()));
/// let ann = users.create(NewUser::new().email("ann@example.com")).await?;
/// assert_eq!(users.get(&ann.id).await?.email, ann.email);
/// # Ok::<(), rollbook_core::Error>(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct MemoryStore {
    kv: Kv<Maps>,
}

impl MemoryStore {
    /// An empty store for the record types of rollbook.
    pub fn new() -> Self {
        Self::with_schemas(SCHEMAS)
    }

    /// An empty store for other record types.
    #[expect(clippy::missing_panics_doc, reason = "maps in memory can be read")]
    pub fn with_schemas(schemas: &'static [&'static Schema]) -> Self {
        let kv = Kv::new(Maps::new(schemas), schemas).expect("maps in memory can be read");
        Self { kv }
    }
}

impl MemoryStore {
    /// How a query is answered: which keys are read, and in which order.
    ///
    /// The text is for people, and may change.
    ///
    /// # Errors
    ///
    /// The store was not opened with the query's schema.
    ///
    /// ```
    /// use rollbook_core::{Query, Record, User};
    /// use rollbook_memory::MemoryStore;
    ///
    /// let query = Query::new(User::SCHEMA).order(User::SCHEMA.field("name")?.ascending()).limit(25);
    /// assert_eq!(MemoryStore::new().explain(&query)?, "read the index of name in its order");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(&self, query: &Query) -> Result<String, StoreError> {
        self.kv.explain(query)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl UserStore for MemoryStore {
    async fn select(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        self.kv.select(query)
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.kv.count(query)
    }

    async fn commit(
        &self,
        batches: Vec<Batch>,
    ) -> Result<Vec<Result<Committed, StoreError>>, StoreError> {
        self.kv.commit(batches)
    }
}
