//! Memberships in teams: invitations, and who accepted them.

use std::collections::{BTreeSet, HashMap};

use rollbook_macros::verb;

use super::{List, Page, Secret, Users};
use crate::model::{SecretDigest, check_roles};
use crate::{
    Attribute, Batch, Error, ID, Membership, Query, Record, StoreError, Stored, Team, Timestamp,
    User,
};

const SECRET_DIGITS: usize = 64;

impl Users {
    /// Invites a user to a team: makes a membership that does not count until it is confirmed with the
    /// secret, which the caller brings to the user.
    ///
    /// `roles` are at most 100 of 1 to 128 characters; duplicates are dropped.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`], [`Error::TeamNotFound`], [`Error::UserNotFound`];
    /// [`Error::MembershipAlreadyExists`] if the user is in the team or was invited before.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// users.create_team(NewTeam::new("Night shift").id("night")).await?;
    /// let (invitation, secret) = users.create_membership("night", "ann", ["cook"]).await?;
    /// assert!(!invitation.confirm);
    /// let membership = users.confirm_membership(&invitation.id, secret.as_str()).await?;
    /// assert!(membership.confirm && membership.roles == ["cook"]);
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn create_membership<R: Into<String>>(
        &self,
        team_id: &str,
        user_id: &str,
        roles: impl IntoIterator<Item = R>,
    ) -> Result<(Stored<Membership>, Secret), Error> {
        let roles = check_roles(roles.into_iter().map(Into::into))?;
        let secret = Secret::new(self, SECRET_DIGITS);
        let invited = self.insert_membership(team_id, user_id, roles, Some(secret.digest()));
        Ok((invited.await?, secret))
    }

    /// Makes a user a member of a team without asking, as a server may.
    ///
    /// # Errors
    ///
    /// As [`create_membership`](Self::create_membership).
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let membership = users.create_confirmed_membership("night", "ann", ["cook"]).await?;
    /// assert_eq!(membership.joined, Some(membership.invited));
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn create_confirmed_membership<R: Into<String>>(
        &self,
        team_id: &str,
        user_id: &str,
        roles: impl IntoIterator<Item = R>,
    ) -> Result<Stored<Membership>, Error> {
        let roles = check_roles(roles.into_iter().map(Into::into))?;
        self.insert_membership(team_id, user_id, roles, None).await
    }

    /// A membership that is confirmed, or has a secret.
    async fn insert_membership(
        &self,
        team_id: &str,
        user_id: &str,
        roles: Vec<String>,
        secret: Option<SecretDigest>,
    ) -> Result<Stored<Membership>, Error> {
        let (team, user) = (self.team(team_id).await?, self.user(user_id).await?);
        let now = self.now();
        let membership = Membership {
            id: self.inner.ids.next(now),
            created_at: now,
            updated_at: now,
            user_id: user.id.clone(),
            team_id: team.id.clone(),
            roles,
            invited: now,
            joined: secret.is_none().then_some(now),
            confirm: secret.is_none(),
            secret,
        };
        let noted = self.noted(Batch::new(), &user.id, "membership.create", now);
        let noted = noted.and(self.swept(&user.id, now).await?);
        match self.records::<Membership>().insert_and(membership, noted).await {
            Ok(membership) => Ok(membership),
            Err(StoreError::Conflict { schema, .. }) if schema == Membership::SCHEMA.name => {
                Err(Error::MembershipAlreadyExists)
            }
            // Deleted in the meantime.
            Err(StoreError::NotFound { schema, .. }) if schema == Team::SCHEMA.name => {
                Err(Error::TeamNotFound)
            }
            Err(StoreError::NotFound { schema, .. }) if schema == User::SCHEMA.name => {
                Err(Error::UserNotFound)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The membership with this id.
    ///
    /// # Errors
    ///
    /// [`Error::MembershipNotFound`], as for every verb that takes the id of a membership.
    #[verb(|membership| &membership.user_id)]
    pub async fn get_membership(&self, id: &str) -> Result<Stored<Membership>, Error> {
        self.membership(id).await
    }

    /// As [`get_membership`](Self::get_membership), for other verbs.
    pub(super) async fn membership(&self, id: &str) -> Result<Stored<Membership>, Error> {
        self.records::<Membership>().get(id).await?.ok_or(Error::MembershipNotFound)
    }

    /// Confirms an invitation with its secret, once. Of two callers at the same time one succeeds.
    ///
    /// # Errors
    ///
    /// Also [`Error::InvalidInvitation`] for another secret, and [`Error::MembershipAlreadyConfirmed`],
    /// whatever the secret.
    #[verb(|membership| &membership.user_id)]
    pub async fn confirm_membership(
        &self,
        id: &str,
        secret: &str,
    ) -> Result<Stored<Membership>, Error> {
        let (digest, now) = (SecretDigest::of(secret), self.now());
        let confirm = |membership: &mut Membership| {
            if membership.confirm {
                return Err(Error::MembershipAlreadyConfirmed);
            }
            if membership.secret.take() != Some(digest.clone()) {
                return Err(Error::InvalidInvitation);
            }
            (membership.confirm, membership.joined) = (true, Some(now));
            Ok(())
        };
        self.change_membership(id, confirm, now).await
    }

    /// Replaces the roles: at most 100, each of 1 to 128 characters; duplicates are dropped.
    ///
    /// # Errors
    ///
    /// Also [`Error::InvalidArgument`].
    #[verb(|membership| &membership.user_id)]
    pub async fn update_membership_roles<R: Into<String>>(
        &self,
        id: &str,
        roles: impl IntoIterator<Item = R>,
    ) -> Result<Stored<Membership>, Error> {
        let roles = check_roles(roles.into_iter().map(Into::into))?;
        let change = |membership: &mut Membership| {
            membership.roles.clone_from(&roles);
            Ok(())
        };
        self.change_membership(id, change, self.now()).await
    }

    async fn change_membership(
        &self,
        id: &str,
        mut change: impl FnMut(&mut Membership) -> Result<(), Error> + Send,
        now: Timestamp,
    ) -> Result<Stored<Membership>, Error> {
        let user_id = self.membership(id).await?.user_id.clone();
        let swept = self.swept(&user_id, now).await?;
        let memberships = self.records::<Membership>();
        let updated = memberships.update_and(id, |membership| {
            let mut changed = membership.clone();
            change(&mut changed)?;
            if changed == *membership {
                return Ok(None);
            }
            changed.updated_at = now;
            let noted = self.noted(swept.clone(), &user_id, "membership.update", now);
            Ok::<_, Error>(Some((changed, noted)))
        });
        updated.await?.ok_or(Error::MembershipNotFound)
    }

    /// A page of the memberships of a user, invitations included, and how many there are in all. A search
    /// looks into the ids of the membership and the user.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`]; those of [`list`](Self::list).
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let list = List::from_queries(QuerySyntax::Text, [r#"contains("roles", ["cook"])"#])?;
    /// let page = users.list_memberships_of_user("ann", list).await?;
    /// assert!(page.records.iter().all(|membership| membership.user_id.as_str() == "ann"));
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn list_memberships_of_user(
        &self,
        user_id: &str,
        list: List<Membership>,
    ) -> Result<Page<Membership>, Error> {
        self.page_of_user(user_id, Membership::USER_ID.equal(user_id), list).await
    }

    /// A page of the memberships in a team, invitations included, and how many there are in all.
    ///
    /// # Errors
    ///
    /// [`Error::TeamNotFound`]; those of [`list`](Self::list).
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let joined = List::new().filter(Membership::CONFIRM.equal(true));
    /// let page = users.list_memberships_of_team("night", joined).await?;
    /// assert_eq!(page.total, users.count_members("night").await?);
    /// # Ok(()) }
    /// ```
    #[verb]
    pub async fn list_memberships_of_team(
        &self,
        team_id: &str,
        list: List<Membership>,
    ) -> Result<Page<Membership>, Error> {
        self.team(team_id).await?;
        self.page_of(Membership::TEAM_ID.equal(team_id), list).await
    }

    /// The memberships of a page as the service's response model `membership`, with one look for all their users
    /// and one for all their teams. Those are left out whose user or team was deleted meanwhile.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let page = users.list_memberships_of_user("ann", List::new()).await?;
    /// let wire = users.memberships_to_wire(&page.records).await?;
    /// assert!(wire.iter().all(|membership| membership["userName"] == "Ann"));
    /// # Ok(()) }
    /// ```
    #[verb]
    pub async fn memberships_to_wire(
        &self,
        memberships: &[Stored<Membership>],
    ) -> Result<Vec<serde_json::Value>, Error> {
        let users = memberships.iter().map(|membership| &*membership.user_id).collect();
        let users = self.with_ids(User::ID, users).await?;
        let teams = memberships.iter().map(|membership| &*membership.team_id).collect();
        let teams = self.with_ids(Team::ID, teams).await?;
        let wire = memberships.iter().filter_map(|membership| {
            let (user, team) = (users.get(&*membership.user_id)?, teams.get(&*membership.team_id)?);
            Some(membership.to_wire(user, team))
        });
        Ok(wire.collect())
    }

    /// The records with these ids, by their ids.
    async fn with_ids<R: Record>(
        &self,
        attribute: Attribute<R, str>,
        ids: BTreeSet<&str>,
    ) -> Result<HashMap<String, Stored<R>>, Error> {
        let query = Query::new(R::SCHEMA).filter(attribute.any_of(ids).into());
        let found = self.records::<R>().list(&query).await?;
        Ok(found.into_iter().map(|record| (record.id().to_owned(), record)).collect())
    }

    /// Takes a user out of a team, or an invitation back.
    #[verb]
    pub async fn delete_membership(&self, id: &str) -> Result<(), Error> {
        let now = self.now();
        let user_id = self.membership(id).await?.user_id.clone();
        let swept = self.swept(&user_id, now).await?;
        let gone = vec![ID.equal([id.to_owned()])?];
        // As an update, so that of two deletions one finds it and writes the entry.
        let memberships = self.records::<Membership>();
        let deleted = memberships.update_and(id, |membership| {
            let noted = self.noted(swept.clone(), &user_id, "membership.delete", now);
            let batch = noted.delete(Membership::SCHEMA, gone.clone());
            Ok::<_, Error>(Some((membership.clone(), batch)))
        });
        deleted.await?.map(drop).ok_or(Error::MembershipNotFound)
    }
}
