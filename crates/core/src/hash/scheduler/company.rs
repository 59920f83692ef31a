//! Verifications that are computed beside each other while many wait.

use std::panic::{AssertUnwindSafe, catch_unwind};

use zeroize::Zeroizing;

use super::super::work::Batch;
use super::super::{PasswordHash, VerifyError};
use super::Job;

/// A password and its hash.
pub(super) struct Verification {
    pub(super) hash: PasswordHash,
    pub(super) password: Zeroizing<Vec<u8>>,
}

impl Verification {
    /// What those that can be computed together have in common.
    pub(super) fn kind(&self) -> (&'static str, u64) {
        (self.hash.algorithm(), self.hash.cost().work)
    }

    /// How many of its kind are computed together at most.
    pub(super) fn company(&self) -> usize {
        self.hash.company()
    }
}

/// The results of several together; of one, none: it is better off alone.
pub(super) fn verify(jobs: &[Job]) -> Vec<Option<Result<(), VerifyError>>> {
    let mut verified = vec![None; jobs.len()];
    if jobs.len() > 1 {
        let compute = || {
            let mut tell = |at: usize, result| verified[at] = Some(result);
            let mut batch = Batch::new(0);
            for (at, job) in jobs.iter().enumerate() {
                if let Some(Verification { hash, password, .. }) = job.task.verification() {
                    batch.push(at, hash, password, &mut tell);
                }
            }
            batch.flush(&mut tell);
        };
        // Who has no result then is computed alone, and panics there again.
        let _ = catch_unwind(AssertUnwindSafe(compute));
    }
    verified
}
