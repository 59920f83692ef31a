use rollbook::{ListUsers, NewUser, Record, User, UserList};

use crate::support::{World, on_every_store};

on_every_store! {
    the_default_page_is_the_first_25_in_insertion_order
    pages_follow_the_cursor_in_both_directions
    a_cursor_that_is_nobody_is_an_error
    filters_and_orders_by_attribute
    newest_first
    limits_have_bounds
    the_total_can_be_left_out
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

fn field(name: &str) -> &'static rollbook::Field {
    User::SCHEMA.field(name).unwrap()
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
    let by_name = || ListUsers::new().order(field("name").descending()).limit(3);
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
    assert!(error.to_string().contains("nobody"));
}

async fn filters_and_orders_by_attribute(world: World) {
    fill(&world, 9).await;
    world.users.update_status("u004", false).await.unwrap();
    world.users.update_labels("u002", ["vip", "pro"]).await.unwrap();
    let list = ListUsers::new().filter(field("status").equal([false]).unwrap());
    assert_eq!(ids(&world.users.list(list).await.unwrap()), ["u004"]);
    let list = ListUsers::new().filter(field("labels").contains(["pro", "x"]).unwrap());
    assert_eq!(ids(&world.users.list(list).await.unwrap()), ["u002"]);
    let list = ListUsers::new()
        .filter(field("name").equal(["Name 1", "Name 2"]).unwrap())
        .filter(field("name").not_equal("Name 2").unwrap())
        .order(field("registration").descending());
    let list = world.users.list(list).await.unwrap();
    assert_eq!((list.total, ids(&list)), (3, vec!["u007", "u004", "u001"]));
}

async fn newest_first(world: World) {
    // All at the same moment: the order of insertion breaks the tie, newest first.
    for n in 0..4 {
        world.users.create(NewUser::new().id(format!("u{n}"))).await.unwrap();
    }
    let newest = ListUsers::new().order(field("$createdAt").descending());
    let list = world.users.list(newest.clone().limit(2)).await.unwrap();
    assert_eq!(ids(&list), ["u3", "u2"]);
    let list = world.users.list(newest.after("u2")).await.unwrap();
    assert_eq!(ids(&list), ["u1", "u0"]);
}

async fn limits_have_bounds(world: World) {
    for limit in [0, 5001, u64::MAX] {
        let error = world.users.list(ListUsers::new().limit(limit)).await.unwrap_err();
        assert_eq!((error.code(), error.field()), ("general_argument_invalid", Some("queries")));
    }
    fill(&world, 2).await;
    let list = ListUsers::new().limit(5000).offset(u64::MAX);
    assert_eq!(world.users.list(list).await.unwrap().users.len(), 0);
}

async fn the_total_can_be_left_out(world: World) {
    fill(&world, 2).await;
    let list = world.users.list(ListUsers::new().without_total()).await.unwrap();
    assert_eq!((list.total, list.users.len()), (0, 2));
}
