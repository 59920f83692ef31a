//! Tokens: made, sent, and used once.

use rollbook_macros::verb;

use super::session::Draft;
use super::{NewSession, Password, Secret, Users};
use crate::model::SecretDigest;
use crate::{Batch, Error, Expect, ID, Query, Record as _, StoreError, Stored, Token, TokenKind};

/// How a token looks and how long it is good for.
///
/// ```
/// use rollbook_core::NewToken;
///
/// let token = NewToken::new().length(32).seconds(3600);
/// # let _ = token;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewToken {
    length: u64,
    seconds: u64,
}

impl Default for NewToken {
    fn default() -> Self {
        Self { length: 6, seconds: 900 }
    }
}

impl NewToken {
    /// Six digits, good for a quarter of an hour.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of hexadecimal digits, 4 to 128. Few digits can be guessed: ten wrong ones void a token of
    /// less than 32.
    pub fn length(self, length: u64) -> Self {
        Self { length, ..self }
    }

    /// How long it is good for, 60 to 31,536,000 seconds.
    pub fn seconds(self, seconds: u64) -> Self {
        Self { seconds, ..self }
    }

    fn check(self) -> Result<Self, Error> {
        let range = |name: &'static str, value: u64, least: u64, most: u64| {
            if (least..=most).contains(&value) {
                return Ok(());
            }
            let reason = format!("Value must be a valid range between {least} and {most}");
            Err(Error::invalid(name, reason))
        };
        range("length", self.length, 4, 128)?;
        range("expire", self.seconds, 60, 31_536_000)?;
        Ok(self)
    }
}

/// So many wrong secrets void a token that can be guessed.
const MOST_ATTEMPTS: u32 = 10;
/// So many digits can't be guessed.
const LONG: u64 = 32;

impl Users {
    /// Makes a token that its user can exchange for a session, once. The caller brings it to the user.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for a length or a time out of range, [`Error::UserNotFound`].
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let (_, secret) = users.create_token("ann", NewToken::new()).await?;
    /// let new = users.create_token_session("ann", secret.as_str()).await?;
    /// assert_eq!(new.session.provider, "token");
    /// assert!(users.create_token_session("ann", secret.as_str()).await.is_err(), "it was used");
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn create_token(
        &self,
        user_id: &str,
        new: NewToken,
    ) -> Result<(Stored<Token>, Secret), Error> {
        self.create_token_for(user_id, TokenKind::Session, new).await
    }

    pub(super) async fn create_token_for(
        &self,
        user_id: &str,
        kind: TokenKind,
        new: NewToken,
    ) -> Result<(Stored<Token>, Secret), Error> {
        let NewToken { length, seconds } = new.check()?;
        let now = self.now();
        let user = self.user(user_id).await?;
        let secret = Secret::new(self, usize::try_from(length).unwrap_or(128));
        let millis = i64::try_from(seconds * 1000).unwrap_or(i64::MAX);
        let token = Token {
            id: self.inner.ids.next(now),
            created_at: now,
            user_id: user.id.clone(),
            kind,
            secret: secret.digest(),
            expire: now.plus_millis(millis),
            attempts: if length < LONG { 0 } else { LONG_SECRET },
            ip: self.actor.ip.map(|ip| ip.to_string()),
            user_agent: self.actor.user_agent.clone(),
        };
        let noted = self.noted(Batch::new(), &user.id, "token.create", now);
        match self.records::<Token>().insert_and(token, noted).await {
            Ok(token) => Ok((token, secret)),
            Err(StoreError::NotFound { .. }) => Err(Error::UserNotFound),
            Err(error) => Err(error.into()),
        }
    }

    /// Exchanges a token of [`create_token`](Self::create_token) or of a magic link for a session. Of two
    /// callers with the same token one gets a session.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidToken`] if the user has no such token, or it was used, or its time is over;
    /// [`Error::UserBlocked`].
    #[verb(user_id)]
    pub async fn create_token_session(
        &self,
        user_id: &str,
        secret: &str,
    ) -> Result<NewSession, Error> {
        let kinds = [TokenKind::Session, TokenKind::MagicLink];
        let token = self.find_token(user_id, secret, &kinds).await?;
        let link = token.kind == TokenKind::MagicLink;
        let draft = if link {
            Draft::new(self, "magic-url", "email")
        } else {
            Draft::new(self, "token", "token")
        };
        let used = self.create_session_of(user_id, draft, |user| {
            if !user.status {
                return Err(Error::UserBlocked);
            }
            // Who follows a link has the e-mail.
            user.email_verification |= link;
            consumed(&token)
        });
        used.await.map_err(used_before)
    }

    /// The token of a user with this secret. A wrong secret counts against all that could be guessed.
    pub(super) async fn find_token(
        &self,
        user_id: &str,
        secret: &str,
        kinds: &[TokenKind],
    ) -> Result<Stored<Token>, Error> {
        const MOST_TOKENS: u64 = 100;
        let (tokens, now) = (self.records::<Token>(), self.now());
        let names = kinds.iter().map(|kind| kind.name().to_owned());
        let of_user = Token::USER_ID.equal(user_id).and(Token::KIND.any_of(names));
        let query = Query::new(Token::SCHEMA)
            .filter(of_user.and(Token::EXPIRE.greater(now)).into())
            .order(Token::SEQUENCE.descending().into())
            .limit(MOST_TOKENS);
        let all = tokens.list(&query).await?;
        let digest = SecretDigest::of(secret);
        if let Some(found) = all.iter().find(|token| token.secret == digest) {
            return Ok(found.clone());
        }
        for token in all.iter().filter(|token| token.attempts < LONG_SECRET) {
            let attempts = token.attempts + 1;
            let changed = Token { attempts, ..(**token).clone() };
            let batch = Batch::new().put(changed, Expect::Revision(token.revision()));
            let batch = if attempts < MOST_ATTEMPTS { batch } else { batch.and(removed(token)?) };
            match tokens.commit(batch).await {
                // Somebody else used it, or counted.
                Ok(_) | Err(StoreError::Stale { .. } | StoreError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::InvalidToken)
    }

    /// Makes a token that proves the e-mail of a user, and sends it there.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`]; [`Error::InvalidArgument`] if the user has no e-mail; what the
    /// [`Sender`](crate::Sender) says.
    #[verb(user_id)]
    pub async fn create_email_verification(&self, user_id: &str) -> Result<Stored<Token>, Error> {
        let user = self.user(user_id).await?;
        let Some(email) = user.email.as_deref() else {
            return Err(Error::invalid("userId", "The user has no email"));
        };
        let new = NewToken::new().length(64).seconds(7 * 24 * 60 * 60);
        self.create_and_send(&user, TokenKind::EmailVerification, new, email).await
    }

    /// Takes the secret of [`create_email_verification`](Self::create_email_verification) as the proof of
    /// the e-mail.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidToken`].
    #[verb(user_id)]
    pub async fn confirm_email_verification(
        &self,
        user_id: &str,
        secret: &str,
    ) -> Result<Stored<crate::User>, Error> {
        self.confirm(user_id, secret, TokenKind::EmailVerification).await
    }

    /// Makes a token of six hexadecimal digits that proves the phone number of a user, and sends it there.
    ///
    /// # Errors
    ///
    /// As [`create_email_verification`](Self::create_email_verification).
    #[verb(user_id)]
    pub async fn create_phone_verification(&self, user_id: &str) -> Result<Stored<Token>, Error> {
        let user = self.user(user_id).await?;
        let Some(phone) = user.phone.as_deref() else {
            return Err(Error::invalid("userId", "The user has no phone number"));
        };
        self.create_and_send(&user, TokenKind::PhoneVerification, NewToken::new(), phone).await
    }

    /// Takes the secret of [`create_phone_verification`](Self::create_phone_verification) as the proof of
    /// the phone number.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidToken`].
    #[verb(user_id)]
    pub async fn confirm_phone_verification(
        &self,
        user_id: &str,
        secret: &str,
    ) -> Result<Stored<crate::User>, Error> {
        self.confirm(user_id, secret, TokenKind::PhoneVerification).await
    }

    async fn confirm(
        &self,
        user_id: &str,
        secret: &str,
        kind: TokenKind,
    ) -> Result<Stored<crate::User>, Error> {
        let token = self.find_token(user_id, secret, &[kind]).await?;
        let change = |user: &mut crate::User| {
            match kind {
                TokenKind::EmailVerification => user.email_verification = true,
                _ => user.phone_verification = true,
            }
            consumed(&token)
        };
        self.try_change(user_id, "verification.update", change, self.now())
            .await
            .map_err(used_before)
    }

    /// Sends a link to a new password to the user with this e-mail. For an unknown e-mail it does the same
    /// as for a known one, but sends nothing.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if `email` is none; what the [`Sender`](crate::Sender) says.
    #[verb]
    pub async fn create_recovery(&self, email: &str) -> Result<(), Error> {
        let Some(user) = self.user_by_email(email).await? else { return Ok(()) };
        let new = NewToken::new().length(64).seconds(60 * 60);
        self.create_and_send(&user, TokenKind::Recovery, new, email).await.map(drop)
    }

    /// Sets a new password with the secret of [`create_recovery`](Self::create_recovery), and ends all
    /// sessions of the user: whoever had the old password has them, too.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidToken`]; those of [`update_password`](Self::update_password), which leave the token as
    /// it is.
    #[verb(user_id)]
    pub async fn confirm_recovery(
        &self,
        user_id: &str,
        secret: &str,
        password: &str,
    ) -> Result<Stored<crate::User>, Error> {
        let token = self.find_token(user_id, secret, &[TokenKind::Recovery]).await?;
        let password = Password::parse(password)?;
        let batch = consumed(&token)?.and(super::session::all_sessions(user_id));
        self.set_password(user_id, Some(password), batch).await.map_err(used_before)
    }

    /// Sends a link that is a session to the user with this e-mail; it is used with
    /// [`create_token_session`](Self::create_token_session). An unknown e-mail gets nothing.
    ///
    /// # Errors
    ///
    /// As [`create_recovery`](Self::create_recovery).
    #[verb]
    pub async fn create_magic_link(&self, email: &str) -> Result<(), Error> {
        let Some(user) = self.user_by_email(email).await? else { return Ok(()) };
        let new = NewToken::new().length(64).seconds(60 * 60);
        self.create_and_send(&user, TokenKind::MagicLink, new, email).await.map(drop)
    }

    /// Deletes the tokens of all users whose time is over; says how many there were. For a task that runs
    /// now and then.
    #[verb]
    pub async fn delete_expired_tokens(&self) -> Result<u64, Error> {
        let over = Token::EXPIRE.less_equal(self.now());
        let batch = Batch::new().delete(Token::SCHEMA, vec![over.into()]);
        Ok(self.records::<Token>().commit(batch).await?.deleted)
    }
}

/// What `attempts` is for a secret that can't be guessed, and is not counted.
const LONG_SECRET: u32 = u32::MAX;

/// The use of a token: it must be there as it was read, and is gone afterwards.
fn consumed(token: &Stored<Token>) -> Result<Batch, Error> {
    let there = Batch::new().put((**token).clone(), Expect::Revision(token.revision()));
    Ok(there.and(removed(token)?))
}

fn removed(token: &Token) -> Result<Batch, Error> {
    Ok(Batch::new().delete(Token::SCHEMA, vec![ID.equal([token.id.to_string()])?]))
}

/// The error of a token that somebody else was faster with.
fn used_before(error: Error) -> Error {
    match error {
        Error::Store(StoreError::Stale { schema, .. } | StoreError::NotFound { schema, .. })
            if schema == Token::SCHEMA.name =>
        {
            Error::InvalidToken
        }
        error => error,
    }
}
