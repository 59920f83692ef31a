//! A store of which every step can be done in another way.

use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use rollbook_core::{
    AnyRecord, Batch, Committed, Document, Expect, Filter, ID, Op, Query, Schema, StoreError,
    Unique, UserStore, Value,
};

pub(crate) type Schemas = &'static [&'static Schema];
pub(crate) type Outcome = Result<Committed, StoreError>;
pub(crate) type Outcomes = Result<Vec<Outcome>, StoreError>;

/// How a store does each step. [`HONEST`] is as the contract has it; a fault differs in one step or two.
#[derive(Clone, Copy)]
pub(crate) struct Ways {
    /// Which documents a query looks at.
    pub(crate) candidates: fn(&Shelf, &Query) -> Vec<Document>,
    /// What a filter says of a document; `None` is what it does say. Asked at every depth.
    pub(crate) holds: fn(&Shelf, &Filter, &Document) -> Option<bool>,
    pub(crate) compare: fn(&Query, &Document, &Document) -> Ordering,
    pub(crate) page: fn(&Query, Vec<Document>) -> Vec<Document>,
    /// The total, of the number that was counted.
    pub(crate) total: fn(&Shelf, &Query, u64) -> u64,
    /// Whether a document is the one of this schema and id.
    pub(crate) is: fn(&Document, &Schema, &str) -> bool,
    /// What is kept of a record, and of the one that it replaces.
    pub(crate) record: fn(Option<&Document>, Arc<dyn AnyRecord>) -> Arc<dyn AnyRecord>,
    /// What is expected, when this revision is stored.
    pub(crate) expect: fn(Expect, Option<u64>) -> Expect,
    pub(crate) checks: &'static [Check],
    pub(crate) revision: fn(&Shelf, Option<&Document>, &str) -> u64,
    pub(crate) sequence: fn(&Shelf, Option<&Document>) -> u64,
    /// The unique tuples that are checked.
    pub(crate) tuples: fn(&'static Schema) -> Vec<&'static Unique>,
    /// The documents that may have taken the values of a new one, which replaces another or not.
    pub(crate) rivals: fn(&Shelf, &Document, Option<&Document>) -> Vec<Document>,
    /// Whether a tuple of values is exempt.
    pub(crate) exempt: fn(&[Value<'_>]) -> bool,
    /// Whether two tuples of values exclude each other.
    pub(crate) clash: fn(&[Value<'_>], &[Value<'_>]) -> bool,
    /// Whether there is the owner of a new document, which replaces another or not.
    pub(crate) housed: fn(&Shelf, &Schema, &str, Option<&Document>) -> bool,
    /// Which filters of a deletion are looked at.
    pub(crate) narrowed: fn(Vec<Filter>) -> Vec<Filter>,
    /// Which of the documents that a deletion finds are deleted.
    pub(crate) doomed: fn(Vec<Document>) -> Vec<Document>,
    /// Whether an owner field names a deleted document, so many levels down.
    pub(crate) owned: fn(usize, &Value<'_>, &Document) -> bool,
    /// What is told of a deletion: of the number that was named, and of the number that fell with it.
    pub(crate) deleted: fn(u64, u64) -> u64,
    pub(crate) update: Update,
    pub(crate) batch: fn(&Ways, &mut Shelf, Batch) -> Outcome,
    pub(crate) commit: fn(&Ways, &mut Shelf, Vec<Batch>) -> Outcomes,
    pub(crate) told: fn(Committed) -> Committed,
    pub(crate) error: fn(StoreError) -> StoreError,
    pub(crate) isolation: Isolation,
    pub(crate) reopened: fn(Shelf, Schemas) -> Shelf,
}

/// A check of a put.
#[derive(Clone, Copy)]
pub(crate) enum Check {
    Expectation,
    Owner,
    Unique,
}

/// How a document is replaced.
#[derive(Clone, Copy)]
pub(crate) enum Update {
    InPlace,
    /// As a deletion and an insertion, as some engines do it.
    Anew,
}

/// What others see of a commit.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Isolation {
    /// All of it, when it is done.
    Whole,
    /// Each operation.
    Steps,
    /// What it makes of the state at its beginning; who ends last wins.
    Copies,
    /// Nothing until the next one.
    Late,
}

pub(crate) const HONEST: Ways = Ways {
    candidates: |shelf, query| shelf.of(query.schema()),
    holds: |_, _, _| None,
    compare: Query::compare,
    page: |query, rows| paged(rows, query.skip(), query.max()),
    total: |_, _, counted| counted,
    is: |document, schema, id| document.record().schema() == schema && document.id() == id,
    record: |_, record| record,
    expect: |expect, _| expect,
    checks: &[Check::Expectation, Check::Owner, Check::Unique],
    revision: |_, stored, _| stored.map_or(1, |stored| stored.revision() + 1),
    sequence: |shelf, stored| stored.map_or(shelf.sequence + 1, Document::sequence),
    tuples: |schema| schema.uniques.iter().collect(),
    rivals: |shelf, new, _| others(shelf, new),
    exempt: |values| values.contains(&Value::Null),
    clash: |new, other| new == other,
    housed: |shelf, schema, id, _| shelf.of(schema).iter().any(|owner| owner.id() == id),
    narrowed: |filters| filters,
    doomed: |rows| rows,
    owned: |_, value, owner| matches!(value, Value::Text(id) if id == owner.id()),
    deleted: |named, _| named,
    update: Update::InPlace,
    batch: whole,
    commit: in_order,
    told: |committed| committed,
    error: |error| error,
    isolation: Isolation::Whole,
    reopened: |shelf, schemas| shelf.decoded(schemas),
};

/// What is stored, and what was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf {
    pub(crate) schemas: Schemas,
    pub(crate) documents: Vec<Document>,
    pub(crate) past: Vec<(Past, Document)>,
    pub(crate) sequence: u64,
    /// How often it was opened again.
    pub(crate) reopened: u32,
}

/// Why a document is as it is no more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Past {
    Updated,
    Deleted,
    /// Deleted with its owner.
    Fallen,
    /// Put by a batch that failed.
    Failed,
}

impl Shelf {
    pub(crate) fn of(&self, schema: &Schema) -> Vec<Document> {
        let all = self.documents.iter();
        all.filter(|document| document.record().schema() == schema).cloned().collect()
    }

    /// The past documents of a schema.
    pub(crate) fn gone(&self, schema: &Schema, why: Past) -> Vec<Document> {
        let past = self.past.iter().filter(|(past, _)| *past == why).map(|(_, document)| document);
        past.filter(|document| document.record().schema() == schema).cloned().collect()
    }

    /// The shelf as if it had been written and read with other schemas.
    pub(crate) fn decoded(self, schemas: Schemas) -> Self {
        let read = |document: Document| {
            let mut body = Vec::new();
            document.record().encode(&mut body);
            let schema = known(schemas, document.record().schema());
            let record = (schema.decode)(&body).expect("the kit's schemas read their own bodies");
            Document::new(document.revision(), document.sequence(), record)
        };
        let documents = self.documents.into_iter().map(read).collect();
        let past = self.past.into_iter().map(|(why, document)| (why, read(document))).collect();
        let (sequence, reopened) = (self.sequence, self.reopened + 1);
        Self { schemas, documents, past, sequence, reopened }
    }

    fn rows(&self, ways: &Ways, query: &Query) -> Vec<Document> {
        let mut rows = (ways.candidates)(self, query);
        rows.retain(|row| query.filters().iter().all(|filter| self.holds(ways, filter, row)));
        rows
    }

    fn holds(&self, ways: &Ways, filter: &Filter, row: &Document) -> bool {
        (ways.holds)(self, filter, row).unwrap_or_else(|| match filter {
            Filter::And { filters, .. } => filters.iter().all(|part| self.holds(ways, part, row)),
            Filter::Or { filters, .. } => filters.iter().any(|part| self.holds(ways, part, row)),
            Filter::Not { field, filter, .. } => {
                !field.read(row).is_null() && !self.holds(ways, filter, row)
            }
            filter => filter.matches(row),
        })
    }

    fn apply(&mut self, ways: &Ways, op: Op, committed: &mut Committed) -> Result<(), StoreError> {
        match op {
            Op::Put { record, expect } => committed.documents.push(self.put(ways, record, expect)?),
            Op::Delete { schema, filters } => {
                let query = Query::new(schema).filters_all((ways.narrowed)(filters));
                let doomed = (ways.doomed)(self.rows(ways, &query));
                let fallen = self.remove(ways, &doomed, Past::Deleted, 0);
                committed.deleted += (ways.deleted)(doomed.len() as u64, fallen);
            }
        }
        Ok(())
    }

    fn put(
        &mut self,
        ways: &Ways,
        record: Arc<dyn AnyRecord>,
        expect: Expect,
    ) -> Result<Document, StoreError> {
        let schema = known(self.schemas, record.schema());
        let id = record.id().to_owned();
        let stored = self.documents.iter().find(|row| (ways.is)(row, schema, &id)).cloned();
        let record = (ways.record)(stored.as_ref(), record);
        let revision = (ways.revision)(self, stored.as_ref(), &id);
        let new = Document::new(revision, (ways.sequence)(self, stored.as_ref()), record);
        for check in ways.checks {
            match check {
                Check::Expectation => {
                    let expect = (ways.expect)(expect, stored.as_ref().map(Document::revision));
                    expected(schema, &id, expect, stored.as_ref())?;
                }
                Check::Owner => self.check_owner(ways, schema, &new, stored.as_ref())?,
                Check::Unique => self.check_uniques(ways, schema, &new, stored.as_ref())?,
            }
        }
        match &stored {
            Some(stored) => {
                if let Update::Anew = ways.update {
                    self.remove(ways, std::slice::from_ref(stored), Past::Updated, 0);
                }
                self.documents.retain(|row| !(ways.is)(row, schema, &id));
                self.past.push((Past::Updated, stored.clone()));
            }
            None => self.sequence = self.sequence.max(new.sequence()),
        }
        self.documents.push(new.clone());
        Ok(new)
    }

    fn check_owner(
        &self,
        ways: &Ways,
        schema: &'static Schema,
        new: &Document,
        stored: Option<&Document>,
    ) -> Result<(), StoreError> {
        let Some((field, owner)) = schema.owner_field() else { return Ok(()) };
        match field.read(new) {
            Value::Text(id) if !(ways.housed)(self, owner, &id, stored) => {
                Err(StoreError::NotFound { schema: owner.name, id: id.into_owned() })
            }
            _ => Ok(()),
        }
    }

    fn check_uniques(
        &self,
        ways: &Ways,
        schema: &'static Schema,
        new: &Document,
        stored: Option<&Document>,
    ) -> Result<(), StoreError> {
        for unique in (ways.tuples)(schema) {
            let values = |document: &Document| -> Vec<Value<'static>> {
                let fields = schema.unique_fields(unique);
                fields.map(|field| field.read(document).into_owned()).collect()
            };
            let new_values = values(new);
            if (ways.exempt)(&new_values) {
                continue;
            }
            let rivals = (ways.rivals)(self, new, stored);
            if rivals.iter().any(|other| (ways.clash)(&new_values, &values(other))) {
                return Err(StoreError::Conflict { schema: schema.name, key: unique.name });
            }
        }
        Ok(())
    }

    /// Removes documents and what they own; tells how many fell with them.
    fn remove(&mut self, ways: &Ways, doomed: &[Document], why: Past, depth: usize) -> u64 {
        let same = |a: &Document, b: &Document| {
            a.sequence() == b.sequence() && a.record().schema() == b.record().schema()
        };
        self.documents.retain(|row| !doomed.iter().any(|gone| same(gone, row)));
        self.past.extend(doomed.iter().map(|gone| (why, gone.clone())));
        let mut fallen = 0;
        for owner in doomed {
            for child in self.schemas {
                let Some((field, schema)) = child.owner_field() else { continue };
                if schema != owner.record().schema() {
                    continue;
                }
                let mut owned = self.of(child);
                owned.retain(|row| (ways.owned)(depth, &field.read(row), owner));
                fallen += owned.len() as u64 + self.remove(ways, &owned, Past::Fallen, depth + 1);
            }
        }
        fallen
    }
}

fn known(schemas: Schemas, schema: &Schema) -> &'static Schema {
    schemas.iter().find(|known| **known == schema).expect("the kit names schemas that it opened")
}

fn expected(
    schema: &Schema,
    id: &str,
    expect: Expect,
    stored: Option<&Document>,
) -> Result<(), StoreError> {
    let (schema, id) = (schema.name, id.to_owned());
    match (expect, stored) {
        (Expect::Absent, Some(_)) => Err(StoreError::Conflict { schema, key: ID.name() }),
        (Expect::Revision(_), None) => Err(StoreError::NotFound { schema, id }),
        (Expect::Revision(revision), Some(stored)) if stored.revision() != revision => {
            Err(StoreError::Stale { schema, id })
        }
        _ => Ok(()),
    }
}

/// The documents of the same schema under other ids.
pub(crate) fn others(shelf: &Shelf, new: &Document) -> Vec<Document> {
    let mut others = shelf.of(new.record().schema());
    others.retain(|other| other.id() != new.id());
    others
}

/// All operations of a batch, or none.
pub(crate) fn whole(ways: &Ways, shelf: &mut Shelf, batch: Batch) -> Outcome {
    // A single operation checks before it writes; only several need a way back.
    let before = (batch.ops().len() > 1).then(|| shelf.clone());
    let mut committed = Committed::default();
    for op in batch.into_ops() {
        if let Err(error) = shelf.apply(ways, op, &mut committed) {
            let Some(before) = before else { return Err((ways.error)(error)) };
            let failed = std::mem::replace(shelf, before).documents;
            let kept = |row: &Document| {
                shelf.documents.iter().any(|old| Arc::ptr_eq(old.record(), row.record()))
            };
            let failed: Vec<_> = failed.into_iter().filter(|row| !kept(row)).collect();
            shelf.past.extend(failed.into_iter().map(|row| (Past::Failed, row)));
            return Err((ways.error)(error));
        }
    }
    Ok((ways.told)(committed))
}

pub(crate) fn in_order(ways: &Ways, shelf: &mut Shelf, batches: Vec<Batch>) -> Outcomes {
    Ok(batches.into_iter().map(|batch| (ways.batch)(ways, shelf, batch)).collect())
}

/// The operations of a batch, each as a batch.
pub(crate) fn singly(batch: Batch) -> impl Iterator<Item = Batch> {
    batch.into_ops().into_iter().map(|op| of_ops([op]))
}

pub(crate) fn of_ops(ops: impl IntoIterator<Item = Op>) -> Batch {
    ops.into_iter().fold(Batch::new(), |batch, op| match op {
        Op::Put { record, expect } => batch.put_any(record, expect),
        Op::Delete { schema, filters } => batch.delete(schema, filters),
    })
}

pub(crate) fn paged(rows: Vec<Document>, skip: u64, most: Option<u64>) -> Vec<Document> {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    rows.into_iter().skip(count(skip)).take(most.map_or(usize::MAX, count)).collect()
}

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
        let shelf = self.seen();
        let counted = shelf.rows(self.ways, query).len() as u64;
        Ok((self.ways.total)(&shelf, query, counted))
    }

    async fn commit(&self, batches: Vec<Batch>) -> Outcomes {
        let commit = self.ways.commit;
        match self.ways.isolation {
            Isolation::Whole => commit(self.ways, &mut self.lock(), batches),
            Isolation::Late => {
                let mut shelf = self.lock();
                *self.before.lock().unwrap_or_else(PoisonError::into_inner) = shelf.clone();
                commit(self.ways, &mut shelf, batches)
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
