//! The steps of a store, and how they are done honestly.

use std::cmp::Ordering;
use std::sync::Arc;

use rollbook_core::{
    AnyRecord, Batch, Committed, Document, Expect, Filter, Op, Query, Schema, StoreError, Unique,
    Value,
};

use super::shelf::{Past, Shelf};
use super::{Outcome, Outcomes, Schemas};

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
    pub(crate) record: Rewrite,
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

/// What is kept of a record, and of the one that it replaces.
pub(crate) type Rewrite = fn(Option<&Document>, Arc<dyn AnyRecord>) -> Arc<dyn AnyRecord>;

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

#[expect(clippy::unnecessary_wraps, reason = "others fail as a whole")]
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
