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
    let user = call.users.get(call.user_id()).await?;
    let list = call.list::<Membership>()?;
    let page = call.users.list_memberships_of_user(&user.id, list).await?;
    let mut memberships = Vec::with_capacity(page.records.len());
    for membership in &page.records {
        // A team that was deleted in between takes its memberships with it.
        match call.users.get_team(&membership.team_id).await {
            Ok(team) => memberships.push(membership.to_wire(&user, &team)),
            Err(rollbook_core::Error::TeamNotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(json!({ "total": page.total, "memberships": memberships }).into())
}
