//! The verbs of the Users service.

mod actor;
mod api_key;
mod attributes;
mod authenticator;
mod challenge;
mod contact;
mod countries;
mod create;
mod decoys;
mod factors;
mod identity;
mod identity_tokens;
mod import;
mod jwt;
mod kept;
mod list;
mod log;
mod membership;
mod observe;
mod password;
mod pepper;
mod policies;
mod policy;
mod proof;
mod recovery_codes;
mod sealing;
mod sender;
mod session;
mod sign_in;
mod target;
mod team;
mod tenant;
mod token;
mod totp;
mod update;
mod usage;
mod wrap;

pub use actor::Actor;
pub use api_key::NewApiKey;
pub use authenticator::NewAuthenticator;
pub use countries::Countries;
#[cfg(feature = "maxmind")]
pub use countries::{MaxMind, MaxMindError};
pub use create::NewUser;
pub use factors::{FactorPolicy, Factors};
pub use identity::NewIdentity;
pub use identity_tokens::IdentityTokens;
pub use import::ImportedUser;
pub use jwt::{JwtKey, JwtSession};
pub use list::{List, ListUsers, Page, UserList};
pub use log::{ListLogs, LogList, LogPolicy};
pub use password::Password;
pub use pepper::Peppers;
pub use policies::Policies;
pub use policy::{
    CommonPasswords, EmailDomains, EmailPolicy, KnownDomains, PasswordDictionary, PasswordPolicy,
    Strength,
};
pub use sealing::SealingKeys;
pub use sender::{Message, Sender};
pub use session::{NewSession, Secret, SessionPolicy};
pub use target::{NewTarget, TargetChange};
pub use team::NewTeam;
pub(crate) use tenant::project_id;
pub use token::NewToken;
pub use usage::{Usage, UsagePoint, UsageRange};

use std::ops::Deref;
use std::sync::Arc;

use rollbook_macros::verb;

use crate::{
    Argon2Params, Clock, Collection, Credential, Error, Field, HashError, HashOptions,
    HashScheduler, Id, IdSource, Limits, OsRandom, PasswordHash, Random, Record, SchedulerOptions,
    SchedulerStats, Stored, SystemClock, TimeIds, Timestamp, User, UserStore, Value,
};
use decoys::Decoys;
use observe::StoreName;

/// The users in a store.
///
/// A cheap handle: clone it and share it between tasks. The verbs bear the names of the Users API in
/// snake case and follow its rules (`spec/users-api.md`).
///
/// ```
/// # use rollbook_core::*;
/// # async fn example(store: std::sync::Arc<dyn UserStore>) -> Result<(), Error> {
/// let users = Users::new(store);
/// let ann = users.create(NewUser::new().email("Ann@example.com").password("correct horse")).await?;
/// assert_eq!(ann.email.as_deref(), Some("ann@example.com"));
///
/// let ann = users.sign_in("ann@example.com", "correct horse").await?;
/// assert!(ann.accessed_at.is_some());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Users {
    inner: Arc<Inner>,
    actor: Arc<Actor>,
}

/// The users of a tenant, or those of none, and what all of them share.
#[derive(Debug)]
struct Inner {
    users: Collection<User>,
    tenant: Option<Id>,
    shared: Arc<Shared>,
}

impl Deref for Inner {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

#[derive(Debug)]
struct Shared {
    /// The store with the records of all tenants, and of none.
    store: Arc<dyn UserStore>,
    store_name: StoreName,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    random: Arc<dyn Random>,
    hashing: Argon2Params,
    limits: Limits,
    peppers: Peppers,
    policies: Policies,
    scheduler: HashScheduler,
    decoys: Decoys,
    countries: Option<Arc<dyn Countries>>,
    sender: Option<Arc<dyn Sender>>,
    jwt_key: Option<JwtKey>,
    sealing: Option<SealingKeys>,
}

/// How [`Users`] is set up; every part has a default.
///
/// ```
/// # use rollbook_core::*;
/// # use std::sync::Arc;
/// # fn example(store: Arc<dyn UserStore>) {
/// let users = Users::builder(store)
///     .clock(Arc::new(ManualClock::new(Timestamp::from_millis(0).unwrap())))
///     .random(Arc::new(SeededRandom::new(1)))
///     .build();
/// # }
/// ```
#[derive(Debug)]
pub struct UsersBuilder {
    store: Arc<dyn UserStore>,
    clock: Arc<dyn Clock>,
    ids: Option<Arc<dyn IdSource>>,
    random: Arc<dyn Random>,
    hashing: Argon2Params,
    limits: Limits,
    peppers: Peppers,
    policies: Policies,
    scheduling: SchedulerOptions,
    countries: Option<Arc<dyn Countries>>,
    sender: Option<Arc<dyn Sender>>,
    jwt_key: Option<JwtKey>,
    sealing: Option<SealingKeys>,
}

impl UsersBuilder {
    /// Where the time comes from. Default: [`SystemClock`].
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Where salts and, unless [`ids`](Self::ids) says otherwise, ids come from. Default: [`OsRandom`].
    pub fn random(self, random: Arc<dyn Random>) -> Self {
        Self { random, ..self }
    }

    /// Where generated ids come from. Default: [`TimeIds`].
    pub fn ids(self, ids: Arc<dyn IdSource>) -> Self {
        Self { ids: Some(ids), ..self }
    }

    /// The cost of new password hashes, and what older ones are upgraded to. Default: OWASP's Argon2id.
    pub fn hashing(self, hashing: Argon2Params) -> Self {
        Self { hashing, ..self }
    }

    /// What a password hash may cost. Default: [`Limits::default`].
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The secret keys that go into new password hashes. Default: none.
    pub fn peppers(self, peppers: Peppers) -> Self {
        Self { peppers, ..self }
    }

    /// The rules for passwords, sessions, logs and the rest. Default: [`Policies::default`].
    pub fn policies(self, policies: Policies) -> Self {
        Self { policies, ..self }
    }

    /// How much is hashed at a time, and how long one may wait for it. Default:
    /// [`SchedulerOptions::default`].
    pub fn scheduling(self, scheduling: SchedulerOptions) -> Self {
        Self { scheduling, ..self }
    }

    /// Where addresses are. Default: nobody knows.
    pub fn countries(self, countries: Arc<dyn Countries>) -> Self {
        Self { countries: Some(countries), ..self }
    }

    /// What brings messages to users. Default: nothing, and the verbs that send are refused.
    pub fn sender(self, sender: Arc<dyn Sender>) -> Self {
        Self { sender: Some(sender), ..self }
    }

    /// The key that JWTs are signed with. Default: none, and there are no JWTs.
    pub fn jwt_key(self, key: JwtKey) -> Self {
        Self { jwt_key: Some(key), ..self }
    }

    /// The keys that seal the tokens of identities and the second factors. Default: none; identities have no
    /// tokens then, and the secrets of authenticators, recovery codes and the answers of challenges rest
    /// readable. Those that rest readable are read with keys as well, and sealed when their record is next
    /// written; [`Users::reseal_factors`] does it for all.
    pub fn sealing_keys(self, keys: SealingKeys) -> Self {
        Self { sealing: Some(keys), ..self }
    }

    /// The handle.
    pub fn build(self) -> Users {
        let Self {
            store,
            clock,
            ids,
            random,
            hashing,
            limits,
            peppers,
            policies,
            scheduling,
            countries,
            sender,
            jwt_key,
            sealing,
        } = self;
        let ids = ids.unwrap_or_else(|| Arc::new(TimeIds::new(Arc::clone(&random))));
        let store_name = StoreName::of(store.as_ref());
        let users = Collection::new(Arc::clone(&store));
        let (scheduler, decoys) = (HashScheduler::new(scheduling), Decoys::default());
        let shared = Shared {
            store,
            store_name,
            clock,
            ids,
            random,
            hashing,
            limits,
            peppers,
            policies,
            scheduler,
            decoys,
            countries,
            sender,
            jwt_key,
            sealing,
        };
        let inner = Inner { users, tenant: None, shared: Arc::new(shared) };
        Users { inner: Arc::new(inner), actor: Arc::default() }
    }
}

impl Users {
    /// The users in `store`, with defaults for everything else.
    pub fn new(store: Arc<dyn UserStore>) -> Self {
        Self::builder(store).build()
    }

    /// The users in `store`, to be set up otherwise.
    pub fn builder(store: Arc<dyn UserStore>) -> UsersBuilder {
        UsersBuilder {
            store,
            clock: Arc::new(SystemClock),
            ids: None,
            random: Arc::new(OsRandom),
            hashing: Argon2Params::default(),
            limits: Limits::default(),
            peppers: Peppers::default(),
            policies: Policies::default(),
            scheduling: SchedulerOptions::default(),
            countries: None,
            sender: None,
            jwt_key: None,
            sealing: None,
        }
    }

    /// How much was hashed, is hashed, and waits to be hashed.
    pub fn scheduler_stats(&self) -> SchedulerStats {
        self.inner.scheduler.stats()
    }

    /// Reads a hash that was made elsewhere, under the limits of this handle.
    ///
    /// # Errors
    ///
    /// [`HashError`], as [`PasswordHash::import`].
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # fn example(users: &Users) {
    /// let text = "144fa7eaa4904e8ee120651997f70dcc";
    /// assert!(users.import_hash("md5", text, &HashOptions::new()).is_ok());
    /// assert!(users.import_hash("bcrypt", text, &HashOptions::new()).is_err());
    /// # }
    /// ```
    pub fn import_hash(
        &self,
        scheme: &str,
        text: &str,
        options: &HashOptions,
    ) -> Result<PasswordHash, HashError> {
        PasswordHash::import(scheme, text, options, &self.inner.limits)
    }

    /// The user with this id.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`] if there is none.
    #[verb(id)]
    pub async fn get(&self, id: &str) -> Result<Stored<User>, Error> {
        self.user(id).await
    }

    /// The user with this e-mail, compared in lower case, if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if `email` is none.
    #[verb(|found| found.as_ref().map(|user| &user.id))]
    pub async fn find_by_email(&self, email: &str) -> Result<Option<Stored<User>>, Error> {
        self.user_by_email(email).await
    }

    /// The user with this phone number, if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if `phone` is none.
    #[verb(|found| found.as_ref().map(|user| &user.id))]
    pub async fn find_by_phone(&self, phone: &str) -> Result<Option<Stored<User>>, Error> {
        self.user_by_phone(phone).await
    }

    /// Deletes the user with this id and everything that belongs to it.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`] if there is none.
    #[verb(id)]
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        if self.inner.users.delete(id).await? { Ok(()) } else { Err(Error::UserNotFound) }
    }

    /// As [`get`](Self::get), for other verbs: what they do for each other has no span and is not counted.
    async fn user(&self, id: &str) -> Result<Stored<User>, Error> {
        self.inner.users.get(id).await?.ok_or(Error::UserNotFound)
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<Stored<User>>, Error> {
        self.find("email", crate::Email::parse(email)?.into()).await
    }

    async fn user_by_phone(&self, phone: &str) -> Result<Option<Stored<User>>, Error> {
        self.find("phone", crate::Phone::parse(phone)?.into()).await
    }

    async fn find(&self, field: &str, value: String) -> Result<Option<Stored<User>>, Error> {
        Ok(self.inner.users.find(field_of(field), Value::from(value)).await?)
    }

    /// The records of another type, in the same store.
    fn records<T: Record>(&self) -> Collection<T> {
        Collection::new(Arc::clone(self.inner.users.store()))
    }

    fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The id that the caller chose, or a new one for none or `unique()`.
    fn id(&self, chosen: Option<String>, now: Timestamp) -> Result<Id, Error> {
        match chosen.as_deref() {
            None | Some("unique()") => Ok(self.inner.ids.next(now)),
            Some(_) => Id::parse(chosen.unwrap_or_default()),
        }
    }
}

impl Shared {
    /// What is stored for a new password.
    fn new_credential(&self, password: &[u8]) -> Result<Credential, HashError> {
        let Self { peppers, hashing, random, .. } = self;
        let pepper = peppers.current();
        // The present key is there.
        let peppered = peppers.apply(pepper, password).unwrap_or_default();
        let hash = PasswordHash::hash(&peppered, hashing, random.as_ref())?;
        Ok(Credential::from(&hash).with_pepper(pepper))
    }

    /// Whether `hash`, of `credential`, is that of the password.
    fn is_right(&self, credential: &Credential, hash: &PasswordHash, password: &[u8]) -> bool {
        let peppered = self.peppers.apply(credential.pepper(), password);
        peppered.is_some_and(|peppered| hash.verify(&peppered).is_ok())
    }
}

/// The field of the user schema called `name`.
fn field_of(name: &str) -> &'static Field {
    User::SCHEMA.field(name).expect("the verbs name fields that users have")
}
