//! Races: contenders take turns in one process, so that a noisy machine is noisy for all of them.

use std::time::Instant;

/// How long `work` takes, in seconds.
pub fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// Contenders and their times, round by round.
#[derive(Debug, Default)]
pub struct Race {
    rounds: Vec<(String, Vec<f64>)>,
}

impl Race {
    /// A race without contenders.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a round of `contender`.
    pub fn note(&mut self, contender: &str, seconds: f64) {
        match self.rounds.iter_mut().find(|(name, _)| name == contender) {
            Some((_, times)) => times.push(seconds),
            None => self.rounds.push((contender.to_owned(), vec![seconds])),
        }
    }

    /// The median time of `contender`.
    ///
    /// # Panics
    ///
    /// If it did not run.
    pub fn median(&self, contender: &str) -> f64 {
        let (_, times) = self.rounds.iter().find(|(name, _)| name == contender).expect("it ran");
        median(times)
    }

    /// The shortest time of `contender`: what it takes when nobody else wants the machine.
    ///
    /// # Panics
    ///
    /// If it did not run.
    pub fn fastest(&self, contender: &str) -> f64 {
        let (_, times) = self.rounds.iter().find(|(name, _)| name == contender).expect("it ran");
        times.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The median over the rounds of the time of `a` divided by that of `b` in the same round.
    ///
    /// # Panics
    ///
    /// If one of them did not run.
    pub fn ratio(&self, a: &str, b: &str) -> f64 {
        let times = |contender: &str| {
            let found = self.rounds.iter().find(|(name, _)| name == contender);
            found.map(|(_, times)| times.as_slice()).expect("it ran")
        };
        let ratios: Vec<f64> = times(a).iter().zip(times(b)).map(|(a, b)| a / b).collect();
        median(&ratios)
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
