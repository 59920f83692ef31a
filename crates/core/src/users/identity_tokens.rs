//! The tokens of providers: sealed, opened, renewed.

use std::fmt;

use rollbook_macros::verb;
use zeroize::Zeroizing;

use super::Users;
use super::sealing::{Place, unknown};
use crate::{Error, Identity, Sealed, Stored, Timestamp};

/// The tokens of a provider: those of an identity, in plain text, or those that it is to get.
///
/// They are wiped when they are dropped, and `Debug` does not show them.
///
/// ```
/// use rollbook_core::IdentityTokens;
///
/// let tokens = IdentityTokens::new().access_token("ya29").refresh_token("1//0g");
/// assert_eq!((tokens.access(), tokens.refresh()), (Some("ya29"), Some("1//0g")));
/// assert!(!format!("{tokens:?}").contains("ya29"));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct IdentityTokens {
    access: Option<Zeroizing<String>>,
    access_expiry: Option<Timestamp>,
    refresh: Option<Zeroizing<String>>,
}

impl IdentityTokens {
    /// No tokens.
    pub fn new() -> Self {
        Self::default()
    }

    /// What opens the other service in the name of the user; at most 16,384 bytes.
    pub fn access_token(self, token: impl Into<String>) -> Self {
        Self { access: Some(Zeroizing::new(token.into())), ..self }
    }

    /// Until when the access token is good.
    pub fn access_token_expiry(self, expiry: Timestamp) -> Self {
        Self { access_expiry: Some(expiry), ..self }
    }

    /// What gets a new access token; at most 16,384 bytes.
    pub fn refresh_token(self, token: impl Into<String>) -> Self {
        Self { refresh: Some(Zeroizing::new(token.into())), ..self }
    }

    /// The access token. Keep it out of logs.
    pub fn access(&self) -> Option<&str> {
        self.access.as_ref().map(|token| token.as_str())
    }

    /// Until when the access token is good.
    pub fn access_expiry(&self) -> Option<Timestamp> {
        self.access_expiry
    }

    /// The refresh token. Keep it out of logs.
    pub fn refresh(&self) -> Option<&str> {
        self.refresh.as_ref().map(|token| token.as_str())
    }
}

impl fmt::Debug for IdentityTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |token: Option<&str>| token.map(|_| "[redacted]");
        f.debug_struct("IdentityTokens")
            .field("access", &shown(self.access()))
            .field("access_expiry", &self.access_expiry)
            .field("refresh", &shown(self.refresh()))
            .finish()
    }
}

/// What becomes of the tokens of an identity.
pub(super) struct SealedTokens {
    pub(super) access: Change,
    pub(super) refresh: Change,
}

/// What becomes of a token.
pub(super) enum Change {
    Keep,
    Clear,
    Set(Sealed),
}

impl Change {
    /// The token that was `old`.
    pub(super) fn of(&self, old: Option<Sealed>) -> Option<Sealed> {
        match self {
            Self::Keep => old,
            Self::Clear => None,
            Self::Set(sealed) => Some(sealed.clone()),
        }
    }
}

const MOST_TOKEN_BYTES: usize = 16_384;

const ACCESS: &str = "providerAccessToken";
const REFRESH: &str = "providerRefreshToken";

impl Users {
    /// The tokens of an identity, in plain text.
    ///
    /// # Errors
    ///
    /// [`Error::IdentityNotFound`]; [`Error::UnknownSealingKey`]; [`Error::SealBroken`].
    #[verb]
    pub async fn identity_tokens(&self, id: &str) -> Result<IdentityTokens, Error> {
        let identity = self.identity(id).await?;
        self.tokens_of(&identity)
    }

    /// The tokens of an identity that is at hand, in plain text: nothing is read.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSealingKey`]; [`Error::SealBroken`].
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let page = users.list_identities(List::new()).await?;
    /// for identity in &page.records {
    ///     assert_eq!(users.tokens_of(identity)?, users.identity_tokens(&identity.id).await?);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn tokens_of(&self, identity: &Identity) -> Result<IdentityTokens, Error> {
        let id = &*identity.id;
        Ok(IdentityTokens {
            access: self.opened(id, ACCESS, identity.provider_access_token.as_ref())?,
            access_expiry: identity.provider_access_token_expiry,
            refresh: self.opened(id, REFRESH, identity.provider_refresh_token.as_ref())?,
        })
    }

    /// Sets the tokens of an identity. What `tokens` doesn't have stays, as providers seldom send the refresh
    /// token again; an empty token takes away what is there. A new access token comes with its expiry, or
    /// from then on there is none.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for a token that is too long; [`Error::NoSealingKeys`];
    /// [`Error::IdentityNotFound`].
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users, identity: &Identity) -> Result<(), Error> {
    /// let before = users.identity_tokens(&identity.id).await?;
    /// users.update_identity_tokens(&identity.id, IdentityTokens::new().access_token("ya30")).await?;
    /// let tokens = users.identity_tokens(&identity.id).await?;
    /// assert_eq!((tokens.access(), tokens.refresh()), (Some("ya30"), before.refresh()));
    /// # Ok(()) }
    /// ```
    #[verb(|identity| &identity.user_id)]
    pub async fn update_identity_tokens(
        &self,
        id: &str,
        tokens: IdentityTokens,
    ) -> Result<Stored<Identity>, Error> {
        let sealed = self.sealed(id, &tokens)?;
        let change = |identity: &mut Identity| {
            let renewed = !matches!(sealed.access, Change::Keep);
            if renewed || tokens.access_expiry.is_some() {
                identity.provider_access_token_expiry = tokens.access_expiry;
            }
            let (access, refresh) =
                (&mut identity.provider_access_token, &mut identity.provider_refresh_token);
            *access = sealed.access.of(access.take());
            *refresh = sealed.refresh.of(refresh.take());
            Ok(())
        };
        self.change_identity(id, change).await
    }

    /// Seals the tokens of an identity anew if an older key sealed one of them; says whether one did. After a
    /// change of the key, go over all identities with it. Tokens that are set meanwhile win.
    ///
    /// # Errors
    ///
    /// [`Error::NoSealingKeys`] if there are tokens; those of [`identity_tokens`](Self::identity_tokens).
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users, identity: &Identity) -> Result<(), Error> {
    /// users.reseal_identity(&identity.id).await?;
    /// assert!(!users.reseal_identity(&identity.id).await?, "it is done");
    /// # Ok(()) }
    /// ```
    #[verb]
    pub async fn reseal_identity(&self, id: &str) -> Result<bool, Error> {
        let mut resealed = false;
        let change = |identity: &mut Identity| {
            resealed = false;
            for (field, token) in [
                (ACCESS, &mut identity.provider_access_token),
                (REFRESH, &mut identity.provider_refresh_token),
            ] {
                let Some(sealed) = token else { continue };
                let keys = self.inner.sealing.as_ref().ok_or(Error::NoSealingKeys)?;
                if !keys.is_current(sealed) {
                    let place = Place { user: None, id, field };
                    let plain = keys.open(place, sealed)?;
                    *sealed = keys.seal(self.inner.random.as_ref(), place, &plain)?;
                    resealed = true;
                }
            }
            Ok(())
        };
        self.change_identity(id, change).await?;
        Ok(resealed)
    }

    /// The tokens as the identity `id` keeps them.
    pub(super) fn sealed(&self, id: &str, tokens: &IdentityTokens) -> Result<SealedTokens, Error> {
        let seal = |field, token: Option<&str>| {
            let Some(token) = token else { return Ok(Change::Keep) };
            if token.len() > MOST_TOKEN_BYTES {
                let reason = "Value must be a valid string and no longer than 16384 bytes";
                return Err(Error::invalid(field, reason));
            }
            if token.is_empty() {
                return Ok(Change::Clear);
            }
            let keys = self.inner.sealing.as_ref().ok_or(Error::NoSealingKeys)?;
            keys.seal(self.inner.random.as_ref(), Place { user: None, id, field }, token)
                .map(Change::Set)
        };
        let access = seal(ACCESS, tokens.access())?;
        Ok(SealedTokens { access, refresh: seal(REFRESH, tokens.refresh())? })
    }

    fn opened(
        &self,
        id: &str,
        field: &'static str,
        sealed: Option<&Sealed>,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        let Some(sealed) = sealed else { return Ok(None) };
        let keys = self.inner.sealing.as_ref().ok_or_else(|| unknown(sealed))?;
        keys.open(Place { user: None, id, field }, sealed).map(Some)
    }
}
