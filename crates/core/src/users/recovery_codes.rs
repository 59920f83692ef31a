//! Recovery codes: made, shown, and used once.

use rollbook_macros::verb;

use super::kept::codes_place;
use super::proof::Claim;
use super::{Secret, Users};
use crate::{Batch, Error, Expect, Factor, Id, RecoveryCodes, StoreError, Stored, Timestamp};

/// So many codes, of so many digits (`spec/users-api.md`, 1.10).
const CODES: usize = 6;
const DIGITS: usize = 10;

impl Users {
    /// Makes six recovery codes, each of ten hexadecimal digits, for a user who has none.
    ///
    /// They are stored so that [`get_recovery_codes`](Self::get_recovery_codes) can tell them again: sealed if
    /// there are [`SealingKeys`](crate::SealingKeys), readable if not.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`]; [`Error::RecoveryCodesAlreadyExist`].
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let codes = users.create_recovery_codes("ann").await?;
    /// assert_eq!((codes.len(), codes[0].as_str().len()), (6, 10));
    /// users.use_recovery_code("ann", codes[0].as_str()).await?;
    /// assert_eq!(users.get_recovery_codes("ann").await?, codes[1..]);
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn create_recovery_codes(&self, user_id: &str) -> Result<Vec<Secret>, Error> {
        let user = self.user(user_id).await?;
        let now = self.now();
        let (codes, new) = self.new_recovery_codes(self.inner.ids.next(now), &user.id, now)?;
        let batch = Batch::new().put(new, Expect::Absent);
        let put = self.put_noted::<RecoveryCodes>(batch, &user.id, "recoveryCodes.create", now);
        match put.await {
            Ok(_) => Ok(codes),
            Err(Error::Store(StoreError::Conflict { key: "userId", .. })) => {
                Err(Error::RecoveryCodesAlreadyExist)
            }
            Err(error) => Err(error),
        }
    }

    /// The recovery codes of a user that were not used yet.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`]; [`Error::RecoveryCodesNotFound`], also when the last one was used.
    #[verb(user_id)]
    pub async fn get_recovery_codes(&self, user_id: &str) -> Result<Vec<Secret>, Error> {
        self.user(user_id).await?;
        let found = self.recovery_codes(user_id).await?;
        let place = codes_place(&found.user_id, &found.id);
        found.codes.iter().map(|code| self.reveal(place, code)).collect()
    }

    /// Replaces the recovery codes of a user, however many are left, by six new ones.
    ///
    /// # Errors
    ///
    /// As [`get_recovery_codes`](Self::get_recovery_codes).
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let old = users.get_recovery_codes("ann").await?;
    /// let new = users.regenerate_recovery_codes("ann").await?;
    /// assert!(new.iter().all(|code| !old.contains(code)));
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn regenerate_recovery_codes(&self, user_id: &str) -> Result<Vec<Secret>, Error> {
        let user = self.user(user_id).await?;
        let found = self.recovery_codes(user_id).await?;
        let now = self.now();
        let (codes, new) = self.new_recovery_codes(found.id.clone(), &user.id, now)?;
        let swept = self.swept(user_id, now).await?;
        let records = self.records::<RecoveryCodes>();
        let replaced = records.update_and(&found.id, |_| {
            let batch = self.noted(Batch::new(), &user.id, "recoveryCodes.update", now);
            Ok::<_, Error>(Some((new.clone(), batch.and(swept.clone()))))
        });
        replaced.await?.ok_or(Error::RecoveryCodesNotFound)?;
        Ok(codes)
    }

    /// Uses a recovery code of a user: of two callers with the same one, one is let in. For a code that is
    /// to be noted in a session there is [`create_challenge`](Self::create_challenge).
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`]; [`Error::UserBlocked`]; [`Error::RecoveryCodesNotFound`];
    /// [`Error::InvalidToken`] if there is no such code, or it was used.
    #[verb(user_id)]
    pub async fn use_recovery_code(&self, user_id: &str, code: &str) -> Result<(), Error> {
        self.prove(user_id, Claim::Factor(Factor::RecoveryCode), code).await.map(drop)
    }

    pub(super) async fn recovery_codes(
        &self,
        user_id: &str,
    ) -> Result<Stored<RecoveryCodes>, Error> {
        let found = self.find_of(RecoveryCodes::USER_ID.equal(user_id)).await?;
        found.ok_or(Error::RecoveryCodesNotFound)
    }

    fn new_recovery_codes(
        &self,
        id: Id,
        user: &Id,
        now: Timestamp,
    ) -> Result<(Vec<Secret>, RecoveryCodes), Error> {
        let codes: Vec<_> = (0..CODES).map(|_| Secret::new(self, DIGITS)).collect();
        let place = codes_place(user, &id);
        let kept = codes.iter().map(|code| self.keep(place, code.as_str()));
        let kept = kept.collect::<Result<_, _>>()?;
        Ok((codes, RecoveryCodes { id, created_at: now, user_id: user.clone(), codes: kept }))
    }
}
