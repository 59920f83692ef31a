//! The one thread that writes: it makes the batches of many callers durable with one flush.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use rollbook_core::{Batch, Committed, Document, Expect, Filter, Op, Schema, StoreError, Value};
use rollbook_sql::{Row, Sqlite, Statement, Table, delete, rival};
use rusqlite::{Connection, OptionalExtension};
use tokio::sync::oneshot;

use crate::connection::{Bound, execute};

/// What `commit` returns.
pub(crate) type Outcomes = Result<Vec<Result<Committed, StoreError>>, StoreError>;

/// A commit on its way to the thread.
struct Job {
    batches: Vec<Vec<Write>>,
    reply: oneshot::Sender<Outcomes>,
}

/// An operation, with the encoding done by the caller: the thread has the least time of all.
enum Write {
    Put { row: Row, expect: Expect },
    Delete { schema: &'static Schema, filters: Vec<Filter> },
}

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
        let batches = batches.into_iter().map(|batch| encode(batch.into_ops())).collect();
        let (reply, outcomes) = oneshot::channel();
        let gone = || StoreError::backend("the thread that writes has ended");
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(Job { batches, reply }).map_err(|_| gone())?;
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

fn encode(ops: Vec<Op>) -> Vec<Write> {
    let encode = |op| match op {
        Op::Put { record, expect } => Write::Put { row: Row::of(record), expect },
        Op::Delete { schema, filters } => Write::Delete { schema, filters },
    };
    ops.into_iter().map(encode).collect()
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
            let mut writes = size(&first);
            let mut jobs = vec![first];
            while writes < MOST_WRITES
                && let Ok(job) = receiver.try_recv()
            {
                writes += size(&job);
                jobs.push(job);
            }
            let (batches, replies): (Vec<_>, Vec<_>) =
                jobs.into_iter().map(|job| (job.batches, job.reply)).unzip();
            match self.transact(batches) {
                Ok(outcomes) => {
                    for (reply, outcomes) in replies.into_iter().zip(outcomes) {
                        // Who has gone away meanwhile does not want to know.
                        let _ = reply.send(Ok(outcomes));
                    }
                }
                Err(error) => {
                    let error = StoreError::backend(error);
                    for reply in replies {
                        let _ = reply.send(Err(error.clone()));
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
        jobs: Vec<Vec<Vec<Write>>>,
    ) -> rusqlite::Result<Vec<Vec<Result<Committed, StoreError>>>> {
        self.last.fill(None);
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let applied = jobs
            .into_iter()
            .map(|batches| batches.into_iter().map(|batch| self.batch(batch)).collect())
            .collect::<rusqlite::Result<_>>()
            .and_then(|outcomes| self.save_sequences().map(|()| outcomes))
            .and_then(|outcomes| self.connection.execute_batch("COMMIT").map(|()| outcomes));
        if applied.is_err() && !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        applied
    }

    /// Applies one batch, all of it or nothing. The outer error ends the whole transaction.
    fn batch(&mut self, writes: Vec<Write>) -> rusqlite::Result<Result<Committed, StoreError>> {
        // One statement is atomic by itself.
        let single = matches!(writes.as_slice(), [Write::Put { .. }]);
        if !single {
            execute(&self.connection, "SAVEPOINT batch", [])?;
        }
        let last = self.last.clone();
        let outcome = self.apply(writes);
        if outcome.is_err() {
            self.last = last;
        }
        if !single {
            if outcome.is_err() {
                execute(&self.connection, "ROLLBACK TO batch", [])?;
            }
            execute(&self.connection, "RELEASE batch", [])?;
        }
        // Some failures (a full disk, a lost file) end the transaction, and the batches before with it.
        if self.connection.is_autocommit() {
            return Err(rusqlite::Error::ExecuteReturnedResults);
        }
        Ok(outcome)
    }

    fn apply(&mut self, writes: Vec<Write>) -> Result<Committed, StoreError> {
        let mut committed = Committed::default();
        for write in writes {
            match write {
                Write::Put { row, expect } => committed.documents.push(self.put(&row, expect)?),
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

    fn put(&mut self, row: &Row, expect: Expect) -> Result<Document, StoreError> {
        let schema = row.schema();
        let place = self.place(schema)?;
        let current = match expect {
            // The insertion itself will tell.
            Expect::Absent => None,
            _ => self.find(place, row.id())?,
        };
        match (expect, current) {
            (Expect::Revision(_), None) => {
                return Err(StoreError::NotFound { schema: schema.name, id: row.id().to_owned() });
            }
            (Expect::Revision(expected), Some((_, revision))) if revision != expected => {
                return Err(StoreError::Stale { schema: schema.name, id: row.id().to_owned() });
            }
            _ => {}
        }
        let (document, sql) = match current {
            Some((sequence, revision)) => {
                (row.document(sequence, revision + 1), self.tables[place].update())
            }
            None => (row.document(self.last(place)? + 1, 1), self.tables[place].insert()),
        };
        match execute(&self.connection, sql, row.params(&document)) {
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

fn size(job: &Job) -> usize {
    job.batches.iter().map(Vec::len).sum()
}

fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}
