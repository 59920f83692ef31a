//! What the author of a store writes.

use std::sync::Arc;

use rollbook_core::{Schema, UserStore};

/// How the kit opens the store under test. Three methods, all required.
///
/// A value owns all that its store needs, a temporary directory for example, and removes it when it
/// is dropped. The cases run side by side, so no two values may share data.
pub trait Harness: Sized + Send + Sync + 'static {
    /// A new, empty store for `schemas`.
    fn open(schemas: &'static [&'static Schema]) -> impl Future<Output = Self> + Send;

    /// The store.
    fn store(&self) -> Arc<dyn UserStore>;

    /// Closes the store and opens the same data again, now with `schemas`, which may have more fields,
    /// indexes and unique tuples than before under the same names; `None` if the store keeps nothing.
    ///
    /// The kit has dropped its handles of [`Harness::store`] by then.
    fn reopen(
        self,
        schemas: &'static [&'static Schema],
    ) -> impl Future<Output = Option<Self>> + Send;
}
