//! JSON Web Tokens (RFC 7519) for users, signed with HMAC-SHA256.
//!
//! Ours, because it is forty lines on the HMAC that is here anyway: the usual crates bring RSA and elliptic
//! curves along, and the choice of algorithm that this format is known for getting wrong.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rollbook_macros::verb;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Users;
use crate::{Error, Query, Record, Session, Stored, User};

/// The key that JWTs are signed with: 32 bytes or more. `Debug` does not show it.
#[derive(Clone)]
pub struct JwtKey(Zeroizing<Vec<u8>>);

impl JwtKey {
    /// A key of these bytes.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for less than 32.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let bytes = Zeroizing::new(bytes.into());
        if bytes.len() < 32 {
            return Err(Error::invalid("key", "The key must have at least 32 bytes"));
        }
        Ok(Self(bytes))
    }
}

impl std::fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What a JWT of this library says.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    user_id: String,
    session_id: String,
    exp: i64,
}

/// Which session a JWT is bound to: it is refused once that session is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum JwtSession {
    /// The one that was made last; none if there is none.
    #[default]
    Recent,
    /// This one; none if it is none of the user's.
    Id(String),
    /// None: it is good until its time is over.
    None,
}

/// `{"typ":"JWT","alg":"HS256"}`: the one header that is written, and the one that is read.
const HEADER: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9";

/// The longest time of a JWT, in seconds.
const MOST_SECONDS: u64 = 3600;

impl Users {
    /// A JWT that stands for a user, for up to an hour.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`]; [`Error::InvalidArgument`] for more than 3600 `seconds`; [`Error::NoJwtKey`].
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let jwt = users.create_jwt("ann", JwtSession::Recent, 900).await?;
    /// assert_eq!(users.validate_jwt(&jwt).await?.0.id.as_str(), "ann");
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn create_jwt(
        &self,
        user_id: &str,
        session: JwtSession,
        seconds: u64,
    ) -> Result<String, Error> {
        if seconds > MOST_SECONDS {
            let reason = format!("Value must be a valid range between 0 and {MOST_SECONDS}");
            return Err(Error::invalid("duration", reason));
        }
        let user = self.user(user_id).await?;
        let session_id = match session {
            JwtSession::None => None,
            JwtSession::Id(id) => match self.session(user_id, &id).await {
                Ok(session) => Some(session.id.to_string()),
                Err(Error::SessionNotFound) => None,
                Err(error) => return Err(error),
            },
            JwtSession::Recent => {
                let recent = Query::new(Session::SCHEMA)
                    .filter(Session::USER_ID.equal(user_id).into())
                    .order(Session::SEQUENCE.descending().into())
                    .limit(1);
                let found = self.records::<Session>().list(&recent).await?.pop();
                found.map(|session| session.id.to_string())
            }
        };
        let exp = self.now().as_millis() / 1000 + i64::try_from(seconds).unwrap_or(0);
        let claims = Claims {
            user_id: user.id.to_string(),
            session_id: session_id.unwrap_or_default(),
            exp,
        };
        let claims = serde_json::to_vec(&claims)
            .map_err(|_| Error::Internal("claims that are no JSON".into()))?;
        let signed = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.mac(&signed)?.finalize().into_bytes());
        Ok(format!("{signed}.{signature}"))
    }

    /// The user that a JWT stands for, and the session that it is bound to.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthorized`] for a JWT that is not ours, whose time is over, or whose user or session is gone;
    /// [`Error::UserBlocked`].
    #[verb(|(user, _)| &user.id)]
    pub async fn validate_jwt(
        &self,
        jwt: &str,
    ) -> Result<(Stored<User>, Option<Stored<Session>>), Error> {
        let (signed, signature) = jwt.rsplit_once('.').ok_or(Error::Unauthorized)?;
        let (header, claims) = signed.split_once('.').ok_or(Error::Unauthorized)?;
        if header != HEADER {
            return Err(Error::Unauthorized);
        }
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::Unauthorized);
        // In constant time, and before anything is believed.
        let mac = self.mac(signed)?;
        mac.verify_slice(&decode(signature)?).map_err(|_| Error::Unauthorized)?;
        let claims: Claims =
            serde_json::from_slice(&decode(claims)?).map_err(|_| Error::Unauthorized)?;
        if claims.exp <= self.now().as_millis() / 1000 {
            return Err(Error::Unauthorized);
        }
        let user = self.inner.users.get(&claims.user_id).await?.ok_or(Error::Unauthorized)?;
        if !user.status {
            return Err(Error::UserBlocked);
        }
        if claims.session_id.is_empty() {
            return Ok((user, None));
        }
        let session = self.records::<Session>().get(&claims.session_id).await?;
        let now = self.now();
        let live =
            session.filter(|session| session.user_id == user.id && !session.has_expired(now));
        Ok((user, Some(live.ok_or(Error::Unauthorized)?)))
    }

    fn mac(&self, signed: &str) -> Result<Hmac<Sha256>, Error> {
        let JwtKey(key) = self.inner.jwt_key.as_ref().ok_or(Error::NoJwtKey)?;
        let mac = Hmac::<Sha256>::new_from_slice(key)
            .map_err(|_| Error::Internal("a key that HMAC refuses".into()))?;
        // So that it stands for nobody in another tenant, where the same id may be somebody else's.
        let mac = match &self.inner.tenant {
            Some(tenant) => mac.chain_update(tenant.as_bytes()).chain_update("/"),
            None => mac,
        };
        Ok(mac.chain_update(signed))
    }
}
