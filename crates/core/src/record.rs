//! Records, and the documents that stores keep them in.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Schema;
use crate::tenant::Tenanted;

/// A record type: what one writes to add one.
///
/// The serde form is what rests on disk, so it is frozen: a field may be added with a default, never
/// renamed.
pub trait Record: Serialize + DeserializeOwned + fmt::Debug + Send + Sync + 'static {
    /// The queryable fields, unique tuples and owner.
    const SCHEMA: &'static Schema;

    /// The identifier, unique within the schema; it never changes.
    fn id(&self) -> &str;
}

/// Any [`Record`], whatever its type: what stores handle.
///
/// Implemented for every `Record`; nobody else needs to.
pub trait AnyRecord: Any + fmt::Debug + Send + Sync {
    /// The record's schema.
    fn schema(&self) -> &'static Schema;

    /// The record's identifier.
    fn id(&self) -> &str;

    /// Appends the record as JSON, which [`Schema::decode`] reads, to `bytes`.
    fn encode(&self, bytes: &mut Vec<u8>);
}

impl<T: Record> AnyRecord for T {
    fn schema(&self) -> &'static Schema {
        T::SCHEMA
    }

    fn id(&self) -> &str {
        Record::id(self)
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        serde_json::to_writer(bytes, self)
            .expect("records have text keys and no failing serializers");
    }
}

/// Reads a `T` from the bytes that [`AnyRecord::encode`] wrote: the [`Schema::decode`] of `T`.
pub fn decode<T: Record>(
    _: &'static Schema,
    bytes: &[u8],
) -> Result<Arc<dyn AnyRecord>, serde_json::Error> {
    let record: T = serde_json::from_slice(bytes)?;
    Ok(Arc::new(record))
}

/// A stored record with what the store adds to it.
///
/// Cheap to clone: the record is shared.
#[derive(Clone, Debug)]
pub struct Document {
    revision: u64,
    sequence: u64,
    record: Arc<dyn AnyRecord>,
}

impl Document {
    /// The document that a store hands out for `record`.
    pub fn new(revision: u64, sequence: u64, record: Arc<dyn AnyRecord>) -> Self {
        Self { revision, sequence, record }
    }

    /// How often the record was stored under its id: 1 at insertion, one more with every put.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The place in the order of insertion; assigned by the store, never reused, kept by updates.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The record's identifier.
    pub fn id(&self) -> &str {
        self.record.id()
    }

    /// The record.
    pub fn record(&self) -> &Arc<dyn AnyRecord> {
        &self.record
    }

    /// The record as the type that it is; that of a tenant (see [`Tenant`](crate::Tenant)) as the record that
    /// it is for the tenant.
    ///
    /// # Panics
    ///
    /// If the document is of another schema: a store returned what was not asked for.
    pub fn typed<T: Record>(&self) -> &T {
        let record: &dyn Any = self.record.as_ref();
        let typed = record.downcast_ref().or_else(|| Tenanted::of(self)?.typed());
        typed.expect("a document's record is of its schema's type")
    }
}

/// A [`Document`] whose record type is known. Dereferences to the record.
#[derive(Debug)]
pub struct Stored<T> {
    document: Document,
    record: PhantomData<fn() -> T>,
}

impl<T: Record> Stored<T> {
    /// The revision that the store holds (see [`Document::revision`]).
    pub fn revision(&self) -> u64 {
        self.document.revision
    }

    /// The place in the order of insertion (see [`Document::sequence`]).
    pub fn sequence(&self) -> u64 {
        self.document.sequence
    }

    /// The untyped document.
    pub fn document(&self) -> &Document {
        &self.document
    }
}

impl<T: Record> From<Document> for Stored<T> {
    fn from(document: Document) -> Self {
        Self { document, record: PhantomData }
    }
}

impl<T> Clone for Stored<T> {
    fn clone(&self) -> Self {
        Self { document: self.document.clone(), record: PhantomData }
    }
}

impl<T: Record> Deref for Stored<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.document.typed()
    }
}
