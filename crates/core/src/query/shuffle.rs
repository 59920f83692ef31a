//! A random order that every store computes alike.

use crate::{Random, SeededRandom};

/// An order that looks random and follows from a seed: documents sort by the [`rank`](Self::rank) of
/// their sequences.
///
/// The rank is arithmetic on numbers of 64 bits, so that a database computes it as well. It is no
/// secret, and it does not favour anybody; two documents of the same rank keep the order of insertion.
///
/// ```
/// use rollbook_core::Shuffle;
///
/// let ranks = |seed| [1, 2, 3].map(|sequence| Shuffle::new(seed).rank(sequence));
/// assert_eq!(ranks(7), ranks(7));
/// assert_ne!(ranks(7), ranks(8));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shuffle {
    factor: i64,
    addends: [i64; 3],
}

impl Shuffle {
    /// What all ranks are below: the prime 2³¹ - 1, so that a product of two fits into 63 bits.
    pub const MODULUS: i64 = (1 << 31) - 1;

    /// The order of this seed.
    pub fn new(seed: u64) -> Self {
        let source = SeededRandom::new(seed);
        let [factor, addends @ ..] = [(); 4].map(|()| {
            let mut bytes = [0; 4];
            source.fill(&mut bytes);
            // Not zero, which would give all documents the same rank.
            1 + i64::from(u32::from_le_bytes(bytes)) % (Self::MODULUS - 1)
        });
        Self { factor, addends }
    }

    /// Where the document with this sequence sorts.
    ///
    /// For `x`, the remainder of the sequence: `x · factor` first, then for each addend `x · x + addend`,
    /// every time modulo [`Shuffle::MODULUS`]. A line alone would leave neighbours at a fixed distance.
    pub fn rank(&self, sequence: u64) -> i64 {
        let sequence = sequence.cast_signed() % Self::MODULUS;
        let line = sequence * self.factor % Self::MODULUS;
        self.addends.iter().fold(line, |x, addend| (x * x + addend) % Self::MODULUS)
    }

    /// The factor, and the addends of the rounds.
    pub fn numbers(&self) -> (i64, [i64; 3]) {
        (self.factor, self.addends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_of_a_few_comes_up_about_as_often() {
        let mut counts = std::collections::BTreeMap::new();
        for seed in 0..6_000 {
            let shuffle = Shuffle::new(seed);
            let mut sequences = [1, 2, 3];
            sequences.sort_by_key(|sequence| shuffle.rank(*sequence));
            *counts.entry(sequences).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|count| (850..1150).contains(count)), "{counts:?}");
    }

    #[test]
    fn ranks_hardly_repeat_and_stay_in_bounds() {
        let shuffle = Shuffle::new(1);
        let ranks: std::collections::HashSet<i64> =
            (0..100_000).map(|sequence| shuffle.rank(sequence)).collect();
        assert!(ranks.len() > 99_900, "{}", ranks.len());
        let extremes = [0, 1, Shuffle::MODULUS.unsigned_abs(), i64::MAX.unsigned_abs()];
        for rank in ranks.into_iter().chain(extremes.map(|sequence| shuffle.rank(sequence))) {
            assert!((0..Shuffle::MODULUS).contains(&rank));
        }
    }
}
