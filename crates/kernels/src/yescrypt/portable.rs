//! Rows of plain words.

use super::{BOX, BOXES_LINES, Loops, Mode, Parts, Yescrypt};
use crate::memory::Line;
use crate::scrypt::portable::{Row, blend, fill, integer, salsa, xor};

form!();

#[inline(always)]
fn entries([low, high, ..]: Row) -> [usize; 2] {
    [low as usize / 16, high as usize / 16]
}

#[inline(always)]
fn pwx([a, b, c, d]: Row, s0: Row, s1: Row) -> Row {
    let word = |low: u32, high: u32| u64::from(high) << 32 | u64::from(low);
    let mix = |low: u32, high: u32, s0: u64, s1: u64| {
        let mixed = (u64::from(low) * u64::from(high)).wrapping_add(s0) ^ s1;
        #[expect(clippy::cast_possible_truncation, reason = "both halves")]
        [mixed as u32, (mixed >> 32) as u32]
    };
    let [a, b] = mix(a, b, word(s0[0], s0[1]), word(s1[0], s1[1]));
    let [c, d] = mix(c, d, word(s0[2], s0[3]), word(s1[2], s1[3]));
    [a, b, c, d]
}
