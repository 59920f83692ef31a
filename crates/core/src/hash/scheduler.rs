//! Which hashes are computed when: a bound on threads, on memory, and on the time to wait.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use metrics::{counter, gauge, histogram};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::{Cost, PasswordHash, VerifyError};
use crate::metrics::{HASH_OVERLOADED, HASH_QUEUED, HASH_RUN, HASH_WAIT};
use company::Verification;

/// The bounds of a [`HashScheduler`]; each has a default.
///
/// ```
/// use std::time::Duration;
/// use rollbook_core::SchedulerOptions;
///
/// let options = SchedulerOptions::new().threads(2).deadline(Duration::from_secs(1));
/// assert_eq!(options, SchedulerOptions::new().threads(2).deadline(Duration::from_secs(1)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchedulerOptions {
    threads: usize,
    memory_bytes: u64,
    queue: usize,
    deadline: Duration,
    together: bool,
}

impl Default for SchedulerOptions {
    fn default() -> Self {
        let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        // Room for the largest hash that the default limits admit, and 64 MiB for each thread.
        let memory_bytes = (threads as u64 * 64).max(320) * 1024 * 1024;
        let deadline = Duration::from_secs(30);
        Self { threads, memory_bytes, queue: 4096, deadline, together: true }
    }
}

impl SchedulerOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many hashes are computed at a time, at least 1. Default: as many as the machine runs threads.
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: threads.max(1), ..self }
    }

    /// The most memory that the hashes being computed take, in bytes. One that takes more on its own is
    /// refused. Default: 64 MiB for each thread, and at least 320 MiB.
    pub fn memory_bytes(self, memory_bytes: u64) -> Self {
        Self { memory_bytes, ..self }
    }

    /// How many may wait. Default: 4096.
    pub fn queue(self, queue: usize) -> Self {
        Self { queue, ..self }
    }

    /// How long one may wait for its turn. Who would wait longer, by the work that is queued already, is
    /// refused at once. Default: 30 seconds.
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// Whether hashes of one kind and cost that wait are verified side by side, where that makes none of them
    /// wait longer, or next to nothing: iterated MD5 and bcrypt. Default: true.
    pub fn together(self, together: bool) -> Self {
        Self { together, ..self }
    }
}

/// Why a hash was not computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// There is more to hash than the bounds let through. Try again later.
    #[error("overloaded: {queued} password hashes wait already")]
    Overloaded {
        /// How many waited.
        queued: usize,
    },
    /// The hash takes more memory than the whole budget.
    #[error("a password hash of {bytes} bytes does not fit the memory budget of {budget} bytes")]
    OverBudget {
        /// What it takes.
        bytes: u64,
        /// What there is.
        budget: u64,
    },
    /// The computation panicked.
    #[error("the computation of a password hash panicked")]
    Panicked,
    /// The system gives no thread.
    #[error("no thread to hash on: {0}")]
    NoThread(String),
}

/// What a [`HashScheduler`] has done, and what it is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchedulerStats {
    /// How many wait.
    pub queued: usize,
    /// How many are computed.
    pub running: usize,
    /// The memory that those take, in bytes.
    pub memory_bytes: u64,
    /// The most memory that ever was in use at a time, in bytes.
    pub peak_memory_bytes: u64,
    /// How many were computed.
    pub finished: u64,
    /// How many of those were verified beside others of their kind.
    pub together: u64,
    /// How many were refused, at once or at their deadline.
    pub refused: u64,
    /// How many were given up by their callers while they waited.
    pub abandoned: u64,
    /// How long all that were computed waited.
    pub waited: Duration,
    /// How long all computations took.
    pub worked: Duration,
}

/// Computes password hashes on threads of its own, so that no executor thread ever does.
///
/// First come, first served, but that some are computed together. A caller that goes away keeps its place only until its turn: what runs
/// already runs to its end and holds its memory until then, so nobody can make room for more than the
/// bounds by giving up.
#[derive(Debug)]
pub struct HashScheduler {
    shared: Arc<Shared>,
}

struct Shared {
    options: SchedulerOptions,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
    // Microseconds of work, as estimated: of those that wait, and of those that run.
    queued_work: u64,
    running_work: u64,
    // How long work takes here in truth, in thousandths of the estimate; 0 as long as nobody knows.
    scale: u64,
    stats: SchedulerStats,
}

struct Job {
    task: Box<dyn Task>,
    cost: Cost,
    submitted: Instant,
}

/// What tells the caller: it hears of its result when the books are done.
type Tell = Box<dyn FnOnce() + Send>;

/// A computation and the caller that waits for it.
trait Task: Send {
    fn is_abandoned(&self) -> bool;
    /// What it begins with, if that can be done beside others.
    fn verification(&self) -> Option<&Verification>;
    /// Computes; what it begins with, unless its result is here already.
    fn run(self: Box<Self>, verified: Option<Result<(), VerifyError>>) -> Tell;
    fn refuse(self: Box<Self>, error: ScheduleError);
}

struct Waiting<T, F> {
    verification: Option<Verification>,
    work: F,
    reply: oneshot::Sender<Result<T, ScheduleError>>,
}

impl<T, F> Task for Waiting<T, F>
where
    T: Send + 'static,
    F: FnOnce(Result<(), VerifyError>) -> T + Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn verification(&self) -> Option<&Verification> {
        self.verification.as_ref()
    }

    fn run(self: Box<Self>, verified: Option<Result<(), VerifyError>>) -> Tell {
        let Self { verification, work, reply } = *self;
        let compute = || {
            let alone = || verification.map_or(Ok(()), |each| each.hash.verify(&each.password));
            work(verified.unwrap_or_else(alone))
        };
        let result = catch_unwind(AssertUnwindSafe(compute)).map_err(|_| ScheduleError::Panicked);
        Box::new(move || {
            let _ = reply.send(result);
        })
    }

    fn refuse(self: Box<Self>, error: ScheduleError) {
        let _ = self.reply.send(Err(error));
    }
}

impl HashScheduler {
    /// A scheduler with these bounds. Its threads start when they are needed and end with it.
    pub fn new(options: SchedulerOptions) -> Self {
        let shared = Shared { options, state: Mutex::default(), changed: Condvar::new() };
        Self { shared: Arc::new(shared) }
    }

    /// Runs `work`, which costs `cost`, when it is its turn.
    ///
    /// # Errors
    ///
    /// [`ScheduleError::Overloaded`] at once or at the deadline, [`ScheduleError::OverBudget`] at once.
    pub async fn run<T: Send + 'static>(
        &self,
        cost: Cost,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ScheduleError> {
        self.wait(cost, None, |_| work()).await
    }

    /// Verifies `password` when it is its turn, and goes on with `work`; both together cost `cost`.
    ///
    /// Of hashes of one kind and cost that wait, several are verified side by side where that takes none of
    /// them longer, or next to nothing: iterated MD5 in the CPU's lanes, and bcrypt in pairs.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub(crate) async fn verify<T: Send + 'static>(
        &self,
        cost: Cost,
        hash: PasswordHash,
        password: Zeroizing<Vec<u8>>,
        work: impl FnOnce(Result<(), VerifyError>) -> T + Send + 'static,
    ) -> Result<T, ScheduleError> {
        self.wait(cost, Some(Verification { hash, password }), work).await
    }

    async fn wait<T: Send + 'static>(
        &self,
        cost: Cost,
        verification: Option<Verification>,
        work: impl FnOnce(Result<(), VerifyError>) -> T + Send + 'static,
    ) -> Result<T, ScheduleError> {
        let (reply, answer) = oneshot::channel();
        let task = Box::new(Waiting { verification, work, reply });
        self.shared.submit(Job { task, cost, submitted: Instant::now() })?;
        answer.await.unwrap_or(Err(ScheduleError::Panicked))
    }

    /// What has been done so far.
    pub fn stats(&self) -> SchedulerStats {
        let state = self.shared.lock();
        SchedulerStats { queued: state.queue.len(), ..state.stats }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(self: &Arc<Self>, job: Job) -> Result<(), ScheduleError> {
        let SchedulerOptions { threads, memory_bytes, queue, deadline, .. } = self.options;
        let mut state = self.lock();
        if job.cost.memory_bytes > memory_bytes {
            state.stats.refused += 1;
            let bytes = job.cost.memory_bytes;
            return Err(ScheduleError::OverBudget { bytes, budget: memory_bytes });
        }
        let is_full = |state: &State| {
            let queued = state.queue.len();
            queued >= queue || (queued > 0 && state.expected_wait(threads) > deadline)
        };
        // Callers that have gone away must not keep others out.
        if is_full(&state) {
            state.sweep();
        }
        if is_full(&state) {
            let queued = state.queue.len();
            state.stats.refused += 1;
            counter!(HASH_OVERLOADED).increment(1);
            return Err(ScheduleError::Overloaded { queued });
        }
        state.queued_work += job.cost.work;
        state.queue.push_back(job);
        // Added to, not set: there may be several schedulers.
        gauge!(HASH_QUEUED).increment(1);
        if state.idle == 0 && state.threads < threads {
            let shared = Arc::clone(self);
            let thread = thread::Builder::new().name("rollbook-hash".to_owned());
            match thread.spawn(move || shared.work()) {
                Ok(_) => state.threads += 1,
                // Those that run already will come to it.
                Err(_) if state.threads > 0 => {}
                Err(error) => {
                    let job = state.queue.pop_back();
                    gauge!(HASH_QUEUED).decrement(1);
                    state.queued_work -= job.map_or(0, |job| job.cost.work);
                    return Err(ScheduleError::NoThread(error.to_string()));
                }
            }
        }
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    fn work(&self) {
        let mut state = self.lock();
        let mut rested = true;
        loop {
            let Some(next) = state.next(&self.options) else {
                if state.closed && state.queue.is_empty() {
                    return;
                }
                state.idle += 1;
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
                rested = true;
                continue;
            };
            // The first callers of a rush gain nothing from company yet.
            let jobs = if rested { vec![next] } else { state.with_company(next, &self.options) };
            rested = false;
            if jobs.len() > 1 {
                state.stats.together += jobs.len() as u64;
            }
            for Job { cost, submitted, .. } in &jobs {
                state.start(*cost, submitted.elapsed());
            }
            drop(state);
            let start = Instant::now();
            let verified = company::verify(&jobs);
            let share = start.elapsed() / u32::try_from(jobs.len()).unwrap_or(u32::MAX);
            for (Job { task, cost, .. }, verified) in jobs.into_iter().zip(verified) {
                let start = Instant::now();
                let tell = task.run(verified);
                let took = start.elapsed() + share;
                self.lock().finish(cost, took);
                tell();
            }
            state = self.lock();
            // Its memory may be what several others wait for. If there are none, to wake the threads would
            // cost the next caller more than a cheap hash.
            if !state.queue.is_empty() {
                self.changed.notify_all();
            }
        }
    }
}

impl State {
    /// How long the work at hand will take, by the experience so far.
    fn expected_wait(&self, threads: usize) -> Duration {
        let scale = if self.scale == 0 { 1000 } else { self.scale };
        let work = (self.queued_work + self.running_work).saturating_mul(scale) / 1000;
        Duration::from_micros(work / threads as u64)
    }

    /// The first that waits, if there is memory for it. Those that nobody waits for any more, or that have
    /// waited too long, are sent away on the way.
    fn next(&mut self, options: &SchedulerOptions) -> Option<Job> {
        loop {
            let first = self.queue.front()?;
            let (abandoned, late) =
                (first.task.is_abandoned(), first.submitted.elapsed() > options.deadline);
            let fits = self.stats.memory_bytes + first.cost.memory_bytes <= options.memory_bytes;
            if !(abandoned || late || fits) {
                return None;
            }
            let job = self.queue.pop_front()?;
            gauge!(HASH_QUEUED).decrement(1);
            self.queued_work -= job.cost.work;
            if abandoned {
                self.stats.abandoned += 1;
            } else if late {
                self.stats.refused += 1;
                counter!(HASH_OVERLOADED).increment(1);
                let queued = self.queue.len();
                job.task.refuse(ScheduleError::Overloaded { queued });
            } else {
                return Some(job);
            }
        }
    }

    /// A job that is about to be computed, and those that wait and can be computed beside it.
    ///
    /// They are taken out of turn, but not at anybody's cost: those that they overtake would have waited for
    /// them no less. Each thread leaves the others their share.
    fn with_company(&mut self, first: Job, options: &SchedulerOptions) -> Vec<Job> {
        let Some(verification) = first.task.verification().filter(|_| options.together) else {
            return vec![first];
        };
        let fair = (self.queue.len() + 1) / options.threads;
        if fair < 2 {
            return vec![first];
        }
        let (kind, most) = (verification.kind(), verification.company().min(fair));
        let mut memory = self.stats.memory_bytes + first.cost.memory_bytes;
        let mut jobs = vec![first];
        let mut at = 0;
        while at < self.queue.len() && jobs.len() < most {
            let fits = self.queue.get(at).is_some_and(|job| {
                let late = job.submitted.elapsed() > options.deadline;
                let of_kind = job.task.verification().map(Verification::kind) == Some(kind);
                let memory = memory + job.cost.memory_bytes;
                of_kind && !late && !job.task.is_abandoned() && memory <= options.memory_bytes
            });
            match fits.then(|| self.queue.remove(at)).flatten() {
                Some(job) => {
                    gauge!(HASH_QUEUED).decrement(1);
                    self.queued_work -= job.cost.work;
                    memory += job.cost.memory_bytes;
                    jobs.push(job);
                }
                None => at += 1,
            }
        }
        jobs
    }

    /// Sends away all that nobody waits for any more.
    fn sweep(&mut self) {
        let (abandoned, queue) = std::mem::take(&mut self.queue)
            .into_iter()
            .partition::<Vec<_>, _>(|job| job.task.is_abandoned());
        self.queue = queue.into();
        self.queued_work -= abandoned.iter().map(|job| job.cost.work).sum::<u64>();
        self.stats.abandoned += abandoned.len() as u64;
        for _ in &abandoned {
            gauge!(HASH_QUEUED).decrement(1);
        }
    }

    fn start(&mut self, cost: Cost, waited: Duration) {
        self.running_work += cost.work;
        let stats = &mut self.stats;
        stats.running += 1;
        stats.memory_bytes += cost.memory_bytes;
        stats.peak_memory_bytes = stats.peak_memory_bytes.max(stats.memory_bytes);
        stats.waited += waited;
        histogram!(HASH_WAIT).record(waited);
    }

    fn finish(&mut self, cost: Cost, took: Duration) {
        self.running_work -= cost.work;
        let stats = &mut self.stats;
        stats.running -= 1;
        stats.memory_bytes -= cost.memory_bytes;
        stats.finished += 1;
        stats.worked += took;
        histogram!(HASH_RUN).record(took);
        // A short job tells nothing of the machine.
        if cost.work >= 1000 {
            let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            let seen = (took.saturating_mul(1000) / cost.work).clamp(10, 1_000_000);
            self.scale = if self.scale == 0 { seen } else { (self.scale * 7 + seen) / 8 };
        }
    }
}

impl Drop for HashScheduler {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("options", &self.options).finish_non_exhaustive()
    }
}

mod company;
#[cfg(test)]
mod tests;
