//! Orders, and the filters that continue them after a row.

use std::cmp::Ordering;

use crate::{Document, Field, Filter, ID, SEQUENCE, Value};

/// Up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no third direction")]
pub enum Direction {
    /// Smallest first; nulls come first.
    Ascending,
    /// Greatest first; nulls come last.
    Descending,
}

impl Direction {
    /// The other direction.
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// One sort key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Order {
    /// The field to sort by.
    pub field: &'static Field,
    /// Which way.
    pub direction: Direction,
}

impl Field {
    /// Sort by this field, smallest first, nulls first.
    pub const fn ascending(&'static self) -> Order {
        Order { field: self, direction: Direction::Ascending }
    }

    /// Sort by this field, greatest first, nulls last.
    pub const fn descending(&'static self) -> Order {
        Order { field: self, direction: Direction::Descending }
    }
}

impl Order {
    fn compare(&self, a: &Document, b: &Document) -> Ordering {
        let ordering = self.field.read(a).order(&self.field.read(b));
        match self.direction {
            Direction::Ascending => ordering,
            Direction::Descending => ordering.reverse(),
        }
    }
}

/// Completes `orders` to a total order: ties are broken by the order of insertion.
///
/// The insertion order ascends, except when the first key is a time of creation or update: then it
/// takes the direction of that key, so that "newest first" is also "last inserted first",
/// as the service has it.
pub(super) fn total(mut orders: Vec<Order>) -> Vec<Order> {
    if orders.iter().any(|order| order.field == &ID || order.field == &SEQUENCE) {
        return orders;
    }
    let direction = match orders.first() {
        Some(first) if matches!(first.field.name(), "$createdAt" | "$updatedAt") => first.direction,
        _ => Direction::Ascending,
    };
    orders.push(Order { field: &SEQUENCE, direction });
    orders
}

/// How two documents stand in a total order.
pub(super) fn compare(orders: &[Order], a: &Document, b: &Document) -> Ordering {
    orders.iter().map(|order| order.compare(a, b)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}

/// What comes after the row whose sort keys are `keys`: the lexicographic "greater", null rules included.
///
/// For keys a, b it is `a > A or (a = A and b > B)`; a bound on the first key alone stands before it,
/// so that an engine can seek to the row instead of testing every row before it.
pub(super) fn after(orders: &[Order], keys: &[Value<'static>]) -> Filter {
    let mut alternatives = Vec::new();
    for (place, (order, key)) in orders.iter().zip(keys).enumerate() {
        let Some(beyond) = beyond(*order, key) else { continue };
        let equal = orders.iter().zip(keys).take(place).map(|(order, key)| same(*order, key));
        let mut conditions: Vec<Filter> = equal.collect();
        conditions.push(beyond);
        alternatives.push(one_or(conditions, |filters| Filter::And { filters }));
    }
    let bound = match (orders, keys) {
        ([order, _, ..], [key, ..]) => from(*order, key),
        _ => None,
    };
    let after = one_or(alternatives, |filters| Filter::Or { filters });
    match bound {
        Some(bound) => Filter::and([bound, after]),
        None => after,
    }
}

fn one_or(mut filters: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    match filters.len() {
        1 => filters.remove(0),
        _ => many(filters),
    }
}

fn same(order: Order, key: &Value<'static>) -> Filter {
    match key {
        Value::Null => Filter::IsNull { field: order.field },
        key => Filter::Equal { field: order.field, values: vec![key.clone()] },
    }
}

/// Strictly after `key`; nothing comes after a null in descending order.
fn beyond(order: Order, key: &Value<'static>) -> Option<Filter> {
    match (order.direction, key) {
        (Direction::Ascending, Value::Null) => Some(Filter::IsNotNull { field: order.field }),
        (Direction::Ascending, key) => {
            Some(Filter::Greater { field: order.field, value: key.clone() })
        }
        (Direction::Descending, Value::Null) => None,
        (Direction::Descending, key) if is_never_null(order.field) => {
            Some(Filter::Less { field: order.field, value: key.clone() })
        }
        (Direction::Descending, key) => Some(Filter::or([
            Filter::Less { field: order.field, value: key.clone() },
            Filter::IsNull { field: order.field },
        ])),
    }
}

/// At `key` or after it, where one range says so.
fn from(order: Order, key: &Value<'static>) -> Option<Filter> {
    match (order.direction, key) {
        (Direction::Ascending, Value::Null) => None,
        (Direction::Ascending, key) => {
            Some(Filter::GreaterEqual { field: order.field, value: key.clone() })
        }
        (Direction::Descending, Value::Null) => Some(Filter::IsNull { field: order.field }),
        (Direction::Descending, key) if is_never_null(order.field) => {
            Some(Filter::LessEqual { field: order.field, value: key.clone() })
        }
        (Direction::Descending, key) => Some(Filter::or([
            Filter::LessEqual { field: order.field, value: key.clone() },
            Filter::IsNull { field: order.field },
        ])),
    }
}

/// Whether "or null" is left out: an engine that has to look for nulls can't seek.
fn is_never_null(field: &Field) -> bool {
    field == &ID || field == &SEQUENCE
}
