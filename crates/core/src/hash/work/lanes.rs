//! The digests that run side by side, and each of them alone.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroize as _;

/// A digest that has lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::hash) enum Function {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

/// Calls something generic with the digest of a function.
macro_rules! with {
    ($function:expr, $call:ident $arguments:tt) => {
        match $function {
            Function::Md5 => $call::<Md5> $arguments,
            Function::Sha1 => $call::<Sha1> $arguments,
            Function::Sha256 => $call::<Sha256> $arguments,
            Function::Sha512 => $call::<Sha512> $arguments,
        }
    };
}

impl Function {
    /// The digest of this name in options and expressions, if it has lanes.
    pub(in crate::hash) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "md5" => Self::Md5,
            "sha1" => Self::Sha1,
            "sha256" => Self::Sha256,
            "sha512" => Self::Sha512,
            _ => return None,
        })
    }

    /// Bytes of a digest.
    pub(in crate::hash) fn bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// Whether a digest and so many bytes after it fit into one block.
    #[cfg(feature = "kernels")]
    pub(super) fn is_one_block(self, suffix: usize) -> bool {
        side_by_side::is_one_block(self, self.bytes() + suffix)
    }

    pub(in crate::hash) fn digest(self, message: &[u8], digest: &mut [u8]) {
        fn compute<D: Digest>(message: &[u8], digest: &mut [u8]) {
            let mut computed = D::digest(message);
            digest.copy_from_slice(&computed);
            computed.as_mut_slice().zeroize();
        }
        #[cfg(feature = "kernels")]
        if side_by_side::is_quicker_alone(self) {
            return side_by_side::digests(self, &[message], digest);
        }
        with!(self, compute(message, digest));
    }

    /// Replaces `digest` by the digest of itself and `suffix`, `rounds` times.
    pub(super) fn chain(self, digest: &mut [u8], suffix: &[u8], rounds: u32) {
        fn compute<D: Digest>(digest: &mut [u8], suffix: &[u8], rounds: u32) {
            for _ in 0..rounds {
                let next = D::new().chain_update(&*digest).chain_update(suffix).finalize();
                digest.copy_from_slice(&next);
            }
        }
        #[cfg(feature = "kernels")]
        if side_by_side::is_quicker_alone(self) && self.is_one_block(suffix.len()) {
            return side_by_side::chain(self, &mut [digest], &[suffix], rounds);
        }
        with!(self, compute(digest, suffix, rounds));
    }

    /// The rounds of MD5-crypt and SHA-crypt.
    pub(super) fn crypt(self, digest: &mut [u8], password: &[u8], salt: &[u8], rounds: u32) {
        fn compute<D: Digest>(digest: &mut [u8], password: &[u8], salt: &[u8], rounds: u32) {
            for round in 0..rounds {
                let odd = round % 2 == 1;
                let mut next = D::new();
                next.update(if odd { password } else { &*digest });
                if round % 3 != 0 {
                    next.update(salt);
                }
                if round % 7 != 0 {
                    next.update(password);
                }
                next.update(if odd { &*digest } else { password });
                digest.copy_from_slice(&next.finalize());
            }
        }
        #[cfg(feature = "kernels")]
        if side_by_side::is_quicker_alone(self) {
            let job = rollbook_kernels::digest::Crypt { password, salt, digest };
            return side_by_side::crypt(self, &mut [job], rounds);
        }
        with!(self, compute(digest, password, salt, rounds));
    }
}

/// The same for many.
#[cfg(feature = "kernels")]
pub(super) mod side_by_side {
    use rollbook_kernels::cpu::{self, Level};
    use rollbook_kernels::digest::{self, Crypt, Pbkdf2};
    use zeroize::Zeroizing;

    use super::Function;

    macro_rules! with {
        ($function:expr, $call:ident $arguments:tt) => {
            match $function {
                Function::Md5 => $call::<digest::Md5> $arguments,
                Function::Sha1 => $call::<digest::Sha1> $arguments,
                Function::Sha256 => $call::<digest::Sha256> $arguments,
                Function::Sha512 => $call::<digest::Sha512> $arguments,
            }
        };
    }

    /// Whether one alone is quicker by its kernel than by its crate: MD5 everywhere, SHA-512 where its words are
    /// made on AVX-512.
    pub(in super::super) fn is_quicker_alone(function: Function) -> bool {
        match function {
            Function::Md5 => true,
            Function::Sha512 => cpu::level() == Level::Avx512,
            Function::Sha1 | Function::Sha256 => false,
        }
    }

    /// How many it takes for lanes to be quicker than one after the other: the CPU's own instructions for
    /// SHA-1 and SHA-256 are as quick as several lanes.
    pub(in super::super) fn least(function: Function) -> usize {
        match (function, cpu::level()) {
            (Function::Md5 | Function::Sha512, Level::Avx2 | Level::Avx512) => 2,
            (Function::Sha1, Level::Avx2 | Level::Avx512) => 3,
            (Function::Sha256, Level::Avx2 | Level::Avx512) => 6,
            _ => usize::MAX,
        }
    }

    pub(super) fn is_one_block(function: Function, bytes: usize) -> bool {
        use digest::is_one_block;
        with!(function, is_one_block(bytes))
    }

    /// `digests` one after the other.
    pub(in super::super) fn digests(function: Function, messages: &[&[u8]], digests: &mut [u8]) {
        use digest::digest;
        with!(function, digest(messages, digests));
    }

    /// Suffixes that fit into one block with a digest.
    pub(in super::super) fn chain(
        function: Function,
        digests: &mut [&mut [u8]],
        suffixes: &[&[u8]],
        rounds: u32,
    ) {
        fn compute<D: digest::Digest>(digests: &mut [&mut [u8]], suffixes: &[&[u8]], rounds: u32) {
            let block = |(first, suffix): (&&mut [u8], &&[u8])| {
                digest::one_block::<D>(&Zeroizing::new([&**first, suffix].concat()))
            };
            let mut blocks: Vec<_> = digests.iter().zip(suffixes).map(block).collect();
            digest::chain::<D>(&mut blocks, rounds);
            for (digest, block) in digests.iter_mut().zip(&blocks) {
                digest::write_words::<D>(block, digest);
            }
            blocks.fill([D::Scalar::default(); 16]);
            std::hint::black_box(&blocks);
        }
        with!(function, compute(digests, suffixes, rounds));
    }

    pub(in super::super) fn crypt(function: Function, jobs: &mut [Crypt<'_>], rounds: u32) {
        use digest::crypt;
        with!(function, crypt(jobs, rounds));
    }

    pub(in super::super) fn pbkdf2(function: Function, jobs: &mut [Pbkdf2<'_>], rounds: u32) {
        use digest::pbkdf2;
        with!(function, pbkdf2(jobs, rounds));
    }
}
