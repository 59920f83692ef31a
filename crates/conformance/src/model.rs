//! The smallest store: what the contract says, by brute force.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use rollbook_core::{
    AnyRecord, Batch, Committed, Document, Expect, Field, Filter, ID, Op, Query, Schema,
    StoreError, UserStore, Value,
};

/// A store that looks at every document for every question, and copies itself before a batch.
///
/// It is the reference that the random cases compare with, and an example of all that a store has to
/// do. It is no store to use: `rollbook-memory` is the one without files.
///
/// ```
/// use std::sync::Arc;
/// use rollbook_conformance::ModelStore;
/// use rollbook_core::{Record, User, UserStore};
///
/// let store: Arc<dyn UserStore> = Arc::new(ModelStore::new(&[User::SCHEMA]));
/// ```
#[derive(Debug)]
pub struct ModelStore {
    schemas: &'static [&'static Schema],
    state: Mutex<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    documents: Vec<Document>,
    /// The last sequence that was given away; one for all schemas is enough.
    sequence: u64,
}

impl ModelStore {
    /// An empty store.
    pub fn new(schemas: &'static [&'static Schema]) -> Self {
        Self { schemas, state: Mutex::default() }
    }

    /// The same data as if it had been written to disk and read with other schemas.
    ///
    /// ```
    /// use rollbook_conformance::ModelStore;
    /// use rollbook_core::{Record, User};
    ///
    /// let store = ModelStore::new(&[User::SCHEMA]);
    /// assert!(store.reopened(&[User::SCHEMA]).is_ok());
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError::Backend`] if there are documents that none of `schemas` can read.
    pub fn reopened(&self, schemas: &'static [&'static Schema]) -> Result<Self, StoreError> {
        let state = self.lock();
        let documents = state.documents.iter().map(|document| {
            let schema = known(schemas, document.record().schema())?;
            let mut body = Vec::new();
            document.record().encode(&mut body);
            let record = (schema.decode)(schema, &body).map_err(StoreError::backend)?;
            Ok(Document::new(document.revision(), document.sequence(), record))
        });
        let documents = documents.collect::<Result<_, StoreError>>()?;
        let state = Mutex::new(State { documents, sequence: state.sequence });
        Ok(Self { schemas, state })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Whoever panicked over the state fails its own case; the others may go on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl UserStore for ModelStore {
    async fn select(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        Ok(query.run(self.lock().of(query.schema())))
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let state = self.lock();
        let matching = state.of(query.schema()).filter(|document| query.matches(document));
        Ok(matching.count() as u64)
    }

    async fn commit(
        &self,
        batches: Vec<Batch>,
    ) -> Result<Vec<Result<Committed, StoreError>>, StoreError> {
        let mut state = self.lock();
        let outcomes = batches.into_iter().map(|batch| {
            // A single operation checks before it writes; only several need a way back.
            let before = (batch.ops().len() > 1).then(|| state.clone());
            let outcome = state.apply(self.schemas, batch);
            if let (Err(_), Some(before)) = (&outcome, before) {
                *state = before;
            }
            outcome
        });
        Ok(outcomes.collect())
    }
}

impl State {
    /// The documents of one schema.
    fn of<'a>(&'a self, schema: &'a Schema) -> impl Iterator<Item = &'a Document> {
        self.documents.iter().filter(move |document| document.record().schema() == schema)
    }

    fn apply(
        &mut self,
        schemas: &[&'static Schema],
        batch: Batch,
    ) -> Result<Committed, StoreError> {
        let mut committed = Committed::default();
        for op in batch.into_ops() {
            match op {
                Op::Put { record, expect } => {
                    let schema = known(schemas, record.schema())?;
                    committed.documents.push(self.put(schema, record, expect)?);
                }
                Op::Delete { schema, filters } => {
                    let schema = known(schemas, schema)?;
                    committed.deleted += self.delete(schemas, schema, &filters);
                }
            }
        }
        Ok(committed)
    }

    fn put(
        &mut self,
        schema: &'static Schema,
        record: Arc<dyn AnyRecord>,
        expect: Expect,
    ) -> Result<Document, StoreError> {
        let (name, id) = (schema.name, record.id().to_owned());
        let stored = self.of(schema).find(|document| document.id() == id).cloned();
        match (expect, &stored) {
            (Expect::Absent, Some(_)) => {
                return Err(StoreError::Conflict { schema: name, key: ID.name() });
            }
            (Expect::Revision(_), None) => return Err(StoreError::NotFound { schema: name, id }),
            (Expect::Revision(revision), Some(stored)) if stored.revision() != revision => {
                return Err(StoreError::Stale { schema: name, id });
            }
            _ => {}
        }
        let document = match &stored {
            Some(stored) => Document::new(stored.revision() + 1, stored.sequence(), record),
            None => Document::new(1, self.sequence + 1, record),
        };
        self.check_owner(schema, &document)?;
        self.check_uniques(schema, &document)?;
        if stored.is_some() {
            self.documents.retain(|other| other.record().schema() != schema || other.id() != id);
        } else {
            self.sequence += 1;
        }
        self.documents.push(document.clone());
        Ok(document)
    }

    fn check_owner(&self, schema: &'static Schema, document: &Document) -> Result<(), StoreError> {
        for (field, owner) in schema.owner_fields() {
            match field.read(document) {
                Value::Text(id) if !self.of(owner).any(|document| document.id() == id) => {
                    let id = id.into_owned();
                    return Err(StoreError::NotFound { schema: owner.name, id });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn check_uniques(&self, schema: &'static Schema, new: &Document) -> Result<(), StoreError> {
        for unique in schema.uniques {
            let fields: Vec<&Field> = schema.unique_fields(unique).collect();
            if fields.iter().any(|field| field.read(new).is_null()) {
                continue;
            }
            let same = |other: &Document| {
                other.id() != new.id()
                    && fields.iter().all(|field| field.read(other) == field.read(new))
            };
            if self.of(schema).any(same) {
                return Err(StoreError::Conflict { schema: schema.name, key: unique.name });
            }
        }
        Ok(())
    }

    /// Deletes what matches, then what belonged to it, and so on; counts only what matched.
    fn delete(
        &mut self,
        schemas: &[&'static Schema],
        schema: &'static Schema,
        filters: &[Filter],
    ) -> u64 {
        let (gone, left) = std::mem::take(&mut self.documents).into_iter().partition(|document| {
            document.record().schema() == schema
                && filters.iter().all(|filter| filter.matches(document))
        });
        self.documents = left;
        let gone: Vec<Document> = gone;
        for owned in schemas {
            for (field, _) in owned.owner_fields().filter(|(_, owner)| *owner == schema) {
                for owner in &gone {
                    let of_owner = field.equal([owner.id().to_owned()]);
                    let of_owner = of_owner.expect("the owner field of a schema is a text");
                    self.delete(schemas, owned, &[of_owner]);
                }
            }
        }
        gone.len() as u64
    }
}

/// The schema of this name that the store was opened with.
fn known(schemas: &[&'static Schema], schema: &Schema) -> Result<&'static Schema, StoreError> {
    let found = schemas.iter().copied().find(|known| *known == schema);
    found.ok_or_else(|| StoreError::backend(format!("not opened with the schema {}", schema.name)))
}
