//! Work that waits for others of its shape.

use zeroize::Zeroizing;

use super::super::{PasswordHash, VerifyError};
use super::{Shape, Work};

/// As many as make up the widest group: 16 lanes, four times.
const GROUP: usize = 64;
/// The shapes that are collected at a time. Of more, the largest group is computed early.
const GROUPS: usize = 32;

/// Verifications, collected by shape and computed by the group.
pub(in crate::hash) struct Batch<'a> {
    memory_bytes: u64,
    groups: Vec<Group<'a>>,
    outcomes: Zeroizing<Vec<u8>>,
}

struct Group<'a> {
    shape: Shape,
    members: Vec<Member<'a>>,
    work: Vec<Work<'a>>,
}

struct Member<'a> {
    /// The number under which its result is told.
    number: usize,
    hash: &'a PasswordHash,
}

impl<'a> Batch<'a> {
    /// A batch whose groups hold no more memory than this at a time, beyond what one alone takes.
    pub(in crate::hash) fn new(memory_bytes: u64) -> Self {
        Self { memory_bytes, groups: Vec::new(), outcomes: Zeroizing::default() }
    }

    /// Takes a verification in. Results, of it and of others, are told as they are known.
    pub(in crate::hash) fn push(
        &mut self,
        number: usize,
        hash: &'a PasswordHash,
        password: &'a [u8],
        tell: &mut impl FnMut(usize, Result<(), VerifyError>),
    ) {
        let work = match hash.work(password) {
            Ok(Some(work)) => work,
            Ok(None) => return tell(number, hash.verify(password)),
            Err(error) => return tell(number, Err(error)),
        };
        let shape = work.shape();
        // Most often it is the last one's.
        let found = self.groups.iter().rposition(|group| group.shape == shape);
        let at = found.unwrap_or_else(|| {
            if self.groups.len() == GROUPS {
                let largest = (0..GROUPS).max_by_key(|at| self.groups[*at].work.len());
                self.compute(largest.unwrap_or_default(), tell);
                self.groups.remove(largest.unwrap_or_default());
            }
            self.groups.push(Group { shape, members: Vec::new(), work: Vec::new() });
            self.groups.len() - 1
        });
        let group = &mut self.groups[at];
        group.members.push(Member { number, hash });
        group.work.push(work);
        if group.work.len() == GROUP {
            self.compute(at, tell);
        }
    }

    /// Computes all that wait.
    pub(in crate::hash) fn flush(&mut self, tell: &mut impl FnMut(usize, Result<(), VerifyError>)) {
        for at in 0..self.groups.len() {
            self.compute(at, tell);
        }
    }

    fn compute(&mut self, at: usize, tell: &mut impl FnMut(usize, Result<(), VerifyError>)) {
        let Group { shape, members, work } = &mut self.groups[at];
        let Some(bytes) = work.first().map(Work::bytes) else { return };
        self.outcomes.clear();
        self.outcomes.resize(bytes * work.len(), 0);
        let computed = shape.side_by_side(work, &mut self.outcomes, self.memory_bytes);
        let slots = self.outcomes.chunks_exact_mut(bytes);
        if computed {
            for (Member { number, hash }, outcome) in members.drain(..).zip(slots) {
                tell(number, hash.conclude(outcome));
            }
            work.clear();
        } else {
            for ((Member { number, hash }, outcome), work) in
                members.drain(..).zip(slots).zip(work.drain(..))
            {
                let result = work.alone_into(hash.algorithm(), outcome);
                tell(number, result.and_then(|()| hash.conclude(outcome)));
            }
        }
        // All at once: `zeroize` would write byte by byte.
        self.outcomes.fill(0);
        std::hint::black_box(&self.outcomes);
    }
}

impl Shape {
    /// Computes work of this shape into `outcomes`, one after the other; false if that is better done one
    /// by one, or can't be done.
    #[cfg(feature = "kernels")]
    fn side_by_side(&self, work: &[Work<'_>], outcomes: &mut [u8], memory_bytes: u64) -> bool {
        use rollbook_kernels::bcrypt::{Bcrypt, bcrypt};
        use rollbook_kernels::digest::{Crypt, Pbkdf2};

        use super::super::scrypt::{self, ScryptCost};
        use super::lanes::side_by_side as lanes;
        use super::{Chain, Function, Kind};

        let Some(bytes) = outcomes.len().checked_div(work.len()) else { return true };
        let slots = outcomes.chunks_exact_mut(bytes);
        let least = match self {
            Self::Digest(f) | Self::Chain(f, _) | Self::Crypt(f, _) => lanes::least(*f),
            Self::Pbkdf2 { prf, .. } => Function::named(prf).map_or(usize::MAX, lanes::least),
            Self::Bcrypt(_) | Self::Scrypt { .. } => 2,
        };
        if work.len() < least {
            return false;
        }
        match *self {
            Self::Digest(function) => {
                let messages: Vec<&[u8]> = work
                    .iter()
                    .map(|work| match &work.0 {
                        Kind::Digest { message, .. } => &**message,
                        _ => &[],
                    })
                    .collect();
                lanes::digests(function, &messages, outcomes);
            }
            Self::Chain(function, rounds) => {
                let (mut digests, mut suffixes) = (Vec::new(), Vec::new());
                for (work, slot) in work.iter().zip(slots) {
                    let Kind::Chain(work) = &work.0 else { return false };
                    let Chain { first, suffix, .. } = &**work;
                    slot.copy_from_slice(first);
                    if function.is_one_block(suffix.len()) {
                        digests.push(slot);
                        suffixes.push(&**suffix);
                    } else {
                        function.chain(slot, suffix, rounds);
                    }
                }
                lanes::chain(function, &mut digests, &suffixes, rounds);
            }
            Self::Crypt(function, rounds) => {
                let mut jobs = Vec::new();
                for (work, digest) in work.iter().zip(slots) {
                    let Kind::Crypt(work) = &work.0 else { return false };
                    let super::Crypt { first, password, salt, .. } = &**work;
                    digest.copy_from_slice(first);
                    jobs.push(Crypt { password, salt, digest });
                }
                lanes::crypt(function, &mut jobs, rounds);
            }
            Self::Pbkdf2 { prf, rounds, .. } => {
                let Some(function) = Function::named(prf) else { return false };
                let mut jobs = Vec::new();
                for (work, key) in work.iter().zip(slots) {
                    let Kind::Pbkdf2(work) = &work.0 else { return false };
                    let super::Pbkdf2 { password, salt, .. } = &**work;
                    jobs.push(Pbkdf2 { password, salt, key });
                }
                lanes::pbkdf2(function, &mut jobs, rounds);
            }
            Self::Bcrypt(cost) => {
                let mut jobs = Vec::new();
                for (work, slot) in work.iter().zip(slots) {
                    let (Kind::Bcrypt(work), Ok(digest)) = (&work.0, slot.try_into()) else {
                        return false;
                    };
                    let super::Bcrypt { keys, salt, .. } = &**work;
                    jobs.push(Bcrypt { first: &keys.first, rest: &keys.rest, salt, digest });
                }
                bcrypt(&mut jobs, cost);
            }
            Self::Scrypt { n, r, p, .. } => {
                let mut jobs = Vec::new();
                for (work, key) in work.iter().zip(slots) {
                    let Kind::Scrypt(work) = &work.0 else { return false };
                    let super::Scrypt { password, salt, .. } = &**work;
                    jobs.push(scrypt::Job { password, salt, key });
                }
                return scrypt::derive_many(&mut jobs, ScryptCost { n, r, p }, memory_bytes)
                    .is_ok();
            }
        }
        true
    }

    /// How many of this shape take no longer together than one alone, or next to nothing.
    ///
    /// Measured on Zen 4: 16 chains of MD5 take 0.96 times as long as one, as it waits for its own steps; two
    /// of bcrypt 1.09 times (on Zen 5 0.98), three 1.18. All others gain only by the number: 16 of
    /// PBKDF2-SHA1 take 2.4 times as long as one.
    #[cfg(feature = "kernels")]
    pub(in crate::hash) fn company(&self) -> usize {
        use rollbook_kernels::cpu::{Level, level};

        use super::Function;

        match (self, level()) {
            (Self::Chain(Function::Md5, _), Level::Avx512) => 16,
            (Self::Chain(Function::Md5, _), Level::Avx2) => 8,
            (Self::Bcrypt(_), _) => 2,
            _ => 1,
        }
    }

    #[cfg(not(feature = "kernels"))]
    #[expect(clippy::unused_self, reason = "as with kernels")]
    pub(in crate::hash) fn company(&self) -> usize {
        1
    }

    #[cfg(not(feature = "kernels"))]
    #[expect(clippy::unused_self, reason = "as with kernels")]
    fn side_by_side(&self, _: &[Work<'_>], _: &mut [u8], _: u64) -> bool {
        false
    }
}
