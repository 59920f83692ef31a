//! Threads that hash, so that no executor thread ever does.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use tokio::sync::oneshot;

use crate::Error;

type Job = Box<dyn FnOnce() + Send>;

/// As many threads as the machine runs at once, started when they are first needed.
///
/// Their number bounds the memory that hashing takes at a time. A caller that goes away leaves its job
/// to run to its end, so it can't make room for more than the bound.
pub(super) struct Workers {
    shared: Arc<Shared>,
    most: usize,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl Workers {
    pub(super) fn new() -> Self {
        let most = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { shared: Arc::default(), most }
    }

    /// Runs `work` on one of the threads.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let (sender, receiver) = oneshot::channel();
        self.submit(Box::new(move || {
            let _ = sender.send(work());
        }))?;
        receiver.await.map_err(|_| Error::Internal("a hashing job panicked".into()))
    }

    fn submit(&self, job: Job) -> Result<(), Error> {
        let mut queue = self.shared.lock();
        queue.jobs.push_back(job);
        if queue.idle >= queue.jobs.len() || queue.threads == self.most {
            self.shared.arrived.notify_one();
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        let started =
            thread::Builder::new().name("rollbook-hash".to_owned()).spawn(move || shared.work());
        match started {
            Ok(_) => queue.threads += 1,
            // Those that run already will come to the job.
            Err(_) if queue.threads > 0 => {}
            Err(error) => {
                queue.jobs.pop_back();
                return Err(Error::Internal(format!("no thread to hash on: {error}").into()));
            }
        }
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut queue = self.lock();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                drop(queue);
                // The caller learns of a panic by the channel that closes.
                let _ = catch_unwind(AssertUnwindSafe(job));
                queue = self.lock();
            } else if queue.closed {
                return;
            } else {
                queue.idle += 1;
                queue = self.arrived.wait(queue).unwrap_or_else(PoisonError::into_inner);
                queue.idle -= 1;
            }
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.arrived.notify_all();
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers").field("most", &self.most).finish_non_exhaustive()
    }
}
