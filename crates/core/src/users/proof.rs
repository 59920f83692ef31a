//! A code is right or wrong once: the one loop that all codes go through.

use constant_time_eq::constant_time_eq;

use super::Users;
use super::kept::{code_place, codes_place};
use crate::{
    Batch, Challenge, Error, Expect, Factor, ID, Record as _, RecoveryCodes, Session, StoreError,
    Stored, Timestamp, User,
};

/// What a code is to prove.
#[derive(Clone, Copy, Debug)]
pub(super) enum Claim<'a> {
    /// The factor of the challenge with this id.
    Challenge(&'a str),
    /// A factor on its own.
    Factor(Factor),
}

/// So many wrong answers void a challenge.
const MOST_ATTEMPTS: u32 = 10;
/// How often it starts again because others were faster. Every round somebody commits.
const MOST_ROUNDS: usize = 10_000;

/// What a code turned out to be, and what is to be written for it.
struct Outcome {
    right: bool,
    batch: Batch,
}

impl Users {
    /// Checks a code, and writes down that it was used or that it was wrong.
    ///
    /// Everything that the answer depends on is put, or deleted, as it was read: whoever commits second
    /// reads again. So a code is used once, and nobody learns of a wrong one that was not counted.
    pub(super) async fn prove(
        &self,
        user_id: &str,
        claim: Claim<'_>,
        code: &str,
    ) -> Result<Option<Stored<Session>>, Error> {
        for _ in 0..MOST_ROUNDS {
            let now = self.now();
            let user = self.user(user_id).await?;
            if !user.status {
                return Err(Error::UserBlocked);
            }
            let (outcome, session) = match claim {
                Claim::Factor(factor) => (self.attempt(&user, factor, code, now).await?, None),
                Claim::Challenge(id) => self.answer(&user, id, code, now).await?,
            };
            let Outcome { right, batch } = outcome;
            let batch = if right {
                let noted = self.noted(batch, &user.id, event(claim), now);
                noted.and(self.swept(&user.id, now).await?)
            } else {
                batch
            };
            match self.inner.users.commit(batch).await {
                Ok(_) if !right => return Err(Error::InvalidToken),
                Ok(_) => {
                    let Some(id) = session else { return Ok(None) };
                    return Ok(self.records::<Session>().get(&id).await?);
                }
                Err(StoreError::Stale { .. } | StoreError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Internal("a code was never checked alone".into()))
    }

    /// Answers a challenge; with the id of the session that gets the factor.
    async fn answer(
        &self,
        user: &Stored<User>,
        id: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<(Outcome, Option<crate::Id>), Error> {
        let challenge = self.open_challenge(&user.id, id).await?;
        let Outcome { right, batch } = match &challenge.code {
            Some(kept) => {
                let kept = self.reveal(code_place(&challenge.user_id, &challenge.id), kept)?;
                let right = constant_time_eq(kept.as_str().as_bytes(), code.as_bytes());
                Outcome { right, batch: Batch::new() }
            }
            None => self.attempt(user, challenge.factor, code, now).await?,
        };
        let attempts = challenge.attempts + 1;
        let counted = Challenge { attempts, ..self.resealed_challenge(&challenge)? };
        // A deletion alone would not see that another was faster.
        let batch = batch.put(counted, Expect::Revision(challenge.revision()));
        let gone = right || attempts >= MOST_ATTEMPTS;
        let batch = if gone {
            batch.delete(Challenge::SCHEMA, vec![ID.equal([challenge.id.to_string()])?])
        } else {
            batch
        };
        let Some(session_id) = challenge.session_id.as_ref().filter(|_| right) else {
            return Ok((Outcome { right, batch }, None));
        };
        let session = self.records::<Session>().get(session_id).await?;
        let session = session.filter(|it| !it.has_expired(now)).ok_or(Error::InvalidToken)?;
        let revision = session.revision();
        let mut session = (*session).clone();
        let factor = challenge.factor.name();
        if !session.factors.iter().any(|known| known == factor) {
            session.factors.push(factor.into());
        }
        session.mfa_updated_at = Some(now);
        session.updated_at = now;
        let batch = batch.put(session, Expect::Revision(revision));
        Ok((Outcome { right, batch }, Some(session_id.clone())))
    }

    /// Tries a code on what a user has of a factor.
    async fn attempt(
        &self,
        user: &Stored<User>,
        factor: Factor,
        code: &str,
        now: Timestamp,
    ) -> Result<Outcome, Error> {
        match factor {
            Factor::Totp => {
                let authenticator = self.verified_authenticator(&user.id).await?;
                let revision = Expect::Revision(authenticator.revision());
                let (right, changed) = self.checked(&authenticator, code, now)?;
                Ok(Outcome { right, batch: Batch::new().put(changed, revision) })
            }
            Factor::RecoveryCode => {
                let found = self.recovery_codes(&user.id).await?;
                self.without(&found, code)
            }
            // Their codes are in the challenges.
            Factor::Email | Factor::Phone | Factor::Custom => Err(Error::InvalidToken),
        }
    }

    /// The recovery codes without the one that is used.
    fn without(&self, found: &Stored<RecoveryCodes>, code: &str) -> Result<Outcome, Error> {
        let place = codes_place(&found.user_id, &found.id);
        let mut left = self.resealed_codes(found)?;
        let mut kept = Vec::with_capacity(left.codes.len());
        for one in left.codes {
            let revealed = self.reveal(place, &one)?;
            if !constant_time_eq(revealed.as_str().as_bytes(), code.as_bytes()) {
                kept.push(one);
            }
        }
        left.codes = kept;
        if left.codes.len() == found.codes.len() {
            return Ok(Outcome { right: false, batch: Batch::new() });
        }
        let last = left.codes.is_empty();
        let batch = Batch::new().put(left, Expect::Revision(found.revision()));
        let batch = if last {
            batch.delete(RecoveryCodes::SCHEMA, vec![ID.equal([found.id.to_string()])?])
        } else {
            batch
        };
        Ok(Outcome { right: true, batch })
    }
}

fn event(claim: Claim<'_>) -> &'static str {
    match claim {
        Claim::Challenge(_) => "challenge.update",
        Claim::Factor(Factor::RecoveryCode) => "recoveryCodes.use",
        Claim::Factor(_) => "authenticator.use",
    }
}
