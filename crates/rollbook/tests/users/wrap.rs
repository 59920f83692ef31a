use rollbook::import::{Importer, ReadOptions, WeakHashes};
use rollbook::{
    Argon2Params, Error, HashOptions, Limits, NewUser, PasswordHash, PasswordPolicy, Policies,
};

use crate::support::{World, on_every_store};

on_every_store! {
    a_weak_hash_is_wrapped_and_replaced_at_sign_in
    what_needs_no_wrapping_is_left
    an_import_stores_nothing_weak
    what_is_remembered_is_wrapped_as_well
}

const MD5: &str = "144fa7eaa4904e8ee120651997f70dcc";

async fn a_weak_hash_is_wrapped_and_replaced_at_sign_in(world: World) {
    let users = &world.users;
    let hash = PasswordHash::import("md5", MD5, &HashOptions::new(), &Limits::default()).unwrap();
    users.create(NewUser::new().id("u").email("u@x.co").password_hash(hash)).await.unwrap();
    assert!(users.wrap_password("u").await.unwrap());
    let wrapped = users.get("u").await.unwrap();
    assert_eq!(wrapped.credential.as_ref().unwrap().algorithm(), "wrapped");
    assert!(!wrapped.to_wire().to_string().contains(MD5));
    assert!(!users.wrap_password("u").await.unwrap(), "once is enough");

    assert!(users.sign_in("u@x.co", "wrong").await.is_err());
    assert!(users.sign_in("u@x.co", MD5).await.is_err(), "the digest is no password");
    let user = users.sign_in("u@x.co", "appwrite").await.unwrap();
    assert_eq!(user.credential.as_ref().unwrap().algorithm(), "argon2");
    assert_eq!(user.password_update, wrapped.password_update);
    users.sign_in("u@x.co", "appwrite").await.unwrap();
}

async fn what_needs_no_wrapping_is_left(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("a").password("correct horse")).await.unwrap();
    users.create(NewUser::new().id("b")).await.unwrap();
    for id in ["a", "b"] {
        assert!(!users.wrap_password(id).await.unwrap());
        assert_eq!(users.get(id).await.unwrap().revision(), 1);
    }
    assert!(matches!(users.wrap_password("c").await, Err(Error::UserNotFound)));
}

async fn an_import_stores_nothing_weak(world: World) {
    let line = |n: i32| {
        serde_json::json!({
            "$id": format!("u{n}"), "email": format!("u{n}@x.co"), "hash": "md5", "password": MD5,
        })
        .to_string()
    };
    let lines: Vec<String> = (0..100).map(line).collect();
    let options = ReadOptions::new().weak_hashes(WeakHashes::Wrap);
    let importer = Importer::new(world.users.clone()).options(options);
    let mut rejects = Vec::new();
    let file = std::io::Cursor::new(lines.join("\n"));
    let summary = importer.run(file, &mut rejects, |_| {}, std::future::pending()).await.unwrap();
    assert_eq!((summary.imported, summary.rejected), (100, 0));
    for n in [0, 50, 99] {
        let user = world.users.get(&format!("u{n}")).await.unwrap();
        assert_eq!(user.credential.as_ref().unwrap().algorithm(), "wrapped");
        world.users.sign_in(&format!("u{n}@x.co"), "appwrite").await.unwrap();
    }
}

async fn what_is_remembered_is_wrapped_as_well(world: World) {
    let hash = PasswordHash::import("md5", MD5, &HashOptions::new(), &Limits::default()).unwrap();
    let users = crate::support::builder(world.store.clone())
        .hashing(Argon2Params::insecure_for_tests())
        .policies(Policies::new().passwords(PasswordPolicy::new().history(2)))
        .build();
    users.create(NewUser::new().id("u").password_hash(hash)).await.unwrap();
    users.update_password("u", "battery staple").await.unwrap();
    assert!(users.wrap_password("u").await.unwrap(), "the old one is weak, the new one is not");
    let user = users.get("u").await.unwrap();
    let remembered: Vec<_> =
        user.password_history.iter().map(rollbook::Credential::algorithm).collect();
    assert_eq!(remembered, ["wrapped", "argon2"]);
    let error = users.update_password("u", "appwrite").await.unwrap_err();
    assert_eq!(error.code(), "password_recently_used");
}
