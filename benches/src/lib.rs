//! What the benches share: the same users for everybody, the raw contenders, and how a race is run.

pub mod around;
mod data;
mod machine;
mod race;
pub mod raw;

pub use data::{Person, person, rows};
pub use machine::{limit_kernels, machine};
pub use race::{Race, seconds};
