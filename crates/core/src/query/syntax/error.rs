//! Why a text is no query.

/// What is wrong with the form of a query, in the service's words: a type is named as PHP names it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SyntaxError {
    /// It is not JSON.
    #[error("Invalid query: Syntax error")]
    Json,
    /// It is JSON, but no object.
    #[error("Invalid query. Must be an array, got {got}")]
    Object {
        /// The type that it is of.
        got: &'static str,
    },
    /// The method is no text.
    #[error("Invalid query method. Must be a string, got {got}")]
    MethodType {
        /// The type that it is of.
        got: &'static str,
    },
    /// There is no such method.
    #[error("Invalid query method: {method}")]
    Method {
        /// The method, empty if none was named.
        method: String,
    },
    /// The attribute is no text.
    #[error("Invalid query attribute. Must be a string, got {got}")]
    AttributeType {
        /// The type that it is of.
        got: &'static str,
    },
    /// The values are no list.
    #[error("Invalid query values. Must be an array, got {got}")]
    ValuesType {
        /// The type that they are of.
        got: &'static str,
    },
    /// A query in the text syntax has no parenthesis.
    #[error("Invalid query")]
    Text,
    /// The method of a query in the text syntax has a dot, as queries had before version 1.0.
    #[error("Invalid query method")]
    Dotted,
}
