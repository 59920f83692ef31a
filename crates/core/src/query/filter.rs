//! Filters: what a document must satisfy.

use std::cmp::Ordering;

use super::search::Search;
use crate::{Document, Field, Kind, QueryError, Schema, Value};

/// A condition on documents of one schema, checked against the field's type when it is made.
///
/// Made by the methods of [`Field`] and by [`Filter::and`] and [`Filter::or`]; a store only reads it.
/// A null satisfies nothing but [`Field::is_null`].
///
/// ```
/// use rollbook_core::{Record, User};
///
/// let status = User::SCHEMA.field("status")?;
/// assert!(status.equal([true]).is_ok());
/// assert_eq!(
///     status.equal(["true"]).unwrap_err().to_string(),
///     "Query value is invalid for attribute \"status\"",
/// );
/// # Ok::<(), rollbook_core::QueryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a store must translate every filter")]
pub enum Filter {
    /// The value is one of these; never empty.
    #[non_exhaustive]
    Equal {
        /// The field.
        field: &'static Field,
        /// The values.
        values: Vec<Value<'static>>,
    },
    /// The value is another.
    #[non_exhaustive]
    NotEqual {
        /// The field.
        field: &'static Field,
        /// The value.
        value: Value<'static>,
    },
    /// The value sorts before this one.
    #[non_exhaustive]
    Less {
        /// The field.
        field: &'static Field,
        /// The value.
        value: Value<'static>,
    },
    /// The value sorts before this one or is the same.
    #[non_exhaustive]
    LessEqual {
        /// The field.
        field: &'static Field,
        /// The value.
        value: Value<'static>,
    },
    /// The value sorts after this one.
    #[non_exhaustive]
    Greater {
        /// The field.
        field: &'static Field,
        /// The value.
        value: Value<'static>,
    },
    /// The value sorts after this one or is the same.
    #[non_exhaustive]
    GreaterEqual {
        /// The field.
        field: &'static Field,
        /// The value.
        value: Value<'static>,
    },
    /// The text begins with this one, byte for byte.
    #[non_exhaustive]
    StartsWith {
        /// The field.
        field: &'static Field,
        /// The beginning.
        prefix: String,
    },
    /// The list has one of these as an element; never empty.
    #[non_exhaustive]
    Contains {
        /// The field.
        field: &'static Field,
        /// The elements.
        elements: Vec<String>,
    },
    /// There is no value.
    #[non_exhaustive]
    IsNull {
        /// The field.
        field: &'static Field,
    },
    /// There is a value.
    #[non_exhaustive]
    IsNotNull {
        /// The field.
        field: &'static Field,
    },
    /// The document is found; made by [`Schema::search`].
    #[non_exhaustive]
    Search {
        /// The schema.
        schema: &'static Schema,
        /// What is searched.
        search: Search,
    },
    /// All of these hold; none means true.
    #[non_exhaustive]
    And {
        /// The filters.
        filters: Vec<Filter>,
    },
    /// One of these holds; none means false.
    #[non_exhaustive]
    Or {
        /// The filters.
        filters: Vec<Filter>,
    },
}

/// The most values that one filter takes (`spec/users-api.md`, 3.3).
pub const MAX_VALUES: usize = 500;

impl Field {
    /// The field's value is one of `values`.
    ///
    /// # Errors
    ///
    /// No value, more than [`MAX_VALUES`], or a value of another type; lists have no equality.
    pub fn equal<V: Into<Value<'static>>>(
        &'static self,
        values: impl IntoIterator<Item = V>,
    ) -> Result<Filter, QueryError> {
        let values = self.values("equal", values)?;
        Ok(Filter::Equal { field: self, values })
    }

    /// The field has a value, and it is not `value`.
    ///
    /// # Errors
    ///
    /// A value of another type; lists have no equality.
    pub fn not_equal(
        &'static self,
        value: impl Into<Value<'static>>,
    ) -> Result<Filter, QueryError> {
        Ok(Filter::NotEqual { field: self, value: self.value("notEqual", value)? })
    }

    /// The field's value sorts before `value`.
    ///
    /// # Errors
    ///
    /// A value of another type; lists have no order.
    pub fn less(&'static self, value: impl Into<Value<'static>>) -> Result<Filter, QueryError> {
        Ok(Filter::Less { field: self, value: self.value("lessThan", value)? })
    }

    /// The field's value sorts before `value` or is the same.
    ///
    /// # Errors
    ///
    /// As [`Field::less`].
    pub fn less_equal(
        &'static self,
        value: impl Into<Value<'static>>,
    ) -> Result<Filter, QueryError> {
        Ok(Filter::LessEqual { field: self, value: self.value("lessThanEqual", value)? })
    }

    /// The field's value sorts after `value`.
    ///
    /// # Errors
    ///
    /// As [`Field::less`].
    pub fn greater(&'static self, value: impl Into<Value<'static>>) -> Result<Filter, QueryError> {
        Ok(Filter::Greater { field: self, value: self.value("greaterThan", value)? })
    }

    /// The field's value sorts after `value` or is the same.
    ///
    /// # Errors
    ///
    /// As [`Field::less`].
    pub fn greater_equal(
        &'static self,
        value: impl Into<Value<'static>>,
    ) -> Result<Filter, QueryError> {
        Ok(Filter::GreaterEqual { field: self, value: self.value("greaterThanEqual", value)? })
    }

    /// The field's text begins with `prefix`, byte for byte.
    ///
    /// # Errors
    ///
    /// The field is no text.
    pub fn starts_with(&'static self, prefix: impl Into<String>) -> Result<Filter, QueryError> {
        match self.kind() {
            Kind::Text => Ok(Filter::StartsWith { field: self, prefix: prefix.into() }),
            _ => Err(QueryError::Method { method: "startsWith", attribute: self.name() }),
        }
    }

    /// The field's list has one of `elements`, byte for byte.
    ///
    /// # Errors
    ///
    /// The field is no list, or there are no elements or more than [`MAX_VALUES`].
    pub fn contains<V: Into<String>>(
        &'static self,
        elements: impl IntoIterator<Item = V>,
    ) -> Result<Filter, QueryError> {
        if self.kind() != Kind::List {
            return Err(QueryError::Method { method: "contains", attribute: self.name() });
        }
        let elements: Vec<String> = elements.into_iter().map(Into::into).collect();
        self.check_number("contains", elements.len())?;
        Ok(Filter::Contains { field: self, elements })
    }

    /// The field has no value.
    pub fn is_null(&'static self) -> Filter {
        Filter::IsNull { field: self }
    }

    /// The field has a value.
    pub fn is_not_null(&'static self) -> Filter {
        Filter::IsNotNull { field: self }
    }

    fn values<V: Into<Value<'static>>>(
        &'static self,
        method: &'static str,
        values: impl IntoIterator<Item = V>,
    ) -> Result<Vec<Value<'static>>, QueryError> {
        let values: Vec<_> =
            values.into_iter().map(|value| self.value(method, value)).collect::<Result<_, _>>()?;
        self.check_number(method, values.len())?;
        Ok(values)
    }

    fn check_number(&self, method: &'static str, number: usize) -> Result<(), QueryError> {
        match number {
            0 => Err(QueryError::NoValue { method }),
            1..=MAX_VALUES => Ok(()),
            _ => Err(QueryError::TooManyValues { attribute: self.name() }),
        }
    }

    fn value(
        &self,
        method: &'static str,
        value: impl Into<Value<'static>>,
    ) -> Result<Value<'static>, QueryError> {
        let value = value.into();
        match (self.kind(), &value) {
            (Kind::List, _) => Err(QueryError::Method { method, attribute: self.name() }),
            (Kind::Bool, Value::Bool(_))
            | (Kind::Int, Value::Int(_))
            | (Kind::Time, Value::Time(_))
            | (Kind::Text, Value::Text(_)) => Ok(value),
            _ => Err(QueryError::ValueType { attribute: self.name() }),
        }
    }
}

impl Filter {
    /// All of `filters` hold.
    pub fn and(filters: impl IntoIterator<Item = Self>) -> Self {
        Self::And { filters: filters.into_iter().collect() }
    }

    /// At least one of `filters` holds.
    pub fn or(filters: impl IntoIterator<Item = Self>) -> Self {
        Self::Or { filters: filters.into_iter().collect() }
    }

    /// Whether `document`, of the filter's schema, satisfies it.
    pub fn matches(&self, document: &Document) -> bool {
        let compare = |field: &Field, value: &Value<'_>, accept: fn(Ordering) -> bool| {
            let stored = field.read(document);
            !stored.is_null() && accept(stored.order(value))
        };
        match self {
            Self::Equal { field, values } => {
                let stored = field.read(document);
                values.iter().any(|value| stored.order(value).is_eq())
            }
            Self::NotEqual { field, value } => compare(field, value, Ordering::is_ne),
            Self::Less { field, value } => compare(field, value, Ordering::is_lt),
            Self::LessEqual { field, value } => compare(field, value, Ordering::is_le),
            Self::Greater { field, value } => compare(field, value, Ordering::is_gt),
            Self::GreaterEqual { field, value } => compare(field, value, Ordering::is_ge),
            Self::StartsWith { field, prefix } => match field.read(document) {
                Value::Text(text) => text.starts_with(prefix.as_str()),
                _ => false,
            },
            Self::Contains { field, elements } => match field.read(document) {
                Value::List(list) => elements.iter().any(|element| list.contains(element)),
                _ => false,
            },
            Self::IsNull { field } => field.read(document).is_null(),
            Self::IsNotNull { field } => !field.read(document).is_null(),
            Self::Search { schema, search } => search.matches(&schema.search_tokens(document)),
            Self::And { filters } => filters.iter().all(|filter| filter.matches(document)),
            Self::Or { filters } => filters.iter().any(|filter| filter.matches(document)),
        }
    }
}
