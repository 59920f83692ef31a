//! What can be wrong with a query.

use super::syntax::{MAX_DEPTH, MAX_LENGTH, MAX_QUERIES, SyntaxError};
use crate::MAX_VALUES;

/// Why a query can't be built.
///
/// The texts are those that the service answers behind "Invalid `queries` param: ", so that a client
/// that reads them finds what it knows; those with a number of ours have it instead of the service's.
///
/// ```
/// use rollbook_core::{ListUsers, QueryError, QuerySyntax};
///
/// let query = r#"{"method": "equal", "attribute": "age", "values": [5]}"#;
/// let error = ListUsers::from_queries(QuerySyntax::Json, [query]).unwrap_err();
/// assert_eq!(error, QueryError::UnknownAttribute { attribute: "age".to_owned() });
/// assert_eq!(error.to_string(), "Invalid query: Attribute not found in schema: age");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The text is no query.
    #[error("Invalid query: {0}")]
    Syntax(#[from] SyntaxError),
    /// There is no such method, or not in lists of this kind.
    #[error("Invalid query method: {method}")]
    Method {
        /// The method.
        method: String,
    },
    /// The schema has no such field, or none that can be queried.
    #[error("Invalid query: Attribute not found in schema: {attribute}")]
    UnknownAttribute {
        /// The name that was asked for.
        attribute: String,
    },
    /// The value is not of the field's type.
    #[error("Invalid query: Query value is invalid for attribute \"{attribute}\"")]
    ValueType {
        /// The field.
        attribute: &'static str,
    },
    /// The method needs at least one value.
    #[error("Invalid query: {} queries require at least one value.", capitalised(.method))]
    NoValue {
        /// The method, as it is written on the wire.
        method: &'static str,
    },
    /// The method takes one value.
    #[error("Invalid query: {} queries require exactly one value.", capitalised(.method))]
    OneValue {
        /// The method, as it is written on the wire.
        method: &'static str,
    },
    /// The method takes two values.
    #[error("Invalid query: {} queries require exactly two values.", capitalised(.method))]
    TwoValues {
        /// The method, as it is written on the wire.
        method: &'static str,
    },
    /// The method has more values than [`MAX_VALUES`].
    #[error("Invalid query: Query on attribute has greater than {MAX_VALUES} values: {attribute}")]
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
    /// The method can't be used on lists.
    #[error(
        "Invalid query: Cannot query {method} on attribute \"{attribute}\" because it is an array."
    )]
    List {
        /// The method, as it is written on the wire.
        method: &'static str,
        /// The field.
        attribute: &'static str,
    },
    /// The field contains nothing: it is neither a text nor a list.
    #[error(
        "Invalid query: Cannot query {method} on attribute \"{attribute}\" because it is not an array, \
         string, or object."
    )]
    NoParts {
        /// The method, as it is written on the wire.
        method: &'static str,
        /// The field.
        attribute: &'static str,
    },
    /// `and` or `or` of fewer than two queries.
    #[error("Invalid query: {} queries require at least two queries", capitalised(.method))]
    FewQueries {
        /// The method, as it is written on the wire.
        method: &'static str,
    },
    /// `and` or `or` of something that is no filter.
    #[error("Invalid query: {} queries can only contain filter queries", capitalised(.method))]
    NotFilters {
        /// The method, as it is written on the wire.
        method: &'static str,
    },
    /// The limit is no number.
    #[error("Invalid query: Invalid limit: Value must be a valid number")]
    LimitNumber,
    /// The limit is out of range.
    #[error(
        "Invalid query: Invalid limit: Value must be a valid range between {least} and {}",
        grouped(*.most)
    )]
    LimitRange {
        /// The smallest limit.
        least: u64,
        /// The greatest limit.
        most: u64,
    },
    /// The offset is no number. The service says "limit" here, too.
    #[error("Invalid query: Invalid limit: Value must be a valid number")]
    OffsetNumber,
    /// The offset is out of range.
    #[error(
        "Invalid query: Invalid offset: Value must be a valid range between 0 and {}",
        grouped(*.most)
    )]
    OffsetRange {
        /// The greatest offset.
        most: u64,
    },
    /// The cursor is no identifier.
    #[error(
        "Invalid query: Invalid cursor: UID must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, \
         and underscore. Can't start with a leading underscore"
    )]
    CursorId,
    /// The text is no [`Cursor`](crate::Cursor), or of a version to come, or was changed on its way.
    #[error("Invalid query: Invalid cursor: Value must be a cursor of an earlier page")]
    CursorText,
    /// The [`Cursor`](crate::Cursor) is of a list in another order.
    #[error("Invalid query: Invalid cursor: The list that it is of has another order")]
    CursorOrder,
    /// A list in random order continues nowhere.
    #[error("Invalid query: Invalid cursor: A list in random order has none")]
    CursorInRandomOrder,
    /// More queries than 100.
    #[error("Value must a valid array no longer than {MAX_QUERIES} items")]
    TooManyQueries,
    /// A query of more than 4096 characters.
    #[error("Value must be a valid string and no longer than {MAX_LENGTH} chars")]
    TooLong,
    /// `and` and `or` within one another, more than five deep.
    #[error("Invalid query: Queries are nested more than {MAX_DEPTH} deep")]
    TooDeep,
    /// `search` and `notSearch` need an index of words, which no attribute has by itself.
    #[error("Searching by attribute \"{attribute}\" requires a fulltext index.")]
    NoIndex {
        /// The field.
        attribute: &'static str,
    },
}

fn capitalised(method: &str) -> String {
    let mut letters = method.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The number with a comma before each three digits, as the service prints the ends of a range.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let groups = [0, 12, 999, 1_000, 9_223_372_036_854_775_807].map(grouped);
        assert_eq!(groups, ["0", "12", "999", "1,000", "9,223,372,036,854,775,807"]);
    }
}
