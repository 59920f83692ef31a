//! Second factors of a user.

use rollbook_core::Secret;
use serde_json::{Value, json};

use super::users::answer;
use super::{READ, TOTAL, USER_ID, WRITE};
use crate::call::{Call, Reply};
use crate::error::Refusal;
use crate::param::{Param, Rule};
use crate::route::{Route, route};

pub(crate) const ROUTES: &[Route] = &[
    route!(Patch "/users/{userId}/mfa" "updateMFA" "Says whether a second factor is asked for." WRITE =>
        200 USER, [USER_ID, Param::required("mfa", Rule::Bool)], update),
    route!(Get "/users/{userId}/mfa/factors" "listMFAFactors" "Says which factors a user can use." READ =>
        200 MFA_FACTORS, [USER_ID], factors),
    route!(Get "/users/{userId}/mfa/recovery-codes" "getMFARecoveryCodes" "Reads the recovery codes." READ =>
        200 RECOVERY_CODES, [USER_ID], get_codes),
    // The service documents 201 and answers 200.
    route!(Patch "/users/{userId}/mfa/recovery-codes" "createMFARecoveryCodes" "Makes recovery codes."
        WRITE => 200 RECOVERY_CODES, [USER_ID], create_codes),
    route!(Put "/users/{userId}/mfa/recovery-codes" "updateMFARecoveryCodes" "Makes new recovery codes."
        WRITE => 200 RECOVERY_CODES, [USER_ID], regenerate_codes),
    route!(Delete "/users/{userId}/mfa/authenticators/{type}" "deleteMFAAuthenticator"
        "Deletes the authenticator." WRITE => 204 NONE,
        [USER_ID, Param::path("type", Rule::OneOf(&["totp"]))], delete_authenticator),
    route!(Get "/users/{userId}/mfa/challenges/{challengeId}" "getMFAChallenge"
        "Reads a challenge that the caller brings to the user." READ => 200 CHALLENGE,
        [USER_ID, Param::path("challengeId", Rule::Text { least: 1, most: 256 })], challenge),
    // There are no passkeys: a user has none, and no id is that of one.
    route!(Get "/users/{userId}/passkeys" "listPasskeys" "Lists the passkeys, of which there are none." READ =>
        200 PASSKEY_LIST, [USER_ID, TOTAL], passkeys),
    route!(Get "/users/{userId}/passkeys/{passkeyId}" "getPasskey" "Finds no passkey." READ =>
        200 NONE, [USER_ID, Param::path("passkeyId", Rule::Id)], no_passkey),
    route!(Patch "/users/{userId}/passkeys/{passkeyId}" "updatePasskey" "Finds no passkey." WRITE =>
        200 NONE, [USER_ID, Param::path("passkeyId", Rule::Id)], no_passkey),
    route!(Delete "/users/{userId}/passkeys/{passkeyId}" "deletePasskey" "Finds no passkey." WRITE =>
        204 NONE, [USER_ID, Param::path("passkeyId", Rule::Id)], no_passkey),
];

async fn update(call: Call) -> Result<Reply, Refusal> {
    let mfa = call.arguments.flag("mfa").unwrap_or_default();
    let user = call.users.update_mfa(call.user_id(), mfa).await?;
    answer(&call, &user).await
}

async fn factors(call: Call) -> Result<Reply, Refusal> {
    Ok(call.users.list_factors(call.user_id()).await?.to_wire().into())
}

fn codes(codes: &[Secret]) -> Value {
    let codes: Vec<_> = codes.iter().map(Secret::as_str).collect();
    json!({ "recoveryCodes": codes })
}

async fn get_codes(call: Call) -> Result<Reply, Refusal> {
    Ok(codes(&call.users.get_recovery_codes(call.user_id()).await?).into())
}

async fn create_codes(call: Call) -> Result<Reply, Refusal> {
    Ok(codes(&call.users.create_recovery_codes(call.user_id()).await?).into())
}

async fn regenerate_codes(call: Call) -> Result<Reply, Refusal> {
    Ok(codes(&call.users.regenerate_recovery_codes(call.user_id()).await?).into())
}

async fn delete_authenticator(call: Call) -> Result<Reply, Refusal> {
    call.users.delete_authenticator(call.user_id()).await?;
    Ok(Reply::none())
}

async fn challenge(call: Call) -> Result<Reply, Refusal> {
    let id = call.arguments.required("challengeId");
    let (challenge, code) = call.users.get_challenge(call.user_id(), id).await?;
    Ok(challenge.to_wire(code.as_str()).into())
}

async fn passkeys(call: Call) -> Result<Reply, Refusal> {
    call.users.get(call.user_id()).await?;
    Ok(json!({ "total": 0, "passkeys": [] }).into())
}

async fn no_passkey(call: Call) -> Result<Reply, Refusal> {
    call.users.get(call.user_id()).await?;
    Err(Refusal::of("user_passkey_not_found"))
}
