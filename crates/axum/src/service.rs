//! What the server tells of itself.

use std::sync::OnceLock;
use std::time::Instant;

use rollbook_core::Error;
use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::error::Refusal;
use crate::openapi;
use crate::route::{Access, Route, route};

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/health" "getHealth" "Says whether the store answers, and in how many milliseconds."
        Access::Anyone => 200 HEALTH, [], health),
    route!(Get "/openapi.json" "getOpenApi" "Describes the routes." Access::Anyone => 200 OPENAPI, [],
        description),
];

async fn health(call: Call) -> Result<Reply, Refusal> {
    let start = Instant::now();
    // A look-up that goes to the store, whoever is there.
    match call.users.get("health").await {
        Ok(_) | Err(Error::UserNotFound) => {}
        Err(error) => return Err(error.into()),
    }
    let ping = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(json!({ "name": "rollbook", "ping": ping, "status": "pass" }).into())
}

async fn description(_: Call) -> Result<Reply, Refusal> {
    static DESCRIPTION: OnceLock<Value> = OnceLock::new();
    Ok(DESCRIPTION.get_or_init(openapi::document).clone().into())
}
