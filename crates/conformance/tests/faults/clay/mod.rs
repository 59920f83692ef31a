//! A store of which every step can be done in another way.

mod shelf;
mod ways;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use rollbook_core::{Batch, Committed, Document, Query, Schema, StoreError, UserStore};

pub(crate) use shelf::{Past, Shelf};
pub(crate) use ways::{
    Check, HONEST, Isolation, Update, Ways, in_order, of_ops, others, paged, singly, whole,
};

pub(crate) type Schemas = &'static [&'static Schema];
pub(crate) type Outcome = Result<Committed, StoreError>;
pub(crate) type Outcomes = Result<Vec<Outcome>, StoreError>;

/// The store.
pub(crate) struct Clay {
    pub(crate) ways: &'static Ways,
    pub(crate) shelf: Mutex<Shelf>,
    /// The state before the last commit.
    before: Mutex<Shelf>,
}

impl Clay {
    pub(crate) fn new(ways: &'static Ways, shelf: Shelf) -> Self {
        Self { ways, before: Mutex::new(shelf.clone()), shelf: Mutex::new(shelf) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self) -> MutexGuard<'_, Shelf> {
        match self.ways.isolation {
            Isolation::Late => self.before.lock().unwrap_or_else(PoisonError::into_inner),
            _ => self.lock(),
        }
    }

    async fn in_steps(&self, batch: Batch) -> Outcome {
        let mut committed = Committed::default();
        let before = self.lock().clone();
        for op in batch.into_ops() {
            let outcome = self.lock().apply(self.ways, op, &mut committed);
            if let Err(error) = outcome {
                *self.lock() = before;
                return Err(error);
            }
            // Also on one processor somebody shall see it.
            pause().await;
        }
        Ok(committed)
    }
}

async fn pause() {
    std::thread::yield_now();
    tokio::task::yield_now().await;
}

impl fmt::Debug for Clay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clay").finish_non_exhaustive()
    }
}

#[async_trait]
impl UserStore for Clay {
    async fn select(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        let mut rows = self.seen().rows(self.ways, query);
        rows.sort_by(|a, b| (self.ways.compare)(query, a, b));
        Ok((self.ways.page)(query, rows))
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let seen = self.seen();
        let counted = seen.rows(self.ways, query).len() as u64;
        Ok((self.ways.total)(&seen, query, counted))
    }

    async fn commit(&self, batches: Vec<Batch>) -> Outcomes {
        let commit = self.ways.commit;
        match self.ways.isolation {
            Isolation::Whole => commit(self.ways, &mut self.lock(), batches),
            Isolation::Late => {
                let mut now = self.lock();
                *self.before.lock().unwrap_or_else(PoisonError::into_inner) = now.clone();
                commit(self.ways, &mut now, batches)
            }
            Isolation::Copies => {
                let mut copy = self.lock().clone();
                pause().await;
                let outcomes = commit(self.ways, &mut copy, batches);
                *self.lock() = copy;
                outcomes
            }
            Isolation::Steps => {
                let mut outcomes = Vec::new();
                for batch in batches {
                    outcomes.push(self.in_steps(batch).await);
                }
                Ok(outcomes)
            }
        }
    }
}
