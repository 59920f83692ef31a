//! The version of the API that a client speaks, and what its answers look like.

use std::str::FromStr;

use rollbook_core::{QuerySyntax, Timestamp};
use serde_json::{Map, Value};

use crate::model::Model;

/// A version of the API, as the header `X-Appwrite-Response-Format` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Format(u16, u16, u16);

impl Format {
    /// The newest: what is not filtered.
    pub(crate) const NEWEST: Self = Self(u16::MAX, 0, 0);
    /// The last one with plain parameters and integer times.
    pub(crate) const PLAIN: Self = Self(0, 15, 3);

    /// Whether lists are asked for with `limit`, `offset`, `cursor`, and times are seconds.
    pub(crate) fn is_plain(self) -> bool {
        self < Self(1, 0, 0)
    }

    /// Whether an empty parameter counts as none, and messages have no back-ticks.
    pub(crate) fn is_lenient(self) -> bool {
        self < Self(1, 1, 0)
    }

    /// How queries are written; a client that does not say which version it speaks may write either.
    pub(crate) fn syntax(self, queries: &[String]) -> QuerySyntax {
        let json = |query: &String| query.trim_start().starts_with('{');
        match self {
            Self::NEWEST if !queries.is_empty() && !queries.iter().any(json) => QuerySyntax::Text,
            format if format < Self(1, 5, 0) => QuerySyntax::Text,
            _ => QuerySyntax::Json,
        }
    }

    /// Takes out of an answer what this version did not have, and writes times as it did.
    pub(crate) fn filter(self, model: &Model, value: &mut Value) {
        let Value::Object(object) = value else { return };
        for (name, items) in model.lists {
            for item in object.get_mut(*name).and_then(Value::as_array_mut).into_iter().flatten() {
                self.filter(items, item);
            }
        }
        for removed in model.removed.iter().filter(|removed| self < removed.before) {
            removed.keys.iter().for_each(|key| _ = object.shift_remove(*key));
        }
        if self.is_plain() {
            model.times.iter().for_each(|key| seconds(object, key));
        }
    }
}

/// Writes a time as seconds since the epoch, and none as 0.
fn seconds(object: &mut Map<String, Value>, key: &str) {
    if let Some(value) = object.get_mut(key) {
        let time = value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
        *value = time.map_or(0, |time| time.as_millis().div_euclid(1000)).into();
    }
}

impl FromStr for Format {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut numbers = text.trim().splitn(3, '.').map(str::parse);
        let mut next = || numbers.next().unwrap_or(Ok(0));
        Ok(Self(next()?, next()?, next()?))
    }
}

/// Keys that an answer has from a version on.
#[derive(Debug)]
pub(crate) struct Removed {
    pub(crate) before: Format,
    pub(crate) keys: &'static [&'static str],
}

impl Removed {
    pub(crate) const fn before(
        (major, minor, patch): (u16, u16, u16),
        keys: &'static [&'static str],
    ) -> Self {
        Self { before: Format(major, minor, patch), keys }
    }
}
