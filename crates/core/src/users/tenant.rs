//! Tenants: the same verbs on users of their own.

use std::sync::Arc;

use super::{Inner, Users};
use crate::tenant::tenant_schemas;
use crate::{Collection, Error, Id, Tenant, UserStore};

/// The project whose users are those of no tenant.
const DEFAULT: &str = "default";

impl Users {
    /// The users of a tenant, which have nothing in common with those of another: the same e-mail may be
    /// taken in each, and no list, total or search shows both. Rules, keys, clock and the threads that hash
    /// are those of this handle, and shared.
    ///
    /// A tenant is there as soon as it has users. `default` is the name of the users of no tenant. The handle is
    /// cheap: make one for each request.
    ///
    /// The store must have been opened with [`all_schemas`](crate::all_schemas); otherwise every verb fails.
    /// A tenant costs a little more than a store of its own: see `DECISIONS.md`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for `project` if `id` is not 1 to 36 of `A-Z a-z 0-9 . - _`, the first a
    /// letter or digit.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let (acme, other) = (users.tenant("acme")?, users.tenant("other")?);
    /// acme.create(NewUser::new().id("ann").email("ann@example.com")).await?;
    /// assert!(other.find_by_email("ann@example.com").await?.is_none());
    /// other.create(NewUser::new().id("ann").email("ann@example.com")).await?;
    /// assert_eq!(acme.list(ListUsers::new()).await?.total, 1);
    /// # Ok(()) }
    /// ```
    pub fn tenant(&self, id: &str) -> Result<Self, Error> {
        let store = Arc::clone(&self.inner.store);
        let (store, tenant): (Arc<dyn UserStore>, _) = match id {
            DEFAULT => (store, None),
            _ => (Arc::new(Tenant::new(store, id, tenant_schemas())?), Some(project_id(id)?)),
        };
        let (users, shared) = (Collection::new(store), Arc::clone(&self.inner.shared));
        let inner = Arc::new(Inner { users, tenant, shared });
        Ok(Self { inner, actor: Arc::clone(&self.actor) })
    }
}

/// The id of a project.
pub(crate) fn project_id(id: impl Into<String>) -> Result<Id, Error> {
    Id::parse(id).map_err(|error| match error {
        Error::InvalidArgument { reason, .. } => Error::invalid("project", reason),
        error => error,
    })
}
