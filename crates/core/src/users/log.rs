//! The activity log.

use rollbook_macros::verb;

use super::Users;
use crate::query::Meaning;
use crate::{
    Activity, Batch, Collection, Error, Expect, Id, Query, QueryError, QuerySyntax, Record, Stored,
    Timestamp, User,
};

/// How long the activity log remembers.
///
/// Entries that are too old or too many are dropped now and then, when new ones are written: a user may
/// have a few more of them for a while.
///
/// ```
/// use rollbook_core::LogPolicy;
///
/// let policy = LogPolicy::new().days(30).per_user(200);
/// # let _ = policy;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPolicy {
    days: u32,
    per_user: u32,
}

impl Default for LogPolicy {
    fn default() -> Self {
        Self { days: 365, per_user: 10_000 }
    }
}

impl LogPolicy {
    /// A year, and 10,000 entries of a user.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets what is older than so many days.
    pub fn days(self, days: u32) -> Self {
        Self { days, ..self }
    }

    /// Forgets all but the last so many of each user.
    pub fn per_user(self, per_user: u32) -> Self {
        Self { per_user, ..self }
    }
}

/// One write in so many looks for what can be forgotten.
const SWEEP_EVERY: u64 = 32;
/// The most entries that are forgotten at once: more than were written since, and few enough for a commit.
const SWEPT: u64 = 64;

/// Which page of a log.
///
/// ```
/// use rollbook_core::ListLogs;
///
/// let second = ListLogs::new().limit(50).offset(50);
/// # let _ = second;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListLogs {
    limit: u64,
    offset: u64,
    total: bool,
}

/// The entries of a page unless the caller says otherwise.
const DEFAULT_LIMIT: u64 = 25;
const MOST_ENTRIES: u64 = 100;

impl Default for ListLogs {
    fn default() -> Self {
        Self { limit: DEFAULT_LIMIT, offset: 0, total: true }
    }
}

impl ListLogs {
    /// The newest 25 entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// The page that a client's `queries` ask for: they can hold a limit and an offset. A limit above 100
    /// gives a page of 100.
    ///
    /// # Errors
    ///
    /// [`QueryError::Method`] for any other query; what else is wrong with the first that is.
    ///
    /// ```
    /// use rollbook_core::{ListLogs, QuerySyntax};
    ///
    /// let list = ListLogs::from_queries(QuerySyntax::Text, ["limit(10)", "offset(20)"])?;
    /// assert_eq!(list, ListLogs::new().limit(10).offset(20));
    /// assert!(ListLogs::from_queries(QuerySyntax::Text, [r#"equal("event", "x")"#]).is_err());
    /// # Ok::<(), rollbook_core::QueryError>(())
    /// ```
    pub fn from_queries<Q: AsRef<str>>(
        syntax: QuerySyntax,
        queries: impl IntoIterator<Item = Q>,
    ) -> Result<Self, QueryError> {
        let mut meaning = Meaning::new(Activity::SCHEMA);
        for query in queries {
            let query = syntax.parse(query.as_ref())?;
            if !["limit", "offset"].contains(&query.method.as_str()) {
                return Err(QueryError::Method { method: query.method });
            }
            meaning.add(query)?;
        }
        let Meaning { limit, offset, .. } = meaning.finish()?;
        let limit = limit.unwrap_or(DEFAULT_LIMIT).min(MOST_ENTRIES);
        Ok(Self { limit, offset: offset.unwrap_or(0), total: true })
    }

    /// At most `limit` entries, 1 to 100.
    pub fn limit(self, limit: u64) -> Self {
        Self { limit, ..self }
    }

    /// Without the newest `offset` entries.
    pub fn offset(self, offset: u64) -> Self {
        Self { offset, ..self }
    }

    /// Don't count: [`LogList::total`] is 0.
    pub fn without_total(self) -> Self {
        Self { total: false, ..self }
    }
}

/// A page of a log.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LogList {
    /// Whose log it is, as [`Activity::to_wire`] wants it.
    pub user: Stored<User>,
    /// How many entries the user has; 0 if it was not asked for.
    pub total: u64,
    /// The entries of this page, newest first.
    pub logs: Vec<Stored<Activity>>,
}

impl Users {
    /// What was done with a user, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`]; [`QueryError::LimitRange`] for a limit that is not 1 to 100.
    #[verb(id)]
    pub async fn list_logs(&self, id: &str, list: ListLogs) -> Result<LogList, Error> {
        let ListLogs { limit, offset, total } = list;
        if !(1..=MOST_ENTRIES).contains(&limit) {
            return Err(QueryError::LimitRange { least: 1, most: MOST_ENTRIES }.into());
        }
        let user = self.user(id).await?;
        let entries = self.records::<Activity>();
        let of_user = Query::new(Activity::SCHEMA).filter(Activity::USER_ID.equal(id).into());
        let page = of_user.clone().order(Activity::SEQUENCE.descending().into());
        let logs = entries.list(&page.limit(limit).offset(offset)).await?;
        let total = if total { entries.count(&of_user).await? } else { 0 };
        Ok(LogList { user, total, logs })
    }

    /// The batch with an entry for `event`, to be committed with what it tells of; the user must exist by
    /// then.
    pub(super) fn noted(
        &self,
        batch: Batch,
        user: &Id,
        event: &'static str,
        now: Timestamp,
    ) -> Batch {
        let actor = &self.actor;
        let entry = Activity {
            id: self.inner.ids.next(now),
            user_id: user.clone(),
            event: event.into(),
            time: now,
            actor: actor.name.clone(),
            ip: actor.ip.map(|ip| ip.to_string()),
            user_agent: actor.user_agent.clone(),
            country: actor.ip.and_then(|ip| self.country(ip)),
        };
        batch.put(entry, Expect::Absent)
    }

    /// The deletion of what the log of a user can forget, if it is time to look.
    pub(super) async fn swept(&self, user: &str, now: Timestamp) -> Result<Batch, Error> {
        let batch = Batch::new();
        let mut byte = [0; 8];
        self.inner.random.fill(&mut byte);
        if u64::from_le_bytes(byte) % SWEEP_EVERY != 0 {
            return Ok(batch);
        }
        let LogPolicy { days, per_user } = self.inner.policies.logs;
        let day = 24 * 60 * 60 * 1000;
        let since = now.plus_millis(-i64::from(days).saturating_mul(day));
        let entries: Collection<Activity> = self.records();
        let of_user = Query::new(Activity::SCHEMA).filter(Activity::USER_ID.equal(user).into());
        let oldest = entries.list(&of_user.clone().limit(SWEPT)).await?;
        let surplus = entries.count(&of_user).await?.saturating_sub(per_user.into());
        let old = oldest.iter().take_while(|entry| entry.time < since).count();
        let dropped = old.max(usize::try_from(surplus.min(SWEPT)).unwrap_or(old));
        let Some(last) = dropped.checked_sub(1).and_then(|last| oldest.get(last)) else {
            return Ok(batch);
        };
        let sequence = i64::try_from(last.sequence()).unwrap_or(i64::MAX);
        let up_to = Activity::SEQUENCE.less_equal(sequence);
        let forgotten = Activity::USER_ID.equal(user).and(up_to);
        Ok(batch.delete(Activity::SCHEMA, vec![forgotten.into()]))
    }
}
