//! Listing, reading and deleting users.

use rollbook_core::User;
use serde_json::{Value, json};

use super::{QUERIES, READ, SEARCH, TOTAL, USER_ID, WRITE};
use crate::call::{Call, Reply};
use crate::error::Refusal;
use crate::param::{Param, Rule};
use crate::route::{Route, route};

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/users" "list" "Lists users." READ => 200 USER_LIST, [
        QUERIES,
        SEARCH,
        TOTAL,
        Param::optional("limit", Rule::Plain),
        Param::optional("offset", Rule::Plain),
        Param::optional("cursor", Rule::Plain),
        Param::optional("cursorDirection", Rule::Plain),
        Param::optional("orderType", Rule::Plain),
    ], list),
    route!(Get "/users/{userId}" "get" "Reads a user." READ => 200 USER, [USER_ID], get),
    route!(Delete "/users/{userId}" "delete" "Deletes a user and all that belongs to it." WRITE =>
        204 NONE, [USER_ID], delete),
];

async fn list(call: Call) -> Result<Reply, Refusal> {
    let page = call.users.list(call.list::<User>()?).await?;
    let users = call.users.users_to_wire(&page.users).await?;
    Ok(json!({ "total": page.total, "users": users }).into())
}

async fn get(call: Call) -> Result<Reply, Refusal> {
    let user = call.users.get(call.user_id()).await?;
    answer(&call, &user).await
}

async fn delete(call: Call) -> Result<Reply, Refusal> {
    call.users.delete(call.user_id()).await?;
    Ok(Reply::none())
}

/// The user as an answer.
pub(super) async fn answer(call: &Call, user: &User) -> Result<Reply, Refusal> {
    let wire: Value = call.users.user_to_wire(user).await?;
    Ok(wire.into())
}
