use std::sync::Arc;

use rollbook::{
    Argon2Params, EmailClass, EmailDomains, EmailPolicy, Error, HashOptions, ImportedUser, Limits,
    NewUser, PasswordHash, Policies, User, Users,
};
use serde_json::{Value, json};

use crate::support::{World, on_every_store};

on_every_store! {
    an_address_is_told_apart
    what_an_address_is_follows_it
    without_rules_everything_is_taken
    each_rule_refuses_new_addresses
    imports_are_told_apart_and_let_in
    lists_can_be_replaced
}

fn with(world: &World, emails: EmailPolicy) -> Users {
    Users::builder(world.store.clone())
        .clock(world.clock.clone())
        .hashing(Argon2Params::insecure_for_tests())
        .policies(Policies::new().emails(emails))
        .build()
}

/// The five fields of a user on the wire.
fn told(user: &User) -> [Value; 5] {
    let wire = user.to_wire();
    ["emailCanonical", "emailIsFree", "emailIsDisposable", "emailIsCorporate", "emailIsCanonical"]
        .map(|name| wire.get(name).unwrap().clone())
}

fn values(values: &Value) -> [Value; 5] {
    serde_json::from_value(values.clone()).unwrap()
}

const MD5: &str = "5f4dcc3b5aa765d61d8327deb882cf99";

fn hash() -> PasswordHash {
    PasswordHash::import("md5", MD5, &HashOptions::new(), &Limits::default()).unwrap()
}

async fn an_address_is_told_apart(world: World) {
    let users = &world.users;
    for (address, expected) in [
        ("Ann.Lee+x@GMAIL.com", json!(["annlee@gmail.com", true, false, false, false])),
        ("ann@gmail.com", json!(["ann@gmail.com", true, false, false, true])),
        ("ann@mailinator.com", json!(["ann@mailinator.com", false, true, false, true])),
        ("ann+x@company.com", json!(["ann+x@company.com", false, false, true, true])),
        ("-x@yahoo.com", json!([null, null, null, null, null])),
    ] {
        let made = users.create(NewUser::new().email(address)).await.unwrap();
        assert_eq!(told(&made), values(&expected), "{address}");
        let read = users.get(&made.id).await.unwrap();
        assert_eq!(told(&read), values(&expected), "{address}");
    }
    let bare = users.create(NewUser::new()).await.unwrap();
    assert_eq!(told(&bare), [const { Value::Null }; 5]);
    let made = users.create(NewUser::new().email("bob@qq.com").password_hash(hash())).await;
    assert_eq!(made.unwrap().email_class, Some(EmailClass::Free));
}

async fn what_an_address_is_follows_it(world: World) {
    let users = &world.users;
    let ann = users.create(NewUser::new().id("ann").email("a.nn@gmail.com")).await.unwrap();
    assert_eq!(ann.email_class, Some(EmailClass::Free));
    let ann = users.update_email("ann", "ann@yopmail.com").await.unwrap();
    assert_eq!(told(&ann), values(&json!(["ann@yopmail.com", false, true, false, true])));
    let ann = users.update_name("ann", "Ann").await.unwrap();
    assert_eq!(ann.email_class, Some(EmailClass::Disposable));
    let ann = users.update_email("ann", "").await.unwrap();
    assert_eq!(told(&ann), [const { Value::Null }; 5]);
    let ann = users.update_email("ann", "ann@company.com").await.unwrap();
    assert_eq!(told(&ann), values(&json!(["ann@company.com", false, false, true, true])));
}

async fn without_rules_everything_is_taken(world: World) {
    // Other spellings of one address are other e-mails.
    for address in ["ann@gmail.com", "a.nn@gmail.com", "ann@googlemail.com", "ann@mailinator.com"] {
        world.users.create(NewUser::new().email(address)).await.unwrap();
    }
}

async fn each_rule_refuses_new_addresses(world: World) {
    world.users.create(NewUser::new().id("ann").email("ann@company.com")).await.unwrap();
    let policy = EmailPolicy::new;
    for (policy, refused, code) in [
        (policy().refuse_disposable(), "x@mailinator.com", "user_email_disposable"),
        (policy().refuse_free(), "x@gmail.com", "user_email_free"),
        (policy().require_canonical(), "x+y@gmail.com", "user_email_not_canonical"),
        (policy().require_corporate(), "x@gmail.com", "user_email_not_corporate"),
    ] {
        let users = with(&world, policy);
        let new = NewUser::new().email(refused);
        for error in [
            users.create(new.clone()).await.unwrap_err(),
            users.create(new.clone().password_hash(hash())).await.unwrap_err(),
            users.update_email("ann", refused).await.unwrap_err(),
        ] {
            assert_eq!((error.code(), error.field()), (code, Some("email")), "{error}");
        }
        assert!(users.find_by_email(refused).await.unwrap().is_none());
        let unknown = users.update_email("nobody", refused).await;
        assert!(matches!(unknown, Err(Error::UserNotFound)));
        users.update_email("ann", "").await.unwrap();
        users.update_email("ann", "ann@company.com").await.unwrap();
        users.create(NewUser::new()).await.unwrap();
    }
    let ann = world.users.get("ann").await.unwrap();
    assert_eq!(ann.email.as_deref(), Some("ann@company.com"));
}

async fn imports_are_told_apart_and_let_in(world: World) {
    let strict = EmailPolicy::new().refuse_disposable().require_canonical().require_corporate();
    let users = with(&world, strict);
    let emails = ["a.b@gmail.com", "x@mailinator.com", "x@company.com"];
    let imported =
        |email: &str| ImportedUser { email: Some(email.to_owned()), ..ImportedUser::default() };
    let rows = emails.into_iter().map(imported).chain([ImportedUser::default()]);
    let outcomes = users.import(rows.collect()).await.unwrap();
    let classes = outcomes.into_iter().map(|outcome| outcome.unwrap().email_class);
    assert_eq!(
        classes.collect::<Vec<_>>(),
        [Some(EmailClass::Free), Some(EmailClass::Disposable), Some(EmailClass::Corporate), None]
    );
}

/// Everything is free but what is the application's own.
#[derive(Debug)]
struct Own;

impl EmailDomains for Own {
    fn is_free(&self, domain: &str) -> bool {
        domain != "own.example"
    }

    fn is_disposable(&self, domain: &str) -> bool {
        domain == "own.test"
    }
}

async fn lists_can_be_replaced(world: World) {
    let policy = EmailPolicy::new().domains(Arc::new(Own)).require_corporate();
    let users = with(&world, policy);
    let made = users.create(NewUser::new().email("ANN@Own.Example")).await.unwrap();
    assert_eq!(made.email_class, Some(EmailClass::Corporate));
    for address in ["ann@company.com", "ann@own.test"] {
        let refused = users.create(NewUser::new().email(address)).await;
        assert!(matches!(refused, Err(Error::EmailNotCorporate)), "{address}");
    }
    // What an address is was told when it was set.
    world.users.create(NewUser::new().id("bob").email("bob@mailinator.com")).await.unwrap();
    let bob = users.update_name("bob", "Bob").await.unwrap();
    assert_eq!(bob.email_class, Some(EmailClass::Disposable));
}
