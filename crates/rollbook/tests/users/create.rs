use rollbook::{Error, HashOptions, Limits, NewUser, PasswordHash};

use crate::support::{START, World, on_every_store};

on_every_store! {
    a_new_user_has_the_documented_defaults
    every_part_is_optional
    the_email_is_stored_in_lower_case
    a_phone_number_finds_its_user
    a_password_is_hashed_and_a_hash_is_kept
    bad_arguments_are_named_and_nothing_is_stored
    the_first_bad_argument_is_reported
    what_is_taken_is_refused_with_one_error
    users_without_email_or_phone_do_not_collide
    an_id_is_free_again_after_deletion
    racing_for_an_email_has_one_winner
}

fn code(result: &Result<impl std::fmt::Debug, Error>) -> (&'static str, Option<String>) {
    let error = result.as_ref().unwrap_err();
    (error.code(), error.field().map(ToOwned::to_owned))
}

async fn a_new_user_has_the_documented_defaults(world: World) {
    let new = NewUser::new().id("ann").email("ann@x.co").phone("+1415555").name("Ann");
    let user = world.users.create(new).await.unwrap();
    assert_eq!(user.registration.as_millis(), START);
    assert_eq!((user.created_at, user.updated_at), (user.registration, user.registration));
    assert!(user.status && !user.email_verification && !user.phone_verification && !user.mfa);
    assert!(user.labels.is_empty() && user.prefs.is_empty());
    assert_eq!((user.accessed_at, user.password_update, &user.credential), (None, None, &None));
    assert_eq!((user.revision(), user.sequence()), (1, 1));
    assert_eq!(*world.users.get("ann").await.unwrap(), *user);
}

async fn every_part_is_optional(world: World) {
    let user = world.users.create(NewUser::new()).await.unwrap();
    assert_eq!(user.id.len(), 20);
    let other = world.users.create(NewUser::new().id("unique()")).await.unwrap();
    assert_eq!(other.id.len(), 20);
    assert_ne!(user.id, other.id);
}

async fn the_email_is_stored_in_lower_case(world: World) {
    let user = world.users.create(NewUser::new().email(" Ann.O'Neill@X.CO ")).await.unwrap();
    assert_eq!(user.email.as_deref(), Some("ann.o'neill@x.co"));
    let found = world.users.find_by_email("ANN.O'NEILL@x.co").await.unwrap().unwrap();
    assert_eq!(found.id, user.id);
    assert!(world.users.find_by_email("bob@x.co").await.unwrap().is_none());
    assert!(world.users.find_by_email("no email").await.is_err());
}

async fn a_phone_number_finds_its_user(world: World) {
    let user = world.users.create(NewUser::new().phone("+1415555")).await.unwrap();
    let found = world.users.find_by_phone("+1415555").await.unwrap().unwrap();
    assert_eq!(found.id, user.id);
    assert!(world.users.find_by_phone("+1415556").await.unwrap().is_none());
    assert_eq!(code(&world.users.find_by_phone("1415555").await).1.as_deref(), Some("phone"));
}

async fn a_password_is_hashed_and_a_hash_is_kept(world: World) {
    let user = world.users.create(NewUser::new().password("correct horse")).await.unwrap();
    let credential = user.credential.clone().unwrap();
    assert_eq!(credential.algorithm(), "argon2");
    assert!(credential.hash().starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
    assert_eq!(user.password_update, Some(user.created_at));

    let text = "144fa7eaa4904e8ee120651997f70dcc";
    let hash = PasswordHash::import("md5", text, &HashOptions::new(), &Limits::default()).unwrap();
    let user = world.users.create(NewUser::new().password_hash(hash)).await.unwrap();
    let credential = user.credential.clone().unwrap();
    assert_eq!((credential.algorithm(), credential.hash()), ("md5", text));
    assert_eq!(user.to_wire()["password"], text);
}

async fn bad_arguments_are_named_and_nothing_is_stored(world: World) {
    let long = "x".repeat(129);
    let bad = [
        ("userId", NewUser::new().id("_a")),
        ("userId", NewUser::new().id("")),
        ("email", NewUser::new().email("ann")),
        ("email", NewUser::new().email("")),
        ("phone", NewUser::new().phone("1415555")),
        ("password", NewUser::new().password("short")),
        ("password", NewUser::new().password("x".repeat(257))),
        ("name", NewUser::new().name("")),
        ("name", NewUser::new().name(long)),
    ];
    for (field, new) in bad {
        let result = world.users.create(new).await;
        assert_eq!(code(&result), ("general_argument_invalid", Some(field.to_owned())));
    }
    assert_eq!(world.users.list(rollbook::ListUsers::new()).await.unwrap().total, 0);
}

async fn the_first_bad_argument_is_reported(world: World) {
    let new = || NewUser::new().name("").password("short").phone("x").email("x");
    let result = world.users.create(new().id("_")).await;
    assert_eq!(code(&result).1.as_deref(), Some("userId"));
    let result = world.users.create(new()).await;
    assert_eq!(code(&result).1.as_deref(), Some("email"));
    let result = world.users.create(NewUser::new().name("").password("short")).await;
    assert_eq!(code(&result).1.as_deref(), Some("password"));
}

async fn what_is_taken_is_refused_with_one_error(world: World) {
    world.users.create(NewUser::new().id("u").email("a@x.co").phone("+1415555")).await.unwrap();
    let taken =
        [NewUser::new().id("u"), NewUser::new().email("A@X.co"), NewUser::new().phone("+1415555")];
    for new in taken {
        let result = world.users.create(new.name("Bob")).await;
        assert_eq!(code(&result), ("user_already_exists", None));
    }
    assert_eq!(world.users.get("u").await.unwrap().name, "");
}

async fn users_without_email_or_phone_do_not_collide(world: World) {
    for _ in 0..3 {
        world.users.create(NewUser::new()).await.unwrap();
    }
    assert_eq!(world.users.list(rollbook::ListUsers::new()).await.unwrap().total, 3);
}

async fn an_id_is_free_again_after_deletion(world: World) {
    let new = || NewUser::new().id("u").email("a@x.co").phone("+1415555");
    let first = world.users.create(new()).await.unwrap();
    world.users.delete("u").await.unwrap();
    assert!(matches!(world.users.get("u").await, Err(Error::UserNotFound)));
    assert!(matches!(world.users.delete("u").await, Err(Error::UserNotFound)));
    let second = world.users.create(new()).await.unwrap();
    assert!(second.sequence() > first.sequence());
}

async fn racing_for_an_email_has_one_winner(world: World) {
    let racers: Vec<_> = (0..16)
        .map(|_| {
            let users = world.users.clone();
            tokio::spawn(async move { users.create(NewUser::new().email("a@x.co")).await })
        })
        .collect();
    let mut winners = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Ok(_) => winners += 1,
            Err(error) => assert_eq!(error.code(), "user_already_exists"),
        }
    }
    assert_eq!(winners, 1);
}
