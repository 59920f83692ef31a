//! Many verifications at once.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::super::{PasswordHash, VerifyError};
use super::Batch;

/// How [`verify_many`] goes about it; each has a default.
///
/// ```
/// use rollbook_core::Many;
///
/// let many = Many::new().threads(1).memory_bytes(64 << 20);
/// assert_eq!(many, Many::new().memory_bytes(64 << 20).threads(1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Many {
    threads: usize,
    memory_bytes: u64,
}

impl Default for Many {
    fn default() -> Self {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        // Twelve of Firebase's side by side, on each thread.
        Self { threads, memory_bytes: threads as u64 * 256 * 1024 * 1024 }
    }
}

impl Many {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many threads compute, at least 1, which is the caller's. Default: as many as the machine runs.
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: threads.max(1), ..self }
    }

    /// The memory that all threads together may take for hashes side by side, in bytes. Each computes one at
    /// a time where its share does not suffice for two, and fewer threads compute where it does not suffice
    /// for one. Default: 256 MiB for each thread.
    pub fn memory_bytes(self, memory_bytes: u64) -> Self {
        Self { memory_bytes, ..self }
    }
}

/// Verifies many passwords, each against its hash: what [`PasswordHash::verify`] says of each, in their order.
///
/// Hashes of the same function and cost are computed side by side, in the lanes of the CPU's vectors or
/// interleaved, which makes more of them a second on each core; no single one is ready sooner. It is for
/// audits, for tests of an import, and for benches. Blocks until all are computed.
///
/// ```
/// use rollbook_core::{HashOptions, Limits, Many, PasswordHash, VerifyError, verify_many};
///
/// let text = "5f4dcc3b5aa765d61d8327deb882cf99";
/// let hash = PasswordHash::import("md5", text, &HashOptions::new(), &Limits::default())?;
/// let pairs = [(&hash, &b"password"[..]), (&hash, b"Password")];
/// assert_eq!(verify_many(&pairs, &Many::new()), [Ok(()), Err(VerifyError::Mismatch)]);
/// # Ok::<(), rollbook_core::HashError>(())
/// ```
pub fn verify_many(pairs: &[(&PasswordHash, &[u8])], many: &Many) -> Vec<Result<(), VerifyError>> {
    if many.threads == 1 {
        let mut results = vec![Ok(()); pairs.len()];
        let mut tell = |number: usize, result| results[number] = result;
        let mut batch = Batch::new(many.memory_bytes);
        for (number, (hash, password)) in pairs.iter().enumerate() {
            batch.push(number, hash, password, &mut tell);
        }
        batch.flush(&mut tell);
        return results;
    }
    on_threads(pairs, many)
}

fn on_threads(pairs: &[(&PasswordHash, &[u8])], many: &Many) -> Vec<Result<(), VerifyError>> {
    let most = pairs.iter().map(|(hash, _)| hash.cost().memory_bytes).max().unwrap_or(0);
    // Of what takes memory by itself, no more at a time than there is memory for.
    let fitting = many.memory_bytes.checked_div(most).unwrap_or(u64::MAX).max(1);
    let threads = many.threads.min(usize::try_from(fitting).unwrap_or(usize::MAX));
    let share = many.memory_bytes / threads as u64;

    let order = by_kind(pairs);
    let parts = parts(pairs, &order, threads);
    let next = AtomicUsize::new(0);
    let compute = || {
        let mut results = Vec::new();
        let mut tell = |number: usize, result| results.push((number, result));
        let mut batch = Batch::new(share);
        while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            for number in *part {
                let (hash, password) = pairs[*number];
                batch.push(*number, hash, password, &mut tell);
            }
            // Before another part is taken, which somebody else may be free for.
            batch.flush(&mut tell);
        }
        results
    };
    let mut results = vec![Ok(()); pairs.len()];
    let mut place = |computed: Vec<(usize, _)>| {
        for (number, result) in computed {
            results[number] = result;
        }
    };
    thread::scope(|scope| {
        // Where the system gives no thread, those that run do its part.
        let spawn = |_| thread::Builder::new().spawn_scoped(scope, compute).ok();
        let others: Vec<_> = (1..threads).filter_map(spawn).collect();
        place(compute());
        for other in others {
            match other.join() {
                Ok(computed) => place(computed),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    results
}

/// The numbers of all pairs, those of one kind and cost together, so that they fill lanes.
fn by_kind(pairs: &[(&PasswordHash, &[u8])]) -> Vec<usize> {
    let kind = |at: &usize| (pairs[*at].0.algorithm(), pairs[*at].0.cost().work);
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    if !order.is_sorted_by_key(kind) {
        order.sort_by_cached_key(kind);
    }
    order
}

/// Parts to be dealt out to threads: enough to fill lanes, and little enough that all end at the same time.
fn parts<'a>(
    pairs: &[(&PasswordHash, &[u8])],
    mut order: &'a [usize],
    threads: usize,
) -> Vec<&'a [usize]> {
    const LANES: usize = 64;
    const MOST: usize = 4096;
    const MICROSECONDS: u64 = 2000;
    let fair = order.len().div_ceil(threads);
    let mut parts = Vec::new();
    while !order.is_empty() {
        let mut work = 0;
        let taken = order.iter().take(MOST).take_while(|at| {
            work += pairs[**at].0.cost().work;
            work < MICROSECONDS
        });
        let size = taken.count().max(LANES).min(fair).min(order.len());
        let (part, rest) = order.split_at(size);
        parts.push(part);
        order = rest;
    }
    parts
}
