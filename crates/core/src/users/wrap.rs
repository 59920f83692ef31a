//! Putting Argon2id around hashes that are no protection, without their passwords.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use super::{ImportedUser, Users};
use crate::{Credential, Error, PasswordHash};

/// How many hashes are handed to the scheduler at a time: enough to keep its threads busy, few enough to
/// leave room in its queue for sign-ins.
const AT_A_TIME: usize = 32;

type Wrapping<'w> = Pin<Box<dyn Future<Output = Result<Option<PasswordHash>, Error>> + Send + 'w>>;

impl Users {
    /// Puts Argon2id around the password hash of a user, if its scheme is one that can be wrapped (see
    /// [`PasswordHash::wrap`]); says whether it was done. The password stays the same, and the next sign-in
    /// replaces the hash by a new one. A password change that happens meanwhile wins.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`].
    pub async fn wrap_password(&self, id: &str) -> Result<bool, Error> {
        let user = self.get(id).await?;
        let Some(credential) = user.credential.clone() else { return Ok(false) };
        let Ok(hash) = credential.open(&self.inner.limits) else { return Ok(false) };
        let Some(wrapped) = self.wrap(hash).await? else { return Ok(false) };
        let wrapped = Credential::from(&wrapped);
        let mut done = false;
        let changed = self.try_change(
            id,
            |user| {
                done = user.credential.as_ref() == Some(&credential);
                if done {
                    user.credential = Some(wrapped.clone());
                    // What is remembered of it is as weak.
                    for old in &mut user.password_history {
                        if *old == credential {
                            *old = wrapped.clone();
                        }
                    }
                }
                Ok(())
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
