//! Who acts, and from where.

use std::net::IpAddr;
use std::sync::Arc;

use super::Users;

/// Who calls the verbs, and from where: what the activity log and new sessions note.
///
/// ```
/// # use rollbook_core::*;
/// # async fn example(users: &Users) -> Result<(), Error> {
/// let actor = Actor::new().ip([192, 0, 2, 1]).user_agent("Mozilla/5.0 (X11; Linux x86_64)");
/// users.acting_as(actor).update_name("ann", "Ann").await?;
/// let log = users.list_logs("ann", ListLogs::new()).await?;
/// assert_eq!(log.logs[0].ip.as_deref(), Some("192.0.2.1"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    pub(super) name: Option<String>,
    pub(super) ip: Option<IpAddr>,
    pub(super) user_agent: Option<String>,
}

/// The most bytes that are kept of what a client calls itself.
const MOST_USER_AGENT: usize = 1024;

impl Actor {
    /// Nobody knows who, from nobody knows where.
    pub fn new() -> Self {
        Self::default()
    }

    /// Who it is, if it is not the user: an operator, a service.
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The address that the request came from.
    pub fn ip(self, ip: impl Into<IpAddr>) -> Self {
        Self { ip: Some(ip.into()), ..self }
    }

    /// The client, as it calls itself; the first 1024 bytes are kept.
    pub fn user_agent(self, user_agent: impl Into<String>) -> Self {
        let mut user_agent = user_agent.into();
        let end = (0..=MOST_USER_AGENT.min(user_agent.len()))
            .rev()
            .find(|end| user_agent.is_char_boundary(*end));
        user_agent.truncate(end.unwrap_or(0));
        Self { user_agent: Some(user_agent).filter(|text| !text.is_empty()), ..self }
    }
}

impl Users {
    /// The same users, for an actor: what is done with this handle is noted as done by it.
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self { inner: Arc::clone(&self.inner), actor: Arc::new(actor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_client_is_cut_between_characters() {
        let client = |text: &str| Actor::new().user_agent(text).user_agent;
        assert_eq!(client(""), None);
        assert_eq!(client(&"é".repeat(600)).map(|text| text.len()), Some(1024));
        assert_eq!(client(&format!("a{}", "é".repeat(600))).map(|text| text.len()), Some(1023));
    }
}
