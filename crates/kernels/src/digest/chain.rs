//! A digest of the digest before, again and again: phpass, Drupal, Jasypt, Shiro.

use std::marker::PhantomData;

use super::Digest;
use super::message::Block;
use crate::cpu::{self, Level};
use crate::dispatch::{Task, dispatch};
use crate::word::{Plain, Simd, Word};

/// Replaces the first words of each block by the digest of the block, `rounds` times.
///
/// A block is in words, in the byte order of the digest. It is the whole message with its padding: first the
/// digest of the round before, then what follows it.
///
/// ```
/// use rollbook_kernels::digest::{Md5, chain};
///
/// // md5("") is digested once more, twice.
/// let mut block = [0; 16];
/// block[..4].copy_from_slice(&[0xd98c_1dd4, 0x04b2_008f, 0x9809_80e9, 0x7e42_f8ec]);
/// (block[4], block[14]) = (0x80, 128);
/// let mut blocks = [block; 2];
/// chain::<Md5>(&mut blocks, 2);
/// assert_eq!(blocks[0], blocks[1]);
/// assert_eq!(blocks[0][0].to_le_bytes(), [0x8b, 0x81, 0x54, 0xf0]);
/// ```
pub fn chain<D: Digest>(blocks: &mut [[D::Scalar; 16]], rounds: u32) {
    chain_at::<D>(cpu::level(), blocks, rounds);
}

pub(super) fn chain_at<D: Digest>(level: Level, blocks: &mut [Block<D>], rounds: u32) {
    let alone = blocks.len() == 1;
    let task = Chains::<D> { blocks, rounds, function: PhantomData };
    if alone { task.run(Plain) } else { dispatch(level, task) }
}

struct Chains<'a, D: Digest> {
    blocks: &'a mut [Block<D>],
    rounds: u32,
    function: PhantomData<D>,
}

impl<D: Digest> Task for Chains<'_, D> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let lanes = D::Lanes::<S>::LANES;
        for blocks in self.blocks.chunks_mut(lanes * D::INTERLEAVED) {
            match blocks.len().div_ceil(lanes) {
                1 => side_by_side::<D, S, 1>(simd, blocks, self.rounds),
                2 => side_by_side::<D, S, 2>(simd, blocks, self.rounds),
                _ => side_by_side::<D, S, 4>(simd, blocks, self.rounds),
            }
        }
    }
}

/// Up to `K` times as many blocks as there are lanes.
#[inline(always)]
fn side_by_side<D: Digest, S: Simd, const K: usize>(simd: S, blocks: &mut [Block<D>], rounds: u32) {
    let lanes = D::Lanes::<S>::LANES;
    let mut block: [[D::Lanes<S>; 16]; K] = std::array::from_fn(|k| {
        std::array::from_fn(|word| {
            let of = |lane| blocks.get(k * lanes + lane).unwrap_or(&blocks[0])[word];
            D::Lanes::<S>::gather(simd, of)
        })
    });
    let start = D::START.map(|word| D::Lanes::<S>::splat(simd, word));
    for _ in 0..rounds {
        let mut state = [start; K];
        D::compress::<D::Lanes<S>, K>(simd, &mut state, &block);
        for (block, state) in block.iter_mut().zip(&state) {
            block[..D::WORDS].copy_from_slice(&state[..D::WORDS]);
        }
    }
    for (k, block) in block.iter().enumerate() {
        for (word, value) in block.iter().take(D::WORDS).enumerate() {
            value.scatter(|lane, value| {
                if let Some(block) = blocks.get_mut(k * lanes + lane) {
                    block[word] = value;
                }
            });
        }
    }
}
