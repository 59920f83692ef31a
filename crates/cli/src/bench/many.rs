//! Many verifications at once.

use std::thread;

use rollbook::{PasswordHash, VerifyError};

/// How many are verified at a time.
#[derive(Clone, Debug)]
pub(crate) struct Many {
    threads: usize,
}

impl Many {
    pub(crate) fn new() -> Self {
        Self { threads: 1 }
    }

    pub(crate) fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }
}

/// What `verify` says of each hash and password, in their order.
pub(crate) fn verify_many(
    pairs: &[(&PasswordHash, &[u8])],
    options: &Many,
) -> Vec<Result<(), VerifyError>> {
    let verify = |pairs: &[(&PasswordHash, &[u8])]| -> Vec<_> {
        pairs.iter().map(|(hash, password)| hash.verify(password)).collect()
    };
    if options.threads == 1 {
        return verify(pairs);
    }
    thread::scope(|scope| {
        let chunks = pairs.chunks(pairs.len().div_ceil(options.threads).max(1));
        let threads: Vec<_> = chunks.map(|chunk| scope.spawn(move || verify(chunk))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("verify never panics")).collect()
    })
}
