//! Filters: what a document must satisfy.

use std::cmp::Ordering;

use super::search::Search;
use crate::{Document, Field, Schema, Value};

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
///     "Invalid query: Query value is invalid for attribute \"status\"",
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
    /// The text ends with this one, byte for byte.
    #[non_exhaustive]
    EndsWith {
        /// The field.
        field: &'static Field,
        /// The end.
        suffix: String,
    },
    /// The text has one of these within, or the list has one of these as an element; never empty.
    #[non_exhaustive]
    Contains {
        /// The field: a text or a list.
        field: &'static Field,
        /// The parts or elements.
        parts: Vec<String>,
    },
    /// The list has all of these as elements; never empty.
    #[non_exhaustive]
    ContainsAll {
        /// The field.
        field: &'static Field,
        /// The elements.
        elements: Vec<String>,
    },
    /// There is a value, and this filter, on the same field, does not hold.
    ///
    /// Made of those that look at parts of a value; comparisons have their opposites. Not a general
    /// negation, which would let nulls through.
    #[non_exhaustive]
    Not {
        /// The field.
        field: &'static Field,
        /// What must not hold.
        filter: Box<Filter>,
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
            Self::EndsWith { field, suffix } => match field.read(document) {
                Value::Text(text) => text.ends_with(suffix.as_str()),
                _ => false,
            },
            Self::Contains { field, parts } => match field.read(document) {
                Value::Text(text) => parts.iter().any(|part| text.contains(part.as_str())),
                Value::List(list) => parts.iter().any(|element| list.contains(element)),
                _ => false,
            },
            Self::ContainsAll { field, elements } => match field.read(document) {
                Value::List(list) => elements.iter().all(|element| list.contains(element)),
                _ => false,
            },
            Self::Not { field, filter } => {
                !field.read(document).is_null() && !filter.matches(document)
            }
            Self::IsNull { field } => field.read(document).is_null(),
            Self::IsNotNull { field } => !field.read(document).is_null(),
            Self::Search { schema, search } => search.matches(&schema.search_tokens(document)),
            Self::And { filters } => filters.iter().all(|filter| filter.matches(document)),
            Self::Or { filters } => filters.iter().any(|filter| filter.matches(document)),
        }
    }
}
