//! A server over each store, with a user that has what the API can't make.

use std::sync::Arc;
use std::time::Duration;

use rollbook::{
    Argon2Params, Clock as _, Factor, FactorPolicy, JwtKey, MemoryStore, NewIdentity, NewTeam,
    NewUser, Policies, RedbStore, SledStore, SqliteStore, SystemClock, UserStore, Users,
};
use rollbook_axum::{Options, router, serve};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const KEY: &str = "the-key-of-all-keys";
pub(crate) const ALL: [&str; 4] = ["memory", "sqlite", "redb", "sled"];

/// A server that runs.
pub(crate) struct Server {
    address: std::net::SocketAddr,
    known: Value,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
    _directory: TempDir,
}

impl Server {
    pub(crate) async fn start(store: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("users");
        let store: Arc<dyn UserStore> = match store {
            "memory" => Arc::new(MemoryStore::new()),
            "sqlite" => Arc::new(SqliteStore::open(path).unwrap()),
            "redb" => Arc::new(RedbStore::open(path).unwrap()),
            "sled" => Arc::new(SledStore::open(path).unwrap()),
            store => panic!("there is no {store}"),
        };
        let users = Users::builder(store)
            .hashing(Argon2Params::insecure_for_tests())
            .jwt_key(JwtKey::new([7; 32]).unwrap())
            .policies(Policies::new().factors(FactorPolicy::new().allow(Factor::Custom)))
            .build();
        let known = fixture(&users).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let app = router(users, Options::new().api_key(KEY));
        let ended = tokio::spawn(serve(listener, app, Duration::from_secs(30), async {
            _ = stopped.await;
        }));
        Self { address, known, stop, ended, _directory: directory }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// What a scenario can name.
    pub(crate) fn known(&self) -> Value {
        self.known.clone()
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.ended.await.unwrap();
    }
}

/// A user `old` with an identity, a membership, two sessions, an authenticator and a challenge.
async fn fixture(users: &Users) -> Value {
    let new = NewUser::new().id("old").name("Old").email("old@example.com");
    let old = users.create(new).await.unwrap();
    let identity = users.create_identity(&old.id, NewIdentity::new("github", "17")).await.unwrap();
    let team = users.create_team(NewTeam::new("Night").id("night")).await.unwrap();
    users.create_confirmed_membership(&team.id, &old.id, ["cook"]).await.unwrap();
    let session = users.create_session(&old.id).await.unwrap().session;
    users.create_session(&old.id).await.unwrap();
    let authenticator = users.create_authenticator(&old.id, "rollbook").await.unwrap();
    let code = authenticator.shown(SystemClock.now());
    users.verify_authenticator(&old.id, &code).await.unwrap();
    let challenge = users.create_challenge(&old.id, None, Factor::Custom).await.unwrap();
    json!({
        "identity": { "$id": identity.id },
        "session": { "$id": session.id },
        "challenge": { "$id": challenge.id },
    })
}

/// Puts what is known in the place of `${name.key}`.
pub(crate) fn filled(value: &Value, known: &Value) -> Value {
    match value {
        Value::String(text) => {
            let name = text.strip_prefix("${").and_then(|text| text.strip_suffix('}'));
            let found =
                name.and_then(|name| name.split_once('.')).map(|(a, b)| known[a][b].clone());
            found.unwrap_or_else(|| value.clone())
        }
        Value::Array(items) => items.iter().map(|item| filled(item, known)).collect(),
        Value::Object(object) => {
            object.iter().map(|(key, item)| (key.clone(), filled(item, known))).collect()
        }
        value => value.clone(),
    }
}
