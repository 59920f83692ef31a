//! Conditions and sort keys whose record type is known.

use std::fmt;
use std::marker::PhantomData;

use crate::{Field, Filter, Order};

/// A condition on records of type `R`.
///
/// ```
/// use rollbook_core::{Condition, User};
///
/// let named = User::NAME.is_not_null().and(User::NAME.not_equal(""));
/// let either = Condition::any([User::NAME.equal("Ann"), User::NAME.equal("Bob")]);
/// assert_ne!(named, either);
/// assert_eq!(either, User::NAME.equal("Ann").or(User::NAME.equal("Bob")));
/// ```
pub struct Condition<R> {
    filter: Filter,
    record: PhantomData<fn() -> R>,
}

/// A sort key of records of type `R`.
///
/// ```
/// use rollbook_core::{Direction, Order, User};
///
/// let order = Order::from(User::CREATED_AT.descending());
/// assert_eq!((order.field.name(), order.direction), ("$createdAt", Direction::Descending));
/// ```
pub struct Sort<R> {
    order: Order,
    record: PhantomData<fn() -> R>,
}

impl<R> Condition<R> {
    pub(super) const fn new(filter: Filter) -> Self {
        Self { filter, record: PhantomData }
    }

    /// All of `conditions` hold; true if there are none.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Filter::and(conditions.into_iter().map(Filter::from)))
    }

    /// One of `conditions` holds; false if there are none.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Filter::or(conditions.into_iter().map(Filter::from)))
    }

    /// This one holds and `other` as well.
    pub fn and(self, other: Self) -> Self {
        match self.filter {
            // A long chain becomes one list rather than a deep nest.
            Filter::And { mut filters } => {
                filters.push(other.filter);
                Self::new(Filter::And { filters })
            }
            filter => Self::new(Filter::and([filter, other.filter])),
        }
    }

    /// This one holds, or `other`.
    pub fn or(self, other: Self) -> Self {
        match self.filter {
            Filter::Or { mut filters } => {
                filters.push(other.filter);
                Self::new(Filter::Or { filters })
            }
            filter => Self::new(Filter::or([filter, other.filter])),
        }
    }

    /// There is a value of `field`, which the condition is on, and it does not hold.
    pub(super) fn not(self, field: &'static Field) -> Self {
        Self::new(Filter::Not { field, filter: Box::new(self.filter) })
    }
}

impl<R> Sort<R> {
    pub(super) const fn new(order: Order) -> Self {
        Self { order, record: PhantomData }
    }
}

impl<R> From<Condition<R>> for Filter {
    fn from(condition: Condition<R>) -> Self {
        condition.filter
    }
}

impl<R> Clone for Condition<R> {
    fn clone(&self) -> Self {
        Self::new(self.filter.clone())
    }
}

impl<R> PartialEq for Condition<R> {
    fn eq(&self, other: &Self) -> bool {
        self.filter == other.filter
    }
}

impl<R> fmt::Debug for Condition<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.filter.fmt(f)
    }
}

impl<R> From<Sort<R>> for Order {
    fn from(sort: Sort<R>) -> Self {
        sort.order
    }
}

impl<R> Clone for Sort<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Sort<R> {}

impl<R> fmt::Debug for Sort<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.order.fmt(f)
    }
}
