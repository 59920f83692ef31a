//! The cases, by topic. A case that `list.rs` does not name is dead code, and the compiler says so.

pub(crate) mod batch;
pub(crate) mod bulk;
pub(crate) mod delete;
pub(crate) mod model;
pub(crate) mod order;
pub(crate) mod owner;
pub(crate) mod page;
pub(crate) mod part;
pub(crate) mod put;
pub(crate) mod query;
pub(crate) mod race;
pub(crate) mod random;
pub(crate) mod reopen;
pub(crate) mod search;
pub(crate) mod total;
pub(crate) mod unique;
pub(crate) mod word;
