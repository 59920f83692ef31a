use rollbook::{ApiKey, Error, NewApiKey, Scope, SecretDigest, Timestamp};

use crate::support::{START, World, on_every_store};

on_every_store! {
    a_key_is_found_by_its_secret_alone
    a_key_that_has_expired_is_told_apart
    the_use_of_a_key_is_noted_once_a_day
    keys_are_listed_and_deleted
    what_a_key_is_made_of_is_checked
    keys_are_the_servers
}

async fn a_key_is_found_by_its_secret_alone(world: World) {
    let users = &world.users;
    let scopes = [Scope::UsersRead, Scope::UsersWrite, Scope::UsersRead];
    let (key, secret) =
        users.create_api_key(NewApiKey::new("backend", scopes).project("acme")).await.unwrap();
    assert_eq!(key.scopes, [Scope::UsersRead, Scope::UsersWrite]);
    assert!(key.allows("acme", Scope::UsersWrite) && !key.allows("acme", Scope::TeamsRead));
    assert!(!key.allows("other", Scope::UsersRead));

    let digits = secret.as_str().strip_prefix("standard_").unwrap();
    assert!(digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{digits}");
    let mut bytes = Vec::new();
    key.document().record().encode(&mut bytes);
    assert!(!String::from_utf8(bytes).unwrap().contains(digits), "the secret is not kept");

    let found = users.find_api_key(secret.as_str()).await.unwrap().unwrap();
    let same = users.find_api_key_by_digest(&SecretDigest::of(secret.as_str())).await;
    assert_eq!(same.unwrap().unwrap().id, found.id);
    assert_eq!(found.id, key.id);
    for wrong in ["", "standard_", digits, key.secret.as_str(), &secret.as_str()[..72]] {
        assert!(users.find_api_key(wrong).await.unwrap().is_none(), "{wrong}");
    }
}

async fn a_key_that_has_expired_is_told_apart(world: World) {
    let end = Timestamp::from_millis(START + 1000).unwrap();
    let new = NewApiKey::new("short", [Scope::UsersRead]).expire(end);
    let (_, secret) = world.users.create_api_key(new).await.unwrap();
    world.clock.advance(999);
    assert!(world.users.find_api_key(secret.as_str()).await.unwrap().is_some());
    world.clock.advance(1);
    let error = world.users.find_api_key(secret.as_str()).await.unwrap_err();
    assert!(matches!(error, Error::ApiKeyExpired), "{error:?}");
    assert_eq!(error.code(), "project_key_expired");
}

async fn the_use_of_a_key_is_noted_once_a_day(world: World) {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let new = NewApiKey::new("backend", [Scope::UsersRead]);
    let (key, secret) = world.users.create_api_key(new).await.unwrap();
    assert_eq!(key.accessed_at, None);
    for (pause, revision, accessed) in
        [(5, 2, START + 5), (DAY - 1, 2, START + 5), (1, 3, START + 5 + DAY)]
    {
        world.clock.advance(pause);
        let found = world.users.find_api_key(secret.as_str()).await.unwrap().unwrap();
        let accessed = Timestamp::from_millis(accessed).ok();
        assert_eq!((found.revision(), found.accessed_at), (revision, accessed));
        assert_eq!(found.updated_at, key.updated_at);
    }
}

async fn keys_are_listed_and_deleted(world: World) {
    let users = &world.users;
    let new = |name: &str| NewApiKey::new(name, [Scope::UsersRead]);
    let (first, secret) = users.create_api_key(new("first")).await.unwrap();
    users.create_api_key(new("second")).await.unwrap();
    let names = |keys: &[rollbook::Stored<ApiKey>]| {
        keys.iter().map(|key| key.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&users.list_api_keys().await.unwrap()), ["first", "second"]);
    users.delete_api_key(&first.id).await.unwrap();
    assert!(users.find_api_key(secret.as_str()).await.unwrap().is_none());
    let again = users.delete_api_key(&first.id).await.unwrap_err();
    assert_eq!(again.code(), "key_not_found");
    assert_eq!(names(&users.list_api_keys().await.unwrap()), ["second"]);
}

async fn what_a_key_is_made_of_is_checked(world: World) {
    let new = |name: &str| NewApiKey::new(name, [Scope::UsersRead]);
    let refused = [
        (new(""), "name"),
        (new(&"a".repeat(129)), "name"),
        (NewApiKey::new("none", []), "scopes"),
        (new("bad").project("a/b"), "project"),
    ];
    for (new, field) in refused {
        let error = world.users.create_api_key(new).await.unwrap_err();
        assert_eq!(error.field(), Some(field), "{error:?}");
    }
    assert!(world.users.list_api_keys().await.unwrap().is_empty());
}

/// Whichever handle they are asked through, and none of a tenant's records.
async fn keys_are_the_servers(world: World) {
    let other = world.users.tenant("other").unwrap();
    let plain = world.users.tenant("default").unwrap();
    let new = NewApiKey::new("backend", [Scope::UsersRead]);
    let (key, secret) = other.create_api_key(new).await.unwrap();
    assert_eq!(plain.list_api_keys().await.unwrap()[0].id, key.id);
    assert!(world.users.find_api_key(secret.as_str()).await.unwrap().is_some());
}
