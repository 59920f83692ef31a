//! One verb for each attribute of a user.

use rollbook_macros::verb;

use super::policy::Person;
use super::{Password, Users};
use crate::model::check_name;
use crate::{
    Batch, Cost, Credential, Document, Email, Error, PasswordHash, Phone, ProviderType, StoreError,
    Stored, Timestamp, User,
};

/// What the log says of a changed attribute, as the service's audit has it.
pub(super) const UPDATE: &str = "user.update";
const VERIFICATION: &str = "verification.update";

impl Users {
    /// Sets the name, at most 128 characters; an empty one clears it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`], or [`Error::UserNotFound`], as for every verb here.
    #[verb(id)]
    pub async fn update_name(&self, id: &str, name: &str) -> Result<Stored<User>, Error> {
        let name = check_name(name.to_owned(), 0)?;
        self.change(id, UPDATE, |user| user.name.clone_from(&name)).await
    }

    /// Sets the e-mail; an empty one clears it. It is unverified from then on, even if it is the same. Its
    /// [`Target`](crate::Target) follows, or is made, or goes.
    ///
    /// # Errors
    ///
    /// Also [`Error::EmailAlreadyExists`], when another user or an identity of one has it, what the
    /// [`EmailPolicy`](crate::EmailPolicy) forbids, and [`Error::TargetAlreadyExists`] if a target of somebody
    /// else, or one of another kind, has it.
    #[verb(id)]
    pub async fn update_email(&self, id: &str, email: &str) -> Result<Stored<User>, Error> {
        let email = if email.is_empty() { None } else { Some(Email::parse(email)?) };
        let emails = &self.inner.policies.emails;
        if let Some(email) = &email {
            let checked = self.check_identities(email, Some(id)).await;
            if let Err(refused) = checked.and_then(|()| emails.check(email)) {
                // Of an unknown user it says that.
                self.user(id).await?;
                return Err(refused);
            }
        }
        let class = email.as_ref().and_then(|email| emails.class(email));
        let change = |user: &mut User| {
            user.email.clone_from(&email);
            user.email_class = class;
            user.email_verification = false;
        };
        self.change_contact(id, ProviderType::Email, email.as_deref(), UPDATE, change).await
    }

    /// Sets the phone number; an empty one clears it. It is unverified from then on, even if it is the
    /// same. Its [`Target`](crate::Target) follows, as that of the e-mail.
    ///
    /// # Errors
    ///
    /// Also [`Error::PhoneAlreadyExists`] and [`Error::TargetAlreadyExists`]. The argument is called `number`, as on the wire.
    #[verb(id)]
    pub async fn update_phone(&self, id: &str, number: &str) -> Result<Stored<User>, Error> {
        let phone = match number {
            "" => None,
            number => Some(Phone::parse(number).map_err(|error| match error {
                Error::InvalidArgument { reason, .. } => Error::invalid("number", reason),
                error => error,
            })?),
        };
        let change = |user: &mut User| {
            user.phone.clone_from(&phone);
            user.phone_verification = false;
        };
        self.change_contact(id, ProviderType::Sms, phone.as_deref(), UPDATE, change).await
    }

    /// Sets the password, 8 to 256 bytes; an empty one takes the password away.
    ///
    /// # Errors
    ///
    /// Also what the [`PasswordPolicy`](crate::PasswordPolicy) forbids: [`Error::PasswordPersonalData`],
    /// [`Error::PasswordRecentlyUsed`].
    #[verb(id)]
    pub async fn update_password(&self, id: &str, password: &str) -> Result<Stored<User>, Error> {
        let password = match password {
            "" => None,
            password => Some(Password::parse(password)?),
        };
        let ended = Self::ended_sessions(id, self.inner.policies.sessions.ends(false));
        self.set_password(id, password, ended).await
    }

    /// Sets a password, or takes it away, together with the writes of `batch`.
    pub(super) async fn set_password(
        &self,
        id: &str,
        password: Option<Password>,
        batch: Batch,
    ) -> Result<Stored<User>, Error> {
        if let Some(password) = &password {
            self.inner.policies.passwords.check(password.as_str())?;
        }
        // An unknown user costs no hash.
        let user = self.user(id).await?;
        let credential = match password {
            None => None,
            Some(password) => {
                let (email, phone) = (user.email.as_deref(), user.phone.as_deref());
                let person = Person { id: &user.id, email, name: &user.name, phone };
                self.inner.policies.passwords.check_personal(password.as_str(), &person)?;
                self.check_history(&user, &password).await?;
                Some(self.hash(password).await?)
            }
        };
        let now = self.now();
        let remembered = self.inner.policies.passwords.remembered();
        let change = |user: &mut User| {
            user.credential.clone_from(&credential);
            user.password_update = Some(now);
            if remembered > 0 {
                user.password_history.extend(credential.clone());
                let forgotten = user.password_history.len().saturating_sub(remembered);
                user.password_history.drain(..forgotten);
            }
            Ok(batch.clone())
        };
        self.try_change(id, UPDATE, change, now).await
    }

    /// Refuses a password that is the present one or a remembered one. Each is verified by the scheme that
    /// it was stored with.
    async fn check_history(&self, user: &User, password: &Password) -> Result<(), Error> {
        if self.inner.policies.passwords.remembered() == 0 {
            return Ok(());
        }
        let old: Vec<(Credential, PasswordHash)> = user
            .password_history
            .iter()
            .chain(&user.credential)
            .filter_map(|credential| self.open(credential.clone()))
            .collect();
        let Some(cost) = old.iter().map(|(_, hash)| hash.cost()).reduce(Cost::then) else {
            return Ok(());
        };
        let (inner, password) = (std::sync::Arc::clone(&self.inner), password.clone());
        let matches = move || {
            old.iter()
                .any(|(credential, hash)| inner.is_right(credential, hash, password.as_bytes()))
        };
        if self.inner.scheduler.run(cost, matches).await? {
            return Err(Error::PasswordRecentlyUsed);
        }
        Ok(())
    }

    /// Blocks the user (`false`) or lets it in again. A blocked user's sessions are refused, or ended if
    /// [`SessionPolicy::end_when_blocked`](crate::SessionPolicy::end_when_blocked) says so.
    #[verb(id)]
    pub async fn update_status(&self, id: &str, status: bool) -> Result<Stored<User>, Error> {
        let ends = !status && self.inner.policies.sessions.ends(true);
        let ended = Self::ended_sessions(id, ends);
        let change = |user: &mut User| {
            user.status = status;
            Ok(ended.clone())
        };
        self.try_change(id, UPDATE, change, self.now()).await
    }

    fn ended_sessions(id: &str, ends: bool) -> Batch {
        if ends { super::session::all_sessions(id) } else { Batch::new() }
    }

    /// Says whether the e-mail is verified; a user without one can be, too.
    #[verb(id)]
    pub async fn update_email_verification(
        &self,
        id: &str,
        verified: bool,
    ) -> Result<Stored<User>, Error> {
        self.change(id, VERIFICATION, |user| user.email_verification = verified).await
    }

    /// Says whether the phone number is verified; a user without one can be, too.
    #[verb(id)]
    pub async fn update_phone_verification(
        &self,
        id: &str,
        verified: bool,
    ) -> Result<Stored<User>, Error> {
        self.change(id, VERIFICATION, |user| user.phone_verification = verified).await
    }

    /// Says whether a second factor is asked for when the user signs in.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// assert!(users.update_mfa("ann", true).await?.mfa);
    /// # Ok(()) }
    /// ```
    #[verb(id)]
    pub async fn update_mfa(&self, id: &str, mfa: bool) -> Result<Stored<User>, Error> {
        self.change(id, UPDATE, |user| user.mfa = mfa).await
    }

    /// Says whether the user may act as others. The application decides what that means: no verb here asks.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// assert!(users.update_impersonator("ann", true).await?.impersonator);
    /// # Ok(()) }
    /// ```
    #[verb(id)]
    pub async fn update_impersonator(
        &self,
        id: &str,
        impersonator: bool,
    ) -> Result<Stored<User>, Error> {
        self.change(id, UPDATE, |user| user.impersonator = impersonator).await
    }

    /// Applies `change` to what is stored, however often others are faster. `updated_at` moves, and a
    /// record and a log entry are written, only if something changed.
    pub(super) async fn change(
        &self,
        id: &str,
        event: &'static str,
        mut change: impl FnMut(&mut User) + Send,
    ) -> Result<Stored<User>, Error> {
        let now = self.now();
        self.try_change(
            id,
            event,
            |user| {
                change(user);
                Ok(Batch::new())
            },
            now,
        )
        .await
    }

    /// As [`Users::change`], for changes that can find that they must not be made, or that come with
    /// others.
    pub(super) async fn try_change(
        &self,
        id: &str,
        event: &'static str,
        change: impl FnMut(&mut User) -> Result<Batch, Error> + Send,
        now: Timestamp,
    ) -> Result<Stored<User>, Error> {
        Ok(self.change_giving(id, None, event, change, now).await?.0)
    }

    /// As [`Users::try_change`], with the documents that came with it; of a user who was `read` already, if so.
    pub(super) async fn change_giving(
        &self,
        id: &str,
        read: Option<Stored<User>>,
        event: &'static str,
        mut change: impl FnMut(&mut User) -> Result<Batch, Error> + Send,
        now: Timestamp,
    ) -> Result<(Stored<User>, Vec<Document>), Error> {
        let swept = self.swept(id, now).await?;
        let updated = self.inner.users.update_giving(id, read, |user| {
            let mut changed = user.clone();
            let batch = change(&mut changed)?;
            if changed == *user && batch.ops().is_empty() {
                return Ok(None);
            }
            if changed != *user {
                changed.updated_at = now;
            }
            let batch = self.noted(batch, &user.id, event, now).and(swept.clone());
            Ok::<_, Error>(Some((changed, batch)))
        });
        updated.await.map_err(taken)?.ok_or(Error::UserNotFound)
    }
}

/// Updates name the attribute that is taken (`spec/users-api.md`, 2.4.7 and 2.4.8).
fn taken(error: Error) -> Error {
    match error {
        Error::Store(StoreError::Conflict { key: "email", .. }) => Error::EmailAlreadyExists,
        Error::Store(StoreError::Conflict { key: "phone", .. }) => Error::PhoneAlreadyExists,
        error => error,
    }
}
