//! Files that earlier versions wrote.
//!
//! `format-1.db` was written once, by `examples/make_format_file.rs`. A new format gets a file of its
//! own and a test beside this one; the old file stays, and so does its test.

use std::sync::Arc;

use rollbook_core::{Credential, Email, ListUsers, NewUser, Users};
use rollbook_sqlite::SqliteStore;
use serde_json::json;

use crate::{Place, run};

#[test]
fn format_1() {
    let place = Place::with(include_bytes!("format-1.db"));
    let users = || Users::new(Arc::new(SqliteStore::open(place.path()).expect("it opens")));
    run(async {
        let users = users();
        let page = users.list(ListUsers::new()).await.unwrap();
        let rows: Vec<_> = page
            .users
            .iter()
            .map(|user| {
                let email = user.email.as_deref().unwrap_or_default();
                (user.sequence(), user.revision(), &*user.id, &*user.name, email)
            })
            .collect();
        assert_eq!(
            rows,
            [
                (1, 1, "ann", "Ann", "ann@example.com"),
                (3, 2, "zoe", "Zoë Müller-Ångström", "zoe@example.com"),
                (4, 1, "ivan", "Иван", "ivan@example.com"),
                (5, 1, "nobody", "", ""),
            ]
        );
        assert_eq!(page.total, 4);

        let ann = users.find_by_email("ann@example.com").await.unwrap().unwrap();
        let hash = ann.credential.as_ref().map(Credential::algorithm);
        assert_eq!(hash, Some("bcrypt"));
        assert_eq!(ann.created_at.to_string(), "2020-10-15T06:38:00.000+00:00");
        let ivan = users.find_by_phone("+4915112345678").await.unwrap().unwrap();
        assert_eq!(serde_json::Value::from(ivan.prefs.clone()), json!({"thème": "sombre", "n": 1}));
        assert_eq!((&ivan.labels[..], ivan.status), (&["vip".to_owned()][..], false));

        // What the hash says is verified, and the user is rewritten with a new one.
        let ann = users.sign_in("ann@example.com", "noninterchangeableness").await.unwrap();
        assert_eq!(ann.revision(), 2);
        users.update_email("zoe", "zoe@example.org").await.unwrap();
        users.delete("nobody").await.unwrap();
        // The sixth was deleted before the file was closed.
        let new = users.create(NewUser::new().id("new").email("zoe@example.com")).await.unwrap();
        assert_eq!(new.sequence(), 7);
    });
    run(async {
        let users = users();
        assert_eq!(users.list(ListUsers::new()).await.unwrap().total, 4);
        let zoe = users.find_by_email("zoe@example.org").await.unwrap().unwrap();
        assert_eq!((zoe.sequence(), zoe.revision()), (3, 3));
        assert_eq!(zoe.email, Some(Email::parse("zoe@example.org").unwrap()));
    });
    place.check_integrity();
    assert_eq!(place.names(), ["users.db"]);
}
