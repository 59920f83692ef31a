//! Identities: who a user is elsewhere.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Id, Sealed};
use crate::query::attributes;
use crate::{
    Document, Field, IdentityTokens, Kind, Owner, Record, Schema, Timestamp, Unique, User, decode,
};

/// An identity: the account of a user at another service, which signs the user in by OAuth 2.
///
/// An account belongs to one user at most. The provider's tokens are sealed;
/// [`Users::identity_tokens`](crate::Users::identity_tokens) opens them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Identity {
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
    /// The other service: `google`, `github` and so on.
    pub provider: String,
    /// Who the user is there.
    pub provider_uid: String,
    /// The e-mail of the user there, in ASCII lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_email: Option<String>,
    /// What opens the other service in the name of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_access_token: Option<Sealed>,
    /// Until when the access token is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_access_token_expiry: Option<Timestamp>,
    /// What gets a new access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_refresh_token: Option<Sealed>,
}

attributes! { Identity, FIELDS;
    /// Whose it is.
    USER_ID: str = Field::new("userId", Kind::Text, |d| identity(d).user_id.as_str().into());
    /// The other service.
    PROVIDER: str = Field::new("provider", Kind::Text, |d| identity(d).provider.as_str().into()).indexed();
    /// Who the user is there.
    PROVIDER_UID: str =
        Field::new("providerUid", Kind::Text, |d| identity(d).provider_uid.as_str().into());
    /// The e-mail of the user there.
    PROVIDER_EMAIL: str =
        Field::new("providerEmail", Kind::Text, |d| identity(d).provider_email.as_deref().into()).indexed();
    /// Until when the access token is good.
    PROVIDER_ACCESS_TOKEN_EXPIRY: Timestamp = Field::new(
        "providerAccessTokenExpiry",
        Kind::Time,
        |d| identity(d).provider_access_token_expiry.into(),
    )
    .indexed();
    /// When it was made.
    CREATED_AT: Timestamp = Field::new("$createdAt", Kind::Time, |d| identity(d).created_at.into());
    /// When it last changed.
    UPDATED_AT: Timestamp = Field::new("$updatedAt", Kind::Time, |d| identity(d).updated_at.into());
}

static SCHEMA: Schema = Schema {
    name: "identities",
    fields: FIELDS,
    uniques: &[Unique { name: "account", fields: &["provider", "providerUid"] }],
    search: None,
    owners: &[Owner { field: "userId", schema: User::SCHEMA }],
    decode: decode::<Identity>,
};

fn identity(document: &Document) -> &Identity {
    document.typed()
}

impl Record for Identity {
    const SCHEMA: &'static Schema = &SCHEMA;

    fn id(&self) -> &str {
        &self.id
    }
}

impl Identity {
    /// The identity as the service's response model `identity`: every key, in the documented order. `tokens`
    /// are those of [`Users::identity_tokens`](crate::Users::identity_tokens), or
    /// [`IdentityTokens::new`] where they are not to be shown.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # fn example(identity: &Identity) {
    /// let wire = identity.to_wire(&IdentityTokens::new());
    /// assert_eq!(wire["providerUid"], identity.provider_uid);
    /// assert_eq!(wire["providerAccessToken"], "");
    /// # }
    /// ```
    pub fn to_wire(&self, tokens: &IdentityTokens) -> serde_json::Value {
        let expiry = self.provider_access_token_expiry;
        json!({
            "$id": self.id,
            "$createdAt": self.created_at.to_string(),
            "$updatedAt": self.updated_at.to_string(),
            "userId": self.user_id,
            "provider": self.provider,
            "providerUid": self.provider_uid,
            "providerEmail": self.provider_email.as_deref().unwrap_or_default(),
            "providerAccessToken": tokens.access().unwrap_or_default(),
            "providerAccessTokenExpiry": expiry.map_or_else(String::new, |time| time.to_string()),
            "providerRefreshToken": tokens.refresh().unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> Identity {
        Identity {
            id: Id::parse("i").unwrap(),
            created_at: Timestamp::from_millis(0).unwrap(),
            updated_at: Timestamp::from_millis(1).unwrap(),
            user_id: Id::parse("ann").unwrap(),
            provider: "google".to_owned(),
            provider_uid: "1".to_owned(),
            provider_email: Some("ann@x.co".to_owned()),
            provider_access_token: Some(Sealed::new("2026", "c2VhbGVk")),
            provider_access_token_expiry: Some(Timestamp::from_millis(2).unwrap()),
            provider_refresh_token: None,
        }
    }

    // This shape rests on the disks of others: a change here needs a default for what is missing.
    #[test]
    fn the_stored_shape() {
        insta::assert_json_snapshot!(ann(), @r#"
        {
          "$id": "i",
          "$createdAt": 0,
          "$updatedAt": 1,
          "userId": "ann",
          "provider": "google",
          "providerUid": "1",
          "providerEmail": "ann@x.co",
          "providerAccessToken": {
            "key": "2026",
            "text": "c2VhbGVk"
          },
          "providerAccessTokenExpiry": 2
        }
        "#);
        let decoded = (SCHEMA.decode)(&SCHEMA, &serde_json::to_vec(&ann()).unwrap()).unwrap();
        assert_eq!(Document::new(1, 1, decoded).typed::<Identity>(), &ann());
        assert!(!format!("{:?}", ann()).contains("c2VhbGVk"));
    }

    #[test]
    fn the_wire_shape() {
        let tokens = IdentityTokens::new().access_token("open");
        insta::assert_json_snapshot!(ann().to_wire(&tokens), @r#"
        {
          "$id": "i",
          "$createdAt": "1970-01-01T00:00:00.000+00:00",
          "$updatedAt": "1970-01-01T00:00:00.001+00:00",
          "userId": "ann",
          "provider": "google",
          "providerUid": "1",
          "providerEmail": "ann@x.co",
          "providerAccessToken": "open",
          "providerAccessTokenExpiry": "1970-01-01T00:00:00.002+00:00",
          "providerRefreshToken": ""
        }
        "#);
    }
}
