//! What can be wrong with a query.

/// Why a query can't be built. The texts are those of the wire (`spec/users-api.md`, 3.5).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The schema has no such field, or none that can be queried.
    #[error("Attribute not found in schema: {attribute}")]
    UnknownAttribute {
        /// The name that was asked for.
        attribute: String,
    },
    /// The value is not of the field's type.
    #[error("Query value is invalid for attribute \"{attribute}\"")]
    ValueType {
        /// The field.
        attribute: &'static str,
    },
    /// The method needs at least one value.
    #[error("{} queries require at least one value.", capitalised(.method))]
    NoValue {
        /// The method, as it is written on the wire.
        method: &'static str,
    },
    /// The method has more values than [`MAX_VALUES`](crate::MAX_VALUES).
    #[error("Query on attribute has greater than {} values: {attribute}", crate::MAX_VALUES)]
    TooManyValues {
        /// The field.
        attribute: &'static str,
    },
    /// No text of these documents is searched.
    #[error("There is no search on {schema}.")]
    NoSearch {
        /// The record type.
        schema: &'static str,
    },
    /// A search has no character or more than [`MAX_SEARCH_CHARACTERS`](crate::MAX_SEARCH_CHARACTERS).
    #[error(
        "Value must be a valid string and at least 1 chars and no longer than {} chars",
        crate::MAX_SEARCH_CHARACTERS
    )]
    SearchLength,
    /// The method can't be used on fields of this type.
    #[error("Cannot query {method} on attribute \"{attribute}\" because of its type.")]
    Method {
        /// The method, as it is written on the wire.
        method: &'static str,
        /// The field.
        attribute: &'static str,
    },
}

fn capitalised(method: &str) -> String {
    let mut letters = method.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
