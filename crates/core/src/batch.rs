//! Writes: what a commit applies, all of it or nothing.

use std::sync::Arc;

use crate::{AnyRecord, Document, Filter, Record, Schema};

/// What must hold for a record to be put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a store must check every expectation")]
pub enum Expect {
    /// No record has the id; else [`Conflict`](crate::StoreError::Conflict) on `$id`.
    Absent,
    /// Whatever is stored under the id, or nothing.
    Anything,
    /// The stored record has this revision; else [`Stale`](crate::StoreError::Stale), or
    /// [`NotFound`](crate::StoreError::NotFound) when the record is gone.
    Revision(u64),
}

/// One write.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "a store must apply every operation")]
pub enum Op {
    /// Stores a record under its id.
    Put {
        /// The record to store.
        record: Arc<dyn AnyRecord>,
        /// What must hold.
        expect: Expect,
    },
    /// Deletes what matches all the filters, and all that it owns, directly or not.
    Delete {
        /// The record type.
        schema: &'static Schema,
        /// What to delete; no filter means all of the type.
        filters: Vec<Filter>,
    },
}

/// Writes that are applied in their order, all of them or none.
///
/// ```
/// use rollbook_core::{Batch, ID, Record, User};
///
/// let batch = Batch::new().delete(User::SCHEMA, vec![ID.equal(["u1"])?]);
/// assert_eq!(batch.ops().len(), 1);
/// # Ok::<(), rollbook_core::QueryError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Batch {
    ops: Vec<Op>,
}

impl Batch {
    /// A batch without writes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a put of `record`.
    pub fn put(self, record: impl Record, expect: Expect) -> Self {
        self.put_any(Arc::new(record), expect)
    }

    /// Adds a put of a shared record of any type.
    pub fn put_any(mut self, record: Arc<dyn AnyRecord>, expect: Expect) -> Self {
        self.ops.push(Op::Put { record, expect });
        self
    }

    /// Adds a deletion of what matches all `filters`.
    pub fn delete(mut self, schema: &'static Schema, filters: Vec<Filter>) -> Self {
        self.ops.push(Op::Delete { schema, filters });
        self
    }

    /// Adds the writes of `other` after these.
    pub fn and(mut self, other: Self) -> Self {
        self.ops.extend(other.ops);
        self
    }

    /// The writes, in their order.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// The writes, to take them apart.
    pub fn into_ops(self) -> Vec<Op> {
        self.ops
    }
}

/// What a batch did.
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "stores build it")]
pub struct Committed {
    /// The documents of the puts, in the order of the puts, also of those that the batch deleted again.
    pub documents: Vec<Document>,
    /// How many documents the deletions named; what fell with its owner is not counted.
    pub deleted: u64,
}
