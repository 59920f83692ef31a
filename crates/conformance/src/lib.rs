//! The test kit for anyone who writes a [`UserStore`](rollbook_core::UserStore): one named test per
//! rule of the contract. Add it as a dev-dependency, implement [`Harness`] for your store, and write
//! [`conformance!`] with it in a test file; nothing else is needed.
//!
//! ```
//! use std::sync::Arc;
//!
//! use rollbook_conformance::{Harness, ModelStore, conformance};
//! use rollbook_core::{Schema, UserStore};
//!
//! struct Model(Arc<ModelStore>);
//!
//! impl Harness for Model {
//!     async fn open(schemas: &'static [&'static Schema]) -> Self {
//!         Self(Arc::new(ModelStore::new(schemas)))
//!     }
//!
//!     fn store(&self) -> Arc<dyn UserStore> {
//!         self.0.clone()
//!     }
//!
//!     async fn reopen(self, _: &'static [&'static Schema]) -> Option<Self> {
//!         None // It keeps nothing.
//!     }
//! }
//!
//! conformance!(Model, without durability);
//! # fn main() {
//! #     let cases = rollbook_conformance::cases::<Model>();
//! #     let _ = cases.iter().find(|case| case.name() == "insert_then_read").unwrap().run();
//! # }
//! ```
//!
//! The [`guide`] leads from an empty file to a store that passes; `examples/toy_store` is where it ends.
//!
//! The tests come in four levels, each a module of the generated tests, so that
//! `cargo test conformance::core` runs one of them:
//!
//! | level | what must hold |
//! |---|---|
//! | `core` | puts, deletions, unique tuples, owners, batches, and all of it when many write at once |
//! | `query` | filters, orders, pages, totals and searches, as [`Query::run`](rollbook_core::Query::run) has them |
//! | `bulk` | ten thousand batches in one commit, thousands of rows, texts of a mebibyte |
//! | `durability` | what was acknowledged is there after reopening; changed schemas are indexed anew |
//!
//! A store that keeps nothing says `conformance!(Mine, without durability)`, and its tests show that the level
//! is skipped. Names of cases are stable.
//!
//! A failure names the rule of the contract, what was done, what was expected and what came. Random
//! cases start from a fixed seed and print it with the step that failed, so a failure comes again.
//!
//! [`ModelStore`] is the reference that the random cases compare with, and the smallest example of a
//! store. [`cases`] gives the same cases as values, for a runner of one's own.
//!
//! Stores that outlive a process have two more things to check: [`crash`] kills one that writes, and
//! [`yesterday`] is data to keep for the versions to come.
//!
//! The kit does not ask how fast a store is, whether it survives a power cut, or what it does with
//! damaged files: these need the engine's own tests.

#[doc = include_str!("../GUIDE.md")]
pub mod guide {}

mod case;
mod cases;
pub mod crash;
mod dice;
mod fixtures;
mod harness;
mod list;
mod model;
mod probe;
mod report;
mod tenants;
mod values;
pub mod yesterday;

pub use case::{Case, Ended, Level};
#[doc(hidden)]
pub use case::{check, check_skipped};
pub use harness::Harness;
pub use list::cases;
pub use model::ModelStore;
pub use tenants::InTenant;

// The example of the README is run with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
