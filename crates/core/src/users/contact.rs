//! The targets that follow a user's e-mail and phone number (`spec/users-api.md`, 2.2.3, 2.4.7, 2.4.8).

use std::collections::HashMap;

use rollbook_macros::verb;

use super::{Users, target};
use crate::{
    Batch, Error, Expect, ProviderType, Query, Record as _, StoreError, Stored, Target, Timestamp,
    User,
};

/// How often a change starts again because somebody changed the same things.
const MOST_ROUNDS: usize = 1000;

impl Users {
    /// The user as the service's response model `user`, with its first 1000 targets, which
    /// [`User::to_wire`] does not know.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let ann = users.create(NewUser::new().email("ann@example.com")).await?;
    /// let wire = users.user_to_wire(&ann).await?;
    /// assert_eq!(wire["targets"][0]["identifier"], "ann@example.com");
    /// # Ok(()) }
    /// ```
    #[verb(&user.id)]
    pub async fn user_to_wire(&self, user: &User) -> Result<serde_json::Value, Error> {
        Ok(self.on_the_wire(std::slice::from_ref(&user)).await?.pop().unwrap_or_default())
    }

    /// The users of a page as [`user_to_wire`](Self::user_to_wire) has them, with one look for the targets of all.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let page = users.list(ListUsers::new()).await?;
    /// let wire = users.users_to_wire(&page.users).await?;
    /// assert_eq!(wire.len(), page.users.len());
    /// # Ok(()) }
    /// ```
    #[verb]
    pub async fn users_to_wire(
        &self,
        users: &[Stored<User>],
    ) -> Result<Vec<serde_json::Value>, Error> {
        let users: Vec<&User> = users.iter().map(|user| &**user).collect();
        self.on_the_wire(&users).await
    }

    async fn on_the_wire(&self, users: &[&User]) -> Result<Vec<serde_json::Value>, Error> {
        const MOST_TARGETS: usize = 1000;
        let ids = users.iter().map(|user| &*user.id);
        let targets = Query::new(Target::SCHEMA).filter(Target::USER_ID.any_of(ids).into());
        let most = u64::try_from(MOST_TARGETS.saturating_mul(users.len())).unwrap_or(u64::MAX);
        let found = self.records::<Target>().list(&targets.limit(most)).await?;
        let mut targets: HashMap<&str, Vec<serde_json::Value>> = HashMap::new();
        for target in &found {
            let own = targets.entry(&target.user_id).or_default();
            if own.len() < MOST_TARGETS {
                own.push(target.to_wire());
            }
        }
        let wire = users.iter().map(|user| {
            let mut wire = user.to_wire();
            wire["targets"] = targets.remove(&*user.id).unwrap_or_default().into();
            wire
        });
        Ok(wire.collect())
    }

    /// Stores a new user with a target for its e-mail and one for its phone number. Where another target
    /// has the identifier, the user is made without.
    pub(super) async fn insert_with_targets(
        &self,
        user: User,
        noted: Batch,
        now: Timestamp,
    ) -> Result<Stored<User>, StoreError> {
        let mut targets: Vec<Target> = [ProviderType::Email, ProviderType::Sms]
            .into_iter()
            .filter_map(|kind| Some(self.target_of(&user, kind, contact(&user, kind)?, now)))
            .collect();
        let mut rounds = MOST_ROUNDS;
        loop {
            let batch = targets
                .iter()
                .fold(noted.clone(), |batch, target| batch.put(target.clone(), Expect::Absent));
            match self.inner.users.insert_and(user.clone(), batch).await {
                Err(StoreError::Conflict { schema, .. })
                    if schema == Target::SCHEMA.name && rounds > 0 =>
                {
                    rounds -= 1;
                }
                outcome => return outcome,
            }
            // Asked only when it happens, which is rare: other creations read nothing.
            let mut free = Vec::new();
            for target in targets {
                let identifier = Target::IDENTIFIER.equal(&*target.identifier);
                let query = Query::new(Target::SCHEMA).filter(identifier.into());
                if self.records::<Target>().count(&query).await? == 0 {
                    free.push(target);
                }
            }
            targets = free;
        }
    }

    /// Sets the e-mail or the phone number of a user by `change`, and moves its target along: from the old
    /// identifier to `new`. The target keeps its id.
    pub(super) async fn change_contact(
        &self,
        id: &str,
        kind: ProviderType,
        new: Option<&str>,
        event: &'static str,
        mut change: impl FnMut(&mut User) + Send,
    ) -> Result<Stored<User>, Error> {
        let now = self.now();
        let mut rounds = MOST_ROUNDS;
        loop {
            let user = self.user(id).await?;
            let old = contact(&user, kind);
            let moved = self.moved(&user, kind, old, new, now).await?;
            let outcome = self.try_change(
                id,
                event,
                |user| {
                    if contact(user, kind) != old {
                        // The targets were those of another identifier: read them again.
                        let (schema, id) = (Target::SCHEMA.name, user.id.to_string());
                        return Err(StoreError::Stale { schema, id }.into());
                    }
                    change(user);
                    Ok(moved.clone())
                },
                now,
            );
            match outcome.await {
                Err(Error::Store(
                    StoreError::Stale { schema, .. } | StoreError::NotFound { schema, .. },
                )) if schema == Target::SCHEMA.name && rounds > 0 => {
                    rounds -= 1;
                }
                outcome => return outcome.map_err(target::taken),
            }
        }
    }

    /// What is to be done with the targets when an identifier changes from `old` to `new`.
    async fn moved(
        &self,
        user: &User,
        kind: ProviderType,
        old: Option<&str>,
        new: Option<&str>,
        now: Timestamp,
    ) -> Result<Batch, Error> {
        let own = Target::USER_ID
            .equal(&*user.id)
            .and(Target::IDENTIFIER.any_of(old.into_iter().chain(new)))
            .and(Target::PROVIDER_TYPE.equal(kind.name()));
        let own = Query::new(Target::SCHEMA).filter(own.into());
        let own = self.records::<Target>().list(&own).await?;
        let at = |identifier: Option<&str>| {
            own.iter().find(|target| Some(&*target.identifier) == identifier)
        };
        let (batch, before, after) = (Batch::new(), at(old), at(new));
        Ok(match (new, before, after) {
            (Some(_), _, Some(_)) if old == new => batch,
            // The user has a target there, which takes over; or there is nothing to follow any more.
            (Some(_), Some(before), Some(_)) | (None, Some(before), _) => {
                // Only as it is: somebody may give it another identifier in the meantime.
                let same = Target::ID.equal(&*before.id);
                let same = same.and(Target::IDENTIFIER.equal(&*before.identifier));
                batch.delete(Target::SCHEMA, vec![same.into()])
            }
            (Some(new), Some(before), None) => {
                let identifier = new.to_owned();
                let target = (**before).clone();
                let moved = Target { identifier, expired: false, updated_at: now, ..target };
                batch.put(moved, Expect::Revision(before.revision()))
            }
            (Some(new), None, None) => {
                batch.put(self.target_of(user, kind, new, now), Expect::Absent)
            }
            (_, None, _) => batch,
        })
    }

    fn target_of(
        &self,
        user: &User,
        provider_type: ProviderType,
        identifier: &str,
        now: Timestamp,
    ) -> Target {
        Target {
            id: self.inner.ids.next(now),
            created_at: now,
            updated_at: now,
            user_id: user.id.clone(),
            provider_type,
            provider_id: None,
            identifier: identifier.to_owned(),
            name: String::new(),
            expired: false,
        }
    }
}

/// What of a user the target of this kind follows.
fn contact(user: &User, kind: ProviderType) -> Option<&str> {
    match kind {
        ProviderType::Email => user.email.as_deref(),
        ProviderType::Sms => user.phone.as_deref(),
        ProviderType::Push => None,
    }
}
