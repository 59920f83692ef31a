//! Importing users with all they had elsewhere.

use metrics::counter;
use rollbook_macros::verb;

use super::Users;
use super::create::taken;
use crate::metrics::IMPORTED_USERS;
use crate::model::{check_labels, check_name, check_prefs};
use crate::{Credential, Email, Error, PasswordHash, Phone, Prefs, Stored, Timestamp, User};

/// A user from elsewhere: what [`NewUser`](crate::NewUser) has, and the state it was in.
///
/// [`import`](crate::import) reads it from files. What is `None` takes the value of a new user.
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "readers of foreign formats build it")]
pub struct ImportedUser {
    /// The id; `None` or `unique()` generates one.
    pub id: Option<String>,
    /// The e-mail.
    pub email: Option<String>,
    /// The phone number.
    pub phone: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The password hash.
    pub password: Option<PasswordHash>,
    /// When the password was set.
    pub password_update: Option<Timestamp>,
    /// False: blocked.
    pub status: Option<bool>,
    /// The labels.
    pub labels: Vec<String>,
    /// The preferences.
    pub prefs: Prefs,
    /// Whether the e-mail was verified.
    pub email_verification: Option<bool>,
    /// Whether the phone number was verified.
    pub phone_verification: Option<bool>,
    /// Whether a second factor is asked for.
    pub mfa: Option<bool>,
    /// Whether the user may act as others.
    pub impersonator: Option<bool>,
    /// When the user signed up.
    pub registration: Option<Timestamp>,
    /// When the record was made.
    pub created_at: Option<Timestamp>,
    /// When the record last changed.
    pub updated_at: Option<Timestamp>,
    /// When the user last did something.
    pub accessed_at: Option<Timestamp>,
}

impl Users {
    /// Stores many users with one flush. Each is checked and stored on its own; the outcomes stand in
    /// the order of `users`. The e-mails of identities are not looked at, as they are in [`Users::create`],
    /// nor does the [`EmailPolicy`](crate::EmailPolicy) refuse anybody: who is brought along was let in.
    ///
    /// Imported users have no [`Target`](crate::Target)s: two more records for each, with their indexes,
    /// would cost more than the user. [`update_email`](Self::update_email) and
    /// [`update_phone`](Self::update_phone) make them, also with what the user has already.
    ///
    /// # Errors
    ///
    /// The outer error means that the store failed and none was stored; the inner ones are those of
    /// [`Users::create`].
    #[verb]
    pub async fn import(
        &self,
        users: Vec<ImportedUser>,
    ) -> Result<Vec<Result<Stored<User>, Error>>, Error> {
        let now = self.now();
        let mut records = Vec::with_capacity(users.len());
        let checked: Vec<Result<(), Error>> = users
            .into_iter()
            .map(|user| self.check(user, now).map(|record| records.push(record)))
            .collect();
        let mut stored = self.inner.users.insert_many(records).await?.into_iter();
        let missing = || Error::Internal("the store gave no outcome for a record".into());
        let outcomes: Vec<Result<_, Error>> = checked
            .into_iter()
            .map(|checked| checked.and_then(|()| stored.next().ok_or_else(missing)?.map_err(taken)))
            .collect();
        let accepted = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        for (outcome, users) in [("accepted", accepted), ("rejected", outcomes.len() - accepted)] {
            counter!(IMPORTED_USERS, "outcome" => outcome).increment(users as u64);
        }
        Ok(outcomes)
    }

    fn check(&self, imported: ImportedUser, now: Timestamp) -> Result<User, Error> {
        let ImportedUser {
            id,
            email,
            phone,
            name,
            password,
            password_update,
            status,
            labels,
            prefs,
            email_verification,
            phone_verification,
            mfa,
            impersonator,
            registration,
            created_at,
            updated_at,
            accessed_at,
        } = imported;
        check_prefs(&prefs)?;
        let empty = User::empty(self.id(id, now)?, now);
        let email = email.map(|email| Email::parse(&email)).transpose()?;
        Ok(User {
            email_class: email.as_ref().and_then(|email| self.inner.policies.emails.class(email)),
            email,
            phone: phone.map(|phone| Phone::parse(&phone)).transpose()?,
            name: check_name(name.unwrap_or_default(), 0)?,
            password_update: match &password {
                Some(_) => Some(password_update.unwrap_or(now)),
                // With a time but without a hash the password was cleared.
                None => password_update,
            },
            credential: password.as_ref().map(Credential::from),
            status: status.unwrap_or(true),
            labels: check_labels(labels)?,
            prefs,
            email_verification: email_verification.unwrap_or(false),
            phone_verification: phone_verification.unwrap_or(false),
            mfa: mfa.unwrap_or(false),
            impersonator: impersonator.unwrap_or(false),
            registration: registration.or(created_at).unwrap_or(now),
            created_at: created_at.unwrap_or(now),
            updated_at: updated_at.or(created_at).unwrap_or(now),
            accessed_at,
            ..empty
        })
    }
}
