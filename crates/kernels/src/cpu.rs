//! What the CPU at hand can do.

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

/// The widest level that this CPU and its system have.
///
/// ```
/// use rollbook_kernels::cpu::{Level, level};
///
/// assert!(level() >= Level::Portable);
/// ```
#[inline]
pub fn level() -> Level {
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
