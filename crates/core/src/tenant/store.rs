//! The store that a tenant sees.

use std::sync::Arc;

use async_trait::async_trait;

use super::record::{Tenanted, parts};
use super::translation::Translation;
use crate::users::project_id;
use crate::{Batch, Committed, Document, Error, Id, Op, Query, Schema, StoreError, UserStore};

/// The records of one tenant in a store of many, as a store of their own.
///
/// Nothing that is done here shows, changes or stands in the way of what another tenant has: ids, unique
/// tuples, lists, totals and searches are the tenant's own. Only sequences are shared, so that those of a tenant
/// have gaps.
///
/// The store underneath is opened with the schemas that [`tenanted`](crate::tenanted) made.
/// [`Users::tenant`](crate::Users::tenant) is the usual way here.
///
/// ```
/// # use std::sync::Arc;
/// use rollbook_core::{Record, Tenant, User, UserStore, Users, tenanted};
///
/// # fn example(store: Arc<dyn UserStore>) -> Result<(), rollbook_core::Error> {
/// // The store was opened with these.
/// let schemas = tenanted(&[User::SCHEMA]);
/// let acme = Tenant::new(store, "acme", schemas)?;
/// let users = Users::new(Arc::new(acme));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Tenant {
    store: Arc<dyn UserStore>,
    id: Id,
    schemas: &'static [&'static Schema],
}

impl Tenant {
    /// The records of the tenant `id` in `store`; `schemas` are those that [`tenanted`](crate::tenanted) made.
    ///
    /// A tenant is not created: it is there as soon as it has records.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for `project` if `id` is not one that an [`Id`] can be.
    pub fn new(
        store: Arc<dyn UserStore>,
        id: &str,
        schemas: &'static [&'static Schema],
    ) -> Result<Self, Error> {
        Ok(Self { store, id: project_id(id)?, schemas })
    }

    /// How questions about records of the type `of` are asked.
    fn translation(&self, of: &Schema) -> Result<Translation<'_>, StoreError> {
        let found = self.schemas.iter().find(|schema| schema.within_tenant() == Some(of));
        let schema = found.ok_or_else(|| {
            StoreError::backend(format!("tenants were set up without the schema {}", of.name))
        })?;
        Ok(Translation { schema, tenant: &self.id })
    }

    fn batch(&self, batch: Batch) -> Result<Batch, StoreError> {
        let mut inside = Batch::new();
        for op in batch.into_ops() {
            inside = match op {
                Op::Put { record, expect } => {
                    let schema = self.translation(record.schema())?.schema;
                    let record = Tenanted::new(schema, &self.id, record);
                    inside.put_any(Arc::new(record), expect)
                }
                Op::Delete { schema, filters } => {
                    let translation = self.translation(schema)?;
                    inside.delete(translation.schema, translation.filters(&filters))
                }
            };
        }
        Ok(inside)
    }

    /// What the tenant is told: its own names.
    fn error(&self, error: StoreError) -> StoreError {
        let plain = |name| {
            let made = self.schemas.iter().find(|schema| schema.name == name);
            made.and_then(|schema| schema.within_tenant()).map_or(name, |of| of.name)
        };
        let id = |id: String| parts(&id).1.to_owned();
        match error {
            StoreError::Conflict { schema, key } => {
                StoreError::Conflict { schema: plain(schema), key }
            }
            StoreError::Stale { schema, id: whole } => {
                StoreError::Stale { schema: plain(schema), id: id(whole) }
            }
            StoreError::NotFound { schema, id: whole } => {
                StoreError::NotFound { schema: plain(schema), id: id(whole) }
            }
            error @ StoreError::Backend(_) => error,
        }
    }
}

/// The document as the tenant put it.
fn plain(document: Document) -> Document {
    match Tenanted::of(&document) {
        Some(of) => {
            Document::new(document.revision(), document.sequence(), Arc::clone(of.record()))
        }
        None => document,
    }
}

#[async_trait]
impl UserStore for Tenant {
    async fn select(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        let inside = self.translation(query.schema())?.query(query);
        let rows = self.store.select(&inside).await.map_err(|error| self.error(error))?;
        Ok(rows.into_iter().map(plain).collect())
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let inside = self.translation(query.schema())?.query(query);
        self.store.count(&inside).await.map_err(|error| self.error(error))
    }

    async fn commit(
        &self,
        batches: Vec<Batch>,
    ) -> Result<Vec<Result<Committed, StoreError>>, StoreError> {
        let mut inside = Vec::with_capacity(batches.len());
        let mut outcomes = Vec::with_capacity(batches.len());
        for batch in batches {
            // A batch that can't be asked leaves the others alone.
            outcomes.push(match self.batch(batch) {
                Ok(batch) => {
                    inside.push(batch);
                    None
                }
                Err(error) => Some(Err(error)),
            });
        }
        let mut told = self.store.commit(inside).await?.into_iter();
        let outcomes = outcomes.into_iter().map(|refused| {
            let outcome = refused
                .or_else(|| told.next())
                .unwrap_or_else(|| Err(StoreError::backend("no outcome for the batch")));
            match outcome {
                Ok(Committed { documents, deleted }) => {
                    let documents = documents.into_iter().map(plain).collect();
                    Ok(Committed { documents, deleted })
                }
                Err(error) => Err(self.error(error)),
            }
        });
        Ok(outcomes.collect())
    }
}
