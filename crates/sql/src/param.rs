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
    /// Several whole numbers: an array where the engine has them, otherwise JSON.
    Ints(Vec<i64>),
    /// Several texts: an array where the engine has them, otherwise JSON.
    Texts(Vec<Cow<'a, str>>),
}

impl<'a> Param<'a> {
    /// Values of one kind, none of them null, as one parameter.
    pub(crate) fn several(values: &'a [Value<'static>]) -> Self {
        match values.first() {
            Some(Value::Text(_)) => {
                let texts = values.iter().map(|value| match value {
                    Value::Text(text) => Cow::Borrowed(text.as_ref()),
                    _ => Cow::Borrowed(""),
                });
                Self::Texts(texts.collect())
            }
            _ => Self::Ints(
                values
                    .iter()
                    .map(|value| match Param::from(value.clone()) {
                        Self::Int(number) => number,
                        _ => 0,
                    })
                    .collect(),
            ),
        }
    }

    /// These texts as one parameter.
    pub(crate) fn texts(texts: &'a [String]) -> Self {
        Self::Texts(texts.iter().map(|text| Cow::Borrowed(text.as_str())).collect())
    }
}

impl Param<'_> {
    /// The parameter with its text owned.
    pub(crate) fn into_owned(self) -> Param<'static> {
        match self {
            Self::Null => Param::Null,
            Self::Int(value) => Param::Int(value),
            Self::Text(text) => Param::Text(Cow::Owned(text.into_owned())),
            Self::Ints(values) => Param::Ints(values),
            Self::Texts(texts) => {
                let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
                Param::Texts(texts.into_iter().map(owned).collect())
            }
        }
    }
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
