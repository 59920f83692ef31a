//! Places in an order that outlive the row they were taken from.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::{Direction, Document, Field, Kind, Query, QueryError, Timestamp, Value};

/// A place in the order of a query: the sort keys of a row, so that a page continues there even if the row
/// has been changed or deleted since.
///
/// Its text is safe in URLs and not meant to be read; it says which version and which order it is of. A
/// checksum tells when it was cut or mistyped. It is no signature and needs none: who makes one up gets
/// another page of what the query's filters show anyway. It does contain values of the row, so give it
/// only to whom you gave the row.
///
/// ```
/// use rollbook_core::{Cursor, Document, Query, QueryError, Record, User};
///
/// # fn example(row: &Document) -> Result<(), QueryError> {
/// let by_name = Query::new(User::SCHEMA).order(User::NAME.ascending().into());
/// let text = Cursor::new(&by_name, row)?.to_string();
/// let next = by_name.after_cursor(&text.parse()?)?;
/// assert!(Query::new(User::SCHEMA).after_cursor(&text.parse()?).is_err(), "another order");
/// # Ok(()) }
/// assert_eq!("x".parse::<Cursor>(), Err(QueryError::CursorText));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(Place);

/// What the text holds, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place(String, Vec<Key>);

/// The name of a field, its direction, its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Key(String, Way, Json);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Way {
    #[serde(rename = "+")]
    Up,
    #[serde(rename = "-")]
    Down,
}

/// The form of the text; another one gets another number.
const VERSION: u8 = 1;
const CHECKSUM: usize = 6;

impl Cursor {
    /// The place of `row`, of the query's schema, in the query's order.
    ///
    /// # Errors
    ///
    /// [`QueryError::CursorInRandomOrder`] if the query is shuffled.
    pub fn new(query: &Query, row: &Document) -> Result<Self, QueryError> {
        if query.shuffle().is_some() {
            return Err(QueryError::CursorInRandomOrder);
        }
        let key =
            |(field, way): (&Field, Way)| Key(field.name().to_owned(), way, json(field.read(row)));
        Ok(Self(Place(query.schema().name.to_owned(), asked(query).map(key).collect())))
    }

    /// The values by which `query` continues.
    pub(super) fn keys(&self, query: &Query) -> Result<Vec<Value<'static>>, QueryError> {
        if query.shuffle().is_some() {
            return Err(QueryError::CursorInRandomOrder);
        }
        let Self(Place(schema, keys)) = self;
        if schema != query.schema().name || keys.len() != query.orders().len() {
            return Err(QueryError::CursorOrder);
        }
        let value = |(Key(name, stored, value), (field, way)): (&Key, (&Field, Way))| {
            let fits = name == field.name() && *stored == way;
            fits.then(|| value_of(field, value)).flatten()
        };
        let values = keys.iter().zip(asked(query)).map(value).collect::<Option<_>>();
        values.ok_or(QueryError::CursorOrder)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = serde_json::to_vec(&self.0).map_err(|_| fmt::Error)?;
        let bytes = [&[VERSION][..], &checksum(&place), &place].concat();
        f.write_str(&BASE64.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        let bytes = BASE64.decode(text).map_err(|_| QueryError::CursorText)?;
        let Some((&[VERSION, ref sum @ ..], place)) = bytes.split_first_chunk::<{ 1 + CHECKSUM }>()
        else {
            return Err(QueryError::CursorText);
        };
        if *sum != checksum(place) {
            return Err(QueryError::CursorText);
        }
        serde_json::from_slice(place).map(Self).map_err(|_| QueryError::CursorText)
    }
}

/// The sort keys as they were asked for, also when the query runs backwards.
fn asked(query: &Query) -> impl Iterator<Item = (&'static Field, Way)> {
    query.orders().iter().map(|order| {
        let way = match order.direction {
            Direction::Ascending => Way::Up,
            Direction::Descending => Way::Down,
        };
        let turned = match way {
            Way::Up => Way::Down,
            Way::Down => Way::Up,
        };
        (order.field, if query.backwards { turned } else { way })
    })
}

fn checksum(place: &[u8]) -> [u8; CHECKSUM] {
    let digest = Sha256::digest(place);
    std::array::from_fn(|place| digest[place])
}

fn json(value: Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::Time(value) => value.as_millis().into(),
        Value::Text(value) => value.into(),
        Value::List(value) => value.into_owned().into(),
    }
}

fn value_of(field: &Field, value: &Json) -> Option<Value<'static>> {
    Some(match (field.kind(), value) {
        (_, Json::Null) => Value::Null,
        (Kind::Bool, value) => Value::Bool(value.as_bool()?),
        (Kind::Int, value) => Value::Int(value.as_i64()?),
        (Kind::Time, value) => Value::Time(Timestamp::from_millis(value.as_i64()?).ok()?),
        (Kind::Text, value) => Value::from(value.as_str()?.to_owned()),
        (Kind::List, value) => {
            let texts = value.as_array()?.iter().map(|text| text.as_str().map(ToOwned::to_owned));
            Value::List(texts.collect::<Option<Vec<String>>>()?.into())
        }
    })
}
