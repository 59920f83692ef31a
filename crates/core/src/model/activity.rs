//! What was done with a user, when, and from where.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Id;
use crate::query::attributes;
use crate::{Document, Field, Kind, Owner, Record, Schema, Timestamp, User, decode};

/// An entry of a user's activity log.
///
/// It is written in the same commit as what it tells of, belongs to its user, and is never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Activity {
    /// The identifier.
    #[serde(rename = "$id")]
    pub id: Id,
    /// Whose log it is in.
    pub user_id: Id,
    /// What was done: `user.create`, `user.update`, `session.create` and so on.
    pub event: Cow<'static, str>,
    /// When.
    pub time: Timestamp,
    /// Who did it, if the caller said so: another user, an operator. Otherwise it was the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The address that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The client, as it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The country of the address, two letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

attributes! { Activity, FIELDS;
    /// Whose log it is in.
    USER_ID: str = Field::new("userId", Kind::Text, |d| activity(d).user_id.as_str().into());
    /// When it was written.
    TIME: Timestamp = Field::new("time", Kind::Time, |d| activity(d).time.into());
}

static SCHEMA: Schema = Schema {
    name: "logs",
    fields: FIELDS,
    uniques: &[],
    search: None,
    owners: &[Owner { field: "userId", schema: User::SCHEMA }],
    decode: decode::<Activity>,
};

fn activity(document: &Document) -> &Activity {
    document.typed()
}

impl Record for Activity {
    const SCHEMA: &'static Schema = &SCHEMA;

    fn id(&self) -> &str {
        &self.id
    }
}
