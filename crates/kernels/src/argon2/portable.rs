//! Blocks as plain words.

use super::{Argon2, Block, WORDS};

pub(super) fn run(argon2: &Argon2<'_>, seed: &[u8; 72], memory: &mut [Block], tag: &mut [u8]) {
    argon2.run(seed, memory, tag, |word| word, step);
}

#[inline(always)]
fn step(memory: &mut [Block], state: &mut Block, reference: usize, at: usize, add: bool) {
    let reference: [u64; WORDS] = bytemuck::cast(memory[reference]);
    let state: &mut [u64; WORDS] = bytemuck::cast_mut(state);
    let target: &mut [u64; WORDS] = bytemuck::cast_mut(&mut memory[at]);
    for (word, reference) in state.iter_mut().zip(&reference) {
        *word ^= reference;
    }
    for (target, word) in target.iter_mut().zip(state.iter()) {
        *target = if add { *target ^ *word } else { *word };
    }
    for row in 0..8 {
        permute(state, |word| 16 * row + word);
    }
    for column in 0..8 {
        permute(state, |word| 2 * column + 16 * (word / 2) + word % 2);
    }
    for (word, target) in state.iter_mut().zip(target.iter_mut()) {
        *word ^= *target;
        *target = *word;
    }
}

/// P (RFC 9106, section 3.6) on the sixteen words at `at`.
#[inline(always)]
fn permute(words: &mut [u64; WORDS], at: impl Fn(usize) -> usize) {
    let mut v: [u64; 16] = std::array::from_fn(|word| words[at(word)]);
    for column in 0..4 {
        mix(&mut v, [column, column + 4, column + 8, column + 12]);
    }
    for diagonal in 0..4 {
        let [b, c, d] = [1, 2, 3].map(|row| 4 * row + (diagonal + row) % 4);
        mix(&mut v, [diagonal, b, c, d]);
    }
    for (word, value) in v.iter().enumerate() {
        words[at(word)] = *value;
    }
}

/// GB.
#[inline(always)]
fn mix(v: &mut [u64; 16], [a, b, c, d]: [usize; 4]) {
    let add = |x: u64, y: u64| {
        let product = (x & 0xFFFF_FFFF).wrapping_mul(y & 0xFFFF_FFFF);
        x.wrapping_add(y).wrapping_add(product).wrapping_add(product)
    };
    v[a] = add(v[a], v[b]);
    v[d] = (v[d] ^ v[a]).rotate_right(32);
    v[c] = add(v[c], v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(24);
    v[a] = add(v[a], v[b]);
    v[d] = (v[d] ^ v[a]).rotate_right(16);
    v[c] = add(v[c], v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(63);
}
