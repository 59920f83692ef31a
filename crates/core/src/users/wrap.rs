//! Putting Argon2id around hashes that are no protection, without their passwords.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use rollbook_macros::verb;

use super::{ImportedUser, Users};
use crate::{Batch, Credential, Error, PasswordHash};

/// How many hashes are handed to the scheduler at a time: enough to keep its threads busy, few enough to
/// leave room in its queue for sign-ins.
const AT_A_TIME: usize = 32;

type Wrapping<'w> = Pin<Box<dyn Future<Output = Result<Option<PasswordHash>, Error>> + Send + 'w>>;

impl Users {
    /// Puts Argon2id around the password hash of a user, and around those of its earlier passwords, where
    /// the scheme is one that can be wrapped (see [`PasswordHash::wrap`]); says whether there was one. The
    /// password stays the same, and the next sign-in replaces its hash by a new one. A password change that
    /// happens meanwhile wins.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`].
    #[verb(id)]
    pub async fn wrap_password(&self, id: &str) -> Result<bool, Error> {
        let user = self.user(id).await?;
        // What is remembered is as weak as what is in use, and mostly the same.
        let mut wrapped: Vec<(Credential, Credential)> = Vec::new();
        for old in user.credential.iter().chain(&user.password_history) {
            if wrapped.iter().any(|(known, _)| known == old) {
                continue;
            }
            let Ok(hash) = old.open(&self.inner.limits) else { continue };
            if let Some(new) = self.wrap(hash).await? {
                let new = Credential::from(&new).with_pepper(old.pepper());
                wrapped.push((old.clone(), new));
            }
        }
        if wrapped.is_empty() {
            return Ok(false);
        }
        let mut done = false;
        let changed = self.try_change(
            id,
            "user.update",
            |user| {
                let all = user.credential.iter_mut().chain(&mut user.password_history);
                for credential in all {
                    if let Some((_, new)) = wrapped.iter().find(|(old, _)| old == credential) {
                        *credential = new.clone();
                        done = true;
                    }
                }
                Ok(Batch::new())
            },
            self.now(),
        );
        changed.await?;
        Ok(done)
    }

    /// Wraps the hashes of `users` that can be wrapped, so that nothing weak is ever stored.
    pub(crate) async fn wrap_imported(&self, users: &mut [ImportedUser]) -> Result<(), Error> {
        for group in users.chunks_mut(AT_A_TIME) {
            let mut running: Vec<(usize, Wrapping<'_>)> = Vec::new();
            for (place, user) in group.iter().enumerate() {
                let Some(hash) = user.password.clone().filter(PasswordHash::can_be_wrapped) else {
                    continue;
                };
                let mut wrapping: Wrapping<'_> = Box::pin(self.wrap(hash));
                // Polled once, it is in the queue, and the next can follow.
                let polled = poll_fn(|context| Poll::Ready(wrapping.as_mut().poll(context))).await;
                running.push((
                    place,
                    match polled {
                        Poll::Ready(done) => Box::pin(std::future::ready(done)),
                        Poll::Pending => wrapping,
                    },
                ));
            }
            for (place, wrapping) in running {
                if let Some(wrapped) = wrapping.await? {
                    group[place].password = Some(wrapped);
                }
            }
        }
        Ok(())
    }

    async fn wrap(&self, hash: PasswordHash) -> Result<Option<PasswordHash>, Error> {
        if !hash.can_be_wrapped() {
            return Ok(None);
        }
        let inner = Arc::clone(&self.inner);
        let work = move || hash.wrap(&inner.hashing, inner.random.as_ref());
        Ok(self.inner.scheduler.run(self.inner.hashing.cost(), work).await??)
    }
}
