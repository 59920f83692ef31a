//! Kinds of e-mail addresses.

use serde::{Deserialize, Serialize};

/// What an e-mail address is by its domain. A domain of a free provider that hands out addresses to be thrown
/// away is [`Disposable`](Self::Disposable).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_enums, reason = "an address is one of the first two or it is not")]
pub enum EmailClass {
    /// Of a provider where everybody can have an address.
    Free,
    /// Of a provider of addresses for a few minutes.
    Disposable,
    /// Of neither.
    Corporate,
}
