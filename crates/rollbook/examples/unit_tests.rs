//! How to unit-test logic that needs users: `cargo test -p rollbook --features test-util --example unit_tests`
//!
//! No server, no file, no waiting: users in memory, hashes that cost nothing, and a clock that the test moves.

#![cfg_attr(not(test), expect(dead_code, reason = "the tests are the example"))]

use rollbook::{Error, SessionPolicy, Users};

/// An application's own rule: who may see the accounts.
async fn may_see_accounts(users: &Users, secret: &str) -> Result<bool, Error> {
    match users.validate_session(secret).await {
        Ok((user, _)) => Ok(user.labels.iter().any(|label| label == "accounting")),
        Err(Error::Unauthorized | Error::UserBlocked) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Sessions of this application end an hour after the last use.
fn sessions() -> SessionPolicy {
    SessionPolicy::new().seconds(3600).sliding()
}

fn main() {}

#[cfg(test)]
mod tests {
    use rollbook::Policies;
    use rollbook::testing::{PASSWORD, TestUsers};

    use super::*;

    #[tokio::test]
    async fn only_accounting_sees_the_accounts() {
        let users = TestUsers::with(|users| users.policies(Policies::new().sessions(sessions())));
        let ann = users.ann().await;
        let session = users.create_password_session("ann@example.com", PASSWORD).await.unwrap();
        let secret = session.secret.as_str();
        assert!(!may_see_accounts(&users, secret).await.unwrap());

        users.add_labels(&ann.id, ["accounting"]).await.unwrap();
        assert!(may_see_accounts(&users, secret).await.unwrap());

        users.update_status(&ann.id, false).await.unwrap();
        assert!(!may_see_accounts(&users, secret).await.unwrap(), "blocked");

        users.update_status(&ann.id, true).await.unwrap();
        users.advance_seconds(3601);
        assert!(!may_see_accounts(&users, secret).await.unwrap(), "an hour is over");
    }
}
