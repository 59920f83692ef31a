//! The inner loops of password hashes, where the usual crates fall short of what the machine can do.
//!
//! Each function looks at the CPU when it is called and runs the widest form that it has: AVX-512, AVX2, or
//! plain words. All forms give the same result, which the property tests compare with the usual crates.
//!
//! Nothing here parses, compares or knows users. What is computed is secret: callers wipe what they keep.

// The traits of words and digests are sealed by being in modules that nobody can name.
#![expect(unnameable_types, unreachable_pub, reason = "sealed traits")]

pub mod argon2;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub mod bcrypt;
pub mod cpu;
pub mod digest;
mod dispatch;
pub mod memory;
pub mod scrypt;
mod word;
pub mod yescrypt;
