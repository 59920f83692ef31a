//! Blocks in sixteen registers of 512 bits.
//!
//! A block is a square of eight by eight pairs of words, of which first the rows and then the columns are
//! permuted. A register holds a tile of two by two pairs, so that both find what they calculate with in the same
//! places of four registers, and only turning the diagonals takes moves.

use std::arch::x86_64::*;
use std::array;

use super::{Argon2, Block};

type Words = __m512i;

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub(super) fn run(argon2: &Argon2<'_>, seed: &[u8; 72], memory: &mut [Block], tag: &mut [u8]) {
    argon2.run(seed, memory, tag, position, |memory, state, reference, at, add| {
        step(memory, state, reference, at, add);
    });
}

/// Where a word rests: tile, place in the tile, half of the pair.
fn position(word: usize) -> usize {
    let (row, column, half) = (word / 16, word % 16 / 2, word % 2);
    (row / 2 * 4 + column / 2) * 8 + (row % 2 * 2 + column % 2) * 2 + half
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn step(memory: &mut [Block], state: &mut Block, reference: usize, at: usize, add: bool) {
    let state: &mut [Words; 16] = bytemuck::cast_mut(state);
    let other: &[Words; 16] = bytemuck::cast_ref(&memory[reference]);
    let mut tiles: [Words; 16] = array::from_fn(|n| _mm512_xor_si512(state[n], other[n]));
    let target: &mut [Words; 16] = bytemuck::cast_mut(&mut memory[at]);
    let before: [Words; 16] =
        if add { array::from_fn(|n| _mm512_xor_si512(tiles[n], target[n])) } else { tiles };
    // Written out: in loops the tiles would go through memory.
    rows(&mut tiles, 0);
    rows(&mut tiles, 8);
    // The first word, which tells the next reference, is there after the first two of the columns: what it
    // leads to arrives while the others are calculated.
    columns(&mut tiles, 0);
    columns(&mut tiles, 2);
    for n in 0..16 {
        state[n] = _mm512_xor_si512(tiles[n], before[n]);
        target[n] = state[n];
    }
}

/// P on the four rows from the tile `at` on.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn rows(tiles: &mut [Words; 16], at: usize) {
    let [mut a, mut b, mut c, mut d] = array::from_fn(|n| [tiles[at + n], tiles[at + 4 + n]]);
    mix(&mut a, &mut b, &mut c, &mut d);
    b = b.map(|b| _mm512_permutex_epi64::<0b00_11_10_01>(b));
    c = c.map(|c| _mm512_permutex_epi64::<0b01_00_11_10>(c));
    d = d.map(|d| _mm512_permutex_epi64::<0b10_01_00_11>(d));
    mix(&mut a, &mut b, &mut c, &mut d);
    b = b.map(|b| _mm512_permutex_epi64::<0b10_01_00_11>(b));
    c = c.map(|c| _mm512_permutex_epi64::<0b01_00_11_10>(c));
    d = d.map(|d| _mm512_permutex_epi64::<0b00_11_10_01>(d));
    for (n, part) in [a, b, c, d].into_iter().enumerate() {
        [tiles[at + n], tiles[at + 4 + n]] = part;
    }
}

/// P on the four columns from the tile `at` on.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn columns(tiles: &mut [Words; 16], at: usize) {
    // Of the words 0 1 4 5 of an even column, and 2 3 6 7 of an odd one, each one's next and previous.
    let next = _mm512_setr_epi64(1, 4, 3, 6, 5, 0, 7, 2);
    let previous = _mm512_setr_epi64(5, 0, 7, 2, 1, 4, 3, 6);
    let [mut a, mut b, mut c, mut d] =
        array::from_fn(|n| [tiles[at + 4 * n], tiles[at + 4 * n + 1]]);
    mix(&mut a, &mut b, &mut c, &mut d);
    b = b.map(|b| _mm512_permutexvar_epi64(next, b));
    c = c.map(|c| _mm512_shuffle_i64x2::<0b01_00_11_10>(c, c));
    d = d.map(|d| _mm512_permutexvar_epi64(previous, d));
    mix(&mut a, &mut b, &mut c, &mut d);
    b = b.map(|b| _mm512_permutexvar_epi64(previous, b));
    c = c.map(|c| _mm512_shuffle_i64x2::<0b01_00_11_10>(c, c));
    d = d.map(|d| _mm512_permutexvar_epi64(next, d));
    for (n, part) in [a, b, c, d].into_iter().enumerate() {
        [tiles[at + 4 * n], tiles[at + 4 * n + 1]] = part;
    }
}

/// GB in all lanes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn mix(a: &mut [Words; 2], b: &mut [Words; 2], c: &mut [Words; 2], d: &mut [Words; 2]) {
    *a = add(a, b);
    *d = array::from_fn(|n| _mm512_ror_epi64::<32>(_mm512_xor_si512(d[n], a[n])));
    *c = add(c, d);
    *b = array::from_fn(|n| _mm512_ror_epi64::<24>(_mm512_xor_si512(b[n], c[n])));
    *a = add(a, b);
    *d = array::from_fn(|n| _mm512_ror_epi64::<16>(_mm512_xor_si512(d[n], a[n])));
    *c = add(c, d);
    *b = array::from_fn(|n| _mm512_ror_epi64::<63>(_mm512_xor_si512(b[n], c[n])));
}

/// x + y + 2 lo(x) lo(y).
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn add(x: &[Words; 2], y: &[Words; 2]) -> [Words; 2] {
    array::from_fn(|n| {
        let product = _mm512_mul_epu32(x[n], y[n]);
        let sum = _mm512_add_epi64(x[n], y[n]);
        _mm512_add_epi64(sum, _mm512_add_epi64(product, product))
    })
}
