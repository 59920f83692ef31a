//! The reference store passes the whole kit.

use std::sync::Arc;

use rollbook_conformance::{Harness, ModelStore, conformance};
use rollbook_core::{Schema, UserStore};

struct Model(Arc<ModelStore>);

impl Harness for Model {
    async fn open(schemas: &'static [&'static Schema]) -> Self {
        Self(Arc::new(ModelStore::new(schemas)))
    }

    fn store(&self) -> Arc<dyn UserStore> {
        self.0.clone()
    }

    // The durability cases would be skipped without it.
    async fn reopen(self, schemas: &'static [&'static Schema]) -> Option<Self> {
        let reopened = self.0.reopened(schemas).expect("the kit's schemas read their own bodies");
        Some(Self(Arc::new(reopened)))
    }
}

conformance!(Model);
