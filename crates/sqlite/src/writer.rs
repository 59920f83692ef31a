//! The one thread that writes: it makes the batches of many callers durable with one flush.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use rollbook_core::{Batch, Committed, Schema, StoreError};
use rollbook_sql::{Sqlite, Statement, delete};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::connection::execute;
use crate::job::{Job, Write};
use crate::rows::Rows;

/// What `commit` returns.
pub(crate) type Outcomes = Result<Vec<Result<Committed, StoreError>>, StoreError>;

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
        let rows = Rows::new(schemas);
        let thread =
            thread::Builder::new().name("rollbook-sqlite-writer".to_owned()).spawn(move || {
                Session { connection, rows, written: 0 }.run(&receiver);
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
    rows: Rows,
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
        self.rows.begin();
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let applied = jobs
            .iter_mut()
            .map(|job| self.job(job))
            .collect::<rusqlite::Result<_>>()
            .and_then(|outcomes| self.rows.end(&self.connection).map(|()| outcomes))
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
                let outcome = self.batch(&mut batch, size, &job.texts);
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
        texts: &str,
    ) -> rusqlite::Result<Result<Committed, StoreError>> {
        let outcome = if size == 1 {
            // One statement is atomic by itself, and of several only the first is ever refused.
            self.apply(writes, texts)
        } else {
            execute(&self.connection, "SAVEPOINT batch", [])?;
            let before = self.rows.pending();
            let outcome = self.apply(writes, texts);
            if outcome.is_err() {
                self.rows.restore(before);
                execute(&self.connection, "ROLLBACK TO batch", [])?;
            }
            execute(&self.connection, "RELEASE batch", [])?;
            outcome
        };
        // Some failures (a full disk, a lost file) end the transaction, and the batches before with it. So
        // does half a put.
        match outcome {
            Err(error) if self.connection.is_autocommit() || self.rows.is_torn() => {
                Err(rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
            }
            outcome => Ok(outcome),
        }
    }

    fn apply(
        &mut self,
        writes: &mut dyn Iterator<Item = Write>,
        texts: &str,
    ) -> Result<Committed, StoreError> {
        let mut committed = Committed::default();
        for write in writes {
            match write {
                Write::Put(put) => {
                    committed.documents.push(self.rows.put(&self.connection, put, texts)?);
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
}
