//! Random choices that follow from a seed.

use rollbook_core::{Random, SeededRandom};

/// A die with any number of sides.
#[derive(Debug)]
pub(crate) struct Dice(SeededRandom);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(SeededRandom::new(seed))
    }

    /// A number below `sides`, which is not zero. The bias of the remainder does no harm here.
    pub(crate) fn below(&self, sides: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes) as usize % sides
    }

    /// True in `percent` of a hundred throws.
    pub(crate) fn chance(&self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// One of `choices`, or nothing in `percent` of a hundred throws.
    pub(crate) fn perhaps<T: Clone>(&self, percent: usize, choices: &[T]) -> Option<T> {
        (!self.chance(percent)).then(|| self.pick(choices).clone())
    }
}
