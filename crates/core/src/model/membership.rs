//! Memberships: who is in which team.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Id, SecretDigest, Team};
use crate::query::attributes;
use crate::{Document, Error, Field, Kind, Owner, Record, Schema, Timestamp, Unique, User, decode};

/// A membership of a user in a team, or the invitation to one.
///
/// It belongs to both, and goes with either.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Membership {
    /// The identifier.
    #[serde(rename = "$id")]
    pub id: Id,
    /// When it was made.
    #[serde(rename = "$createdAt")]
    pub created_at: Timestamp,
    /// When it last changed.
    #[serde(rename = "$updatedAt")]
    pub updated_at: Timestamp,
    /// The user.
    pub user_id: Id,
    /// The team.
    pub team_id: Id,
    /// What the user is in the team, without duplicates, in the order given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// When the user was invited.
    pub invited: Timestamp,
    /// When the user joined; `None` for an invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<Timestamp>,
    /// Whether the user joined.
    pub confirm: bool,
    /// SHA-256 of the secret of an invitation, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretDigest>,
}

attributes! { Membership, FIELDS;
    /// The user.
    USER_ID: str = Field::new("userId", Kind::Text, |d| membership(d).user_id.as_str().into());
    /// The team.
    TEAM_ID: str = Field::new("teamId", Kind::Text, |d| membership(d).team_id.as_str().into());
    /// When the user was invited.
    INVITED: Timestamp = Field::new("invited", Kind::Time, |d| membership(d).invited.into());
    /// When the user joined.
    JOINED: Timestamp = Field::new("joined", Kind::Time, |d| membership(d).joined.into());
    /// Whether the user joined.
    CONFIRM: bool = Field::new("confirm", Kind::Bool, |d| membership(d).confirm.into());
    /// What the user is in the team.
    ROLES: [String] =
        Field::new("roles", Kind::List, |d| membership(d).roles.as_slice().into()).indexed();
    /// When it was made.
    CREATED_AT: Timestamp = Field::new("$createdAt", Kind::Time, |d| membership(d).created_at.into());
    /// When it last changed.
    UPDATED_AT: Timestamp = Field::new("$updatedAt", Kind::Time, |d| membership(d).updated_at.into());
}

static SCHEMA: Schema = Schema {
    name: "memberships",
    fields: FIELDS,
    uniques: &[Unique { name: "member", fields: &["teamId", "userId"] }],
    search: Some(|d| {
        let membership = membership(d);
        vec![membership.id.as_str().into(), membership.user_id.as_str().into()]
    }),
    owners: &[
        Owner { field: "userId", schema: User::SCHEMA },
        Owner { field: "teamId", schema: Team::SCHEMA },
    ],
    decode: decode::<Membership>,
};

fn membership(document: &Document) -> &Membership {
    document.typed()
}

impl Record for Membership {
    const SCHEMA: &'static Schema = &SCHEMA;

    fn id(&self) -> &str {
        &self.id
    }
}

impl Membership {
    /// The membership as the service's response model `membership`: every key, in the documented order,
    /// with the names of its user and its team.
    ///
    /// `userPhone`, `mfa` and `userAccessedAt` are empty, as in the answers of the service.
    pub fn to_wire(&self, user: &User, team: &Team) -> serde_json::Value {
        json!({
            "$id": self.id,
            "$createdAt": self.created_at.to_string(),
            "$updatedAt": self.updated_at.to_string(),
            "userId": self.user_id,
            "userName": user.name,
            "userEmail": user.email.as_deref().unwrap_or_default(),
            "userPhone": "",
            "teamId": self.team_id,
            "teamName": team.name,
            "invited": self.invited.to_string(),
            "joined": self.joined.map_or_else(String::new, |joined| joined.to_string()),
            "confirm": self.confirm,
            "mfa": false,
            "userAccessedAt": "",
            "roles": self.roles,
        })
    }
}

/// The most roles of a membership.
const MOST_ROLES: usize = 100;
/// The most characters of a role.
const MOST_ROLE_CHARACTERS: usize = 128;

/// Checks roles, 1 to 128 characters each, and drops those that were there before.
pub(crate) fn check_roles(roles: impl IntoIterator<Item = String>) -> Result<Vec<String>, Error> {
    let mut checked = Vec::new();
    // One more than there may be is enough to know.
    for (index, role) in roles.into_iter().take(MOST_ROLES + 1).enumerate() {
        let length = role.chars().take(MOST_ROLE_CHARACTERS + 1).count();
        if index == MOST_ROLES || !(1..=MOST_ROLE_CHARACTERS).contains(&length) {
            return Err(Error::invalid(
                "roles",
                "Value must a valid array no longer than 100 items and Value must be a valid string and \
                 at least 1 chars and no longer than 128 chars",
            ));
        }
        if !checked.contains(&role) {
            checked.push(role);
        }
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use super::*;

    // This shape rests on the disks of others: a change here needs a default for what is missing.
    #[test]
    fn the_stored_shape() {
        let now = Timestamp::from_millis(0).unwrap();
        let id = |id: &str| Id::parse(id).unwrap();
        let membership = Membership {
            id: id("m"),
            created_at: now,
            updated_at: now,
            user_id: id("u"),
            team_id: id("t"),
            roles: Vec::new(),
            invited: now,
            joined: None,
            confirm: false,
            secret: None,
        };
        insta::assert_json_snapshot!(membership, @r#"
        {
          "$id": "m",
          "$createdAt": 0,
          "$updatedAt": 0,
          "userId": "u",
          "teamId": "t",
          "invited": 0,
          "confirm": false
        }
        "#);
        let decoded = (SCHEMA.decode)(&SCHEMA, &serde_json::to_vec(&membership).unwrap()).unwrap();
        assert_eq!(Document::new(1, 1, decoded).typed::<Membership>(), &membership);
    }

    #[test]
    fn roles_are_checked_and_kept_once() {
        let checked = check_roles(["b", "a", "b"].map(str::to_owned)).unwrap();
        assert_eq!(checked, ["b", "a"]);
        assert!(check_roles(["é".repeat(128)]).is_ok());
        assert!(check_roles(["é".repeat(129)]).is_err());
        assert!(check_roles([String::new()]).is_err());
        assert!(check_roles(vec!["a".to_owned(); 100]).is_ok());
        assert!(check_roles(vec!["a".to_owned(); 101]).is_err());
    }
}
