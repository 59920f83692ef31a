//! From a level to code that is compiled for it.

#[cfg(target_arch = "x86_64")]
use crate::avx2::Avx2;
#[cfg(target_arch = "x86_64")]
use crate::avx512::Avx512;
use crate::cpu::Level;
use crate::word::{Plain, Simd};

/// What is to be done with the instructions that are found. `run` MUST be `#[inline(always)]`, and all that
/// it calls with vectors: so it is compiled for the instructions of its caller.
pub(crate) trait Task {
    fn run<S: Simd>(self, simd: S);
}

/// Runs a task at a level, or at the highest that the CPU has, if that is lower.
pub(crate) fn dispatch(level: Level, task: impl Task) {
    match level.min(crate::cpu::level()) {
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "the CPU was asked")]
        // SAFETY: it has AVX-512 F, BW, DQ and VL, and AVX2: `cpu::level` has just said so.
        Level::Avx512 => unsafe { avx512(task) },
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "the CPU was asked")]
        // SAFETY: it has AVX2: `cpu::level` has just said so.
        Level::Avx2 => unsafe { avx2(task) },
        _ => task.run(Plain),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
fn avx512(task: impl Task) {
    #[expect(unsafe_code, reason = "this function is compiled for it")]
    // SAFETY: whoever calls this function has looked.
    task.run(unsafe { Avx512::new() });
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2(task: impl Task) {
    #[expect(unsafe_code, reason = "this function is compiled for it")]
    // SAFETY: whoever calls this function has looked.
    task.run(unsafe { Avx2::new() });
}

/// A compression of one block of SHA-512, where there is AVX-512.
#[inline]
pub(crate) fn sha512(state: &mut [u64; 8], block: &[u64; 16]) -> bool {
    #[cfg(target_arch = "x86_64")]
    if crate::cpu::level() == Level::Avx512 {
        #[expect(unsafe_code, reason = "the CPU was asked")]
        // SAFETY: it has AVX-512 F and VL, AVX2, BMI1 and BMI2: `cpu::level` has just said so.
        unsafe {
            crate::digest::sha512_alone(state, block);
        }
        return true;
    }
    false
}
