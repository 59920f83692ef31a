//! Batches and queries have the outcomes of the reference store, and leave what it has.
//!
//! The stores beside the reference are the one in memory, which reads few documents as a whole, and two on the
//! plainest engine: one that always reads in the order of the query, and one that soon changes its mind.

#![no_main]

use std::fmt::Debug;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use libfuzzer_sys::fuzz_target;
use rollbook_conformance::ModelStore;
use rollbook_core::{Committed, Document, Query, StoreError, UserStore};
use rollbook_kv::{Change, Counter, Engine, Entry, Kv, Reader, Space, Tuning, Visit};
use rollbook_memory::MemoryStore;

#[path = "batch/input.rs"]
mod input;
#[path = "../../crates/kv/src/plain.rs"]
mod plain;
#[path = "batch/records.rs"]
mod records;

use input::Input;
use plain::Maps;
use records::SCHEMAS;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let stores = Stores {
        model: ModelStore::new(SCHEMAS),
        memory: MemoryStore::with_schemas(SCHEMAS),
        plain: [(0, u64::MAX), (2, 3)].map(|(few, patience)| {
            let kv = Kv::new(Maps::new(SCHEMAS.len()), SCHEMAS).expect("maps can be read");
            kv.tuned(Tuning { few, patience })
        }),
    };
    for _ in 0..MOST_STEPS {
        if input.is_empty() {
            break;
        }
        if input.below(3) > 0 {
            stores.commit(&mut input);
        } else {
            let plan = input.plan();
            stores.compare(|rows| plan.query(rows));
        }
    }
    for schema in SCHEMAS {
        stores.compare(|_| Query::new(schema));
    }
});

/// So few that thousands of inputs are tried in a minute.
const MOST_STEPS: usize = 16;

struct Stores {
    model: ModelStore,
    memory: MemoryStore,
    plain: [Kv<Maps>; 2],
}

impl Stores {
    fn commit(&self, input: &mut Input<'_>) {
        let batches: Vec<_> = (0..=input.below(3)).map(|_| input.batch()).collect();
        let expected = outcomes(now(self.model.commit(batches.clone())));
        let same = |actual| assert_eq!(outcomes(actual), expected, "{batches:?}");
        same(now(self.memory.commit(batches.clone())));
        self.plain.iter().for_each(|kv| same(kv.commit(batches.clone())));
    }

    /// The query, which may depend on what a store has, selects and counts the same everywhere.
    fn compare(&self, query: impl Fn(&[Document]) -> Query) {
        let schema = query(&[]).schema();
        let ask = |select: &dyn Fn(&Query) -> Vec<Document>, count: &dyn Fn(&Query) -> u64| {
            let query = query(&select(&Query::new(schema)));
            let rows: Vec<_> = select(&query).iter().map(row).collect();
            (rows, count(&query), query)
        };
        let model = &self.model;
        let (rows, number, query) =
            ask(&|query| works(now(model.select(query))), &|query| works(now(model.count(query))));
        let check = |(actual, counted, _): (Vec<_>, u64, _)| {
            assert_eq!((&actual, counted), (&rows, number), "{query:?}");
        };
        let memory = &self.memory;
        check(ask(&|query| works(now(memory.select(query))), &|query| {
            works(now(memory.count(query)))
        }));
        for kv in &self.plain {
            check(ask(&|query| works(kv.select(query)), &|query| works(kv.count(query))));
        }
    }
}

/// A document without its sequence, which is another one in every store: id, revision and body.
type Row = (String, u64, String);

/// What a batch came to: the rows that were put and the number of those that were deleted, or the error.
type Outcome = Result<(Vec<Row>, u64), String>;

fn outcomes(outcomes: Result<Vec<Result<Committed, StoreError>>, StoreError>) -> Vec<Outcome> {
    let told =
        |committed: Committed| (committed.documents.iter().map(row).collect(), committed.deleted);
    let outcomes = works(outcomes).into_iter();
    outcomes.map(|outcome| outcome.map(told).map_err(|error| format!("{error:?}"))).collect()
}

fn row(document: &Document) -> Row {
    let mut body = Vec::new();
    document.record().as_ref().encode(&mut body);
    (document.id().to_owned(), document.revision(), String::from_utf8_lossy(&body).into_owned())
}

fn works<T, E: Debug>(result: Result<T, E>) -> T {
    result.expect("a store in memory works")
}

/// What a future comes to that waits for nothing.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a store in memory waits"),
    }
}
