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

#[derive(Debug)]
pub(super) enum Kind<'a> {
    /// The digest of a message.
    Digest {
        function: Function,
        message: Bytes<'a>,
    },
    /// A digest, `rounds` times replaced by the digest of itself and `suffix`.
    Chain {
        function: Function,
        first: Bytes<'a>,
        suffix: Bytes<'a>,
        rounds: u32,
    },
    /// The rounds that MD5-crypt and SHA-crypt share.
    Crypt {
        function: Function,
        first: Bytes<'a>,
        password: Bytes<'a>,
        salt: Bytes<'a>,
        rounds: u32,
    },
    Pbkdf2 {
        prf: &'static Prf,
        password: Bytes<'a>,
        salt: Bytes<'a>,
        rounds: u32,
        bytes: usize,
    },
    /// 24 bytes, of which texts hold 23.
    Bcrypt {
        keys: Box<Keys>,
        salt: [u8; 16],
        cost: u32,
    },
    Scrypt {
        cost: ScryptCost,
        password: Bytes<'a>,
        salt: Bytes<'a>,
        bytes: usize,
    },
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
            Kind::Chain { function, rounds, .. } => Shape::Chain(*function, *rounds),
            Kind::Crypt { function, rounds, .. } => Shape::Crypt(*function, *rounds),
            Kind::Pbkdf2 { prf, rounds, bytes, .. } => {
                Shape::Pbkdf2 { prf: prf.name, rounds: *rounds, bytes: *bytes }
            }
            Kind::Bcrypt { cost, .. } => Shape::Bcrypt(*cost),
            Kind::Scrypt { cost: ScryptCost { n, r, p }, bytes, .. } => {
                Shape::Scrypt { n: *n, r: *r, p: *p, bytes: *bytes }
            }
        }
    }

    /// The bytes of the outcome.
    pub(super) fn bytes(&self) -> usize {
        match &self.0 {
            Kind::Digest { function, .. }
            | Kind::Chain { function, .. }
            | Kind::Crypt { function, .. } => function.bytes(),
            Kind::Pbkdf2 { bytes, .. } | Kind::Scrypt { bytes, .. } => *bytes,
            Kind::Bcrypt { .. } => bcrypt::DIGEST_BYTES,
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
            Kind::Chain { function, first, suffix, rounds } => {
                outcome.copy_from_slice(&first);
                function.chain(outcome, &suffix, rounds);
            }
            Kind::Crypt { function, first, password, salt, rounds } => {
                outcome.copy_from_slice(&first);
                function.crypt(outcome, &password, &salt, rounds);
            }
            Kind::Pbkdf2 { prf, password, salt, rounds, .. } => {
                if !(prf.pbkdf2)(&password, &salt, rounds, outcome) {
                    return Err(VerifyError::Primitive { scheme });
                }
            }
            Kind::Bcrypt { keys, salt, cost } => {
                outcome.copy_from_slice(&*bcrypt::compute(&keys, cost, &salt));
            }
            Kind::Scrypt { cost, password, salt, .. } => {
                cost.derive(scheme, &password, &salt, outcome)?;
            }
        }
        Ok(())
    }
}
