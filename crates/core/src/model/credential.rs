//! A password hash at rest.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{HashError, HashOptions, Limits, PasswordHash};

/// A user's password as it is stored: the algorithm, the hash text and the options it needs.
///
/// [`Credential::open`] turns it into a [`PasswordHash`], which can be verified. `Debug` shows no hash.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    algorithm: Cow<'static, str>,
    hash: Zeroizing<String>,
    #[serde(default, skip_serializing_if = "HashOptions::is_empty")]
    options: HashOptions,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pepper: Option<String>,
}

impl Credential {
    /// The algorithm's name on the wire.
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// The hash text.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The options as the wire shows them: what is stored, and what the hash text says.
    pub fn wire_options(&self) -> HashOptions {
        // What the default limits refuse is still shown, with what was stored.
        self.open(&Limits::default()).map_or_else(|_| self.options.clone(), |hash| hash.options())
    }

    /// The id of the key that went into the hash, if one did (see [`Peppers`](crate::Peppers)).
    pub fn pepper(&self) -> Option<&str> {
        self.pepper.as_deref()
    }

    /// The same, whose hash has the key `pepper` in it.
    pub(crate) fn with_pepper(self, pepper: Option<&str>) -> Self {
        Self { pepper: pepper.map(ToOwned::to_owned), ..self }
    }

    /// Parses the hash and checks it against `limits`, which may be tighter than at its import.
    pub fn open(&self, limits: &Limits) -> Result<PasswordHash, HashError> {
        PasswordHash::restore(&self.algorithm, &self.hash, &self.options, limits)
    }
}

impl From<&PasswordHash> for Credential {
    fn from(hash: &PasswordHash) -> Self {
        Self {
            algorithm: Cow::Borrowed(hash.algorithm()),
            hash: Zeroizing::new(hash.text().to_owned()),
            options: hash.stored_options(),
            pepper: None,
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}
