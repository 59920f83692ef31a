//! Reads: many at once, none of which waits for the writer.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};

use rollbook_core::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{SqliteOptions, connection};

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// Connections that read, and threads to read on.
///
/// What reads a handful of rows takes microseconds, less than a hop to another thread and back; it runs where
/// it is called. Everything else hops.
#[derive(Debug)]
pub(crate) struct Readers {
    connections: Arc<[Mutex<Connection>]>,
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(crate) fn start(path: &Path, options: &SqliteOptions) -> rusqlite::Result<Self> {
        let connections: Arc<[_]> = (0..options.readers)
            .map(|_| connection::reader(path, options).map(Mutex::new))
            .collect::<rusqlite::Result<_>>()?;
        let (jobs, receiver) = channel::<Job>();
        let receiver = Arc::new(Mutex::new(receiver));
        let threads = (0..connections.len()).map_while(|own| {
            let (connections, receiver) = (Arc::clone(&connections), Arc::clone(&receiver));
            let name = format!("rollbook-sqlite-reader-{own}");
            let run = move || run(&connections, own, &receiver);
            // Fewer threads read no less, only later; without any, `hop` says so.
            thread::Builder::new().name(name).spawn(run).ok()
        });
        let threads = threads.collect();
        Ok(Self { connections, jobs: Some(jobs), threads })
    }

    /// Reads on the caller's thread.
    pub(crate) fn here<T>(&self, read: impl FnOnce(&Connection) -> T) -> T {
        read(&free(&self.connections, slot()))
    }

    /// Reads on another thread.
    pub(crate) async fn hop<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let gone = || StoreError::backend("the threads that read have ended");
        let job = Box::new(move |connection: &Connection| {
            let _ = reply.send(read(connection));
        });
        self.jobs.as_ref().ok_or_else(gone)?.send(job).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        // The connections close with the last thread, so that the writer's is the last one: it folds the
        // log into the file.
        self.jobs = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn run(connections: &[Mutex<Connection>], own: usize, receiver: &Mutex<Receiver<Job>>) {
    loop {
        let job = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        job(&free(connections, own));
    }
}

/// A connection that nobody uses, looked for from `first`; if all are in use, the first one when it is
/// free again.
fn free(connections: &[Mutex<Connection>], first: usize) -> MutexGuard<'_, Connection> {
    let places = (0..connections.len()).map(|place| (first + place) % connections.len());
    for place in places {
        match connections[place].try_lock() {
            Ok(connection) => return connection,
            Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {}
        }
    }
    connections[first % connections.len()].lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where this thread looks first: threads start at different connections, and come back to theirs, whose
/// pages and statements are still warm.
fn slot() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static SLOT: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    SLOT.with(|slot| *slot)
}
