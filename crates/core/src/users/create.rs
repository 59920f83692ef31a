//! Creating users, with a new password or with a hash from elsewhere.

use rollbook_macros::verb;

use super::policy::Person;
use super::{Password, Users};
use crate::model::check_name;
use crate::{
    Batch, Credential, Email, Error, PasswordHash, Phone, Record, StoreError, Stored, User,
};

/// What a new user is made of; everything is optional.
///
/// ```
/// use rollbook_core::NewUser;
///
/// let new = NewUser::new().id("ann").email("ann@example.com").password("correct horse").name("Ann");
/// # assert!(!format!("{new:?}").contains("horse"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    id: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    name: Option<String>,
    password: Secret,
}

#[derive(Clone, Debug, Default)]
enum Secret {
    #[default]
    None,
    // The check waits for its turn: the arguments are checked in the order of the API.
    Plain(Result<Password, Error>),
    Hash(PasswordHash),
}

impl NewUser {
    /// A user with a generated id and nothing else.
    pub fn new() -> Self {
        Self::default()
    }

    /// The id; `unique()` generates one, as without this.
    pub fn id(self, id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..self }
    }

    /// The e-mail; stored in lower case, unique.
    pub fn email(self, email: impl Into<String>) -> Self {
        Self { email: Some(email.into()), ..self }
    }

    /// The phone number, `+` and 7 to 15 digits; unique.
    pub fn phone(self, phone: impl Into<String>) -> Self {
        Self { phone: Some(phone.into()), ..self }
    }

    /// The name, 1 to 128 characters.
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// A plain password, 8 to 256 bytes, which is hashed with Argon2id.
    pub fn password(self, password: impl Into<String>) -> Self {
        Self { password: Secret::Plain(Password::parse(password)), ..self }
    }

    /// A hash that was made elsewhere; sign-in verifies with it, and replaces it.
    pub fn password_hash(self, hash: PasswordHash) -> Self {
        Self { password: Secret::Hash(hash), ..self }
    }
}

impl Users {
    /// Creates a user, with a [`Target`](crate::Target) for its e-mail and one for its phone number. Where a
    /// target of somebody else has the e-mail or the number, the user is made without that target.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for the first argument that breaks a rule, and
    /// [`Error::UserAlreadyExists`] when the id, the e-mail or the phone number is taken, and
    /// [`Error::EmailAlreadyExists`] when an identity has the e-mail; what the
    /// [`EmailPolicy`](crate::EmailPolicy) forbids. Nothing is stored then.
    #[verb(|user| &user.id)]
    pub async fn create(&self, new: NewUser) -> Result<Stored<User>, Error> {
        let NewUser { id, email, phone, name, password } = new;
        let now = self.now();
        let id = self.id(id, now)?;
        let email = email.map(|email| Email::parse(&email)).transpose()?;
        let phone = phone.map(|phone| Phone::parse(&phone)).transpose()?;
        let secret = match password {
            Secret::None => None,
            Secret::Plain(password) => {
                let password = password?;
                self.inner.policies.passwords.check(password.as_str())?;
                Some(Ok(password))
            }
            Secret::Hash(hash) => Some(Err(hash)),
        };
        let name = name.map(|name| check_name(name, 1)).transpose()?.unwrap_or_default();
        if let Some(email) = &email {
            self.check_identities(email, None).await?;
        }
        if let Some(Ok(password)) = &secret {
            let (email, phone) = (email.as_deref(), phone.as_deref());
            let person = Person { id: &id, email, name: &name, phone };
            self.inner.policies.passwords.check_personal(password.as_str(), &person)?;
        }
        let email_class = match &email {
            None => None,
            Some(email) => {
                self.inner.policies.emails.check(email)?;
                self.inner.policies.emails.class(email)
            }
        };
        let credential = match secret {
            None => None,
            Some(Ok(password)) => Some(self.hash(password).await?),
            Some(Err(hash)) => Some(Credential::from(&hash)),
        };
        let remembered = usize::from(self.inner.policies.passwords.remembered() > 0);
        let user = User {
            email,
            email_class,
            phone,
            name,
            password_update: credential.as_ref().map(|_| now),
            password_history: credential.iter().take(remembered).cloned().collect(),
            credential,
            ..User::empty(id, now)
        };
        let noted = self.noted(Batch::new(), &user.id, "user.create", now);
        self.insert_with_targets(user, noted, now).await.map_err(taken)
    }

    /// Hashes a new password on a thread made for it.
    pub(super) async fn hash(&self, password: Password) -> Result<Credential, Error> {
        let inner = std::sync::Arc::clone(&self.inner);
        let hash = move || inner.new_credential(password.as_bytes());
        Ok(self.inner.scheduler.run(self.inner.hashing.cost(), hash).await??)
    }
}

/// At creation one error stands for all three: id, e-mail and phone (`spec/users-api.md`, 2.2.1).
pub(super) fn taken(error: StoreError) -> Error {
    match error {
        StoreError::Conflict { schema, .. } if schema == User::SCHEMA.name => {
            Error::UserAlreadyExists
        }
        error => error.into(),
    }
}
