//! Identifiers of users, and where new ones come from.

use std::fmt;
use std::sync::Arc;

use super::text::checked_text;
use crate::{Error, Random, Timestamp};

checked_text! {
    /// An identifier: 1 to 36 of `A-Z a-z 0-9 . - _`, the first a letter or digit
    /// (`spec/users-api.md`, 5.1).
    ///
    /// ```
    /// use rollbook_core::Id;
    ///
    /// assert_eq!(Id::parse("a.b-c_9")?.as_str(), "a.b-c_9");
    /// assert!(Id::parse("_a").is_err());
    /// # Ok::<(), rollbook_core::Error>(())
    /// ```
    Id
}

/// The most characters of an [`Id`].
const MOST_CHARACTERS: usize = 36;

impl Id {
    /// The identifier that `text` is.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for `userId` if it is none.
    pub fn parse(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        if Self::is_valid(&text) {
            return Ok(Self(text));
        }
        Err(Error::invalid(
            "userId",
            "Parameter must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, period, hyphen, \
             and underscore. Can't start with a special char",
        ))
    }

    pub(crate) fn is_valid(text: &str) -> bool {
        let bytes = text.as_bytes();
        bytes.len() <= MOST_CHARACTERS
            && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
            && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b))
    }
}

/// A source of new identifiers.
pub trait IdSource: fmt::Debug + Send + Sync + 'static {
    /// An identifier that nobody has; `now` is the present time.
    fn next(&self, now: Timestamp) -> Id;
}

/// Identifiers of 20 hexadecimal digits that sort roughly by time (`spec/users-api.md`, 5.1): 8 digits
/// of seconds, 5 of microseconds, 7 of randomness.
///
/// The clock gives milliseconds, so the last digits of the microseconds are random too.
#[derive(Clone, Debug)]
pub struct TimeIds {
    random: Arc<dyn Random>,
}

impl TimeIds {
    /// Identifiers whose random part comes from `random`.
    pub fn new(random: Arc<dyn Random>) -> Self {
        Self { random }
    }
}

impl IdSource for TimeIds {
    fn next(&self, now: Timestamp) -> Id {
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes);
        let random = u64::from_le_bytes(bytes);
        let millis = now.as_millis().max(0).cast_unsigned();
        let seconds = (millis / 1000) & 0xffff_ffff;
        let micros = millis % 1000 * 1000 + (random >> 28) % 1000;
        Id(format!("{seconds:08x}{micros:05x}{:07x}", random & 0xfff_ffff))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OsRandom, SeededRandom};

    #[test]
    fn the_executed_examples_of_the_spec() {
        let longest = "a".repeat(36);
        for id in ["a", "A", "1", "a_", "a.b", "a-b", &longest] {
            assert!(Id::parse(id).is_ok(), "{id}");
        }
        let longer = "a".repeat(37);
        for id in ["", "_a", "-a", ".a", "$a", "a b", "é", &longer, "unique()", "a\0", "a\n"] {
            assert!(Id::parse(id).is_err(), "{id}");
        }
    }

    #[test]
    fn generated_ids_are_valid_sort_by_time_and_follow_from_the_seed() {
        let ids = TimeIds::new(Arc::new(SeededRandom::new(1)));
        let early = ids.next(Timestamp::from_millis(1_600_000_000_000).unwrap());
        let late = ids.next(Timestamp::from_millis(1_600_000_000_001).unwrap());
        assert!(early < late, "{early} {late}");
        assert_eq!(early.len(), 20);
        assert_eq!(Id::parse(early.as_str()).unwrap(), early);
        let again = TimeIds::new(Arc::new(SeededRandom::new(1)));
        assert_eq!(again.next(Timestamp::from_millis(1_600_000_000_000).unwrap()), early);
        let os = TimeIds::new(Arc::new(OsRandom));
        assert_ne!(os.next(Timestamp::MAX), os.next(Timestamp::MAX));
    }
}
