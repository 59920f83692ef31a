//! Signing in with a password.

use std::sync::Arc;

use metrics::counter;
use rollbook_macros::verb;
use zeroize::Zeroizing;

use super::Users;
use super::decoys::Decoy;
use super::session::{Draft, made_session};
use crate::metrics::{PASSWORD_UPGRADES, SIGN_INS};
use crate::{
    Batch, Credential, Error, Expect, ListUsers, PasswordHash, ScheduleError, Session, Stored,
    Timestamp, User, VerifyError,
};

/// The access time is written at most once a day (`spec/users-api.md`, 1.2).
const ACCESS_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// How often a sign-in starts again because the password was changed while it was verified.
const MOST_ROUNDS: usize = 8;

/// No user has this id, which is too long for one.
const NOBODY: &str = "nobody-nobody-nobody-nobody-nobody-nobody";

/// What a right password yields.
struct Verified {
    upgraded: Option<Credential>,
}

impl Users {
    /// Signs a user in by e-mail or, if it starts with `+`, by phone number.
    ///
    /// A right password with an outdated hash is hashed anew, and the access time is recorded, at most
    /// once a day, in one commit. A password change that happens meanwhile wins.
    ///
    /// The same work is done whether the password is right or wrong. For an unknown user, and for one
    /// without a password, it is that of some user there is: which, depends on the name alone.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCredentials`] if there is no such user, it has no password, or the password is
    /// wrong; [`Error::UserBlocked`] if the password is right and the user blocked.
    #[verb(|user| &user.id)]
    pub async fn sign_in(&self, identifier: &str, password: &str) -> Result<Stored<User>, Error> {
        Ok(self.authenticate(identifier, password, None).await?.0)
    }

    /// Signs in, and makes the session of a draft with it.
    pub(super) async fn authenticate(
        &self,
        identifier: &str,
        password: &str,
        draft: Option<&Draft>,
    ) -> Result<(Stored<User>, Option<Stored<Session>>), Error> {
        let outcome = self.authenticated(identifier, password, draft).await;
        if let Err(Error::Schedule(ScheduleError::Overloaded { .. })) = &outcome {
            found("overloaded");
        }
        outcome
    }

    async fn authenticated(
        &self,
        identifier: &str,
        password: &str,
        draft: Option<&Draft>,
    ) -> Result<(Stored<User>, Option<Stored<Session>>), Error> {
        let password = Arc::new(Zeroizing::new(password.as_bytes().to_vec()));
        for _ in 0..MOST_ROUNDS {
            let user = if identifier.starts_with('+') {
                self.user_by_phone(identifier).await?
            } else {
                self.user_by_email(identifier).await?
            };
            let missing = if user.is_some() { "no_password" } else { "unknown" };
            let credential = user.as_ref().and_then(|user| user.credential.clone());
            let opened = credential.and_then(|credential| self.open(credential));
            let (Some(user), Some((credential, hash))) = (user, opened) else {
                self.pretend(identifier, Arc::clone(&password)).await?;
                found(missing);
                return Err(Error::InvalidCredentials);
            };
            self.inner.decoys.keep(identifier, &user.id, &credential);
            // Somebody is found and nobody is not, whoever it is: see `pretend`.
            self.look_up(NOBODY).await?;
            let verified = self.verify(&credential, hash, Arc::clone(&password)).await?;
            let Verified { upgraded } = verified.inspect_err(|_| found("wrong"))?;
            if let Some(admitted) = self.admit(&user, &credential, upgraded, draft).await? {
                return Ok(admitted);
            }
        }
        found("wrong");
        Err(Error::InvalidCredentials)
    }

    /// The hash of a credential, if it can be verified: what the limits of today refuse can't be.
    pub(super) fn open(&self, credential: Credential) -> Option<(Credential, PasswordHash)> {
        let hash = credential.open(&self.inner.limits).ok()?;
        Some((credential, hash))
    }

    /// Verifies, and makes the hash to store instead if the one at hand is outdated. With a wrong password
    /// the work is the same, and its result is thrown away.
    async fn verify(
        &self,
        credential: &Credential,
        hash: PasswordHash,
        password: Arc<Zeroizing<Vec<u8>>>,
    ) -> Result<Result<Verified, Error>, Error> {
        let inner = Arc::clone(&self.inner);
        let outdated =
            hash.needs_upgrade(&inner.hashing) || credential.pepper() != inner.peppers.current();
        let cost = if outdated { hash.cost().then(inner.hashing.cost()) } else { hash.cost() };
        // Without its pepper no password is right, and the work is done all the same.
        let peppered = inner.peppers.apply(credential.pepper(), &password);
        let known = peppered.is_some();
        let work = move |verified: Result<(), VerifyError>| {
            let matches = known && verified.is_ok();
            // Without memory for the new hash the old one stays, and the user gets in.
            let upgraded = if outdated { inner.new_credential(&password).ok() } else { None };
            if matches { Ok(Verified { upgraded }) } else { Err(Error::InvalidCredentials) }
        };
        let peppered = peppered.unwrap_or_default();
        Ok(self.inner.scheduler.verify(cost, hash, peppered, work).await?)
    }

    /// Does the work of a verification that can't succeed.
    async fn pretend(
        &self,
        identifier: &str,
        password: Arc<Zeroizing<Vec<u8>>>,
    ) -> Result<(), Error> {
        if self.inner.decoys.is_empty() {
            self.find_decoys().await?;
        }
        let decoy = self.inner.decoys.of(identifier);
        let opened = decoy.and_then(|Decoy { id, credential }| Some((id, self.open(credential)?)));
        if let Some((id, (credential, hash))) = opened {
            // What is done for a user is done for nobody, down to this.
            self.look_up(&id).await?;
            self.inner.decoys.keep(identifier, &id, &credential);
            return self.verify(&credential, hash, password).await.map(drop);
        }
        // Nobody has a password yet: as if somebody had a new one.
        let inner = Arc::clone(&self.inner);
        let work = move || {
            let _ = inner.new_credential(&password);
        };
        Ok(self.inner.scheduler.run(self.inner.hashing.cost(), work).await?)
    }

    /// Looks a user up for the time that it takes.
    async fn look_up(&self, id: &str) -> Result<(), Error> {
        match self.user(id).await {
            Ok(_) | Err(Error::UserNotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Looks at the first users for hashes that unknown ones can take the time of.
    async fn find_decoys(&self) -> Result<(), Error> {
        let page = self.page(ListUsers::new().limit(1000).without_total()).await?;
        for user in page.records {
            if let Some((credential, _)) = user.credential.clone().and_then(|c| self.open(c)) {
                self.inner.decoys.keep(&user.id, &user.id, &credential);
            }
        }
        Ok(())
    }

    /// Records the sign-in of a user whose password was right; `None` if the password has changed since.
    async fn admit(
        &self,
        user: &Stored<User>,
        verified: &Credential,
        upgraded: Option<Credential>,
        draft: Option<&Draft>,
    ) -> Result<Option<(Stored<User>, Option<Stored<Session>>)>, Error> {
        let now = self.now();
        let mut overtaken = false;
        let surplus = match draft {
            Some(_) => self.surplus_sessions(&user.id).await?,
            None => Batch::new(),
        };
        let event = if draft.is_some() { "session.create" } else { "user.signIn" };
        let admitted = self.change_giving(
            &user.id,
            Some(user.clone()),
            event,
            |user| {
                overtaken = user.credential.as_ref() != Some(verified);
                if overtaken {
                    return Ok(Batch::new());
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
                let Some(draft) = draft else { return Ok(Batch::new()) };
                let new = draft.session(self, &user.id, now);
                Ok(surplus.clone().put(new, Expect::Absent))
            },
            now,
        );
        match admitted.await {
            Ok(_) if overtaken => Ok(None),
            Ok((user, made)) => {
                found("right");
                if upgraded.is_some() {
                    counter!(PASSWORD_UPGRADES).increment(1);
                }
                Ok(Some((user, made_session(made))))
            }
            // Deleted while the password was verified.
            Err(Error::UserNotFound) => {
                found("unknown");
                Err(Error::InvalidCredentials)
            }
            Err(Error::UserBlocked) => {
                found("blocked");
                Err(Error::UserBlocked)
            }
            Err(error) => Err(error),
        }
    }
}

/// Counts what a sign-in found; no caller is told as much.
fn found(outcome: &'static str) {
    counter!(SIGN_INS, "outcome" => outcome).increment(1);
}

/// Whether an access is to be written down.
pub(super) fn is_due(accessed_at: Option<Timestamp>, now: Timestamp) -> bool {
    accessed_at.is_none_or(|last| now.as_millis() - last.as_millis() >= ACCESS_MILLIS)
}
