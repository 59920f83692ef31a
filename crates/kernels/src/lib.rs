//! The inner loops of password hashes, where the usual crates fall short of what the machine can do.
//!
//! Each function looks at the CPU when it is called and runs the widest form that it has: AVX-512, AVX2, or
//! plain words. All forms give the same result, which the property tests compare with the usual crates.
//!
//! Nothing here parses, compares or knows users. What is computed is secret: callers wipe what they keep.

pub mod argon2;
pub mod cpu;
pub mod memory;
pub mod scrypt;
pub mod yescrypt;
