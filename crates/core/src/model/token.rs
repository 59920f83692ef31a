//! Tokens: secrets that prove something once.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Id, SecretDigest};
use crate::query::attributes;
use crate::{Document, Field, Kind, Owner, Record, Schema, Timestamp, User, decode};

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum TokenKind {
    /// A session, whatever the server checked before.
    Session,
    /// A session by a link in an e-mail.
    MagicLink,
    /// The proof of an e-mail.
    EmailVerification,
    /// The proof of a phone number.
    PhoneVerification,
    /// A new password.
    Recovery,
    /// The answer to a [`Challenge`](crate::Challenge). Messages are of this kind, stored tokens are not.
    Challenge,
}

impl TokenKind {
    /// The name, as it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::MagicLink => "magicLink",
            Self::EmailVerification => "emailVerification",
            Self::PhoneVerification => "phoneVerification",
            Self::Recovery => "recovery",
            Self::Challenge => "challenge",
        }
    }
}

/// A token: a secret that is used once, within a time. A digest of the secret is all that is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Token {
    /// The identifier.
    #[serde(rename = "$id")]
    pub id: Id,
    /// When it was made.
    #[serde(rename = "$createdAt")]
    pub created_at: Timestamp,
    /// Whose it is.
    pub user_id: Id,
    /// What it is for.
    pub kind: TokenKind,
    /// SHA-256 of the secret, in hex.
    pub secret: SecretDigest,
    /// Until when.
    pub expire: Timestamp,
    /// How often somebody tried another secret.
    #[serde(default)]
    pub attempts: u32,
    /// The address that it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The client, as it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
}

attributes! { Token, FIELDS;
    /// Whose it is.
    USER_ID: str = Field::new("userId", Kind::Text, |d| token(d).user_id.as_str().into());
    /// What it is for, by name.
    KIND: str = Field::new("kind", Kind::Text, |d| token(d).kind.name().into());
    /// Until when.
    EXPIRE: Timestamp = Field::new("expire", Kind::Time, |d| token(d).expire.into()).indexed();
}

static SCHEMA: Schema = Schema {
    name: "tokens",
    fields: FIELDS,
    uniques: &[],
    search: None,
    owners: &[Owner { field: "userId", schema: User::SCHEMA }],
    decode: decode::<Token>,
};

fn token(document: &Document) -> &Token {
    document.typed()
}

impl Record for Token {
    const SCHEMA: &'static Schema = &SCHEMA;

    fn id(&self) -> &str {
        &self.id
    }
}

impl Token {
    /// The token as the service's response model `token`, with the secret that only its creation knows.
    pub fn to_wire(&self, secret: &str) -> serde_json::Value {
        json!({
            "$id": self.id,
            "$createdAt": self.created_at.to_string(),
            "userId": self.user_id,
            "secret": secret,
            "expire": self.expire.to_string(),
            "phrase": "",
        })
    }
}
