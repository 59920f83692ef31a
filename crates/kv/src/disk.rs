//! Stores that outlive the process, on any ordered map of bytes.
//!
//! An engine implements [`Map`], three methods over bytes, and opens it with [`Opening`]; what comes out
//! is a [`MapStore`], the whole `UserStore`: group commits, reads off the executor, and data that says
//! what it is.
//!
//! - `map`: what an engine offers
//! - `codec`: keys and entries as bytes
//! - `meta`: the format, the schemas and the counters, beside the data
//! - `opening`: what is refused, what is made, and what is built anew
//! - `writer` and `readers`: the threads
//! - `store`: the contract on top

mod codec;
mod error;
mod map;
mod meta;
mod opening;
mod readers;
mod store;
mod writer;

pub use error::{OpenError, Refusal, guarded};
pub use map::{Durability, LookUps, Map, Sink, View, VisitBytes};
pub use opening::{Found, Opening};
pub use store::MapStore;
