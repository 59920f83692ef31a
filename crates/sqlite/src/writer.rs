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
            match self.transact(&jobs) {
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
    ///
    /// Without savepoints at first: SQLite keeps what a savepoint may have to undo, page by page, and each
    /// ends in a segment of the search's own, which takes longer than all rows of a new user. Few batches
    /// are refused, and most of those by their first operation, when there is nothing to undo.
    fn transact(&mut self, jobs: &[Job]) -> rusqlite::Result<Vec<Outcome>> {
        let attempt = match self.attempt(jobs, Undo::Nothing) {
            Err(Ended::Refused(_)) => self.attempt(jobs, Undo::Batches),
            attempt => attempt,
        };
        attempt.map_err(|ended| match ended {
            Ended::Refused(error) => rusqlite::Error::ToSqlConversionFailure(Box::new(error)),
            Ended::Failed(error) => error,
        })
    }

    /// Applies the batches in a transaction, of which nothing stays if it ends before its time.
    fn attempt(&mut self, jobs: &[Job], undo: Undo) -> Result<Vec<Outcome>, Ended> {
        self.rows.begin();
        execute(&self.connection, "BEGIN IMMEDIATE", [])?;
        let applied = jobs.iter().map(|job| self.job(job, undo)).collect::<Result<_, _>>();
        let applied = applied.and_then(|outcomes| {
            self.rows.end(&self.connection)?;
            execute(&self.connection, "COMMIT", [])?;
            Ok(outcomes)
        });
        if applied.is_err() && !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        applied
    }

    fn job(&mut self, job: &Job, undo: Undo) -> Result<Outcome, Ended> {
        let mut rest = &job.writes[..];
        let batches = job.batches.iter().map(|size| {
            let (batch, others) = rest.split_at(*size);
            rest = others;
            self.batch(batch, &job.texts, undo)
        });
        batches.collect()
    }

    /// Applies one batch, all of it or nothing.
    fn batch(
        &mut self,
        writes: &[Write],
        texts: &str,
        undo: Undo,
    ) -> Result<Result<Committed, StoreError>, Ended> {
        // An operation is atomic by itself.
        let outcome = if let (Undo::Batches, 2..) = (undo, writes.len()) {
            execute(&self.connection, "SAVEPOINT batch", [])?;
            let before = self.rows.pending();
            let outcome = self.apply(writes, texts);
            if outcome.is_err() {
                self.rows.restore(before);
                execute(&self.connection, "ROLLBACK TO batch", [])?;
            }
            execute(&self.connection, "RELEASE batch", [])?;
            outcome.map_err(|(_, error)| error)
        } else {
            match self.apply(writes, texts) {
                Err((1.., error)) if !self.is_lost() => return Err(Ended::Refused(error)),
                outcome => outcome.map_err(|(_, error)| error),
            }
        };
        match outcome {
            Err(error) if self.is_lost() => {
                Err(rusqlite::Error::ToSqlConversionFailure(Box::new(error)).into())
            }
            outcome => Ok(outcome),
        }
    }

    /// Whether the transaction can't be gone on with. Some failures (a full disk, a lost file) end it, and
    /// the batches before with it; so does half a put.
    fn is_lost(&self) -> bool {
        self.connection.is_autocommit() || self.rows.is_torn()
    }

    /// Applies operations; if one is refused, says also which.
    fn apply(&mut self, writes: &[Write], texts: &str) -> Result<Committed, (usize, StoreError)> {
        let mut committed = Committed::default();
        for (place, write) in writes.iter().enumerate() {
            match write {
                Write::Put(put) => {
                    let document = self.rows.put(&self.connection, put, texts);
                    committed.documents.push(document.map_err(|error| (place, error))?);
                }
                Write::Delete { schema, filters } => {
                    let Statement { sql, params } = delete(schema, filters, &Sqlite);
                    let deleted = execute(&self.connection, &sql, params)
                        .map_err(|error| (place, StoreError::backend(error)))?;
                    committed.deleted += deleted as u64;
                }
            }
        }
        Ok(committed)
    }
}

/// An outcome for each batch of a job.
type Outcome = Vec<Result<Committed, StoreError>>;

/// What can be undone within a transaction.
#[derive(Clone, Copy)]
enum Undo {
    Nothing,
    Batches,
}

/// Why a transaction came to nothing.
enum Ended {
    /// A batch was refused, and what it had written can't be undone alone.
    Refused(StoreError),
    Failed(rusqlite::Error),
}

impl From<rusqlite::Error> for Ended {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error)
    }
}
