//! Keys that seal what is read back: secrets of others, which a digest would not do for.

use std::fmt;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::{Zeroize as _, Zeroizing};

use crate::{Error, Random, Sealed};

/// Secret keys for AES-256-GCM, each with an id, that seal what is read back before it is stored: the tokens
/// of providers, the secrets of authenticators, recovery codes, and the answers of challenges.
///
/// The id of the key is stored beside what it sealed, which is bound to its record and field: who can write
/// to the store can't put it anywhere else. Keep the keys where the store is not, a secret manager for
/// example; what a lost key sealed is lost.
///
/// To change the key, put a new one first and keep the old ones until
/// [`Users::reseal_identity`](crate::Users::reseal_identity) has been over all identities and
/// [`Users::reseal_factors`](crate::Users::reseal_factors) over all users. Nonces are random, so that a key
/// should seal no more than 2³² values. Of two keys with the same id the first counts.
///
/// ```
/// use rollbook_core::SealingKeys;
///
/// let keys = SealingKeys::new("2026", [6; 32]).older("2025", [5; 32]);
/// assert_eq!(format!("{keys:?}"), r#"SealingKeys { ids: ["2026", "2025"], .. }"#);
/// ```
#[derive(Clone)]
pub struct SealingKeys {
    // The present one first.
    keys: Vec<(String, Zeroizing<Vec<u8>>)>,
}

/// What a sealed value belongs to: a record, and a field of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// Whose the record is, where somebody else's would do harm: who can write to the store could give a
    /// record of his own to another user.
    pub(super) user: Option<&'a str>,
    pub(super) id: &'a str,
    pub(super) field: &'static str,
}

const NONCE_BYTES: usize = 12;

impl SealingKeys {
    /// The key that seals from now on, called `id` in the store. The caller wipes its own copy.
    pub fn new(id: impl Into<String>, key: [u8; 32]) -> Self {
        Self { keys: Vec::new() }.older(id, key)
    }

    /// A key that values in the store may be sealed with, besides those given before.
    pub fn older(mut self, id: impl Into<String>, mut key: [u8; 32]) -> Self {
        self.keys.push((id.into(), Zeroizing::new(key.to_vec())));
        key.zeroize();
        self
    }

    /// Whether `sealed` is sealed with the present key.
    pub(super) fn is_current(&self, sealed: &Sealed) -> bool {
        self.keys.first().is_some_and(|(id, _)| id == sealed.key())
    }

    /// Seals `plain` with the present key.
    pub(super) fn seal(
        &self,
        random: &dyn Random,
        place: Place<'_>,
        plain: &str,
    ) -> Result<Sealed, Error> {
        let failed = || Error::Internal("a secret could not be sealed".into());
        let (id, key) = self.keys.first().ok_or_else(failed)?;
        let mut nonce = [0; NONCE_BYTES];
        random.fill(&mut nonce);
        let cipher = Aes256Gcm::new_from_slice(key).map_err(|_| failed())?;
        let payload = Payload { msg: plain.as_bytes(), aad: &place.bytes() };
        let ciphertext = cipher.encrypt(&Nonce::from(nonce), payload).map_err(|_| failed())?;
        Ok(Sealed::new(id.as_str(), STANDARD.encode([&nonce[..], &ciphertext].concat())))
    }

    /// What `sealed`, found at `place`, has within.
    pub(super) fn open(
        &self,
        place: Place<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<String>, Error> {
        let known = self.keys.iter().find(|(id, _)| id == sealed.key());
        let (_, key) = known.ok_or_else(|| unknown(sealed))?;
        decrypt(key, place, sealed.text())
            .ok_or_else(|| Error::SealBroken { key: sealed.key().to_owned() })
    }
}

/// The error of a value whose key is not here.
pub(super) fn unknown(sealed: &Sealed) -> Error {
    Error::UnknownSealingKey { key: sealed.key().to_owned() }
}

fn decrypt(key: &[u8], place: Place<'_>, text: &str) -> Option<Zeroizing<String>> {
    let bytes = STANDARD.decode(text).ok()?;
    let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_BYTES>()?;
    let payload = Payload { msg: ciphertext, aad: &place.bytes() };
    let cipher = Aes256Gcm::new_from_slice(key).ok()?;
    let plain = Zeroizing::new(cipher.decrypt(&Nonce::from(*nonce), payload).ok()?);
    std::str::from_utf8(&plain).ok().map(|text| Zeroizing::new(text.to_owned()))
}

impl Place<'_> {
    /// The associated data. No id has a zero byte in it, so that no two places share theirs.
    fn bytes(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for id in self.user.into_iter().chain([self.id]) {
            bytes.extend_from_slice(id.as_bytes());
            bytes.push(0);
        }
        bytes.extend_from_slice(self.field.as_bytes());
        bytes
    }
}

impl fmt::Debug for SealingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.keys.iter().map(|(id, _)| id).collect();
        f.debug_struct("SealingKeys").field("ids", &ids).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    const HERE: Place<'_> = Place { user: None, id: "i", field: "token" };

    fn sealed() -> Sealed {
        SealingKeys::new("a", [1; 32]).seal(&SeededRandom::new(1), HERE, "plain").unwrap()
    }

    fn opened(keys: &SealingKeys, place: Place<'_>, sealed: &Sealed) -> String {
        match keys.open(place, sealed) {
            Ok(plain) => plain.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_sealed_opens_where_it_was_and_nowhere_else() {
        let keys = SealingKeys::new("b", [2; 32]).older("a", [1; 32]);
        assert_eq!(opened(&keys, HERE, &sealed()), "plain");
        assert!(!keys.is_current(&sealed()));
        for place in [
            Place { id: "j", ..HERE },
            Place { field: "other", ..HERE },
            Place { id: "", field: "i\0token", ..HERE },
            Place { user: Some("ann"), ..HERE },
        ] {
            insta::allow_duplicates! {
                insta::assert_snapshot!(opened(&keys, place, &sealed()), @r#"what the key "a" sealed was altered or moved"#);
            }
        }
        let other = SealingKeys::new("b", [2; 32]);
        insta::assert_snapshot!(opened(&other, HERE, &sealed()), @r#"there is no sealing key "a"; add it to the `SealingKeys`"#);
    }

    #[test]
    fn no_byte_can_be_altered() {
        let keys = SealingKeys::new("a", [1; 32]);
        let bytes = STANDARD.decode(sealed().text()).unwrap();
        assert_eq!(bytes.len(), NONCE_BYTES + "plain".len() + 16);
        for place in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[place] ^= 1;
            let altered = Sealed::new("a", STANDARD.encode(altered));
            assert!(matches!(keys.open(HERE, &altered), Err(Error::SealBroken { .. })), "{place}");
        }
        for text in ["", "!", "AAAA", &sealed().text()[4..]] {
            let altered = Sealed::new("a", text);
            assert!(matches!(keys.open(HERE, &altered), Err(Error::SealBroken { .. })), "{text}");
        }
        // The other key under the same id.
        let wrong = SealingKeys::new("a", [2; 32]);
        assert!(matches!(wrong.open(HERE, &sealed()), Err(Error::SealBroken { .. })));
    }

    #[test]
    fn the_same_secret_is_sealed_differently_each_time() {
        let (keys, random) = (SealingKeys::new("a", [1; 32]), SeededRandom::new(1));
        let seal = || keys.seal(&random, HERE, "plain").unwrap();
        assert_ne!(seal(), seal());
        assert!(!format!("{keys:?} {:?}", seal()).contains(seal().text()));
    }
}
