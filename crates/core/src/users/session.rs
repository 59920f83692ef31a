//! Sessions.

use std::borrow::Cow;

use rollbook_macros::verb;
use zeroize::Zeroizing;

use super::Users;
use crate::model::SecretDigest;
use crate::{
    Batch, Collection, Document, Error, Expect, ID, Id, Query, Record, Session, StoreError, Stored,
    Timestamp, User,
};

/// How long sessions last, and how many a user may have.
///
/// ```
/// use rollbook_core::SessionPolicy;
///
/// // An hour from the last use, and no more than five at a time.
/// let policy = SessionPolicy::new().seconds(3600).sliding().limit(5);
/// # let _ = policy;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    millis: i64,
    sliding: bool,
    limit: Option<u64>,
    end_with_password: bool,
    end_when_blocked: bool,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self {
            millis: 365 * 24 * 60 * 60 * 1000,
            sliding: false,
            limit: None,
            end_with_password: false,
            end_when_blocked: false,
        }
    }
}

impl SessionPolicy {
    /// A year from the sign-in, as many as there are, as the service has it.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long a session lasts, in seconds; one at least.
    pub fn seconds(self, seconds: u32) -> Self {
        Self { millis: i64::from(seconds.max(1)) * 1000, ..self }
    }

    /// Counts from the last use instead of the sign-in. A use is written down when a tenth of the time is
    /// over, so that most uses write nothing.
    pub fn sliding(self) -> Self {
        Self { sliding: true, ..self }
    }

    /// The most sessions of a user: a new one ends the oldest.
    pub fn limit(self, limit: u32) -> Self {
        Self { limit: Some(limit.max(1).into()), ..self }
    }

    /// A new password ends all sessions of its user.
    pub fn end_with_password(self) -> Self {
        Self { end_with_password: true, ..self }
    }

    /// Blocking a user ends all its sessions. Without this they are refused, and go on when the user is let
    /// in again.
    pub fn end_when_blocked(self) -> Self {
        Self { end_when_blocked: true, ..self }
    }

    pub(super) fn ends(&self, blocked: bool) -> bool {
        if blocked { self.end_when_blocked } else { self.end_with_password }
    }
}

/// A session that was just made. `Debug` shows no secret.
#[derive(Debug)]
#[non_exhaustive]
pub struct NewSession {
    /// The session.
    pub session: Stored<Session>,
    /// The user, as it is now.
    pub user: Stored<User>,
    /// What the client presents from now on; nobody can tell it again.
    pub secret: Secret,
}

/// A secret that is handed out once: 64 hexadecimal digits, unless its maker says otherwise.
///
/// It is wiped when it is dropped, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// So many digits of `users`' randomness.
    pub(super) fn new(users: &Users, digits: usize) -> Self {
        let mut bytes = Zeroizing::new(vec![0; digits.div_ceil(2)]);
        users.inner.random.fill(&mut bytes);
        let mut text = Zeroizing::new(crate::hex::lower(&bytes));
        text.truncate(digits);
        Self(text)
    }

    /// A secret that was made elsewhere.
    pub(super) fn of(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// Six decimal digits, as people type them on a phone.
    pub(super) fn number(users: &Users) -> Self {
        let mut bytes = Zeroizing::new([0; 8]);
        users.inner.random.fill(bytes.as_mut());
        // A million is nothing against 2^64: no number is noticeably likelier than another.
        Self(Zeroizing::new(format!("{:06}", u64::from_le_bytes(*bytes) % 1_000_000)))
    }

    /// The digits. Keep them out of logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn digest(&self) -> SecretDigest {
        SecretDigest::of(&self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

const SECRET_DIGITS: usize = 64;

impl Users {
    /// Signs a user in as [`sign_in`](Self::sign_in) does, and makes a session in the same commit.
    ///
    /// # Errors
    ///
    /// Those of [`sign_in`](Self::sign_in).
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let new = users.create_password_session("ann@example.com", "correct horse").await?;
    /// let (user, session) = users.validate_session(new.secret.as_str()).await?;
    /// assert_eq!((&user.id, session.id.as_str()), (&new.user.id, new.session.id.as_str()));
    /// # Ok(()) }
    /// ```
    #[verb(|new| &new.user.id)]
    pub async fn create_password_session(
        &self,
        identifier: &str,
        password: &str,
    ) -> Result<NewSession, Error> {
        let draft = Draft::new(self, "email", "password");
        let (user, session) = self.authenticate(identifier, password, Some(&draft)).await?;
        let session = session.ok_or(Error::Internal("a sign-in without its session".into()))?;
        Ok(NewSession { session, user, secret: draft.secret })
    }

    /// Makes a session for a user, as a server may: nothing is proven, and a blocked user gets one as well,
    /// which is refused until the user is let in.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`].
    #[verb(user_id)]
    pub async fn create_session(&self, user_id: &str) -> Result<NewSession, Error> {
        let draft = Draft::new(self, "server", "server");
        self.create_session_of(user_id, draft, |_| Ok(Batch::new())).await
    }

    /// Makes the session of a draft together with what `and` adds.
    pub(super) async fn create_session_of(
        &self,
        user_id: &str,
        draft: Draft,
        mut and: impl FnMut(&mut User) -> Result<Batch, Error> + Send,
    ) -> Result<NewSession, Error> {
        let surplus = self.surplus_sessions(user_id).await?;
        let now = self.now();
        let made = self.change_giving(
            user_id,
            None,
            "session.create",
            |user| {
                let batch = and(user)?;
                let new = draft.session(self, &user.id, now);
                Ok(batch.and(surplus.clone()).put(new, Expect::Absent))
            },
            now,
        );
        let (user, made) = made.await?;
        let session = made_session(made).ok_or(Error::Internal("no session was made".into()))?;
        Ok(NewSession { session, user, secret: draft.secret })
    }

    /// The user and the session that a secret stands for.
    ///
    /// With [`SessionPolicy::sliding`] the session lives on from now.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthorized`] if there is no such session, it has ended, or its user is gone;
    /// [`Error::UserBlocked`].
    #[verb(|(user, _)| &user.id)]
    pub async fn validate_session(
        &self,
        secret: &str,
    ) -> Result<(Stored<User>, Stored<Session>), Error> {
        let sessions = self.records::<Session>();
        let digest = SecretDigest::of(secret).as_str().to_owned();
        let field = Session::SCHEMA.field("secret")?;
        let session = sessions.find(field, digest.into()).await?.ok_or(Error::Unauthorized)?;
        let now = self.now();
        if session.has_expired(now) {
            return Err(Error::Unauthorized);
        }
        let user = self.inner.users.get(&session.user_id).await?.ok_or(Error::Unauthorized)?;
        if !user.status {
            return Err(Error::UserBlocked);
        }
        let session = self.slid(sessions, session, now).await?;
        Ok((user, session))
    }

    /// The session with its end moved, if that is due.
    async fn slid(
        &self,
        sessions: Collection<Session>,
        session: Stored<Session>,
        now: Timestamp,
    ) -> Result<Stored<Session>, Error> {
        let SessionPolicy { millis, sliding, .. } = self.inner.policies.sessions;
        let expire = now.plus_millis(millis);
        if !sliding || expire.as_millis() - session.expire.as_millis() < millis / 10 {
            return Ok(session);
        }
        let moved = sessions.update(&session.id, |session| {
            Ok::<_, Error>((session.expire < expire).then(|| Session {
                expire,
                updated_at: now,
                ..session.clone()
            }))
        });
        // Ended in the meantime.
        moved.await?.ok_or(Error::Unauthorized)
    }

    /// The sessions of a user, in the order in which they were made, those that have ended included; at most
    /// 1000.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`].
    #[verb(user_id)]
    pub async fn list_sessions(&self, user_id: &str) -> Result<Vec<Stored<Session>>, Error> {
        const MOST_SESSIONS: u64 = 1000;
        self.user(user_id).await?;
        let all = sessions_of(user_id).limit(MOST_SESSIONS);
        Ok(self.records::<Session>().list(&all).await?)
    }

    /// A session of a user.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`]; [`Error::SessionNotFound`], also if it is another user's.
    #[verb(user_id)]
    pub async fn get_session(&self, user_id: &str, id: &str) -> Result<Stored<Session>, Error> {
        self.session(user_id, id).await
    }

    /// As [`get_session`](Self::get_session), for other verbs.
    pub(super) async fn session(&self, user_id: &str, id: &str) -> Result<Stored<Session>, Error> {
        self.user(user_id).await?;
        let session = self.records::<Session>().get(id).await?;
        session.filter(|session| *session.user_id == *user_id).ok_or(Error::SessionNotFound)
    }

    /// Ends a session of a user.
    ///
    /// # Errors
    ///
    /// As [`get_session`](Self::get_session).
    #[verb(user_id)]
    pub async fn delete_session(&self, user_id: &str, id: &str) -> Result<(), Error> {
        let session = self.session(user_id, id).await?;
        let filters = vec![ID.equal([id.to_owned()])?, Session::USER_ID.equal(user_id).into()];
        let batch = Batch::new().delete(Session::SCHEMA, filters);
        let deleted = self.note(batch, &session.user_id, "session.delete").await?;
        if deleted == 0 { Err(Error::SessionNotFound) } else { Ok(()) }
    }

    /// Ends all sessions of a user.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`].
    #[verb(user_id)]
    pub async fn delete_sessions(&self, user_id: &str) -> Result<(), Error> {
        let user = self.user(user_id).await?;
        self.note(all_sessions(user_id), &user.id, "session.delete").await.map(drop)
    }

    /// Deletes the sessions of all users that ended before now; says how many there were. For a task that
    /// runs now and then.
    #[verb]
    pub async fn delete_expired_sessions(&self) -> Result<u64, Error> {
        let ended = Session::EXPIRE.less_equal(self.now());
        let batch = Batch::new().delete(Session::SCHEMA, vec![ended.into()]);
        Ok(self.records::<Session>().commit(batch).await?.deleted)
    }

    /// Commits `batch` with an entry in the log of its user; says how many it deleted.
    pub(super) async fn note(
        &self,
        batch: Batch,
        user: &Id,
        event: &'static str,
    ) -> Result<u64, Error> {
        let now = self.now();
        // In a commit of its own, so that what is swept is not counted.
        let swept = self.swept(user, now).await?;
        if !swept.ops().is_empty() {
            self.inner.users.commit(swept).await?;
        }
        let batch = self.noted(batch, user, event, now);
        match self.inner.users.commit(batch).await {
            Ok(committed) => Ok(committed.deleted),
            Err(StoreError::NotFound { schema, .. }) if schema == User::SCHEMA.name => {
                Err(Error::UserNotFound)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The deletion of the sessions that one more would be too many for.
    pub(super) async fn surplus_sessions(&self, user_id: &str) -> Result<Batch, Error> {
        let Some(limit) = self.inner.policies.sessions.limit else { return Ok(Batch::new()) };
        let newest_first = sessions_of(user_id).order(Session::SEQUENCE.descending().into());
        let surplus = newest_first.offset(limit - 1).limit(1);
        let Some(last) = self.records::<Session>().list(&surplus).await?.pop() else {
            return Ok(Batch::new());
        };
        let sequence = i64::try_from(last.sequence()).unwrap_or(i64::MAX);
        let old = Session::USER_ID.equal(user_id).and(Session::SEQUENCE.less_equal(sequence));
        Ok(Batch::new().delete(Session::SCHEMA, vec![old.into()]))
    }
}

fn sessions_of(user_id: &str) -> Query {
    Query::new(Session::SCHEMA).filter(Session::USER_ID.equal(user_id).into())
}

/// The session among what was written.
pub(super) fn made_session(made: Vec<Document>) -> Option<Stored<Session>> {
    let is_session = |document: &Document| document.record().schema() == Session::SCHEMA;
    made.into_iter().find(is_session).map(Stored::from)
}

/// The deletion of all sessions of a user.
pub(super) fn all_sessions(user_id: &str) -> Batch {
    Batch::new().delete(Session::SCHEMA, vec![Session::USER_ID.equal(user_id).into()])
}

/// A session in the making.
#[derive(Debug)]
pub(super) struct Draft {
    provider: Cow<'static, str>,
    factor: Cow<'static, str>,
    pub(super) secret: Secret,
}

impl Draft {
    pub(super) fn new(users: &Users, provider: &'static str, factor: &'static str) -> Self {
        let secret = Secret::new(users, SECRET_DIGITS);
        Self { provider: provider.into(), factor: factor.into(), secret }
    }

    pub(super) fn session(&self, users: &Users, user: &Id, now: Timestamp) -> Session {
        let actor = &users.actor;
        Session {
            id: users.inner.ids.next(now),
            created_at: now,
            updated_at: now,
            user_id: user.clone(),
            provider: self.provider.clone(),
            provider_uid: String::new(),
            secret: self.secret.digest(),
            expire: now.plus_millis(users.inner.policies.sessions.millis),
            factors: vec![self.factor.clone()],
            mfa_updated_at: None,
            ip: actor.ip.map(|ip| ip.to_string()),
            user_agent: actor.user_agent.clone(),
            country: actor.ip.and_then(|ip| users.country(ip)),
        }
    }
}
