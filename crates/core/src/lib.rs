//! The user domain, queries, password hashes and the store contract of rollbook.

mod random;

pub use random::{OsRandom, Random, SeededRandom};
