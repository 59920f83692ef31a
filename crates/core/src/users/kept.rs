//! The one place where secrets that must be read again go into the store and come out of it.
//!
//! They are sealed if the handle has keys, and stored as they are if not. What was stored before the keys
//! came, or under an older one, is sealed with the present key when its record is next written.

use rollbook_macros::verb;
use zeroize::Zeroizing;

use super::sealing::{Place, unknown};
use super::{Secret, Users};
use crate::model::Kept;
use crate::{
    Authenticator, Batch, Challenge, Error, Expect, Id, KeptSecret, RecoveryCodes, StoreError,
};

/// How often it starts again because others were faster. Every round somebody commits.
const MOST_ROUNDS: usize = 10_000;

/// Where the secret of an authenticator is.
pub(super) fn secret_place<'a>(user: &'a Id, id: &'a Id) -> Place<'a> {
    Place { user: Some(user), id, field: "secret" }
}

/// Where recovery codes are.
pub(super) fn codes_place<'a>(user: &'a Id, id: &'a Id) -> Place<'a> {
    Place { user: Some(user), id, field: "codes" }
}

/// Where the answer of a challenge is.
pub(super) fn code_place<'a>(user: &'a Id, id: &'a Id) -> Place<'a> {
    Place { user: Some(user), id, field: "code" }
}

impl Users {
    /// Seals the second factors of a user, an authenticator and recovery codes, with the present key, where
    /// they rest readable or an older key sealed them; says whether there were any. After a change of the
    /// key, and when there is a key for the first time, go over all users with it.
    ///
    /// The codes of challenges are left out: they are good for a quarter of an hour. Keep an older key that long.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`]; [`Error::NoSealingKeys`] if there are factors;
    /// [`Error::UnknownSealingKey`]; [`Error::SealBroken`].
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// users.reseal_factors("ann").await?;
    /// assert!(!users.reseal_factors("ann").await?, "it is done");
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn reseal_factors(&self, user_id: &str) -> Result<bool, Error> {
        for _ in 0..MOST_ROUNDS {
            let user = self.user(user_id).await?;
            let authenticator = self.find_authenticator(&user.id).await?;
            let codes = self.find_of(RecoveryCodes::USER_ID.equal(&*user.id)).await?;
            if self.inner.sealing.is_none() && (authenticator.is_some() || codes.is_some()) {
                return Err(Error::NoSealingKeys);
            }
            let (mut batch, mut resealed) = (Batch::new(), false);
            if let Some(old) = authenticator {
                let new = self.resealed_authenticator(&old)?;
                if new != *old {
                    (batch, resealed) = (batch.put(new, Expect::Revision(old.revision())), true);
                }
            }
            if let Some(old) = codes {
                let new = self.resealed_codes(&old)?;
                if new != *old {
                    (batch, resealed) = (batch.put(new, Expect::Revision(old.revision())), true);
                }
            }
            if !resealed {
                return Ok(false);
            }
            match self.inner.users.commit(batch).await {
                Ok(_) => return Ok(true),
                Err(StoreError::Stale { .. } | StoreError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Internal("factors were never sealed alone".into()))
    }

    /// What is stored for `secret`.
    pub(super) fn keep(&self, place: Place<'_>, secret: &str) -> Result<KeptSecret, Error> {
        Ok(KeptSecret::new(match &self.inner.sealing {
            Some(keys) => Kept::Sealed(keys.seal(self.inner.random.as_ref(), place, secret)?),
            None => Kept::Readable(Zeroizing::new(secret.to_owned())),
        }))
    }

    /// The secret that was stored.
    pub(super) fn reveal(&self, place: Place<'_>, kept: &KeptSecret) -> Result<Secret, Error> {
        Ok(Secret::of(match kept.kept() {
            Kept::Readable(text) => text.clone(),
            Kept::Sealed(sealed) => {
                let keys = self.inner.sealing.as_ref().ok_or_else(|| unknown(sealed))?;
                keys.open(place, sealed)?
            }
        }))
    }

    /// An authenticator to be written: as it is, its secret sealed with the present key.
    pub(super) fn resealed_authenticator(
        &self,
        old: &Authenticator,
    ) -> Result<Authenticator, Error> {
        let secret = self.resealed(secret_place(&old.user_id, &old.id), &old.secret)?;
        Ok(Authenticator { secret, ..old.clone() })
    }

    /// Recovery codes to be written: as they are, sealed with the present key.
    pub(super) fn resealed_codes(&self, old: &RecoveryCodes) -> Result<RecoveryCodes, Error> {
        let place = codes_place(&old.user_id, &old.id);
        let codes = old.codes.iter().map(|code| self.resealed(place, code));
        Ok(RecoveryCodes { codes: codes.collect::<Result<_, _>>()?, ..old.clone() })
    }

    /// A challenge to be written: as it is, its answer sealed with the present key.
    pub(super) fn resealed_challenge(&self, old: &Challenge) -> Result<Challenge, Error> {
        let place = code_place(&old.user_id, &old.id);
        let code = old.code.as_ref().map(|code| self.resealed(place, code)).transpose()?;
        Ok(Challenge { code, ..old.clone() })
    }

    fn resealed(&self, place: Place<'_>, kept: &KeptSecret) -> Result<KeptSecret, Error> {
        let current = match (&self.inner.sealing, kept.kept()) {
            (None, _) => true,
            (Some(_), Kept::Readable(_)) => false,
            (Some(keys), Kept::Sealed(sealed)) => keys.is_current(sealed),
        };
        if current {
            Ok(kept.clone())
        } else {
            self.keep(place, self.reveal(place, kept)?.as_str())
        }
    }
}
