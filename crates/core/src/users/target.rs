//! Targets that an application keeps for a user.

use rollbook_macros::verb;

use super::team::called;
use super::{List, Page, Users};
use crate::model::check_name;
use crate::{
    Batch, Error, ID, Id, ProviderType, Record as _, StoreError, Stored, Target, Timestamp, User,
};

/// What a new target is made of.
///
/// ```
/// use rollbook_core::{NewTarget, ProviderType};
///
/// let new = NewTarget::new(ProviderType::Push, "device-7").name("Ann's tablet");
/// # let _ = new;
/// ```
#[derive(Clone, Debug)]
pub struct NewTarget {
    id: Option<String>,
    provider_type: ProviderType,
    content: TargetChange,
}

impl NewTarget {
    /// A target of this kind with an identifier of 1 to 255 characters: an e-mail, a phone number, or what
    /// a device is called.
    pub fn new(provider_type: ProviderType, identifier: impl Into<String>) -> Self {
        let content = TargetChange::new().identifier(identifier);
        Self { id: None, provider_type, content }
    }

    /// The id; `unique()` generates one, as without this.
    pub fn id(self, id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..self }
    }

    /// Who brings the messages. This library knows no providers: it keeps the id as it is given.
    pub fn provider_id(self, id: impl Into<String>) -> Self {
        Self { content: self.content.provider_id(id), ..self }
    }

    /// The name, at most 128 characters.
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { content: self.content.name(name), ..self }
    }
}

/// What of a target is to change; what is not said, or empty, stays as it is.
///
/// ```
/// use rollbook_core::TargetChange;
///
/// let change = TargetChange::new().name("Ann's phone");
/// # let _ = change;
/// ```
#[derive(Clone, Debug, Default)]
pub struct TargetChange {
    identifier: String,
    provider_id: String,
    name: String,
}

impl TargetChange {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another identifier, of the same kind; messages are expected to arrive again.
    pub fn identifier(self, identifier: impl Into<String>) -> Self {
        Self { identifier: identifier.into(), ..self }
    }

    /// Who brings the messages.
    pub fn provider_id(self, id: impl Into<String>) -> Self {
        Self { provider_id: id.into(), ..self }
    }

    /// The name, at most 128 characters.
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    fn apply(&self, target: &mut Target) -> Result<(), Error> {
        let Self { identifier, provider_id, name } = self;
        if !identifier.is_empty() {
            target.identifier = target.provider_type.identifier(identifier)?;
            target.expired = false;
        }
        if !provider_id.is_empty() {
            let id = Id::parse(&**provider_id).map_err(|error| called("providerId", error))?;
            target.provider_id = Some(id);
        }
        if !name.is_empty() {
            target.name = check_name(name.clone(), 1)?;
        }
        Ok(())
    }
}

impl Users {
    /// Makes a target of a user.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`]; [`Error::InvalidIdentifier`] for what is no e-mail or no phone number;
    /// [`Error::UserNotFound`]; [`Error::TargetAlreadyExists`] when the id is taken, or the identifier, by
    /// whomever.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let new = NewTarget::new(ProviderType::Push, "device-7").name("Ann's tablet");
    /// let target = users.create_target("ann", new.clone()).await?;
    /// assert_eq!(target.to_wire()["identifier"], "device-7");
    /// let again = users.create_target("ann", new).await.unwrap_err();
    /// assert_eq!(again.code(), "user_target_already_exists");
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn create_target(
        &self,
        user_id: &str,
        new: NewTarget,
    ) -> Result<Stored<Target>, Error> {
        let NewTarget { id, provider_type, content } = new;
        let now = self.now();
        let id = self.id(id, now).map_err(|error| called("targetId", error))?;
        let identifier = provider_type.identifier(&content.identifier)?;
        let content = TargetChange { identifier: String::new(), ..content };
        let mut target = Target {
            id,
            created_at: now,
            updated_at: now,
            user_id: Id::parse(user_id).map_err(|_| Error::UserNotFound)?,
            provider_type,
            provider_id: None,
            identifier,
            name: String::new(),
            expired: false,
        };
        content.apply(&mut target)?;
        let user = self.user(user_id).await?;
        let noted = self.noted(self.swept(&user.id, now).await?, &user.id, "target.create", now);
        self.records::<Target>().insert_and(target, noted).await.map_err(|error| match error {
            StoreError::NotFound { schema, .. } if schema == User::SCHEMA.name => {
                Error::UserNotFound
            }
            error => taken(error.into()),
        })
    }

    /// A page of the targets of a user, and how many there are in all.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`]; those of [`list`](Self::list).
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let pushed = List::new().filter(Target::PROVIDER_TYPE.equal("push"));
    /// let page = users.list_targets("ann", pushed).await?;
    /// assert!(page.records.iter().all(|target| target.provider_type == ProviderType::Push));
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn list_targets(
        &self,
        user_id: &str,
        list: List<Target>,
    ) -> Result<Page<Target>, Error> {
        self.page_of_user(user_id, Target::USER_ID.equal(user_id), list).await
    }

    /// A target of a user.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`]; [`Error::TargetNotFound`], also if it is another user's.
    #[verb(user_id)]
    pub async fn get_target(&self, user_id: &str, id: &str) -> Result<Stored<Target>, Error> {
        self.target(user_id, id).await
    }

    /// As [`get_target`](Self::get_target), for other verbs.
    pub(super) async fn target(&self, user_id: &str, id: &str) -> Result<Stored<Target>, Error> {
        self.user(user_id).await?;
        let target = self.records::<Target>().get(id).await?;
        target.filter(|target| *target.user_id == *user_id).ok_or(Error::TargetNotFound)
    }

    /// Changes a target of a user. The user's e-mail and phone number stay as they are.
    ///
    /// # Errors
    ///
    /// Those of [`get_target`](Self::get_target) and [`create_target`](Self::create_target).
    #[verb(user_id)]
    pub async fn update_target(
        &self,
        user_id: &str,
        id: &str,
        change: TargetChange,
    ) -> Result<Stored<Target>, Error> {
        let now = self.now();
        let change = |target: &Target| {
            let mut changed = target.clone();
            change.apply(&mut changed)?;
            let changed = (changed != *target).then_some(Target { updated_at: now, ..changed });
            Ok(changed.map(|changed| (changed, Batch::new())))
        };
        self.change_target(user_id, id, "target.update", change, now).await
    }

    /// Deletes a target of a user. The user's e-mail and phone number stay as they are.
    ///
    /// # Errors
    ///
    /// As [`get_target`](Self::get_target).
    #[verb(user_id)]
    pub async fn delete_target(&self, user_id: &str, id: &str) -> Result<(), Error> {
        let gone = Batch::new().delete(Target::SCHEMA, vec![ID.equal([id.to_owned()])?]);
        // As an update, so that of two deletions one finds it and writes the entry.
        let change = |target: &Target| Ok(Some((target.clone(), gone.clone())));
        self.change_target(user_id, id, "target.delete", change, self.now()).await.map(drop)
    }

    async fn change_target(
        &self,
        user_id: &str,
        id: &str,
        event: &'static str,
        mut change: impl FnMut(&Target) -> Result<Option<(Target, Batch)>, Error> + Send,
        now: Timestamp,
    ) -> Result<Stored<Target>, Error> {
        let user_id = self.target(user_id, id).await?.user_id.clone();
        let swept = self.swept(&user_id, now).await?;
        let targets = self.records::<Target>();
        let updated = targets.update_and(id, |target| {
            let Some((changed, batch)) = change(target)? else { return Ok(None) };
            let noted = self.noted(batch.and(swept.clone()), &user_id, event, now);
            Ok::<_, Error>(Some((changed, noted)))
        });
        updated.await.map_err(taken)?.ok_or(Error::TargetNotFound)
    }
}

/// The error of an id or an identifier that another target has.
pub(super) fn taken(error: Error) -> Error {
    match error {
        Error::Store(StoreError::Conflict { schema, .. }) if schema == Target::SCHEMA.name => {
            Error::TargetAlreadyExists
        }
        error => error,
    }
}
