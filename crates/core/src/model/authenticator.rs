//! Authenticators: devices that show a new code every half a minute.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Id, KeptSecret};
use crate::query::attributes;
use crate::{Document, Field, Kind, Owner, Record, Schema, Timestamp, Unique, User, decode};

/// An authenticator of a user; at most one of a kind.
///
/// The secret is shared with the device, so it can't be a digest: see [`KeptSecret`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Authenticator {
    /// The identifier.
    #[serde(rename = "$id")]
    pub id: Id,
    /// When it was made.
    #[serde(rename = "$createdAt")]
    pub created_at: Timestamp,
    /// Whose it is.
    pub user_id: Id,
    /// How it works: `totp`.
    pub kind: Cow<'static, str>,
    /// Whether the user has shown that the device is set up. Before that it proves nothing.
    pub verified: bool,
    /// What the device shares with the store.
    pub secret: KeptSecret,
    /// The time step of the last code that was taken: no code of it or before it is taken again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_step: Option<u64>,
    /// How many wrong codes were tried since the last right one.
    #[serde(default)]
    pub misses: u32,
    /// When the last wrong code was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed_at: Option<Timestamp>,
}

impl Authenticator {
    /// The kind of a time-based one, RFC 6238.
    pub const TOTP: &'static str = "totp";
}

attributes! { Authenticator, FIELDS;
    /// Whose it is.
    USER_ID: str = Field::new("userId", Kind::Text, |d| authenticator(d).user_id.as_str().into());
    /// How it works.
    KIND: str = Field::new("kind", Kind::Text, |d| authenticator(d).kind.as_ref().into());
}

static SCHEMA: Schema = Schema {
    name: "authenticators",
    fields: FIELDS,
    uniques: &[Unique { name: "kind", fields: &["userId", "kind"] }],
    search: None,
    owners: &[Owner { field: "userId", schema: User::SCHEMA }],
    decode: decode::<Authenticator>,
};

fn authenticator(document: &Document) -> &Authenticator {
    document.typed()
}

impl Record for Authenticator {
    const SCHEMA: &'static Schema = &SCHEMA;

    fn id(&self) -> &str {
        &self.id
    }
}
