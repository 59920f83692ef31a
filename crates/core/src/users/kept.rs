//! The one place where secrets that must be read again go into the store and come out of it.
//!
//! They are stored as they are. Whatever seals them under a key belongs here, in both functions.

use zeroize::Zeroizing;

use super::{Secret, Users};
use crate::KeptSecret;

impl Users {
    /// What is stored for `secret`.
    #[expect(clippy::unused_self, reason = "a key would be the handle's")]
    pub(super) fn keep(&self, secret: &str) -> KeptSecret {
        KeptSecret::new(Zeroizing::new(secret.to_owned()))
    }

    /// The secret that was stored.
    #[expect(clippy::unused_self, reason = "a key would be the handle's")]
    pub(super) fn reveal(&self, kept: &KeptSecret) -> Secret {
        Secret::of(Zeroizing::new(kept.stored().to_owned()))
    }
}
