//! Memory for Argon2 that is used again.
//!
//! A fresh arena of 19 MiB costs 4,864 page faults, a third of the time of a hash with the default
//! parameters. An arena that is used again costs only its wiping.

use std::sync::{Mutex, PoisonError};
use std::thread;

use argon2::Block;

/// The arenas that nobody uses.
static IDLE: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// The most blocks, of 1 KiB, of an arena that is kept: 64 MiB.
const MOST_BLOCKS: usize = 64 * 1024;

/// Calls `work` with `count` blocks of zeros; `None` if there is no memory for them.
///
/// As many arenas are kept as the machine runs threads at once, of at most 64 MiB each.
pub(super) fn with<T>(count: usize, work: impl FnOnce(&mut [Block]) -> T) -> Option<T> {
    let mut arena = lock().pop().unwrap_or_default();
    if arena.len() < count {
        arena.try_reserve_exact(count - arena.len()).ok()?;
        arena.resize(count, Block::new());
    }
    let result = work(&mut arena[..count]);
    // What is left tells of the password more quickly than the hash does. `zeroize` would write word by
    // word.
    arena[..count].fill(Block::new());
    std::hint::black_box(&arena);
    let most = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut idle = lock();
    if idle.len() < most && arena.len() <= MOST_BLOCKS {
        idle.push(arena);
    }
    Some(result)
}

fn lock() -> std::sync::MutexGuard<'static, Vec<Vec<Block>>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_zero_again_whatever_was_in_them() {
        for count in [4, 2, 8, 1] {
            let dirty = with(count, |blocks| {
                let dirty = blocks.iter().any(|block| block.as_ref().iter().any(|word| *word != 0));
                for block in blocks.iter_mut() {
                    block.as_mut().fill(u64::MAX);
                }
                (blocks.len(), dirty)
            });
            assert_eq!(dirty, Some((count, false)));
        }
    }

    #[test]
    fn too_much_is_refused() {
        assert!(with(usize::MAX / 2048, |_| ()).is_none());
    }
}
