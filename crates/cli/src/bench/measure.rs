//! How fast the hashes of a group are verified, each way.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rollbook::{Argon2Params, Many, OsRandom, PasswordHash, VerifyError, verify_many};

use super::groups::Group;

/// Users a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rates {
    pub(crate) import: f64,
    pub(crate) verify_one: f64,
    pub(crate) verify_batch: f64,
    pub(crate) verify_batch_all_cores: f64,
    pub(crate) upgrade: f64,
}

/// A password that is hardly anybody's: a wrong one costs what the right one costs. No longer than LM takes.
const WRONG: &[u8] = b"wrong-password";

/// The ways take turns, this many if the time is enough for them, so that what slows the machine down for a
/// while does so for all.
const TURNS: u32 = 5;
/// The most and the fewest hashes of a batch, for a core. Fewer than the lanes of a kernel show little of it, but
/// a batch of the most expensive hashes would take minutes.
const MOST: usize = 1 << 16;
const FEWEST: usize = 4;
/// How much faster a batch may be, when its size is chosen.
const SPEED_UP: f64 = 4.0;

/// Measures `group` for about `budget`; longer if a turn of its hashes takes longer.
///
/// # Errors
///
/// What verification says, if it says nothing about the password.
pub(crate) fn measure(
    group: &Group,
    budget: Duration,
    cores: usize,
    target: &Argon2Params,
) -> anyhow::Result<Rates> {
    let mut hashes = group.sample.iter().cycle();
    let mut next = || hashes.next().expect("a group has a hash");
    // Twice: the first finds memory that is not mapped yet.
    answered(&next().verify(WRONG))?;
    let one = time(|| drop(black_box(next().verify(WRONG))));
    let new = time(|| drop(black_box(PasswordHash::hash(WRONG, target, &OsRandom))));
    let turn = budget.as_secs_f64() / f64::from(TURNS * 4);

    let single = size(turn / one, 1);
    let batch = size(turn / one * SPEED_UP, FEWEST);
    let upgrade = size(turn / (one + new), 1);
    let pairs: Vec<(&PasswordHash, &[u8])> = (0..batch * cores).map(|_| (next(), WRONG)).collect();
    let (one_core, all_cores) = (Many::new().threads(1), Many::new().threads(cores));

    let mut rates: [Vec<f64>; 4] = Default::default();
    let started = Instant::now();
    while rates[0].is_empty() || started.elapsed() < budget {
        let [ones, batches, all, upgrades] = &mut rates;
        ones.push(rate(single, || {
            for _ in 0..single {
                let _ = black_box(next().verify(WRONG));
            }
        }));
        batches.push(rate(batch, || drop(black_box(verify_many(&pairs[..batch], &one_core)))));
        all.push(rate(pairs.len(), || drop(black_box(verify_many(&pairs, &all_cores)))));
        upgrades.push(rate(upgrade, || {
            for _ in 0..upgrade {
                let _ = black_box(next().verify(WRONG));
                let _ = black_box(PasswordHash::hash(WRONG, target, &OsRandom));
            }
        }));
    }
    let [verify_one, verify_batch, verify_batch_all_cores, upgrade] = rates.map(median);
    #[expect(clippy::cast_precision_loss, reason = "a rate is an estimate")]
    let import = group.users as f64 / group.reading.as_secs_f64().max(1e-9);
    Ok(Rates { import, verify_one, verify_batch, verify_batch_all_cores, upgrade })
}

fn answered(outcome: &Result<(), VerifyError>) -> Result<(), VerifyError> {
    match outcome {
        Ok(()) | Err(VerifyError::Mismatch) => Ok(()),
        Err(error) => Err(error.clone()),
    }
}

fn time(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64().max(1e-9)
}

#[expect(clippy::cast_precision_loss, reason = "a rate is an estimate")]
fn rate(users: usize, work: impl FnOnce()) -> f64 {
    users as f64 / time(work)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of hashes, which is bounded"
)]
fn size(wanted: f64, fewest: usize) -> usize {
    (wanted as usize).clamp(fewest, MOST)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
