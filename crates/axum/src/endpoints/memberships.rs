//! Memberships of a user.

use rollbook_core::Membership;
use serde_json::json;

use super::{QUERIES, READ, SEARCH, TOTAL, USER_ID};
use crate::call::{Call, Reply};
use crate::error::Refusal;
use crate::route::{Route, route};

pub(crate) const ROUTES: &[Route] = &[route!(
    Get "/users/{userId}/memberships" "listMemberships" "Lists the memberships of a user." READ =>
    200 MEMBERSHIP_LIST, [USER_ID, QUERIES, SEARCH, TOTAL], list
)];

async fn list(call: Call) -> Result<Reply, Refusal> {
    let list = call.list::<Membership>()?;
    let page = call.users.list_memberships_of_user(call.user_id(), list).await?;
    let memberships = call.users.memberships_to_wire(&page.records).await?;
    Ok(json!({ "total": page.total, "memberships": memberships }).into())
}
