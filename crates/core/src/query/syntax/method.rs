//! The methods of the query language: what each does and how many values it takes.

use crate::{Direction, Field, Filter, QueryError, Value};

use super::meaning::Side;

/// A method.
pub(super) struct Method {
    pub(super) name: &'static str,
    pub(super) act: Act,
}

type Made = Result<Filter, QueryError>;

/// What a method does with its attribute and values.
pub(super) enum Act {
    /// A filter that looks at no value.
    Test(fn(&'static Field) -> Filter),
    /// A filter of one value.
    One(fn(&'static Field, Value<'static>) -> Made),
    /// A filter of two values.
    Two(fn(&'static Field, Value<'static>, Value<'static>) -> Made),
    /// A filter of at least one value.
    Several(fn(&'static Field, Vec<Value<'static>>) -> Made),
    /// A search for words of the attribute.
    Search,
    /// A filter of filters.
    Group(fn(Vec<Filter>) -> Filter),
    Order(Direction),
    OrderRandom,
    Limit,
    Offset,
    Cursor(Side),
    /// Known, but not to lists of users.
    Refused,
}

static METHODS: &[Method] = &[
    several("equal", Field::equal),
    one("notEqual", Field::not_equal),
    one("lessThan", Field::less),
    one("lessThanEqual", Field::less_equal),
    one("greaterThan", Field::greater),
    one("greaterThanEqual", Field::greater_equal),
    two("between", Field::between),
    two("notBetween", Field::not_between),
    one("startsWith", |field, value| field.starts_with(text(value))),
    one("notStartsWith", |field, value| field.not_starts_with(text(value))),
    one("endsWith", |field, value| field.ends_with(text(value))),
    one("notEndsWith", |field, value| field.not_ends_with(text(value))),
    several("contains", |field, values| field.contains(values.into_iter().map(text))),
    several("containsAny", |field, values| field.contains(values.into_iter().map(text))),
    several("containsAll", |field, values| field.contains_all(values.into_iter().map(text))),
    several("notContains", |field, values| field.not_contains(values.into_iter().map(text))),
    method("isNull", Act::Test(Field::is_null)),
    method("isNotNull", Act::Test(Field::is_not_null)),
    method("search", Act::Search),
    method("notSearch", Act::Search),
    method("and", Act::Group(|filters| Filter::And { filters })),
    method("or", Act::Group(|filters| Filter::Or { filters })),
    method("orderAsc", Act::Order(Direction::Ascending)),
    method("orderDesc", Act::Order(Direction::Descending)),
    method("orderRandom", Act::OrderRandom),
    method("limit", Act::Limit),
    method("offset", Act::Offset),
    method("cursorAfter", Act::Cursor(Side::After)),
    method("cursorBefore", Act::Cursor(Side::Before)),
    method("select", Act::Refused),
];

impl Method {
    /// The method called `name`, letter for letter.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        METHODS.iter().find(|method| method.name == name)
    }
}

const fn method(name: &'static str, act: Act) -> Method {
    Method { name, act }
}

const fn one(name: &'static str, make: fn(&'static Field, Value<'static>) -> Made) -> Method {
    method(name, Act::One(make))
}

const fn two(
    name: &'static str,
    make: fn(&'static Field, Value<'static>, Value<'static>) -> Made,
) -> Method {
    method(name, Act::Two(make))
}

const fn several(
    name: &'static str,
    make: fn(&'static Field, Vec<Value<'static>>) -> Made,
) -> Method {
    method(name, Act::Several(make))
}

/// The text that the value is; a field of another type refuses the method anyway.
fn text(value: Value<'static>) -> String {
    match value {
        Value::Text(text) => text.into_owned(),
        _ => String::new(),
    }
}
