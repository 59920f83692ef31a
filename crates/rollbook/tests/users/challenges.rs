use rollbook::{Error, Factor, FactorPolicy, TokenKind};

use super::mfa::{STEP, ann, assert_code, authenticator, raced, shown, with};
use crate::support::{START, World, on_every_store};

on_every_store! {
    a_challenge_adds_a_factor_to_its_session
    a_challenge_is_sent_to_the_user
    a_challenge_is_good_for_its_time_and_its_user
    wrong_answers_void_a_challenge
    of_two_answers_one_counts
    a_custom_challenge_tells_its_code
}

async fn a_challenge_adds_a_factor_to_its_session(world: World) {
    let users = ann(&world).await;
    let new = authenticator(&users).await;
    let signed_in = users.create_session("ann").await.unwrap();
    let id = signed_in.session.id.as_str();
    let other = users.create_session("bob").await.unwrap().session;
    for session in ["nothing", other.id.as_str()] {
        let refused = users.create_challenge("ann", Some(session), Factor::Totp).await;
        assert_code(refused, "user_session_not_found");
    }
    world.clock.advance(1000);
    let challenge = users.create_challenge("ann", Some(id), Factor::Totp).await.unwrap();
    let done = users.complete_challenge("ann", &challenge.id, &shown(&new, 0)).await.unwrap();
    let session = done.unwrap();
    assert_eq!(session.factors, ["server", "totp"]);
    assert_eq!(session.mfa_updated_at.map(rollbook::Timestamp::as_millis), Some(START + 1000));
    assert_eq!(session.to_wire("", true)["mfaUpdatedAt"], "2026-01-01T00:00:01.000+00:00");
    let (_, valid) = users.validate_session(signed_in.secret.as_str()).await.unwrap();
    assert_eq!(valid.factors, session.factors);
    let again = users.complete_challenge("ann", &challenge.id, &shown(&new, 1)).await;
    assert_code(again, "user_invalid_token");
    // A second time it is not listed twice, and without a session there is none to change.
    let challenge = users.create_challenge("ann", Some(id), Factor::Totp).await.unwrap();
    let done = users.complete_challenge("ann", &challenge.id, &shown(&new, 1)).await.unwrap();
    assert_eq!(done.unwrap().factors, ["server", "totp"]);
    world.clock.advance(STEP);
    let challenge = users.create_challenge("ann", None, Factor::Totp).await.unwrap();
    let done = users.complete_challenge("ann", &challenge.id, &shown(&new, 2)).await.unwrap();
    assert!(done.is_none());
    // It ends with its session.
    let challenge = users.create_challenge("ann", Some(id), Factor::Totp).await.unwrap();
    users.delete_session("ann", id).await.unwrap();
    world.clock.advance(STEP);
    let ended = users.complete_challenge("ann", &challenge.id, &shown(&new, 3)).await;
    assert_code(ended, "user_invalid_token");
}

async fn a_challenge_is_sent_to_the_user(world: World) {
    let (users, outbox) = with(&world, FactorPolicy::new()).await;
    users.update_email_verification("ann", true).await.unwrap();
    users.update_phone_verification("ann", true).await.unwrap();
    for (factor, to) in [(Factor::Email, "ann@x.co"), (Factor::Phone, "+14155550100")] {
        let session = users.create_session("ann").await.unwrap().session;
        let challenge = users.create_challenge("ann", Some(&session.id), factor).await.unwrap();
        let message = outbox.only();
        assert_eq!((message.kind, message.to.as_str()), (TokenKind::Challenge, to));
        let code = message.secret.as_str();
        assert!(code.len() == 6 && code.chars().all(|c| c.is_ascii_digit()), "{code}");
        assert!(!format!("{challenge:?}").contains(code));
        assert_code(users.get_challenge("ann", &challenge.id).await, "user_invalid_token");
        let session = users.complete_challenge("ann", &challenge.id, code).await.unwrap();
        assert_eq!(session.unwrap().factors, ["server", factor.name()]);
    }
    world.users.update_email_verification("ann", true).await.unwrap();
    let unsent = world.users.create_challenge("ann", None, Factor::Email).await;
    assert!(matches!(unsent, Err(Error::NoSender)));
}

async fn a_challenge_is_good_for_its_time_and_its_user(world: World) {
    let users = ann(&world).await;
    let challenge = users.create_challenge("ann", None, Factor::Custom).await.unwrap();
    let (_, code) = users.get_challenge("ann", &challenge.id).await.unwrap();
    let other = users.complete_challenge("bob", &challenge.id, code.as_str()).await;
    assert_code(other, "user_invalid_token");
    assert_code(users.complete_challenge("nobody", &challenge.id, "x").await, "user_not_found");
    users.update_status("ann", false).await.unwrap();
    let blocked = users.complete_challenge("ann", &challenge.id, code.as_str()).await;
    assert_code(blocked, "user_blocked");
    users.update_status("ann", true).await.unwrap();
    world.clock.advance(15 * 60 * 1000);
    let late = users.complete_challenge("ann", &challenge.id, code.as_str()).await;
    assert_code(late, "user_invalid_token");
    assert_code(users.get_challenge("ann", &challenge.id).await, "user_invalid_token");
    users.create_challenge("ann", None, Factor::Custom).await.unwrap();
    assert_eq!(users.delete_expired_challenges().await.unwrap(), 1);
}

async fn wrong_answers_void_a_challenge(world: World) {
    let users = ann(&world).await;
    for (wrong, right) in [(9, true), (10, false)] {
        let challenge = users.create_challenge("ann", None, Factor::Custom).await.unwrap();
        let (_, code) = users.get_challenge("ann", &challenge.id).await.unwrap();
        // At once: each of them counts.
        let tries: Vec<_> = (0..wrong)
            .map(|_| {
                let (users, id) = (users.clone(), challenge.id.clone());
                tokio::spawn(async move { users.complete_challenge("ann", &id, "guess").await })
            })
            .collect();
        for one in tries {
            assert_code(one.await.unwrap(), "user_invalid_token");
        }
        let answer = users.complete_challenge("ann", &challenge.id, code.as_str()).await;
        assert_eq!(answer.is_ok(), right, "after {wrong}");
    }
}

async fn of_two_answers_one_counts(world: World) {
    let users = ann(&world).await;
    let session = users.create_session("ann").await.unwrap().session;
    for _ in 0..10 {
        let challenge =
            users.create_challenge("ann", Some(&session.id), Factor::Custom).await.unwrap();
        let (_, code) = users.get_challenge("ann", &challenge.id).await.unwrap();
        let won = raced(|| {
            let (users, id, code) = (users.clone(), challenge.id.clone(), code.clone());
            async move { users.complete_challenge("ann", &id, code.as_str()).await }
        });
        assert_eq!(won.await, 1);
    }
}

async fn a_custom_challenge_tells_its_code(world: World) {
    let users = ann(&world).await;
    let challenge = users.create_challenge("ann", None, Factor::Custom).await.unwrap();
    let (found, code) = users.get_challenge("ann", &challenge.id).await.unwrap();
    let wire = found.to_wire(code.as_str());
    let keys: Vec<_> = wire.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["$id", "$createdAt", "userId", "expire", "code"]);
    assert_eq!(wire["code"], code.as_str());
    assert_eq!(wire["expire"], "2026-01-01T00:15:00.000+00:00");
    assert_code(users.get_challenge("bob", &challenge.id).await, "user_invalid_token");
    assert_code(users.get_challenge("nobody", &challenge.id).await, "user_not_found");
    assert_code(users.get_challenge("ann", "nothing").await, "user_invalid_token");
}
