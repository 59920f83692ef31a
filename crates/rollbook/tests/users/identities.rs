use rollbook::{
    Argon2Params, Batch, Error, Expect, ID, Identity, IdentityTokens, List, ListLogs, NewIdentity,
    NewUser, Query, QuerySyntax, Record, SealingKeys, SeededRandom, Stored, Timestamp, Users,
};

use crate::support::{START, World, on_every_store};

on_every_store! {
    an_identity_is_made_found_and_deleted
    lists_have_queries_and_cursors
    an_account_is_linked_once
    of_racing_creators_one_links_the_account
    lengths_have_bounds
    an_email_elsewhere_is_taken
    tokens_are_sealed_at_rest
    altered_and_moved_tokens_are_refused
    tokens_are_renewed
    a_new_key_takes_over
    without_keys_there_are_no_tokens
    a_deleted_user_leaves_no_identity
}

fn with_keys(world: &World, keys: SealingKeys) -> Users {
    crate::support::builder(world.store.clone())
        .clock(world.clock.clone())
        .random(crate::support::recording::witness(SeededRandom::new(2)))
        .hashing(Argon2Params::insecure_for_tests())
        .sealing_keys(keys)
        .build()
}

async fn with_ann(world: &World) -> Users {
    let users = with_keys(world, SealingKeys::new("2025", [5; 32]));
    users.create(NewUser::new().id("ann").email("ann@x.co")).await.unwrap();
    users.create(NewUser::new().id("bob")).await.unwrap();
    users
}

fn google() -> NewIdentity {
    let new = NewIdentity::new("google", "117").email("Ann.Lee@x.co").access_token("open sesame");
    new.access_token_expiry(Timestamp::from_millis(START + 3_600_000).unwrap())
        .refresh_token("once more")
}

async fn events(users: &Users) -> Vec<String> {
    let logs = users.list_logs("ann", ListLogs::new()).await.unwrap().logs;
    logs.iter().rev().map(|entry| entry.event.to_string()).collect()
}

/// Puts `changed` in the place of what is stored.
async fn forge(world: &World, changed: Identity) {
    let batch = Batch::new().put(changed, Expect::Anything);
    world.store.commit(vec![batch]).await.unwrap().pop().unwrap().unwrap();
}

async fn an_identity_is_made_found_and_deleted(world: World) {
    let users = with_ann(&world).await;
    let made = users.create_identity("ann", google()).await.unwrap();
    assert_eq!(made.provider_email.as_deref(), Some("ann.lee@x.co"));
    let found = users.get_identity(&made.id).await.unwrap();
    assert_eq!(*found, *made);
    let wire = found.to_wire(&users.identity_tokens(&made.id).await.unwrap());
    assert_eq!(
        wire,
        serde_json::json!({
            "$id": made.id.as_str(),
            "$createdAt": "2026-01-01T00:00:00.000+00:00",
            "$updatedAt": "2026-01-01T00:00:00.000+00:00",
            "userId": "ann",
            "provider": "google",
            "providerUid": "117",
            "providerEmail": "ann.lee@x.co",
            "providerAccessToken": "open sesame",
            "providerAccessTokenExpiry": "2026-01-01T01:00:00.000+00:00",
            "providerRefreshToken": "once more",
        })
    );
    users.delete_identity(&made.id).await.unwrap();
    for error in [
        users.get_identity(&made.id).await.unwrap_err(),
        users.identity_tokens(&made.id).await.unwrap_err(),
        users.update_identity_tokens(&made.id, IdentityTokens::new()).await.unwrap_err(),
        users.reseal_identity(&made.id).await.unwrap_err(),
        users.delete_identity(&made.id).await.unwrap_err(),
    ] {
        assert_eq!(error.code(), "user_identity_not_found");
    }
    assert_eq!(events(&users).await, ["user.create", "identity.create", "identity.delete"]);
    let unknown = users.create_identity("nobody", google()).await;
    assert!(matches!(unknown, Err(Error::UserNotFound)));
}

async fn lists_have_queries_and_cursors(world: World) {
    let users = with_ann(&world).await;
    for number in 0..6 {
        let (user, provider) = if number % 2 == 0 { ("ann", "google") } else { ("bob", "github") };
        let new = NewIdentity::new(provider, number.to_string()).email(format!("{number}@x.co"));
        users.create_identity(user, new).await.unwrap();
    }
    let uids = |records: &[Stored<Identity>]| -> Vec<String> {
        records.iter().map(|identity| identity.provider_uid.clone()).collect()
    };
    let list = |queries: &[&str]| {
        List::<Identity>::from_queries(QuerySyntax::Text, queries.iter().copied())
    };
    for (query, expected) in [
        (r#"equal("userId", ["ann"])"#, ["0", "2", "4"].as_slice()),
        (r#"equal("provider", ["github"])"#, &["1", "3", "5"]),
        (r#"equal("providerUid", ["3", "4"])"#, &["3", "4"]),
        (r#"startsWith("providerEmail", ["2@"])"#, &["2"]),
        (r#"isNotNull("providerAccessTokenExpiry")"#, &[]),
        (r#"greaterThan("$createdAt", ["2030-01-01"])"#, &[]),
    ] {
        let page = users.list_identities(list(&[query]).unwrap()).await.unwrap();
        assert_eq!(uids(&page.records), expected, "{query}");
        assert_eq!(page.total, expected.len() as u64, "{query}");
    }
    assert!(list(&[r#"equal("providerAccessToken", ["x"])"#]).is_err(), "it is sealed");
    assert!(List::<Identity>::new().search("ann").is_err(), "there is nothing to search in");

    let first = list(&[r#"orderDesc("providerUid")"#, "limit(2)"]).unwrap();
    let first = users.list_identities(first).await.unwrap();
    assert_eq!((uids(&first.records), first.total), (vec!["5".to_owned(), "4".to_owned()], 6));
    let after = format!(r#"cursorAfter("{}")"#, first.records[1].id);
    let next = list(&[r#"orderDesc("providerUid")"#, "limit(2)", &after]).unwrap();
    assert_eq!(uids(&users.list_identities(next).await.unwrap().records), ["3", "2"]);
    let order = List::new().order(Identity::PROVIDER_UID.descending());
    let next = order.limit(2).after_cursor(first.last_cursor().unwrap());
    assert_eq!(uids(&users.list_identities(next).await.unwrap().records), ["3", "2"]);
    let nowhere = users.list_identities(List::new().after("nothing")).await;
    let error = nowhere.unwrap_err();
    assert_eq!(error.code(), "general_cursor_not_found");
    assert_eq!(error.to_string(), "User 'nothing' for the 'cursor' value not found.");
}

async fn an_account_is_linked_once(world: World) {
    let users = with_ann(&world).await;
    let made = users.create_identity("ann", google()).await.unwrap();
    for user in ["ann", "bob"] {
        let error = users.create_identity(user, google()).await.unwrap_err();
        assert!(matches!(error, Error::IdentityAlreadyExists), "{error}");
        assert_eq!(error.code(), "user_already_exists");
    }
    users.create_identity("ann", NewIdentity::new("google", "118")).await.unwrap();
    users.create_identity("bob", NewIdentity::new("github", "117")).await.unwrap();
    assert_eq!(events(&users).await, ["user.create", "identity.create", "identity.create"]);
    users.delete_identity(&made.id).await.unwrap();
    users.create_identity("bob", google()).await.unwrap();
}

async fn of_racing_creators_one_links_the_account(world: World) {
    let users = with_ann(&world).await;
    for round in 0..10 {
        let tries = ["ann", "bob", "ann", "bob"].map(|user| {
            let (users, new) = (users.clone(), NewIdentity::new("google", round.to_string()));
            tokio::spawn(async move { users.create_identity(user, new).await })
        });
        let mut won = 0;
        for one in tries {
            match one.await.unwrap() {
                Ok(_) => won += 1,
                Err(Error::IdentityAlreadyExists) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(won, 1);
    }
    assert_eq!(users.list_identities(List::new()).await.unwrap().total, 10);
}

async fn lengths_have_bounds(world: World) {
    let users = with_ann(&world).await;
    let text = |length| "é".repeat(length);
    let longest = NewIdentity::new(text(128), text(2048)).email(text(320));
    let longest = longest.access_token("x".repeat(16_384)).refresh_token("");
    let made = users.create_identity("ann", longest).await.unwrap();
    assert_eq!(users.identity_tokens(&made.id).await.unwrap().refresh(), None);
    for (new, field) in [
        (NewIdentity::new("", "1"), "provider"),
        (NewIdentity::new(text(129), "1"), "provider"),
        (NewIdentity::new("google", ""), "providerUid"),
        (NewIdentity::new("google", text(2049)), "providerUid"),
        (NewIdentity::new("google", "1").email(text(321)), "providerEmail"),
        (NewIdentity::new("google", "1").access_token("x".repeat(16_385)), "providerAccessToken"),
        (NewIdentity::new("google", "1").refresh_token("x".repeat(16_385)), "providerRefreshToken"),
    ] {
        let error = users.create_identity("ann", new).await.unwrap_err();
        assert_eq!((error.code(), error.field()), ("general_argument_invalid", Some(field)));
    }
}

async fn an_email_elsewhere_is_taken(world: World) {
    let users = with_ann(&world).await;
    let made = users.create_identity("ann", google()).await.unwrap();
    let refused = users.create(NewUser::new().email("ANN.lee@x.co")).await.unwrap_err();
    assert_eq!((refused.code(), refused.field()), ("user_email_already_exists", Some("email")));
    let refused = users.update_email("bob", "ann.LEE@x.co").await;
    assert!(matches!(refused, Err(Error::EmailAlreadyExists)));
    let unknown = users.update_email("nobody", "ann.lee@x.co").await;
    assert!(matches!(unknown, Err(Error::UserNotFound)));
    users.update_email("ann", "ann.lee@x.co").await.unwrap();
    users.update_email("ann", "ann@x.co").await.unwrap();
    users.delete_identity(&made.id).await.unwrap();
    users.update_email("bob", "ann.lee@x.co").await.unwrap();
    // The other way round nothing is asked: who owns the account is the provider's to say.
    users.create_identity("ann", google()).await.unwrap();
}

async fn tokens_are_sealed_at_rest(world: World) {
    let users = with_ann(&world).await;
    let made = users.create_identity("ann", google()).await.unwrap();
    let query = Query::new(Identity::SCHEMA).filter(ID.equal([made.id.to_string()]).unwrap());
    let stored = world.store.select(&query).await.unwrap();
    let mut body = Vec::new();
    stored[0].record().encode(&mut body);
    let body = String::from_utf8(body).unwrap();
    assert!(body.contains(r#""key":"2025""#), "{body}");
    let tokens = users.identity_tokens(&made.id).await.unwrap();
    let shown = format!("{made:?} {tokens:?} {:?} {users:?}", google());
    for secret in ["open sesame", "once more"] {
        assert!(!body.contains(secret) && !shown.contains(secret));
    }
    assert!(!shown.contains("[5, 5"), "the key");
    assert_eq!((tokens.access(), tokens.refresh()), (Some("open sesame"), Some("once more")));
    assert_eq!(tokens.access_expiry(), made.provider_access_token_expiry);
    assert_eq!(made.to_wire(&IdentityTokens::new())["providerAccessToken"], "");
}

async fn altered_and_moved_tokens_are_refused(world: World) {
    let users = with_ann(&world).await;
    let made = users.create_identity("ann", google()).await.unwrap();
    let other = NewIdentity::new("github", "1").access_token("another");
    let other = users.create_identity("bob", other).await.unwrap();

    let mut swapped = (*made).clone();
    swapped.provider_access_token.clone_from(&made.provider_refresh_token);
    swapped.provider_refresh_token.clone_from(&made.provider_access_token);
    let mut moved = (*made).clone();
    moved.provider_access_token.clone_from(&other.provider_access_token);
    let mut altered = serde_json::to_value(&*made).unwrap();
    let text = altered["providerAccessToken"]["text"].as_str().unwrap();
    let first = if text.starts_with('A') { "B" } else { "A" };
    altered["providerAccessToken"]["text"] = format!("{first}{}", &text[1..]).into();
    let altered = serde_json::from_value(altered).unwrap();
    for forged in [swapped, moved, altered] {
        forge(&world, forged).await;
        let error = users.identity_tokens(&made.id).await.unwrap_err();
        assert!(matches!(&error, Error::SealBroken { key } if key == "2025"), "{error}");
    }
    forge(&world, (*made).clone()).await;
    users.identity_tokens(&made.id).await.unwrap();
}

async fn tokens_are_renewed(world: World) {
    let users = with_ann(&world).await;
    let made = users.create_identity("ann", google()).await.unwrap();
    world.clock.advance(1000);
    let update = |tokens| users.update_identity_tokens(&made.id, tokens);
    let changed = update(IdentityTokens::new().access_token("second")).await.unwrap();
    assert_eq!(changed.provider_access_token_expiry, None, "it was that of the first");
    assert_eq!(changed.updated_at.as_millis(), START + 1000);
    let tokens = users.identity_tokens(&made.id).await.unwrap();
    assert_eq!((tokens.access(), tokens.refresh()), (Some("second"), Some("once more")));
    let expiry = Timestamp::from_millis(START + 5000).unwrap();
    update(IdentityTokens::new().access_token_expiry(expiry).refresh_token("")).await.unwrap();
    let tokens = users.identity_tokens(&made.id).await.unwrap();
    assert_eq!((tokens.access(), tokens.refresh()), (Some("second"), None));
    assert_eq!(tokens.access_expiry(), Some(expiry));
    let kept = update(IdentityTokens::new()).await.unwrap();
    assert_eq!(kept.revision(), 3, "nothing was written");
    let long = update(IdentityTokens::new().refresh_token("x".repeat(16_385))).await;
    assert_eq!(long.unwrap_err().field(), Some("providerRefreshToken"));
    let expected = ["user.create", "identity.create", "identity.update", "identity.update"];
    assert_eq!(events(&users).await, expected);
}

async fn a_new_key_takes_over(world: World) {
    let users = with_ann(&world).await;
    let made = users.create_identity("ann", google()).await.unwrap();
    assert!(!users.reseal_identity(&made.id).await.unwrap(), "the key is the present one");
    let stranger = with_keys(&world, SealingKeys::new("2026", [6; 32]));
    for error in [
        stranger.identity_tokens(&made.id).await.unwrap_err(),
        stranger.reseal_identity(&made.id).await.unwrap_err(),
    ] {
        assert!(matches!(&error, Error::UnknownSealingKey { key } if key == "2025"), "{error}");
    }
    let both = with_keys(&world, SealingKeys::new("2026", [6; 32]).older("2025", [5; 32]));
    both.identity_tokens(&made.id).await.unwrap();
    assert!(both.reseal_identity(&made.id).await.unwrap());
    assert!(!both.reseal_identity(&made.id).await.unwrap());
    let tokens = stranger.identity_tokens(&made.id).await.unwrap();
    assert_eq!((tokens.access(), tokens.refresh()), (Some("open sesame"), Some("once more")));
    let error = users.identity_tokens(&made.id).await.unwrap_err();
    assert!(error.to_string().contains(r#""2026""#), "{error}");
}

async fn without_keys_there_are_no_tokens(world: World) {
    let sealing = with_ann(&world).await;
    let sealed = sealing.create_identity("ann", google()).await.unwrap();
    let users = &world.users;
    let bare = NewIdentity::new("github", "1").email("ann@y.co");
    let made = users.create_identity("ann", bare.clone().access_token("")).await.unwrap();
    assert_eq!(users.identity_tokens(&made.id).await.unwrap(), IdentityTokens::new());
    assert!(!users.reseal_identity(&made.id).await.unwrap());
    let tokens = IdentityTokens::new().refresh_token("x");
    for error in [
        users.create_identity("ann", bare.access_token("x")).await.unwrap_err(),
        users.update_identity_tokens(&made.id, tokens).await.unwrap_err(),
        users.reseal_identity(&sealed.id).await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::NoSealingKeys), "{error}");
    }
    let error = users.identity_tokens(&sealed.id).await.unwrap_err();
    assert!(matches!(error, Error::UnknownSealingKey { .. }), "{error}");
}

async fn a_deleted_user_leaves_no_identity(world: World) {
    let users = with_ann(&world).await;
    let made = users.create_identity("ann", google()).await.unwrap();
    users.create_identity("bob", NewIdentity::new("github", "1")).await.unwrap();
    users.delete("ann").await.unwrap();
    assert!(matches!(users.get_identity(&made.id).await, Err(Error::IdentityNotFound)));
    assert_eq!(users.list_identities(List::new()).await.unwrap().total, 1);
    users.create_identity("bob", google()).await.unwrap();
}
