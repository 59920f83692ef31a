use rollbook::{
    Error, ImportedUser, List, ListLogs, ListUsers, NewTarget, NewUser, ProviderType, QuerySyntax,
    Target, TargetChange, User, Users,
};

use crate::support::{World, on_every_store};

on_every_store! {
    a_target_is_made_changed_and_deleted
    identifiers_are_checked_and_unique
    a_target_is_of_its_user_alone
    of_two_with_one_identifier_one_is_made
    a_new_user_has_targets
    a_target_follows_the_email_and_the_phone
    the_same_email_again_is_no_conflict
    an_identifier_of_somebody_else_is_refused
    a_target_of_ones_own_takes_over
    two_changes_at_once_leave_one_target
    a_deleted_user_leaves_no_target
    an_imported_user_gets_a_target_when_asked
}

async fn of(users: &Users, user: &str) -> Vec<(String, String)> {
    let page = users.list_targets(user, List::new()).await.unwrap();
    assert_eq!(page.total, u64::try_from(page.records.len()).unwrap());
    let named = |one: &Target| (one.provider_type.name().to_owned(), one.identifier.clone());
    page.records.iter().map(|one| named(one)).collect()
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(kind, identifier)| (kind.to_owned(), identifier.to_owned())).to_vec()
}

fn code<T: std::fmt::Debug>(outcome: Result<T, Error>) -> &'static str {
    outcome.unwrap_err().code()
}

fn push(identifier: &str) -> NewTarget {
    NewTarget::new(ProviderType::Push, identifier)
}

async fn a_target_is_made_changed_and_deleted(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("ann")).await.unwrap();
    let new = push("device-7").id("t").provider_id("fcm").name("Tablet");
    let target = users.create_target("ann", new).await.unwrap();
    assert_eq!(
        target.to_wire(),
        serde_json::json!({
            "$id": "t",
            "$createdAt": "2026-01-01T00:00:00.000+00:00",
            "$updatedAt": "2026-01-01T00:00:00.000+00:00",
            "name": "Tablet",
            "userId": "ann",
            "providerId": "fcm",
            "providerType": "push",
            "identifier": "device-7",
            "expired": false,
        })
    );
    world.clock.advance(1000);
    let same = users.update_target("ann", "t", TargetChange::new().name("")).await.unwrap();
    assert_eq!(same.revision(), target.revision());
    let change = TargetChange::new().identifier("device-8").name("Phone");
    let changed = users.update_target("ann", "t", change).await.unwrap();
    assert_eq!((&*changed.identifier, &*changed.name), ("device-8", "Phone"));
    assert!(changed.updated_at > target.updated_at && changed.provider_id.is_some());
    users.delete_target("ann", "t").await.unwrap();
    assert_eq!(code(users.delete_target("ann", "t").await), "user_target_not_found");
    let entries = users.list_logs("ann", ListLogs::new()).await.unwrap().logs;
    let events: Vec<_> = entries.iter().map(|entry| &*entry.event).collect();
    assert_eq!(events, ["target.delete", "target.update", "target.create", "user.create"]);
}

async fn identifiers_are_checked_and_unique(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("ann")).await.unwrap();
    let new = |kind, identifier: &str| NewTarget::new(kind, identifier);
    for (new, expected, field) in [
        (new(ProviderType::Email, "ann"), "general_invalid_email", "identifier"),
        (new(ProviderType::Sms, "ann"), "general_invalid_phone", "identifier"),
        (push(""), "general_argument_invalid", "identifier"),
        (push(&"x".repeat(256)), "general_argument_invalid", "identifier"),
        (push("x").name("x".repeat(129)), "general_argument_invalid", "name"),
        (push("x").id("_"), "general_argument_invalid", "targetId"),
        (push("x").provider_id("_"), "general_argument_invalid", "providerId"),
    ] {
        let error = users.create_target("ann", new).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (expected, Some(field)));
    }
    users.create_target("ann", push("x").id("t")).await.unwrap();
    users.create_target("ann", new(ProviderType::Email, "A@X.co").id("e")).await.unwrap();
    for taken in [push("x"), push("y").id("t"), push("a@x.co")] {
        assert_eq!(code(users.create_target("ann", taken).await), "user_target_already_exists");
    }
    let change = TargetChange::new().identifier("a@x.co");
    assert_eq!(code(users.update_target("ann", "t", change).await), "user_target_already_exists");
    let change = TargetChange::new().identifier("+14155550100");
    assert_eq!(code(users.update_target("ann", "e", change).await), "general_invalid_email");
    assert_eq!(code(users.create_target("nobody", push("z")).await), "user_not_found");
    assert_eq!(of(users, "ann").await, pairs([("push", "x"), ("email", "a@x.co")]));
}

async fn a_target_is_of_its_user_alone(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("ann").email("ann@x.co")).await.unwrap();
    users.create(NewUser::new().id("bob")).await.unwrap();
    users.create_target("ann", push("a").id("t")).await.unwrap();
    let bobs = users.create_target("bob", push("b")).await.unwrap();
    assert_eq!(users.get_target("ann", "t").await.unwrap().identifier, "a");
    for outcome in [
        users.get_target("bob", "t").await.map(drop),
        users.update_target("bob", "t", TargetChange::new().name("x")).await.map(drop),
        users.delete_target("bob", "t").await,
        users.get_target("ann", "none").await.map(drop),
    ] {
        assert_eq!(code(outcome), "user_target_not_found");
    }
    assert_eq!(code(users.list_targets("nobody", List::new()).await), "user_not_found");
    let queries = [r#"equal("providerType", ["push"])"#];
    let list = List::from_queries(QuerySyntax::Text, queries).unwrap();
    let page = users.list_targets("ann", list).await.unwrap();
    assert_eq!((page.total, &*page.records[0].identifier), (1, "a"));
    let page = users.list_targets("ann", List::new().after("t")).await.unwrap();
    assert_eq!((page.total, page.records.len()), (2, 0));
    for id in ["none", &bobs.id] {
        let error = users.list_targets("ann", List::new().before(id)).await.unwrap_err();
        assert_eq!(error.code(), "general_cursor_not_found");
        assert_eq!(error.to_string(), format!("Target '{id}' for the 'cursor' value not found."));
    }
}

async fn of_two_with_one_identifier_one_is_made(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("ann")).await.unwrap();
    for round in 0..10 {
        let tries = [0, 1, 2, 3].map(|_| {
            let users = users.clone();
            tokio::spawn(
                async move { users.create_target("ann", push(&format!("d{round}"))).await },
            )
        });
        let mut won = 0;
        for one in tries {
            match one.await.unwrap() {
                Ok(_) => won += 1,
                Err(error) => assert_eq!(error.code(), "user_target_already_exists"),
            }
        }
        assert_eq!(won, 1);
    }
}

async fn a_new_user_has_targets(world: World) {
    let users = &world.users;
    let new = NewUser::new().id("ann").email("Ann@x.co").phone("+14155550100");
    let ann = users.create(new).await.unwrap();
    let both = pairs([("email", "ann@x.co"), ("sms", "+14155550100")]);
    assert_eq!(of(users, "ann").await, both);
    let wire = users.user_to_wire(&ann).await.unwrap();
    assert_eq!(wire["targets"][1]["identifier"], "+14155550100");
    assert_eq!(wire["$id"], "ann");
    users.create(NewUser::new().id("bob")).await.unwrap();
    assert!(of(users, "bob").await.is_empty());
    users.create_target("bob", push("zoe@x.co")).await.unwrap();
    let page = users.list(ListUsers::new().order(User::SEQUENCE.descending())).await.unwrap();
    let together = users.users_to_wire(&page.users).await.unwrap();
    for (user, wire) in page.users.iter().zip(&together) {
        assert_eq!(wire, &users.user_to_wire(user).await.unwrap());
    }
    assert_eq!(together.len(), 2);
    let new = NewUser::new().id("zoe").email("zoe@x.co").phone("+14155550101");
    users.create(new).await.unwrap();
    assert_eq!(of(users, "zoe").await, pairs([("sms", "+14155550101")]), "the other is bob's");
    let taken = users.create(NewUser::new().id("eve").email("ann@x.co")).await;
    assert_eq!(code(taken), "user_already_exists");
}

async fn a_target_follows_the_email_and_the_phone(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("ann").email("a@x.co")).await.unwrap();
    let first = users.list_targets("ann", List::new()).await.unwrap().records.remove(0);
    world.clock.advance(1000);
    users.update_email("ann", "b@x.co").await.unwrap();
    let moved = users.get_target("ann", &first.id).await.unwrap();
    assert_eq!((&*moved.identifier, moved.created_at), ("b@x.co", first.created_at));
    assert!(moved.updated_at > first.updated_at);
    users.update_phone("ann", "+14155550100").await.unwrap();
    let both = pairs([("email", "b@x.co"), ("sms", "+14155550100")]);
    assert_eq!(of(users, "ann").await, both);
    users.update_email("ann", "").await.unwrap();
    users.update_phone("ann", "+14155550101").await.unwrap();
    assert_eq!(of(users, "ann").await, pairs([("sms", "+14155550101")]));
    users.update_phone("ann", "").await.unwrap();
    users.update_phone("ann", "").await.unwrap();
    assert!(of(users, "ann").await.is_empty());
    users.create(NewUser::new().id("bob").email("a@x.co").phone("+14155550100")).await.unwrap();
    assert_eq!(of(users, "bob").await.len(), 2, "what was left is free");
}

async fn the_same_email_again_is_no_conflict(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("ann").email("a@x.co").phone("+14155550100")).await.unwrap();
    let before = users.list_targets("ann", List::new()).await.unwrap().records;
    users.update_email("ann", "A@x.co").await.unwrap();
    users.update_phone("ann", "+14155550100").await.unwrap();
    let after = users.list_targets("ann", List::new()).await.unwrap().records;
    let revisions = |targets: &[rollbook::Stored<Target>]| {
        targets.iter().map(|one| (one.id.clone(), one.revision())).collect::<Vec<_>>()
    };
    assert_eq!(revisions(&before), revisions(&after));
    users.delete_target("ann", &before[0].id).await.unwrap();
    assert_eq!(users.get("ann").await.unwrap().email.as_deref(), Some("a@x.co"));
    users.update_email("ann", "a@x.co").await.unwrap();
    assert_eq!(of(users, "ann").await.len(), 2, "it is made again");
}

async fn an_identifier_of_somebody_else_is_refused(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("ann").email("a@x.co")).await.unwrap();
    users.create(NewUser::new().id("bob").email("b@x.co")).await.unwrap();
    users.create_target("bob", push("+14155550100")).await.unwrap();
    let refused = users.update_phone("ann", "+14155550100").await;
    assert_eq!(code(refused), "user_target_already_exists");
    let own = users.update_phone("bob", "+14155550100").await;
    assert_eq!(code(own), "user_target_already_exists", "it is of another kind");
    let of_the_user = users.update_email("ann", "b@x.co").await;
    assert_eq!(code(of_the_user), "user_email_already_exists");
    let ann = users.get("ann").await.unwrap();
    assert_eq!((ann.email.as_deref(), ann.phone.as_deref()), (Some("a@x.co"), None));
    assert_eq!(of(users, "ann").await, pairs([("email", "a@x.co")]));
}

async fn a_target_of_ones_own_takes_over(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("ann").email("a@x.co")).await.unwrap();
    let second = NewTarget::new(ProviderType::Email, "b@x.co").id("second").name("Work");
    users.create_target("ann", second).await.unwrap();
    users.update_email("ann", "b@x.co").await.unwrap();
    assert_eq!(of(users, "ann").await, pairs([("email", "b@x.co")]));
    users.update_email("ann", "c@x.co").await.unwrap();
    assert_eq!(users.get_target("ann", "second").await.unwrap().identifier, "c@x.co");
}

async fn two_changes_at_once_leave_one_target(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("ann").email("a@x.co")).await.unwrap();
    for round in 0..5 {
        let changes = ["b", "c", "d", ""].map(|name| {
            let users = users.clone();
            let email = if name.is_empty() { String::new() } else { format!("{name}{round}@x.co") };
            tokio::spawn(async move { users.update_email("ann", &email).await })
        });
        for change in changes {
            change.await.unwrap().unwrap();
        }
        let email = users.get("ann").await.unwrap().email.clone();
        let left = of(users, "ann").await;
        assert_eq!(left.first().map(|(_, email)| &**email), email.as_deref());
        assert!(left.len() < 2);
    }
}

async fn a_deleted_user_leaves_no_target(world: World) {
    let users = &world.users;
    for _ in 0..2 {
        let new = NewUser::new().id("ann").email("a@x.co").phone("+14155550100");
        users.create(new).await.unwrap();
        assert_eq!(of(users, "ann").await.len(), 2);
        users.delete("ann").await.unwrap();
    }
}

async fn an_imported_user_gets_a_target_when_asked(world: World) {
    let users = &world.users;
    let row = ImportedUser {
        id: Some("ann".to_owned()),
        email: Some("a@x.co".to_owned()),
        ..ImportedUser::default()
    };
    users.import(vec![row]).await.unwrap().remove(0).unwrap();
    assert!(of(users, "ann").await.is_empty());
    users.update_email("ann", "a@x.co").await.unwrap();
    assert_eq!(of(users, "ann").await, pairs([("email", "a@x.co")]));
}
