//! Parts: statements that are read one after the other, because no index has the order of the whole.
//!
//! An index on a field and the sequence serves both keys upwards or both downwards. Where one goes up and
//! the other down, or where what follows a row is "less, or null", the rows without a value are a part of
//! their own. Of a flag, each of its values is: within a part only the sequence orders.

use rollbook_core::{Direction, Field, Filter, ID, Kind, Order, Query, SEQUENCE, Value};

use crate::name::has_index;
use crate::plan::{conjuncts, lead};

/// The rows of a query about which one thing is known.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) filters: Vec<Filter>,
    pub(crate) orders: Vec<Order>,
}

/// The parts of `query`, in its order; nothing if it needs none.
pub(crate) fn parts(query: &Query) -> Option<Vec<Part>> {
    let [first, rest @ ..] = query.orders() else { return None };
    let (schema, field) = (query.schema(), first.field);
    if field == &ID
        || field == &SEQUENCE
        || !has_index(schema, field)
        || lead(query.filters()).is_some()
    {
        return None;
    }
    let [second] = rest else { return None };
    let mixed = second.field == &SEQUENCE && second.direction != first.direction;
    if !mixed && !continues(query.filters(), first) {
        return None;
    }
    let mut known = match field.kind() {
        Kind::Bool => vec![Known::Null, Known::Flag(false), Known::Flag(true)],
        _ => vec![Known::Null, Known::Value],
    };
    if first.direction == Direction::Descending {
        known.reverse();
    }
    let parts = known.into_iter().filter_map(|known| {
        let mut filters = vec![known.filter(field)];
        for filter in query.filters() {
            match known.simplified(filter, field) {
                Filter::Or { filters, .. } if filters.is_empty() => return None,
                Filter::And { filters: more, .. } => filters.extend(more),
                filter => filters.push(filter),
            }
        }
        let orders = if known == Known::Value { query.orders() } else { rest };
        Some(Part { filters, orders: orders.to_vec() })
    });
    Some(parts.collect())
}

/// Whether the filters ask for what follows a row downwards: less, or null.
fn continues(filters: &[Filter], first: &Order) -> bool {
    let null =
        |filter: &Filter| matches!(filter, Filter::IsNull { field, .. } if *field == first.field);
    first.direction == Direction::Descending
        && conjuncts(filters)
            .into_iter()
            .any(|filter| matches!(filter, Filter::Or { filters, .. } if filters.iter().any(null)))
}

/// What is known of a field in a part.
#[derive(Clone, Copy, PartialEq)]
enum Known {
    Null,
    Flag(bool),
    /// That there is a value.
    Value,
}

impl Known {
    fn filter(self, field: &'static Field) -> Filter {
        match self {
            Self::Null => field.is_null(),
            Self::Flag(value) => field.equal([value]).expect("the field is a flag"),
            Self::Value => field.is_not_null(),
        }
    }

    /// The filter, where what is known of `field` decides it.
    fn simplified(self, filter: &Filter, field: &Field) -> Filter {
        match filter {
            Filter::And { filters, .. } => self.all(filters, field),
            Filter::Or { filters, .. } => self.any(filters, field),
            filter => match self.decides(filter, field) {
                Some(true) => Filter::and([]),
                Some(false) => Filter::or([]),
                None => filter.clone(),
            },
        }
    }

    fn all(self, filters: &[Filter], field: &Field) -> Filter {
        let mut left = Vec::new();
        for filter in filters {
            match self.simplified(filter, field) {
                Filter::And { filters, .. } => left.extend(filters),
                Filter::Or { filters, .. } if filters.is_empty() => return Filter::or([]),
                filter => left.push(filter),
            }
        }
        one_or(left, Filter::and)
    }

    fn any(self, filters: &[Filter], field: &Field) -> Filter {
        let mut left = Vec::new();
        for filter in filters {
            match self.simplified(filter, field) {
                Filter::Or { filters, .. } => left.extend(filters),
                Filter::And { filters, .. } if filters.is_empty() => return Filter::and([]),
                filter => left.push(filter),
            }
        }
        one_or(left, Filter::or)
    }

    fn decides(self, filter: &Filter, known: &Field) -> Option<bool> {
        let compare = |field: &Field, accept: &dyn Fn(&Value<'_>) -> bool| match self {
            _ if field != known => None,
            Self::Null => Some(false),
            Self::Flag(value) => Some(accept(&Value::Bool(value))),
            Self::Value => None,
        };
        match filter {
            Filter::IsNull { field, .. } if *field == known => Some(self == Self::Null),
            Filter::IsNotNull { field, .. } if *field == known => Some(self != Self::Null),
            Filter::Equal { field, values, .. } => {
                compare(field, &|own| values.iter().any(|value| own == value))
            }
            Filter::NotEqual { field, value, .. } => compare(field, &|own| own != value),
            Filter::Less { field, value, .. } => compare(field, &|own| own.order(value).is_lt()),
            Filter::LessEqual { field, value, .. } => {
                compare(field, &|own| own.order(value).is_le())
            }
            Filter::Greater { field, value, .. } => compare(field, &|own| own.order(value).is_gt()),
            Filter::GreaterEqual { field, value, .. } => {
                compare(field, &|own| own.order(value).is_ge())
            }
            _ => None,
        }
    }
}

fn one_or(mut filters: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    match filters.len() {
        1 => filters.remove(0),
        _ => many(filters),
    }
}
