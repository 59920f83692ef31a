//! How expensive a hash is to try, estimated from its parameters.

/// What one guess at a password costs, for the owner and for a thief of the table alike.
///
/// Estimated from the parameters, never measured: it ranks hashes and sizes a memory budget. It is not
/// a promise about time.
///
/// ```
/// use rollbook_core::{CostClass, HashOptions, Limits, PasswordHash};
///
/// let text = "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
/// let hash = PasswordHash::import("bcrypt", text, &HashOptions::new(), &Limits::default())?;
/// assert_eq!(hash.cost().class, CostClass::Strong);
/// # Ok::<(), rollbook_core::HashError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// Memory that one verification holds, in bytes. 0 for a scheme that needs none worth counting.
    pub memory_bytes: u64,
    /// Work, in microseconds of one core of a 2020s server, rounded down.
    pub work: u64,
    /// The two above as one word.
    pub class: CostClass,
}

/// How well the cost of a hash protects an average password once the table is stolen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CostClass {
    /// A plain digest: billions of guesses a second.
    None,
    /// Under 5 ms.
    Weak,
    /// Under 20 ms, or more without the memory that keeps graphics cards away.
    Moderate,
    /// 20 ms and more with memory of its own, which the usual recommendations reach (OWASP: Argon2id
    /// with 19 MiB and 2 passes, bcrypt with cost 10, scrypt with N = 2^17).
    Strong,
}

impl CostClass {
    /// The class as a word: `none`, `weak`, `moderate`, `strong`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Weak => "weak",
            Self::Moderate => "moderate",
            Self::Strong => "strong",
        }
    }
}

/// Nanoseconds per unit of each primitive, measured once with the usual crates. Kernels are quicker by up to four
/// times, for a thief too; the classes are made for what is usual, and the scheduler learns what is true here.
pub(super) mod unit {
    /// Argon2: one KiB block in one pass.
    pub(crate) const ARGON2_BLOCK: u64 = 800;
    /// bcrypt: one of the 2^cost rounds.
    pub(crate) const BCRYPT_ROUND: u64 = 60_000;
    /// scrypt: one of N r p, both halves.
    pub(crate) const SCRYPT_BLOCK: u64 = 210;
    /// Any plain digest of a short password.
    pub(crate) const DIGEST: u64 = 150;
    /// Extended DES: one round of the count.
    pub(crate) const DES_ROUND: u64 = 130;
}

/// bcrypt's state: 4 KiB of S boxes. The smallest memory that has kept graphics cards at bay.
pub(super) const BCRYPT_BYTES: u64 = 4 * 1024;

impl Cost {
    /// Both, one after the other: the work adds up, the memory is that of the larger.
    pub fn then(self, next: Self) -> Self {
        let work = self.work.saturating_add(next.work);
        let memory_bytes = self.memory_bytes.max(next.memory_bytes);
        Self { memory_bytes, work, class: self.class.max(next.class) }
    }

    /// The cost of `count` units of `nanoseconds` each, with `memory_bytes` held.
    pub(super) fn of(memory_bytes: u64, count: u64, nanoseconds: u64) -> Self {
        let work = count.saturating_mul(nanoseconds) / 1000;
        let class = match work {
            0..100 => CostClass::None,
            100..5_000 => CostClass::Weak,
            5_000..20_000 => CostClass::Moderate,
            _ if memory_bytes < BCRYPT_BYTES => CostClass::Moderate,
            _ => CostClass::Strong,
        };
        Self { memory_bytes, work, class }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_recommendations_fall_into_their_class() {
        let check = |cost: Cost, class| assert_eq!(cost.class, class, "{cost:?}");
        check(Cost::of(19_456 * 1024, 19_456 * 2, unit::ARGON2_BLOCK), CostClass::Strong);
        check(Cost::of(BCRYPT_BYTES, 1 << 10, unit::BCRYPT_ROUND), CostClass::Strong);
        check(Cost::of(BCRYPT_BYTES, 1 << 8, unit::BCRYPT_ROUND), CostClass::Moderate);
        check(Cost::of(BCRYPT_BYTES, 1 << 4, unit::BCRYPT_ROUND), CostClass::Weak);
        check(Cost::of(128 << 17, (1 << 14) * 8, unit::SCRYPT_BLOCK), CostClass::Strong);
        check(Cost::of(0, 1 << 13, unit::DIGEST), CostClass::Weak);
        check(Cost::of(0, 1 << 20, unit::DIGEST), CostClass::Moderate);
        check(Cost::of(0, 1, unit::DIGEST), CostClass::None);
    }
}
