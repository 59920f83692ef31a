//! Keys that go into new password hashes and are kept outside the store.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Secret keys for password hashes, each with an id.
///
/// A new password is hashed as Argon2id of its HMAC-SHA256 under the present key, and the id of the key is
/// stored beside the hash: who steals the store alone can't even begin to guess. Keep the keys where the
/// store is not, a secret manager for example; a user whose key is lost can't sign in.
///
/// To change the key, put a new one first and keep the old ones: a sign-in with an older key, or with none,
/// hashes anew under the present one.
///
/// ```
/// use rollbook_core::Peppers;
///
/// let peppers = Peppers::new("2026", *b"a key of 32 bytes from a manager").older("2025", *b"the one before");
/// assert_eq!(format!("{peppers:?}"), r#"Peppers { ids: ["2026", "2025"], .. }"#);
/// ```
#[derive(Clone, Default)]
pub struct Peppers {
    // The present one first.
    keys: Vec<(String, Zeroizing<Vec<u8>>)>,
}

impl Peppers {
    /// The key that new hashes take, called `id` in the store.
    pub fn new(id: impl Into<String>, key: impl Into<Vec<u8>>) -> Self {
        Self::default().older(id, key)
    }

    /// A key that hashes in the store may have, besides those given before.
    pub fn older(mut self, id: impl Into<String>, key: impl Into<Vec<u8>>) -> Self {
        self.keys.push((id.into(), Zeroizing::new(key.into())));
        self
    }

    /// The id of the key that new hashes take, if they take one.
    pub(super) fn current(&self) -> Option<&str> {
        self.keys.first().map(|(id, _)| id.as_str())
    }

    /// What is hashed for `password` under the key `id`, or without one; `None` if there is no such key.
    pub(super) fn apply(&self, id: Option<&str>, password: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let Some(id) = id else { return Some(Zeroizing::new(password.to_vec())) };
        let (_, key) = self.keys.iter().find(|(known, _)| known == id)?;
        let mac = Hmac::<Sha256>::new_from_slice(key).ok()?.chain_update(password);
        Some(Zeroizing::new(mac.finalize().into_bytes().to_vec()))
    }
}

impl fmt::Debug for Peppers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.keys.iter().map(|(id, _)| id).collect();
        f.debug_struct("Peppers").field("ids", &ids).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_gives_its_own() {
        let peppers = Peppers::new("b", "second").older("a", "first");
        let apply = |id| peppers.apply(id, b"password").map(|bytes| bytes.to_vec());
        assert_eq!(peppers.current(), Some("b"));
        assert_eq!(apply(None), Some(b"password".to_vec()));
        assert_ne!(apply(Some("a")), apply(Some("b")));
        assert_eq!(apply(Some("a")).map(|bytes| bytes.len()), Some(32));
        assert_eq!(apply(Some("c")), None);
        assert_eq!(Peppers::default().current(), None);
    }
}
