//! API keys: what a program shows to act on a project's users.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Id, SecretDigest};
use crate::query::attributes;
use crate::{Document, Error, Field, Kind, Record, Schema, Timestamp, Unique, decode};

/// An API key: what its holder may do, where, and until when.
///
/// Its secret is not here: a digest of it is all that is kept. Keys belong to the server, not to a tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ApiKey {
    /// The identifier.
    #[serde(rename = "$id")]
    pub id: Id,
    /// When it was made.
    #[serde(rename = "$createdAt")]
    pub created_at: Timestamp,
    /// When it last changed.
    #[serde(rename = "$updatedAt")]
    pub updated_at: Timestamp,
    /// What it is for, in the words of who made it.
    pub name: String,
    /// The project that it opens; all of them, if there is none here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Id>,
    /// What its holder may do, in the order given, without duplicates.
    pub scopes: Vec<Scope>,
    /// SHA-256 of the secret, in hex.
    pub secret: SecretDigest,
    /// When it ends, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expire: Option<Timestamp>,
    /// When it was last used, to the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accessed_at: Option<Timestamp>,
}

attributes! { ApiKey, FIELDS;
    /// What it is for.
    NAME: str = Field::new("name", Kind::Text, |d| key(d).name.as_str().into());
    /// The project that it opens; null for all of them.
    PROJECT: str = Field::new("project", Kind::Text, |d| key(d).project.as_deref().into()).indexed();
    /// SHA-256 of the secret.
    SECRET: str = Field::new("secret", Kind::Text, |d| key(d).secret.as_str().into());
    /// When it ends.
    EXPIRE: Timestamp = Field::new("expire", Kind::Time, |d| key(d).expire.into());
    /// When it was made.
    CREATED_AT: Timestamp = Field::new("$createdAt", Kind::Time, |d| key(d).created_at.into()).indexed();
}

static SCHEMA: Schema = Schema {
    name: "api_keys",
    fields: FIELDS,
    uniques: &[Unique { name: "secret", fields: &["secret"] }],
    search: None,
    owners: &[],
    decode: decode::<ApiKey>,
};

fn key(document: &Document) -> &ApiKey {
    document.typed()
}

impl Record for ApiKey {
    const SCHEMA: &'static Schema = &SCHEMA;

    fn id(&self) -> &str {
        &self.id
    }
}

impl ApiKey {
    /// Whether it has ended at `now`.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expire.is_some_and(|expire| expire <= now)
    }

    /// Whether its holder may do what `scope` says in `project`. It does not look at its end, which
    /// [`Users::find_api_key`](crate::Users::find_api_key) does.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let new = NewApiKey::new("backend", [Scope::UsersRead]).project("acme");
    /// let (key, _) = users.create_api_key(new).await?;
    /// assert!(key.allows("acme", Scope::UsersRead));
    /// assert!(!key.allows("acme", Scope::UsersWrite) && !key.allows("other", Scope::UsersRead));
    /// # Ok(()) }
    /// ```
    pub fn allows(&self, project: &str, scope: Scope) -> bool {
        let opens = self.project.as_ref().is_none_or(|own| *own.as_str() == *project);
        opens && self.scopes.contains(&scope)
    }

    /// The key as the service's response model `key` has it, with its project and without its secret.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # fn example(key: &ApiKey) {
    /// assert_eq!(key.to_wire()["$id"], key.id.as_str());
    /// # }
    /// ```
    pub fn to_wire(&self) -> serde_json::Value {
        let time = |time: Option<Timestamp>| time.map_or_else(String::new, |t| t.to_string());
        json!({
            "$id": self.id,
            "$createdAt": self.created_at.to_string(),
            "$updatedAt": self.updated_at.to_string(),
            "name": self.name,
            "project": self.project,
            "expire": time(self.expire),
            "scopes": self.scopes,
            "accessedAt": time(self.accessed_at),
        })
    }
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)+) => {
        /// What the holder of an API key may do; the names are those of the service.
        ///
        /// ```
        /// use rollbook_core::Scope;
        ///
        /// assert_eq!("users.read".parse::<Scope>()?, Scope::UsersRead);
        /// let error = "users.rite".parse::<Scope>().unwrap_err();
        /// assert!(error.to_string().contains("one of users.read, users.write,"));
        /// # Ok::<(), rollbook_core::Error>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Scope {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
        }

        impl Scope {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

scopes! {
    /// Read users, their identities, preferences and logs.
    UsersRead = "users.read";
    /// Make, change and delete users.
    UsersWrite = "users.write";
    /// Read sessions.
    SessionsRead = "sessions.read";
    /// Make and end sessions.
    SessionsWrite = "sessions.write";
    /// Read targets.
    TargetsRead = "targets.read";
    /// Make, change and delete targets.
    TargetsWrite = "targets.write";
    /// Read teams and memberships.
    TeamsRead = "teams.read";
    /// Make, change and delete teams and memberships.
    TeamsWrite = "teams.write";
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.iter().find(|scope| scope.as_str() == text);
        found.copied().ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|scope| scope.as_str()).collect();
            let reason = format!("there is no scope {text:?}; write one of {}", names.join(", "));
            Error::invalid("scopes", reason)
        })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ApiKey {
        let time = |millis| Timestamp::from_millis(millis).unwrap();
        ApiKey {
            id: Id::parse("k1").unwrap(),
            created_at: time(1),
            updated_at: time(2),
            name: "backend".to_owned(),
            project: Some(Id::parse("acme").unwrap()),
            scopes: vec![Scope::UsersRead, Scope::TeamsWrite],
            secret: SecretDigest::of("secret"),
            expire: Some(time(3)),
            accessed_at: None,
        }
    }

    // This shape rests on the disks of others: a change here needs a default for what is missing.
    #[test]
    fn the_stored_shape() {
        let stored = serde_json::to_string(&key()).unwrap();
        insta::assert_snapshot!(stored, @r#"{"$id":"k1","$createdAt":1,"$updatedAt":2,"name":"backend","project":"acme","scopes":["users.read","teams.write"],"secret":"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b","expire":3}"#);
        let read = (SCHEMA.decode)(&SCHEMA, stored.as_bytes()).unwrap();
        assert_eq!(Document::new(1, 1, read).typed::<ApiKey>(), &key());
    }

    #[test]
    fn what_is_shown_has_no_secret() {
        insta::assert_snapshot!(key().to_wire(), @r#"{"$id":"k1","$createdAt":"1970-01-01T00:00:00.001+00:00","$updatedAt":"1970-01-01T00:00:00.002+00:00","name":"backend","project":"acme","expire":"1970-01-01T00:00:00.003+00:00","scopes":["users.read","teams.write"],"accessedAt":""}"#);
        assert!(!format!("{:?}", key()).contains("2bb8"));
    }

    #[test]
    fn an_end_is_the_first_moment_after() {
        let at = |millis| key().has_expired(Timestamp::from_millis(millis).unwrap());
        assert!(!at(2) && at(3));
        assert!(!ApiKey { expire: None, ..key() }.has_expired(Timestamp::MAX));
    }
}
