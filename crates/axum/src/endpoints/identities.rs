//! Identities: accounts at other providers that users are linked to.

use rollbook_core::{Error, Identity, IdentityTokens};
use serde_json::json;

use super::{QUERIES, READ, SEARCH, TOTAL, WRITE};
use crate::call::{Call, Reply};
use crate::error::Refusal;
use crate::param::{Param, Rule};
use crate::route::{Route, route};

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/users/identities" "listIdentities" "Lists identities of all users." READ =>
        200 IDENTITY_LIST, [QUERIES, SEARCH, TOTAL], list),
    route!(Delete "/users/identities/{identityId}" "deleteIdentity" "Deletes an identity." WRITE =>
        204 NONE, [Param::path("identityId", Rule::Id)], delete),
];

async fn list(call: Call) -> Result<Reply, Refusal> {
    let page = call.users.list_identities(call.list::<Identity>()?).await?;
    let mut identities = Vec::with_capacity(page.records.len());
    for identity in &page.records {
        // The list shows identities whose tokens nobody here can open, without the tokens.
        let tokens = match call.users.tokens_of(identity) {
            Ok(tokens) => tokens,
            Err(Error::UnknownSealingKey { .. }) => IdentityTokens::new(),
            Err(error) => return Err(error.into()),
        };
        identities.push(identity.to_wire(&tokens));
    }
    Ok(json!({ "total": page.total, "identities": identities }).into())
}

async fn delete(call: Call) -> Result<Reply, Refusal> {
    call.users.delete_identity(call.arguments.required("identityId")).await?;
    Ok(Reply::none())
}
