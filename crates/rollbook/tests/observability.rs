//! What operators see: metrics by name and label, and the events of what went wrong.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::float_cmp, reason = "whole numbers are added up, which is exact")]

#[path = "support/recorder.rs"]
mod recorder;

use std::sync::Arc;

use recorder::Recorded;
use rollbook::{
    Argon2Params, Collection, HashOptions, ImportedUser, Limits, MemoryStore, Message, NewUser,
    PasswordHash, SchedulerOptions, Sender, StoreError, User, UserStore, Users, UsersBuilder,
};

fn cheap(store: Arc<dyn UserStore>) -> UsersBuilder {
    Users::builder(store).hashing(Argon2Params::insecure_for_tests())
}

/// Never done.
#[derive(Debug)]
struct Unheard;

#[async_trait::async_trait]
impl Sender for Unheard {
    async fn send(&self, _: Message) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        std::future::pending().await
    }
}

fn named(user: &User, name: &str) -> User {
    let mut user = user.clone();
    name.clone_into(&mut user.name);
    user
}

fn rename(records: &Collection<User>, name: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let update = records.update("ann", |ann| Ok::<_, StoreError>(Some(named(ann, name))));
    runtime.block_on(update).unwrap();
}

// One test, as a process has one recorder, and hashes are made on threads that see no other.
#[tokio::test]
async fn what_happens_is_counted() {
    let recorded = Recorded::default();
    assert!(metrics::set_global_recorder(recorded.clone()).is_ok());
    rollbook::metrics::describe();
    let described = recorded.names();
    let sum = |metric: &str| recorded.sum(metric);

    let store: Arc<dyn UserStore> = Arc::new(MemoryStore::new());
    let users = cheap(Arc::clone(&store)).build();
    let ann = NewUser::new().id("ann").email("ann@x.co").password("correct horse");
    users.create(ann.clone()).await.unwrap();
    users.create(ann).await.unwrap_err();
    users.create(NewUser::new().id("bob").email("bob@x.co")).await.unwrap();
    let created = |outcome: &str| {
        recorded.sum(&format!("rollbook_verbs_total{{verb=create,store=memory,outcome={outcome}}}"))
    };
    assert_eq!((created("ok"), created("user_already_exists")), (2.0, 1.0));
    let durations = "rollbook_verb_duration_seconds{verb=create,store=memory}";
    assert_eq!(recorded.times(durations), 3);
    assert!(sum(durations) > 0.0 && sum(durations) < 60.0, "seconds: {}", sum(durations));

    // The callers of three of these learn the same.
    users.sign_in("ann@x.co", "correct horse").await.unwrap();
    users.sign_in("ann@x.co", "wrong horse").await.unwrap_err();
    users.sign_in("nobody@x.co", "correct horse").await.unwrap_err();
    users.sign_in("bob@x.co", "correct horse").await.unwrap_err();
    users.update_status("ann", false).await.unwrap();
    users.sign_in("ann@x.co", "correct horse").await.unwrap_err();
    users.sign_in("ann@x.co", "wrong horse").await.unwrap_err();
    let found = |outcome: &str| sum(&format!("rollbook_sign_ins_total{{outcome={outcome}}}"));
    assert_eq!([found("right"), found("wrong"), found("unknown")], [1.0, 2.0, 1.0]);
    assert_eq!([found("no_password"), found("blocked"), found("overloaded")], [1.0, 1.0, 0.0]);
    let refused =
        "rollbook_verbs_total{verb=sign_in,store=memory,outcome=user_invalid_credentials}";
    assert_eq!(sum(refused), 4.0);
    // What a sign-in looks up by itself is no call of a verb.
    assert!(!recorded.names().iter().any(|name| name.contains("verb=find_by_email")));

    let md5 = "144fa7eaa4904e8ee120651997f70dcc";
    let hash = PasswordHash::import("md5", md5, &HashOptions::new(), &Limits::default()).unwrap();
    let email = Some("cho@x.co".to_owned());
    let cho = ImportedUser { email, password: Some(hash), ..ImportedUser::default() };
    let bad = ImportedUser { email: Some("no address".to_owned()), ..ImportedUser::default() };
    users.import(vec![cho, bad]).await.unwrap();
    let imported =
        |outcome: &str| sum(&format!("rollbook_imported_users_total{{outcome={outcome}}}"));
    assert_eq!((imported("accepted"), imported("rejected")), (1.0, 1.0));
    for _ in 0..2 {
        users.sign_in("cho@x.co", "appwrite").await.unwrap();
    }
    assert_eq!(sum("rollbook_password_upgrades_total"), 1.0);

    let hashes = users.scheduler_stats().finished;
    assert_eq!(recorded.times("rollbook_hash_run_seconds"), hashes);
    assert_eq!(recorded.times("rollbook_hash_wait_seconds"), hashes);
    assert!(recorded.times("rollbook_hash_queued") > 0);
    assert_eq!(sum("rollbook_hash_queued"), 0.0);
    let full = cheap(Arc::clone(&store)).scheduling(SchedulerOptions::new().queue(0)).build();
    full.sign_in("ann@x.co", "correct horse").await.unwrap_err();
    assert_eq!((sum("rollbook_hash_overloaded_total"), found("overloaded")), (1.0, 1.0));

    // Somebody is faster, once.
    let records = Collection::<User>::new(Arc::clone(&store));
    let mut faster = Some(records.clone());
    let update = records.update("ann", |ann| {
        if let Some(records) = faster.take() {
            std::thread::spawn(move || rename(&records, "Other")).join().unwrap();
        }
        Ok::<_, StoreError>(Some(named(ann, "Ann")))
    });
    assert_eq!(update.await.unwrap().unwrap().name, "Ann");
    assert_eq!(sum("rollbook_retries_total{record=users}"), 1.0);

    // A caller that gives up.
    let users = cheap(store).sender(Arc::new(Unheard)).build();
    let mut given_up = Box::pin(users.create_email_verification("ann"));
    let waker = std::task::Waker::noop();
    let _ = given_up.as_mut().poll(&mut std::task::Context::from_waker(waker));
    drop(given_up);
    let cancelled =
        "rollbook_verbs_total{verb=create_email_verification,store=memory,outcome=cancelled}";
    assert_eq!(sum(cancelled), 1.0);

    // What was recorded is what is described, and nothing else.
    let names = recorded.names();
    let used =
        names.iter().filter(|name| !name.contains(' ')).map(|name| name.split('{').next().unwrap());
    for name in used {
        assert!(described.iter().any(|text| text.split(' ').nth(1) == Some(name)), "{name}");
    }
}
