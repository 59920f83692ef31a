//! Teams of users.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Id;
use super::prefs::Prefs;
use crate::query::attributes;
use crate::{Document, Field, Kind, Record, Schema, Timestamp, decode};

/// A team. Who is in it is said by its [`Membership`](crate::Membership)s.
///
/// The number of its members is not here: it is counted when somebody asks, by
/// [`Users::count_members`](crate::Users::count_members).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Team {
    /// The identifier.
    #[serde(rename = "$id")]
    pub id: Id,
    /// When it was made.
    #[serde(rename = "$createdAt")]
    pub created_at: Timestamp,
    /// When it last changed.
    #[serde(rename = "$updatedAt")]
    pub updated_at: Timestamp,
    /// The name, 1 to 128 characters.
    pub name: String,
    /// Preferences.
    #[serde(default, skip_serializing_if = "Prefs::is_empty")]
    pub prefs: Prefs,
}

attributes! { Team, FIELDS;
    /// The name.
    NAME: str = Field::new("name", Kind::Text, |d| team(d).name.as_str().into()).indexed();
    /// When it was made.
    CREATED_AT: Timestamp = Field::new("$createdAt", Kind::Time, |d| team(d).created_at.into()).indexed();
    /// When it last changed.
    UPDATED_AT: Timestamp = Field::new("$updatedAt", Kind::Time, |d| team(d).updated_at.into()).indexed();
}

static SCHEMA: Schema = Schema {
    name: "teams",
    fields: FIELDS,
    uniques: &[],
    search: Some(|d| {
        let team = team(d);
        vec![Cow::Borrowed(team.id.as_str()), Cow::Borrowed(&team.name)]
    }),
    owners: &[],
    decode: decode::<Team>,
};

fn team(document: &Document) -> &Team {
    document.typed()
}

impl Record for Team {
    const SCHEMA: &'static Schema = &SCHEMA;

    fn id(&self) -> &str {
        &self.id
    }
}

impl Team {
    /// The team as the service's response model `team`; `total` is how many members it has.
    pub fn to_wire(&self, total: u64) -> serde_json::Value {
        json!({
            "$id": self.id,
            "$createdAt": self.created_at.to_string(),
            "$updatedAt": self.updated_at.to_string(),
            "name": self.name,
            "total": total,
            "prefs": self.prefs,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // This shape rests on the disks of others: a change here needs a default for what is missing.
    #[test]
    fn the_stored_shape() {
        let now = Timestamp::from_millis(0).unwrap();
        let id = Id::parse("t").unwrap();
        let name = "Crew".to_owned();
        let team = Team { id, created_at: now, updated_at: now, name, prefs: Prefs::new() };
        insta::assert_json_snapshot!(team, @r#"
        {
          "$id": "t",
          "$createdAt": 0,
          "$updatedAt": 0,
          "name": "Crew"
        }
        "#);
        let decoded = (SCHEMA.decode)(&SCHEMA, &serde_json::to_vec(&team).unwrap()).unwrap();
        assert_eq!(Document::new(1, 1, decoded).typed::<Team>(), &team);
    }
}
