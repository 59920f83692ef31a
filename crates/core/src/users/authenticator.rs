//! Authenticators: set up, and their codes checked.

use rollbook_macros::verb;

use super::kept::secret_place;
use super::proof::Claim;
use super::{Secret, Users, totp};
use crate::{
    Authenticator, Batch, Error, Expect, Factor, Record, StoreError, Stored, Timestamp, User,
};
use zeroize::Zeroizing;

/// An authenticator that was just made. `Debug` shows no secret.
#[derive(Debug)]
#[non_exhaustive]
pub struct NewAuthenticator {
    /// The authenticator, not verified yet.
    pub authenticator: Stored<Authenticator>,
    /// What the device shares with the store, in Base32, for those who type it in.
    pub secret: Secret,
    /// The same as an `otpauth://` URI, for a QR code.
    pub uri: Secret,
}

#[cfg(any(test, feature = "test-util"))]
impl NewAuthenticator {
    /// What the device of the user shows at `time`, for tests in which there is no device.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users, clock: &dyn Clock) -> Result<(), Error> {
    /// let new = users.create_authenticator("ann", "Example").await?;
    /// users.verify_authenticator("ann", &new.shown(clock.now())).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    ///
    /// If `time` is before 1970.
    pub fn shown(&self, time: Timestamp) -> String {
        let key = totp::from_base32(self.secret.as_str()).expect("the secret was written so");
        totp::code(&key, totp::step(time).expect("the device is not that old")).to_string()
    }
}

/// So many wrong codes in a row, and none is looked at for a while: with three codes that are right at a
/// time of a million, more could be guessed (RFC 4226, 7.3).
const MOST_MISSES: u32 = 10;
const PAUSE_MILLIS: i64 = 15 * 60 * 1000;

impl Users {
    /// Makes a TOTP authenticator for a user, who has to show that the device is set up with
    /// [`verify_authenticator`](Self::verify_authenticator). One that was never verified is replaced.
    ///
    /// `issuer` is what the device shows beside the code, the name of the application for example.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for an issuer that is not 1 to 128 characters without a colon;
    /// [`Error::UserNotFound`]; [`Error::AuthenticatorAlreadyVerified`].
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let new = users.create_authenticator("ann", "Example").await?;
    /// assert!(!new.authenticator.verified);
    /// assert!(new.uri.as_str().starts_with("otpauth://totp/Example:"));
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn create_authenticator(
        &self,
        user_id: &str,
        issuer: &str,
    ) -> Result<NewAuthenticator, Error> {
        if !(1..=128).contains(&issuer.chars().count()) || issuer.contains(':') {
            let reason = "Value must be a valid string, at least 1 chars and no longer than 128 chars, and \
                          without a colon";
            return Err(Error::invalid("issuer", reason));
        }
        let user = self.user(user_id).await?;
        let mut bytes = Zeroizing::new([0; totp::SECRET_BYTES]);
        self.inner.random.fill(bytes.as_mut());
        let secret = totp::base32(bytes.as_slice());
        let now = self.now();
        let (id, expect) = match self.find_authenticator(user_id).await? {
            None => (self.inner.ids.next(now), Expect::Absent),
            Some(old) if old.verified => return Err(Error::AuthenticatorAlreadyVerified),
            Some(old) => (old.id.clone(), Expect::Revision(old.revision())),
        };
        let kept = self.keep(secret_place(&user.id, &id), &secret)?;
        let new = Authenticator {
            id,
            created_at: now,
            user_id: user.id.clone(),
            kind: Authenticator::TOTP.into(),
            verified: false,
            secret: kept,
            last_step: None,
            misses: 0,
            missed_at: None,
        };
        let (batch, event) = (Batch::new().put(new, expect), "authenticator.create");
        let authenticator = self.put_noted(batch, &user.id, event, now).await?;
        let account = user.email.as_deref().or(user.phone.as_deref()).unwrap_or(&user.id);
        let uri = Secret::of(totp::uri(issuer, account, &secret));
        Ok(NewAuthenticator { authenticator, secret: Secret::of(secret), uri })
    }

    /// Takes a code of a user's new authenticator as the sign that the device is set up. The code is used
    /// then.
    ///
    /// # Errors
    ///
    /// [`Error::AuthenticatorNotFound`], also if there is no such user; [`Error::InvalidToken`] for a wrong
    /// code; [`Error::AuthenticatorAlreadyVerified`].
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users, code: &str) -> Result<(), Error> {
    /// assert!(users.verify_authenticator("ann", code).await?.verified);
    /// assert!(users.list_factors("ann").await?.totp);
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn verify_authenticator(
        &self,
        user_id: &str,
        code: &str,
    ) -> Result<Stored<Authenticator>, Error> {
        let found = self.find_authenticator(user_id).await?.ok_or(Error::AuthenticatorNotFound)?;
        let now = self.now();
        let swept = self.swept(user_id, now).await?;
        let authenticators = self.records::<Authenticator>();
        let verified = authenticators.update_and(&found.id, |current| {
            if current.verified {
                return Err(Error::AuthenticatorAlreadyVerified);
            }
            let step = self.step_of(current, code, now)?.ok_or(Error::InvalidToken)?;
            let resealed = self.resealed_authenticator(current)?;
            let changed = Authenticator { verified: true, last_step: Some(step), ..resealed };
            let batch = self.noted(Batch::new(), &current.user_id, "authenticator.update", now);
            Ok(Some((changed, batch.and(swept.clone()))))
        });
        verified.await?.ok_or(Error::AuthenticatorNotFound)
    }

    /// Checks a code of a user's authenticator, and uses it: of two callers with one code one is let in.
    /// Clocks may be 30 seconds apart. For a code that is to be noted in a session there is
    /// [`create_challenge`](Self::create_challenge).
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`]; [`Error::UserBlocked`]; [`Error::AuthenticatorNotFound`], also if it is not
    /// verified; [`Error::InvalidToken`] for a code that is wrong or was used; [`Error::TooManyAttempts`]
    /// for a quarter of an hour after ten wrong ones in a row.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users, code: &str) -> Result<(), Error> {
    /// users.check_authenticator("ann", code).await?;
    /// let again = users.check_authenticator("ann", code).await;
    /// assert!(matches!(again, Err(Error::InvalidToken)), "it was used");
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn check_authenticator(&self, user_id: &str, code: &str) -> Result<(), Error> {
        self.prove(user_id, Claim::Factor(Factor::Totp), code).await.map(drop)
    }

    /// Deletes the authenticator of a user.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`]; [`Error::AuthenticatorNotFound`].
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// users.delete_authenticator("ann").await?;
    /// assert!(!users.list_factors("ann").await?.totp);
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn delete_authenticator(&self, user_id: &str) -> Result<(), Error> {
        let user = self.user(user_id).await?;
        self.find_authenticator(user_id).await?.ok_or(Error::AuthenticatorNotFound)?;
        let of_user = Authenticator::USER_ID.equal(user_id);
        let totp = of_user.and(Authenticator::KIND.equal(Authenticator::TOTP));
        let batch = Batch::new().delete(Authenticator::SCHEMA, vec![totp.into()]);
        match self.note(batch, &user.id, "authenticator.delete").await? {
            0 => Err(Error::AuthenticatorNotFound),
            _ => Ok(()),
        }
    }

    pub(super) async fn find_authenticator(
        &self,
        user_id: &str,
    ) -> Result<Option<Stored<Authenticator>>, Error> {
        let totp = Authenticator::KIND.equal(Authenticator::TOTP);
        self.find_of(Authenticator::USER_ID.equal(user_id).and(totp)).await
    }

    pub(super) async fn verified_authenticator(
        &self,
        user_id: &str,
    ) -> Result<Stored<Authenticator>, Error> {
        let found = self.find_authenticator(user_id).await?;
        found.filter(|found| found.verified).ok_or(Error::AuthenticatorNotFound)
    }

    /// Whether a code is right, and the authenticator with that written down.
    pub(super) fn checked(
        &self,
        authenticator: &Authenticator,
        code: &str,
        now: Timestamp,
    ) -> Result<(bool, Authenticator), Error> {
        let resting = |last: Timestamp| now < last.plus_millis(PAUSE_MILLIS);
        let rests = authenticator.missed_at.is_some_and(resting);
        let misses = if rests { authenticator.misses } else { 0 };
        if misses >= MOST_MISSES {
            return Err(Error::TooManyAttempts);
        }
        let step = self.step_of(authenticator, code, now)?;
        let changed = self.resealed_authenticator(authenticator)?;
        Ok(match step {
            Some(step) => {
                let last_step = Some(step);
                (true, Authenticator { last_step, misses: 0, missed_at: None, ..changed })
            }
            None => (false, Authenticator { misses: misses + 1, missed_at: Some(now), ..changed }),
        })
    }

    fn step_of(
        &self,
        authenticator: &Authenticator,
        code: &str,
        now: Timestamp,
    ) -> Result<Option<u64>, Error> {
        let Authenticator { user_id, id, secret, last_step, .. } = authenticator;
        let secret = self.reveal(secret_place(user_id, id), secret)?;
        let secret = totp::from_base32(secret.as_str());
        Ok(secret.and_then(|secret| totp::step_of(&secret, code, now, *last_step)))
    }

    /// The first record that satisfies a condition.
    pub(super) async fn find_of<T: Record>(
        &self,
        condition: crate::Condition<T>,
    ) -> Result<Option<Stored<T>>, Error> {
        let query = crate::Query::new(T::SCHEMA).filter(condition.into()).limit(1);
        Ok(self.records::<T>().list(&query).await?.pop())
    }

    /// Commits a batch with an entry in the log of its user; the record of its first put, as it is stored.
    pub(super) async fn put_noted<T: Record>(
        &self,
        batch: Batch,
        user: &crate::Id,
        event: &'static str,
        now: Timestamp,
    ) -> Result<Stored<T>, Error> {
        let batch = self.noted(batch, user, event, now).and(self.swept(user, now).await?);
        match self.inner.users.commit(batch).await {
            Ok(committed) => {
                let first = committed.documents.into_iter().next();
                first.map(Stored::from).ok_or(Error::Internal("a put without a document".into()))
            }
            Err(StoreError::NotFound { schema, .. }) if schema == User::SCHEMA.name => {
                Err(Error::UserNotFound)
            }
            Err(error) => Err(error.into()),
        }
    }
}
