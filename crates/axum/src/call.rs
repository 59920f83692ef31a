//! A request on its way to the verb that answers it.

use axum::http::{HeaderName, HeaderValue};
use rollbook_core::{Identity, List, Membership, Record, Target, Users};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::auth::{Caller, SignedIn};
use crate::error::Refusal;
use crate::format::Format;

/// What a route is asked.
#[derive(Debug)]
pub(crate) struct Call {
    /// The users of the project, acted on as the caller.
    pub(crate) users: Users,
    pub(crate) caller: Caller,
    pub(crate) arguments: Arguments,
    pub(crate) format: Format,
    pub(crate) project: String,
    /// Whether the client reached us in secret, so that its cookies can be kept from others.
    pub(crate) secure: bool,
}

/// What a route answers.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    /// Nothing for a 204.
    pub(crate) body: Option<Value>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Reply {
    pub(crate) fn none() -> Self {
        Self::default()
    }
}

impl From<Value> for Reply {
    fn from(body: Value) -> Self {
        Self { body: Some(body), headers: Vec::new() }
    }
}

/// The parameters of lists in the oldest version.
pub(crate) const PLAIN: [&str; 5] = ["limit", "offset", "cursor", "cursorDirection", "orderType"];

impl Call {
    /// The id in the path.
    pub(crate) fn user_id(&self) -> &str {
        self.arguments.required("userId")
    }

    /// The user that calls; a route for users has one.
    pub(crate) fn signed_in(&self) -> Result<&SignedIn, Refusal> {
        match &self.caller {
            Caller::User(caller) => Ok(caller),
            _ => Err(Refusal::of("general_unauthorized_scope")),
        }
    }

    /// The list that is asked for, in whatever version.
    pub(crate) fn list<R: Listed>(&self) -> Result<List<R>, Refusal> {
        let search = self.arguments.text("search");
        let list = if self.format.is_plain() {
            List::from_plain(self.arguments.plain(&PLAIN))?
        } else {
            let queries = self.arguments.texts("queries");
            let list = List::from_queries(self.format.syntax(&queries), queries);
            list.map_err(rollbook_core::Error::from)?
        };
        let list = match search {
            Some(search) => R::search(list, search)?,
            None => list,
        };
        Ok(if self.wants_total() { list } else { list.without_total() })
    }

    /// Whether the total is to be counted.
    pub(crate) fn wants_total(&self) -> bool {
        self.arguments.flag("total").unwrap_or(true)
    }
}

/// A record type that lists are asked for.
pub(crate) trait Listed: Record + Sized {
    /// What the parameter `search` does.
    fn search(list: List<Self>, text: &str) -> Result<List<Self>, Refusal> {
        Ok(list.search(text).map_err(rollbook_core::Error::from)?)
    }
}

impl Listed for rollbook_core::User {}
impl Listed for Membership {}
impl Listed for Target {}

impl Listed for Identity {
    // Nothing of an identity is searched; the service finds that out when it asks its storage.
    fn search(_: List<Self>, _: &str) -> Result<List<Self>, Refusal> {
        let message = "Searching by attribute \"search\" requires a fulltext index.";
        Err(Refusal::of("general_query_invalid").saying(message))
    }
}
