//! The few routes that the users themselves call: signing in and out, and seeing who one is.

use axum::http::{HeaderName, HeaderValue, header};
use rollbook_core::{Error, JwtSession, NewSession};
use serde_json::{Value, json};

use crate::auth::cookie_name;
use crate::call::{Call, Reply};
use crate::endpoints::JWT_SECONDS;
use crate::error::Refusal;
use crate::param::{Param, Rule};
use crate::route::{Access, Route, route};

const SESSION_ID: Param = Param::path("sessionId", Rule::Id);
const USER_ID: Param = Param::required("userId", Rule::Id);
const SECRET: Param = Param::required("secret", Rule::Text { least: 1, most: 256 });

pub(crate) const ROUTES: &[Route] = &[
    route!(Post "/account/sessions/email" "accountCreateEmailPasswordSession" "Signs in with a password."
        Access::Anyone => 201 SESSION, [
        Param::required("email", Rule::Email { empty: false }),
        Param::required("password", Rule::Password { empty: false }),
    ], create_password_session),
    route!(Post "/account/sessions/token" "accountCreateSession" "Exchanges a token for a session."
        Access::Anyone => 201 SESSION, [USER_ID, SECRET], create_token_session),
    route!(Put "/account/sessions/token" "accountUpdateSession" "Exchanges a token for a session."
        Access::Anyone => 201 SESSION, [USER_ID, SECRET], create_token_session),
    route!(Get "/account" "accountGet" "Reads the user that calls." Access::User => 200 ACCOUNT, [], get),
    route!(Get "/account/prefs" "accountGetPrefs" "Reads the preferences of the user that calls."
        Access::User => 200 PREFERENCES, [], get_prefs),
    route!(Get "/account/sessions/{sessionId}" "accountGetSession" "Reads a session, or the `current` one."
        Access::User => 200 SESSION, [SESSION_ID], get_session),
    route!(Delete "/account/sessions/{sessionId}" "accountDeleteSession" "Ends a session, or the `current` one."
        Access::FirstFactor => 204 NONE, [SESSION_ID], delete_session),
    route!(Post "/account/jwts" "accountCreateJWT" "Makes a JWT bound to the present session." Access::User =>
        201 JWT, [Param::optional("duration", Rule::Range { least: 0, most: 3600 })], create_jwt),
];

async fn create_password_session(call: Call) -> Result<Reply, Refusal> {
    let (email, password) = (call.arguments.required("email"), call.arguments.required("password"));
    let new = call.users.create_password_session(email, password).await?;
    Ok(signed_in(&call, &new))
}

async fn create_token_session(call: Call) -> Result<Reply, Refusal> {
    let (user, secret) = (call.arguments.required("userId"), call.arguments.required("secret"));
    let new = call.users.create_token_session(user, secret).await.map_err(|error| match error {
        // Which users there are is not told to who has no key.
        Error::UserNotFound => Error::InvalidToken,
        error => error,
    })?;
    Ok(signed_in(&call, &new))
}

/// A new session, with its secret where only its user gets it: in a cookie, in the header that clients
/// without cookies keep, and in the body for a server with a key.
fn signed_in(call: &Call, new: &NewSession) -> Reply {
    let (name, secret) = (cookie_name(&call.project), new.secret.as_str());
    let shown = if call.caller.is_key() { secret } else { "" };
    let mut reply = Reply::from(new.session.to_wire(shown, true));
    let expires = new.session.expire.as_millis() - new.session.created_at.as_millis();
    let (site, secure) = if call.secure { ("None", "; Secure") } else { ("Lax", "") };
    let cookie = format!(
        "{name}={secret}; Path=/; Max-Age={}; HttpOnly; SameSite={site}{secure}",
        expires.div_euclid(1000)
    );
    let mut fallback = serde_json::Map::new();
    fallback.insert(name, secret.into());
    let headers = [
        (header::SET_COOKIE, cookie),
        (HeaderName::from_static("x-fallback-cookies"), Value::from(fallback).to_string()),
    ];
    for (name, value) in headers {
        // A project id that is no text for a header has no cookie.
        reply.headers.extend(HeaderValue::from_str(&value).ok().map(|value| (name, value)));
    }
    reply
}

async fn get(call: Call) -> Result<Reply, Refusal> {
    let caller = call.signed_in()?;
    let mut wire = call.users.user_to_wire(&caller.user).await?;
    if let Value::Object(user) = &mut wire {
        for hidden in ["password", "hash", "hashOptions"] {
            user.shift_remove(hidden);
        }
        user.insert("impersonatorUserId".to_owned(), caller.impersonator.clone().into());
    }
    Ok(wire.into())
}

async fn get_prefs(call: Call) -> Result<Reply, Refusal> {
    Ok(json!(call.signed_in()?.user.prefs).into())
}

/// The id that is meant: that of the present session for `current`.
fn session_id(call: &Call) -> Result<&str, Refusal> {
    match call.arguments.required("sessionId") {
        "current" => match &call.signed_in()?.session {
            Some(session) => Ok(&session.id),
            None => Err(Refusal::of("user_session_not_found")),
        },
        id => Ok(id),
    }
}

async fn get_session(call: Call) -> Result<Reply, Refusal> {
    let caller = call.signed_in()?;
    let session = call.users.get_session(&caller.user.id, session_id(&call)?).await?;
    let current = caller.session.as_ref().is_some_and(|current| current.id == session.id);
    Ok(session.to_wire("", current).into())
}

async fn delete_session(call: Call) -> Result<Reply, Refusal> {
    let caller = call.signed_in()?;
    call.users.delete_session(&caller.user.id, session_id(&call)?).await?;
    let mut reply = Reply::none();
    let gone = format!("{}=; Path=/; Max-Age=0; HttpOnly", cookie_name(&call.project));
    let gone = HeaderValue::from_str(&gone).ok();
    reply.headers.extend(gone.map(|value| (header::SET_COOKIE, value)));
    Ok(reply)
}

async fn create_jwt(call: Call) -> Result<Reply, Refusal> {
    let caller = call.signed_in()?;
    let session = match &caller.session {
        Some(session) => JwtSession::Id(session.id.to_string()),
        None => JwtSession::None,
    };
    let seconds = call.arguments.number("duration").unwrap_or(JWT_SECONDS);
    let jwt = call.users.create_jwt(&caller.user.id, session, seconds).await?;
    Ok(json!({ "jwt": jwt }).into())
}
