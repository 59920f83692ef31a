//! The kit finds faults: stores that break one rule each fail the cases of that rule, and no others
//! that have nothing to do with it.

use std::any::Any;
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use async_trait::async_trait;
use rollbook_conformance::{Harness, ModelStore, cases};
use rollbook_core::{
    Batch, Committed, Document, Expect, Field, Op, Query, SEQUENCE, Schema, StoreError, UserStore,
};

type Outcomes = Result<Vec<Result<Committed, StoreError>>, StoreError>;
type Schemas = &'static [&'static Schema];

/// What a faulty store does otherwise than the model.
#[async_trait]
trait Fault: fmt::Debug + Send + Sync + 'static {
    /// The schemas that the model is opened with.
    fn schemas(schemas: Schemas) -> Schemas {
        schemas
    }

    async fn select(model: &ModelStore, query: &Query) -> Result<Vec<Document>, StoreError> {
        model.select(query).await
    }

    async fn count(model: &ModelStore, query: &Query) -> Result<u64, StoreError> {
        model.count(query).await
    }

    async fn commit(model: &ModelStore, batches: Vec<Batch>) -> Outcomes {
        model.commit(batches).await
    }

    fn reopened(model: &ModelStore, schemas: Schemas) -> ModelStore {
        model.reopened(schemas).expect("the kit's schemas read their own bodies")
    }
}

#[derive(Debug)]
struct Faulty<F> {
    model: ModelStore,
    fault: PhantomData<F>,
}

#[async_trait]
impl<F: Fault> UserStore for Faulty<F> {
    async fn select(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        F::select(&self.model, query).await
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        F::count(&self.model, query).await
    }

    async fn commit(&self, batches: Vec<Batch>) -> Outcomes {
        F::commit(&self.model, batches).await
    }
}

struct Subject<F>(Arc<Faulty<F>>);

impl<F: Fault> Harness for Subject<F> {
    async fn open(schemas: Schemas) -> Self {
        let model = ModelStore::new(F::schemas(schemas));
        Self(Arc::new(Faulty { model, fault: PhantomData }))
    }

    fn store(&self) -> Arc<dyn UserStore> {
        self.0.clone()
    }

    async fn reopen(self, schemas: Schemas) -> Option<Self> {
        let model = F::reopened(&self.0.model, F::schemas(schemas));
        Some(Self(Arc::new(Faulty { model, fault: PhantomData })))
    }
}

/// The cases of `fails` find the fault `F` and say which rule it breaks; those of `passes` don't.
fn check<F: Fault>(fails: &[&str], passes: &[&str]) {
    silence();
    let cases = cases::<Subject<F>>();
    let outcome = |name: &str| {
        let case = cases.iter().find(|case| case.name() == name).expect(name);
        catch_unwind(AssertUnwindSafe(|| case.run())).map_err(|failure| message(&*failure))
    };
    for name in fails {
        let message = outcome(name).expect_err(name);
        for part in [
            "the store breaks a rule",
            "\n  rule: ",
            "\n  done: ",
            "\n  expected: ",
            "\n  actual: ",
        ] {
            assert!(message.contains(part), "{name} teaches little: {message}");
        }
    }
    for name in passes.iter().chain(&["insert_then_read"]) {
        assert_eq!(outcome(name), Ok(()), "{name} has nothing to do with it");
    }
}

fn message(failure: &(dyn Any + Send)) -> String {
    failure.downcast_ref::<String>().cloned().unwrap_or_default()
}

/// The failures are wanted here: they are no news when they happen on the threads of a case.
fn silence() {
    static SILENCE: Once = Once::new();
    SILENCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if std::thread::current().name().is_none_or(|name| !name.starts_with("tokio")) {
                report(panic);
            }
        }));
    });
}

/// Takes every revision for the stored one.
#[derive(Debug)]
struct LostUpdate;

#[async_trait]
impl Fault for LostUpdate {
    async fn commit(model: &ModelStore, batches: Vec<Batch>) -> Outcomes {
        let careless = |expect| match expect {
            Expect::Revision(_) => Expect::Anything,
            other => other,
        };
        let batches = batches.into_iter().map(|batch| {
            batch.into_ops().into_iter().fold(Batch::new(), |batch, op| match op {
                Op::Put { record, expect } => batch.put_any(record, careless(expect)),
                Op::Delete { schema, filters } => batch.delete(schema, filters),
            })
        });
        model.commit(batches.collect()).await
    }
}

#[test]
fn a_lost_update_is_found() {
    check::<LostUpdate>(
        &[
            "revision_replaces_that_one",
            "no_update_is_lost",
            "one_wins_a_revision",
            "random_commits",
        ],
        &["unique_field", "orders"],
    );
}

/// Checks unique tuples when a document is inserted, not when it is updated, and before the write
/// instead of with it.
#[derive(Debug)]
struct UniqueAtInsertion;

#[async_trait]
impl Fault for UniqueAtInsertion {
    fn schemas(schemas: Schemas) -> Schemas {
        altered(schemas, |schema| Schema { uniques: &[], ..schema })
    }

    async fn commit(model: &ModelStore, batches: Vec<Batch>) -> Outcomes {
        let mut outcomes = Vec::new();
        for batch in batches {
            let taken = taken(model, &batch).await?;
            tokio::task::yield_now().await;
            match taken {
                Some(error) => outcomes.push(Err(error)),
                None => outcomes.extend(model.commit(vec![batch]).await?),
            }
        }
        Ok(outcomes)
    }
}

async fn taken(model: &ModelStore, batch: &Batch) -> Result<Option<StoreError>, StoreError> {
    for op in batch.ops() {
        let Op::Put { record, expect: Expect::Absent } = op else { continue };
        let schema = record.schema();
        let new = Document::new(1, 0, Arc::clone(record));
        let all = model.select(&Query::new(schema)).await?;
        if all.iter().any(|other| other.id() == new.id()) {
            return Ok(None);
        }
        for unique in schema.uniques {
            let same = |field: &Field, other: &Document| {
                !field.read(&new).is_null() && field.read(other) == field.read(&new)
            };
            if all.iter().any(|other| schema.unique_fields(unique).all(|field| same(field, other)))
            {
                let (schema, key) = (schema.name, unique.name);
                return Ok(Some(StoreError::Conflict { schema, key }));
            }
        }
    }
    Ok(None)
}

#[test]
fn a_unique_tuple_not_checked_on_update_is_found() {
    check::<UniqueAtInsertion>(
        &["unique_field", "unique_pair", "swap_in_a_batch", "one_wins_a_unique_value"],
        &["ids_are_bytes", "delete_cascades", "one_wins_an_id"],
    );
}

/// Knows no owners.
#[derive(Debug)]
struct NoCascade;

#[async_trait]
impl Fault for NoCascade {
    fn schemas(schemas: Schemas) -> Schemas {
        altered(schemas, |schema| Schema { owners: &[], ..schema })
    }
}

#[test]
fn a_missing_cascade_is_found() {
    check::<NoCascade>(
        &[
            "delete_cascades",
            "cascade_of_many",
            "owner_must_exist",
            "no_orphans",
            "reopened_checks_hold",
        ],
        &["unique_field", "update_keeps_what_is_owned"],
    );
}

/// Applies each operation by itself until one fails.
#[derive(Debug)]
struct HalfBatches;

#[async_trait]
impl Fault for HalfBatches {
    async fn commit(model: &ModelStore, batches: Vec<Batch>) -> Outcomes {
        let mut outcomes = Vec::new();
        for batch in batches {
            outcomes.push(one_by_one(model, batch).await);
        }
        Ok(outcomes)
    }
}

async fn one_by_one(model: &ModelStore, batch: Batch) -> Result<Committed, StoreError> {
    let mut committed = Committed::default();
    for op in batch.into_ops() {
        let batch = match op {
            Op::Put { record, expect } => Batch::new().put_any(record, expect),
            Op::Delete { schema, filters } => Batch::new().delete(schema, filters),
        };
        for outcome in model.commit(vec![batch]).await? {
            let Committed { documents, deleted } = outcome?;
            committed.documents.extend(documents);
            committed.deleted += deleted;
        }
        // Also on one processor somebody shall see the half.
        std::thread::yield_now();
        tokio::task::yield_now().await;
    }
    Ok(committed)
}

#[test]
fn a_half_batch_is_found() {
    check::<HalfBatches>(
        &[
            "failed_batch_leaves_nothing",
            "failed_batch_is_not_seen",
            "neighbours_are_not_affected",
            "readers_see_whole_batches",
            "one_large_batch",
            "random_commits",
        ],
        &["unique_field", "committed_tells_what_happened", "orders"],
    );
}

/// Sorts by the keys alone: ties come as they come.
#[derive(Debug)]
struct LooseTies;

#[async_trait]
impl Fault for LooseTies {
    async fn select(model: &ModelStore, query: &Query) -> Result<Vec<Document>, StoreError> {
        sorted(model, query, |a, b| {
            let keys = query.orders().iter().filter(|order| order.field != &SEQUENCE);
            keys.map(|order| {
                directed(order.direction, order.field.read(a).order(&order.field.read(b)))
            })
            .find(|ordering| ordering.is_ne())
            // As an engine would that walks its index by id.
            .unwrap_or_else(|| a.id().cmp(b.id()))
        })
        .await
    }
}

#[test]
fn loose_ties_are_found() {
    check::<LooseTies>(
        &["orders", "cursors_walk_all_pages", "random_queries"],
        &["null_exempts", "count_ignores_the_page", "owner_must_exist"],
    );
}

/// Sorts nulls last, whatever the direction.
#[derive(Debug)]
struct NullsLast;

#[async_trait]
impl Fault for NullsLast {
    async fn select(model: &ModelStore, query: &Query) -> Result<Vec<Document>, StoreError> {
        sorted(model, query, |a, b| {
            let by_key = query.orders().iter().map(|order| {
                let (a, b) = (order.field.read(a), order.field.read(b));
                let values = directed(order.direction, a.order(&b));
                a.is_null().cmp(&b.is_null()).then(values)
            });
            by_key
                .into_iter()
                .find(|ordering| ordering.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        })
        .await
    }
}

#[test]
fn a_wrong_order_of_nulls_is_found() {
    check::<NullsLast>(
        &["orders", "cursors_walk_all_pages", "random_queries"],
        &["nulls_match_only_is_null", "texts_compare_by_bytes"],
    );
}

/// Numbers its documents by their place, so that the number of the last is given again.
#[derive(Debug)]
struct ReusedSequence;

#[async_trait]
impl Fault for ReusedSequence {
    async fn select(model: &ModelStore, query: &Query) -> Result<Vec<Document>, StoreError> {
        let rows = model.select(query).await?;
        renumbered(model, query.schema(), rows).await
    }

    async fn commit(model: &ModelStore, batches: Vec<Batch>) -> Outcomes {
        let mut outcomes = model.commit(batches).await?;
        for committed in outcomes.iter_mut().flatten() {
            let mut documents = Vec::new();
            for document in committed.documents.drain(..) {
                let schema = document.record().schema();
                documents.extend(renumbered(model, schema, vec![document]).await?);
            }
            committed.documents = documents;
        }
        Ok(outcomes)
    }
}

async fn renumbered(
    model: &ModelStore,
    schema: &'static Schema,
    rows: Vec<Document>,
) -> Result<Vec<Document>, StoreError> {
    let all = model.select(&Query::new(schema)).await?;
    let place =
        |row: &Document| all.iter().filter(|other| other.sequence() <= row.sequence()).count();
    let again =
        |row: &Document| Document::new(row.revision(), place(row) as u64, row.record().clone());
    Ok(rows.iter().map(again).collect())
}

#[test]
fn a_reused_sequence_is_found() {
    check::<ReusedSequence>(
        &["sequences_are_not_reused", "reopened_sequences_go_on", "random_commits"],
        &["sequences_grow", "unique_field"],
    );
}

/// Counts the rows of the page.
#[derive(Debug)]
struct CountedPage;

#[async_trait]
impl Fault for CountedPage {
    async fn count(model: &ModelStore, query: &Query) -> Result<u64, StoreError> {
        Ok(model.select(query).await?.len() as u64)
    }
}

#[test]
fn a_counted_page_is_found() {
    check::<CountedPage>(&["count_ignores_the_page", "random_queries"], &["orders", "comparisons"]);
}

/// Acknowledges what it has not written.
#[derive(Debug)]
struct Forgetful;

#[async_trait]
impl Fault for Forgetful {
    fn reopened(_: &ModelStore, schemas: Schemas) -> ModelStore {
        ModelStore::new(schemas)
    }
}

#[test]
fn forgetfulness_is_found() {
    check::<Forgetful>(
        &[
            "reopened_as_it_was",
            "reopened_checks_hold",
            "reopened_sequences_go_on",
            "acknowledged_commits_stay",
            "changed_schema_is_indexed_anew",
        ],
        &["unique_field"],
    );
}

/// Reads its data with the schemas of yesterday.
#[derive(Debug)]
struct OldIndexes;

#[async_trait]
impl Fault for OldIndexes {
    fn schemas(schemas: Schemas) -> Schemas {
        altered(schemas, |schema| {
            let uniques = if schema.name == "guests" { &[] } else { schema.uniques };
            Schema { uniques, ..schema }
        })
    }
}

#[test]
fn an_index_not_made_anew_is_found() {
    check::<OldIndexes>(
        &["changed_schema_is_indexed_anew"],
        &["reopened_checks_hold", "reopened_as_it_was"],
    );
}

#[test]
fn names_are_not_used_twice() {
    let cases = cases::<Subject<Forgetful>>();
    let names: HashSet<_> = cases.iter().map(rollbook_conformance::Case::name).collect();
    assert_eq!(names.len(), cases.len());
}

/// The page of `query` in another order.
async fn sorted(
    model: &ModelStore,
    query: &Query,
    compare: impl Fn(&Document, &Document) -> std::cmp::Ordering + Send,
) -> Result<Vec<Document>, StoreError> {
    let all = model.select(&Query::new(query.schema())).await?;
    let mut rows: Vec<Document> = all.into_iter().filter(|row| query.matches(row)).collect();
    rows.sort_by(compare);
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let most = query.max().map_or(usize::MAX, count);
    Ok(rows.into_iter().skip(count(query.skip())).take(most).collect())
}

fn directed(
    direction: rollbook_core::Direction,
    ordering: std::cmp::Ordering,
) -> std::cmp::Ordering {
    match direction {
        rollbook_core::Direction::Ascending => ordering,
        rollbook_core::Direction::Descending => ordering.reverse(),
    }
}

/// The schemas with a change. They live as long as the test, which is as long as a static does.
fn altered(schemas: Schemas, change: fn(Schema) -> Schema) -> Schemas {
    let changed = schemas.iter().map(|schema| {
        let Schema { name, fields, uniques, search, owners, decode } = **schema;
        &*Box::leak(Box::new(change(Schema { name, fields, uniques, search, owners, decode })))
    });
    Box::leak(changed.collect())
}
