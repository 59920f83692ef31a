use rollbook::{
    Argon2Params, Authenticator, Batch, Challenge, Collection, Error, Expect, Factor, FactorPolicy,
    NewUser, Policies, Query, Record, RecoveryCodes, SealingKeys, Secret, Stored, Users,
};

use crate::support::{World, on_every_store};

on_every_store! {
    factors_are_sealed_at_rest
    without_keys_factors_rest_readable
    what_rests_readable_is_sealed_when_it_is_written
    a_new_key_takes_over
    a_stranger_s_key_opens_nothing
    what_was_moved_is_refused
    what_others_change_meanwhile_is_kept
}

fn keys(year: u8) -> SealingKeys {
    SealingKeys::new(format!("20{year}"), [year; 32])
}

fn with(world: &World, keys: Option<SealingKeys>) -> Users {
    let factors = FactorPolicy::new().allow(Factor::Custom);
    let builder = Users::builder(world.store.clone())
        .clock(world.clock.clone())
        .hashing(Argon2Params::insecure_for_tests())
        .policies(Policies::new().factors(factors));
    match keys {
        Some(keys) => builder.sealing_keys(keys),
        None => builder,
    }
    .build()
}

/// The secrets of a user with one of each factor.
async fn with_factors(users: &Users, id: &str) -> Vec<String> {
    users.create(NewUser::new().id(id)).await.unwrap();
    let authenticator = users.create_authenticator(id, "Example").await.unwrap();
    let codes = users.create_recovery_codes(id).await.unwrap();
    let challenge = users.create_challenge(id, None, Factor::Custom).await.unwrap();
    let (_, answer) = users.get_challenge(id, &challenge.id).await.unwrap();
    let all = codes.iter().chain([&authenticator.secret, &answer]);
    all.map(|secret| secret.as_str().to_owned()).collect()
}

async fn records<T: Record>(world: &World) -> Vec<Stored<T>> {
    Collection::<T>::new(world.store.clone()).list(&Query::new(T::SCHEMA)).await.unwrap()
}

/// The bodies of all factors as they rest.
async fn at_rest(world: &World) -> String {
    let mut body = Vec::new();
    for schema in [Authenticator::SCHEMA, RecoveryCodes::SCHEMA, Challenge::SCHEMA] {
        for document in world.store.select(&Query::new(schema)).await.unwrap() {
            document.record().encode(&mut body);
        }
    }
    String::from_utf8(body).unwrap()
}

/// Puts a record into the store behind the back of `Users`.
async fn forge<T: Record + Clone>(world: &World, id: &str, record: T) {
    let records = Collection::<T>::new(world.store.clone());
    let revision = records.get(id).await.unwrap().unwrap().revision();
    records.commit(Batch::new().put(record, Expect::Revision(revision))).await.unwrap();
}

async fn factors_are_sealed_at_rest(world: World) {
    let users = with(&world, Some(keys(25)));
    let secrets = with_factors(&users, "ann").await;
    assert_eq!(secrets.len(), 8);
    let body = at_rest(&world).await;
    assert_eq!(body.matches(r#""key":"2025""#).count(), 8, "{body}");
    for secret in &secrets {
        assert!(!body.contains(secret.as_str()), "{body}");
    }
    let codes = users.get_recovery_codes("ann").await.unwrap();
    assert!(codes.iter().map(Secret::as_str).eq(&secrets[..6]));
    users.use_recovery_code("ann", &secrets[0]).await.unwrap();
    let challenge = records::<Challenge>(&world).await.remove(0);
    users.complete_challenge("ann", &challenge.id, &secrets[7]).await.unwrap();
    // What replaces them is sealed as well.
    let again = users.create_authenticator("ann", "Example").await.unwrap();
    let codes = users.regenerate_recovery_codes("ann").await.unwrap();
    let body = at_rest(&world).await;
    assert_eq!(body.matches(r#""key":"2025""#).count(), 7, "{body}");
    for secret in codes.iter().chain([&again.secret]) {
        assert!(!body.contains(secret.as_str()), "{body}");
    }
    assert_eq!(users.get_recovery_codes("ann").await.unwrap(), codes);
    assert!(!users.reseal_factors("ann").await.unwrap(), "the key is the present one");
}

async fn without_keys_factors_rest_readable(world: World) {
    let users = with(&world, None);
    let secrets = with_factors(&users, "ann").await;
    let body = at_rest(&world).await;
    for secret in &secrets {
        assert!(body.contains(&format!(r#""{secret}""#)), "{body}");
    }
    assert!(matches!(users.reseal_factors("ann").await, Err(Error::NoSealingKeys)));
    users.create(NewUser::new().id("bob")).await.unwrap();
    assert!(!users.reseal_factors("bob").await.unwrap(), "there is nothing");
    assert!(matches!(users.reseal_factors("nobody").await, Err(Error::UserNotFound)));
}

async fn what_rests_readable_is_sealed_when_it_is_written(world: World) {
    let secrets = with_factors(&with(&world, None), "ann").await;
    let users = with(&world, Some(keys(25)));
    users.use_recovery_code("ann", &secrets[0]).await.unwrap();
    let kept = records::<RecoveryCodes>(&world).await.remove(0);
    let sealed: Vec<_> = kept.codes.iter().map(|code| code.key()).collect();
    assert_eq!(sealed, [Some("2025"); 5]);
    let challenge = records::<Challenge>(&world).await.remove(0);
    assert_eq!(challenge.code.as_ref().unwrap().key(), None);
    users.complete_challenge("ann", &challenge.id, "wrong").await.unwrap_err();
    let body = at_rest(&world).await;
    assert!(!body.contains(&secrets[7]), "{body}");
    assert!(body.contains(&secrets[6]), "the authenticator was not written: {body}");
    assert!(users.reseal_factors("ann").await.unwrap());
    let body = at_rest(&world).await;
    assert!(secrets.iter().all(|secret| !body.contains(secret.as_str())), "{body}");
    let codes = users.get_recovery_codes("ann").await.unwrap();
    assert!(codes.iter().map(Secret::as_str).eq(&secrets[1..6]));
    users.complete_challenge("ann", &challenge.id, &secrets[7]).await.unwrap();
}

async fn a_new_key_takes_over(world: World) {
    let old = with(&world, Some(keys(25)));
    let secrets = with_factors(&old, "ann").await;
    let both = with(&world, Some(keys(26).older("2025", [25; 32])));
    both.use_recovery_code("ann", &secrets[0]).await.unwrap();
    let revision = records::<RecoveryCodes>(&world).await[0].revision();
    assert!(both.reseal_factors("ann").await.unwrap(), "the authenticator");
    assert_eq!(records::<RecoveryCodes>(&world).await[0].revision(), revision, "it was done");
    assert!(!both.reseal_factors("ann").await.unwrap());
    let new = with(&world, Some(keys(26)));
    let codes = new.get_recovery_codes("ann").await.unwrap();
    assert!(codes.iter().map(Secret::as_str).eq(&secrets[1..6]));
    let authenticator = records::<Authenticator>(&world).await.remove(0);
    assert_eq!(authenticator.secret.key(), Some("2026"));
    let wrong = new.verify_authenticator("ann", "wrong").await;
    assert!(matches!(wrong, Err(Error::InvalidToken)), "the secret was read");
    let error = old.get_recovery_codes("ann").await.unwrap_err();
    assert!(matches!(&error, Error::UnknownSealingKey { key } if key == "2026"), "{error}");
}

async fn a_stranger_s_key_opens_nothing(world: World) {
    let secrets = with_factors(&with(&world, Some(keys(25))), "ann").await;
    let challenge = records::<Challenge>(&world).await.remove(0);
    for (strange, broken) in [
        (None, false),
        (Some(keys(26)), false),
        // The id is right, the key is not.
        (Some(SealingKeys::new("2025", [1; 32])), true),
    ] {
        let users = with(&world, strange.clone());
        let mut errors = vec![
            users.get_recovery_codes("ann").await.unwrap_err(),
            users.use_recovery_code("ann", &secrets[0]).await.unwrap_err(),
            users.verify_authenticator("ann", "123456").await.unwrap_err(),
            users.get_challenge("ann", &challenge.id).await.unwrap_err(),
            users.complete_challenge("ann", &challenge.id, &secrets[7]).await.unwrap_err(),
        ];
        if strange.is_some() && !broken {
            errors.push(users.reseal_factors("ann").await.unwrap_err());
        }
        for error in errors {
            match error {
                Error::UnknownSealingKey { key } if !broken => assert_eq!(key, "2025"),
                Error::SealBroken { key } if broken => assert_eq!(key, "2025"),
                error => panic!("{error}"),
            }
        }
    }
    let users = with(&world, Some(keys(25)));
    users.use_recovery_code("ann", &secrets[0]).await.unwrap();
}

async fn what_was_moved_is_refused(world: World) {
    let users = with(&world, Some(keys(25)));
    with_factors(&users, "ann").await;
    let bobs = with_factors(&users, "bob").await;
    let mut codes = records::<RecoveryCodes>(&world).await;
    codes.sort_by(|one, other| one.user_id.cmp(&other.user_id));
    let [ann, bob] = &codes[..] else { panic!("two users") };
    // Bob's codes in Ann's record.
    let mut forged = (**ann).clone();
    forged.codes.clone_from(&bob.codes);
    forge(&world, &ann.id, forged).await;
    let error = users.use_recovery_code("ann", &bobs[0]).await.unwrap_err();
    assert!(matches!(&error, Error::SealBroken { key } if key == "2025"), "{error}");
    // Bob's whole record, given to Ann.
    let collection = Collection::<RecoveryCodes>::new(world.store.clone());
    collection.delete(&ann.id).await.unwrap();
    let mut forged = (**bob).clone();
    forged.user_id = ann.user_id.clone();
    forge(&world, &bob.id, forged).await;
    let error = users.use_recovery_code("ann", &bobs[0]).await.unwrap_err();
    assert!(matches!(&error, Error::SealBroken { key } if key == "2025"), "{error}");

    let mut authenticators = records::<Authenticator>(&world).await;
    authenticators.sort_by(|one, other| one.user_id.cmp(&other.user_id));
    let mut forged = (*authenticators[0]).clone();
    forged.secret = authenticators[1].secret.clone();
    forge(&world, &authenticators[0].id, forged).await;
    let error = users.verify_authenticator("ann", "123456").await.unwrap_err();
    assert!(matches!(&error, Error::SealBroken { key } if key == "2025"), "{error}");
}

async fn what_others_change_meanwhile_is_kept(world: World) {
    let secrets = with_factors(&with(&world, None), "ann").await;
    let users = with(&world, Some(keys(25)));
    let taken = secrets[..5].iter().cloned().map(|code| {
        let users = users.clone();
        tokio::spawn(async move { users.use_recovery_code("ann", &code).await })
    });
    let reseals = (0..5).map(|_| {
        let users = users.clone();
        tokio::spawn(async move { users.reseal_factors("ann").await })
    });
    let (taken, reseals) = (taken.collect::<Vec<_>>(), reseals.collect::<Vec<_>>());
    for one in taken {
        one.await.unwrap().unwrap();
    }
    for one in reseals {
        one.await.unwrap().unwrap();
    }
    let left = users.get_recovery_codes("ann").await.unwrap();
    assert!(left.iter().map(Secret::as_str).eq([&secrets[5]]));
    let body = at_rest(&world).await;
    assert!(secrets[..7].iter().all(|secret| !body.contains(secret.as_str())), "{body}");
}
