//! Parameters of statements.

use std::borrow::Cow;

use rollbook_core::{Value, list_text};

/// A value as it is bound to a statement. Booleans are 0 and 1, times are milliseconds, lists are JSON.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "an engine must bind every parameter")]
pub enum Param<'a> {
    /// NULL.
    Null,
    /// A whole number.
    Int(i64),
    /// A text.
    Text(Cow<'a, str>),
}

impl<'a> From<Value<'a>> for Param<'a> {
    fn from(value: Value<'a>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Int(value.into()),
            Value::Int(value) => Self::Int(value),
            Value::Time(value) => Self::Int(value.as_millis()),
            Value::Text(value) => Self::Text(value),
            Value::List(value) => Self::Text(Cow::Owned(list_text(&value))),
        }
    }
}
