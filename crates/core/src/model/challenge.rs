//! Challenges: that a user is asked for another factor.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Id, KeptSecret};
use crate::query::attributes;
use crate::{Document, Field, Kind, Owner, Record, Schema, Session, Timestamp, User, decode};

/// What can prove who somebody is, besides a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Factor {
    /// A code that an authenticator shows.
    Totp,
    /// A code that was sent to the e-mail.
    Email,
    /// A code that was sent to the phone number.
    Phone,
    /// One of the recovery codes.
    RecoveryCode,
    /// A code that the application brings to the user in its own way.
    Custom,
}

impl Factor {
    /// The name, as it is stored and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::RecoveryCode => "recoveryCode",
            Self::Custom => "custom",
        }
    }
}

/// A question for a factor, which is answered once, within a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Challenge {
    /// The identifier.
    #[serde(rename = "$id")]
    pub id: Id,
    /// When it was made.
    #[serde(rename = "$createdAt")]
    pub created_at: Timestamp,
    /// Who is asked.
    pub user_id: Id,
    /// The session that gets the factor, if it is for one; the challenge ends with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<Id>,
    /// What is asked for.
    pub factor: Factor,
    /// The answer, if it was made for this challenge; no digest, as the code of [`Factor::Custom`] is answered
    /// to the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<KeptSecret>,
    /// Until when.
    pub expire: Timestamp,
    /// How many wrong answers there were.
    #[serde(default)]
    pub attempts: u32,
}

attributes! { Challenge, FIELDS;
    /// Who is asked.
    USER_ID: str = Field::new("userId", Kind::Text, |d| challenge(d).user_id.as_str().into());
    /// The session that gets the factor.
    SESSION_ID: str = Field::new("sessionId", Kind::Text, |d| challenge(d).session_id.as_deref().into());
    /// Until when.
    EXPIRE: Timestamp = Field::new("expire", Kind::Time, |d| challenge(d).expire.into()).indexed();
}

static SCHEMA: Schema = Schema {
    name: "challenges",
    fields: FIELDS,
    uniques: &[],
    search: None,
    owners: &[
        Owner { field: "userId", schema: User::SCHEMA },
        Owner { field: "sessionId", schema: Session::SCHEMA },
    ],
    decode: decode::<Challenge>,
};

fn challenge(document: &Document) -> &Challenge {
    document.typed()
}

impl Record for Challenge {
    const SCHEMA: &'static Schema = &SCHEMA;

    fn id(&self) -> &str {
        &self.id
    }
}

impl Challenge {
    /// The challenge as the service's response model `mfaChallengeSecret`: every key, in the documented
    /// order. `code` is what [`Users::get_challenge`](crate::Users::get_challenge) says.
    pub fn to_wire(&self, code: &str) -> serde_json::Value {
        json!({
            "$id": self.id,
            "$createdAt": self.created_at.to_string(),
            "userId": self.user_id,
            "expire": self.expire.to_string(),
            "code": code,
        })
    }
}
