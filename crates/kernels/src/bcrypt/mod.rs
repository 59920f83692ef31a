//! bcrypt (Provos and Mazières, 1999), several at a time.
//!
//! A round of Blowfish waits for its four look-ups, and the next round for it. Others' rounds fill the wait.

mod pi;
#[cfg(test)]
mod tests;

/// A password to hash.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "the parameters of the function")]
pub struct Bcrypt<'a> {
    /// The key of the first set-up: the password and a NUL, again and again.
    pub first: &'a [u8; 72],
    /// The key of the rounds: the same, but for `$2a$` of passwords that could be mistaken.
    pub rest: &'a [u8; 72],
    /// The salt.
    pub salt: &'a [u8; 16],
    /// Where the digest goes, of which texts hold 23 bytes.
    pub digest: &'a mut [u8; 24],
}

/// The most that run side by side: their boxes still fit into 32 KiB of cache.
const MOST: usize = 6;

/// Hashes passwords with the same cost, from 4 to 31.
///
/// ```
/// use rollbook_kernels::bcrypt::{Bcrypt, bcrypt};
///
/// // The empty password is NULs.
/// let (key, salt, mut digest) = ([0; 72], [0; 16], [0; 24]);
/// bcrypt(&mut [Bcrypt { first: &key, rest: &key, salt: &salt, digest: &mut digest }], 4);
/// assert_ne!(digest, [0; 24]);
/// ```
pub fn bcrypt(jobs: &mut [Bcrypt<'_>], cost: u32) {
    // As equal as can be: 7 as 4 and 3.
    let groups = jobs.len().div_ceil(MOST).max(1);
    for jobs in jobs.chunks_mut(jobs.len().div_ceil(groups).max(1)) {
        match jobs {
            [a] => side_by_side([a], cost),
            [a, b] => side_by_side([a, b], cost),
            [a, b, c] => side_by_side([a, b, c], cost),
            [a, b, c, d] => side_by_side([a, b, c, d], cost),
            [a, b, c, d, e] => side_by_side([a, b, c, d, e], cost),
            [a, b, c, d, e, f] => side_by_side([a, b, c, d, e, f], cost),
            _ => {}
        }
    }
}

/// `OrpheanBeholderScryDoubt`.
const MAGIC: [[u32; 2]; 3] =
    [[0x4f72_7068, 0x6561_6e42], [0x6568_6f6c, 0x6465_7253], [0x6372_7944, 0x6f75_6274]];

fn side_by_side<const N: usize>(mut jobs: [&mut Bcrypt<'_>; N], cost: u32) {
    let mut states: [Blowfish; N] = std::array::from_fn(|_| Blowfish::new());
    let firsts: [_; N] = std::array::from_fn(|i| words(jobs[i].first));
    let rests: [_; N] = std::array::from_fn(|i| words(jobs[i].rest));
    let salts: [[u32; 4]; N] = std::array::from_fn(|i| words(jobs[i].salt));
    let cycled = salts.map(|salt| std::array::from_fn(|i| salt[i % 4]));
    expand(&mut states, &firsts, &salts);
    for _ in 0..1_u64 << cost {
        expand(&mut states, &rests, &[[0; 4]; N]);
        expand(&mut states, &cycled, &[[0; 4]; N]);
    }
    for (slot, text) in MAGIC.into_iter().enumerate() {
        let mut blocks = [text; N];
        for _ in 0..64 {
            encrypt(&states, &mut blocks);
        }
        for (job, [left, right]) in jobs.iter_mut().zip(blocks) {
            job.digest[8 * slot..][..4].copy_from_slice(&left.to_be_bytes());
            job.digest[8 * slot + 4..][..4].copy_from_slice(&right.to_be_bytes());
        }
    }
    for state in &mut states {
        *state = Blowfish { p: [0; 18], s: [[0; 256]; 4] };
    }
    std::hint::black_box(&states);
}

fn words<const N: usize>(bytes: &[u8]) -> [u32; N] {
    std::array::from_fn(|i| bytes[4 * i..][..4].iter().fold(0, |w, b| w << 8 | u32::from(*b)))
}

/// The state of Blowfish.
struct Blowfish {
    p: [u32; 18],
    s: [[u32; 256]; 4],
}

impl Blowfish {
    fn new() -> Self {
        let boxes = |s: usize| std::array::from_fn(|i| pi::FRACTION[18 + 256 * s + i]);
        let p = std::array::from_fn(|i| pi::FRACTION[i]);
        Self { p, s: std::array::from_fn(boxes) }
    }

    #[inline(always)]
    fn f(&self, x: u32) -> u32 {
        // Shifts: of `to_be_bytes` the compiler makes a swap of bytes, which the look-ups wait for.
        let [a, b, c, d] = [24, 16, 8, 0].map(|bits| (x >> bits & 0xff) as usize);
        let s = &self.s;
        (s[0][a].wrapping_add(s[1][b]) ^ s[2][c]).wrapping_add(s[3][d])
    }
}

/// One block under each state.
#[inline(always)]
fn encrypt<const N: usize>(states: &[Blowfish; N], blocks: &mut [[u32; 2]; N]) {
    for (state, block) in states.iter().zip(&mut *blocks) {
        block[0] ^= state.p[0];
    }
    macro_rules! rounds {
        ($($round:literal)*) => {$(
            for (state, block) in states.iter().zip(&mut *blocks) {
                block[1] ^= state.p[$round];
                block[1] ^= state.f(block[0]);
            }
            for (state, block) in states.iter().zip(&mut *blocks) {
                block[0] ^= state.p[$round + 1];
                block[0] ^= state.f(block[1]);
            }
        )*};
    }
    rounds!(1 3 5 7 9 11 13 15);
    for (state, block) in states.iter().zip(&mut *blocks) {
        *block = [block[1] ^ state.p[17], block[0]];
    }
}

/// `ExpandKey`. Without a salt it is that of zeros.
#[inline(always)]
fn expand<const N: usize>(
    states: &mut [Blowfish; N],
    keys: &[[u32; 18]; N],
    salts: &[[u32; 4]; N],
) {
    for (state, key) in states.iter_mut().zip(keys) {
        for (word, key) in state.p.iter_mut().zip(key) {
            *word ^= key;
        }
    }
    let mut blocks = [[0; 2]; N];
    // The halves of the salt take turns: the P array takes 9, an odd number of them.
    for pair in 0..9 {
        salted(&mut blocks, salts, pair % 2);
        encrypt(states, &mut blocks);
        for (state, block) in states.iter_mut().zip(&blocks) {
            state.p[2 * pair..][..2].copy_from_slice(block);
        }
    }
    for s in 0..4 {
        for pair in 0..128 {
            salted(&mut blocks, salts, (pair + 1) % 2);
            encrypt(states, &mut blocks);
            for (state, block) in states.iter_mut().zip(&blocks) {
                state.s[s][2 * pair..][..2].copy_from_slice(block);
            }
        }
    }
}

#[inline(always)]
fn salted<const N: usize>(blocks: &mut [[u32; 2]; N], salts: &[[u32; 4]; N], half: usize) {
    for (block, salt) in blocks.iter_mut().zip(salts) {
        block[0] ^= salt[2 * half];
        block[1] ^= salt[2 * half + 1];
    }
}
