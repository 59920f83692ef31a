//! Testing what you build on rollbook: real users, in memory, in no time.
//!
//! [`TestUsers`] is a [`Users`] on the store in memory, whose hashes cost next to nothing, whose clock stands
//! still until it is advanced, and whose ids, salts and secrets follow from a seed: the same test does the same
//! thing byte for byte, every time. It is the library that runs in production, not a mock of it.
//!
//! ```toml
//! [dev-dependencies]
//! rollbook = { version = "0.1", features = ["test-util"] }
//! ```
//!
//! # A rule of your own
//!
//! Your function takes a [`Users`]; the test gives it one.
//!
//! ```
//! use rollbook::testing::TestUsers;
//! use rollbook::{Error, ListUsers, NewUser, User, Users};
//!
//! /// Blocks everybody without a verified e-mail; says how many that are.
//! async fn block_unverified(users: &Users) -> Result<u64, Error> {
//!     let unverified = ListUsers::new().filter(User::EMAIL_VERIFICATION.equal(false)).limit(5000);
//!     let page = users.list(unverified).await?;
//!     for user in &page.users {
//!         users.update_status(&user.id, false).await?;
//!     }
//!     Ok(page.total)
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let users = TestUsers::new();
//! let ann = users.ann().await;
//! let bob = users.create(NewUser::new().email("bob@example.com")).await?;
//! users.update_email_verification(&ann.id, true).await?;
//!
//! assert_eq!(block_unverified(&users).await?, 1);
//! assert!(users.get(&ann.id).await?.status);
//! assert!(!users.get(&bob.id).await?.status);
//! # Ok::<(), Error>(()) }).unwrap();
//! ```
//!
//! # What happens later
//!
//! The clock is advanced by hand, so that a year takes no time.
//!
//! ```
//! use rollbook::testing::{PASSWORD, TestUsers};
//! use rollbook::{Error, Policies, SessionPolicy};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let an_hour = Policies::new().sessions(SessionPolicy::new().seconds(3600));
//! let users = TestUsers::with(|builder| builder.policies(an_hour));
//! users.ann().await;
//! let session = users.create_password_session("ann@example.com", PASSWORD).await?;
//! users.validate_session(session.secret.as_str()).await?;
//!
//! users.advance_seconds(3600);
//! let ended = users.validate_session(session.secret.as_str()).await;
//! assert!(matches!(ended, Err(Error::Unauthorized)));
//! # Ok::<(), Error>(()) }).unwrap();
//! ```
//!
//! # The same every time
//!
//! ```
//! use rollbook::testing::TestUsers;
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let (one, same) = (TestUsers::seeded(7), TestUsers::seeded(7));
//! assert_eq!(one.ann().await.to_wire(), same.ann().await.to_wire(), "id, salt and hash");
//! assert_ne!(one.bob().await.id, TestUsers::seeded(8).ann().await.id);
//! # });
//! ```
//!
//! What follows from a seed does so as long as the verbs are called one after the other.

use std::ops::Deref;
use std::sync::Arc;

use rollbook_core::{
    Argon2Params, ManualClock, NewUser, SeededRandom, Stored, Timestamp, User, Users, UsersBuilder,
};
use rollbook_memory::MemoryStore;

/// The password of the users that [`TestUsers`] makes.
pub const PASSWORD: &str = "correct horse battery staple";

/// Where the clock of [`TestUsers`] starts: the first moment of 2026, in milliseconds.
pub const START: i64 = 1_767_225_600_000;

/// [`Users`] for tests; it dereferences to them.
#[derive(Debug)]
pub struct TestUsers {
    users: Users,
    clock: Arc<ManualClock>,
}

impl Default for TestUsers {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for TestUsers {
    type Target = Users;

    fn deref(&self) -> &Users {
        &self.users
    }
}

impl TestUsers {
    /// Nobody yet; everything follows from the seed 1.
    pub fn new() -> Self {
        Self::seeded(1)
    }

    /// The same with another seed.
    pub fn seeded(seed: u64) -> Self {
        Self::made(seed, |builder| builder)
    }

    /// The same, set up otherwise.
    pub fn with(set_up: impl FnOnce(UsersBuilder) -> UsersBuilder) -> Self {
        Self::made(1, set_up)
    }

    fn made(seed: u64, set_up: impl FnOnce(UsersBuilder) -> UsersBuilder) -> Self {
        let start = Timestamp::from_millis(START).expect("the start is a time");
        let clock = Arc::new(ManualClock::new(start));
        let builder = Users::builder(Arc::new(MemoryStore::new()))
            .clock(clock.clone())
            .random(Arc::new(SeededRandom::new(seed)))
            .hashing(Argon2Params::insecure_for_tests());
        Self { users: set_up(builder).build(), clock }
    }

    /// The clock.
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// Lets time go by.
    pub fn advance_seconds(&self, seconds: u32) {
        self.clock.advance(i64::from(seconds) * 1000);
    }

    /// A user called Ann, `ann@example.com`, with the password [`PASSWORD`].
    ///
    /// # Panics
    ///
    /// If she is there already.
    pub async fn ann(&self) -> Stored<User> {
        self.person("Ann").await
    }

    /// The same called Bob.
    ///
    /// # Panics
    ///
    /// If he is there already.
    pub async fn bob(&self) -> Stored<User> {
        self.person("Bob").await
    }

    /// The same called `name`, with an e-mail of that name in lower case.
    ///
    /// # Panics
    ///
    /// If the user is there already, or the name makes no e-mail.
    pub async fn person(&self, name: &str) -> Stored<User> {
        let email = format!("{}@example.com", name.to_lowercase());
        let new = NewUser::new().name(name).email(email).password(PASSWORD);
        self.create(new).await.expect("a fixture can be made once")
    }
}
