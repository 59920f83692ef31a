//! PBKDF2 (RFC 8018) with HMAC (RFC 2104).

use std::array::from_fn;

use super::Digest;
use super::message::{
    Block, MOST_BLOCK_BYTES, State, block, compress_one, finish, is_one_block, words, write_words,
};
use crate::cpu::{self, Level};
use crate::dispatch::{Task, dispatch};
use crate::word::{Plain, Simd, Word};

/// A key to derive.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "the parameters of the function")]
pub struct Pbkdf2<'a> {
    /// Of any length.
    pub password: &'a [u8],
    /// Of any length.
    pub salt: &'a [u8],
    /// Where the key goes; its length is the key's.
    pub key: &'a mut [u8],
}

/// Derives keys with the same number of iterations, at least 1. Each block of each key takes a lane.
///
/// ```
/// use rollbook_kernels::digest::{Pbkdf2, Sha1, pbkdf2};
///
/// // RFC 6070.
/// let mut key = [0; 20];
/// pbkdf2::<Sha1>(&mut [Pbkdf2 { password: b"password", salt: b"salt", key: &mut key }], 2);
/// assert_eq!(key[..4], [0xea, 0x6c, 0x01, 0x4d]);
/// ```
pub fn pbkdf2<D: Digest>(jobs: &mut [Pbkdf2<'_>], iterations: u32) {
    pbkdf2_at::<D>(cpu::level(), jobs, iterations);
}

pub(super) fn pbkdf2_at<D: Digest>(level: Level, jobs: &mut [Pbkdf2<'_>], iterations: u32) {
    let mut lanes: Vec<Lane<D>> = Vec::new();
    for job in &*jobs {
        let hmac = Hmac::<D>::new(job.password);
        let blocks = job.key.len().div_ceil(D::BYTES);
        lanes.extend((1..=blocks).map(|index| Lane::first(&hmac, job.salt, index)));
    }
    let alone = lanes.len() == 1;
    let task = Lanes { lanes: &mut lanes, rounds: iterations.saturating_sub(1) };
    if alone {
        task.run(Plain);
    } else {
        dispatch(level, task);
    }
    let keys = jobs.iter_mut().flat_map(|job| job.key.chunks_mut(D::BYTES));
    for (part, lane) in keys.zip(&mut lanes) {
        // The widest digest has 64 bytes.
        let mut bytes = [0; 64];
        write_words::<D>(&lane.key, &mut bytes[..D::BYTES]);
        part.copy_from_slice(&bytes[..part.len()]);
        wipe(&mut bytes);
        *lane = Lane::nothing();
    }
    std::hint::black_box(&lanes);
}

fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    std::hint::black_box(bytes);
}

/// HMAC's states after its key.
struct Hmac<D: Digest> {
    inner: State<D>,
    outer: State<D>,
}

impl<D: Digest> Hmac<D> {
    fn new(key: &[u8]) -> Self {
        let mut padded = [0; MOST_BLOCK_BYTES];
        let padded = &mut padded[..D::BLOCK_BYTES];
        if key.len() > padded.len() {
            write_words::<D>(&finish::<D>(D::START, key, 0), &mut padded[..D::BYTES]);
        } else {
            padded[..key.len()].copy_from_slice(key);
        }
        let mut state = |pad: u8| {
            for byte in padded.iter_mut() {
                *byte ^= pad;
            }
            let mut state = D::START;
            compress_one::<D>(&mut state, &words::<D>(padded));
            state
        };
        let inner = state(0x36);
        // What was the inner pad becomes the outer.
        let outer = state(0x36 ^ 0x5c);
        wipe(padded);
        Self { inner, outer }
    }
}

/// A block of a key as it is made.
struct Lane<D: Digest> {
    inner: State<D>,
    outer: State<D>,
    /// The last HMAC, padded as the end of a message of a block and itself.
    last: Block<D>,
    /// The sum so far.
    key: State<D>,
}

impl<D: Digest> Lane<D> {
    /// The first iteration: the HMAC of the salt and the block's number.
    fn first(hmac: &Hmac<D>, salt: &[u8], index: usize) -> Self {
        let number = u32::try_from(index).unwrap_or(u32::MAX).to_be_bytes();
        let message = [salt, &number].concat();
        let (inner, outer) = (hmac.inner, hmac.outer);
        let digest = finish::<D>(inner, &message, D::BLOCK_BYTES);
        let last = padded::<D>(&digest);
        let mut key = outer;
        compress_one::<D>(&mut key, &last);
        Self { inner, outer, last: padded::<D>(&key), key }
    }

    fn nothing() -> Self {
        let state = [D::Scalar::default(); 8];
        Self { inner: state, outer: state, last: [D::Scalar::default(); 16], key: state }
    }
}

/// The block that ends a message of one block and a digest.
fn padded<D: Digest>(digest: &State<D>) -> Block<D> {
    let mut bytes = [0; 64];
    let bytes = &mut bytes[..D::BYTES];
    write_words::<D>(digest, bytes);
    debug_assert!(is_one_block::<D>(bytes.len()));
    let padded = block::<D>(bytes, 0, D::BLOCK_BYTES);
    wipe(bytes);
    padded
}

struct Lanes<'a, D: Digest> {
    lanes: &'a mut [Lane<D>],
    rounds: u32,
}

impl<D: Digest> Task for Lanes<'_, D> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let width = D::Lanes::<S>::LANES;
        for lanes in self.lanes.chunks_mut(width) {
            side_by_side::<D, S>(simd, lanes, self.rounds);
        }
    }
}

#[inline(always)]
fn side_by_side<D: Digest, S: Simd>(simd: S, lanes: &mut [Lane<D>], rounds: u32) {
    macro_rules! gather {
        ($field:ident) => {
            from_fn(|word| {
                let of = |lane| lanes.get(lane).unwrap_or(&lanes[0]).$field[word];
                D::Lanes::<S>::gather(simd, of)
            })
        };
    }
    let (inner, outer): ([_; 8], [_; 8]) = (gather!(inner), gather!(outer));
    let (mut last, mut key): ([[_; 16]; 1], [_; 8]) = ([gather!(last)], gather!(key));
    for _ in 0..rounds {
        for start in [inner, outer] {
            let mut state = [start];
            D::compress::<D::Lanes<S>, 1>(simd, &mut state, &last);
            last[0][..D::WORDS].copy_from_slice(&state[0][..D::WORDS]);
        }
        for (sum, word) in key.iter_mut().zip(&last[0][..D::WORDS]) {
            *sum = sum.xor(*word);
        }
    }
    for (i, word) in key.iter().take(D::WORDS).enumerate() {
        word.scatter(|lane, value| {
            if let Some(lane) = lanes.get_mut(lane) {
                lane.key[i] = value;
            }
        });
    }
}
