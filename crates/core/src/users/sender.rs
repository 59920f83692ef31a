//! Messages to users.

use std::fmt;

use async_trait::async_trait;

use super::{NewToken, Secret, Users};
use crate::{Error, Stored, Token, TokenKind, User};

/// A message that an application brings to a user: the secret, in its own words and links.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Message {
    /// What the secret is for.
    pub kind: TokenKind,
    /// The e-mail or the phone number.
    pub to: String,
    /// The user.
    pub user: Stored<User>,
    /// What proves that the message arrived; not shown by `Debug`.
    pub secret: Secret,
    /// Until when it is good.
    pub expire: crate::Timestamp,
}

/// Sends e-mails and text messages. An application brings its own.
#[async_trait]
pub trait Sender: fmt::Debug + Send + Sync + 'static {
    /// Sends a message, or hands it to something that will. An error fails the verb that it is for; the
    /// token is there all the same, and ends by itself.
    async fn send(&self, message: Message) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

impl Users {
    pub(super) async fn create_and_send(
        &self,
        user: &Stored<User>,
        kind: TokenKind,
        new: NewToken,
        to: &str,
    ) -> Result<Stored<Token>, Error> {
        let sender = self.sender()?;
        let (token, secret) = self.create_token_for(&user.id, kind, new).await?;
        let message =
            Message { kind, to: to.to_owned(), user: user.clone(), secret, expire: token.expire };
        send(sender, message).await?;
        Ok(token)
    }

    pub(super) fn sender(&self) -> Result<&dyn Sender, Error> {
        self.inner.sender.as_deref().ok_or(Error::NoSender)
    }
}

pub(super) async fn send(sender: &dyn Sender, message: Message) -> Result<(), Error> {
    let sent = sender.send(message).await;
    sent.map_err(|error| Error::Sender(std::sync::Arc::from(error)))
}
