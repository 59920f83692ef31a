//! The rounds of MD5-crypt and SHA-crypt, which are the same but for their digest.

use std::array::from_fn;
use std::marker::PhantomData;

use super::Digest;
use super::message::{block, blocks_of, words};
use crate::cpu::{self, Level};
use crate::dispatch::{Task, dispatch};
use crate::word::{Plain, Simd, Word};

/// A password in the middle of its crypt(3).
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "the parameters of the function")]
pub struct Crypt<'a> {
    /// The password of MD5-crypt, the sequence P of SHA-crypt.
    pub password: &'a [u8],
    /// The salt of MD5-crypt, the sequence S of SHA-crypt.
    pub salt: &'a [u8],
    /// The digest before the first round, and after the last: [`Digest::BYTES`] bytes.
    pub digest: &'a mut [u8],
}

/// Does the rounds of each: a digest of the digest before, the salt and the password, in an order that
/// depends on the round.
///
/// Those with a password and a salt of the same length run side by side.
///
/// # Panics
///
/// If a digest has another length than the digest's.
///
/// ```
/// use rollbook_kernels::digest::{Crypt, Md5, crypt};
///
/// // In its first round the digest comes first, and the password last.
/// let mut digest = *b"0123456789abcdef";
/// crypt::<Md5>(&mut [Crypt { password: b"pass", salt: b"salt", digest: &mut digest }], 1);
/// // md5("0123456789abcdefpass")
/// assert_eq!(digest[..4], [0x65, 0xd1, 0x41, 0x94]);
/// ```
pub fn crypt<D: Digest>(jobs: &mut [Crypt<'_>], rounds: u32) {
    crypt_at::<D>(cpu::level(), jobs, rounds);
}

pub(super) fn crypt_at<D: Digest>(level: Level, jobs: &mut [Crypt<'_>], rounds: u32) {
    for job in &*jobs {
        assert_eq!(job.digest.len(), D::BYTES, "a digest is a digest long");
    }
    let lengths = |job: &Crypt<'_>| (job.password.len(), job.salt.len());
    jobs.sort_by_key(lengths);
    for jobs in jobs.chunk_by_mut(|a, b| lengths(a) == lengths(b)) {
        let alone = jobs.len() == 1;
        let task = Rounds::<D> { jobs, count: rounds, digest: PhantomData };
        if alone { task.run(Plain) } else { dispatch(level, task) }
    }
}

/// Jobs of the same lengths.
struct Rounds<'a, 'b, D> {
    jobs: &'a mut [Crypt<'b>],
    count: u32,
    digest: PhantomData<D>,
}

impl<D: Digest> Task for Rounds<'_, '_, D> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let lanes = D::Lanes::<S>::LANES;
        // Two groups at most: the templates of more would not stay in the nearest cache.
        for jobs in self.jobs.chunks_mut(lanes * D::INTERLEAVED.min(2)) {
            match jobs.len().div_ceil(lanes) {
                1 => side_by_side::<D, S, 1>(simd, jobs, self.count),
                _ => side_by_side::<D, S, 2>(simd, jobs, self.count),
            }
        }
    }
}

/// The messages of one kind of round, with a hole where the digest goes.
struct Template<V, const K: usize> {
    /// The blocks of each group.
    blocks: Vec<[[V; 16]; K]>,
    /// Where the digest goes, in words and in bits of a word.
    word: usize,
    bits: u32,
}

/// Whether it is an odd round, has the salt, has the password in its middle: 8 kinds.
fn kind(round: u32) -> usize {
    usize::from(round % 2 == 1) << 2
        | usize::from(!round.is_multiple_of(3)) << 1
        | usize::from(!round.is_multiple_of(7))
}

#[inline(always)]
fn side_by_side<D: Digest, S: Simd, const K: usize>(simd: S, jobs: &mut [Crypt<'_>], rounds: u32) {
    let lanes = D::Lanes::<S>::LANES;
    let mut templates: [_; 8] = from_fn(|kind| template::<D, S, K>(simd, jobs, kind));
    let firsts: Vec<_> = jobs.iter().map(|job| words::<D>(job.digest)).collect();
    let mut digest: [[D::Lanes<S>; 8]; K] = from_fn(|k| {
        from_fn(|word| {
            let of = |lane| firsts.get(k * lanes + lane).unwrap_or(&firsts[0])[word];
            D::Lanes::<S>::gather(simd, of)
        })
    });
    let start = D::START.map(|word| D::Lanes::<S>::splat(simd, word));
    let most = templates.iter().map(|template| template.blocks.len()).max().unwrap_or(0);
    let mut message = vec![[[start[0]; 16]; K]; most];
    for round in 0..rounds {
        let Template { blocks, word, bits } = &templates[kind(round)];
        let message = &mut message[..blocks.len()];
        message.copy_from_slice(blocks);
        for (k, digest) in digest.iter().enumerate() {
            for (at, part) in (*word..).zip(&digest[..D::WORDS]) {
                let (first, second) = part.shifted_in::<D>(*bits);
                let slot = &mut message[at / 16][k][at % 16];
                *slot = slot.xor(first);
                if *bits > 0 {
                    let slot = &mut message[(at + 1) / 16][k][(at + 1) % 16];
                    *slot = slot.xor(second);
                }
            }
        }
        let mut state = [start; K];
        for block in &*message {
            D::compress::<D::Lanes<S>, K>(simd, &mut state, block);
        }
        digest = state;
    }
    // Passwords are in them.
    for blocks in templates.iter_mut().map(|template| &mut template.blocks).chain([&mut message]) {
        blocks.fill([[start[0]; 16]; K]);
        std::hint::black_box(blocks);
    }
    let size = size_of::<D::Scalar>();
    for (k, digest) in digest.iter().enumerate() {
        for (i, word) in digest.iter().take(D::WORDS).enumerate() {
            word.scatter(|lane, value| {
                if let Some(job) = jobs.get_mut(k * lanes + lane) {
                    D::write(value, &mut job.digest[i * size..][..size]);
                }
            });
        }
    }
}

fn template<D: Digest, S: Simd, const K: usize>(
    simd: S,
    jobs: &[Crypt<'_>],
    kind: usize,
) -> Template<D::Lanes<S>, K> {
    let (odd, salted, middle) = (kind & 4 != 0, kind & 2 != 0, kind & 1 != 0);
    let mut at = 0;
    let mut messages: Vec<Vec<u8>> = jobs
        .iter()
        .map(|job| {
            let hole = [0; 64];
            let hole = &hole[..D::BYTES];
            let salt = if salted { job.salt } else { &[] };
            let password = if middle { job.password } else { &[] };
            at = if odd { job.password.len() + salt.len() + password.len() } else { 0 };
            let (first, last) = if odd { (job.password, hole) } else { (hole, job.password) };
            [first, salt, password, last].concat()
        })
        .collect();
    let length = messages.first().map_or(0, Vec::len);
    let blocks = (0..blocks_of::<D>(length))
        .map(|index| {
            let blocks: Vec<_> = messages.iter().map(|m| block::<D>(m, index, 0)).collect();
            from_fn(|k| {
                from_fn(|word| {
                    let at = k * D::Lanes::<S>::LANES;
                    let of = |lane| blocks.get(at + lane).unwrap_or(&blocks[0])[word];
                    D::Lanes::<S>::gather(simd, of)
                })
            })
        })
        .collect();
    for message in &mut messages {
        message.fill(0);
    }
    std::hint::black_box(&messages);
    let size = size_of::<D::Scalar>();
    let bits = u32::try_from(at % size * 8).unwrap_or(0);
    Template { blocks, word: at / size, bits }
}

/// Words of a digest that begins in the middle of a word of the message.
trait ShiftedIn: Word {
    /// What goes into the word of that place, and what into the next: the latter only if `bits` is not 0.
    #[inline(always)]
    fn shifted_in<D: Digest<Scalar = Self::Scalar>>(self, bits: u32) -> (Self, Self) {
        let rest = (u32::try_from(8 * size_of::<D::Scalar>()).unwrap_or(0) - bits) % 64;
        if D::BIG_ENDIAN {
            (self.shift_right(bits), self.shift_left(rest))
        } else {
            (self.shift_left(bits), self.shift_right(rest))
        }
    }
}

impl<W: Word> ShiftedIn for W {}
