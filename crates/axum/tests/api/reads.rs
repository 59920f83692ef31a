//! What an answer costs: the records that are read for it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use rollbook::{
    Argon2Params, Batch, Committed, Document, MemoryStore, NewIdentity, NewTeam, NewUser, Query,
    SealingKeys, StoreError, UserStore, Users,
};
use rollbook_axum::Options;

use crate::Client;

/// A store in memory that writes down what is selected.
#[derive(Debug)]
struct Watched {
    store: MemoryStore,
    selected: Mutex<Vec<&'static str>>,
}

#[async_trait]
impl UserStore for Watched {
    async fn select(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        self.selected.lock().unwrap().push(query.schema().name);
        self.store.select(query).await
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.store.count(query).await
    }

    async fn commit(
        &self,
        batches: Vec<Batch>,
    ) -> Result<Vec<Result<Committed, StoreError>>, StoreError> {
        self.store.commit(batches).await
    }
}

#[tokio::test]
async fn a_page_is_read_with_one_look_at_each_kind() {
    let store = Arc::new(Watched { store: MemoryStore::new(), selected: Mutex::new(Vec::new()) });
    let users = Users::builder(store.clone())
        .hashing(Argon2Params::insecure_for_tests())
        .sealing_keys(SealingKeys::new("2026", [6; 32]))
        .build();
    users.create(NewUser::new().id("ann").email("ann@x.co")).await.unwrap();
    users.create(NewUser::new().id("bob")).await.unwrap();
    for number in ["1", "2", "3"] {
        users.create_team(NewTeam::new("Night").id(number)).await.unwrap();
        users.create_confirmed_membership(number, "ann", ["cook"]).await.unwrap();
        let new = NewIdentity::new("github", number).access_token("open sesame");
        users.create_identity("ann", new).await.unwrap();
    }
    let client = Client::over(&users, Options::new());
    for (path, kind, total, expected) in [
        ("/users", "users", 2, &["users", "targets"][..]),
        ("/users/identities", "identities", 3, &["identities"]),
        ("/users/ann/memberships", "memberships", 3, &["memberships", "users", "teams"]),
        ("/users/ann/targets", "targets", 1, &["targets"]),
        ("/users/ann/logs", "logs", 7, &["users", "logs"]),
    ] {
        store.selected.lock().unwrap().clear();
        let page = client.get(path).await.body;
        assert_eq!(page[kind].as_array().unwrap().len(), total, "{path}");
        assert_eq!(*store.selected.lock().unwrap(), expected, "{path}");
    }
    let identities = client.get("/users/identities").await.body;
    assert_eq!(identities["identities"][2]["providerAccessToken"], "open sesame");
}
