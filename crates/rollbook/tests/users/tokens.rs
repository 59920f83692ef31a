use std::sync::{Arc, Mutex};

use rollbook::{Argon2Params, Error, Message, NewToken, NewUser, Sender, TokenKind, Users};

use crate::support::{World, on_every_store};

on_every_store! {
    a_token_is_used_once
    of_two_at_once_one_gets_in
    a_token_is_good_for_its_time
    a_short_token_can_not_be_tried_out
    lengths_and_times_have_bounds
    a_message_proves_the_address
    a_recovery_sets_a_password_and_ends_sessions
    a_magic_link_is_a_session
    without_a_sender_nothing_is_sent
}

/// Keeps what it is given to send.
#[derive(Debug, Default)]
struct Outbox(Mutex<Vec<Message>>);

#[async_trait::async_trait]
impl Sender for Outbox {
    async fn send(&self, message: Message) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.lock().unwrap().push(message);
        Ok(())
    }
}

async fn with_outbox(world: &World) -> (Users, Arc<Outbox>) {
    let outbox = Arc::new(Outbox::default());
    let users = crate::support::builder(world.store.clone())
        .clock(world.clock.clone())
        .hashing(Argon2Params::insecure_for_tests())
        .sender(outbox.clone())
        .build();
    let ann = NewUser::new().id("ann").email("ann@x.co").phone("+14155550100");
    users.create(ann.password("correct horse")).await.unwrap();
    (users, outbox)
}

impl Outbox {
    fn only(&self) -> Message {
        let mut sent = self.0.lock().unwrap();
        assert_eq!(sent.len(), 1);
        sent.remove(0)
    }
}

async fn a_token_is_used_once(world: World) {
    let (users, _) = with_outbox(&world).await;
    users.create(NewUser::new().id("bob")).await.unwrap();
    let (token, secret) = users.create_token("ann", NewToken::new()).await.unwrap();
    assert_eq!(secret.as_str().len(), 6);
    assert!(!format!("{token:?}").contains(secret.as_str()));
    assert_eq!(token.to_wire(secret.as_str())["secret"], secret.as_str());
    let other = users.create_token_session("bob", secret.as_str()).await;
    assert!(matches!(other, Err(Error::InvalidToken)), "it is another user's");
    let new = users.create_token_session("ann", secret.as_str()).await.unwrap();
    users.validate_session(new.secret.as_str()).await.unwrap();
    let again = users.create_token_session("ann", secret.as_str()).await;
    assert!(matches!(again, Err(Error::InvalidToken)));
    users.update_status("ann", false).await.unwrap();
    let (_, secret) = users.create_token("ann", NewToken::new()).await.unwrap();
    let blocked = users.create_token_session("ann", secret.as_str()).await;
    assert!(matches!(blocked, Err(Error::UserBlocked)));
}

async fn of_two_at_once_one_gets_in(world: World) {
    let (users, _) = with_outbox(&world).await;
    for _ in 0..20 {
        let (_, secret) = users.create_token("ann", NewToken::new().length(64)).await.unwrap();
        let tries = [0, 1, 2, 3].map(|_| {
            let (users, secret) = (users.clone(), secret.clone());
            tokio::spawn(async move { users.create_token_session("ann", secret.as_str()).await })
        });
        let mut won = 0;
        for one in tries {
            match one.await.unwrap() {
                Ok(_) => won += 1,
                Err(Error::InvalidToken) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(won, 1);
    }
    assert_eq!(users.list_sessions("ann").await.unwrap().len(), 20);
}

async fn a_token_is_good_for_its_time(world: World) {
    let (users, _) = with_outbox(&world).await;
    let (_, early) = users.create_token("ann", NewToken::new().seconds(60)).await.unwrap();
    let (_, late) = users.create_token("ann", NewToken::new().seconds(120)).await.unwrap();
    world.clock.advance(60_000);
    assert!(users.create_token_session("ann", early.as_str()).await.is_err());
    users.create_token_session("ann", late.as_str()).await.unwrap();
    assert_eq!(users.delete_expired_tokens().await.unwrap(), 1);
}

async fn a_short_token_can_not_be_tried_out(world: World) {
    let (users, _) = with_outbox(&world).await;
    let (_, short) = users.create_token("ann", NewToken::new()).await.unwrap();
    let (_, long) = users.create_token("ann", NewToken::new().length(32)).await.unwrap();
    for _ in 0..9 {
        assert!(users.create_token_session("ann", "guess").await.is_err());
    }
    let (_, fresh) = users.create_token("ann", NewToken::new()).await.unwrap();
    assert!(users.create_token_session("ann", "guess").await.is_err(), "the tenth");
    assert!(users.create_token_session("ann", short.as_str()).await.is_err());
    users.create_token_session("ann", fresh.as_str()).await.unwrap();
    users.create_token_session("ann", long.as_str()).await.unwrap();
}

async fn lengths_and_times_have_bounds(world: World) {
    let (users, _) = with_outbox(&world).await;
    for (new, field) in [
        (NewToken::new().length(3), "length"),
        (NewToken::new().length(129), "length"),
        (NewToken::new().seconds(59), "expire"),
        (NewToken::new().seconds(31_536_001), "expire"),
    ] {
        assert_eq!(users.create_token("ann", new).await.unwrap_err().field(), Some(field));
    }
    let odd = NewToken::new().length(5);
    assert_eq!(users.create_token("ann", odd).await.unwrap().1.as_str().len(), 5);
    assert!(matches!(users.create_token("nobody", odd).await, Err(Error::UserNotFound)));
}

async fn a_message_proves_the_address(world: World) {
    let (users, outbox) = with_outbox(&world).await;
    users.create_email_verification("ann").await.unwrap();
    let message = outbox.only();
    assert_eq!((message.kind, &*message.to), (TokenKind::EmailVerification, "ann@x.co"));
    assert!(!format!("{message:?}").contains(message.secret.as_str()));
    let wrong = users.confirm_phone_verification("ann", message.secret.as_str()).await;
    assert!(matches!(wrong, Err(Error::InvalidToken)), "it is for the e-mail");
    let user = users.confirm_email_verification("ann", message.secret.as_str()).await.unwrap();
    assert!(user.email_verification && !user.phone_verification);
    users.create_phone_verification("ann").await.unwrap();
    let message = outbox.only();
    assert_eq!((&*message.to, message.secret.as_str().len()), ("+14155550100", 6));
    let user = users.confirm_phone_verification("ann", message.secret.as_str()).await.unwrap();
    assert!(user.phone_verification);
    users.create(NewUser::new().id("bob")).await.unwrap();
    let error = users.create_email_verification("bob").await.unwrap_err();
    assert_eq!(error.code(), "general_argument_invalid");
}

async fn a_recovery_sets_a_password_and_ends_sessions(world: World) {
    let (users, outbox) = with_outbox(&world).await;
    users.create_session("ann").await.unwrap();
    users.create_recovery("nobody@x.co").await.unwrap();
    users.create_recovery("ann@x.co").await.unwrap();
    let secret = outbox.only().secret;
    let short = users.confirm_recovery("ann", secret.as_str(), "short").await;
    assert_eq!(short.unwrap_err().field(), Some("password"));
    users.confirm_recovery("ann", secret.as_str(), "battery staple").await.unwrap();
    users.sign_in("ann@x.co", "battery staple").await.unwrap();
    assert!(users.list_sessions("ann").await.unwrap().is_empty());
    let again = users.confirm_recovery("ann", secret.as_str(), "correct horse").await;
    assert!(matches!(again, Err(Error::InvalidToken)));
}

async fn a_magic_link_is_a_session(world: World) {
    let (users, outbox) = with_outbox(&world).await;
    users.create_magic_link("ann@x.co").await.unwrap();
    let secret = outbox.only().secret;
    let new = users.create_token_session("ann", secret.as_str()).await.unwrap();
    assert_eq!(new.session.provider, "magic-url");
    assert!(new.user.email_verification, "who follows the link has the e-mail");
}

async fn without_a_sender_nothing_is_sent(world: World) {
    world.users.create(NewUser::new().id("ann").email("ann@x.co")).await.unwrap();
    let error = world.users.create_email_verification("ann").await.unwrap_err();
    assert!(matches!(error, Error::NoSender));
}
