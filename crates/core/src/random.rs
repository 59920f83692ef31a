//! Where random bytes come from: the operating system, or one seed in tests.

use std::fmt;
use std::sync::Mutex;

/// A source of random bytes for ids, salts and secrets.
///
/// A service never writes one: [`OsRandom`] is the default. Tests inject [`SeededRandom`], so that
/// one seed gives one result.
pub trait Random: fmt::Debug + Send + Sync + 'static {
    /// Fills `bytes`, all of it, with bytes nobody can predict.
    fn fill(&self, bytes: &mut [u8]);
}

/// Bytes of the operating system's generator.
///
/// ```
/// use rollbook_core::{OsRandom, Random};
///
/// let (mut a, mut b) = ([0; 16], [0; 16]);
/// OsRandom.fill(&mut a);
/// OsRandom.fill(&mut b);
/// assert_ne!(a, b);
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to configure")]
pub struct OsRandom;

impl Random for OsRandom {
    /// # Panics
    ///
    /// If the operating system has no randomness to give: a user store that goes on without it would
    /// hand out guessable ids and salts.
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that asks the system"
        )]
        getrandom::fill(bytes).expect("the operating system provides random bytes");
    }
}

/// Bytes that follow from a seed: the same seed gives the same bytes in the same order.
///
/// For tests only. Nothing here is secret (the generator is splitmix64).
///
/// ```
/// use rollbook_core::{Random, SeededRandom};
///
/// let (mut a, mut b) = ([0; 16], [0; 16]);
/// SeededRandom::new(7).fill(&mut a);
/// SeededRandom::new(7).fill(&mut b);
/// assert_eq!(a, b);
/// ```
#[derive(Debug)]
pub struct SeededRandom {
    state: Mutex<u64>,
}

impl SeededRandom {
    /// A generator that starts from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { state: Mutex::new(seed) }
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_le_bytes()[..chunk.len()]);
        }
    }
}
