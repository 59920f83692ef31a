//! The store contract, case by case.

use std::sync::Arc;

use rollbook_conformance::{Harness, conformance};
use rollbook_core::{Schema, UserStore};
use rollbook_kv::MapStore;

use crate::map::Tree;
use crate::open_with;

struct OnTree {
    tree: Tree,
    store: Arc<MapStore<Tree>>,
}

impl Harness for OnTree {
    async fn open(schemas: &'static [&'static Schema]) -> Self {
        let tree = Tree::default();
        let store = open_with(&tree, schemas).unwrap();
        Self { tree, store }
    }

    fn store(&self) -> Arc<dyn UserStore> {
        self.store.clone()
    }

    async fn reopen(self, schemas: &'static [&'static Schema]) -> Option<Self> {
        let Self { tree, store } = self;
        drop(store);
        let store = open_with(&tree, schemas).unwrap();
        Some(Self { tree, store })
    }
}

conformance!(OnTree);
