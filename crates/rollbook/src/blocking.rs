//! For callers without `async`: a thread waits while a verb is done.

use std::future::Future;
use std::io;

use rollbook_core::Users;
use tokio::runtime::{Builder, Runtime};

/// [`Users`] for code without an executor.
///
/// One method serves all verbs: it is given the users, and waits for what is made of them. It must not be
/// called on a thread of an executor, which would stand still.
///
/// ```
/// use std::sync::Arc;
/// use rollbook::blocking::Blocking;
/// use rollbook::{MemoryStore, NewUser, Users};
///
/// let users = Blocking::new(Users::new(Arc::new(MemoryStore::new())))?;
/// users.wait(|users| users.create(NewUser::new().id("ann").password("correct horse")))?;
/// let ann = users.wait(|users| users.update_name("ann", "Ann"))?;
/// assert_eq!(ann.name, "Ann");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Blocking {
    users: Users,
    runtime: Runtime,
}

impl Blocking {
    /// The users behind an executor of their own, which runs only while somebody waits.
    ///
    /// # Errors
    ///
    /// If the system has no means to wait left.
    pub fn new(users: Users) -> io::Result<Self> {
        Ok(Self { users, runtime: Builder::new_current_thread().build()? })
    }

    /// Does what `verb` makes of the users, and waits for it. Many threads may wait at a time.
    ///
    /// # Panics
    ///
    /// On a thread that an executor runs on.
    pub fn wait<'a, F: Future>(&'a self, verb: impl FnOnce(&'a Users) -> F) -> F::Output {
        self.runtime.block_on(verb(&self.users))
    }

    /// The users, for code with an executor.
    pub fn users(&self) -> &Users {
        &self.users
    }
}
