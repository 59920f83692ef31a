//! Points in time, and where the present one comes from.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::SignedDuration;
use jiff::civil::{DateTime, date};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, years 0000 to 9999.
///
/// Printed and read as the wire does it, `YYYY-MM-DDTHH:MM:SS.mmm+00:00` (`spec/users-api.md`, 1.1).
///
/// ```
/// use rollbook_core::Timestamp;
///
/// let time: Timestamp = "2020-10-15T06:38:00.000+00:00".parse()?;
/// assert_eq!(time.as_millis(), 1_602_743_880_000);
/// assert_eq!(time.to_string(), "2020-10-15T06:38:00.000+00:00");
/// assert_eq!("2020-10-15 08:38+02:00".parse(), Ok(time));
/// # Ok::<(), rollbook_core::TimestampError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text or number that is no [`Timestamp`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error(
    "not a time between the years 0000 and 9999; write it as 2020-10-15T06:38:00.000+00:00 \
     or 2020-10-15"
)]
pub struct TimestampError;

impl Timestamp {
    /// The first millisecond of the year 0000.
    pub const MIN: Self = Self(-62_167_219_200_000);
    /// The last millisecond of the year 9999.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// The time that is `millis` milliseconds after the epoch.
    ///
    /// # Errors
    ///
    /// Outside the years 0000 to 9999.
    pub fn from_millis(millis: i64) -> Result<Self, TimestampError> {
        let time = Self(millis);
        if (Self::MIN..=Self::MAX).contains(&time) { Ok(time) } else { Err(TimestampError) }
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This time moved by `millis` milliseconds, within [`Timestamp::MIN`] and [`Timestamp::MAX`].
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis)).clamp(Self::MIN, Self::MAX)
    }
}

/// What times are counted from.
const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not by `jiff::Timestamp`, which ends a day early to leave room for offsets.
        let civil = EPOCH + SignedDuration::from_millis(self.0);
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}+00:00",
            civil.year(),
            civil.month(),
            civil.day(),
            civil.hour(),
            civil.minute(),
            civil.second(),
            civil.millisecond(),
        )
    }
}

impl std::str::FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads RFC 3339 and `YYYY-MM-DD[ T]hh:mm[:ss[.fff]][offset]`; without an offset the time is UTC,
    /// without a time of day it is midnight. Digits beyond the millisecond are cut.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let pieces = Pieces::parse(text).map_err(|_| TimestampError)?;
        if pieces.time_zone_annotation().is_some() {
            return Err(TimestampError);
        }
        let civil = pieces.date().to_datetime(pieces.time().unwrap_or_default());
        let offset = pieces.to_numeric_offset().map_or(0, Offset::seconds);
        // Flooring keeps a moment before the epoch in its own millisecond.
        let nanos = civil.duration_since(EPOCH).as_nanos() - i128::from(offset) * 1_000_000_000;
        let millis = i64::try_from(nanos.div_euclid(1_000_000)).map_err(|_| TimestampError)?;
        Self::from_millis(millis)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let millis = i64::deserialize(deserializer)?;
        Self::from_millis(millis).map_err(serde::de::Error::custom)
    }
}

/// What time it is.
///
/// Nothing in rollbook reads the time elsewhere, so a test decides it with [`ManualClock`].
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The present time.
    fn now(&self) -> Timestamp;
}

/// The operating system's clock, in UTC.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to configure")]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system")]
        let now = SystemTime::now();
        // A clock set before 1970 is a misconfiguration, not a reason to refuse service.
        let millis = now.duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis());
        Timestamp(i64::try_from(millis).unwrap_or(i64::MAX)).min(Timestamp::MAX)
    }
}

/// A clock that stands still until it is moved.
///
/// ```
/// use rollbook_core::{Clock, ManualClock, Timestamp};
///
/// let clock = ManualClock::new(Timestamp::from_millis(1_000)?);
/// clock.advance(500);
/// assert_eq!(clock.now().as_millis(), 1_500);
/// # Ok::<(), rollbook_core::TimestampError>(())
/// ```
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.0))
    }

    /// Moves the clock forward by `millis` milliseconds (back, if negative).
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst)).clamp(Timestamp::MIN, Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let read = text.parse::<Timestamp>().ok().map(|time| time.to_string());
        assert_eq!(read.as_deref(), expected, "{text}");
    }

    #[test]
    fn reads_what_the_query_language_allows() {
        check("2020-01-01", Some("2020-01-01T00:00:00.000+00:00"));
        check("2020-01-01 10:00", Some("2020-01-01T10:00:00.000+00:00"));
        check("2020-01-01T10:00:05", Some("2020-01-01T10:00:05.000+00:00"));
        check("2020-01-01T10:00:05.1239Z", Some("2020-01-01T10:00:05.123+00:00"));
        check("1969-12-31T23:59:59.9995Z", Some("1969-12-31T23:59:59.999+00:00"));
        check("0000-01-01T00:00:00Z", Some("0000-01-01T00:00:00.000+00:00"));
        check("9999-12-31T23:59:59.999+00:00", Some("9999-12-31T23:59:59.999+00:00"));
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in
            ["", "now", "abc", "2020", "20200", "10000-01-01", "-000001-01-01", "2020-02-30"]
        {
            check(text, None);
        }
    }

    #[test]
    fn the_bounds_are_the_years_they_name() {
        assert_eq!(Timestamp::MIN.to_string(), "0000-01-01T00:00:00.000+00:00");
        assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59.999+00:00");
        assert_eq!(Timestamp::MAX.plus_millis(1), Timestamp::MAX);
    }
}
