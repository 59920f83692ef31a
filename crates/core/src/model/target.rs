//! Targets: where messages reach a user.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Email, Id, Phone};
use crate::query::attributes;
use crate::{Document, Error, Field, Kind, Owner, Record, Schema, Timestamp, Unique, User, decode};

/// What kind of message a target takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ProviderType {
    /// E-mails; the identifier is an address.
    Email,
    /// Text messages; the identifier is a phone number.
    Sms,
    /// Push messages; the identifier is what the provider calls the device.
    Push,
}

impl ProviderType {
    /// The kind with this name, in any case: `email`, `sms` or `push`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for `providerType` if there is none.
    pub fn parse(name: &str) -> Result<Self, Error> {
        [Self::Email, Self::Sms, Self::Push]
            .into_iter()
            .find(|kind| name.eq_ignore_ascii_case(kind.name()))
            .ok_or_else(|| {
                Error::invalid("providerType", "Value must be one of (email, sms, push)")
            })
    }

    /// The name, as it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Push => "push",
        }
    }

    /// The identifier that `text` is for this kind: 1 to 255 characters; an e-mail is put in lower case.
    pub(crate) fn identifier(self, text: &str) -> Result<String, Error> {
        let length = text.chars().take(MOST_IDENTIFIER_CHARACTERS + 1).count();
        if !(1..=MOST_IDENTIFIER_CHARACTERS).contains(&length) {
            return Err(Error::invalid(
                "identifier",
                "Value must be a valid string and at least 1 chars and no longer than 255 chars",
            ));
        }
        let identifier = match self {
            Self::Email => Email::parse(text).map(String::from),
            Self::Sms => Phone::parse(text).map(String::from),
            Self::Push => Ok(text.to_owned()),
        };
        identifier.map_err(|_| Error::InvalidIdentifier { provider_type: self })
    }
}

/// The most characters of an identifier (`spec/users-api.md`, 5.9).
const MOST_IDENTIFIER_CHARACTERS: usize = 255;

/// A target: an address of a user that messages go to.
///
/// A user's e-mail and phone number have one each, which follows them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Target {
    /// The identifier of the record.
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
    /// What kind of message it takes.
    pub provider_type: ProviderType,
    /// Who brings the messages, if it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<Id>,
    /// The address, unique among all targets.
    pub identifier: String,
    /// The name, at most 128 characters; empty if there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Whether messages no longer arrive; a new identifier takes it back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expired: bool,
}

attributes! { Target, FIELDS;
    /// Whose it is.
    USER_ID: str = Field::new("userId", Kind::Text, |d| target(d).user_id.as_str().into());
    /// Who brings the messages.
    PROVIDER_ID: str = Field::new("providerId", Kind::Text, |d| target(d).provider_id.as_deref().into());
    /// What kind of message it takes.
    PROVIDER_TYPE: str = Field::new("providerType", Kind::Text, |d| target(d).provider_type.name().into());
    /// The address.
    IDENTIFIER: str = Field::new("identifier", Kind::Text, |d| target(d).identifier.as_str().into());
    /// When it was made.
    CREATED_AT: Timestamp = Field::new("$createdAt", Kind::Time, |d| target(d).created_at.into());
    /// When it last changed.
    UPDATED_AT: Timestamp = Field::new("$updatedAt", Kind::Time, |d| target(d).updated_at.into());
}

static SCHEMA: Schema = Schema {
    name: "targets",
    fields: FIELDS,
    uniques: &[Unique { name: "identifier", fields: &["identifier"] }],
    search: None,
    owners: &[Owner { field: "userId", schema: User::SCHEMA }],
    decode: decode::<Target>,
};

fn target(document: &Document) -> &Target {
    document.typed()
}

impl Record for Target {
    const SCHEMA: &'static Schema = &SCHEMA;

    fn id(&self) -> &str {
        &self.id
    }
}

impl Target {
    /// The target as the service's response model `target`.
    pub fn to_wire(&self) -> serde_json::Value {
        json!({
            "$id": self.id,
            "$createdAt": self.created_at.to_string(),
            "$updatedAt": self.updated_at.to_string(),
            "name": self.name,
            "userId": self.user_id,
            "providerId": self.provider_id,
            "providerType": self.provider_type,
            "identifier": self.identifier,
            "expired": self.expired,
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
        let target = Target {
            id: Id::parse("t").unwrap(),
            created_at: now,
            updated_at: now,
            user_id: Id::parse("u").unwrap(),
            provider_type: ProviderType::Sms,
            provider_id: None,
            identifier: "+14155550100".to_owned(),
            name: String::new(),
            expired: false,
        };
        insta::assert_json_snapshot!(target, @r#"
        {
          "$id": "t",
          "$createdAt": 0,
          "$updatedAt": 0,
          "userId": "u",
          "providerType": "sms",
          "identifier": "+14155550100"
        }
        "#);
        let decoded = (SCHEMA.decode)(&SCHEMA, &serde_json::to_vec(&target).unwrap()).unwrap();
        assert_eq!(Document::new(1, 1, decoded).typed::<Target>(), &target);
    }

    #[test]
    fn kinds_have_names_in_any_case() {
        assert_eq!(ProviderType::parse("SMS").unwrap(), ProviderType::Sms);
        assert_eq!(ProviderType::parse("fax").unwrap_err().field(), Some("providerType"));
    }
}
