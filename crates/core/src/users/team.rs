//! Teams.

use rollbook_macros::verb;

use super::{List, Page, Users};
use crate::model::{check_name, check_prefs};
use crate::{Error, Membership, Prefs, Query, Record as _, StoreError, Stored, Team};

/// What a new team is made of.
///
/// ```
/// use rollbook_core::NewTeam;
///
/// let new = NewTeam::new("Night shift").id("night");
/// # let _ = new;
/// ```
#[derive(Clone, Debug)]
pub struct NewTeam {
    id: Option<String>,
    name: String,
}

impl NewTeam {
    /// A team with a name of 1 to 128 characters and a generated id.
    pub fn new(name: impl Into<String>) -> Self {
        Self { id: None, name: name.into() }
    }

    /// The id; `unique()` generates one, as without this.
    pub fn id(self, id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..self }
    }
}

impl Users {
    /// Makes a team without members.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`]; [`Error::TeamAlreadyExists`] when the id is taken.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let team = users.create_team(NewTeam::new("Night shift").id("night")).await?;
    /// assert_eq!((team.id.as_str(), &*team.name), ("night", "Night shift"));
    /// assert_eq!(users.count_members("night").await?, 0);
    /// # Ok(()) }
    /// ```
    #[verb]
    pub async fn create_team(&self, new: NewTeam) -> Result<Stored<Team>, Error> {
        let NewTeam { id, name } = new;
        let now = self.now();
        let team = Team {
            id: self.id(id, now).map_err(|error| called("teamId", error))?,
            created_at: now,
            updated_at: now,
            name: check_name(name, 1)?,
            prefs: Prefs::new(),
        };
        match self.records::<Team>().insert(team).await {
            Err(StoreError::Conflict { .. }) => Err(Error::TeamAlreadyExists),
            outcome => Ok(outcome?),
        }
    }

    /// The team with this id.
    ///
    /// # Errors
    ///
    /// [`Error::TeamNotFound`], as for every verb here that takes the id of a team.
    #[verb]
    pub async fn get_team(&self, id: &str) -> Result<Stored<Team>, Error> {
        self.team(id).await
    }

    /// As [`get_team`](Self::get_team), for other verbs.
    pub(super) async fn team(&self, id: &str) -> Result<Stored<Team>, Error> {
        self.records::<Team>().get(id).await?.ok_or(Error::TeamNotFound)
    }

    /// A page of teams, and how many there are in all. A search looks into ids and names.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// users.create_team(NewTeam::new("Night shift")).await?;
    /// let page = users.list_teams(List::new().filter(Team::NAME.equal("Night shift"))).await?;
    /// assert_eq!(page.records[0].name, "Night shift");
    /// # Ok(()) }
    /// ```
    #[verb]
    pub async fn list_teams(&self, list: List<Team>) -> Result<Page<Team>, Error> {
        self.page(list).await
    }

    /// How many users have joined the team; invitations don't count.
    #[verb]
    pub async fn count_members(&self, team_id: &str) -> Result<u64, Error> {
        self.team(team_id).await?;
        let joined = Membership::TEAM_ID.equal(team_id).and(Membership::CONFIRM.equal(true));
        let query = Query::new(Membership::SCHEMA).filter(joined.into());
        Ok(self.records::<Membership>().count(&query).await?)
    }

    /// Sets the name of a team, 1 to 128 characters.
    ///
    /// # Errors
    ///
    /// Also [`Error::InvalidArgument`].
    #[verb]
    pub async fn update_team_name(&self, id: &str, name: &str) -> Result<Stored<Team>, Error> {
        let name = check_name(name.to_owned(), 1)?;
        self.change_team(id, |team| team.name.clone_from(&name)).await
    }

    /// Replaces all preferences of a team, at most 65,535 bytes of JSON.
    ///
    /// # Errors
    ///
    /// Also [`Error::InvalidArgument`].
    #[verb]
    pub async fn update_team_prefs(&self, id: &str, prefs: Prefs) -> Result<Stored<Team>, Error> {
        check_prefs(&prefs)?;
        self.change_team(id, |team| team.prefs.clone_from(&prefs)).await
    }

    /// Deletes a team and all memberships in it.
    ///
    /// The members' logs say nothing of it: there may be any number of them, and a commit has an end.
    #[verb]
    pub async fn delete_team(&self, id: &str) -> Result<(), Error> {
        let deleted = self.records::<Team>().delete(id).await?;
        if deleted { Ok(()) } else { Err(Error::TeamNotFound) }
    }

    async fn change_team(
        &self,
        id: &str,
        mut change: impl FnMut(&mut Team) + Send,
    ) -> Result<Stored<Team>, Error> {
        let (teams, now) = (self.records::<Team>(), self.now());
        let updated = teams.update(id, |team| {
            let mut changed = team.clone();
            change(&mut changed);
            Ok::<_, Error>((changed != *team).then_some(Team { updated_at: now, ..changed }))
        });
        updated.await?.ok_or(Error::TeamNotFound)
    }
}

/// The error of an argument that has this name on the wire.
pub(super) fn called(field: &'static str, error: Error) -> Error {
    match error {
        Error::InvalidArgument { reason, .. } => Error::invalid(field, reason),
        error => error,
    }
}
