//! The store contract, case by case.

use std::sync::Arc;

use rollbook_conformance::{Harness, InTenant, conformance};
use rollbook_core::{Schema, UserStore};
use rollbook_memory::MemoryStore;

struct Memory(Arc<MemoryStore>);

impl Harness for Memory {
    async fn open(schemas: &'static [&'static Schema]) -> Self {
        Self(Arc::new(MemoryStore::with_schemas(schemas)))
    }

    fn store(&self) -> Arc<dyn UserStore> {
        self.0.clone()
    }

    async fn reopen(self, _: &'static [&'static Schema]) -> Option<Self> {
        None // It keeps nothing.
    }
}

conformance!(Memory, without durability);

/// The same on a tenant of such a store.
mod tenant {
    use super::{InTenant, Memory};

    rollbook_conformance::conformance!(InTenant<Memory>, without durability);
}
