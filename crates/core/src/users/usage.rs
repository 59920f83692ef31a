//! How many users and sessions there are, and when they came.

use rollbook_macros::verb;
use serde_json::json;

use super::Users;
use crate::{Error, Query, Record as _, Session, Timestamp, User};

/// How far back points go: an hour apart for a day, a day apart for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UsageRange {
    /// 24 hours.
    Day,
    /// Seven days.
    Week,
    /// 30 days.
    Month,
    /// 90 days.
    Quarter,
}

impl UsageRange {
    /// The name on the wire: `24h`, `7d`, `30d`, `90d`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
        }
    }

    /// How many points, and the milliseconds between two.
    fn points(self) -> (i64, i64) {
        const HOUR: i64 = 60 * 60 * 1000;
        match self {
            Self::Day => (24, HOUR),
            Self::Week => (7, 24 * HOUR),
            Self::Month => (30, 24 * HOUR),
            Self::Quarter => (90, 24 * HOUR),
        }
    }
}

/// How many came in an hour or a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsagePoint {
    /// How many.
    pub value: u64,
    /// When it began, UTC.
    pub date: Timestamp,
}

/// How many users and sessions there are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// How far back the points go.
    pub range: UsageRange,
    /// All users.
    pub users_total: u64,
    /// All sessions, those that have ended but were not deleted included.
    pub sessions_total: u64,
    /// Users by the time of their registration, the oldest point first, the present one last.
    pub users: Vec<UsagePoint>,
    /// Sessions by the time that they were made, of those that are still there.
    pub sessions: Vec<UsagePoint>,
}

impl Usage {
    /// The same as the service's response model `usageUsers`.
    pub fn to_wire(&self) -> serde_json::Value {
        let Self { range, users_total, sessions_total, users, sessions } = self;
        let points = |points: &[UsagePoint]| -> Vec<serde_json::Value> {
            let point = |UsagePoint { value, date }: &UsagePoint| json!({ "value": value, "date": date.to_string() });
            points.iter().map(point).collect()
        };
        json!({
            "range": range.name(),
            "usersTotal": users_total,
            "sessionsTotal": sessions_total,
            "users": points(users),
            "sessions": points(sessions),
        })
    }
}

impl Users {
    /// How many users and sessions there are now, and how many came in each hour or day of a range.
    ///
    /// It is counted when it is asked for, so what was deleted is not in it.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// users.create(NewUser::new()).await?;
    /// let usage = users.usage(UsageRange::Week).await?;
    /// assert_eq!(usage.users.len(), 7);
    /// assert!(usage.users.iter().map(|point| point.value).sum::<u64>() <= usage.users_total);
    /// # Ok(()) }
    /// ```
    #[verb]
    pub async fn usage(&self, range: UsageRange) -> Result<Usage, Error> {
        let (points, millis) = range.points();
        let now = self.now();
        let present = now.plus_millis(-now.as_millis().rem_euclid(millis));
        let start = |ago: i64| present.plus_millis(-ago * millis);
        let (mut users, mut sessions) = (Vec::new(), Vec::new());
        for ago in (0..points).rev() {
            let (date, end) = (start(ago), start(ago - 1));
            let came = User::REGISTRATION.greater_equal(date).and(User::REGISTRATION.less(end));
            let value =
                self.inner.users.count(&Query::new(User::SCHEMA).filter(came.into())).await?;
            users.push(UsagePoint { value, date });
            let made = Session::CREATED_AT.greater_equal(date).and(Session::CREATED_AT.less(end));
            let query = Query::new(Session::SCHEMA).filter(made.into());
            let value = self.records::<Session>().count(&query).await?;
            sessions.push(UsagePoint { value, date });
        }
        Ok(Usage {
            range,
            users_total: self.inner.users.count(&Query::new(User::SCHEMA)).await?,
            sessions_total: self.records::<Session>().count(&Query::new(Session::SCHEMA)).await?,
            users,
            sessions,
        })
    }
}
