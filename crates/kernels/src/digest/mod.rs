//! MD5, SHA-1, SHA-256 and SHA-512, many at a time.
//!
//! What iterated hashes do in their inner loops: a digest of the last digest and a few bytes ([`chain`]),
//! PBKDF2 ([`pbkdf2`]), the rounds of crypt(3) ([`crypt`]), and plain digests ([`digest`]). Each takes any
//! number of passwords and runs as many side by side as the CPU has lanes.

mod chain;
mod crypt;
mod md5;
mod message;
mod pbkdf2;
mod sha1;
mod sha2;
#[cfg(target_arch = "x86_64")]
mod sha512_alone;
#[cfg(test)]
mod tests;

use std::fmt::Debug;

pub use chain::chain;
pub use crypt::{Crypt, crypt};
pub use md5::Md5;
pub use message::{digest, is_one_block, one_block, write_words};
pub use pbkdf2::{Pbkdf2, pbkdf2};
pub use sha1::Sha1;
pub use sha2::{Sha256, Sha512};
#[cfg(target_arch = "x86_64")]
pub(crate) use sha512_alone::compress as sha512_alone;

use crate::word::{Simd, Word};

/// A digest that has kernels: [`Md5`], [`Sha1`], [`Sha256`] or [`Sha512`].
pub trait Digest: compression::Compression {
    /// Bytes of a digest.
    const BYTES: usize;
    /// Bytes of a block of its input.
    const BLOCK_BYTES: usize;
}

impl<D: compression::Compression> Digest for D {
    const BYTES: usize = D::WORDS * size_of::<D::Scalar>();
    const BLOCK_BYTES: usize = 16 * size_of::<D::Scalar>();
}

/// The numbers that a digest computes with.
mod compression {
    use super::{Debug, Simd, Word};

    /// A compression function of Merkle and Damgård.
    pub trait Compression: Copy + Debug + 'static {
        /// `u32` or `u64`.
        type Scalar: Scalar;
        /// Its vectors.
        type Lanes<S: Simd>: Word<Scalar = Self::Scalar, Simd = S>;
        /// Words of the state, at most 8.
        const WORDS: usize;
        /// The state at the start; what is over `WORDS` is not looked at.
        const START: [Self::Scalar; 8];
        /// How many groups of lanes pay side by side where nothing but the state is in registers: as many as
        /// it takes to fill the waits between its steps.
        const INTERLEAVED: usize;

        /// Compresses a block of each lane of each of `K` groups.
        fn compress<W: Word<Scalar = Self::Scalar>, const K: usize>(
            simd: W::Simd,
            state: &mut [[W; 8]; K],
            block: &[[W; 16]; K],
        );

        /// A word from its bytes in the order of the digest.
        fn read(bytes: &[u8]) -> Self::Scalar;
        /// Writes a word in the order of the digest.
        fn write(word: Self::Scalar, bytes: &mut [u8]);
        /// Whether the first byte of a word is its most significant.
        const BIG_ENDIAN: bool;
    }

    /// A word.
    pub trait Scalar: Copy + Debug + Default + PartialEq + Send + Sync + 'static {}

    impl Scalar for u32 {}
    impl Scalar for u64 {}
}
