//! A `Users` on each store, with a clock, ids and salts that the test decides.

pub(crate) mod recording;

use std::sync::Arc;

use recording::witness;
use rollbook::{
    Argon2Params, ManualClock, MemoryStore, OsRandom, SCHEMAS, SeededRandom, SqliteStore, Tenant,
    Timestamp, UserStore, Users, UsersBuilder, all_schemas, tenanted,
};

/// A `Users` and what its world consists of.
pub(crate) struct World {
    pub(crate) users: Users,
    pub(crate) store: Arc<dyn UserStore>,
    pub(crate) clock: Arc<ManualClock>,
    // Deleted with the world.
    _directory: Option<tempfile::TempDir>,
}

/// 2026-01-01T00:00:00Z.
pub(crate) const START: i64 = 1_767_225_600_000;

impl World {
    pub(crate) fn memory() -> Self {
        Self::new(Arc::new(MemoryStore::new()), None)
    }

    /// A tenant in memory.
    pub(crate) fn tenant() -> Self {
        let store = Arc::new(MemoryStore::with_schemas(all_schemas()));
        let world = Self::new(store.clone(), None);
        let users = world.users.tenant("acme").unwrap();
        // Those of its schemas that were made for `store` have the same names.
        let store = Arc::new(Tenant::new(store, "acme", tenanted(SCHEMAS)).unwrap());
        Self { users, store, ..world }
    }

    pub(crate) fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path().join("users.db")).unwrap();
        Self::new(Arc::new(store), Some(directory))
    }

    #[cfg(feature = "redb")]
    pub(crate) fn redb() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = rollbook::RedbStore::open(directory.path().join("users.redb")).unwrap();
        Self::new(Arc::new(store), Some(directory))
    }

    #[cfg(feature = "sled")]
    pub(crate) fn sled() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = rollbook::SledStore::open(directory.path().join("users.sled")).unwrap();
        Self::new(Arc::new(store), Some(directory))
    }

    fn new(store: Arc<dyn UserStore>, directory: Option<tempfile::TempDir>) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(START).unwrap()));
        let users = builder(Arc::clone(&store))
            .clock(clock.clone())
            .random(witness(SeededRandom::new(1)))
            .hashing(Argon2Params::insecure_for_tests())
            .build();
        Self { users, store, clock, _directory: directory }
    }
}

/// As [`Users::builder`]; what is drawn is recorded as secret.
pub(crate) fn builder(store: Arc<dyn UserStore>) -> UsersBuilder {
    Users::builder(store).random(witness(OsRandom))
}

/// Makes one test per store, of those that the features choose, of each `async fn name(world: World)`.
macro_rules! on_every_store {
    ($($name:ident)*) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::support::World::memory()).await;
            })*
        }
        mod tenant {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::support::World::tenant()).await;
            })*
        }
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::support::World::sqlite()).await;
            })*
        }
        #[cfg(feature = "redb")]
        mod redb {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::support::World::redb()).await;
            })*
        }
        #[cfg(feature = "sled")]
        mod sled {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::support::World::sled()).await;
            })*
        }
    };
}

pub(crate) use on_every_store;
