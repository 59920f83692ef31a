//! Messages and their padding, and plain digests.

use std::marker::PhantomData;

use super::Digest;
use super::compression::Compression;
use crate::cpu::{self, Level};
use crate::dispatch::{Task, dispatch};
use crate::word::{Plain, Simd, Word};

/// The words of a state; those over the digest's are 0 or nothing.
pub(super) type State<D> = [<D as Compression>::Scalar; 8];
/// The words of a block.
pub(super) type Block<D> = [<D as Compression>::Scalar; 16];

/// How many blocks a message of so many bytes has with its padding: a 1 bit, and its length in two words.
pub(super) fn blocks_of<D: Digest>(bytes: usize) -> usize {
    (bytes + 1 + 2 * size_of::<D::Scalar>()).div_ceil(D::BLOCK_BYTES)
}

/// The block of a message with this index, padded, where `before` bytes were digested before the message.
pub(super) fn block<D: Digest>(message: &[u8], index: usize, before: usize) -> Block<D> {
    let mut bytes = [0; MOST_BLOCK_BYTES];
    fill::<D>(message, index, before, &mut bytes);
    words::<D>(&bytes)
}

/// Bytes of the widest block: 16 words of 64 bits.
pub(super) const MOST_BLOCK_BYTES: usize = 128;

/// Writes such a block into zeros.
#[inline(always)]
fn fill<D: Digest>(
    message: &[u8],
    index: usize,
    before: usize,
    bytes: &mut [u8; MOST_BLOCK_BYTES],
) {
    let size = D::BLOCK_BYTES;
    let rest = message.get(index * size..).unwrap_or_default();
    let taken = rest.len().min(size);
    bytes[..taken].copy_from_slice(&rest[..taken]);
    if taken < size && index * size <= message.len() {
        bytes[taken] = 0x80;
    }
    if index + 1 == blocks_of::<D>(message.len()) {
        let bits = (before + message.len()) as u64 * 8;
        let bits = if D::BIG_ENDIAN { bits.to_be_bytes() } else { bits.to_le_bytes() };
        bytes[size - 8..size].copy_from_slice(&bits);
    }
}

/// The block of a message that fits into one with its padding, for [`chain`](super::chain).
///
/// # Panics
///
/// If it does not fit.
///
/// ```
/// use rollbook_kernels::digest::{Sha256, one_block};
///
/// let block = one_block::<Sha256>(b"abc");
/// assert_eq!((block[0], block[15]), (0x6162_6380, 24));
/// ```
pub fn one_block<D: Digest>(message: &[u8]) -> [D::Scalar; 16] {
    assert!(is_one_block::<D>(message.len()), "{} bytes are no single block", message.len());
    block::<D>(message, 0, 0)
}

/// Whether a message of so many bytes fits into one block with its padding.
pub fn is_one_block<D: Digest>(bytes: usize) -> bool {
    blocks_of::<D>(bytes) == 1
}

/// Writes words as bytes, as many as there is room for.
pub fn write_words<D: Digest>(words: &[D::Scalar], bytes: &mut [u8]) {
    for (word, bytes) in words.iter().zip(bytes.chunks_exact_mut(size_of::<D::Scalar>())) {
        D::write(*word, bytes);
    }
}

/// The words of a block's bytes.
pub(super) fn words<D: Digest>(bytes: &[u8]) -> Block<D> {
    let mut words = [D::Scalar::default(); 16];
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(size_of::<D::Scalar>())) {
        *word = D::read(bytes);
    }
    words
}

/// Goes on from `state` with the end of a message, of which `before` bytes were compressed.
pub(super) fn finish<D: Digest>(mut state: State<D>, message: &[u8], before: usize) -> State<D>
where
    D::Lanes<Plain>: Word<Scalar = D::Scalar, Simd = Plain>,
{
    let (whole, rest) = message.split_at(message.len() / D::BLOCK_BYTES * D::BLOCK_BYTES);
    for bytes in whole.chunks_exact(D::BLOCK_BYTES) {
        compress_one::<D>(&mut state, &words::<D>(bytes));
    }
    for index in 0..blocks_of::<D>(rest.len()) {
        compress_one::<D>(&mut state, &block::<D>(rest, index, before + whole.len()));
    }
    state
}

/// One compression of plain words.
#[inline(always)]
pub(super) fn compress_one<D: Digest>(state: &mut State<D>, block: &Block<D>) {
    let mut lanes = [state.map(|word| D::Lanes::<Plain>::splat(Plain, word))];
    let block = [block.map(|word| D::Lanes::<Plain>::splat(Plain, word))];
    D::compress::<D::Lanes<Plain>, 1>(Plain, &mut lanes, &block);
    for (word, lane) in state.iter_mut().zip(lanes[0]) {
        lane.scatter(|_, new| *word = new);
    }
}

/// The digests of messages, one after the other in `digests`: as many times [`Digest::BYTES`] as there are
/// messages.
///
/// # Panics
///
/// If `digests` has another length.
///
/// ```
/// use rollbook_kernels::digest::{Md5, digest};
///
/// let mut digests = [0; 32];
/// digest::<Md5>(&[b"", b"abc"], &mut digests);
/// assert_eq!(digests[..4], [0xd4, 0x1d, 0x8c, 0xd9]);
/// assert_eq!(digests[16..20], [0x90, 0x01, 0x50, 0x98]);
/// ```
pub fn digest<D: Digest>(messages: &[&[u8]], digests: &mut [u8]) {
    digest_at::<D>(cpu::level(), messages, digests);
}

pub(super) fn digest_at<D: Digest>(level: Level, messages: &[&[u8]], digests: &mut [u8]) {
    assert_eq!(digests.len(), messages.len() * D::BYTES, "a digest for each message");
    if let [message] = messages {
        write_words::<D>(&finish::<D>(D::START, message, 0), digests);
        return;
    }
    dispatch(level, Digests::<D> { messages, output: digests, function: PhantomData });
}

struct Digests<'a, D> {
    messages: &'a [&'a [u8]],
    output: &'a mut [u8],
    function: PhantomData<D>,
}

impl<D: Digest> Task for Digests<'_, D> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let lanes = D::Lanes::<S>::LANES;
        let groups = self.messages.chunks(lanes).zip(self.output.chunks_mut(lanes * D::BYTES));
        for (messages, digests) in groups {
            side_by_side::<D, S>(simd, messages, digests);
        }
    }
}

/// Up to as many messages as there are lanes. Those without a message repeat the first.
#[inline(always)]
fn side_by_side<D: Digest, S: Simd>(simd: S, messages: &[&[u8]], digests: &mut [u8]) {
    // The widest vectors have 16 lanes.
    let mut counts = [0; 16];
    for (count, message) in counts.iter_mut().zip(messages) {
        *count = blocks_of::<D>(message.len());
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let mut state = [D::START.map(|word| D::Lanes::<S>::splat(simd, word))];
    for index in 0..most {
        // All of them before they are read as words: what was just written in other pieces is waited for.
        let mut blocks = [[0; MOST_BLOCK_BYTES]; 16];
        for (slot, message) in blocks.iter_mut().zip(messages) {
            fill::<D>(message, index, 0, slot);
        }
        let size = size_of::<D::Scalar>();
        let block = [std::array::from_fn(|word| {
            let of = |lane: usize| D::read(&blocks[lane][word * size..][..size]);
            D::Lanes::<S>::gather(simd, of)
        })];
        D::compress::<D::Lanes<S>, 1>(simd, &mut state, &block);
        for (i, word) in state[0].iter().take(D::WORDS).enumerate() {
            word.scatter(|lane, value| {
                if counts[lane] == index + 1 {
                    D::write(value, &mut digests[lane * D::BYTES + i * size..][..size]);
                }
            });
        }
    }
}
