//! Changing what a user consists of.

use serde_json::json;

use super::users::answer;
use super::{READ, USER_ID, WRITE};
use crate::call::{Call, Reply};
use crate::error::Refusal;
use crate::param::{Param, Rule};
use crate::route::{Route, route};

pub(crate) const ROUTES: &[Route] = &[
    route!(Patch "/users/{userId}/name" "updateName" "Sets the name." WRITE => 200 USER,
        [USER_ID, Param::required("name", Rule::Text { least: 0, most: 128 })], update_name),
    route!(Patch "/users/{userId}/email" "updateEmail" "Sets the e-mail; an empty one clears it." WRITE =>
        200 USER,
        [USER_ID, Param::required("email", Rule::Email { empty: true })], update_email),
    route!(Patch "/users/{userId}/phone" "updatePhone" "Sets the phone number; an empty one clears it."
        WRITE => 200 USER,
        [USER_ID, Param::required("number", Rule::Phone { empty: true })], update_phone),
    route!(Patch "/users/{userId}/password" "updatePassword"
        "Sets the password; an empty one takes it away." WRITE => 200 USER,
        [USER_ID, Param::required("password", Rule::Password { empty: true })], update_password),
    route!(Patch "/users/{userId}/status" "updateStatus" "Blocks a user or lets it in again." WRITE =>
        200 USER, [USER_ID, Param::required("status", Rule::Flag)], update_status),
    route!(Put "/users/{userId}/labels" "updateLabels" "Replaces the labels." WRITE => 200 USER,
        [USER_ID, Param::required("labels", Rule::Labels)], update_labels),
    route!(Patch "/users/{userId}/verification" "updateEmailVerification"
        "Says whether the e-mail is verified." WRITE => 200 USER,
        [USER_ID, Param::required("emailVerification", Rule::Bool)], update_email_verification),
    route!(Patch "/users/{userId}/verification/phone" "updatePhoneVerification"
        "Says whether the phone number is verified." WRITE => 200 USER,
        [USER_ID, Param::required("phoneVerification", Rule::Bool)], update_phone_verification),
    route!(Get "/users/{userId}/prefs" "getPrefs" "Reads the preferences." READ => 200 PREFERENCES,
        [USER_ID], get_prefs),
    route!(Patch "/users/{userId}/prefs" "updatePrefs" "Replaces the preferences." WRITE =>
        200 PREFERENCES, [USER_ID, Param::required("prefs", Rule::Object)], update_prefs),
    route!(Patch "/users/{userId}/impersonator" "updateImpersonator"
        "Says whether the user may act as others." WRITE => 200 USER,
        [USER_ID, Param::required("impersonator", Rule::Flag)], update_impersonator),
];

async fn update_name(call: Call) -> Result<Reply, Refusal> {
    let user = call.users.update_name(call.user_id(), call.arguments.required("name")).await?;
    answer(&call, &user).await
}

async fn update_email(call: Call) -> Result<Reply, Refusal> {
    let user = call.users.update_email(call.user_id(), call.arguments.required("email")).await?;
    answer(&call, &user).await
}

async fn update_phone(call: Call) -> Result<Reply, Refusal> {
    let user = call.users.update_phone(call.user_id(), call.arguments.required("number")).await?;
    answer(&call, &user).await
}

async fn update_password(call: Call) -> Result<Reply, Refusal> {
    let password = call.arguments.required("password");
    let user = call.users.update_password(call.user_id(), password).await?;
    answer(&call, &user).await
}

/// A truth value that is required, so that it is there.
fn flag(call: &Call, name: &str) -> bool {
    call.arguments.flag(name).unwrap_or_default()
}

async fn update_status(call: Call) -> Result<Reply, Refusal> {
    let user = call.users.update_status(call.user_id(), flag(&call, "status")).await?;
    answer(&call, &user).await
}

async fn update_labels(call: Call) -> Result<Reply, Refusal> {
    let user = call.users.update_labels(call.user_id(), call.arguments.texts("labels")).await?;
    answer(&call, &user).await
}

async fn update_email_verification(call: Call) -> Result<Reply, Refusal> {
    let verified = flag(&call, "emailVerification");
    let user = call.users.update_email_verification(call.user_id(), verified).await?;
    answer(&call, &user).await
}

async fn update_phone_verification(call: Call) -> Result<Reply, Refusal> {
    let verified = flag(&call, "phoneVerification");
    let user = call.users.update_phone_verification(call.user_id(), verified).await?;
    answer(&call, &user).await
}

async fn update_impersonator(call: Call) -> Result<Reply, Refusal> {
    let user = call.users.update_impersonator(call.user_id(), flag(&call, "impersonator")).await?;
    answer(&call, &user).await
}

async fn get_prefs(call: Call) -> Result<Reply, Refusal> {
    Ok(json!(call.users.get_prefs(call.user_id()).await?).into())
}

async fn update_prefs(call: Call) -> Result<Reply, Refusal> {
    let prefs = call.arguments.object("prefs");
    Ok(json!(call.users.update_prefs(call.user_id(), prefs).await?).into())
}
