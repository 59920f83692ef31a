//! What can be wrong with a query.

use crate::MAX_VALUES;

/// Why a query can't be built.
///
/// The texts are those that the service answers behind "Invalid `queries` param: ", so that a client
/// that reads them finds what it knows; those with a number of ours have it instead of the service's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
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
    /// The method has more values than [`MAX_VALUES`].
    #[error("Invalid query: Query on attribute has greater than {MAX_VALUES} values: {attribute}")]
    TooManyValues {
        /// The field.
        attribute: &'static str,
    },
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
}

fn capitalised(method: &str) -> String {
    let mut letters = method.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
