//! Identities of users at other services.

use rollbook_macros::verb;

use super::{IdentityTokens, List, Page, Users};
use crate::{Batch, Error, ID, Identity, Query, Record as _, StoreError, Stored, Timestamp};

/// What a new identity is made of; `Debug` shows no token.
///
/// ```
/// use rollbook_core::NewIdentity;
///
/// let new = NewIdentity::new("google", "117").email("Ann@example.com").access_token("ya29");
/// assert!(!format!("{new:?}").contains("ya29"));
/// ```
#[derive(Clone, Debug)]
pub struct NewIdentity {
    provider: String,
    provider_uid: String,
    email: String,
    tokens: IdentityTokens,
}

impl NewIdentity {
    /// The account `provider_uid` (1 to 2048 characters) of the service `provider` (1 to 128 characters).
    pub fn new(provider: impl Into<String>, provider_uid: impl Into<String>) -> Self {
        let (provider, provider_uid) = (provider.into(), provider_uid.into());
        Self { provider, provider_uid, email: String::new(), tokens: IdentityTokens::new() }
    }

    /// The e-mail of the account, at most 320 characters; stored in ASCII lower case. No other user can take
    /// it from now on. It is taken as the provider has it, without the checks of [`Email`](crate::Email).
    pub fn email(self, email: impl Into<String>) -> Self {
        Self { email: email.into(), ..self }
    }

    /// As [`IdentityTokens::access_token`]; an empty one is none.
    pub fn access_token(self, token: impl Into<String>) -> Self {
        Self { tokens: self.tokens.access_token(token), ..self }
    }

    /// As [`IdentityTokens::access_token_expiry`].
    pub fn access_token_expiry(self, expiry: Timestamp) -> Self {
        Self { tokens: self.tokens.access_token_expiry(expiry), ..self }
    }

    /// As [`IdentityTokens::refresh_token`]; an empty one is none.
    pub fn refresh_token(self, token: impl Into<String>) -> Self {
        Self { tokens: self.tokens.refresh_token(token), ..self }
    }
}

const MOST_PROVIDER_CHARACTERS: usize = 128;
const MOST_UID_CHARACTERS: usize = 2048;
const MOST_EMAIL_CHARACTERS: usize = 320;

impl Users {
    /// Links a user to its account at another service, which belongs to no other user and is linked once. It
    /// is the caller who knows that the account is the user's.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for what is too long or missing; [`Error::NoSealingKeys`] if there are
    /// tokens and nothing to seal them with; [`Error::UserNotFound`]; [`Error::IdentityAlreadyExists`].
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let new = NewIdentity::new("google", "117").email("Ann@example.com").access_token("ya29");
    /// let identity = users.create_identity("ann", new).await?;
    /// assert_eq!(identity.provider_email.as_deref(), Some("ann@example.com"));
    /// assert_eq!(users.identity_tokens(&identity.id).await?.access(), Some("ya29"));
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn create_identity(
        &self,
        user_id: &str,
        new: NewIdentity,
    ) -> Result<Stored<Identity>, Error> {
        let NewIdentity { provider, provider_uid, email, tokens } = new;
        check_length("provider", &provider, 1, MOST_PROVIDER_CHARACTERS)?;
        check_length("providerUid", &provider_uid, 1, MOST_UID_CHARACTERS)?;
        let email = email.trim().to_ascii_lowercase();
        check_length("providerEmail", &email, 0, MOST_EMAIL_CHARACTERS)?;
        let now = self.now();
        let id = self.inner.ids.next(now);
        let sealed = self.sealed(&id, &tokens)?;
        let user = self.user(user_id).await?;
        let identity = Identity {
            id,
            created_at: now,
            updated_at: now,
            user_id: user.id.clone(),
            provider,
            provider_uid,
            provider_email: (!email.is_empty()).then_some(email),
            provider_access_token: sealed.access.of(None),
            provider_access_token_expiry: tokens.access_expiry(),
            provider_refresh_token: sealed.refresh.of(None),
        };
        let noted = self.noted(Batch::new(), &user.id, "identity.create", now);
        self.records::<Identity>().insert_and(identity, noted).await.map_err(|error| match error {
            StoreError::NotFound { .. } => Error::UserNotFound,
            StoreError::Conflict { schema, .. } if schema == Identity::SCHEMA.name => {
                Error::IdentityAlreadyExists
            }
            error => error.into(),
        })
    }

    /// A page of the identities of all users, and how many there are in all. There is nothing to search in.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let account = Identity::PROVIDER.equal("google").and(Identity::PROVIDER_UID.equal("117"));
    /// let page = users.list_identities(List::new().filter(account)).await?;
    /// assert!(page.records.iter().all(|identity| identity.provider == "google"));
    /// # Ok(()) }
    /// ```
    #[verb]
    pub async fn list_identities(&self, list: List<Identity>) -> Result<Page<Identity>, Error> {
        self.page(list).await
    }

    /// The identity with this id.
    ///
    /// # Errors
    ///
    /// [`Error::IdentityNotFound`] if there is none.
    #[verb(|identity| &identity.user_id)]
    pub async fn get_identity(&self, id: &str) -> Result<Stored<Identity>, Error> {
        self.identity(id).await
    }

    /// As [`get_identity`](Self::get_identity), for other verbs.
    pub(super) async fn identity(&self, id: &str) -> Result<Stored<Identity>, Error> {
        self.records::<Identity>().get(id).await?.ok_or(Error::IdentityNotFound)
    }

    /// Unlinks a user from its account at another service. The user is left as it is.
    ///
    /// # Errors
    ///
    /// [`Error::IdentityNotFound`].
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users, identity: &Identity) -> Result<(), Error> {
    /// users.delete_identity(&identity.id).await?;
    /// assert!(matches!(users.get_identity(&identity.id).await, Err(Error::IdentityNotFound)));
    /// # Ok(()) }
    /// ```
    #[verb]
    pub async fn delete_identity(&self, id: &str) -> Result<(), Error> {
        let identity = self.identity(id).await?;
        let batch = Batch::new().delete(Identity::SCHEMA, vec![ID.equal([id.to_owned()])?]);
        match self.note(batch, &identity.user_id, "identity.delete").await {
            // It fell with its user in the meantime, or somebody else was faster.
            Ok(0) | Err(Error::UserNotFound) => Err(Error::IdentityNotFound),
            deleted => deleted.map(drop),
        }
    }

    /// Refuses an e-mail that an identity of another user than `user` has (`spec/users-api.md`, 2.2.3 and
    /// 2.4.7).
    ///
    /// It is looked up before the commit. An identity that is made in between stands beside the user then,
    /// as one does that is made just afterwards, which nothing forbids: so the store needs no rule for it.
    pub(super) async fn check_identities(
        &self,
        email: &str,
        user: Option<&str>,
    ) -> Result<(), Error> {
        let mut others =
            Query::new(Identity::SCHEMA).filter(Identity::PROVIDER_EMAIL.equal(email).into());
        if let Some(user) = user {
            others = others.filter(Identity::USER_ID.not_equal(user).into());
        }
        let taken = !self.records::<Identity>().list(&others.limit(1)).await?.is_empty();
        if taken { Err(Error::EmailAlreadyExists) } else { Ok(()) }
    }

    /// Applies `change` to what is stored, however often others are faster.
    pub(super) async fn change_identity(
        &self,
        id: &str,
        mut change: impl FnMut(&mut Identity) -> Result<(), Error> + Send,
    ) -> Result<Stored<Identity>, Error> {
        let (identities, now) = (self.records::<Identity>(), self.now());
        let updated = identities.update_and(id, |identity| {
            let mut changed = identity.clone();
            change(&mut changed)?;
            if changed == *identity {
                return Ok(None);
            }
            changed.updated_at = now;
            let noted = self.noted(Batch::new(), &identity.user_id, "identity.update", now);
            Ok::<_, Error>(Some((changed, noted)))
        });
        updated.await?.ok_or(Error::IdentityNotFound)
    }
}

fn check_length(field: &'static str, text: &str, least: usize, most: usize) -> Result<(), Error> {
    if (least..=most).contains(&text.chars().take(most + 1).count()) {
        return Ok(());
    }
    let least = if least > 0 { "at least 1 chars and " } else { "" };
    let reason = format!("Value must be a valid string and {least}no longer than {most} chars");
    Err(Error::invalid(field, reason))
}
