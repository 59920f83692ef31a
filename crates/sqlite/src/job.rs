//! Commits on their way to the thread that writes.

use std::ops::Range;
use std::sync::Arc;

use rollbook_core::{AnyRecord, Batch, Document, Expect, Filter, Op, Schema};
use rollbook_sql::search_text;
use tokio::sync::oneshot;

use crate::writer::Outcomes;

/// A commit on its way to the thread.
///
/// Everything lies in three pieces of memory, however many batches there are: what one thread allocates and
/// another frees costs an import more than the checks do.
pub(crate) struct Job {
    pub(crate) writes: Vec<Write>,
    // How many writes each batch has.
    pub(crate) batches: Vec<usize>,
    pub(crate) texts: String,
    pub(crate) reply: oneshot::Sender<Outcomes>,
}

/// An operation, with the encoding done by the caller: the thread has the least time of all.
pub(crate) enum Write {
    Put(Put),
    Delete { schema: &'static Schema, filters: Vec<Filter> },
}

/// A put, and where its body and what is searched of it lie in the texts of the job.
pub(crate) struct Put {
    pub(crate) record: Arc<dyn AnyRecord>,
    pub(crate) body: Range<usize>,
    pub(crate) searched: Range<usize>,
    pub(crate) expect: Expect,
}

impl Job {
    pub(crate) fn new(batches: Vec<Batch>, reply: oneshot::Sender<Outcomes>) -> Self {
        let sizes: Vec<usize> = batches.iter().map(|batch| batch.ops().len()).collect();
        let mut writes = Vec::with_capacity(sizes.iter().sum());
        let mut bodies = Vec::with_capacity(writes.capacity() * BODY);
        let mut searched = String::new();
        for op in batches.into_iter().flat_map(Batch::into_ops) {
            writes.push(match op {
                Op::Put { record, expect } => {
                    let start = bodies.len();
                    record.encode(&mut bodies);
                    let body = start..bodies.len();
                    searched.clear();
                    if record.schema().search.is_some() {
                        // What is searched does not depend on what the store will add.
                        search_text(&Document::new(0, 0, Arc::clone(&record)), &mut searched);
                    }
                    bodies.extend_from_slice(searched.as_bytes());
                    Write::Put(Put { record, searched: body.end..bodies.len(), body, expect })
                }
                Op::Delete { schema, filters } => Write::Delete { schema, filters },
            });
        }
        let texts = String::from_utf8(bodies).expect("records are encoded as JSON");
        Self { writes, batches: sizes, texts, reply }
    }
}

/// Bytes to expect of an encoded record, and of what is searched of it.
const BODY: usize = 640;
