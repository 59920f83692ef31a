//! Data of earlier versions: what is written once with [`write()`] and kept with the tests of a store must
//! satisfy [`check`] for ever.
//!
//! A new format of a store gets a file of its own; the old one stays, and so does its test. What is
//! written here does not change either: the files that are kept hold it.

use std::sync::Arc;

use rollbook_core::{
    Credential, Email, ImportedUser, Limits, ListUsers, ManualClock, NewUser, PasswordHash,
    Timestamp, UserStore, Users,
};
use serde_json::json;

/// Fills an empty store.
///
/// ```
/// # use std::sync::Arc;
/// use rollbook_conformance::{ModelStore, yesterday};
/// use rollbook_core::SCHEMAS;
///
/// # tokio::runtime::Builder::new_multi_thread().build().unwrap().block_on(async {
/// let store = Arc::new(ModelStore::new(SCHEMAS));
/// yesterday::write(store.clone()).await;
/// yesterday::check(|| store.clone()).await;
/// # });
/// ```
///
/// # Panics
///
/// If the store fails.
pub async fn write(store: Arc<dyn UserStore>) {
    let now = Timestamp::from_millis(1_602_743_880_000).expect("it is a time");
    let users = Users::builder(store).clock(Arc::new(ManualClock::new(now))).build();
    for outcome in users.import(everybody()).await.expect("the store works") {
        outcome.expect("the users are new");
    }
    // Gaps in the order of insertion, one of them at the end, and a second revision.
    for id in ["gone", "last"] {
        users.delete(id).await.expect("the user is there");
    }
    users.update_name("zoe", "Zoë Müller-Ångström").await.expect("the user is there");
}

fn everybody() -> Vec<ImportedUser> {
    let user = |id: &str, name: &str| ImportedUser {
        id: Some(id.to_owned()),
        email: Some(format!("{id}@example.com")),
        name: Some(name.to_owned()),
        ..ImportedUser::default()
    };
    // Of `noninterchangeableness`, from the known answers of libxcrypt.
    let hash = "$2a$05$abcdefghijklmnopqrstuueL38vMSpfDTZP0TBBAuZDp0A/4eFDFa";
    let prefs = json!({"thème": "sombre", "n": 1});
    vec![
        ImportedUser {
            password: PasswordHash::detect(hash, &Limits::default()).ok(),
            email_verification: Some(true),
            ..user("ann", "Ann")
        },
        user("gone", "Gone"),
        user("zoe", "Zoe"),
        ImportedUser {
            phone: Some("+4915112345678".to_owned()),
            labels: vec!["vip".to_owned()],
            status: Some(false),
            prefs: serde_json::from_value(prefs).expect("preferences are an object"),
            ..user("ivan", "Иван")
        },
        ImportedUser { id: Some("nobody".to_owned()), ..ImportedUser::default() },
        user("last", "Last"),
    ]
}

/// Checks, and changes, the data that [`write()`] wrote; `open` opens it, twice.
///
/// # Panics
///
/// If something is not as it was.
pub async fn check(open: impl Fn() -> Arc<dyn UserStore>) {
    read(&Users::new(open())).await.expect("the store works");
    change(&Users::new(open())).await.expect("the store works");
    let users = Users::new(open());
    let total = users.list(ListUsers::new()).await.expect("the store works").total;
    assert_eq!(total, 4);
    let zoe = users.find_by_email("zoe@example.org").await.expect("the store works");
    let zoe = zoe.expect("zoe has a new e-mail");
    assert_eq!((zoe.sequence(), zoe.revision()), (3, 3));
    assert_eq!(zoe.email, Email::parse("zoe@example.org").ok());
}

async fn read(users: &Users) -> Result<(), rollbook_core::Error> {
    let page = users.list(ListUsers::new()).await?;
    let rows = page.users.iter().map(|user| {
        let email = user.email.as_deref().unwrap_or_default();
        (user.sequence(), user.revision(), &*user.id, &*user.name, email)
    });
    assert_eq!(
        rows.collect::<Vec<_>>(),
        [
            (1, 1, "ann", "Ann", "ann@example.com"),
            (3, 2, "zoe", "Zoë Müller-Ångström", "zoe@example.com"),
            (4, 1, "ivan", "Иван", "ivan@example.com"),
            (5, 1, "nobody", "", ""),
        ]
    );
    assert_eq!(page.total, 4);

    let ann = users.find_by_email("ann@example.com").await?.expect("ann has an e-mail");
    assert_eq!(ann.credential.as_ref().map(Credential::algorithm), Some("bcrypt"));
    assert_eq!(ann.created_at.to_string(), "2020-10-15T06:38:00.000+00:00");
    let ivan = users.find_by_phone("+4915112345678").await?.expect("ivan has a phone");
    assert_eq!(serde_json::Value::from(ivan.prefs.clone()), json!({"thème": "sombre", "n": 1}));
    assert_eq!((&ivan.labels[..], ivan.status), (&["vip".to_owned()][..], false));
    Ok(())
}

async fn change(users: &Users) -> Result<(), rollbook_core::Error> {
    // What the hash says is verified, and the user is rewritten with a new one.
    let ann = users.sign_in("ann@example.com", "noninterchangeableness").await?;
    assert_eq!(ann.revision(), 2);
    users.update_email("zoe", "zoe@example.org").await?;
    users.delete("nobody").await?;
    // The sixth was deleted before the data was kept.
    let new = users.create(NewUser::new().id("new").email("zoe@example.com")).await?;
    // A store may count all record types together, and there are log entries by now.
    assert!(new.sequence() >= 7, "{}", new.sequence());
    Ok(())
}
