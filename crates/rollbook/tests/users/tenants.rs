//! What `World::tenant` does not show: several tenants, and none, in one store; and files that get tenants.

use std::sync::Arc;

use rollbook::{
    Argon2Params, Error, ListUsers, MemoryStore, NewTeam, NewUser, SCHEMAS, Schema, SqliteOptions,
    UserStore, Users, all_schemas,
};
use tempfile::TempDir;

/// A kind of file, opened with these schemas.
type Open = fn(&TempDir, &'static [&'static Schema]) -> Arc<dyn UserStore>;

const FILES: &[Open] = &[
    |place, schemas| {
        let options = SqliteOptions::new().schemas(schemas);
        Arc::new(options.open(place.path().join("users.db")).unwrap())
    },
    #[cfg(feature = "redb")]
    |place, schemas| {
        let options = rollbook::RedbOptions::new().schemas(schemas);
        Arc::new(options.open(place.path().join("users.redb")).unwrap())
    },
    #[cfg(feature = "sled")]
    |place, schemas| {
        let options = rollbook::SledOptions::new().schemas(schemas);
        Arc::new(options.open(place.path().join("users.sled")).unwrap())
    },
];

fn users(store: Arc<dyn UserStore>) -> Users {
    Users::builder(store).hashing(Argon2Params::insecure_for_tests()).build()
}

fn ann() -> NewUser {
    NewUser::new().id("ann").name("Ann").email("ann@x.co").phone("+14155550100")
}

async fn total(users: &Users, list: ListUsers) -> (u64, usize) {
    let page = users.list(list).await.unwrap();
    (page.total, page.users.len())
}

/// The plain users and those of two tenants: each does what the others have done before.
async fn worlds_of_their_own(all: &Users) {
    let worlds = ["default", "acme", "acme.eu"].map(|id| all.tenant(id).unwrap());
    for (place, users) in worlds.iter().enumerate() {
        users.create(ann().password(format!("correct horse {place}"))).await.unwrap();
        let again = users.create(ann()).await.unwrap_err();
        assert!(matches!(again, Error::UserAlreadyExists), "{again:?}");
        users.create_team(NewTeam::new("Night").id("night")).await.unwrap();
        let taken = users.create_team(NewTeam::new("Night").id("night")).await.unwrap_err();
        assert!(matches!(taken, Error::TeamAlreadyExists), "{taken:?}");
    }
    for (place, users) in worlds.iter().enumerate() {
        assert_eq!(total(users, ListUsers::new()).await, (1, 1));
        assert_eq!(total(users, ListUsers::new().search("ann").unwrap()).await, (1, 1));
        assert_eq!(total(users, ListUsers::new().search("acme").unwrap()).await, (0, 0));
        let password = format!("correct horse {place}");
        for (other, elsewhere) in worlds.iter().enumerate() {
            let session = elsewhere.create_password_session("ann@x.co", &password).await;
            assert_eq!(session.is_ok(), other == place, "{place} at {other}");
            if let Ok(session) = session {
                let secret = session.secret.as_str();
                for (third, users) in worlds.iter().enumerate() {
                    assert_eq!(users.validate_session(secret).await.is_ok(), third == place);
                }
            }
        }
    }
    let [plain, acme, eu] = &worlds;
    acme.update_name("ann", "Anna").await.unwrap();
    acme.delete("ann").await.unwrap();
    assert!(matches!(acme.delete("ann").await, Err(Error::UserNotFound)));
    assert!(matches!(acme.list_sessions("ann").await, Err(Error::UserNotFound)));
    for users in [plain, eu] {
        assert_eq!(users.get("ann").await.unwrap().name, "Ann");
        assert_eq!(users.list_sessions("ann").await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_memory_each_tenant_has_its_own_world() {
    let store = Arc::new(MemoryStore::with_schemas(all_schemas()));
    worlds_of_their_own(&users(store)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_file_each_tenant_has_its_own_world() {
    for open in FILES {
        let place = TempDir::new().unwrap();
        worlds_of_their_own(&users(open(&place, all_schemas()))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_gets_tenants_and_can_be_opened_without() {
    for open in FILES {
        let place = TempDir::new().unwrap();
        let plain = users(open(&place, SCHEMAS));
        plain.create(ann()).await.unwrap();
        let error = plain.tenant("acme").unwrap().create(ann()).await.unwrap_err();
        assert!(error.to_string().contains("tenant_"), "{error}");
        drop(plain);

        let all = users(open(&place, all_schemas()));
        all.tenant("acme").unwrap().create(ann().name("Anna")).await.unwrap();
        assert_eq!(all.get("ann").await.unwrap().name, "Ann");
        drop(all);

        let plain = users(open(&place, SCHEMAS));
        plain.delete("ann").await.unwrap();
        drop(plain);

        let all = users(open(&place, all_schemas()));
        assert_eq!(total(&all, ListUsers::new()).await, (0, 0));
        assert_eq!(all.tenant("acme").unwrap().get("ann").await.unwrap().name, "Anna");
    }
}

#[tokio::test]
async fn names_of_tenants_are_ids() {
    let users = users(Arc::new(MemoryStore::new()));
    for bad in ["", "a/b", "_a", "é", &"a".repeat(37)] {
        let error = users.tenant(bad).unwrap_err();
        assert_eq!(error.field(), Some("project"), "{bad}");
    }
    // A tenant of a tenant's handle is another of the same store.
    let store = Arc::new(MemoryStore::with_schemas(all_schemas()));
    let users = self::users(store);
    let acme = users.tenant("acme").unwrap();
    acme.create(ann()).await.unwrap();
    let other = acme.tenant("other").unwrap();
    assert_eq!(total(&other, ListUsers::new()).await, (0, 0));
    assert_eq!(total(&other.tenant("acme").unwrap(), ListUsers::new()).await, (1, 1));
}
