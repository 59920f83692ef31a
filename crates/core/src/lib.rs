//! The user domain, queries, password hashes and the store contract of rollbook.

mod hash;
mod random;

pub use hash::{
    Argon2Params, Cost, CostClass, Explanation, HashError, HashOptions, Limits, Parsed,
    PasswordHash, SCHEMES, Scheme, Standing, VerifyError,
};
pub use random::{OsRandom, Random, SeededRandom};
