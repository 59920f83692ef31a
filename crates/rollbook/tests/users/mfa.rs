use std::sync::{Arc, Mutex};

use rollbook::{
    Argon2Params, Error, Factor, FactorPolicy, ListLogs, ListUsers, Message, NewAuthenticator,
    NewUser, Policies, SeededRandom, Sender, Timestamp, User, Users,
};

use crate::support::{START, World, on_every_store};

on_every_store! {
    an_authenticator_is_set_up_and_used
    a_code_is_used_once
    clocks_may_be_a_step_apart
    of_two_at_once_one_gets_in
    codes_can_not_be_tried_out
    recovery_codes_are_used_once
    a_recovery_code_lets_one_in
    factors_are_what_is_verified_and_allowed
    flags_are_set
    a_deleted_user_leaves_nothing
    what_was_done_is_logged
}

pub(super) const STEP: i64 = 30_000;

/// Keeps what it is given to send.
#[derive(Debug, Default)]
pub(super) struct Outbox(Mutex<Vec<Message>>);

#[async_trait::async_trait]
impl Sender for Outbox {
    async fn send(&self, message: Message) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.lock().unwrap().push(message);
        Ok(())
    }
}

impl Outbox {
    pub(super) fn only(&self) -> Message {
        let mut sent = self.0.lock().unwrap();
        assert_eq!(sent.len(), 1);
        sent.remove(0)
    }
}

pub(super) async fn with(world: &World, factors: FactorPolicy) -> (Users, Arc<Outbox>) {
    let outbox = Arc::new(Outbox::default());
    let users = crate::support::builder(world.store.clone())
        .clock(world.clock.clone())
        .random(crate::support::recording::witness(SeededRandom::new(3)))
        .hashing(Argon2Params::insecure_for_tests())
        .policies(Policies::new().factors(factors))
        .sender(outbox.clone())
        .build();
    users.create(NewUser::new().id("ann").email("ann@x.co").phone("+14155550100")).await.unwrap();
    users.create(NewUser::new().id("bob")).await.unwrap();
    (users, outbox)
}

pub(super) async fn ann(world: &World) -> Users {
    with(world, FactorPolicy::new().allow(Factor::Custom)).await.0
}

/// What the device of a user shows so many steps from the start.
pub(super) fn shown(new: &NewAuthenticator, steps: i64) -> String {
    new.shown(Timestamp::from_millis(START + steps * STEP).unwrap())
}

/// A verified authenticator, of which the code before the present step was used.
pub(super) async fn authenticator(users: &Users) -> NewAuthenticator {
    let new = users.create_authenticator("ann", "Example").await.unwrap();
    users.verify_authenticator("ann", &shown(&new, -1)).await.unwrap();
    new
}

pub(super) fn assert_code<T: std::fmt::Debug>(result: Result<T, Error>, code: &str) {
    assert_eq!(result.unwrap_err().code(), code);
}

async fn an_authenticator_is_set_up_and_used(world: World) {
    let users = ann(&world).await;
    let first = users.create_authenticator("ann", "Example").await.unwrap();
    assert_code(
        users.check_authenticator("ann", &shown(&first, 0)).await,
        "user_authenticator_not_found",
    );
    let new = users.create_authenticator("ann", "A & B").await.unwrap();
    let secret = new.secret.as_str();
    assert_eq!((secret.len(), secret == first.secret.as_str()), (32, false));
    assert_eq!(
        new.uri.as_str(),
        format!(
            "otpauth://totp/A%20%26%20B:ann%40x.co?secret={secret}&issuer=A%20%26%20B\
             &algorithm=SHA1&digits=6&period=30"
        )
    );
    assert!(!format!("{new:?}").contains(secret));
    assert_code(users.verify_authenticator("ann", &shown(&first, 0)).await, "user_invalid_token");
    let verified = users.verify_authenticator("ann", &shown(&new, 0)).await.unwrap();
    assert!(verified.verified);
    let again = users.verify_authenticator("ann", &shown(&new, 1)).await;
    assert_code(again, "user_authenticator_already_verified");
    assert_code(
        users.create_authenticator("ann", "E").await,
        "user_authenticator_already_verified",
    );
    users.check_authenticator("ann", &shown(&new, 1)).await.unwrap();
    users.delete_authenticator("ann").await.unwrap();
    assert_code(users.delete_authenticator("ann").await, "user_authenticator_not_found");
    assert_code(users.delete_authenticator("nobody").await, "user_not_found");
    assert_code(users.check_authenticator("nobody", "1").await, "user_not_found");
    assert_code(users.create_authenticator("nobody", "E").await, "user_not_found");
    for issuer in ["", "a:b", &"a".repeat(129)] {
        let refused = users.create_authenticator("ann", issuer).await;
        assert_eq!(refused.unwrap_err().field(), Some("issuer"));
    }
    // One of each user.
    users.create_authenticator("ann", "E").await.unwrap();
    users.create_authenticator("bob", "E").await.unwrap();
}

async fn a_code_is_used_once(world: World) {
    let users = ann(&world).await;
    let new = users.create_authenticator("ann", "Example").await.unwrap();
    users.verify_authenticator("ann", &shown(&new, 0)).await.unwrap();
    let check = |steps| {
        let code = shown(&new, steps);
        let users = users.clone();
        async move { users.check_authenticator("ann", &code).await }
    };
    assert_code(check(0).await, "user_invalid_token");
    check(1).await.unwrap();
    assert_code(check(1).await, "user_invalid_token");
    assert_code(check(0).await, "user_invalid_token");
    world.clock.advance(STEP);
    assert_code(check(1).await, "user_invalid_token");
    check(2).await.unwrap();
}

async fn clocks_may_be_a_step_apart(world: World) {
    let users = ann(&world).await;
    let new = users.create_authenticator("ann", "Example").await.unwrap();
    world.clock.advance(10 * STEP);
    assert_code(users.verify_authenticator("ann", &shown(&new, 8)).await, "user_invalid_token");
    users.verify_authenticator("ann", &shown(&new, 9)).await.unwrap();
    assert_code(users.check_authenticator("ann", &shown(&new, 12)).await, "user_invalid_token");
    users.check_authenticator("ann", &shown(&new, 10)).await.unwrap();
    users.check_authenticator("ann", &shown(&new, 11)).await.unwrap();
}

/// Runs four at once, and says how many were let in; the others had an invalid token.
pub(super) async fn raced<T, F>(one: impl Fn() -> F) -> usize
where
    T: Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    let tries = [0, 1, 2, 3].map(|_| tokio::spawn(one()));
    let mut won = 0;
    for one in tries {
        match one.await.unwrap() {
            Ok(_) => won += 1,
            Err(Error::InvalidToken) => {}
            Err(error) => panic!("{error}"),
        }
    }
    won
}

async fn of_two_at_once_one_gets_in(world: World) {
    let users = ann(&world).await;
    let new = authenticator(&users).await;
    for steps in 0..10 {
        let won = raced(|| {
            let (users, code) = (users.clone(), shown(&new, steps));
            async move { users.check_authenticator("ann", &code).await }
        });
        assert_eq!(won.await, 1, "step {steps}");
        world.clock.advance(STEP);
    }
    for _ in 0..3 {
        let _ = users.create_recovery_codes("ann").await;
        let code = users.get_recovery_codes("ann").await.unwrap().remove(0);
        let won = raced(|| {
            let (users, code) = (users.clone(), code.clone());
            async move { users.use_recovery_code("ann", code.as_str()).await }
        });
        assert_eq!(won.await, 1);
    }
    assert_eq!(users.get_recovery_codes("ann").await.unwrap().len(), 3);
}

async fn codes_can_not_be_tried_out(world: World) {
    let users = ann(&world).await;
    let new = authenticator(&users).await;
    for _ in 0..9 {
        assert_code(users.check_authenticator("ann", "wrong").await, "user_invalid_token");
    }
    users.check_authenticator("ann", &shown(&new, 0)).await.unwrap();
    for _ in 0..10 {
        assert_code(users.check_authenticator("ann", "wrong").await, "user_invalid_token");
    }
    let refused = users.check_authenticator("ann", &shown(&new, 1)).await;
    assert_code(refused, "general_rate_limit_exceeded");
    // Nor by way of challenges.
    let challenge = users.create_challenge("ann", None, Factor::Totp).await.unwrap();
    let refused = users.complete_challenge("ann", &challenge.id, &shown(&new, 1)).await;
    assert_code(refused, "general_rate_limit_exceeded");
    world.clock.advance(15 * 60 * 1000);
    users.check_authenticator("ann", &shown(&new, 30)).await.unwrap();
}

async fn recovery_codes_are_used_once(world: World) {
    let users = ann(&world).await;
    assert_code(users.get_recovery_codes("ann").await, "user_recovery_codes_not_found");
    assert_code(users.regenerate_recovery_codes("ann").await, "user_recovery_codes_not_found");
    assert_code(users.use_recovery_code("ann", "x").await, "user_recovery_codes_not_found");
    assert_code(users.create_recovery_codes("nobody").await, "user_not_found");
    let old = users.create_recovery_codes("ann").await.unwrap();
    assert_eq!(old.len(), 6);
    let digits = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    assert!(old.iter().all(|code| code.as_str().len() == 10 && code.as_str().chars().all(digits)));
    assert_code(users.create_recovery_codes("ann").await, "user_recovery_codes_already_exists");
    assert_eq!(users.get_recovery_codes("ann").await.unwrap(), old);
    assert_code(
        users.use_recovery_code("bob", old[0].as_str()).await,
        "user_recovery_codes_not_found",
    );
    let codes = users.regenerate_recovery_codes("ann").await.unwrap();
    assert_code(users.use_recovery_code("ann", old[0].as_str()).await, "user_invalid_token");
    users.use_recovery_code("ann", codes[2].as_str()).await.unwrap();
    assert_code(users.use_recovery_code("ann", codes[2].as_str()).await, "user_invalid_token");
    assert_eq!(users.get_recovery_codes("ann").await.unwrap().len(), 5);
    for place in [0, 1, 3, 4, 5] {
        users.use_recovery_code("ann", codes[place].as_str()).await.unwrap();
    }
    assert_code(users.get_recovery_codes("ann").await, "user_recovery_codes_not_found");
    users.create_recovery_codes("ann").await.unwrap();
}

async fn a_recovery_code_lets_one_in(world: World) {
    let users = ann(&world).await;
    let session = users.create_session("ann").await.unwrap().session;
    let none = users.create_challenge("ann", Some(&session.id), Factor::RecoveryCode).await;
    assert_code(none, "user_recovery_codes_not_found");
    let codes = users.create_recovery_codes("ann").await.unwrap();
    let challenge =
        users.create_challenge("ann", Some(&session.id), Factor::RecoveryCode).await.unwrap();
    assert_code(users.complete_challenge("ann", &challenge.id, "x").await, "user_invalid_token");
    let session = users.complete_challenge("ann", &challenge.id, codes[0].as_str()).await.unwrap();
    assert_eq!(session.unwrap().factors, ["server", "recoveryCode"]);
    assert_eq!(users.get_recovery_codes("ann").await.unwrap(), codes[1..]);
}

async fn factors_are_what_is_verified_and_allowed(world: World) {
    let policy = FactorPolicy::new().forbid(Factor::Phone);
    let (users, _) = with(&world, policy).await;
    assert_code(users.list_factors("nobody").await, "user_not_found");
    let told = |factors: rollbook::Factors| factors.to_wire().to_string();
    let none = r#"{"totp":false,"phone":false,"email":false,"recoveryCode":false,"custom":false}"#;
    users.create_authenticator("ann", "E").await.unwrap();
    assert_eq!(told(users.list_factors("ann").await.unwrap()), none);
    users.delete_authenticator("ann").await.unwrap();
    authenticator(&users).await;
    users.create_recovery_codes("ann").await.unwrap();
    users.update_email_verification("ann", true).await.unwrap();
    users.update_phone_verification("ann", true).await.unwrap();
    users.update_email_verification("bob", true).await.unwrap();
    let some = r#"{"totp":true,"phone":false,"email":true,"recoveryCode":false,"custom":false}"#;
    assert_eq!(told(users.list_factors("ann").await.unwrap()), some);
    assert_eq!(told(users.list_factors("bob").await.unwrap()), none);
    for (user, factor) in [
        ("ann", Factor::Phone),
        ("ann", Factor::Custom),
        ("bob", Factor::Email),
        ("bob", Factor::Phone),
    ] {
        let refused = users.create_challenge(user, None, factor).await;
        assert_eq!(refused.unwrap_err().field(), Some("factor"));
    }
    let refused = users.create_challenge("bob", None, Factor::Totp).await;
    assert_code(refused, "user_authenticator_not_found");
}

async fn flags_are_set(world: World) {
    let users = ann(&world).await;
    assert!(users.update_mfa("ann", true).await.unwrap().mfa);
    assert!(!users.update_mfa("ann", false).await.unwrap().mfa);
    let user = users.update_impersonator("ann", true).await.unwrap();
    assert!(user.impersonator);
    assert_eq!(user.to_wire()["impersonator"], true);
    let list = ListUsers::new().filter(User::IMPERSONATOR.equal(true));
    let found = users.list(list).await.unwrap();
    assert_eq!((found.total, found.users[0].id.as_str()), (1, "ann"));
    assert!(!users.update_impersonator("ann", false).await.unwrap().impersonator);
    assert_code(users.update_mfa("nobody", true).await, "user_not_found");
    assert_code(users.update_impersonator("nobody", true).await, "user_not_found");
}

async fn a_deleted_user_leaves_nothing(world: World) {
    let users = ann(&world).await;
    let new = authenticator(&users).await;
    users.create_recovery_codes("ann").await.unwrap();
    let session = users.create_session("ann").await.unwrap().session;
    for session in [None, Some(session.id.as_str())] {
        users.create_challenge("ann", session, Factor::Custom).await.unwrap();
    }
    users.delete("ann").await.unwrap();
    users.create(NewUser::new().id("ann")).await.unwrap();
    let gone = users.check_authenticator("ann", &shown(&new, 0)).await;
    assert_code(gone, "user_authenticator_not_found");
    assert_code(users.get_recovery_codes("ann").await, "user_recovery_codes_not_found");
    world.clock.advance(60 * 60 * 1000);
    assert_eq!(users.delete_expired_challenges().await.unwrap(), 0);
}

async fn what_was_done_is_logged(world: World) {
    let users = ann(&world).await;
    let new = authenticator(&users).await;
    users.check_authenticator("ann", &shown(&new, 0)).await.unwrap();
    assert!(users.check_authenticator("ann", "wrong").await.is_err());
    users.create_recovery_codes("ann").await.unwrap();
    let codes = users.regenerate_recovery_codes("ann").await.unwrap();
    users.use_recovery_code("ann", codes[0].as_str()).await.unwrap();
    let challenge = users.create_challenge("ann", None, Factor::Totp).await.unwrap();
    users.complete_challenge("ann", &challenge.id, &shown(&new, 1)).await.unwrap();
    users.delete_authenticator("ann").await.unwrap();
    users.update_mfa("ann", true).await.unwrap();
    let log = users.list_logs("ann", ListLogs::new()).await.unwrap();
    let events: Vec<_> = log.logs.iter().rev().map(|entry| entry.event.as_ref()).collect();
    assert_eq!(
        events,
        [
            "user.create",
            "authenticator.create",
            "authenticator.update",
            "authenticator.use",
            "recoveryCodes.create",
            "recoveryCodes.update",
            "recoveryCodes.use",
            "challenge.create",
            "challenge.update",
            "authenticator.delete",
            "user.update",
        ]
    );
}
