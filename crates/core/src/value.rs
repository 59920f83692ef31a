//! The values that queries compare.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::Timestamp;

/// One value of a queryable field.
///
/// Two values compare only within one [`Kind`](crate::Kind); null sorts before every value. Texts
/// compare byte by byte, which for UTF-8 is the order of code points; lists compare by [`list_text`].
///
/// ```
/// use rollbook_core::Value;
///
/// assert!(Value::Null.order(&Value::from("")).is_lt());
/// assert!(Value::from("Zoë").order(&Value::from("bob")).is_lt());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a store must decide about every kind of value")]
pub enum Value<'a> {
    /// No value.
    Null,
    /// True or false; false sorts first.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A point in time.
    Time(Timestamp),
    /// A text.
    Text(Cow<'a, str>),
    /// Several texts, in their order.
    List(Cow<'a, [String]>),
}

impl Value<'_> {
    /// Whether there is no value.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// How the two values sort, null first.
    pub fn order(&self, other: &Value<'_>) -> Ordering {
        match (self, other) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Int(a), Value::Int(b)) => a.cmp(b),
            (Value::Time(a), Value::Time(b)) => a.cmp(b),
            (Value::Text(a), Value::Text(b)) => a.as_ref().cmp(b.as_ref()),
            (Value::List(a), Value::List(b)) => list_text(a).cmp(&list_text(b)),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }

    /// The value with its texts owned.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Int(value) => Value::Int(value),
            Value::Time(value) => Value::Time(value),
            Value::Text(value) => Value::Text(Cow::Owned(value.into_owned())),
            Value::List(value) => Value::List(Cow::Owned(value.into_owned())),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Value::Null => 0,
            Value::Bool(_) => 1,
            Value::Int(_) => 2,
            Value::Time(_) => 3,
            Value::Text(_) => 4,
            Value::List(_) => 5,
        }
    }
}

/// A list as the JSON text that it is sorted by.
///
/// SQL engines keep lists so, and so does the service that users come from.
#[expect(clippy::missing_panics_doc, reason = "texts print as JSON")]
pub fn list_text(list: &[String]) -> String {
    serde_json::to_string(list).expect("texts print as JSON")
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(value: Timestamp) -> Self {
        Self::Time(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Value<'_> {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}

impl<'a> From<&'a [String]> for Value<'a> {
    fn from(value: &'a [String]) -> Self {
        Self::List(Cow::Borrowed(value))
    }
}

impl From<Vec<String>> for Value<'_> {
    fn from(value: Vec<String>) -> Self {
        Self::List(Cow::Owned(value))
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
