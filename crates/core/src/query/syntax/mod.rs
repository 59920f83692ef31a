//! Queries as texts: two syntaxes and the parameters of the oldest API, one parsed form, one meaning.

mod error;
mod json;
mod meaning;
mod method;
mod number;
mod plain;
mod text;

#[cfg(test)]
mod tests;

pub use error::SyntaxError;
pub(crate) use meaning::{Meaning, Side};
pub(crate) use plain::{Plain, plain};

use crate::QueryError;

/// The most queries of a list, as the service documents it.
pub(super) const MAX_QUERIES: usize = 100;
/// The most characters of a query, as the service documents it.
pub(super) const MAX_LENGTH: usize = 4096;
/// How deep `and` and `or` may lie within one another. The service knows no bound; nobody needs more.
pub(super) const MAX_DEPTH: usize = 5;

/// How a client writes its queries.
///
/// ```
/// use rollbook_core::{ListUsers, QuerySyntax};
///
/// ListUsers::from_queries(QuerySyntax::Json, [r#"{"method": "limit", "values": [5]}"#])?;
/// ListUsers::from_queries(QuerySyntax::Text, ["limit(5)"])?;
/// assert!(ListUsers::from_queries(QuerySyntax::Json, ["limit(5)"]).is_err());
/// # Ok::<(), rollbook_core::QueryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the service has had these two")]
pub enum QuerySyntax {
    /// `{"method": "equal", "attribute": "name", "values": ["Ann"]}`, since version 1.5 of the service.
    Json,
    /// `equal("name", ["Ann"])`, versions 1.0 to 1.4: no `and` or `or`, and fewer methods.
    Text,
}

impl QuerySyntax {
    /// The query that `text` is.
    pub(crate) fn parse(self, text: &str) -> Result<ParsedQuery, QueryError> {
        if text.chars().take(MAX_LENGTH + 1).count() > MAX_LENGTH {
            return Err(QueryError::TooLong);
        }
        match self {
            Self::Json => json::parse(text).map_err(QueryError::from),
            Self::Text => text::parse(text),
        }
    }
}

/// A query that was read, whatever the syntax; nothing is known yet of its methods and attributes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ParsedQuery {
    pub(crate) method: String,
    attribute: String,
    values: Vec<ParsedValue>,
}

/// A value of a [`ParsedQuery`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ParsedValue {
    Plain(serde_json::Value),
    /// What `and` and `or` are of.
    Query(ParsedQuery),
}

impl ParsedQuery {
    fn new(
        method: &str,
        attribute: impl Into<String>,
        values: impl IntoIterator<Item = serde_json::Value>,
    ) -> Self {
        let values = values.into_iter().map(ParsedValue::Plain).collect();
        Self { method: method.to_owned(), attribute: attribute.into(), values }
    }
}
