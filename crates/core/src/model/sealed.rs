//! Secrets that are read back, as they rest in a store.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A secret that was encrypted before it was stored, and the id of the key that opens it.
///
/// [`SealingKeys`](crate::SealingKeys) make and open it. `Debug` shows the id of the key alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    key: String,
    /// The nonce, the ciphertext and its tag, in base64.
    text: String,
}

impl Sealed {
    pub(crate) fn new(key: impl Into<String>, text: impl Into<String>) -> Self {
        Self { key: key.into(), text: text.into() }
    }

    /// The id of the key that opens it.
    pub fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("key", &self.key).finish_non_exhaustive()
    }
}
