//! The parameters of the oldest API: `search`, `limit`, `offset`, `cursor`, `cursorDirection`, `orderType`.

use serde_json::Value;

use super::ParsedQuery;
use super::number::numeric;
use crate::query::error::grouped;
use crate::{Error, Id};

/// What the parameters are as queries.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    pub(crate) queries: Vec<ParsedQuery>,
    /// Asked for apart, as no query has it.
    pub(crate) limit: Option<u64>,
    pub(crate) search: Option<String>,
}

const MOST_LIMIT: u64 = 100;
const MOST_OFFSET: u64 = 5000;
const MOST_SEARCH_CHARACTERS: usize = 256;

/// Reads parameters. Of two with one name the last counts, unknown ones are ignored, and so are an empty
/// search and an empty cursor.
pub(crate) fn plain<N: AsRef<str>, V: AsRef<str>>(
    parameters: impl IntoIterator<Item = (N, V)>,
) -> Result<Plain, Error> {
    let mut plain = Plain::default();
    let (mut offset, mut cursor) = (None, None);
    let (mut cursor_method, mut order_method) = ("cursorAfter", "orderAsc");
    for (name, value) in parameters {
        let value = value.as_ref();
        match name.as_ref() {
            "search" => {
                if value.chars().take(MOST_SEARCH_CHARACTERS + 1).count() > MOST_SEARCH_CHARACTERS {
                    let reason = "Value must be a valid string and no longer than 256 chars";
                    return Err(Error::invalid("search", reason));
                }
                plain.search = (!value.is_empty()).then(|| value.to_owned());
            }
            "limit" => plain.limit = Some(number("limit", value, MOST_LIMIT)?),
            "offset" => offset = Some(number("offset", value, MOST_OFFSET)?),
            "cursor" => {
                let id = (!value.is_empty()).then(|| Id::parse(value)).transpose();
                cursor = id.map_err(|_| {
                    let reason = "UID must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, and \
                                  underscore. Can't start with a leading underscore";
                    Error::invalid("cursor", reason)
                })?;
            }
            "cursorDirection" => {
                cursor_method = match value.to_ascii_lowercase().as_str() {
                    "after" => "cursorAfter",
                    "before" => "cursorBefore",
                    _ => {
                        let reason = "Value must be one of (after, before)";
                        return Err(Error::invalid("cursorDirection", reason));
                    }
                }
            }
            "orderType" => {
                order_method = match value {
                    "ASC" => "orderAsc",
                    "DESC" => "orderDesc",
                    _ => {
                        let reason = "Value must be one of (ASC, DESC)";
                        return Err(Error::invalid("orderType", reason));
                    }
                }
            }
            _ => {}
        }
    }
    let one = |method, value: Value| ParsedQuery::new(method, "", [value]);
    plain.queries.extend(offset.map(|offset| one("offset", offset.into())));
    plain.queries.extend(cursor.map(|id: Id| one(cursor_method, id.as_str().into())));
    plain.queries.push(ParsedQuery::new(order_method, "", []));
    Ok(plain)
}

fn number(name: &'static str, value: &str, most: u64) -> Result<u64, Error> {
    let number = numeric(value).and_then(|number| number.as_u64());
    number.filter(|number| *number <= most).ok_or_else(|| {
        Error::invalid(name, format!("Value must be a valid range between 0 and {}", grouped(most)))
    })
}
