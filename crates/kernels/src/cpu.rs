//! What the CPU at hand can do.

use std::sync::atomic::{AtomicU8, Ordering};

/// A set of instructions that kernels have a form for, from narrow to wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Level {
    /// What every CPU of the target has.
    Portable,
    /// AVX2, BMI1 and BMI2: 256 bits.
    Avx2,
    /// The same and AVX-512 F, BW, DQ and VL: 512 bits, rotations and three-operand logic.
    Avx512,
}

/// The level at which kernels run, as its number; `UNKNOWN` before anybody has asked.
static LEVEL: AtomicU8 = AtomicU8::new(UNKNOWN);
const UNKNOWN: u8 = u8::MAX;

/// Keeps the kernels of this process at `level` or below from now on, to compare levels or to do without
/// one. The results stay the same.
pub fn cap(level: Level) {
    LEVEL.store(level.min(found()) as u8, Ordering::Relaxed);
}

/// The widest level that this CPU and its system have, and [`cap`] allows.
///
/// ```
/// use rollbook_kernels::cpu::{Level, level};
///
/// assert!(level() >= Level::Portable);
/// ```
#[inline]
pub fn level() -> Level {
    match LEVEL.load(Ordering::Relaxed) {
        0 => Level::Portable,
        1 => Level::Avx2,
        2 => Level::Avx512,
        _ => {
            cap(Level::Avx512);
            level()
        }
    }
}

/// Whether there are AVX2 and what came with it: BMI1 and BMI2.
#[cfg(target_arch = "x86_64")]
fn is_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
}

/// What there is.
fn found() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_avx2()
        {
            return Level::Avx512;
        }
        if is_avx2() {
            return Level::Avx2;
        }
    }
    Level::Portable
}

/// The features that kernels look at and this CPU has, for a report: `avx2 avx512f sha`.
pub fn features() -> String {
    let mut names: Vec<&str> = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        macro_rules! look {
            ($($feature:tt),*) => {
                $(if is_x86_feature_detected!($feature) { names.push($feature); })*
            };
        }
        look!("sse2", "ssse3", "avx2", "avx512f", "avx512bw", "avx512dq", "avx512vl", "sha");
    }
    names.extend(names.is_empty().then_some("none"));
    names.join(" ")
}
