use rollbook::{
    Actor, Argon2Params, Error, JwtKey, JwtSession, NewUser, Policies, SessionPolicy, Timestamp,
    Users, UsersBuilder,
};

use crate::support::{World, on_every_store};

on_every_store! {
    a_password_makes_a_session_and_its_secret_finds_it
    a_session_is_of_its_user_alone
    a_session_ends_by_time_and_slides_with_use
    the_oldest_session_makes_room
    blocking_and_new_passwords_end_sessions_where_asked
    a_session_knows_its_client
    a_jwt_stands_for_a_user_until_its_session_is_gone
    a_jwt_that_is_not_ours_is_refused
    a_deleted_user_leaves_no_session
}

const HOUR: i64 = 60 * 60 * 1000;

fn builder(world: &World) -> UsersBuilder {
    crate::support::builder(world.store.clone())
        .clock(world.clock.clone())
        .hashing(Argon2Params::insecure_for_tests())
        .jwt_key(JwtKey::new([7; 32]).unwrap())
}

fn with(world: &World, sessions: SessionPolicy) -> Users {
    builder(world).policies(Policies::new().sessions(sessions)).build()
}

async fn ann(users: &Users) {
    let new = NewUser::new().id("ann").email("ann@x.co").password("correct horse");
    users.create(new).await.unwrap();
}

async fn a_password_makes_a_session_and_its_secret_finds_it(world: World) {
    let users = &world.users;
    ann(users).await;
    assert!(users.create_password_session("ann@x.co", "wrong horse").await.is_err());
    assert!(users.list_sessions("ann").await.unwrap().is_empty());
    let new = users.create_password_session("ann@x.co", "correct horse").await.unwrap();
    assert_eq!((&*new.session.provider, new.secret.as_str().len()), ("email", 64));
    assert!(!format!("{new:?}").contains(new.secret.as_str()));
    let (user, session) = users.validate_session(new.secret.as_str()).await.unwrap();
    assert_eq!((user.id.as_str(), &session.id), ("ann", &new.session.id));
    assert_eq!(session.expire.as_millis() - session.created_at.as_millis(), 365 * 24 * HOUR);
    for wrong in ["", "x", &new.secret.as_str()[1..], session.secret.as_str()] {
        let error = users.validate_session(wrong).await.unwrap_err();
        assert_eq!(error.code(), "user_unauthorized", "{wrong}");
    }
    let wire = session.to_wire("", true);
    assert_eq!(wire["expire"], session.expire.to_string());
    assert_eq!(wire["current"], true);
    assert_eq!((&wire["countryCode"], &wire["countryName"]), (&"--".into(), &"Unknown".into()));
}

async fn a_session_is_of_its_user_alone(world: World) {
    let users = &world.users;
    ann(users).await;
    users.create(NewUser::new().id("bob")).await.unwrap();
    let new = users.create_session("ann").await.unwrap();
    for (user, session) in [("bob", new.session.id.as_str()), ("ann", "nothing")] {
        let error = users.delete_session(user, session).await.unwrap_err();
        assert!(matches!(error, Error::SessionNotFound), "{error}");
        let error = users.get_session(user, session).await.unwrap_err();
        assert!(matches!(error, Error::SessionNotFound), "{error}");
    }
    assert_eq!(*users.get_session("ann", &new.session.id).await.unwrap(), *new.session);
    assert!(matches!(users.create_session("nobody").await, Err(Error::UserNotFound)));
    assert!(matches!(users.delete_sessions("nobody").await, Err(Error::UserNotFound)));
    users.delete_session("ann", &new.session.id).await.unwrap();
    assert!(matches!(users.validate_session(new.secret.as_str()).await, Err(Error::Unauthorized)));
    for _ in 0..3 {
        users.create_session("ann").await.unwrap();
    }
    let kept = users.create_session("bob").await.unwrap();
    users.delete_sessions("ann").await.unwrap();
    users.delete_sessions("ann").await.unwrap();
    assert!(users.list_sessions("ann").await.unwrap().is_empty());
    users.validate_session(kept.secret.as_str()).await.unwrap();
}

async fn a_session_ends_by_time_and_slides_with_use(world: World) {
    let fixed = with(&world, SessionPolicy::new().seconds(3600));
    ann(&fixed).await;
    let sliding = with(&world, SessionPolicy::new().seconds(3600).sliding());
    let (one, other) =
        (fixed.create_session("ann").await.unwrap(), sliding.create_session("ann").await.unwrap());
    let revision = other.session.revision();
    world.clock.advance(HOUR / 20);
    let (_, used) = sliding.validate_session(other.secret.as_str()).await.unwrap();
    assert_eq!(used.revision(), revision, "a use just after the last one is not written");
    for _ in 0..4 {
        world.clock.advance(HOUR / 2);
        sliding.validate_session(other.secret.as_str()).await.unwrap();
    }
    let refused = fixed.validate_session(one.secret.as_str()).await;
    assert!(matches!(refused, Err(Error::Unauthorized)));
    assert_eq!(fixed.list_sessions("ann").await.unwrap().len(), 2, "ended ones are listed");
    assert_eq!(fixed.delete_expired_sessions().await.unwrap(), 1);
    world.clock.advance(HOUR);
    assert!(sliding.validate_session(other.secret.as_str()).await.is_err());
}

async fn the_oldest_session_makes_room(world: World) {
    let users = with(&world, SessionPolicy::new().limit(2));
    ann(&users).await;
    let mut made = Vec::new();
    for number in 0..4 {
        made.push(match number % 2 {
            0 => users.create_session("ann").await.unwrap(),
            _ => users.create_password_session("ann@x.co", "correct horse").await.unwrap(),
        });
    }
    let left = users.list_sessions("ann").await.unwrap();
    let ids =
        |sessions: &[&rollbook::Id]| sessions.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        ids(&left.iter().map(|session| &session.id).collect::<Vec<_>>()),
        ids(&[&made[2].session.id, &made[3].session.id])
    );
}

async fn blocking_and_new_passwords_end_sessions_where_asked(world: World) {
    let users = with(&world, SessionPolicy::new());
    ann(&users).await;
    let new = users.create_session("ann").await.unwrap();
    users.update_status("ann", false).await.unwrap();
    let refused = users.validate_session(new.secret.as_str()).await;
    assert!(matches!(refused, Err(Error::UserBlocked)));
    users.update_status("ann", true).await.unwrap();
    users.update_password("ann", "battery staple").await.unwrap();
    users.validate_session(new.secret.as_str()).await.unwrap();

    let strict = with(&world, SessionPolicy::new().end_with_password().end_when_blocked());
    strict.update_password("ann", "correct horse").await.unwrap();
    assert!(strict.list_sessions("ann").await.unwrap().is_empty());
    strict.create_session("ann").await.unwrap();
    strict.update_status("ann", false).await.unwrap();
    assert!(strict.list_sessions("ann").await.unwrap().is_empty());
}

async fn a_session_knows_its_client(world: World) {
    ann(&world.users).await;
    let firefox =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0";
    let actor = Actor::new().ip([192, 0, 2, 7]).user_agent(firefox);
    let new = world.users.acting_as(actor).create_session("ann").await.unwrap();
    let client = new.session.client();
    assert_eq!((&*client.name, client.code, client.os_code), ("Firefox", "FF", "WIN"));
    assert_eq!((client.kind, client.device), ("browser", "desktop"));
    assert_eq!(new.session.ip.as_deref(), Some("192.0.2.7"));
}

async fn a_jwt_stands_for_a_user_until_its_session_is_gone(world: World) {
    let users = builder(&world).build();
    ann(&users).await;
    let free = users.create_jwt("ann", JwtSession::Recent, 900).await.unwrap();
    assert!(users.validate_jwt(&free).await.unwrap().1.is_none(), "there is no session");
    let session = users.create_session("ann").await.unwrap().session;
    let bound = users.create_jwt("ann", JwtSession::Recent, 900).await.unwrap();
    let same = users.create_jwt("ann", JwtSession::Id(session.id.to_string()), 900).await.unwrap();
    assert_eq!(bound, same);
    assert_eq!(users.validate_jwt(&bound).await.unwrap().1.unwrap().id, session.id);
    users.delete_session("ann", &session.id).await.unwrap();
    assert!(matches!(users.validate_jwt(&bound).await, Err(Error::Unauthorized)));
    users.validate_jwt(&free).await.unwrap();
    users.update_status("ann", false).await.unwrap();
    assert!(matches!(users.validate_jwt(&free).await, Err(Error::UserBlocked)));
    users.update_status("ann", true).await.unwrap();
    world.clock.advance(900 * 1000);
    assert!(matches!(users.validate_jwt(&free).await, Err(Error::Unauthorized)));
    let error = users.create_jwt("ann", JwtSession::None, 3601).await.unwrap_err();
    assert_eq!(error.field(), Some("duration"));
}

async fn a_jwt_that_is_not_ours_is_refused(world: World) {
    let users = builder(&world).build();
    ann(&users).await;
    let jwt = users.create_jwt("ann", JwtSession::None, 900).await.unwrap();
    let [header, claims, signature] = jwt.split('.').collect::<Vec<_>>().try_into().unwrap();
    // {"alg":"none"} and {"typ":"JWT","alg":"HS384"}.
    let (none, other) = ("eyJhbGciOiJub25lIn0", "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzM4NCJ9");
    for forged in [
        String::new(),
        "..".to_owned(),
        format!("{header}.{claims}."),
        format!("{header}.{claims}"),
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{other}.{claims}.{signature}"),
        format!("{header}.{}.{signature}", claims.replace('A', "B")),
        format!("{jwt}="),
        format!("{jwt}.{signature}"),
    ] {
        let refused = users.validate_jwt(&forged).await;
        assert!(matches!(refused, Err(Error::Unauthorized)), "{forged}");
    }
    let stranger = builder(&world).jwt_key(JwtKey::new([8; 32]).unwrap()).build();
    assert!(matches!(stranger.validate_jwt(&jwt).await, Err(Error::Unauthorized)));
    assert!(JwtKey::new([7; 31]).is_err());
    let keyless = world.users.create_jwt("ann", JwtSession::None, 900).await;
    assert!(matches!(keyless, Err(Error::NoJwtKey)));
}

async fn a_deleted_user_leaves_no_session(world: World) {
    let users = &world.users;
    ann(users).await;
    let new = users.create_session("ann").await.unwrap();
    users.delete("ann").await.unwrap();
    assert!(matches!(users.validate_session(new.secret.as_str()).await, Err(Error::Unauthorized)));
    ann(users).await;
    assert!(users.list_sessions("ann").await.unwrap().is_empty());
    assert_eq!(
        users.get("ann").await.unwrap().created_at,
        Timestamp::from_millis(crate::support::START).unwrap()
    );
}
