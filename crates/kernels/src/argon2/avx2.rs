//! Blocks in registers of 256 bits, of which each holds four words of a row: half of them at a time.

use std::arch::x86_64::*;
use std::array;

use super::{Argon2, Block};

type Words = __m256i;

#[target_feature(enable = "avx2")]
pub(super) fn run(argon2: &Argon2<'_>, seed: &[u8; 72], memory: &mut [Block], tag: &mut [u8]) {
    argon2.run(
        seed,
        memory,
        tag,
        |word| word,
        |memory, state, reference, at, add| step(memory, state, reference, at, add),
    );
}

#[inline]
#[target_feature(enable = "avx2")]
fn step(memory: &mut [Block], state: &mut Block, reference: usize, at: usize, add: bool) {
    let words: &mut [Words; 32] = bytemuck::cast_mut(state);
    let other: &[Words; 32] = bytemuck::cast_ref(&memory[reference]);
    for n in 0..32 {
        words[n] = _mm256_xor_si256(words[n], other[n]);
    }
    let target: &mut [Words; 32] = bytemuck::cast_mut(&mut memory[at]);
    for n in 0..32 {
        target[n] = if add { _mm256_xor_si256(target[n], words[n]) } else { words[n] };
    }
    for at in [0, 8, 16, 24] {
        rows(words, at);
    }
    for at in 0..4 {
        columns(words, at);
    }
    for n in 0..32 {
        words[n] = _mm256_xor_si256(words[n], target[n]);
        target[n] = words[n];
    }
}

/// P on the two rows from the register `at` on.
#[inline]
#[target_feature(enable = "avx2")]
fn rows(words: &mut [Words; 32], at: usize) {
    let [mut a, mut b, mut c, mut d] = array::from_fn(|n| [words[at + n], words[at + 4 + n]]);
    mix(&mut a, &mut b, &mut c, &mut d);
    b = b.map(|b| _mm256_permute4x64_epi64::<0b00_11_10_01>(b));
    c = c.map(|c| _mm256_permute4x64_epi64::<0b01_00_11_10>(c));
    d = d.map(|d| _mm256_permute4x64_epi64::<0b10_01_00_11>(d));
    mix(&mut a, &mut b, &mut c, &mut d);
    b = b.map(|b| _mm256_permute4x64_epi64::<0b10_01_00_11>(b));
    c = c.map(|c| _mm256_permute4x64_epi64::<0b01_00_11_10>(c));
    d = d.map(|d| _mm256_permute4x64_epi64::<0b00_11_10_01>(d));
    for (n, part) in [a, b, c, d].into_iter().enumerate() {
        [words[at + n], words[at + 4 + n]] = part;
    }
}

/// P on the two columns that begin in the register `at`, one in each half: of each of a, b, c and d the first
/// register has the first two words.
#[inline]
#[target_feature(enable = "avx2")]
fn columns(words: &mut [Words; 32], at: usize) {
    // Lower and upper word of two registers each.
    let middle = |low, high| _mm256_alignr_epi8::<8>(high, low);
    let [mut a, mut b, mut c, mut d] =
        array::from_fn(|n| [words[at + 8 * n], words[at + 8 * n + 4]]);
    mix(&mut a, &mut b, &mut c, &mut d);
    b = [middle(b[0], b[1]), middle(b[1], b[0])];
    c.swap(0, 1);
    d = [middle(d[1], d[0]), middle(d[0], d[1])];
    mix(&mut a, &mut b, &mut c, &mut d);
    b = [middle(b[1], b[0]), middle(b[0], b[1])];
    c.swap(0, 1);
    d = [middle(d[0], d[1]), middle(d[1], d[0])];
    for (n, part) in [a, b, c, d].into_iter().enumerate() {
        [words[at + 8 * n], words[at + 8 * n + 4]] = part;
    }
}

/// GB in all lanes.
#[inline]
#[target_feature(enable = "avx2")]
fn mix(a: &mut [Words; 2], b: &mut [Words; 2], c: &mut [Words; 2], d: &mut [Words; 2]) {
    let by_24 = _mm256_setr_epi8(
        3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10, //
        3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10,
    );
    let by_16 = _mm256_setr_epi8(
        2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9, //
        2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9,
    );
    *a = add(a, b);
    *d = array::from_fn(|n| _mm256_shuffle_epi32::<0b10_11_00_01>(_mm256_xor_si256(d[n], a[n])));
    *c = add(c, d);
    *b = array::from_fn(|n| _mm256_shuffle_epi8(_mm256_xor_si256(b[n], c[n]), by_24));
    *a = add(a, b);
    *d = array::from_fn(|n| _mm256_shuffle_epi8(_mm256_xor_si256(d[n], a[n]), by_16));
    *c = add(c, d);
    *b = array::from_fn(|n| {
        let b = _mm256_xor_si256(b[n], c[n]);
        _mm256_xor_si256(_mm256_srli_epi64::<63>(b), _mm256_add_epi64(b, b))
    });
}

/// x + y + 2 lo(x) lo(y).
#[inline]
#[target_feature(enable = "avx2")]
fn add(x: &[Words; 2], y: &[Words; 2]) -> [Words; 2] {
    array::from_fn(|n| {
        let product = _mm256_mul_epu32(x[n], y[n]);
        let sum = _mm256_add_epi64(x[n], y[n]);
        _mm256_add_epi64(sum, _mm256_add_epi64(product, product))
    })
}
