//! Sessions, tokens and JWTs of a user.

use rollbook_core::{JwtSession, NewToken, Scope};
use serde_json::{Value, json};

use super::{TOTAL, USER_ID};
use crate::call::{Call, Reply};
use crate::error::Refusal;
use crate::param::{Param, Rule};
use crate::route::{Access, Route, route};

const READ: Access = Access::Key(&[Scope::UsersRead, Scope::SessionsRead]);
const WRITE: Access = Access::Key(&[Scope::UsersWrite, Scope::SessionsWrite]);
const SESSION_ID: Param = Param::path("sessionId", Rule::Id);

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/users/{userId}/sessions" "listSessions" "Lists the sessions of a user." READ =>
        200 SESSION_LIST, [USER_ID, TOTAL], list),
    route!(Post "/users/{userId}/sessions" "createSession" "Makes a session for a user." WRITE =>
        201 SESSION, [USER_ID], create),
    route!(Delete "/users/{userId}/sessions/{sessionId}" "deleteSession" "Ends a session." WRITE =>
        204 NONE, [USER_ID, SESSION_ID], delete),
    route!(Delete "/users/{userId}/sessions" "deleteSessions" "Ends all sessions of a user." WRITE =>
        204 NONE, [USER_ID], delete_all),
    route!(Post "/users/{userId}/tokens" "createToken" "Makes a token that a client exchanges for a session."
        WRITE => 201 TOKEN, [
        USER_ID,
        Param::optional("length", Rule::Range { least: 4, most: 128 }),
        Param::optional("expire", Rule::Range { least: 60, most: 31_536_000 }),
    ], create_token),
    route!(Post "/users/{userId}/jwts" "createJWT" "Makes a JWT that stands for a user." WRITE =>
        201 JWT, [
        USER_ID,
        Param::optional("sessionId", Rule::Text { least: 0, most: 36 }),
        Param::optional("duration", Rule::Range { least: 0, most: 3600 }),
    ], create_jwt),
];

async fn list(call: Call) -> Result<Reply, Refusal> {
    let sessions = call.users.list_sessions(call.user_id()).await?;
    let wire: Vec<Value> = sessions.iter().map(|session| session.to_wire("", false)).collect();
    let total = if call.wants_total() { wire.len() } else { 0 };
    Ok(json!({ "total": total, "sessions": wire }).into())
}

async fn create(call: Call) -> Result<Reply, Refusal> {
    let new = call.users.create_session(call.user_id()).await?;
    Ok(new.session.to_wire(new.secret.as_str(), false).into())
}

async fn delete(call: Call) -> Result<Reply, Refusal> {
    call.users.delete_session(call.user_id(), call.arguments.required("sessionId")).await?;
    Ok(Reply::none())
}

async fn delete_all(call: Call) -> Result<Reply, Refusal> {
    call.users.delete_sessions(call.user_id()).await?;
    Ok(Reply::none())
}

async fn create_token(call: Call) -> Result<Reply, Refusal> {
    let mut new = NewToken::new();
    if let Some(length) = call.arguments.number("length") {
        new = new.length(length);
    }
    if let Some(seconds) = call.arguments.number("expire") {
        new = new.seconds(seconds);
    }
    let (token, secret) = call.users.create_token(call.user_id(), new).await?;
    Ok(token.to_wire(secret.as_str()).into())
}

/// How long a JWT lives unless the caller says otherwise, in seconds.
pub(crate) const JWT_SECONDS: u64 = 900;

async fn create_jwt(call: Call) -> Result<Reply, Refusal> {
    // The SDKs write it with parentheses, the service without.
    let session = match call.arguments.text("sessionId") {
        None | Some("recent" | "recent()") => JwtSession::Recent,
        Some("") => JwtSession::None,
        Some(id) => JwtSession::Id(id.to_owned()),
    };
    let seconds = call.arguments.number("duration").unwrap_or(JWT_SECONDS);
    let jwt = call.users.create_jwt(call.user_id(), session, seconds).await?;
    Ok(json!({ "jwt": jwt }).into())
}
