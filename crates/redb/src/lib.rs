#![doc = include_str!("../README.md")]

mod engine;
mod file;
mod held;
mod options;
mod store;

pub use options::{RedbOptions, Verify};
pub use rollbook_kv::{Durability, OpenError, Refusal};
pub use store::RedbStore;
