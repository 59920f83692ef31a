use rollbook::{
    Actor, Argon2Params, Error, ListLogs, LogPolicy, NewUser, Policies, SeededRandom, Users,
};

use crate::support::{World, on_every_store};

on_every_store! {
    every_change_has_an_entry_and_no_change_has_none
    an_entry_says_who_and_from_where
    pages_count_from_the_newest
    what_is_old_or_too_much_is_forgotten
    a_refused_change_leaves_no_entry
}

async fn events(users: &Users, id: &str) -> Vec<String> {
    let log = users.list_logs(id, ListLogs::new().limit(100)).await.unwrap();
    assert_eq!(log.total, log.logs.len() as u64);
    log.logs.iter().rev().map(|entry| entry.event.to_string()).collect()
}

async fn every_change_has_an_entry_and_no_change_has_none(world: World) {
    let users = &world.users;
    let new = NewUser::new().id("ann").email("ann@x.co").password("correct horse");
    users.create(new).await.unwrap();
    users.update_name("ann", "Ann").await.unwrap();
    users.update_name("ann", "Ann").await.unwrap();
    users.update_labels("ann", ["vip"]).await.unwrap();
    users.update_email_verification("ann", true).await.unwrap();
    users.update_prefs("ann", rollbook::Prefs::from_iter([("a".into(), 1.into())])).await.unwrap();
    users.sign_in("ann@x.co", "correct horse").await.unwrap();
    users.sign_in("ann@x.co", "correct horse").await.unwrap();
    let session = users.create_password_session("ann@x.co", "correct horse").await.unwrap();
    users.delete_session("ann", &session.session.id).await.unwrap();
    users.update_password("ann", "battery staple").await.unwrap();
    assert_eq!(
        events(users, "ann").await,
        [
            "user.create",
            "user.update",
            "user.update",
            "verification.update",
            "prefs.update",
            "user.signIn",
            "session.create",
            "session.delete",
            "user.update",
        ]
    );
}

async fn an_entry_says_who_and_from_where(world: World) {
    let actor = Actor::new().name("support").ip([192, 0, 2, 1]).user_agent("curl/8");
    let users = world.users.acting_as(actor);
    users.create(NewUser::new().id("ann")).await.unwrap();
    let log = users.list_logs("ann", ListLogs::new()).await.unwrap();
    let entry = &log.logs[0];
    assert_eq!(entry.actor.as_deref(), Some("support"));
    assert_eq!(entry.ip.as_deref(), Some("192.0.2.1"));
    assert_eq!(entry.user_agent.as_deref(), Some("curl/8"));
    assert_eq!(entry.time.as_millis(), crate::support::START);
    assert_eq!(entry.user_id.as_str(), "ann");
}

async fn pages_count_from_the_newest(world: World) {
    let users = &world.users;
    for id in ["ann", "bob"] {
        users.create(NewUser::new().id(id)).await.unwrap();
    }
    for number in 0..30 {
        world.clock.advance(1);
        users.update_name("ann", &number.to_string()).await.unwrap();
    }
    let page = users.list_logs("ann", ListLogs::new()).await.unwrap();
    assert_eq!((page.total, page.logs.len()), (31, 25));
    let times: Vec<_> = page.logs.iter().map(|entry| entry.time).collect();
    assert!(times.is_sorted_by(|a, b| a > b));
    let rest = users.list_logs("ann", ListLogs::new().offset(25).without_total()).await.unwrap();
    assert_eq!((rest.total, rest.logs.len()), (0, 6));
    assert_eq!(rest.logs[5].event, "user.create");
    for limit in [0, 101] {
        let error = users.list_logs("ann", ListLogs::new().limit(limit)).await.unwrap_err();
        assert_eq!(error.code(), "general_argument_invalid");
    }
    let nobody = users.list_logs("nobody", ListLogs::new()).await;
    assert!(matches!(nobody, Err(Error::UserNotFound)));
    users.delete("bob").await.unwrap();
    assert_eq!(users.list_logs("ann", ListLogs::new()).await.unwrap().total, 31);
}

async fn what_is_old_or_too_much_is_forgotten(world: World) {
    let users = |logs: LogPolicy| {
        crate::support::builder(world.store.clone())
            .clock(world.clock.clone())
            .random(crate::support::recording::witness(SeededRandom::new(3)))
            .hashing(Argon2Params::insecure_for_tests())
            .policies(Policies::new().logs(logs))
            .build()
    };
    let few = users(LogPolicy::new().per_user(20));
    few.create(NewUser::new().id("ann")).await.unwrap();
    for number in 0..500 {
        few.update_name("ann", &number.to_string()).await.unwrap();
    }
    // It is looked at one write in 32.
    let kept = events(&few, "ann").await.len();
    assert!((20..200).contains(&kept), "{kept}");
    let newest = few.list_logs("ann", ListLogs::new().limit(1)).await.unwrap();
    assert!(newest.logs[0].sequence() > 500);

    world.clock.advance(40 * 24 * 60 * 60 * 1000);
    let short = users(LogPolicy::new().days(30));
    for number in 0..300 {
        short.update_name("ann", &format!("again {number}")).await.unwrap();
    }
    let log = short.list_logs("ann", ListLogs::new().limit(100).offset(200)).await.unwrap();
    assert!((300..332).contains(&log.total), "{}", log.total);
}

async fn a_refused_change_leaves_no_entry(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("ann").email("ann@x.co")).await.unwrap();
    users.create(NewUser::new().id("bob")).await.unwrap();
    users.update_email("bob", "ann@x.co").await.unwrap_err();
    users.update_name("bob", &"x".repeat(129)).await.unwrap_err();
    assert_eq!(events(users, "bob").await, ["user.create"]);
}
