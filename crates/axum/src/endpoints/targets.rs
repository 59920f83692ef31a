//! Targets: where a user can be reached.

use rollbook_core::{NewTarget, ProviderType, Scope, Target, TargetChange};
use serde_json::json;

use super::{QUERIES, TOTAL, USER_ID};
use crate::call::{Call, Reply};
use crate::error::Refusal;
use crate::param::{Param, Rule};
use crate::route::{Access, Route, route};

const READ: Access = Access::Key(&[Scope::TargetsRead, Scope::UsersRead]);
const WRITE: Access = Access::Key(&[Scope::TargetsWrite, Scope::UsersWrite]);
const TARGET_ID: Param = Param::path("targetId", Rule::Id);
// Empty means none, or as it is.
const PROVIDER_ID: Param = Param::optional("providerId", Rule::Text { least: 0, most: 36 });
const NAME: Param = Param::optional("name", Rule::Text { least: 0, most: 128 });

pub(crate) const ROUTES: &[Route] = &[
    route!(Post "/users/{userId}/targets" "createTarget" "Makes a target of a user." WRITE =>
        201 TARGET, [
        USER_ID,
        Param::required("targetId", Rule::NewId),
        Param::required("providerType", Rule::OneOf(&["email", "sms", "push"])),
        Param::required("identifier", Rule::Text { least: 1, most: 255 }),
        PROVIDER_ID,
        NAME,
    ], create),
    route!(Get "/users/{userId}/targets" "listTargets" "Lists the targets of a user." READ =>
        200 TARGET_LIST, [USER_ID, QUERIES, TOTAL], list),
    route!(Get "/users/{userId}/targets/{targetId}" "getTarget" "Reads a target." READ =>
        200 TARGET, [USER_ID, TARGET_ID], get),
    route!(Patch "/users/{userId}/targets/{targetId}" "updateTarget" "Changes a target." WRITE =>
        200 TARGET, [
        USER_ID,
        TARGET_ID,
        Param::optional("identifier", Rule::Text { least: 0, most: 255 }),
        PROVIDER_ID,
        NAME,
    ], update),
    route!(Delete "/users/{userId}/targets/{targetId}" "deleteTarget" "Deletes a target." WRITE =>
        204 NONE, [USER_ID, TARGET_ID], delete),
];

async fn create(call: Call) -> Result<Reply, Refusal> {
    let text = |name: &str| call.arguments.text(name).unwrap_or_default();
    let provider_type = ProviderType::parse(text("providerType"))?;
    let new = NewTarget::new(provider_type, text("identifier"))
        .id(text("targetId"))
        .provider_id(text("providerId"))
        .name(text("name"));
    let target = call.users.create_target(call.user_id(), new).await?;
    Ok(target.to_wire().into())
}

async fn list(call: Call) -> Result<Reply, Refusal> {
    let page = call.users.list_targets(call.user_id(), call.list::<Target>()?).await?;
    let targets: Vec<_> = page.records.iter().map(|target| target.to_wire()).collect();
    Ok(json!({ "total": page.total, "targets": targets }).into())
}

fn target_id(call: &Call) -> &str {
    call.arguments.required("targetId")
}

async fn get(call: Call) -> Result<Reply, Refusal> {
    let target = call.users.get_target(call.user_id(), target_id(&call)).await?;
    Ok(target.to_wire().into())
}

async fn update(call: Call) -> Result<Reply, Refusal> {
    let text = |name: &str| call.arguments.text(name).unwrap_or_default();
    let change = TargetChange::new()
        .identifier(text("identifier"))
        .provider_id(text("providerId"))
        .name(text("name"));
    let target = call.users.update_target(call.user_id(), target_id(&call), change).await?;
    Ok(target.to_wire().into())
}

async fn delete(call: Call) -> Result<Reply, Refusal> {
    call.users.delete_target(call.user_id(), target_id(&call)).await?;
    Ok(Reply::none())
}
