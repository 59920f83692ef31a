use rollbook::{HashOptions, ImportedUser, Limits, ListUsers, PasswordHash, Timestamp};

use crate::support::{START, World, on_every_store};

on_every_store! {
    everything_a_user_had_comes_along
    what_is_missing_takes_the_value_of_a_new_user
    each_user_is_stored_or_refused_on_its_own
}

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

async fn everything_a_user_had_comes_along(world: World) {
    let text = "144fa7eaa4904e8ee120651997f70dcc";
    let hash = PasswordHash::import("md5", text, &HashOptions::new(), &Limits::default()).unwrap();
    let row = ImportedUser {
        id: Some("u".to_owned()),
        email: Some("U@x.co".to_owned()),
        phone: Some("+1415555".to_owned()),
        name: Some("Zoë".to_owned()),
        password: Some(hash),
        password_update: Some(time(1)),
        status: Some(false),
        labels: vec!["vip".to_owned()],
        prefs: serde_json::json!({"a": 1}).as_object().unwrap().clone(),
        email_verification: Some(true),
        phone_verification: Some(true),
        mfa: Some(true),
        impersonator: Some(true),
        registration: Some(time(2)),
        created_at: Some(time(3)),
        updated_at: Some(time(4)),
        accessed_at: Some(time(5)),
    };
    let user = world.users.import(vec![row]).await.unwrap().remove(0).unwrap();
    let wire = world.users.get("u").await.unwrap().to_wire();
    assert_eq!(wire, user.to_wire());
    assert_eq!(wire["email"], "u@x.co");
    assert_eq!(wire["hash"], "md5");
    assert_eq!(wire["passwordUpdate"], "1970-01-01T00:00:00.001+00:00");
    assert_eq!(wire["registration"], "1970-01-01T00:00:00.002+00:00");
    assert_eq!(wire["$createdAt"], "1970-01-01T00:00:00.003+00:00");
    assert_eq!(wire["$updatedAt"], "1970-01-01T00:00:00.004+00:00");
    assert_eq!(wire["accessedAt"], "1970-01-01T00:00:00.005+00:00");
    assert!(!user.status && user.email_verification && user.phone_verification && user.mfa);
    assert!(user.impersonator);
}

async fn what_is_missing_takes_the_value_of_a_new_user(world: World) {
    let row = ImportedUser { email: Some("u@x.co".to_owned()), ..ImportedUser::default() };
    let user = world.users.import(vec![row]).await.unwrap().remove(0).unwrap();
    assert_eq!(user.id.len(), 20);
    assert_eq!(user.registration, time(START));
    assert!(user.status && user.credential.is_none() && user.password_update.is_none());
}

async fn each_user_is_stored_or_refused_on_its_own(world: World) {
    let row = |id: &str, email: &str| ImportedUser {
        id: Some(id.to_owned()),
        email: Some(email.to_owned()),
        ..ImportedUser::default()
    };
    let rows = vec![
        row("a", "a@x.co"),
        row("b", "no address"),
        row("c", "A@x.co"),
        row("a", "d@x.co"),
        row("_", "e@x.co"),
        row("f", "f@x.co"),
    ];
    let outcomes = world.users.import(rows).await.unwrap();
    let codes: Vec<_> = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().map_or_else(rollbook::Error::code, |_| "ok"))
        .collect();
    let taken = "user_already_exists";
    let invalid = "general_argument_invalid";
    assert_eq!(codes, ["ok", invalid, taken, taken, invalid, "ok"]);
    assert_eq!(world.users.list(ListUsers::new()).await.unwrap().total, 2);
}
