use rollbook::{
    Argon2Params, HashOptions, Limits, NewUser, OsRandom, PasswordHash, Peppers, SchedulerOptions,
    Stored, User, Users,
};

use crate::support::{World, on_every_store};

on_every_store! {
    by_email_and_by_phone
    wrong_passwords_unknown_users_and_users_without_one_look_alike
    a_blocked_user_learns_it_only_with_the_right_password
    an_imported_hash_is_upgraded_once
    an_outdated_cost_is_upgraded_too
    the_access_time_is_written_once_a_day
    a_hash_beyond_the_limits_is_no_way_in
    a_concurrent_password_change_wins
    long_passwords_are_refused_without_work
    a_flood_is_told_to_come_back
    a_pepper_is_needed_and_can_be_changed
}

async fn ann(users: &Users) -> Stored<User> {
    let new =
        NewUser::new().id("ann").email("ann@x.co").phone("+1415555").password("correct horse");
    users.create(new).await.unwrap()
}

fn md5(text: &str) -> PasswordHash {
    PasswordHash::import("md5", text, &HashOptions::new(), &Limits::default()).unwrap()
}

/// MD5 of `appwrite`.
const APPWRITE: &str = "144fa7eaa4904e8ee120651997f70dcc";

async fn code(users: &Users, identifier: &str, password: &str) -> &'static str {
    match users.sign_in(identifier, password).await {
        Ok(_) => "ok",
        Err(error) => error.code(),
    }
}

async fn by_email_and_by_phone(world: World) {
    ann(&world.users).await;
    for identifier in ["ann@x.co", " ANN@X.co", "+1415555"] {
        let user = world.users.sign_in(identifier, "correct horse").await.unwrap();
        assert_eq!(user.id.as_str(), "ann");
    }
}

async fn wrong_passwords_unknown_users_and_users_without_one_look_alike(world: World) {
    ann(&world.users).await;
    world.users.create(NewUser::new().email("bob@x.co")).await.unwrap();
    let refused = [
        ("ann@x.co", "Correct horse"),
        ("ann@x.co", "correct horse "),
        ("ann@x.co", ""),
        ("nobody@x.co", "correct horse"),
        ("+1415556", "correct horse"),
        ("bob@x.co", "correct horse"),
        ("bob@x.co", ""),
    ];
    for (identifier, password) in refused {
        let code = code(&world.users, identifier, password).await;
        assert_eq!(code, "user_invalid_credentials", "{identifier} {password}");
    }
    assert_eq!(world.users.get("ann").await.unwrap().accessed_at, None);
    assert_eq!(code(&world.users, "no address", "correct horse").await, "general_argument_invalid");
}

async fn a_blocked_user_learns_it_only_with_the_right_password(world: World) {
    ann(&world.users).await;
    world.users.update_status("ann", false).await.unwrap();
    assert_eq!(code(&world.users, "ann@x.co", "correct horse").await, "user_blocked");
    assert_eq!(code(&world.users, "ann@x.co", "wrong horse").await, "user_invalid_credentials");
    assert_eq!(world.users.get("ann").await.unwrap().accessed_at, None);
    world.users.update_status("ann", true).await.unwrap();
    assert_eq!(code(&world.users, "ann@x.co", "correct horse").await, "ok");
}

async fn an_imported_hash_is_upgraded_once(world: World) {
    let new = NewUser::new().id("u").email("u@x.co").password_hash(md5(APPWRITE));
    let created = world.users.create(new).await.unwrap();
    world.clock.advance(10);
    assert_eq!(code(&world.users, "u@x.co", "wrong").await, "user_invalid_credentials");
    assert_eq!(world.users.get("u").await.unwrap().credential, created.credential);

    let user = world.users.sign_in("u@x.co", "appwrite").await.unwrap();
    let upgraded = user.credential.clone().unwrap();
    assert_eq!(upgraded.algorithm(), "argon2");
    assert_eq!(user.password_update, created.password_update, "the password is still the same");
    assert_eq!(user.revision(), 2, "the upgrade and the access time are one commit");

    let user = world.users.sign_in("u@x.co", "appwrite").await.unwrap();
    assert_eq!((user.credential.clone(), user.revision()), (Some(upgraded), 2));
}

async fn an_outdated_cost_is_upgraded_too(world: World) {
    ann(&world.users).await;
    let stronger = Argon2Params::new(16, 2, 1).unwrap();
    let users = crate::support::builder(world.store).hashing(stronger).build();
    let user = users.sign_in("ann@x.co", "correct horse").await.unwrap();
    assert!(user.credential.as_ref().unwrap().hash().contains("m=16,t=2,p=1"));
    assert_eq!(code(&users, "ann@x.co", "correct horse").await, "ok");
}

async fn the_access_time_is_written_once_a_day(world: World) {
    let created = ann(&world.users).await;
    let day = 24 * 60 * 60 * 1000;
    let mut times = Vec::new();
    for advance in [0, day - 1, 1] {
        world.clock.advance(advance);
        let user = world.users.sign_in("ann@x.co", "correct horse").await.unwrap();
        times.push(user.accessed_at.unwrap().as_millis() - created.created_at.as_millis());
    }
    assert_eq!(times, [0, 0, day]);
    assert_eq!(world.users.get("ann").await.unwrap().revision(), 3);
}

async fn a_hash_beyond_the_limits_is_no_way_in(world: World) {
    ann(&world.users).await;
    let strict = Limits::default().with_argon2_memory_kib(7);
    let users = crate::support::builder(world.store).limits(strict).build();
    assert_eq!(code(&users, "ann@x.co", "correct horse").await, "user_invalid_credentials");
}

async fn a_concurrent_password_change_wins(world: World) {
    for round in 0..10 {
        let (id, email) = (format!("u{round}"), format!("u{round}@x.co"));
        let new = NewUser::new().id(&id).email(&email).password_hash(md5(APPWRITE));
        world.users.create(new).await.unwrap();
        let (users, address) = (world.users.clone(), email.clone());
        let sign_in = tokio::spawn(async move { users.sign_in(&address, "appwrite").await });
        world.users.update_password(&id, "battery staple").await.unwrap();
        match sign_in.await.unwrap() {
            Ok(_) => {}
            Err(error) => assert_eq!(error.code(), "user_invalid_credentials"),
        }
        assert_eq!(code(&world.users, &email, "battery staple").await, "ok");
        assert_eq!(code(&world.users, &email, "appwrite").await, "user_invalid_credentials");
    }
}

async fn long_passwords_are_refused_without_work(world: World) {
    let longest = "x".repeat(4096);
    let hash =
        PasswordHash::hash(longest.as_bytes(), &Argon2Params::insecure_for_tests(), &OsRandom);
    let new = NewUser::new().email("u@x.co").password_hash(hash.unwrap());
    world.users.create(new).await.unwrap();
    assert_eq!(code(&world.users, "u@x.co", &longest).await, "ok");
    let longer = "x".repeat(4097);
    assert_eq!(code(&world.users, "u@x.co", &longer).await, "user_invalid_credentials");
}

async fn a_flood_is_told_to_come_back(world: World) {
    ann(&world.users).await;
    let nothing = SchedulerOptions::new().queue(0);
    let users = crate::support::builder(world.store).scheduling(nothing).build();
    for identifier in ["ann@x.co", "nobody@x.co"] {
        assert_eq!(code(&users, identifier, "correct horse").await, "general_rate_limit_exceeded");
    }
    let refused = users.create(NewUser::new().password("correct horse")).await.unwrap_err();
    assert_eq!(refused.code(), "general_rate_limit_exceeded");
    assert_eq!(users.scheduler_stats().refused, 3);
}

async fn a_pepper_is_needed_and_can_be_changed(world: World) {
    let with = |peppers: Peppers| {
        let cheap = Argon2Params::insecure_for_tests();
        crate::support::builder(world.store.clone()).hashing(cheap).peppers(peppers).build()
    };
    let pepper =
        |users: &Stored<User>| users.credential.as_ref().unwrap().pepper().map(ToOwned::to_owned);
    // Made without a key, the hash takes one at the next sign-in.
    ann(&world.users).await;
    let old = with(Peppers::new("2025", "the old key"));
    let user = old.sign_in("ann@x.co", "correct horse").await.unwrap();
    assert_eq!(pepper(&user).as_deref(), Some("2025"));
    // Without the key, or with another under its name, nobody gets in.
    let other = with(Peppers::new("2025", "another key"));
    for users in [&world.users, &other] {
        assert_eq!(code(users, "ann@x.co", "correct horse").await, "user_invalid_credentials");
    }
    let new = with(Peppers::new("2026", "the new key").older("2025", "the old key"));
    assert_eq!(code(&new, "ann@x.co", "wrong horse").await, "user_invalid_credentials");
    let user = new.sign_in("ann@x.co", "correct horse").await.unwrap();
    assert_eq!(pepper(&user).as_deref(), Some("2026"));
    assert_eq!(code(&old, "ann@x.co", "correct horse").await, "user_invalid_credentials");
    let user = new.update_password("ann", "battery staple").await.unwrap();
    assert_eq!(pepper(&user).as_deref(), Some("2026"));
    assert_eq!(code(&new, "ann@x.co", "battery staple").await, "ok");
}
