//! Recovery codes: what a user who has lost the second factor writes down beforehand.

use serde::{Deserialize, Serialize};

use super::{Id, KeptSecret};
use crate::query::attributes;
use crate::{Document, Field, Kind, Owner, Record, Schema, Timestamp, Unique, User, decode};

/// The recovery codes of a user that were not used yet.
///
/// The service answers them as often as it is asked, so they are no digests: see [`KeptSecret`]. `Debug` shows
/// none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecoveryCodes {
    /// The identifier.
    #[serde(rename = "$id")]
    pub id: Id,
    /// When they were made.
    #[serde(rename = "$createdAt")]
    pub created_at: Timestamp,
    /// Whose they are.
    pub user_id: Id,
    /// Those that are left; one at least.
    pub codes: Vec<KeptSecret>,
}

attributes! { RecoveryCodes, FIELDS;
    /// Whose they are.
    USER_ID: str = Field::new("userId", Kind::Text, |d| codes(d).user_id.as_str().into());
}

static SCHEMA: Schema = Schema {
    name: "recoveryCodes",
    fields: FIELDS,
    uniques: &[Unique { name: "userId", fields: &["userId"] }],
    search: None,
    owners: &[Owner { field: "userId", schema: User::SCHEMA }],
    decode: decode::<RecoveryCodes>,
};

fn codes(document: &Document) -> &RecoveryCodes {
    document.typed()
}

impl Record for RecoveryCodes {
    const SCHEMA: &'static Schema = &SCHEMA;

    fn id(&self) -> &str {
        &self.id
    }
}
