//! Challenges: made, sent, and answered once.

use rollbook_macros::verb;

use super::kept::code_place;
use super::proof::Claim;
use super::sender::send;
use super::{Message, Secret, Users};
use crate::{Batch, Challenge, Error, Expect, Factor, Session, StoreError, Stored, TokenKind};

/// As long as a token of six digits is good for.
const CHALLENGE_MILLIS: i64 = 15 * 60 * 1000;
/// The hexadecimal digits of a code that the application brings, as many as a token has.
const CUSTOM_DIGITS: usize = 6;

impl Users {
    /// Asks a user for a factor, for a quarter of an hour. The code for [`Factor::Email`] and
    /// [`Factor::Phone`], six digits, is sent there; the one for [`Factor::Custom`] the application gets with
    /// [`get_challenge`](Self::get_challenge) and brings to the user.
    ///
    /// With a `session` of the user, the right answer adds the factor to it.
    ///
    /// Ten wrong answers void a challenge, but not the next one: an application limits how often it makes
    /// them.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`]; [`Error::SessionNotFound`], also if it is another user's or has ended;
    /// [`Error::AuthenticatorNotFound`] and [`Error::RecoveryCodesNotFound`];
    /// [`Error::InvalidArgument`] for another factor that the user does not have or that the
    /// [`FactorPolicy`](crate::FactorPolicy) forbids; what the [`Sender`](crate::Sender) says.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users, code: &str) -> Result<(), Error> {
    /// let new = users.create_password_session("ann@example.com", "correct horse").await?;
    /// let challenge = users.create_challenge("ann", Some(&new.session.id), Factor::Totp).await?;
    /// let session = users.complete_challenge("ann", &challenge.id, code).await?;
    /// assert_eq!(session.map(|session| session.factors.clone()), Some(vec!["password".into(), "totp".into()]));
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn create_challenge(
        &self,
        user_id: &str,
        session: Option<&str>,
        factor: Factor,
    ) -> Result<Stored<Challenge>, Error> {
        let user = self.user(user_id).await?;
        let now = self.now();
        let session_id = match session {
            None => None,
            Some(id) => {
                let session = self.session(user_id, id).await?;
                if session.has_expired(now) {
                    return Err(Error::SessionNotFound);
                }
                Some(session.id.clone())
            }
        };
        self.check_factor(&user, factor).await?;
        let receiver = match factor {
            Factor::Email => user.email.as_deref(),
            Factor::Phone => user.phone.as_deref(),
            Factor::Totp | Factor::RecoveryCode | Factor::Custom => None,
        };
        let receiver = receiver.map(|to| Ok::<_, Error>((self.sender()?, to))).transpose()?;
        let code = match factor {
            Factor::Email | Factor::Phone => Some(Secret::number(self)),
            Factor::Custom => Some(Secret::new(self, CUSTOM_DIGITS)),
            Factor::Totp | Factor::RecoveryCode => None,
        };
        let id = self.inner.ids.next(now);
        let place = code_place(&user.id, &id);
        let kept = code.as_ref().map(|code| self.keep(place, code.as_str())).transpose()?;
        let challenge = Challenge {
            id,
            created_at: now,
            user_id: user.id.clone(),
            session_id,
            factor,
            code: kept,
            expire: now.plus_millis(CHALLENGE_MILLIS),
            attempts: 0,
        };
        let batch = Batch::new().put(challenge, Expect::Absent);
        let challenge: Result<Stored<Challenge>, _> =
            self.put_noted(batch, &user.id, "challenge.create", now).await;
        let challenge = challenge.map_err(|error| match error {
            Error::Store(StoreError::NotFound { schema, .. }) if is_session(schema) => {
                Error::SessionNotFound
            }
            error => error,
        })?;
        if let (Some((sender, to)), Some(secret)) = (receiver, code) {
            let (to, kind, expire) = (to.to_owned(), TokenKind::Challenge, challenge.expire);
            send(sender, Message { kind, to, user: user.clone(), secret, expire }).await?;
        }
        Ok(challenge)
    }

    /// Answers a challenge. Of two callers with the right answer one is let in; the challenge is gone then.
    ///
    /// Returns the session with the factor in it, if the challenge is for one.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidToken`] if the user has no such challenge, its time is over, or the code is wrong;
    /// [`Error::UserNotFound`]; [`Error::UserBlocked`]; those of
    /// [`check_authenticator`](Self::check_authenticator) and
    /// [`use_recovery_code`](Self::use_recovery_code).
    #[verb(user_id)]
    pub async fn complete_challenge(
        &self,
        user_id: &str,
        challenge_id: &str,
        code: &str,
    ) -> Result<Option<Stored<Session>>, Error> {
        self.prove(user_id, Claim::Challenge(challenge_id), code).await
    }

    /// A challenge for [`Factor::Custom`], and the code that answers it.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`]; [`Error::InvalidToken`] for any other challenge, and for one whose time is
    /// over.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let challenge = users.create_challenge("ann", None, Factor::Custom).await?;
    /// let (_, code) = users.get_challenge("ann", &challenge.id).await?;
    /// assert_eq!(challenge.to_wire(code.as_str())["code"], code.as_str());
    /// assert!(users.complete_challenge("ann", &challenge.id, code.as_str()).await?.is_none());
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn get_challenge(
        &self,
        user_id: &str,
        challenge_id: &str,
    ) -> Result<(Stored<Challenge>, Secret), Error> {
        self.user(user_id).await?;
        let challenge = self.open_challenge(user_id, challenge_id).await?;
        match &challenge.code {
            Some(code) if challenge.factor == Factor::Custom => {
                let place = code_place(&challenge.user_id, &challenge.id);
                let code = self.reveal(place, code)?;
                Ok((challenge, code))
            }
            _ => Err(Error::InvalidToken),
        }
    }

    /// Deletes the challenges of all users whose time is over; says how many there were. For a task that
    /// runs now and then.
    #[verb]
    pub async fn delete_expired_challenges(&self) -> Result<u64, Error> {
        use crate::Record as _;
        let over = Challenge::EXPIRE.less_equal(self.now());
        let batch = Batch::new().delete(Challenge::SCHEMA, vec![over.into()]);
        Ok(self.records::<Challenge>().commit(batch).await?.deleted)
    }

    /// A challenge of a user that can be answered.
    pub(super) async fn open_challenge(
        &self,
        user_id: &str,
        id: &str,
    ) -> Result<Stored<Challenge>, Error> {
        let (now, found) = (self.now(), self.records::<Challenge>().get(id).await?);
        let open = |found: &Stored<Challenge>| *found.user_id == *user_id && found.expire > now;
        found.filter(open).ok_or(Error::InvalidToken)
    }
}

fn is_session(schema: &str) -> bool {
    use crate::Record as _;
    schema == Session::SCHEMA.name
}
