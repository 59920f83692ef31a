//! API keys.

use rollbook_macros::verb;

use constant_time_eq::constant_time_eq;
use zeroize::Zeroizing;

use super::sign_in::is_due;
use super::{Secret, Users};
use crate::model::{SecretDigest, check_name};
use crate::{ApiKey, Collection, Error, Query, Record as _, Scope, Stored, Timestamp};

/// What a new API key is made of.
///
/// ```
/// use rollbook_core::{NewApiKey, Scope};
///
/// let new = NewApiKey::new("backend", [Scope::UsersRead, Scope::UsersWrite]).project("acme");
/// # let _ = new;
/// ```
#[derive(Clone, Debug)]
pub struct NewApiKey {
    name: String,
    project: Option<String>,
    scopes: Vec<Scope>,
    expire: Option<Timestamp>,
}

impl NewApiKey {
    /// A key with a name of 1 to 128 characters and one scope at least, for all projects and for ever.
    pub fn new(name: impl Into<String>, scopes: impl IntoIterator<Item = Scope>) -> Self {
        let (name, scopes) = (name.into(), scopes.into_iter().collect());
        Self { name, project: None, scopes, expire: None }
    }

    /// The only project that it opens.
    pub fn project(self, project: impl Into<String>) -> Self {
        Self { project: Some(project.into()), ..self }
    }

    /// When it ends.
    pub fn expire(self, expire: Timestamp) -> Self {
        Self { expire: Some(expire), ..self }
    }
}

/// What a secret begins with, as those of the service do: it tells scanners of leaked secrets what it is.
const PREFIX: &str = "standard_";
/// The hexadecimal digits behind it: 256 bits.
const DIGITS: usize = 64;

/// Keys belong to the server, so that every handle, of whatever tenant, has the same.
impl Users {
    /// Makes an API key. The secret is what a client shows from now on; nobody can tell it again.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for `name`, `project`, or `scopes` if there are none.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let (key, secret) = users.create_api_key(NewApiKey::new("backend", [Scope::UsersRead])).await?;
    /// let found = users.find_api_key(secret.as_str()).await?;
    /// assert_eq!(found.map(|found| found.id.clone()), Some(key.id.clone()));
    /// # Ok(()) }
    /// ```
    #[verb]
    pub async fn create_api_key(&self, new: NewApiKey) -> Result<(Stored<ApiKey>, Secret), Error> {
        let NewApiKey { name, project, scopes, expire } = new;
        if scopes.is_empty() {
            return Err(Error::invalid("scopes", "there must be one at least"));
        }
        let mut once = Vec::with_capacity(scopes.len());
        for scope in scopes {
            if !once.contains(&scope) {
                once.push(scope);
            }
        }
        let now = self.now();
        let digits = Secret::new(self, DIGITS);
        let secret = Secret::of(Zeroizing::new(format!("{PREFIX}{}", digits.as_str())));
        let key = ApiKey {
            id: self.inner.ids.next(now),
            created_at: now,
            updated_at: now,
            name: check_name(name, 1)?,
            project: project.map(super::project_id).transpose()?,
            scopes: once,
            secret: secret.digest(),
            expire,
            accessed_at: None,
        };
        Ok((self.api_keys().insert(key).await?, secret))
    }

    /// All API keys, those that have ended included, in the order in which they were made.
    #[verb]
    pub async fn list_api_keys(&self) -> Result<Vec<Stored<ApiKey>>, Error> {
        Ok(self.api_keys().list(&Query::new(ApiKey::SCHEMA)).await?)
    }

    /// Deletes an API key: its secret opens nothing from now on.
    ///
    /// # Errors
    ///
    /// [`Error::ApiKeyNotFound`].
    #[verb]
    pub async fn delete_api_key(&self, id: &str) -> Result<(), Error> {
        if self.api_keys().delete(id).await? { Ok(()) } else { Err(Error::ApiKeyNotFound) }
    }

    /// The API key that a secret is of, if it is of one. The use is written down, at most once a day.
    ///
    /// # Errors
    ///
    /// [`Error::ApiKeyExpired`].
    #[verb]
    pub async fn find_api_key(&self, secret: &str) -> Result<Option<Stored<ApiKey>>, Error> {
        self.api_key_with(&SecretDigest::of(secret)).await
    }

    /// As [`find_api_key`](Self::find_api_key), for who has the digest of the secret already.
    ///
    /// # Errors
    ///
    /// [`Error::ApiKeyExpired`].
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users, secret: &str) -> Result<(), Error> {
    /// let same = users.find_api_key_by_digest(&SecretDigest::of(secret)).await?;
    /// assert_eq!(same.is_some(), users.find_api_key(secret).await?.is_some());
    /// # Ok(()) }
    /// ```
    #[verb]
    pub async fn find_api_key_by_digest(
        &self,
        digest: &SecretDigest,
    ) -> Result<Option<Stored<ApiKey>>, Error> {
        self.api_key_with(digest).await
    }

    async fn api_key_with(&self, digest: &SecretDigest) -> Result<Option<Stored<ApiKey>>, Error> {
        let keys = self.api_keys();
        let field = ApiKey::SCHEMA.field("secret")?;
        let found = keys.find(field, digest.as_str().to_owned().into()).await?;
        // How long the store took tells of the digest, which nobody can choose; this tells nothing.
        let same = |key: &Stored<ApiKey>| {
            constant_time_eq(key.secret.as_str().as_bytes(), digest.as_str().as_bytes())
        };
        let Some(key) = found.filter(same) else { return Ok(None) };
        let now = self.now();
        if key.has_expired(now) {
            return Err(Error::ApiKeyExpired);
        }
        if !is_due(key.accessed_at, now) {
            return Ok(Some(key));
        }
        // Deleted in the meantime: there is no such key.
        keys.update(&key.id, |key| {
            let used = || ApiKey { accessed_at: Some(now), ..key.clone() };
            Ok::<_, Error>(is_due(key.accessed_at, now).then(used))
        })
        .await
    }

    fn api_keys(&self) -> Collection<ApiKey> {
        Collection::new(std::sync::Arc::clone(&self.inner.store))
    }
}
