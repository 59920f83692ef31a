//! scrypt's `ROMix` (RFC 7914, section 5), of one password or of many side by side.
//!
//! One at a time each step of Salsa20 waits for the one before. Several users who share registers, and several
//! groups of them by turns, fill the time of waiting.

// First: the forms are made by its macros.
#[macro_use]
mod form;

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub(crate) mod portable;
#[cfg(test)]
mod tests;

use crate::cpu::{self, Level};
use crate::memory::Line;

/// Groups of users that are calculated by turns, at most.
const MOST_GROUPS: usize = 3;

/// The most blocks that any CPU calculates side by side.
pub const MOST: usize = 4 * MOST_GROUPS;

/// How many lines [`mix`] needs to calculate `blocks` blocks side by side, or as many as it can, within `most` lines:
/// those of N + 1 blocks for one, `None` if there are fewer.
///
/// ```
/// use rollbook_kernels::scrypt::lines;
///
/// let one = ((1 << 14) + 1) * 16;
/// assert_eq!(lines(1, 1 << 14, 8, usize::MAX), Some(one));
/// assert_eq!(lines(100, 1 << 14, 8, one), Some(one));
/// assert_eq!(lines(100, 1 << 14, 8, one - 1), None);
/// ```
pub fn lines(blocks: usize, n: usize, r: usize, most: usize) -> Option<usize> {
    fitting(cpu::level(), blocks, [n, r], most).map(|(_, lines)| lines)
}

/// How many blocks share registers.
fn width(level: Level) -> usize {
    match level {
        Level::Portable => 1,
        Level::Avx2 => 2,
        Level::Avx512 => 4,
    }
}

/// The most blocks side by side, of `blocks`, that `most` lines are enough for, and how many lines these need.
fn fitting(level: Level, blocks: usize, [n, r]: [usize; 2], most: usize) -> Option<(usize, usize)> {
    let width = width(level);
    let blocks_most = if width == 1 { 1 } else { MOST_GROUPS * width };
    let needed = |blocks: usize| {
        let scratch = if blocks == 1 { 1 } else { 2 * blocks.next_multiple_of(width) };
        n.saturating_mul(blocks).saturating_add(scratch).saturating_mul(2 * r)
    };
    let choices = (1..=blocks.clamp(1, blocks_most)).rev().map(|blocks| (blocks, needed(blocks)));
    choices.into_iter().find(|(_, lines)| *lines <= most)
}

/// Mixes each block of `blocks`, which has 2 r lines: B of RFC 7914, as its bytes are there.
///
/// As many are calculated side by side as the lent memory has room for, by [`lines`]; the result is the same. What
/// is in the memory does not matter. Blocks may be the p blocks of one password, or those of several.
///
/// ```
/// use rollbook_kernels::memory::Line;
/// use rollbook_kernels::scrypt::{lines, mix};
///
/// let (n, r) = (16, 1);
/// let mut together = [Line::ZERO; 6];
/// let most = lines(3, n, r, usize::MAX).unwrap();
/// mix(&mut together, &mut vec![Line::ZERO; most], n, r);
/// let mut alone = [Line::ZERO; 2];
/// mix(&mut alone, &mut vec![Line::ZERO; (n + 1) * 2 * r], n, r);
/// assert_eq!(together, [alone, alone, alone].concat()[..]);
/// ```
///
/// # Panics
///
/// If N is not a power of two from 2 up, r is 0, the blocks are not whole, or fewer lines are lent than those of
/// N + 1 blocks.
pub fn mix(blocks: &mut [Line], memory: &mut [Line], n: usize, r: usize) {
    with_level(cpu::level(), blocks, memory, n, r);
}

fn with_level(level: Level, blocks: &mut [Line], memory: &mut [Line], n: usize, r: usize) {
    assert!(n >= 2 && n.is_power_of_two() && r >= 1, "N must be a power of two, and r not 0");
    assert_eq!(blocks.len() % (2 * r), 0, "blocks must be whole");
    blocks.iter_mut().for_each(shuffle);
    let side_by_side = fitting(level, blocks.len() / (2 * r), [n, r], memory.len());
    let (side_by_side, _) = side_by_side.expect("memory for one must be lent");
    for blocks in blocks.chunks_mut(side_by_side * 2 * r) {
        match level {
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => {
                // SAFETY: the level says that the CPU has what the function was compiled for.
                #[expect(unsafe_code, reason = "to call what the CPU was found to have")]
                unsafe {
                    avx2::mix(blocks, memory, n, r);
                }
            }
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => {
                // SAFETY: as above.
                #[expect(unsafe_code, reason = "to call what the CPU was found to have")]
                unsafe {
                    avx512::mix(blocks, memory, n, r);
                }
            }
            _ => portable::one(blocks, memory, n, r),
        }
    }
    blocks.iter_mut().for_each(unshuffle);
}

/// Brings the words of a matrix of Salsa20 into the order of its diagonals, which are then four rows.
pub(crate) fn shuffle(line: &mut Line) {
    let words: [u32; 16] = bytemuck::cast(*line);
    *line =
        bytemuck::cast::<[u32; 16], _>(std::array::from_fn(|n| u32::from_le(words[n * 5 % 16])));
}

/// Brings them back.
pub(crate) fn unshuffle(line: &mut Line) {
    let words: [u32; 16] = bytemuck::cast(*line);
    *line = bytemuck::cast::<[u32; 16], _>(std::array::from_fn(|n| words[n * 13 % 16].to_le()));
}
