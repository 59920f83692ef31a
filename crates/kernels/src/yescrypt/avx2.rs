//! Rows of 128 bits.

use std::arch::x86_64::*;

use super::{BOX, BOXES_LINES, Loops, Mode, Parts, Yescrypt};
use crate::memory::Line;
use crate::scrypt::avx2::one::{Row, blend, fill, integer, salsa, xor};

form!(#[target_feature(enable = "avx2")]);

#[inline]
#[target_feature(enable = "avx2")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bits of it are used")]
fn entries(row: Row) -> [usize; 2] {
    let both = _mm_cvtsi128_si64(row) as u64;
    [both as usize >> 4, (both >> 36) as usize]
}

#[inline]
#[target_feature(enable = "avx2")]
fn pwx(row: Row, s0: Row, s1: Row) -> Row {
    let product = _mm_mul_epu32(_mm_srli_epi64::<32>(row), row);
    _mm_xor_si128(_mm_add_epi64(product, s0), s1)
}
