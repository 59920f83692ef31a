//! The one thread that writes: it makes the batches of many callers durable with one flush.

use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use rollbook_core::{
    AnyRecord, Batch, Committed, Document, Expect, Filter, Op, Schema, StoreError, Value,
};
use rollbook_sql::{Sqlite, Statement, Table, delete, rival, row};
use rusqlite::{Connection, OptionalExtension};
use tokio::sync::oneshot;

use crate::connection::{Bound, execute};

/// What `commit` returns.
pub(crate) type Outcomes = Result<Vec<Result<Committed, StoreError>>, StoreError>;

/// A commit on its way to the thread.
///
/// Everything lies in three pieces of memory, however many batches there are: what one thread allocates and
/// another frees costs an import more than the checks do.
struct Job {
    writes: Vec<Write>,
    // How many writes each batch has.
    batches: Vec<usize>,
    bodies: String,
    reply: oneshot::Sender<Outcomes>,
}

/// An operation, with the encoding done by the caller: the thread has the least time of all.
enum Write {
    Put { record: Arc<dyn AnyRecord>, body: Range<usize>, expect: Expect },
    Delete { schema: &'static Schema, filters: Vec<Filter> },
}

impl Job {
    fn new(batches: Vec<Batch>, reply: oneshot::Sender<Outcomes>) -> Self {
        let sizes: Vec<usize> = batches.iter().map(|batch| batch.ops().len()).collect();
        let mut writes = Vec::with_capacity(sizes.iter().sum());
        let mut bodies = Vec::with_capacity(writes.capacity() * BODY);
        for op in batches.into_iter().flat_map(Batch::into_ops) {
            writes.push(match op {
                Op::Put { record, expect } => {
                    let start = bodies.len();
                    record.encode(&mut bodies);
                    Write::Put { record, body: start..bodies.len(), expect }
                }
                Op::Delete { schema, filters } => Write::Delete { schema, filters },
            });
        }
        let bodies = String::from_utf8(bodies).expect("records are encoded as JSON");
        Self { writes, batches: sizes, bodies, reply }
    }
}

/// Bytes to expect of an encoded record.
const BODY: usize = 512;

/// The most operations that one flush waits for, so that the first caller does not wait for ever.
const MOST_WRITES: usize = 4096;

/// After so many writes the statistics that SQLite plans with are brought up to date.
const OPTIMIZE_AFTER: u64 = 100_000;

/// The handle of the thread.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread, which owns `connection` from then on.
    pub(crate) fn start(
        connection: Connection,
        schemas: &'static [&'static Schema],
    ) -> std::io::Result<Self> {
        let (jobs, receiver) = channel();
        let tables = schemas.iter().map(|schema| Table::new(schema, &Sqlite)).collect();
        let thread =
            thread::Builder::new().name("rollbook-sqlite-writer".to_owned()).spawn(move || {
                let last = vec![None; schemas.len()];
                Session { connection, tables, last, written: 0 }.run(&receiver);
            })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Commits the batches; returns when they are durable.
    pub(crate) async fn commit(&self, batches: Vec<Batch>) -> Outcomes {
        let (reply, outcomes) = oneshot::channel();
        let gone = || StoreError::backend("the thread that writes has ended");
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(Job::new(batches, reply)).map_err(|_| gone())?;
        outcomes.await.map_err(|_| gone())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // The thread finishes what it was given, then finds the channel closed.
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the thread works with.
struct Session {
    connection: Connection,
    tables: Vec<Table>,
    // The last sequence of each table, once the running transaction has asked for it.
    last: Vec<Option<u64>>,
    written: u64,
}

impl Session {
    fn run(mut self, receiver: &Receiver<Job>) {
        while let Ok(first) = receiver.recv() {
            let mut writes = first.writes.len();
            let mut jobs = vec![first];
            while writes < MOST_WRITES
                && let Ok(job) = receiver.try_recv()
            {
                writes += job.writes.len();
                jobs.push(job);
            }
            match self.transact(&mut jobs) {
                Ok(outcomes) => {
                    for (job, outcomes) in jobs.into_iter().zip(outcomes) {
                        // Who has gone away meanwhile does not want to know.
                        let _ = job.reply.send(Ok(outcomes));
                    }
                }
                Err(error) => {
                    let error = StoreError::backend(error);
                    for job in jobs {
                        let _ = job.reply.send(Err(error.clone()));
                    }
                }
            }
            self.written += writes as u64;
            if self.written >= OPTIMIZE_AFTER {
                self.optimize();
            }
        }
        self.optimize();
    }

    fn optimize(&mut self) {
        // A missed optimisation costs speed and nothing else.
        let _ = self.connection.execute_batch("PRAGMA optimize");
        self.written = 0;
    }

    /// Applies the batches of several callers in one transaction.
    fn transact(
        &mut self,
        jobs: &mut [Job],
    ) -> rusqlite::Result<Vec<Vec<Result<Committed, StoreError>>>> {
        self.last.fill(None);
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let applied = jobs
            .iter_mut()
            .map(|job| self.job(job))
            .collect::<rusqlite::Result<_>>()
            .and_then(|outcomes| self.save_sequences().map(|()| outcomes))
            .and_then(|outcomes| self.connection.execute_batch("COMMIT").map(|()| outcomes));
        if applied.is_err() && !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        applied
    }

    fn job(&mut self, job: &mut Job) -> rusqlite::Result<Vec<Result<Committed, StoreError>>> {
        let mut writes = std::mem::take(&mut job.writes).into_iter();
        let batches = std::mem::take(&mut job.batches).into_iter();
        batches
            .map(|size| {
                let mut batch = writes.by_ref().take(size);
                let outcome = self.batch(&mut batch, size, &job.bodies);
                // What stands behind a failed write is not to be taken for the next batch.
                batch.for_each(drop);
                outcome
            })
            .collect()
    }

    /// Applies one batch, all of it or nothing. The outer error ends the whole transaction.
    fn batch(
        &mut self,
        writes: &mut dyn Iterator<Item = Write>,
        size: usize,
        bodies: &str,
    ) -> rusqlite::Result<Result<Committed, StoreError>> {
        let outcome = if size == 1 {
            // One statement is atomic by itself.
            self.apply(writes, bodies)
        } else {
            execute(&self.connection, "SAVEPOINT batch", [])?;
            let last = self.last.clone();
            let outcome = self.apply(writes, bodies);
            if outcome.is_err() {
                self.last = last;
                execute(&self.connection, "ROLLBACK TO batch", [])?;
            }
            execute(&self.connection, "RELEASE batch", [])?;
            outcome
        };
        // Some failures (a full disk, a lost file) end the transaction, and the batches before with it.
        match outcome {
            Err(error) if self.connection.is_autocommit() => {
                Err(rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
            }
            outcome => Ok(outcome),
        }
    }

    fn apply(
        &mut self,
        writes: &mut dyn Iterator<Item = Write>,
        bodies: &str,
    ) -> Result<Committed, StoreError> {
        let mut committed = Committed::default();
        for write in writes {
            match write {
                Write::Put { record, body, expect } => {
                    committed.documents.push(self.put(record, &bodies[body], expect)?);
                }
                Write::Delete { schema, filters } => {
                    let Statement { sql, params } = delete(schema, &filters, &Sqlite);
                    let deleted =
                        execute(&self.connection, &sql, params).map_err(StoreError::backend)?;
                    committed.deleted += deleted as u64;
                }
            }
        }
        Ok(committed)
    }

    fn put(
        &mut self,
        record: Arc<dyn AnyRecord>,
        body: &str,
        expect: Expect,
    ) -> Result<Document, StoreError> {
        let schema = record.schema();
        let place = self.place(schema)?;
        let current = match expect {
            // The insertion itself will tell.
            Expect::Absent => None,
            _ => self.find(place, record.id())?,
        };
        match (expect, current) {
            (Expect::Revision(_), None) => {
                return Err(StoreError::NotFound {
                    schema: schema.name,
                    id: record.id().to_owned(),
                });
            }
            (Expect::Revision(expected), Some((_, revision))) if revision != expected => {
                return Err(StoreError::Stale { schema: schema.name, id: record.id().to_owned() });
            }
            _ => {}
        }
        let (document, sql) = if let Some((sequence, revision)) = current {
            (Document::new(revision + 1, sequence, record), self.tables[place].update())
        } else {
            let sequence = self.last(place)? + 1;
            (Document::new(1, sequence, record), self.tables[place].insert())
        };
        match execute(&self.connection, sql, row(&document, body)) {
            Ok(_) => {}
            Err(error) if is_constraint(&error) => {
                let violation = self.violation(place, &document, current.is_none());
                return Err(violation?.unwrap_or_else(|| StoreError::backend(error)));
            }
            Err(error) => return Err(StoreError::backend(error)),
        }
        if current.is_none() {
            self.last[place] = Some(document.sequence());
        }
        Ok(document)
    }

    /// Which rule a refused document breaks, in the order of the contract: id, owner, unique tuples.
    fn violation(
        &self,
        place: usize,
        document: &Document,
        inserted: bool,
    ) -> Result<Option<StoreError>, StoreError> {
        let schema = document.record().schema();
        if inserted && self.find(place, document.id())?.is_some() {
            return Ok(Some(StoreError::Conflict { schema: schema.name, key: "$id" }));
        }
        if let Some((field, owner)) = schema.owner_field()
            && let Value::Text(id) = field.read(document)
            && self.find(self.place(owner)?, &id)?.is_none()
        {
            return Ok(Some(StoreError::NotFound { schema: owner.name, id: id.into_owned() }));
        }
        for unique in schema.uniques {
            let Some(Statement { sql, params }) = rival(document, unique, &Sqlite) else {
                continue;
            };
            let mut statement =
                self.connection.prepare_cached(&sql).map_err(StoreError::backend)?;
            let params = rusqlite::params_from_iter(params.into_iter().map(Bound));
            if statement.exists(params).map_err(StoreError::backend)? {
                return Ok(Some(StoreError::Conflict { schema: schema.name, key: unique.name }));
            }
        }
        Ok(None)
    }

    /// Sequence and revision of the row with this id.
    fn find(&self, place: usize, id: &str) -> Result<Option<(u64, u64)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(self.tables[place].find())
            .map_err(StoreError::backend)?;
        let found: Option<(i64, i64)> = statement
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(StoreError::backend)?;
        Ok(found.map(|(sequence, revision)| (sequence.cast_unsigned(), revision.cast_unsigned())))
    }

    fn place(&self, schema: &Schema) -> Result<usize, StoreError> {
        self.tables.iter().position(|table| table.schema() == schema).ok_or_else(|| {
            StoreError::backend(format!("the store was not opened with the schema {}", schema.name))
        })
    }

    /// The last sequence of a table. It is kept in a row of its own: that of a deleted document is never
    /// given again.
    fn last(&mut self, place: usize) -> Result<u64, StoreError> {
        if let Some(last) = self.last[place] {
            return Ok(last);
        }
        let sql = "SELECT last_sequence FROM rollbook_schemas WHERE name = ?1";
        let mut statement = self.connection.prepare_cached(sql).map_err(StoreError::backend)?;
        let name = self.tables[place].schema().name;
        let last: i64 =
            statement.query_row([name], |row| row.get(0)).map_err(StoreError::backend)?;
        self.last[place] = Some(last.cast_unsigned());
        Ok(last.cast_unsigned())
    }

    fn save_sequences(&self) -> rusqlite::Result<()> {
        let sql = "UPDATE rollbook_schemas SET last_sequence = ?2 WHERE name = ?1";
        for (table, last) in self.tables.iter().zip(&self.last) {
            if let Some(last) = last {
                let mut statement = self.connection.prepare_cached(sql)?;
                statement.execute((table.schema().name, last.cast_signed()))?;
            }
        }
        Ok(())
    }
}

fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}
