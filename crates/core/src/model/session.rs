//! Sessions of users.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Client, Id};
use crate::query::attributes;
use crate::{Document, Field, Kind, Owner, Record, Schema, Timestamp, Unique, User, decode};

/// A session: that somebody has signed in, from where, and until when.
///
/// Its secret is not here: a digest of it is all that is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Session {
    /// The identifier.
    #[serde(rename = "$id")]
    pub id: Id,
    /// When it was made.
    #[serde(rename = "$createdAt")]
    pub created_at: Timestamp,
    /// When it last changed.
    #[serde(rename = "$updatedAt")]
    pub updated_at: Timestamp,
    /// Whose it is.
    pub user_id: Id,
    /// How it came about: `email`, `token`, `server` and so on.
    pub provider: Cow<'static, str>,
    /// Who the user is there; empty if the provider is no other service.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub provider_uid: String,
    /// SHA-256 of the secret, in hex.
    pub secret: SecretDigest,
    /// When it ends.
    pub expire: Timestamp,
    /// What was proven: `password`, `server`, `totp` and so on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<Cow<'static, str>>,
    /// When a second factor was last proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa_updated_at: Option<Timestamp>,
    /// The address that it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The client, as it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The country of the address, two letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

attributes! { Session, FIELDS;
    /// Whose it is.
    USER_ID: str = Field::new("userId", Kind::Text, |d| session(d).user_id.as_str().into());
    /// SHA-256 of the secret.
    SECRET: str = Field::new("secret", Kind::Text, |d| session(d).secret.as_str().into());
    /// When it was made.
    CREATED_AT: Timestamp = Field::new("$createdAt", Kind::Time, |d| session(d).created_at.into()).indexed();
    /// When it ends.
    EXPIRE: Timestamp = Field::new("expire", Kind::Time, |d| session(d).expire.into()).indexed();
}

static SCHEMA: Schema = Schema {
    name: "sessions",
    fields: FIELDS,
    uniques: &[Unique { name: "secret", fields: &["secret"] }],
    search: None,
    owners: &[Owner { field: "userId", schema: User::SCHEMA }],
    decode: decode::<Session>,
};

fn session(document: &Document) -> &Session {
    document.typed()
}

impl Record for Session {
    const SCHEMA: &'static Schema = &SCHEMA;

    fn id(&self) -> &str {
        &self.id
    }
}

impl Session {
    /// Whether it has ended at `now`.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expire <= now
    }

    /// What the client is, from what it calls itself.
    pub fn client(&self) -> Client {
        Client::of(self.user_agent.as_deref().unwrap_or_default())
    }

    /// The session as the service's response model `session`: every key, in the documented order. `secret` is
    /// what its user presents, which only its creation knows; `current` says whether it is the caller's.
    pub fn to_wire(&self, secret: &str, current: bool) -> serde_json::Value {
        let time = |time: Option<Timestamp>| time.map_or_else(String::new, |t| t.to_string());
        let head = json!({
            "$id": self.id,
            "$createdAt": self.created_at.to_string(),
            "$updatedAt": self.updated_at.to_string(),
            "userId": self.user_id,
            "expire": self.expire.to_string(),
            "provider": self.provider,
            "providerUid": self.provider_uid,
            "providerAccessToken": "",
            "providerAccessTokenExpiry": "",
            "providerRefreshToken": "",
            "ip": self.ip.as_deref().unwrap_or_default(),
        });
        let tail = json!({
            "current": current,
            "factors": self.factors,
            "secret": secret,
            "mfaUpdatedAt": time(self.mfa_updated_at),
        });
        self.client().between(head, self.country.as_deref(), tail)
    }
}

/// SHA-256 of a secret, in lower-case hex: what is kept of what only its owner has.
///
/// A secret of this library has 128 bits and more, so that a plain digest can't be guessed back. `Debug`
/// shows nothing.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretDigest(String);

impl SecretDigest {
    /// The digest of `secret`.
    pub fn of(secret: &str) -> Self {
        use sha2::Digest as _;
        Self(crate::hex::lower(&sha2::Sha256::digest(secret)))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}
