//! Reads: many at once, off the caller's thread.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rollbook_core::StoreError;
use tokio::sync::oneshot;

use super::error::guarded;

type Job<S> = Box<dyn FnOnce(&S) + Send>;

/// As many reads run at once.
const THREADS: usize = 8;

/// Threads to read on, and what they read: `S` closes with the last of them.
#[derive(Debug)]
pub(super) struct Readers<S> {
    source: Arc<S>,
    jobs: Option<Sender<Job<S>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<S: Send + Sync + 'static> Readers<S> {
    pub(super) fn start(source: Arc<S>) -> Self {
        let (jobs, receiver) = channel::<Job<S>>();
        let receiver = Arc::new(Mutex::new(receiver));
        let threads = (0..THREADS).map_while(|number| {
            let (source, receiver): (Arc<S>, Arc<_>) = (Arc::clone(&source), Arc::clone(&receiver));
            let thread = thread::Builder::new().name(format!("rollbook-reader-{number}"));
            // Fewer threads read no less, only later; without any, `hop` says so.
            thread.spawn(move || run(&*source, &receiver)).ok()
        });
        let threads = threads.collect();
        Self { source, jobs: Some(jobs), threads }
    }

    /// Reads on the caller's thread.
    pub(super) fn here<T>(
        &self,
        read: impl FnOnce(&S) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        guarded(|| read(&self.source))
    }

    /// Reads on another thread.
    pub(super) async fn hop<T: Send + 'static>(
        &self,
        read: impl FnOnce(&S) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let gone = || StoreError::backend("the threads that read have ended");
        let job: Job<S> = Box::new(move |source| {
            // Who has gone away meanwhile does not want to know.
            let _ = reply.send(guarded(|| read(source)));
        });
        self.jobs.as_ref().ok_or_else(gone)?.send(job).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl<S> Drop for Readers<S> {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn run<S>(source: &S, receiver: &Mutex<Receiver<Job<S>>>) {
    loop {
        let job = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        job(source);
    }
}
