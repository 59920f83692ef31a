//! The user store you link in: users, passwords and sign-in, on the storage you choose.
//!
//! ```
//! use std::sync::Arc;
//! use rollbook::{MemoryStore, NewUser, Users};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let users = Users::new(Arc::new(MemoryStore::new()));
//! users.create(NewUser::new().email("ann@example.com").password("correct horse")).await?;
//! let ann = users.sign_in("ann@example.com", "correct horse").await?;
//! assert!(ann.status);
//! # Ok::<(), rollbook::Error>(()) }).unwrap();
//! ```
//!
//! This crate re-exports the others; its features choose the stores.

#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(all(feature = "memory", feature = "test-util"))]
pub mod testing;

pub use rollbook_core::*;

#[cfg(any(feature = "redb", feature = "sled"))]
pub use rollbook_kv::{Durability, OpenError as KvOpenError, Refusal as KvRefusal};
#[cfg(feature = "memory")]
pub use rollbook_memory::MemoryStore;
#[cfg(feature = "redb")]
pub use rollbook_redb::{RedbOptions, RedbStore, Verify as RedbVerify};
#[cfg(feature = "sled")]
pub use rollbook_sled::{SledOptions, SledStore};
#[cfg(feature = "sqlite")]
pub use rollbook_sqlite::{OpenError as SqliteOpenError, SqliteOptions, SqliteStore, Synchronous};

/// The examples of the README are tested.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
