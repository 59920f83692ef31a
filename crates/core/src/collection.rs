//! Reading and writing records of one type, whatever the type and whatever the store.

use std::marker::PhantomData;
use std::sync::Arc;

use metrics::counter;

use crate::metrics::RETRIES;
use crate::{
    Batch, Committed, Document, Expect, Field, ID, Query, Record, StoreError, Stored, UserStore,
    Value,
};

/// The records of type `T` in a store.
///
/// Cheap to clone. Everything that touches one record type is written here once; what touches
/// several in one step builds a [`Batch`].
///
/// ```
/// # use rollbook_core::*;
/// # async fn example(store: std::sync::Arc<dyn UserStore>) -> Result<(), StoreError> {
/// let users = Collection::<User>::new(store);
/// assert!(users.get("nobody").await?.is_none());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Collection<T> {
    store: Arc<dyn UserStore>,
    record: PhantomData<fn() -> T>,
}

impl<T> Clone for Collection<T> {
    fn clone(&self) -> Self {
        Self { store: Arc::clone(&self.store), record: PhantomData }
    }
}

/// How often an update starts again because others were faster. Every round somebody commits, so in
/// practice a few suffice; the bound is for a store that answers `Stale` for ever.
const MOST_ROUNDS: usize = 10_000;

impl<T: Record> Collection<T> {
    /// The records of type `T` in `store`.
    pub fn new(store: Arc<dyn UserStore>) -> Self {
        Self { store, record: PhantomData }
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn UserStore> {
        &self.store
    }

    /// The record with this id, if there is one.
    pub async fn get(&self, id: &str) -> Result<Option<Stored<T>>, StoreError> {
        self.find(&ID, id.to_owned().into()).await
    }

    /// The first record whose `field`, of `T`'s schema, has this value.
    ///
    /// # Panics
    ///
    /// If `value` is not of the field's type.
    pub async fn find(
        &self,
        field: &'static Field,
        value: Value<'static>,
    ) -> Result<Option<Stored<T>>, StoreError> {
        let filter = field.equal([value]).expect("the caller passes a value of the field's type");
        let query = Query::new(T::SCHEMA).filter(filter).limit(1);
        Ok(self.store.select(&query).await?.pop().map(Stored::from))
    }

    /// The records that `query`, of `T`'s schema, selects.
    pub async fn list(&self, query: &Query) -> Result<Vec<Stored<T>>, StoreError> {
        let mut rows = self.store.select(query).await?;
        query.restore(&mut rows);
        Ok(rows.into_iter().map(Stored::from).collect())
    }

    /// How many records satisfy the filters of `query`.
    pub async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.store.count(query).await
    }

    /// Stores a new record, and what belongs to it, in one step.
    ///
    /// # Errors
    ///
    /// As [`insert`](Self::insert), also for the records of `batch`.
    pub async fn insert_and(&self, record: T, batch: Batch) -> Result<Stored<T>, StoreError> {
        self.commit(Batch::new().put(record, Expect::Absent).and(batch)).await.map(first)
    }

    /// Stores a new record.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when the id or a unique tuple is taken.
    pub async fn insert(&self, record: T) -> Result<Stored<T>, StoreError> {
        self.put(record, Expect::Absent).await
    }

    /// Stores each record on its own, all of them with one flush; the outcomes stand in the same order.
    pub async fn insert_many(
        &self,
        records: Vec<T>,
    ) -> Result<Vec<Result<Stored<T>, StoreError>>, StoreError> {
        let batches =
            records.into_iter().map(|record| Batch::new().put(record, Expect::Absent)).collect();
        let outcomes = self.store.commit(batches).await?;
        Ok(outcomes.into_iter().map(|outcome| outcome.map(first)).collect())
    }

    /// Changes the record with this id by compare-and-swap: `change` sees what is stored and returns
    /// what to store instead, or `None` to leave it; if somebody else was faster, it is asked again.
    ///
    /// Returns the record as it is afterwards, or `None` if there is none with this id.
    pub async fn update<E, F>(&self, id: &str, mut change: F) -> Result<Option<Stored<T>>, E>
    where
        F: FnMut(&T) -> Result<Option<T>, E> + Send,
        E: From<StoreError>,
    {
        let alone = |changed| (changed, Batch::new());
        self.update_and(id, |record| Ok(change(record)?.map(alone))).await
    }

    /// As [`update`](Self::update), with writes that belong to the change, in one step.
    pub async fn update_and<E, F>(&self, id: &str, change: F) -> Result<Option<Stored<T>>, E>
    where
        F: FnMut(&T) -> Result<Option<(T, Batch)>, E> + Send,
        E: From<StoreError>,
    {
        Ok(self.update_giving(id, None, change).await?.map(|(record, _)| record))
    }

    /// As [`update_and`](Self::update_and), with the documents of those writes that are puts. Who has just read
    /// the record hands it in as `read`, and it is not read again unless somebody was faster.
    pub(crate) async fn update_giving<E, F>(
        &self,
        id: &str,
        mut read: Option<Stored<T>>,
        mut change: F,
    ) -> Result<Option<(Stored<T>, Vec<Document>)>, E>
    where
        F: FnMut(&T) -> Result<Option<(T, Batch)>, E> + Send,
        E: From<StoreError>,
    {
        let mut rounds = MOST_ROUNDS;
        loop {
            let current = match read.take() {
                Some(read) => read,
                None => match self.get(id).await? {
                    Some(current) => current,
                    None => return Ok(None),
                },
            };
            let Some((changed, batch)) = change(&current)? else {
                return Ok(Some((current, Vec::new())));
            };
            let put = Batch::new().put(changed, Expect::Revision(current.revision()));
            match self.commit(put.and(batch)).await {
                Ok(mut committed) => {
                    let others = committed.documents.split_off(1);
                    return Ok(Some((first(committed), others)));
                }
                Err(StoreError::NotFound { schema, .. }) if schema == T::SCHEMA.name => {
                    return Ok(None);
                }
                Err(StoreError::Stale { schema, .. }) if schema == T::SCHEMA.name && rounds > 0 => {
                    rounds -= 1;
                    counter!(RETRIES, "record" => schema).increment(1);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Deletes the record with this id and all that it owns; says whether there was one.
    #[expect(clippy::missing_panics_doc, reason = "an id is a text, so the filter can be made")]
    pub async fn delete(&self, id: &str) -> Result<bool, StoreError> {
        let filter = ID.equal([id.to_owned()]).expect("an id is a text");
        let committed = self.commit(Batch::new().delete(T::SCHEMA, vec![filter])).await?;
        Ok(committed.deleted > 0)
    }

    async fn put(&self, record: T, expect: Expect) -> Result<Stored<T>, StoreError> {
        self.commit(Batch::new().put(record, expect)).await.map(first)
    }

    /// Applies `batch`, all of it or nothing.
    pub async fn commit(&self, batch: Batch) -> Result<Committed, StoreError> {
        let mut outcomes = self.store.commit(vec![batch]).await?;
        outcomes.pop().unwrap_or_else(|| Err(StoreError::backend("no outcome for the batch")))
    }
}

fn first<T: Record>(committed: Committed) -> Stored<T> {
    committed.documents.into_iter().next().expect("a put yields its document").into()
}
