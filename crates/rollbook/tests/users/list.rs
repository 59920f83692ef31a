use rollbook::{Cursor, Error, ListUsers, NewUser, QueryError, QuerySyntax, User, UserList};

use crate::support::{World, on_every_store};

on_every_store! {
    the_default_page_is_the_first_25_in_insertion_order
    pages_follow_the_cursor_in_both_directions
    a_cursor_that_is_nobody_is_an_error
    filters_and_orders_by_attribute
    newest_first
    limits_have_bounds
    the_total_can_be_left_out
    queries_of_clients
    parameters_of_the_oldest_api
    searches_by_attribute_have_no_index
    places_outlive_their_user
    random_orders_follow_from_the_seed
}

fn ids(list: &UserList) -> Vec<&str> {
    list.users.iter().map(|user| user.id.as_str()).collect()
}

async fn fill(world: &World, number: usize) {
    for n in 0..number {
        let new = NewUser::new().id(format!("u{n:03}")).name(format!("Name {}", n % 3));
        world.users.create(new).await.unwrap();
        world.clock.advance(1);
    }
}

/// The ids that JSON queries select.
async fn found(world: &World, queries: &[&str]) -> String {
    let list = ListUsers::from_queries(QuerySyntax::Json, queries).unwrap();
    ids(&world.users.list(list).await.unwrap()).join(" ")
}

async fn the_default_page_is_the_first_25_in_insertion_order(world: World) {
    fill(&world, 30).await;
    let list = world.users.list(ListUsers::new()).await.unwrap();
    assert_eq!((list.total, list.users.len()), (30, 25));
    assert_eq!((ids(&list)[0], ids(&list)[24]), ("u000", "u024"));
    let wire = list.to_wire();
    assert_eq!((wire["total"].as_u64(), wire["users"].as_array().unwrap().len()), (Some(30), 25));
}

async fn pages_follow_the_cursor_in_both_directions(world: World) {
    fill(&world, 7).await;
    let by_name = || ListUsers::new().order(User::NAME.descending()).limit(3);
    let all = world.users.list(by_name().limit(100)).await.unwrap();
    assert_eq!(ids(&all), ["u002", "u005", "u001", "u004", "u000", "u003", "u006"]);
    let page = world.users.list(by_name().after("u001")).await.unwrap();
    assert_eq!(ids(&page), ["u004", "u000", "u003"]);
    let page = world.users.list(by_name().before("u003").limit(2)).await.unwrap();
    assert_eq!(ids(&page), ["u004", "u000"]);
    let page = world.users.list(by_name().after("u001").offset(1)).await.unwrap();
    assert_eq!(ids(&page), ["u000", "u003", "u006"]);
    assert!(world.users.list(by_name().after("u006")).await.unwrap().users.is_empty());
    assert!(world.users.list(by_name().before("u002")).await.unwrap().users.is_empty());
}

async fn a_cursor_that_is_nobody_is_an_error(world: World) {
    let error = world.users.list(ListUsers::new().after("nobody")).await.unwrap_err();
    assert_eq!(error.code(), "general_cursor_not_found");
    assert_eq!(error.to_string(), "User 'nobody' for the 'cursor' value not found.");
}

async fn filters_and_orders_by_attribute(world: World) {
    fill(&world, 9).await;
    world.users.update_status("u004", false).await.unwrap();
    world.users.update_labels("u002", ["vip", "pro"]).await.unwrap();
    let list = ListUsers::new().filter(User::STATUS.equal(false));
    assert_eq!(ids(&world.users.list(list).await.unwrap()), ["u004"]);
    let list = ListUsers::new().filter(User::LABELS.contains_any(["pro", "x"]));
    assert_eq!(ids(&world.users.list(list).await.unwrap()), ["u002"]);
    let list = ListUsers::new()
        .filter(User::NAME.any_of(["Name 1", "Name 2"]))
        .filter(User::NAME.not_equal("Name 2"))
        .order(User::REGISTRATION.descending());
    let list = world.users.list(list).await.unwrap();
    assert_eq!((list.total, ids(&list)), (3, vec!["u007", "u004", "u001"]));
}

async fn newest_first(world: World) {
    // All at the same moment: the order of insertion breaks the tie, newest first.
    for n in 0..4 {
        world.users.create(NewUser::new().id(format!("u{n}"))).await.unwrap();
    }
    let newest = ListUsers::new().order(User::CREATED_AT.descending());
    let list = world.users.list(newest.clone().limit(2)).await.unwrap();
    assert_eq!(ids(&list), ["u3", "u2"]);
    let list = world.users.list(newest.after("u2")).await.unwrap();
    assert_eq!(ids(&list), ["u1", "u0"]);
}

async fn limits_have_bounds(world: World) {
    for limit in [5001, u64::MAX] {
        let error = world.users.list(ListUsers::new().limit(limit)).await.unwrap_err();
        assert_eq!((error.code(), error.field()), ("general_argument_invalid", Some("queries")));
    }
    fill(&world, 2).await;
    let list = ListUsers::new().limit(5000).offset(u64::MAX);
    assert_eq!(world.users.list(list).await.unwrap().users.len(), 0);
    let none = world.users.list(ListUsers::new().limit(0)).await.unwrap();
    assert_eq!((none.total, none.users.len()), (2, 0));
    // On the wire there is no maximum.
    assert_eq!(found(&world, &[r#"{"method":"limit","values":[100000]}"#]).await, "u000 u001");
}

async fn the_total_can_be_left_out(world: World) {
    fill(&world, 2).await;
    let list = world.users.list(ListUsers::new().without_total()).await.unwrap();
    assert_eq!((list.total, list.users.len()), (0, 2));
}

async fn queries_of_clients(world: World) {
    for (id, name, labels) in [
        ("u1", "Ann", vec!["vip"]),
        ("u2", "bob", vec![]),
        ("u3", "Ann", vec!["pro", "vip"]),
        ("u4", "Zoë", vec!["VIP"]),
    ] {
        let mut new = NewUser::new().id(id).name(name);
        if id != "u2" {
            new = new.email(format!("{id}@x.co"));
        }
        world.users.create(new).await.unwrap();
        world.users.update_labels(id, labels).await.unwrap();
    }
    world.users.update_status("u3", false).await.unwrap();
    let table: [(&[&str], &str); 24] = [
        (&[], "u1 u2 u3 u4"),
        (&[r#"{"method":"equal","attribute":"name","values":["ann"]}"#], ""),
        (&[r#"{"method":"equal","attribute":"name","values":["Ann","bob"]}"#], "u1 u2 u3"),
        (&[r#"{"method":"notEqual","attribute":"name","values":["Ann"]}"#], "u2 u4"),
        (&[r#"{"method":"isNull","attribute":"email"}"#], "u2"),
        (&[r#"{"method":"lessThan","attribute":"name","values":["b"]}"#], "u1 u3 u4"),
        (&[r#"{"method":"between","attribute":"name","values":["a","c"]}"#], "u2"),
        (&[r#"{"method":"notBetween","attribute":"name","values":["a","c"]}"#], "u1 u3 u4"),
        (&[r#"{"method":"contains","attribute":"name","values":["n"]}"#], "u1 u3"),
        (&[r#"{"method":"contains","attribute":"name","values":["%"]}"#], ""),
        (&[r#"{"method":"notContains","attribute":"name","values":["n"]}"#], "u2 u4"),
        (&[r#"{"method":"endsWith","attribute":"name","values":["N"]}"#], ""),
        (&[r#"{"method":"endsWith","attribute":"email","values":["3@x.co"]}"#], "u3"),
        (&[r#"{"method":"notStartsWith","attribute":"email","values":["u1"]}"#], "u3 u4"),
        (&[r#"{"method":"contains","attribute":"labels","values":["vip"]}"#], "u1 u3"),
        (&[r#"{"method":"contains","attribute":"labels","values":["vi"]}"#], ""),
        (&[r#"{"method":"containsAll","attribute":"labels","values":["vip","pro"]}"#], "u3"),
        (&[r#"{"method":"notContains","attribute":"labels","values":["vip"]}"#], "u2 u4"),
        (
            &[
                r#"{"method":"or","values":[{"method":"equal","attribute":"name","values":["bob"]},{"method":"equal","attribute":"status","values":[false]}]}"#,
            ],
            "u2 u3",
        ),
        (&[r#"{"method":"limit","values":[2]}"#, r#"{"method":"offset","values":[1]}"#], "u2 u3"),
        (&[r#"{"method":"cursorAfter","values":["u2"]}"#], "u3 u4"),
        (
            &[r#"{"method":"cursorBefore","values":["u4"]}"#, r#"{"method":"limit","values":[2]}"#],
            "u2 u3",
        ),
        (&[r#"{"method":"orderDesc","attribute":"name"}"#], "u2 u4 u1 u3"),
        // The service gives up here, as the order attribute of the cursor's user is null.
        (
            &[
                r#"{"method":"orderAsc","attribute":"email"}"#,
                r#"{"method":"cursorAfter","values":["u2"]}"#,
            ],
            "u1 u3 u4",
        ),
    ];
    for (queries, expected) in table {
        assert_eq!(found(&world, queries).await, expected, "{queries:?}");
    }
}

async fn parameters_of_the_oldest_api(world: World) {
    fill(&world, 4).await;
    let check = async |parameters: &[(&str, &str)], expected: &[&str]| {
        let list = ListUsers::from_plain(parameters.iter().copied()).unwrap();
        let list = world.users.list(list).await.unwrap();
        assert_eq!((list.total, ids(&list).as_slice()), (4, expected), "{parameters:?}");
    };
    check(&[], &["u000", "u001", "u002", "u003"]).await;
    check(&[("orderType", "DESC"), ("limit", "2"), ("offset", "1")], &["u002", "u001"]).await;
    check(&[("cursor", "u002"), ("cursorDirection", "before")], &["u000", "u001"]).await;
    check(&[("limit", "0")], &[]).await;
}

async fn searches_by_attribute_have_no_index(_: World) {
    let queries = [r#"{"method":"search","attribute":"name","values":["ann"]}"#];
    let error = Error::from(ListUsers::from_queries(QuerySyntax::Json, queries).unwrap_err());
    assert_eq!(error.code(), "general_query_invalid");
}

async fn places_outlive_their_user(world: World) {
    fill(&world, 7).await;
    let by_name = || ListUsers::new().order(User::NAME.descending()).limit(3);
    let page = world.users.list(by_name().after("u002")).await.unwrap();
    assert_eq!(ids(&page), ["u005", "u001", "u004"]);
    let text = |cursor: Option<Cursor>| cursor.unwrap().to_string();
    let (first, last) = (text(page.first_cursor()), text(page.last_cursor()));
    for id in ["u005", "u004"] {
        world.users.delete(id).await.unwrap();
    }
    let after = || by_name().after_cursor(last.parse().unwrap());
    assert_eq!(ids(&world.users.list(after()).await.unwrap()), ["u000", "u003", "u006"]);
    let before = world.users.list(by_name().before_cursor(first.parse().unwrap())).await.unwrap();
    assert_eq!(ids(&before), ["u002"]);
    let back = world.users.list(by_name().before_cursor(last.parse().unwrap())).await.unwrap();
    assert_eq!(ids(&back), ["u002", "u001"]);
    let error = world.users.list(ListUsers::new().after_cursor(last.parse().unwrap())).await;
    assert!(matches!(error.unwrap_err(), Error::Query(QueryError::CursorOrder)));
}

async fn random_orders_follow_from_the_seed(world: World) {
    fill(&world, 12).await;
    let list = |list: ListUsers| {
        let users = world.users.clone();
        async move { ids(&users.list(list).await.unwrap()).join(" ") }
    };
    let one = list(ListUsers::new().shuffled_by(1)).await;
    assert_eq!(list(ListUsers::new().shuffled_by(1)).await, one);
    assert_ne!(list(ListUsers::new().shuffled_by(2)).await, one);
    let page = list(ListUsers::new().shuffled_by(1).limit(5).offset(7)).await;
    assert!(one.ends_with(&page), "{page} of {one}");
    let (drawn, again) =
        (list(ListUsers::new().shuffled()).await, list(ListUsers::new().shuffled()).await);
    assert_ne!(drawn, again);
    let random = [r#"{"method":"orderRandom"}"#];
    assert_eq!(found(&world, &random).await.len(), one.len());
    let error = world.users.list(ListUsers::new().shuffled().after("u001")).await.unwrap_err();
    assert!(matches!(error, Error::Query(QueryError::CursorInRandomOrder)));
}
