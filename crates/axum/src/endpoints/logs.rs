//! The activity log of a user, and how many users there are.

use rollbook_core::{ListLogs, UsageRange};
use serde_json::json;

use super::{QUERIES, READ, TOTAL, USER_ID};
use crate::call::{Call, Reply};
use crate::error::Refusal;
use crate::param::{Param, Rule};
use crate::route::{Route, route};

const RANGES: &[&str] = &["24h", "7d", "30d", "90d"];

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/users/{userId}/logs" "listLogs" "Lists what was done with a user, newest first." READ =>
        200 LOG_LIST, [
        USER_ID,
        QUERIES,
        TOTAL,
        Param::optional("limit", Rule::Range { least: 0, most: 100 }),
        Param::optional("offset", Rule::Range { least: 0, most: 5000 }),
    ], list),
    route!(Get "/users/usage" "getUsage" "Counts users and sessions." READ => 200 USAGE,
        [Param::optional("range", Rule::OneOf(RANGES))], usage),
];

async fn list(call: Call) -> Result<Reply, Refusal> {
    // The oldest version asks for none to learn the total.
    let none = call.format.is_plain() && call.arguments.number("limit") == Some(0);
    let list = if call.format.is_plain() {
        let mut list = ListLogs::new();
        if let Some(limit) = call.arguments.number("limit") {
            list = list.limit(limit.max(1));
        }
        if let Some(offset) = call.arguments.number("offset") {
            list = list.offset(offset);
        }
        list
    } else {
        let queries = call.arguments.texts("queries");
        let list = ListLogs::from_queries(call.format.syntax(&queries), queries);
        list.map_err(rollbook_core::Error::from)?
    };
    let list = if call.wants_total() { list } else { list.without_total() };
    let page = call.users.list_logs(call.user_id(), list).await?;
    let shown = if none { &[] } else { page.logs.as_slice() };
    let logs: Vec<_> = shown.iter().map(|log| log.to_wire(&page.user)).collect();
    Ok(json!({ "total": page.total, "logs": logs }).into())
}

async fn usage(call: Call) -> Result<Reply, Refusal> {
    let range = match call.arguments.text("range") {
        Some("24h") => UsageRange::Day,
        Some("7d") => UsageRange::Week,
        Some("90d") => UsageRange::Quarter,
        _ => UsageRange::Month,
    };
    Ok(call.users.usage(range).await?.to_wire().into())
}
