//! What an application keeps with a user: labels and preferences.

use rollbook_macros::verb;
use serde_json::Value;

use super::Users;
use super::update::UPDATE;
use crate::model::{check_labels, check_prefs};
use crate::{Batch, Error, Prefs, Stored, User};

/// What the log says of changed preferences.
const PREFS: &str = "prefs.update";

impl Users {
    /// Replaces the labels: at most 1000, each of 1 to 36 letters and digits; duplicates are dropped.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`], [`Error::UserNotFound`].
    #[verb(id)]
    pub async fn update_labels<L: Into<String>>(
        &self,
        id: &str,
        labels: impl IntoIterator<Item = L>,
    ) -> Result<Stored<User>, Error> {
        let labels = check_labels(labels.into_iter().map(Into::into).collect())?;
        self.change(id, UPDATE, |user| user.labels.clone_from(&labels)).await
    }

    /// Adds labels after those that are there, whoever else adds some meanwhile.
    ///
    /// # Errors
    ///
    /// As [`update_labels`](Self::update_labels), for all of them together.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// users.update_labels("ann", ["vip"]).await?;
    /// let ann = users.add_labels("ann", ["beta", "vip"]).await?;
    /// assert_eq!(ann.labels, ["vip", "beta"]);
    /// assert_eq!(users.remove_labels("ann", ["vip"]).await?.labels, ["beta"]);
    /// # Ok(()) }
    /// ```
    #[verb(id)]
    pub async fn add_labels<L: Into<String>>(
        &self,
        id: &str,
        labels: impl IntoIterator<Item = L>,
    ) -> Result<Stored<User>, Error> {
        let added = check_labels(labels.into_iter().map(Into::into).collect())?;
        let change = |user: &mut User| {
            let all = user.labels.iter().chain(&added).cloned().collect();
            user.labels = check_labels(all)?;
            Ok(Batch::new())
        };
        self.try_change(id, UPDATE, change, self.now()).await
    }

    /// Takes labels away; those that are not there are no error.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`].
    #[verb(id)]
    pub async fn remove_labels<L: AsRef<str>>(
        &self,
        id: &str,
        labels: impl IntoIterator<Item = L>,
    ) -> Result<Stored<User>, Error> {
        let removed: Vec<String> =
            labels.into_iter().map(|label| label.as_ref().to_owned()).collect();
        self.change(id, UPDATE, |user| user.labels.retain(|label| !removed.contains(label))).await
    }

    /// The user's preferences.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`].
    #[verb(id)]
    pub async fn get_prefs(&self, id: &str) -> Result<Prefs, Error> {
        Ok(self.user(id).await?.prefs.clone())
    }

    /// Replaces all preferences, at most 65,535 bytes of JSON, and returns them.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if they are too long, [`Error::UserNotFound`].
    #[verb(id)]
    pub async fn update_prefs(&self, id: &str, prefs: Prefs) -> Result<Prefs, Error> {
        check_prefs(&prefs)?;
        Ok(self.change(id, PREFS, |user| user.prefs.clone_from(&prefs)).await?.prefs.clone())
    }

    /// Sets those keys of the preferences that `changes` has, and removes those that it has a null for
    /// (as RFC 7396 does it, one level deep); what others change meanwhile stays.
    ///
    /// # Errors
    ///
    /// As [`update_prefs`](Self::update_prefs), for what comes out.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// users.set_pref("ann", "theme", "dark").await?;
    /// let changes = serde_json::json!({"language": "fr", "theme": null});
    /// let prefs = users.merge_prefs("ann", changes.as_object().unwrap().clone()).await?;
    /// assert_eq!(serde_json::Value::from(prefs), serde_json::json!({"language": "fr"}));
    /// # Ok(()) }
    /// ```
    #[verb(id)]
    pub async fn merge_prefs(&self, id: &str, changes: Prefs) -> Result<Prefs, Error> {
        self.merged_prefs(id, changes).await
    }

    /// As [`merge_prefs`](Self::merge_prefs), for other verbs.
    pub(super) async fn merged_prefs(&self, id: &str, changes: Prefs) -> Result<Prefs, Error> {
        let change = |user: &mut User| {
            for (key, value) in &changes {
                if value.is_null() {
                    user.prefs.remove(key);
                } else {
                    user.prefs.insert(key.clone(), value.clone());
                }
            }
            check_prefs(&user.prefs)?;
            Ok(Batch::new())
        };
        Ok(self.try_change(id, PREFS, change, self.now()).await?.prefs.clone())
    }

    /// Sets one preference; what others change meanwhile stays. A null removes it.
    ///
    /// # Errors
    ///
    /// As [`merge_prefs`](Self::merge_prefs).
    #[verb(id)]
    pub async fn set_pref(
        &self,
        id: &str,
        key: &str,
        value: impl Into<Value>,
    ) -> Result<Prefs, Error> {
        self.merged_prefs(id, Prefs::from_iter([(key.to_owned(), value.into())])).await
    }
}
