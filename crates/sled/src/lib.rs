#![doc = include_str!("../README.md")]

mod engine;
mod folder;
mod key;
mod options;
mod store;

pub use options::SledOptions;
pub use rollbook_kv::{Durability, OpenError, Refusal};
pub use store::SledStore;
