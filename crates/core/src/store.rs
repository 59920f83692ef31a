//! The store contract: three methods between the domain and any storage engine.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{Batch, Committed, Document, Query};

/// A storage engine as rollbook uses it. Three methods, all required.
///
/// A store knows [`Schema`](crate::Schema)s, never record types: what tables, columns, indexes and
/// cascades it needs follows from the schemas it is opened with. It never validates, never sees a
/// cursor and never reads a clock. The crates `rollbook-kv` and `rollbook-sql` do most of the work
/// for an ordered map or an SQL engine; a store may use them or not.
///
/// # What a store MUST do
///
/// - Return from [`select`](Self::select) and [`count`](Self::count) exactly what [`Query::run`] returns
///   over all documents, in its order: null rules, ties and all.
/// - Apply a [`Batch`] as if alone: every operation sees the ones before it in its batch, and nobody
///   sees a part of it. If an operation fails, the batch leaves nothing behind, and the batches
///   beside it are not affected.
/// - Apply the batches of one [`commit`](Self::commit) in their order; a later one sees the earlier.
/// - Check, in this order for every put: the expectation, then the owner, then the unique tuples in the
///   order of the schema. All checks hold under any concurrency.
/// - Have made everything durable, and visible to every later read, when `commit` returns, except in a
///   mode that the caller chose and the store documents.
/// - Assign each inserted document a sequence above that of all before it in its schema, also after
///   deletions and reopening. An update keeps the sequence and adds one to the revision.
/// - Delete what a deleted document owns in the same batch.
/// - Refuse data that it does not understand (foreign, damaged, of a newer format) without changing it.
///
/// # What a store SHOULD do
///
/// - Stay off the executor: if the engine blocks for longer than a handful of page reads, hop to a
///   thread of its own.
/// - Make many batches durable with one flush, also when they come from different callers.
/// - Answer filters on `$id`, unique tuples and indexed fields, and pages in the order of
///   insertion, without reading everything.
///
/// # How to test one
///
/// `rollbook_conformance::conformance!` makes one named test per rule.
///
/// The trait is object-safe; the domain holds an `Arc<dyn UserStore>`.
#[async_trait]
pub trait UserStore: fmt::Debug + Send + Sync + 'static {
    /// The documents that satisfy `query`, in its order, from its offset, up to its limit.
    async fn select(&self, query: &Query) -> Result<Vec<Document>, StoreError>;

    /// How many documents satisfy the filters of `query`; its order, offset and limit don't matter.
    async fn count(&self, query: &Query) -> Result<u64, StoreError>;

    /// Applies each batch, all of it or nothing, and makes them durable together.
    ///
    /// The outcome of each batch stands at its place. An outer error means that the engine failed
    /// and that no batch was made durable.
    async fn commit(
        &self,
        batches: Vec<Batch>,
    ) -> Result<Vec<Result<Committed, StoreError>>, StoreError>;
}

/// Why a store could not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another document of `schema` has the same id (`$id`) or the same values in the unique tuple `key`.
    #[error("another of the {schema} has the same {key}")]
    Conflict {
        /// The record type.
        schema: &'static str,
        /// The unique tuple, or `$id`.
        key: &'static str,
    },
    /// The document was changed since it was read; read it again.
    #[error("{id:?} of the {schema} was changed in the meantime")]
    Stale {
        /// The record type.
        schema: &'static str,
        /// The document's id.
        id: String,
    },
    /// The document to update, or the owner of the document to put, does not exist.
    #[error("there is no {id:?} among the {schema}")]
    NotFound {
        /// The record type that was looked in.
        schema: &'static str,
        /// The missing document's id.
        id: String,
    },
    /// The engine failed.
    #[error("the store failed: {0}")]
    Backend(#[source] Arc<dyn Error + Send + Sync>),
}

impl StoreError {
    /// The engine's own error, as a [`StoreError::Backend`].
    pub fn backend(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Backend(Arc::from(source.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_is_object_safe() {
        fn assert_usable<T: ?Sized + Send + Sync>() {}
        assert_usable::<dyn UserStore>();
        assert_usable::<Arc<dyn UserStore>>();
    }

    #[test]
    fn messages() {
        let id = "u1".to_owned();
        let messages = [
            StoreError::Conflict { schema: "users", key: "email" },
            StoreError::Stale { schema: "users", id: id.clone() },
            StoreError::NotFound { schema: "users", id },
            StoreError::backend("disk full"),
        ]
        .map(|error| error.to_string())
        .join("\n");
        insta::assert_snapshot!(messages, @r#"
        another of the users has the same email
        "u1" of the users was changed in the meantime
        there is no "u1" among the users
        the store failed: disk full
        "#);
    }
}
