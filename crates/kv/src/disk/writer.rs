//! The one thread that writes: it makes the batches of many callers durable with one flush.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rollbook_core::{Batch, Committed, StoreError};
use tokio::sync::oneshot;

use super::codec::{State, Tables, encode};
use super::error::guarded;
use super::map::{Durability, Map};
use super::meta;
use crate::commit::Transaction;
use crate::engine::Change;

/// What `commit` returns.
pub(super) type Outcomes = Result<Vec<Result<Committed, StoreError>>, StoreError>;

/// A commit on its way to the thread.
struct Job {
    batches: Vec<Batch>,
    reply: oneshot::Sender<Outcomes>,
}

/// The most operations that one flush waits for, so that the first caller does not wait for ever.
const MOST_WRITES: usize = 4096;

/// How long what is acknowledged may wait for its flush ([`Durability::Eventual`]).
const LATEST: Duration = Duration::from_secs(1);

/// The handle of the thread.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start<M: Map>(
        map: Arc<M>,
        tables: Arc<Tables>,
        durability: Durability,
    ) -> std::io::Result<Self> {
        let (jobs, receiver) = channel();
        let session = Session { map, tables, durability, flush: None };
        let thread = thread::Builder::new().name("rollbook-writer".to_owned());
        let thread = thread.spawn(move || session.run(&receiver))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Commits the batches; returns when they are durable.
    pub(super) async fn commit(&self, batches: Vec<Batch>) -> Outcomes {
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

/// What the thread works with.
struct Session<M> {
    map: Arc<M>,
    tables: Arc<Tables>,
    durability: Durability,
    // When what is acknowledged has to be flushed, if anything is.
    flush: Option<Instant>,
}

impl<M: Map> Session<M> {
    fn run(mut self, receiver: &Receiver<Job>) {
        loop {
            match self.next(receiver) {
                Ok(first) => self.group(first, receiver),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.flush.is_some_and(|at| at <= Instant::now()) {
                self.sync();
            }
        }
        if self.flush.is_some() {
            self.sync();
        }
    }

    fn next(&self, receiver: &Receiver<Job>) -> Result<Job, RecvTimeoutError> {
        match self.flush {
            Some(at) => receiver.recv_timeout(at.saturating_duration_since(Instant::now())),
            None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn sync(&mut self) {
        // Nobody waits for it. A map whose sync has failed fails every later call, and so tells.
        let _ = guarded(|| self.map.sync());
        self.flush = None;
    }

    /// Commits `first` and what waits behind it.
    fn group(&mut self, first: Job, receiver: &Receiver<Job>) {
        let writes = |job: &Job| job.batches.iter().map(|batch| batch.ops().len()).sum::<usize>();
        let mut number = writes(&first);
        let mut jobs = vec![first];
        while number < MOST_WRITES
            && let Ok(job) = receiver.try_recv()
        {
            number += writes(&job);
            jobs.push(job);
        }
        let outcomes = guarded(|| self.write(&mut jobs));
        if self.durability == Durability::Eventual && self.flush.is_none() {
            self.flush = Some(Instant::now() + LATEST);
        }
        // Who has gone away meanwhile does not want to know.
        match outcomes {
            Ok(outcomes) => {
                for (job, outcomes) in jobs.into_iter().zip(outcomes) {
                    let _ = job.reply.send(Ok(outcomes));
                }
            }
            Err(error) => {
                for job in jobs {
                    let _ = job.reply.send(Err(error.clone()));
                }
            }
        }
    }

    /// Applies the batches of several callers in one write.
    fn write(
        &self,
        jobs: &mut [Job],
    ) -> Result<Vec<Vec<Result<Committed, StoreError>>>, StoreError> {
        let Self { map, tables, durability, .. } = self;
        map.write(*durability, |view, sink| {
            let before = meta::counters(view, tables)?;
            let state = State { view, tables };
            let mut group = Transaction::new(&state, tables.schemas, &before);
            let outcomes = jobs.iter_mut().map(|job| {
                let batches = std::mem::take(&mut job.batches).into_iter();
                batches.map(|batch| group.apply_whole(batch)).collect()
            });
            let outcomes = outcomes.collect();
            let (changes, after) = group.finish();
            for Change { space, key, entry } in changes {
                let entry = entry.as_ref().map(encode);
                sink.set(&tables.key(space, &key)?, entry.as_deref())?;
            }
            for (schema, (before, after)) in tables.schemas.iter().zip(before.iter().zip(after)) {
                if *before != after {
                    let counter = meta::encode_counter(&after);
                    sink.set(&meta::counter_key(schema.name), Some(&counter))?;
                }
            }
            Ok(outcomes)
        })
    }
}
