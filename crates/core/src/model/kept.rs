//! Secrets that must be read again.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Sealed;

/// A secret that is stored so that the library can read it again, unlike a
/// [`SecretDigest`](crate::SecretDigest): sealed, if there are [`SealingKeys`](crate::SealingKeys), and
/// otherwise as it is, so that whoever reads the store reads it, too.
///
/// It is wiped when it is dropped, and `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeptSecret(Kept);

/// How a secret rests: a text, or the members of [`Sealed`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Kept {
    Readable(Zeroizing<String>),
    Sealed(Sealed),
}

impl KeptSecret {
    pub(crate) fn new(kept: Kept) -> Self {
        Self(kept)
    }

    pub(crate) fn kept(&self) -> &Kept {
        &self.0
    }

    /// The id of the key that sealed it; `None` if it rests readable.
    pub fn key(&self) -> Option<&str> {
        match &self.0 {
            Kept::Readable(_) => None,
            Kept::Sealed(sealed) => Some(sealed.key()),
        }
    }
}

impl std::fmt::Debug for KeptSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Both shapes rest on the disks of others.
    #[test]
    fn the_stored_shapes() {
        let shapes = [r#""MZXW6""#, r#"{"key":"2026","text":"AAAA"}"#];
        for (shape, key) in shapes.into_iter().zip([None, Some("2026")]) {
            let kept: KeptSecret = serde_json::from_str(shape).unwrap();
            assert_eq!(kept.key(), key);
            assert_eq!(serde_json::to_string(&kept).unwrap(), shape);
            assert_eq!(format!("{kept:?}"), "[redacted]");
        }
        assert!(serde_json::from_str::<KeptSecret>(r#"{"key":"2026"}"#).is_err());
    }
}
