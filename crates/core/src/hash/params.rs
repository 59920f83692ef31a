//! The cost of Argon2, for new hashes and inside of stored ones.

use super::cost::unit;
use super::{Cost, HashError, Limits};

/// The cost of a new Argon2id hash.
///
/// The default is the first choice of the OWASP password storage cheat sheet: 19 MiB, 2 passes, 1 lane.
///
/// ```
/// use rollbook_core::Argon2Params;
///
/// assert_eq!(Argon2Params::default(), Argon2Params::new(19 * 1024, 2, 1)?);
/// assert!(Argon2Params::new(7, 2, 1).is_err());
/// # Ok::<(), rollbook_core::HashError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Params {
    pub(super) memory_kib: u32,
    pub(super) iterations: u32,
    pub(super) lanes: u32,
}

impl Argon2Params {
    /// Checked parameters: at least 8 KiB a lane, one pass and one lane (RFC 9106, section 3.1), and
    /// at most what the default [`Limits`] let in again.
    pub fn new(memory_kib: u32, iterations: u32, lanes: u32) -> Result<Self, HashError> {
        let params = Self { memory_kib, iterations, lanes };
        params.check(&Limits::default(), None)?;
        Ok(params)
    }

    /// The cheapest legal parameters: 8 KiB, 1 pass, 1 lane. A stolen table of these is an open book.
    #[cfg(any(test, feature = "test-util"))]
    pub fn insecure_for_tests() -> Self {
        Self { memory_kib: 8, iterations: 1, lanes: 1 }
    }

    /// Memory in KiB.
    pub fn memory_kib(&self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Lanes, computed one after the other here.
    pub fn lanes(&self) -> u32 {
        self.lanes
    }

    /// The cost of one hash with these parameters, for sizing a budget before the first hash exists.
    pub fn cost(&self) -> Cost {
        let blocks = u64::from(self.memory_kib);
        Cost::of(blocks * 1024, blocks * u64::from(self.iterations), unit::ARGON2_BLOCK)
    }

    /// Checks the ranges of RFC 9106, then the limits. `at` is where the parameters stand in a text.
    pub(super) fn check(&self, limits: &Limits, at: Option<usize>) -> Result<(), HashError> {
        let Self { memory_kib, iterations, lanes } = *self;
        let malformed = |what: String| {
            let error = HashError::malformed("argon2", what);
            at.map_or(error.clone(), |at| error.at(at))
        };
        if iterations == 0 {
            return Err(malformed("0 iterations (t) where at least 1 is needed".to_owned()));
        }
        if !(1..1 << 24).contains(&lanes) {
            return Err(malformed(format!("{lanes} lanes (p) are not between 1 and 2^24 - 1")));
        }
        let least = lanes * 8;
        if memory_kib < least {
            return Err(malformed(format!(
                "{memory_kib} KiB of memory (m) where {lanes} lanes need at least {least}"
            )));
        }
        let bounded = |parameter, value: u64, limit: u64| {
            if value <= limit {
                return Ok(());
            }
            Err(HashError::OverLimit { scheme: "argon2", parameter, value, limit })
        };
        bounded("memory in KiB (m)", memory_kib.into(), limits.argon2_memory_kib.into())?;
        bounded("iterations (t)", iterations.into(), limits.argon2_iterations.into())?;
        bounded("lanes (p)", lanes.into(), limits.argon2_lanes.into())?;
        let passes = u64::from(memory_kib) * u64::from(iterations);
        bounded("memory times iterations in KiB", passes, limits.argon2_kib_passes)
    }
}

impl Default for Argon2Params {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, iterations: 2, lanes: 1 }
    }
}
