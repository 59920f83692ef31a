use rollbook::{Error, NewUser, Prefs};
use serde_json::json;

use crate::support::{World, on_every_store};

on_every_store! {
    each_attribute_has_a_verb
    an_update_without_effect_writes_nothing
    bad_values_are_refused_and_change_nothing
    an_email_that_is_taken_is_refused
    clearing_makes_room_for_others
    changing_an_address_unverifies_it
    an_empty_password_takes_it_away
    nobody_is_not_found
    concurrent_updates_of_different_attributes_all_hold
    deleting_a_user_beats_updating_it
}

fn prefs(value: serde_json::Value) -> Prefs {
    match value {
        serde_json::Value::Object(prefs) => prefs,
        _ => Prefs::new(),
    }
}

async fn each_attribute_has_a_verb(world: World) {
    let users = &world.users;
    let created = users.create(NewUser::new().id("u").password("correct horse")).await.unwrap();
    world.clock.advance(1);
    assert_eq!(users.update_name("u", "Zoë").await.unwrap().name, "Zoë");
    assert_eq!(users.update_name("u", "").await.unwrap().name, "");
    let email = users.update_email("u", "Zoe@X.co").await.unwrap().email.clone();
    assert_eq!(email.as_deref(), Some("zoe@x.co"));
    let phone = users.update_phone("u", "+1415555").await.unwrap().phone.clone();
    assert_eq!(phone.as_deref(), Some("+1415555"));
    assert!(users.update_email_verification("u", true).await.unwrap().email_verification);
    assert!(users.update_phone_verification("u", true).await.unwrap().phone_verification);
    assert!(!users.update_status("u", false).await.unwrap().status);
    assert_eq!(users.update_labels("u", ["vip", "a", "vip"]).await.unwrap().labels, ["vip", "a"]);
    let new = prefs(json!({"z": 1, "a": {"b": {}}, "$id": 5}));
    assert_eq!(users.update_prefs("u", new.clone()).await.unwrap(), new);
    assert_eq!(users.get_prefs("u").await.unwrap(), new);
    assert_eq!(users.update_prefs("u", Prefs::new()).await.unwrap(), Prefs::new());
    let user = users.update_password("u", "battery staple").await.unwrap();
    assert_ne!(user.credential, created.credential);
    assert_eq!(user.password_update.unwrap().as_millis(), created.created_at.as_millis() + 1);
    assert_eq!(user.created_at, created.created_at);
    assert_eq!(user.updated_at.as_millis(), created.created_at.as_millis() + 1);
    assert_eq!(user.sequence(), created.sequence());
    assert_eq!(*users.get("u").await.unwrap(), *user);
}

async fn an_update_without_effect_writes_nothing(world: World) {
    let users = &world.users;
    let user = users.create(NewUser::new().id("u").name("Ann").email("a@x.co")).await.unwrap();
    world.clock.advance(1000);
    users.update_name("u", "Ann").await.unwrap();
    users.update_email("u", "A@x.co").await.unwrap();
    users.update_status("u", true).await.unwrap();
    users.update_labels::<String>("u", []).await.unwrap();
    let after = users.update_prefs("u", Prefs::new()).await.map(|_| users.get("u")).unwrap().await;
    let after = after.unwrap();
    assert_eq!((after.updated_at, after.revision()), (user.updated_at, 1));
}

async fn bad_values_are_refused_and_change_nothing(world: World) {
    let users = &world.users;
    let user = users.create(NewUser::new().id("u").email("a@x.co")).await.unwrap();
    let field = |result: Result<_, Error>| {
        let result: Result<rollbook::Stored<rollbook::User>, Error> = result;
        result.unwrap_err().field().map(ToOwned::to_owned).unwrap()
    };
    assert_eq!(field(users.update_name("u", &"x".repeat(129)).await), "name");
    assert_eq!(field(users.update_email("u", "x").await), "email");
    assert_eq!(field(users.update_phone("u", "x").await), "number");
    assert_eq!(field(users.update_password("u", "short").await), "password");
    assert_eq!(field(users.update_labels("u", ["not ok"]).await), "labels");
    let huge = prefs(json!({"a": "x".repeat(70_000)}));
    assert_eq!(users.update_prefs("u", huge).await.unwrap_err().field(), Some("prefs"));
    assert_eq!(*users.get("u").await.unwrap(), *user);
}

async fn an_email_that_is_taken_is_refused(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("a").email("a@x.co").phone("+1415555")).await.unwrap();
    users.create(NewUser::new().id("b").email("b@x.co").phone("+1415556")).await.unwrap();
    let taken = users.update_email("b", "A@x.co").await.unwrap_err();
    assert_eq!(taken.code(), "user_email_already_exists");
    let taken = users.update_phone("b", "+1415555").await.unwrap_err();
    assert_eq!(taken.code(), "user_phone_already_exists");
    assert_eq!(users.get("b").await.unwrap().email.as_deref(), Some("b@x.co"));
}

async fn clearing_makes_room_for_others(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("a").email("a@x.co").phone("+1415555")).await.unwrap();
    users.create(NewUser::new().id("b").email("b@x.co").phone("+1415556")).await.unwrap();
    for id in ["a", "b"] {
        assert_eq!(users.update_email(id, "").await.unwrap().email, None);
        assert_eq!(users.update_phone(id, "").await.unwrap().phone, None);
    }
    let wire = users.get("a").await.unwrap().to_wire();
    assert_eq!((&wire["email"], &wire["phone"]), (&json!(""), &json!("")));
    users.update_email("b", "a@x.co").await.unwrap();
    users.update_phone("b", "+1415555").await.unwrap();
}

async fn changing_an_address_unverifies_it(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("u").email("a@x.co").phone("+1415555")).await.unwrap();
    users.update_email_verification("u", true).await.unwrap();
    users.update_phone_verification("u", true).await.unwrap();
    let user = users.update_email("u", "a@x.co").await.unwrap();
    assert!(!user.email_verification && user.phone_verification);
    assert!(!users.update_phone("u", "+1415555").await.unwrap().phone_verification);
}

async fn an_empty_password_takes_it_away(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("u").email("a@x.co").password("correct horse")).await.unwrap();
    world.clock.advance(5);
    let user = users.update_password("u", "").await.unwrap();
    assert_eq!(user.credential, None);
    assert_eq!(user.password_update, Some(user.updated_at));
    assert_eq!(user.to_wire()["password"], "");
    for password in ["", "correct horse"] {
        let refused = users.sign_in("a@x.co", password).await.unwrap_err();
        assert_eq!(refused.code(), "user_invalid_credentials");
    }
}

async fn nobody_is_not_found(world: World) {
    let users = &world.users;
    let codes = [
        users.get("u").await.err(),
        users.update_name("u", "x").await.err(),
        users.update_email("u", "a@x.co").await.err(),
        users.update_phone("u", "+1415555").await.err(),
        users.update_password("u", "correct horse").await.err(),
        users.update_status("u", false).await.err(),
        users.update_labels("u", ["a"]).await.err(),
        users.get_prefs("u").await.err(),
        users.update_prefs("u", Prefs::new()).await.err(),
        users.update_email_verification("u", true).await.err(),
        users.update_phone_verification("u", true).await.err(),
        users.delete("u").await.err(),
        users.get("$%' OR 1=1 --\0").await.err(),
    ];
    for error in codes {
        assert_eq!(error.unwrap().code(), "user_not_found");
    }
}

async fn concurrent_updates_of_different_attributes_all_hold(world: World) {
    world.users.create(NewUser::new().id("u")).await.unwrap();
    for round in 0..20 {
        let (a, b, c) = (world.users.clone(), world.users.clone(), world.users.clone());
        let name = format!("name {round}");
        let label = format!("label{round}");
        let tasks = [
            tokio::spawn(async move { a.update_name("u", &name).await.map(drop) }),
            tokio::spawn(async move { b.update_labels("u", [label]).await.map(drop) }),
            tokio::spawn(async move { c.update_status("u", round % 2 == 0).await.map(drop) }),
        ];
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let user = world.users.get("u").await.unwrap();
        assert_eq!(user.name, format!("name {round}"));
        assert_eq!(user.labels, [format!("label{round}")]);
        assert_eq!(user.status, round % 2 == 0);
    }
}

async fn deleting_a_user_beats_updating_it(world: World) {
    for round in 0..20 {
        let id = format!("u{round}");
        world.users.create(NewUser::new().id(&id)).await.unwrap();
        let (users, other) = (world.users.clone(), id.clone());
        let update = tokio::spawn(async move { users.update_name(&other, "x").await });
        world.users.delete(&id).await.unwrap();
        match update.await.unwrap() {
            Ok(_) | Err(Error::UserNotFound) => {}
            Err(error) => panic!("{error}"),
        }
        assert!(matches!(world.users.get(&id).await, Err(Error::UserNotFound)));
    }
}
