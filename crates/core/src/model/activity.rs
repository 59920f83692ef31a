//! What was done with a user, when, and from where.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Client, Id};
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

impl Activity {
    /// The entry as the service's response model `log`: every key, in the documented order. `user` is whose log
    /// it is in. The entry tells of who acted: the user, unless the caller said that it was another.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let log = users.list_logs("ann", ListLogs::new()).await?;
    /// assert_eq!(log.logs[0].to_wire(&log.user)["userEmail"], "ann@example.com");
    /// # Ok(()) }
    /// ```
    pub fn to_wire(&self, user: &User) -> serde_json::Value {
        let client = Client::of(self.user_agent.as_deref().unwrap_or_default());
        let (id, email, name, kind) = match &self.actor {
            Some(actor) => ("", "", actor.as_str(), "app"),
            None => {
                (&*self.user_id, user.email.as_deref().unwrap_or_default(), &*user.name, "user")
            }
        };
        let head = json!({
            "event": self.event,
            "userId": id,
            "userEmail": email,
            "userName": name,
            "mode": "default",
            "userType": kind,
            "ip": self.ip.as_deref().unwrap_or_default(),
            "time": self.time.to_string(),
        });
        client.between(head, self.country.as_deref(), json!({}))
    }
}
