//! Signing in with a password.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::Users;
use crate::{Credential, Error, PasswordHash, Stored, Timestamp, User};

/// The access time is written at most once a day (`spec/users-api.md`, 1.2).
const ACCESS_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// How often a sign-in starts again because the password was changed while it was verified.
const MOST_ROUNDS: usize = 8;

impl Users {
    /// Signs a user in by e-mail or, if it starts with `+`, by phone number.
    ///
    /// A right password with an outdated hash is hashed anew, and the access time is recorded, at most
    /// once a day, in one commit. A password change that happens meanwhile wins.
    ///
    /// The same work is done for an unknown user and for one without a password as for one with a hash
    /// of the present cost.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCredentials`] if there is no such user, it has no password, or the password is
    /// wrong; [`Error::UserBlocked`] if the password is right and the user blocked.
    pub async fn sign_in(&self, identifier: &str, password: &str) -> Result<Stored<User>, Error> {
        let password = Arc::new(Zeroizing::new(password.as_bytes().to_vec()));
        for _ in 0..MOST_ROUNDS {
            let user = if identifier.starts_with('+') {
                self.find_by_phone(identifier).await?
            } else {
                self.find_by_email(identifier).await?
            };
            let credential = user.as_ref().and_then(|user| user.credential.clone());
            let (Some(user), Some(credential)) = (user, credential) else {
                self.pretend(Arc::clone(&password)).await?;
                return Err(Error::InvalidCredentials);
            };
            let upgraded = self.verify(credential.clone(), Arc::clone(&password)).await?;
            if let Some(user) = self.admit(&user, &credential, upgraded).await? {
                return Ok(user);
            }
        }
        Err(Error::InvalidCredentials)
    }

    /// Verifies, and returns the hash to store instead if the one at hand is outdated.
    async fn verify(
        &self,
        credential: Credential,
        password: Arc<Zeroizing<Vec<u8>>>,
    ) -> Result<Option<PasswordHash>, Error> {
        let inner = Arc::clone(&self.inner);
        let work = move || {
            // A hash that the limits of today refuse can't be verified: for the caller it is as if the
            // user had no password.
            let hash = credential.open(&inner.limits).map_err(|_| Error::InvalidCredentials)?;
            hash.verify(&password).map_err(|_| Error::InvalidCredentials)?;
            if !hash.needs_upgrade(&inner.hashing) {
                return Ok(None);
            }
            // Without memory for the new hash the old one stays, and the user gets in.
            Ok(PasswordHash::hash(&password, &inner.hashing, inner.random.as_ref()).ok())
        };
        self.inner.workers.run(work).await?
    }

    /// Does the work of a verification that can't succeed.
    async fn pretend(&self, password: Arc<Zeroizing<Vec<u8>>>) -> Result<(), Error> {
        let inner = Arc::clone(&self.inner);
        let work = move || {
            let _ = PasswordHash::hash(&password, &inner.hashing, inner.random.as_ref());
        };
        self.inner.workers.run(work).await
    }

    /// Records the sign-in of a user whose password was right; `None` if the password has changed since.
    async fn admit(
        &self,
        user: &User,
        verified: &Credential,
        upgraded: Option<PasswordHash>,
    ) -> Result<Option<Stored<User>>, Error> {
        let now = self.now();
        let upgraded = upgraded.as_ref().map(Credential::from);
        let mut overtaken = false;
        let admitted = self.try_change(
            &user.id,
            |user| {
                overtaken = user.credential.as_ref() != Some(verified);
                if overtaken {
                    return Ok(());
                }
                if !user.status {
                    return Err(Error::UserBlocked);
                }
                if let Some(upgraded) = &upgraded {
                    user.credential = Some(upgraded.clone());
                }
                if is_due(user.accessed_at, now) {
                    user.accessed_at = Some(now);
                }
                Ok(())
            },
            now,
        );
        match admitted.await {
            Ok(user) => Ok((!overtaken).then_some(user)),
            // Deleted while the password was verified.
            Err(Error::UserNotFound) => Err(Error::InvalidCredentials),
            Err(error) => Err(error),
        }
    }
}

fn is_due(accessed_at: Option<Timestamp>, now: Timestamp) -> bool {
    accessed_at.is_none_or(|last| now.as_millis() - last.as_millis() >= ACCESS_MILLIS)
}
