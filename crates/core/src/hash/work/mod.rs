//! The slow part of a verification, apart from what comes before and after it.
//!
//! A hash that can say what its slow part is ([`Parsed::work`](super::Parsed::work)) can be verified beside
//! others of its kind and cost. Alone, the same is computed by the same parameters.

mod batch;
mod lanes;
mod many;
#[cfg(test)]
mod tests;

use std::ops::Deref;

use zeroize::Zeroizing;

pub use many::{Many, verify_many};

use super::VerifyError;
use super::bcrypt::{self, Keys};
use super::prf::Prf;
use super::scrypt::ScryptCost;

pub(super) use batch::Batch;
pub(super) use lanes::Function;

/// What there is to compute for a password.
///
/// Opaque: a scheme gets it from another scheme whose function it shares.
#[derive(Debug)]
pub struct Work<'a>(pub(super) Kind<'a>);

/// A password or a salt: as it was given, or made of it.
pub(super) enum Bytes<'a> {
    Given(&'a [u8]),
    Made(Zeroizing<Vec<u8>>),
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Given(bytes) => bytes,
            Self::Made(bytes) => bytes,
        }
    }
}

impl std::fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<Zeroizing<Vec<u8>>> for Bytes<'_> {
    fn from(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self::Made(bytes)
    }
}

impl<'a> From<&'a [u8]> for Bytes<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Given(bytes)
    }
}

/// Small, since many are passed about: all but the digest, which takes as long as a few copies, is boxed.
#[derive(Debug)]
pub(super) enum Kind<'a> {
    /// The digest of a message.
    Digest {
        function: Function,
        message: Bytes<'a>,
    },
    Chain(Box<Chain<'a>>),
    Crypt(Box<Crypt<'a>>),
    Pbkdf2(Box<Pbkdf2<'a>>),
    Bcrypt(Box<Bcrypt>),
    Scrypt(Box<Scrypt<'a>>),
}

/// A digest, `rounds` times replaced by the digest of itself and `suffix`.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    pub(super) function: Function,
    pub(super) first: Bytes<'a>,
    pub(super) suffix: Bytes<'a>,
    pub(super) rounds: u32,
}

/// The rounds that MD5-crypt and SHA-crypt share.
#[derive(Debug)]
pub(super) struct Crypt<'a> {
    pub(super) function: Function,
    pub(super) first: Bytes<'a>,
    pub(super) password: Bytes<'a>,
    pub(super) salt: Bytes<'a>,
    pub(super) rounds: u32,
}

/// A key to derive.
#[derive(Debug)]
pub(super) struct Pbkdf2<'a> {
    pub(super) prf: &'static Prf,
    pub(super) password: Bytes<'a>,
    pub(super) salt: Bytes<'a>,
    pub(super) rounds: u32,
    pub(super) bytes: usize,
}

/// 24 bytes, of which texts hold 23.
#[derive(Debug)]
pub(super) struct Bcrypt {
    pub(super) keys: Keys,
    pub(super) salt: [u8; 16],
    pub(super) cost: u32,
}

/// A key to derive.
#[derive(Debug)]
pub(super) struct Scrypt<'a> {
    pub(super) cost: ScryptCost,
    pub(super) password: Bytes<'a>,
    pub(super) salt: Bytes<'a>,
    pub(super) bytes: usize,
}

macro_rules! from {
    ($($kind:ident),*) => {$(
        impl<'a> From<$kind<'a>> for Work<'a> {
            fn from(work: $kind<'a>) -> Self {
                Self(Kind::$kind(Box::new(work)))
            }
        }
    )*};
}

from!(Chain, Crypt, Pbkdf2, Scrypt);

impl From<Bcrypt> for Work<'_> {
    fn from(work: Bcrypt) -> Self {
        Self(Kind::Bcrypt(Box::new(work)))
    }
}

/// What all work that can run side by side has in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Digest(Function),
    Chain(Function, u32),
    Crypt(Function, u32),
    Pbkdf2 { prf: &'static str, rounds: u32, bytes: usize },
    Bcrypt(u32),
    Scrypt { n: u64, r: u64, p: u64, bytes: usize },
}

impl Work<'_> {
    pub(super) fn shape(&self) -> Shape {
        match &self.0 {
            Kind::Digest { function, .. } => Shape::Digest(*function),
            Kind::Chain(work) => Shape::Chain(work.function, work.rounds),
            Kind::Crypt(work) => Shape::Crypt(work.function, work.rounds),
            Kind::Pbkdf2(work) => {
                Shape::Pbkdf2 { prf: work.prf.name, rounds: work.rounds, bytes: work.bytes }
            }
            Kind::Bcrypt(work) => Shape::Bcrypt(work.cost),
            Kind::Scrypt(work) => {
                let ScryptCost { n, r, p } = work.cost;
                Shape::Scrypt { n, r, p, bytes: work.bytes }
            }
        }
    }

    /// The bytes of the outcome.
    pub(super) fn bytes(&self) -> usize {
        match &self.0 {
            Kind::Digest { function, .. } => function.bytes(),
            Kind::Chain(work) => work.function.bytes(),
            Kind::Crypt(work) => work.function.bytes(),
            Kind::Pbkdf2(work) => work.bytes,
            Kind::Bcrypt(_) => bcrypt::DIGEST_BYTES,
            Kind::Scrypt(work) => work.bytes,
        }
    }

    /// Computes it with nobody beside.
    pub(super) fn alone(self, scheme: &'static str) -> Result<Zeroizing<Vec<u8>>, VerifyError> {
        let mut outcome = Zeroizing::new(vec![0; self.bytes()]);
        self.alone_into(scheme, &mut outcome)?;
        Ok(outcome)
    }

    /// The same into a slice of [`bytes`](Self::bytes).
    pub(super) fn alone_into(
        self,
        scheme: &'static str,
        outcome: &mut [u8],
    ) -> Result<(), VerifyError> {
        match self.0 {
            Kind::Digest { function, message } => function.digest(&message, outcome),
            Kind::Chain(work) => {
                outcome.copy_from_slice(&work.first);
                work.function.chain(outcome, &work.suffix, work.rounds);
            }
            Kind::Crypt(work) => {
                let Crypt { function, first, password, salt, rounds } = &*work;
                outcome.copy_from_slice(first);
                function.crypt(outcome, password, salt, *rounds);
            }
            #[cfg(feature = "kernels")]
            Kind::Pbkdf2(work)
                if Function::named(work.prf.name)
                    .is_some_and(lanes::side_by_side::is_quicker_alone) =>
            {
                let Pbkdf2 { prf, password, salt, rounds, .. } = &*work;
                let job = rollbook_kernels::digest::Pbkdf2 { password, salt, key: outcome };
                if let Some(function) = Function::named(prf.name) {
                    lanes::side_by_side::pbkdf2(function, &mut [job], *rounds);
                }
            }
            Kind::Pbkdf2(work) => {
                if !(work.prf.pbkdf2)(&work.password, &work.salt, work.rounds, outcome) {
                    return Err(VerifyError::Primitive { scheme });
                }
            }
            Kind::Bcrypt(work) => {
                let Bcrypt { keys, salt, cost } = &*work;
                outcome.copy_from_slice(&*bcrypt::compute(keys, *cost, salt));
            }
            Kind::Scrypt(work) => {
                work.cost.derive(scheme, &work.password, &work.salt, outcome)?;
            }
        }
        Ok(())
    }
}
