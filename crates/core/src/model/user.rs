//! The user record.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::prefs::Prefs;
use super::{Credential, Email, EmailClass, Id, Phone};
use crate::query::attributes;
use crate::{Document, Error, Field, Kind, Record, Schema, Timestamp, Unique, decode};

/// A user, with the attributes that the service stores.
///
/// Values come from [`Users`](crate::Users), which checks them; a `User` that is built by hand is
/// stored as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct User {
    /// The identifier.
    #[serde(rename = "$id")]
    pub id: Id,
    /// When the record was made.
    #[serde(rename = "$createdAt")]
    pub created_at: Timestamp,
    /// When an attribute last changed.
    #[serde(rename = "$updatedAt")]
    pub updated_at: Timestamp,
    /// The name, empty if there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The e-mail, unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// What the e-mail was by its domain when it was set; `None` without one, of an e-mail without a
    /// [canonical form](Email::canonical), and of a record from before the library told them apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_class: Option<EmailClass>,
    /// The phone number, unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The password hash; a user without one can't sign in with a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
    /// The last passwords, the newest last, if they are to be remembered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub password_history: Vec<Credential>,
    /// When the password was last set or cleared; sign-in upgrades don't count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_update: Option<Timestamp>,
    /// When the user signed up.
    pub registration: Timestamp,
    /// False: the user is blocked.
    pub status: bool,
    /// Labels, without duplicates, in the order given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Whether the e-mail was verified.
    #[serde(default)]
    pub email_verification: bool,
    /// Whether the phone number was verified.
    #[serde(default)]
    pub phone_verification: bool,
    /// Whether a second factor is asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mfa: bool,
    /// Whether the user may act as others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub impersonator: bool,
    /// Preferences.
    #[serde(default, skip_serializing_if = "Prefs::is_empty")]
    pub prefs: Prefs,
    /// When the user last did something, to the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accessed_at: Option<Timestamp>,
}

attributes! { User, FIELDS;
    /// The name; empty, not null, if there is none.
    NAME: str = Field::new("name", Kind::Text, |d| user(d).name.as_str().into()).indexed();
    /// The e-mail.
    EMAIL: str = Field::new("email", Kind::Text, |d| user(d).email.as_deref().into()).indexed();
    /// The phone number.
    PHONE: str = Field::new("phone", Kind::Text, |d| user(d).phone.as_deref().into()).indexed();
    /// False: blocked.
    STATUS: bool = Field::new("status", Kind::Bool, |d| user(d).status.into()).indexed();
    /// The labels.
    LABELS: [String] = Field::new("labels", Kind::List, |d| user(d).labels.as_slice().into()).indexed();
    /// When the password was last set or cleared.
    PASSWORD_UPDATE: Timestamp =
        Field::new("passwordUpdate", Kind::Time, |d| user(d).password_update.into()).indexed();
    /// When the user signed up.
    REGISTRATION: Timestamp =
        Field::new("registration", Kind::Time, |d| user(d).registration.into()).indexed();
    /// Whether the e-mail was verified.
    EMAIL_VERIFICATION: bool =
        Field::new("emailVerification", Kind::Bool, |d| user(d).email_verification.into()).indexed();
    /// Whether the phone number was verified.
    PHONE_VERIFICATION: bool =
        Field::new("phoneVerification", Kind::Bool, |d| user(d).phone_verification.into()).indexed();
    /// Whether the user may act as others.
    IMPERSONATOR: bool = Field::new("impersonator", Kind::Bool, |d| user(d).impersonator.into()).indexed();
    /// When the user last did something, to the day.
    ACCESSED_AT: Timestamp = Field::new("accessedAt", Kind::Time, |d| user(d).accessed_at.into()).indexed();
    /// When the record was made.
    CREATED_AT: Timestamp = Field::new("$createdAt", Kind::Time, |d| user(d).created_at.into()).indexed();
    /// When an attribute last changed.
    UPDATED_AT: Timestamp = Field::new("$updatedAt", Kind::Time, |d| user(d).updated_at.into()).indexed();
}

/// The schema of [`User`].
static SCHEMA: Schema = Schema {
    name: "users",
    fields: FIELDS,
    uniques: &[
        Unique { name: "email", fields: &["email"] },
        Unique { name: "phone", fields: &["phone"] },
    ],
    search: Some(|d| {
        let user = user(d);
        let texts = [user.id.as_str(), &user.name].into_iter();
        let texts = texts.chain(user.email.as_deref()).chain(user.phone.as_deref());
        let labels = user.labels.iter().map(|label| format!("label:{label}").into());
        texts.map(Cow::Borrowed).chain(labels).collect()
    }),
    owners: &[],
    decode: decode::<User>,
};

fn user(document: &Document) -> &User {
    document.typed()
}

impl Record for User {
    const SCHEMA: &'static Schema = &SCHEMA;

    fn id(&self) -> &str {
        &self.id
    }
}

impl User {
    /// A user with an id and nothing else, made at `now`.
    pub(crate) fn empty(id: Id, now: Timestamp) -> Self {
        Self {
            id,
            created_at: now,
            updated_at: now,
            name: String::new(),
            email: None,
            email_class: None,
            phone: None,
            credential: None,
            password_history: Vec::new(),
            password_update: None,
            registration: now,
            status: true,
            labels: Vec::new(),
            email_verification: false,
            phone_verification: false,
            mfa: false,
            impersonator: false,
            prefs: Prefs::new(),
            accessed_at: None,
        }
    }

    /// The user as the service's response model `user`: every key, in the documented order. `targets` is
    /// empty; [`Users::user_to_wire`](crate::Users::user_to_wire) fills it.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # fn example(user: &User) {
    /// assert_eq!(user.to_wire()["$id"], user.id.as_str());
    /// # }
    /// ```
    pub fn to_wire(&self) -> serde_json::Value {
        let time = |time: Option<Timestamp>| time.map_or_else(String::new, |t| t.to_string());
        let (hash, options) = match &self.credential {
            Some(credential) => (credential.algorithm(), credential.wire_options()),
            // A user without a password is of the default algorithm on the wire (2.2.3, step 6).
            None => ("argon2", Prefs::from_iter([("type".to_owned(), "argon2".into())])),
        };
        let password = match (&self.credential, self.password_update) {
            (Some(credential), _) => Some(credential.hash()),
            // Cleared, as opposed to never set.
            (None, Some(_)) => Some(""),
            (None, None) => None,
        };
        // All five are null where one would be (2.2.3, step 4).
        let email = self.email.as_ref().filter(|_| self.email_class.is_some());
        let canonical = email.and_then(Email::canonical);
        let is = |class| self.email_class.map(|known| known == class);
        json!({
            "$id": self.id,
            "$createdAt": self.created_at.to_string(),
            "$updatedAt": self.updated_at.to_string(),
            "name": self.name,
            "password": password,
            "hash": hash,
            "hashOptions": options,
            "registration": self.registration.to_string(),
            "status": self.status,
            "labels": self.labels,
            "passwordUpdate": time(self.password_update),
            "email": self.email.as_deref().unwrap_or_default(),
            "phone": self.phone.as_deref().unwrap_or_default(),
            "emailVerification": self.email_verification,
            "emailCanonical": canonical,
            "emailIsFree": is(EmailClass::Free),
            "emailIsDisposable": is(EmailClass::Disposable),
            "emailIsCorporate": is(EmailClass::Corporate),
            "emailIsCanonical": email.map(|email| canonical.as_deref() == Some(email)),
            "phoneVerification": self.phone_verification,
            "mfa": self.mfa,
            "prefs": self.prefs,
            "targets": [],
            "accessedAt": time(self.accessed_at),
            "impersonator": self.impersonator,
            // Who acts as the user is known to the user alone (1.3).
            "impersonatorUserId": null,
        })
    }
}

/// The most characters of a name, as the service has it.
const MOST_NAME_CHARACTERS: usize = 128;

/// Checks a name: at most 128 characters, and at least `least`.
pub(crate) fn check_name(name: String, least: usize) -> Result<String, Error> {
    let length = name.chars().take(MOST_NAME_CHARACTERS + 1).count();
    if (least..=MOST_NAME_CHARACTERS).contains(&length) {
        return Ok(name);
    }
    Err(Error::invalid(
        "name",
        match least {
            0 => "Value must be a valid string and no longer than 128 chars",
            _ => "Value must be a valid string and at least 1 chars and no longer than 128 chars",
        },
    ))
}

/// The most labels of a user, as the service has it.
const MOST_LABELS: usize = 1000;

/// Checks labels, 1 to 36 letters and digits each, and drops those that were there before.
pub(crate) fn check_labels(labels: Vec<String>) -> Result<Vec<String>, Error> {
    let valid = |label: &String| {
        (1..=36).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    if labels.len() > MOST_LABELS || !labels.iter().all(valid) {
        return Err(Error::invalid(
            "labels",
            "Value must a valid array no longer than 1000 items and Value must be a valid string and at \
             least 1 chars and no longer than 36 chars and only consist of letters and digits",
        ));
    }
    let mut seen = std::collections::HashSet::new();
    let first = labels.iter().map(|label| seen.insert(label.as_str())).collect::<Vec<_>>();
    Ok(labels.into_iter().zip(first).filter_map(|(label, first)| first.then_some(label)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    fn ann() -> User {
        let credential =
            json!({"algorithm": "sha", "hash": "5e88", "options": {"version": "sha1"}});
        User {
            name: "Ann \"A.\" O'Neill".to_owned(),
            email: Some(Email::parse("Ann@x.co").unwrap()),
            email_class: Some(EmailClass::Corporate),
            phone: Some(Phone::parse("+1415555").unwrap()),
            credential: Some(serde_json::from_value(credential).unwrap()),
            password_update: Some(time(2)),
            labels: vec!["vip".to_owned(), "VIP".to_owned()],
            email_verification: true,
            prefs: json!({"b": {"nested": {}}, "a": [1, 1.5, null]}).as_object().unwrap().clone(),
            accessed_at: Some(time(3)),
            ..User::empty(Id::parse("ann").unwrap(), time(1_602_743_880_000))
        }
    }

    // This shape rests on the disks of others: a change here needs a default for what is missing.
    #[test]
    fn the_stored_shape() {
        insta::assert_json_snapshot!(ann());
        insta::assert_json_snapshot!(User::empty(Id::parse("u").unwrap(), time(0)), @r#"
        {
          "$id": "u",
          "$createdAt": 0,
          "$updatedAt": 0,
          "registration": 0,
          "status": true,
          "emailVerification": false,
          "phoneVerification": false
        }
        "#);
    }

    #[test]
    fn the_wire_shape() {
        insta::assert_json_snapshot!(ann().to_wire());
        insta::assert_json_snapshot!(User::empty(Id::parse("u").unwrap(), time(0)).to_wire());
    }

    #[test]
    fn the_stored_form_reads_back() {
        let decoded = (SCHEMA.decode)(&SCHEMA, &serde_json::to_vec(&ann()).unwrap()).unwrap();
        assert_eq!(Document::new(1, 1, decoded).typed::<User>(), &ann());
    }

    #[test]
    fn a_record_from_before_e_mails_were_told_apart_reads() {
        let stored = r#"{"$id":"u","$createdAt":0,"$updatedAt":0,"email":"a.nn@gmail.com",
            "registration":0,"status":true}"#;
        let user: User = serde_json::from_str(stored).unwrap();
        let wire = user.to_wire();
        assert_eq!((user.email_class, &wire["email"]), (None, &json!("a.nn@gmail.com")));
        assert!(wire["emailCanonical"].is_null() && wire["emailIsCanonical"].is_null());
    }

    #[test]
    fn debug_shows_no_hash() {
        assert!(!format!("{:?}", ann()).contains("5e88"));
    }

    #[test]
    fn names_are_counted_in_characters() {
        assert!(check_name("é".repeat(128), 1).is_ok());
        assert!(check_name("é".repeat(129), 1).is_err());
        assert!(check_name(String::new(), 1).is_err());
        assert!(check_name(String::new(), 0).is_ok());
    }

    #[test]
    fn labels_are_checked_and_kept_once() {
        let labels =
            |labels: &[&str]| check_labels(labels.iter().map(ToString::to_string).collect());
        assert_eq!(labels(&["b", "a", "b", "B"]).unwrap(), ["b", "a", "B"]);
        assert!(labels(&[]).unwrap().is_empty());
        let longest = "a".repeat(36);
        assert!(labels(&[&longest]).is_ok());
        let longer = "a".repeat(37);
        for bad in ["", "a-b", "é", "a b", &longer] {
            assert!(labels(&[bad]).is_err(), "{bad}");
        }
        assert!(check_labels(vec!["a".to_owned(); 1000]).is_ok());
        assert!(check_labels(vec!["a".to_owned(); 1001]).is_err());
    }
}
