//! Secrets that must be read again.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A secret that is stored so that the library can read it again, unlike a
/// [`SecretDigest`](crate::SecretDigest): whoever reads the store reads it, too.
///
/// It is wiped when it is dropped, and `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeptSecret(Zeroizing<String>);

impl KeptSecret {
    /// What is stored, as it is.
    pub(crate) fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// What is stored.
    pub(crate) fn stored(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for KeptSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}
