//! A store with the few steps that cases are made of.

use std::fmt::{self, Display};
use std::ops::Deref;
use std::sync::Arc;

use rollbook_core::{
    AnyRecord, Batch, Committed, Document, Expect, Filter, ID, Op, Query, Record, Schema,
    StoreError, UserStore,
};

use crate::Harness;
use crate::case::skip;
use crate::fixtures::SCHEMAS;
use crate::report::{broken, check, check_refused, rule};

/// What a batch came to.
pub(crate) type Outcome = Result<Committed, StoreError>;

/// A harness and its store.
#[derive(Debug)]
pub(crate) struct Trial<H> {
    // Dropped before the harness, which may remove its files.
    probe: Probe,
    harness: H,
}

impl<H: Harness> Trial<H> {
    /// A new store with the kit's schemas.
    pub(crate) async fn open() -> Self {
        Self::open_with(SCHEMAS).await
    }

    pub(crate) async fn open_with(schemas: &'static [&'static Schema]) -> Self {
        Self::of(H::open(schemas).await)
    }

    /// The same data in a store opened again. Ends the case, as skipped, if the store keeps nothing.
    pub(crate) async fn reopen(self, schemas: &'static [&'static Schema]) -> Self {
        let Self { probe, harness } = self;
        drop(probe);
        match harness.reopen(schemas).await {
            Some(harness) => Self::of(harness),
            None => skip(),
        }
    }

    fn of(harness: H) -> Self {
        Self { probe: Probe { store: harness.store() }, harness }
    }
}

impl<H> Deref for Trial<H> {
    type Target = Probe;

    fn deref(&self) -> &Probe {
        &self.probe
    }
}

/// A handle of the store under test. Every step fails the case if the engine fails.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    store: Arc<dyn UserStore>,
}

impl Probe {
    pub(crate) fn store(&self) -> &Arc<dyn UserStore> {
        &self.store
    }

    /// Commits the batches; there is an outcome for each.
    pub(crate) async fn commit(&self, batches: Vec<Batch>) -> Vec<Outcome> {
        let number = batches.len();
        let done = format!("a commit of {number} batches");
        let outcomes = match self.store.commit(batches).await {
            Ok(outcomes) => outcomes,
            Err(error) => broken(rule::WORKS, done, &"outcomes", &error),
        };
        check(rule::OUTCOMES, &done, outcomes.len(), number);
        for outcome in &outcomes {
            if let Err(error @ StoreError::Backend(_)) = outcome {
                broken(rule::WORKS, &done, &"no `Backend`", error);
            }
        }
        outcomes
    }

    /// Commits one batch.
    pub(crate) async fn apply(&self, batch: Batch) -> Outcome {
        self.commit(vec![batch]).await.pop().expect("the number of outcomes is checked")
    }

    /// Commits one batch that must be accepted.
    pub(crate) async fn accept(&self, rule: &str, done: impl Display, batch: Batch) -> Committed {
        match self.apply(batch).await {
            Ok(committed) => committed,
            Err(error) => broken(rule, done, &"acceptance", &error),
        }
    }

    /// Commits one batch that must be refused with `expected`, and leaves nothing behind.
    pub(crate) async fn refuse(
        &self,
        rule: &str,
        done: impl Display,
        batch: Batch,
        expected: &StoreError,
    ) {
        let before = self.contents().await;
        check_refused(rule, &done, &self.apply(batch).await, expected);
        check(rule::ALL_OR_NOTHING, done, self.contents().await, before);
    }

    /// Inserts a record that is in nobody's way.
    pub(crate) async fn insert(&self, record: impl Record) -> Document {
        self.put(record, Expect::Absent).await
    }

    /// Puts a record that must be accepted.
    pub(crate) async fn put(&self, record: impl Record, expect: Expect) -> Document {
        let done = format!("put of {record:?} with {expect:?}");
        let mut committed = self.accept(rule::EXPECT, &done, put(record, expect)).await;
        check(rule::COMMITTED, &done, committed.documents.len(), 1);
        committed.documents.pop().expect("the number of documents is checked")
    }

    /// Deletes what matches, and returns the number that was told.
    pub(crate) async fn delete(&self, schema: &'static Schema, filters: Vec<Filter>) -> u64 {
        let done = format!("deletion of the {schema:?} with {filters:?}");
        self.accept(rule::WORKS, done, Batch::new().delete(schema, filters)).await.deleted
    }

    pub(crate) async fn select(&self, query: &Query) -> Vec<Document> {
        match self.store.select(query).await {
            Ok(rows) => rows,
            Err(error) => {
                broken(rule::WORKS, format!("select of {}", asked(query)), &"rows", &error)
            }
        }
    }

    pub(crate) async fn count(&self, query: &Query) -> u64 {
        match self.store.count(query).await {
            Ok(number) => number,
            Err(error) => {
                broken(rule::WORKS, format!("count of {}", asked(query)), &"a number", &error)
            }
        }
    }

    /// The ids of the rows.
    pub(crate) async fn ids(&self, query: &Query) -> Vec<String> {
        ids(&self.select(query).await)
    }

    /// The document of type `T` with this id.
    pub(crate) async fn get<T: Record>(&self, id: &str) -> Option<Document> {
        self.select(&Query::new(T::SCHEMA).filter(has_id(id))).await.pop()
    }

    /// All documents of a schema in the order of insertion.
    pub(crate) async fn all(&self, schema: &'static Schema) -> Vec<Document> {
        self.select(&Query::new(schema)).await
    }

    /// All that is stored of the kit's schemas, to be compared.
    pub(crate) async fn contents(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for schema in SCHEMAS {
            rows.extend(self.all(schema).await.iter().map(Row::from));
        }
        rows
    }
}

/// A document that can be compared.
#[derive(Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) schema: &'static str,
    pub(crate) id: String,
    pub(crate) revision: u64,
    pub(crate) sequence: u64,
    pub(crate) body: String,
}

impl From<&Document> for Row {
    fn from(document: &Document) -> Self {
        Self {
            schema: document.record().schema().name,
            id: document.id().to_owned(),
            revision: document.revision(),
            sequence: document.sequence(),
            body: body(document.record().as_ref()),
        }
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schema, id, revision, sequence, body } = self;
        write!(f, "{schema} {id:?} r{revision} #{sequence} {}", short(body))
    }
}

/// Batches in few words, a line each.
pub(crate) fn told(batches: &[Batch]) -> String {
    let mut told = String::new();
    for (place, batch) in batches.iter().enumerate() {
        told += &format!("\n    batch {place}:");
        for op in batch.ops() {
            told += &match op {
                Op::Put { record, expect } => {
                    let body = body(record.as_ref());
                    format!(" put {:?} {} with {expect:?};", record.schema(), short(&body))
                }
                Op::Delete { schema, filters } => format!(" delete {schema:?} by {filters:?};"),
            };
        }
    }
    told
}

/// A query in few words: what it asks for, without what it leaves open.
pub(crate) fn asked(query: &Query) -> String {
    let mut asked = format!("{:?}", query.schema());
    if !query.filters().is_empty() {
        asked += &format!(" that satisfy {:?}", query.filters());
    }
    let orders =
        query.orders().iter().map(|order| format!("{:?} {:?}", order.field, order.direction));
    match (query.shuffle(), orders.collect::<Vec<_>>().join(", ")) {
        (Some(shuffle), _) => asked += &format!(" in the random order {shuffle:?}"),
        (None, orders) => asked += &format!(" by {orders}"),
    }
    if query.skip() > 0 {
        asked += &format!(" without the first {}", query.skip());
    }
    if let Some(most) = query.max() {
        asked += &format!(", at most {most}");
    }
    asked
}

/// What came of a batch in few words.
pub(crate) fn came(outcome: &Outcome) -> String {
    match outcome {
        Ok(Committed { documents, deleted }) => {
            let rows: Vec<Row> = documents.iter().map(Row::from).collect();
            format!("accepted: {rows:?}, {deleted} deleted")
        }
        Err(error) => format!("{error:?}"),
    }
}

/// A body without its nulls and empty fields, which tell nothing.
fn short(body: &str) -> String {
    let Ok(serde_json::Value::Object(mut fields)) = serde_json::from_str(body) else {
        return body.to_owned();
    };
    fields.retain(|_, value| !value.is_null() && *value != "" && *value != serde_json::json!([]));
    serde_json::Value::Object(fields).to_string()
}

fn body(record: &dyn AnyRecord) -> String {
    let mut body = Vec::new();
    record.encode(&mut body);
    String::from_utf8_lossy(&body).into_owned()
}

/// A batch of one put.
pub(crate) fn put(record: impl Record, expect: Expect) -> Batch {
    Batch::new().put(record, expect)
}

/// The filter for one id.
pub(crate) fn has_id(id: &str) -> Filter {
    ID.equal([id.to_owned()]).expect("an id is a text")
}

/// The ids of documents, in their order.
pub(crate) fn ids(documents: &[Document]) -> Vec<String> {
    documents.iter().map(|document| document.id().to_owned()).collect()
}
