use rollbook::{
    Argon2Params, HashOptions, Limits, NewUser, PasswordHash, PasswordPolicy, Policies, Strength,
    Users,
};

use crate::support::{World, on_every_store};

on_every_store! {
    each_rule_has_its_error
    the_last_passwords_are_refused_and_older_ones_are_not
    a_remembered_password_is_verified_by_its_own_scheme
    hashes_from_elsewhere_are_not_looked_into
}

fn with(world: &World, policy: PasswordPolicy) -> Users {
    let cheap = Argon2Params::insecure_for_tests();
    crate::support::builder(world.store.clone())
        .hashing(cheap)
        .policies(Policies::new().passwords(policy))
        .build()
}

async fn each_rule_has_its_error(world: World) {
    let policy = PasswordPolicy::new()
        .history(1)
        .refuse_common()
        .refuse_personal_data()
        .strength(Strength::new().number());
    let users = with(&world, policy);
    let new = |password: &str| NewUser::new().id("ann").name("Ann Lee").password(password);
    let refused = [
        ("no number here", "general_argument_invalid"),
        ("trustno1", "general_argument_invalid"),
        ("1 ANN LEE 1", "password_personal_data"),
    ];
    for (password, code) in refused {
        assert_eq!(users.create(new(password)).await.unwrap_err().code(), code, "{password}");
    }
    users.create(new("4 correct horses")).await.unwrap();
    for (password, code) in refused {
        let error = users.update_password("ann", password).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (code, Some("password")), "{password}");
    }
    let used = users.update_password("ann", "4 correct horses").await.unwrap_err();
    assert_eq!(used.code(), "password_recently_used");
    users.update_password("ann", "5 correct horses").await.unwrap();
}

async fn the_last_passwords_are_refused_and_older_ones_are_not(world: World) {
    let users = with(&world, PasswordPolicy::new().history(3));
    users.create(NewUser::new().id("u").password("password 0")).await.unwrap();
    for n in 1..6 {
        users.update_password("u", &format!("password {n}")).await.unwrap();
        let user = users.get("u").await.unwrap();
        assert_eq!(user.password_history.len(), 3.min(n + 1));
        for old in n.saturating_sub(2)..=n {
            let error = users.update_password("u", &format!("password {old}")).await.unwrap_err();
            assert_eq!(error.code(), "password_recently_used", "{old} after {n}");
        }
    }
    users.update_password("u", "password 0").await.unwrap();
}

async fn a_remembered_password_is_verified_by_its_own_scheme(world: World) {
    let text = "144fa7eaa4904e8ee120651997f70dcc";
    let hash = PasswordHash::import("md5", text, &HashOptions::new(), &Limits::default()).unwrap();
    let users = with(&world, PasswordPolicy::new().history(2));
    users.create(NewUser::new().id("u").email("u@x.co").password_hash(hash)).await.unwrap();
    users.sign_in("u@x.co", "appwrite").await.unwrap();
    assert_eq!(users.get("u").await.unwrap().password_history[0].algorithm(), "md5");
    users.update_password("u", "battery staple").await.unwrap();
    let error = users.update_password("u", "appwrite").await.unwrap_err();
    assert_eq!(error.code(), "password_recently_used");
}

async fn hashes_from_elsewhere_are_not_looked_into(world: World) {
    let text = "5f4dcc3b5aa765d61d8327deb882cf99";
    let hash = PasswordHash::import("md5", text, &HashOptions::new(), &Limits::default()).unwrap();
    let users = with(&world, PasswordPolicy::new().refuse_common());
    users.create(NewUser::new().email("u@x.co").password_hash(hash)).await.unwrap();
    users.sign_in("u@x.co", "password").await.unwrap();
}
