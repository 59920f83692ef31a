//! What parsed queries say of a list.

use serde_json::Value as Json;

use super::method::{Act, Method};
use super::number::numeric;
use super::{MAX_DEPTH, MAX_QUERIES, ParsedQuery, ParsedValue};
use crate::{
    Direction, Field, Filter, Id, Kind, MAX_VALUES, Order, QueryError, SEQUENCE, Schema, Value,
};

/// What a list is asked for. The first limit, offset and cursor count; orders apply one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Meaning {
    schema: &'static Schema,
    queries: usize,
    // A search is refused by the storage, when all queries have been found valid.
    search: Option<&'static str>,
    pub(crate) filters: Vec<Filter>,
    pub(crate) orders: Vec<Order>,
    pub(crate) random: bool,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: Option<u64>,
    pub(crate) cursor: Option<(Id, Side)>,
}

/// Where a page lies, seen from its cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    After,
    Before,
}

/// What a query is.
enum Part {
    Filter(Filter),
    /// An order, a limit, an offset or a cursor.
    Page(Page),
}

enum Page {
    Order(Order),
    Random,
    Limit(u64),
    Offset(u64),
    Cursor(Id, Side),
}

impl Meaning {
    /// Nothing said yet.
    pub(crate) fn new(schema: &'static Schema) -> Self {
        Self {
            schema,
            queries: 0,
            search: None,
            filters: Vec::new(),
            orders: Vec::new(),
            random: false,
            limit: None,
            offset: None,
            cursor: None,
        }
    }

    /// Adds what `query` says.
    pub(crate) fn add(&mut self, query: ParsedQuery) -> Result<(), QueryError> {
        self.queries += 1;
        if self.queries > MAX_QUERIES {
            return Err(QueryError::TooManyQueries);
        }
        match self.part(query, 0)? {
            Part::Filter(filter) => self.filters.push(filter),
            Part::Page(Page::Order(order)) => self.orders.push(order),
            Part::Page(Page::Random) => self.random = true,
            Part::Page(Page::Limit(limit)) => _ = self.limit.get_or_insert(limit),
            Part::Page(Page::Offset(offset)) => _ = self.offset.get_or_insert(offset),
            Part::Page(Page::Cursor(id, side)) => _ = self.cursor.get_or_insert((id, side)),
        }
        Ok(())
    }

    /// All that was said, if it can be answered.
    pub(crate) fn finish(self) -> Result<Self, QueryError> {
        match self.search {
            Some(attribute) => Err(QueryError::NoIndex { attribute }),
            None => Ok(self),
        }
    }

    fn part(&mut self, query: ParsedQuery, depth: usize) -> Result<Part, QueryError> {
        let ParsedQuery { method, attribute, values } = query;
        let Some(Method { name, act }) = Method::named(&method) else {
            return Err(QueryError::Method { method });
        };
        let filter = |filter| Ok(Part::Filter(filter));
        let page = |page| Ok(Part::Page(page));
        match act {
            Act::Group(make) => filter(make(self.members(name, values, depth + 1)?)),
            Act::Test(make) => filter(make(self.field(&attribute)?)),
            Act::One(make) => {
                let [value] = exactly(values).ok_or(QueryError::OneValue { method: name })?;
                let field = self.field(&attribute)?;
                filter(make(field, value_of(field, value)?)?)
            }
            Act::Two(make) => {
                let [low, high] = exactly(values).ok_or(QueryError::TwoValues { method: name })?;
                let field = self.field(&attribute)?;
                filter(make(field, value_of(field, low)?, value_of(field, high)?)?)
            }
            Act::Several(make) => {
                if values.is_empty() {
                    return Err(QueryError::NoValue { method: name });
                }
                let field = self.field(&attribute)?;
                if values.len() > MAX_VALUES {
                    return Err(QueryError::TooManyValues { attribute: field.name() });
                }
                let values = values.into_iter().map(|value| value_of(field, value));
                filter(make(field, values.collect::<Result<_, _>>()?)?)
            }
            Act::Search => {
                let [value] = exactly(values).ok_or(QueryError::OneValue { method: name })?;
                let field = self.field(&attribute)?;
                value_of(field, value)?;
                if field.kind() == Kind::List {
                    return Err(QueryError::List { method: name, attribute: field.name() });
                }
                self.search.get_or_insert(field.name());
                filter(Filter::or([]))
            }
            Act::Order(direction) => {
                let field = if attribute.is_empty() { &SEQUENCE } else { self.field(&attribute)? };
                page(Page::Order(match direction {
                    Direction::Ascending => field.ascending(),
                    Direction::Descending => field.descending(),
                }))
            }
            Act::OrderRandom => page(Page::Random),
            Act::Limit => match whole(values.first()) {
                Whole::Number(limit @ 1..) => page(Page::Limit(limit)),
                Whole::Number(0) | Whole::OutOfRange => {
                    Err(QueryError::LimitRange { least: 1, most: MOST })
                }
                Whole::NoNumber => Err(QueryError::LimitNumber),
            },
            Act::Offset => match whole(values.first()) {
                Whole::Number(offset) => page(Page::Offset(offset)),
                Whole::OutOfRange => Err(QueryError::OffsetRange { most: MOST }),
                Whole::NoNumber => Err(QueryError::OffsetNumber),
            },
            Act::Cursor(side) => match values.into_iter().next() {
                Some(ParsedValue::Plain(Json::String(id))) => {
                    page(Page::Cursor(Id::parse(id).map_err(|_| QueryError::CursorId)?, *side))
                }
                _ => Err(QueryError::CursorId),
            },
            Act::Refused => Err(QueryError::Method { method }),
        }
    }

    /// The filters that `and` and `or` are of.
    fn members(
        &mut self,
        method: &'static str,
        values: Vec<ParsedValue>,
        depth: usize,
    ) -> Result<Vec<Filter>, QueryError> {
        if depth > MAX_DEPTH {
            return Err(QueryError::TooDeep);
        }
        let mut parts = Vec::with_capacity(values.len());
        for value in values {
            match value {
                ParsedValue::Query(query) => parts.push(self.part(query, depth)?),
                ParsedValue::Plain(_) => return Err(QueryError::NotFilters { method }),
            }
        }
        let filter = |part| match part {
            Part::Filter(filter) => Ok(filter),
            Part::Page(_) => Err(QueryError::NotFilters { method }),
        };
        let filters: Vec<Filter> = parts.into_iter().map(filter).collect::<Result<_, _>>()?;
        if filters.len() < 2 {
            return Err(QueryError::FewQueries { method });
        }
        Ok(filters)
    }

    /// The field; of a dotted name that is none, the part before the dot is named, as the service does it.
    fn field(&self, name: &str) -> Result<&'static Field, QueryError> {
        self.schema.field(name).map_err(|error| match name.split_once('.') {
            Some((first, _)) => match self.schema.field(first) {
                Ok(_) => error,
                Err(error) => error,
            },
            None => error,
        })
    }
}

fn exactly<const N: usize>(values: Vec<ParsedValue>) -> Option<[ParsedValue; N]> {
    values.try_into().ok()
}

/// The value as one of the field's type, or of an element of the list that it is.
fn value_of(field: &'static Field, value: ParsedValue) -> Result<Value<'static>, QueryError> {
    let value = match (field.kind(), value) {
        (Kind::Bool, ParsedValue::Plain(Json::Bool(value))) => Some(value.into()),
        (Kind::Int, ParsedValue::Plain(Json::Number(value))) => value.as_i64().map(Value::Int),
        (Kind::Time, ParsedValue::Plain(Json::String(value))) => {
            value.parse().ok().map(Value::Time)
        }
        (Kind::Text | Kind::List, ParsedValue::Plain(Json::String(value))) => Some(value.into()),
        _ => None,
    };
    value.ok_or(QueryError::ValueType { attribute: field.name() })
}

/// What the value of a limit or an offset is.
enum Whole {
    Number(u64),
    OutOfRange,
    NoNumber,
}

fn whole(value: Option<&ParsedValue>) -> Whole {
    let number = match value {
        Some(ParsedValue::Plain(Json::Number(number))) => Some(number.clone()),
        Some(ParsedValue::Plain(Json::String(text))) => numeric(text),
        _ => None,
    };
    match number.map(|number| number.as_u64()) {
        Some(Some(number @ ..=MOST)) => Whole::Number(number),
        Some(_) => Whole::OutOfRange,
        None => Whole::NoNumber,
    }
}

/// The greatest limit and offset.
const MOST: u64 = i64::MAX.unsigned_abs();
