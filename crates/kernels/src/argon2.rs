//! Argon2 (RFC 9106), with its lanes one after the other.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;
#[cfg(test)]
mod tests;

use blake2::digest::array::Array;
use blake2::digest::block_api::{UpdateCore as _, VariableOutputCore as _};
use blake2::digest::block_buffer::LazyBuffer;
use blake2::{Blake2b512, Blake2bVarCore, Digest};
use zeroize::{Zeroize as _, Zeroizing};

use crate::cpu::{self, Level};
use crate::memory::Line;

/// Lines of a block, which has 1 KiB.
const BLOCK_LINES: usize = 16;
const BLOCK_BYTES: usize = 1024;
/// Words of a block.
const WORDS: usize = 128;
/// Parts of a pass that lanes go through together.
const SLICES: usize = 4;

/// A block. In which order its words rest is up to the form.
type Block = [Line; BLOCK_LINES];

/// How a block finds the one that it is mixed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 9106 knows no others")]
pub enum Variant {
    /// By the data: `argon2d`.
    D = 0,
    /// By counters: `argon2i`.
    I = 1,
    /// By counters in the first half of the first pass, then by the data: `argon2id`.
    Id = 2,
}

/// What later passes do to what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there will be no third version")]
pub enum Version {
    /// They replace it: 1.0.
    V16 = 16,
    /// They are added to it: 1.3, that of RFC 9106.
    V19 = 19,
}

/// The parameters of a computation.
///
/// ```
/// use rollbook_kernels::argon2::{Argon2, Variant, Version};
/// use rollbook_kernels::memory::Line;
///
/// let argon2 = Argon2 {
///     variant: Variant::Id,
///     version: Version::V19,
///     memory_kib: 32,
///     passes: 3,
///     lanes: 4,
///     secret: &[3; 8],
///     data: &[4; 12],
/// };
/// let mut memory = vec![Line::ZERO; argon2.lines()];
/// let mut tag = [0; 32];
/// argon2.hash(&[1; 32], &[2; 16], &mut memory, &mut tag);
/// // RFC 9106, section 5.3.
/// assert_eq!(tag[..4], [0x0d, 0x64, 0x0d, 0xf5]);
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the parameters of RFC 9106, section 3.1")]
pub struct Argon2<'a> {
    /// y.
    pub variant: Variant,
    /// v.
    pub version: Version,
    /// m: at least 8 for each lane.
    pub memory_kib: u32,
    /// t: at least 1.
    pub passes: u32,
    /// p: at least 1.
    pub lanes: u32,
    /// K, a key; usually none.
    pub secret: &'a [u8],
    /// X, associated data; usually none.
    pub data: &'a [u8],
}

impl Argon2<'_> {
    /// How much memory [`hash`](Self::hash) must be lent.
    ///
    /// # Panics
    ///
    /// Without lanes.
    pub fn lines(&self) -> usize {
        let unit = SLICES * self.lanes as usize;
        self.memory_kib as usize / unit * unit * BLOCK_LINES
    }

    /// Fills `tag`, of which the length is a parameter too.
    ///
    /// # Panics
    ///
    /// If a parameter is out of the range above, the tag is shorter than 4 bytes, anything is of 4 GiB or more,
    /// or less than [`lines`](Self::lines) is lent.
    pub fn hash(&self, password: &[u8], salt: &[u8], memory: &mut [Line], tag: &mut [u8]) {
        self.with_level(cpu::level(), password, salt, memory, tag);
    }

    fn with_level(
        &self,
        level: Level,
        password: &[u8],
        salt: &[u8],
        memory: &mut [Line],
        tag: &mut [u8],
    ) {
        let Self { memory_kib, passes, lanes, .. } = *self;
        assert!(lanes >= 1 && memory_kib / 8 >= lanes, "8 KiB are needed for each lane");
        assert!(passes >= 1 && tag.len() >= 4, "a pass and 4 bytes of a tag are needed");
        let seed = self.seed(password, salt, tag.len());
        let (memory, _) = memory[..self.lines()].as_chunks_mut();
        match level {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => {
                // SAFETY: the level says that the CPU has what the function was compiled for.
                #[expect(unsafe_code, reason = "to call what the CPU was found to have")]
                unsafe {
                    avx512::run(self, &seed, memory, tag);
                }
            }
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => {
                // SAFETY: as above.
                #[expect(unsafe_code, reason = "to call what the CPU was found to have")]
                unsafe {
                    avx2::run(self, &seed, memory, tag);
                }
            }
            _ => portable::run(self, &seed, memory, tag),
        }
    }

    /// H0, and room for the two numbers that follow it at the start of a lane.
    fn seed(&self, password: &[u8], salt: &[u8], tag_bytes: usize) -> Zeroizing<[u8; 72]> {
        let Self { variant, version, memory_kib, passes, lanes, secret, data } = *self;
        let mut hash = Blake2b512::new();
        let numbers =
            [lanes, number(tag_bytes), memory_kib, passes, version as u32, variant as u32];
        for number in numbers {
            hash.update(number.to_le_bytes());
        }
        for part in [password, salt, secret, data] {
            hash.update(number(part.len()).to_le_bytes());
            hash.update(part);
        }
        let mut seed = Zeroizing::new([0; 72]);
        hash.finalize_into((&mut seed[..64]).try_into().expect("64 bytes"));
        seed
    }

    /// The whole computation on blocks of which word `n` rests at `position(n)`.
    ///
    /// `step(memory, state, reference, at, add)` mixes `state`, which is the block before, with the block
    /// `reference`, adds what is at `at` if it is told to, and leaves the result both there and in the state.
    #[inline(always)]
    fn run(
        &self,
        seed: &[u8; 72],
        memory: &mut [Block],
        tag: &mut [u8],
        position: impl Fn(usize) -> usize + Copy,
        step: impl Fn(&mut [Block], &mut Block, usize, usize, bool) + Copy,
    ) {
        let lane_blocks = memory.len() / self.lanes as usize;
        let mut bytes = Zeroizing::new([0; BLOCK_BYTES]);
        let mut seed = Zeroizing::new(*seed);
        for lane in 0..self.lanes {
            seed[68..].copy_from_slice(&lane.to_le_bytes());
            for index in 0..2_u32 {
                seed[64..68].copy_from_slice(&index.to_le_bytes());
                long_hash(&seed[..], &mut bytes[..]);
                let block = &mut memory[lane as usize * lane_blocks + index as usize];
                let words = bytemuck::cast_mut::<Block, [u64; WORDS]>(block);
                for (word, bytes) in bytes.as_chunks().0.iter().enumerate() {
                    words[position(word)] = u64::from_le_bytes(*bytes);
                }
            }
        }
        for pass in 0..self.passes {
            for slice in 0..SLICES {
                for lane in 0..self.lanes as usize {
                    let at = Segment { pass, slice, lane, lane_blocks };
                    self.fill(memory, at, position, step);
                }
            }
        }
        let mut last = [0; WORDS];
        for lane in memory.chunks_exact(lane_blocks) {
            let words: &[u64; WORDS] = bytemuck::cast_ref(&lane[lane_blocks - 1]);
            last.iter_mut().zip(words).for_each(|(last, word)| *last ^= word);
        }
        for (word, bytes) in bytes.as_chunks_mut().0.iter_mut().enumerate() {
            *bytes = last[position(word)].to_le_bytes();
        }
        last.zeroize();
        long_hash(&bytes[..], tag);
    }

    /// One lane of one slice.
    #[inline(always)]
    fn fill(
        &self,
        memory: &mut [Block],
        segment: Segment,
        position: impl Fn(usize) -> usize,
        step: impl Fn(&mut [Block], &mut Block, usize, usize, bool),
    ) {
        let Segment { pass, slice, lane, lane_blocks } = segment;
        let by_counter = match self.variant {
            Variant::D => false,
            Variant::I => true,
            Variant::Id => pass == 0 && slice < SLICES / 2,
        };
        let add = pass > 0 && self.version == Version::V19;
        let segment_blocks = lane_blocks / SLICES;
        let start = lane * lane_blocks + slice * segment_blocks;
        let first = if pass == 0 && slice == 0 { 2 } else { 0 };
        // Zeros, what is counted, and what comes of it.
        let mut addresses = [[Line::ZERO; BLOCK_LINES]; 3];
        let input = [
            u64::from(pass),
            lane as u64,
            slice as u64,
            memory.len() as u64,
            u64::from(self.passes),
            self.variant as u64,
        ];
        let mut counter = 0_u64;
        let before = if start + first == lane * lane_blocks { lane_blocks } else { 0 };
        let mut state = memory[start + first + before - 1];
        for index in first..segment_blocks {
            let random = if by_counter {
                if index % WORDS == 0 || counter == 0 {
                    counter += 1;
                    let words = bytemuck::cast_mut::<Block, [u64; WORDS]>(&mut addresses[1]);
                    for (word, value) in input.iter().chain([&counter]).enumerate() {
                        words[position(word)] = *value;
                    }
                    // Mixed with zeros, twice.
                    let mut state = addresses[0];
                    step(&mut addresses, &mut state, 1, 2, false);
                    state = addresses[0];
                    step(&mut addresses, &mut state, 2, 2, false);
                }
                let words: &[u64; WORDS] = bytemuck::cast_ref(&addresses[2]);
                words[position(index % WORDS)]
            } else {
                let words: &[u64; WORDS] = bytemuck::cast_ref(&state);
                words[position(0)]
            };
            let reference = segment.reference(index, random, self.lanes);
            step(memory, &mut state, reference, start + index, add);
        }
    }
}

/// A part of a lane that is filled without regard to the others.
#[derive(Clone, Copy)]
struct Segment {
    pass: u32,
    slice: usize,
    lane: usize,
    lane_blocks: usize,
}

impl Segment {
    /// The block that the one at `index` is mixed with (RFC 9106, section 3.4.2).
    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "both are less than a number of blocks in memory"
    )]
    fn reference(self, index: usize, random: u64, lanes: u32) -> usize {
        let Self { pass, slice, lane, lane_blocks } = self;
        let segment_blocks = lane_blocks / SLICES;
        let (chosen, wanted) = (random & 0xFFFF_FFFF, random >> 32);
        let from = if lanes == 1 || (pass == 0 && slice == 0) {
            lane
        } else {
            (wanted % u64::from(lanes)) as usize
        };
        let done = if pass == 0 { slice * segment_blocks } else { lane_blocks - segment_blocks };
        // Of the own lane all but the block before; of another one what is done, and of that not the
        // last as long as it might be the block before.
        let choice = if from == lane { done + index - 1 } else { done - usize::from(index == 0) };
        let squared = (chosen * chosen) >> 32;
        let back = (choice as u64 * squared) >> 32;
        let start = if pass == 0 || slice == SLICES - 1 { 0 } else { (slice + 1) * segment_blocks };
        let mut at = start + choice - 1 - back as usize;
        if at >= lane_blocks {
            at -= lane_blocks;
        }
        from * lane_blocks + at
    }
}

fn number(length: usize) -> u32 {
    u32::try_from(length).expect("lengths are of 32 bits")
}

/// H', `BLAKE2b` of any length (RFC 9106, section 3.3).
fn long_hash(input: &[u8], output: &mut [u8]) {
    let length = number(output.len()).to_le_bytes();
    if output.len() <= 64 {
        return hash(&[&length, input], output);
    }
    let mut last = Zeroizing::new([0; 64]);
    hash(&[&length, input], &mut last[..]);
    let mut rest = output;
    while rest.len() > 64 {
        let (half, tail) = rest.split_at_mut(32);
        half.copy_from_slice(&last[..32]);
        let previous = last.clone();
        let bytes = tail.len().min(64);
        hash(&[&previous[..]], &mut last[..bytes]);
        rest = tail;
    }
    rest.copy_from_slice(&last[..rest.len()]);
}

/// `BLAKE2b` of 1 to 64 bytes.
fn hash(input: &[&[u8]], output: &mut [u8]) {
    let mut hash = Blake2bVarCore::new(output.len()).expect("1 to 64 bytes");
    let mut buffer = LazyBuffer::default();
    for part in input {
        buffer.digest_blocks(part, |blocks| hash.update_blocks(blocks));
    }
    let mut whole = Array::default();
    hash.finalize_variable_core(&mut buffer, &mut whole);
    output.copy_from_slice(&whole[..output.len()]);
    whole.zeroize();
}
