//! Memory for memory-hard hashes that is used again.
//!
//! A fresh arena of 19 MiB costs 4,864 page faults, which is as long as half of a hash with the default
//! parameters. An arena that is used again costs only its wiping, a twentieth to a tenth.
//!
//! All that was lent is wiped, at once. Less would be as good as nothing:
//!
//! - A pass of Argon2 1.3 adds to the blocks before it and mixes only with blocks that are still there, so that
//!   who has the last pass calculates back through all of them. The first block of all is two digests of
//!   `BLAKE2b` of the password: that is then the cost of a guess. A few blocks that lack don't help, for most
//!   of the others are found without them, and each early one of these is cheap to guess at.
//! - V of scrypt and yescrypt begins with what PBKDF2 makes of the password in one round, and each later block
//!   takes one step more.

use std::sync::{Mutex, PoisonError};
use std::thread;

#[cfg(not(feature = "kernels"))]
use argon2::Block as Unit;
#[cfg(feature = "kernels")]
use rollbook_kernels::memory::Line as Unit;

/// The arenas that nobody uses. They hold zeros.
static IDLE: Mutex<Vec<Vec<Unit>>> = Mutex::new(Vec::new());

/// The most units of an arena that is kept: 64 MiB.
const MOST: usize = 64 * 1024 * 1024 / size_of::<Unit>();

#[cfg(feature = "kernels")]
const ZERO: Unit = Unit::ZERO;
#[cfg(not(feature = "kernels"))]
const ZERO: Unit = Unit::new();

/// Calls `work` with `count` units of zeros; `None` if there is no memory for them.
///
/// As many arenas are kept as the machine runs threads at once, of at most 64 MiB each.
pub(super) fn with<T>(count: usize, work: impl FnOnce(&mut [Unit]) -> T) -> Option<T> {
    // What is not kept in the end is not made of one that is.
    let kept = if count <= MOST { lock().pop() } else { None };
    let mut arena = kept.unwrap_or_default();
    if arena.len() < count {
        arena.try_reserve_exact(count - arena.len()).ok()?;
        arena.resize(count, ZERO);
    }
    let result = work(&mut arena[..count]);
    // `zeroize` would write word by word.
    arena[..count].fill(ZERO);
    std::hint::black_box(&arena);
    let most = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut idle = lock();
    if idle.len() < most && arena.len() <= MOST {
        idle.push(arena);
    }
    Some(result)
}

fn lock() -> std::sync::MutexGuard<'static, Vec<Vec<Unit>>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_zero_again_whatever_was_in_it() {
        for count in [4, 2, 8, 1] {
            assert_eq!(with(count, soil), Some(0), "{count}");
        }
    }

    /// Fills with ones, and counts what was not zero.
    fn soil(units: &mut [Unit]) -> usize {
        #[cfg(feature = "kernels")]
        let words = rollbook_kernels::memory::bytes_mut(units).iter_mut();
        #[cfg(not(feature = "kernels"))]
        let words = units.iter_mut().flat_map(|block| block.as_mut().iter_mut());
        words.filter_map(|word| (std::mem::replace(word, !0) != 0).then_some(())).count()
    }

    #[test]
    fn too_much_is_refused() {
        assert!(with(usize::MAX / 2048, |_| ()).is_none());
    }
}
