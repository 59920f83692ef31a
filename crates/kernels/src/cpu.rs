//! What the CPU at hand can do.

use std::sync::atomic::{AtomicU8, Ordering};

/// A set of instructions that kernels have a form for, from narrow to wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Level {
    /// What every CPU of the target has.
    Portable,
    /// AVX2: 256 bits.
    Avx2,
    /// AVX-512 F, BW, DQ and VL: 512 bits, rotations and three-operand logic.
    Avx512,
}

/// The level that nobody may go over, as its number.
static CAP: AtomicU8 = AtomicU8::new(Level::Avx512 as u8);

/// Keeps the kernels of this process at `level` or below from now on, to compare levels or to do without
/// one. The results stay the same.
pub fn cap(level: Level) {
    CAP.store(level as u8, Ordering::Relaxed);
}

/// The widest level that this CPU and its system have, and [`cap`] allows.
///
/// ```
/// use rollbook_kernels::cpu::{Level, level};
///
/// assert!(level() >= Level::Portable);
/// ```
pub fn level() -> Level {
    let cap = match CAP.load(Ordering::Relaxed) {
        0 => Level::Portable,
        1 => Level::Avx2,
        _ => Level::Avx512,
    };
    cap.min(found())
}

/// What there is.
fn found() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx2")
        {
            return Level::Avx512;
        }
        if is_x86_feature_detected!("avx2") {
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
