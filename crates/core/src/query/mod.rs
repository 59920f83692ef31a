//! Queries: filters, an order, and a page. [`Query::run`] says what they mean.

mod attribute;
mod condition;
mod cursor;
mod error;
mod field;
mod filter;
mod order;
mod search;
mod shuffle;
mod syntax;

pub(crate) use attribute::attributes;
pub use attribute::{Attribute, Operand, Ordered};
pub use condition::{Condition, Sort};
pub use cursor::Cursor;
pub use error::QueryError;
pub use field::MAX_VALUES;
pub use filter::Filter;
pub use order::{Direction, Order};
pub use search::{MAX_SEARCH_CHARACTERS, Search, SearchWord, tokens};
pub use shuffle::Shuffle;
pub(crate) use syntax::{Meaning, Plain, Side, plain};
pub use syntax::{QuerySyntax, SyntaxError};

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::{Document, Field, ID, SEQUENCE, Schema, Value};

/// Which documents of one schema, in which order, from where, how many.
///
/// A query is valid by construction: its fields exist and its values have the fields' types. It knows
/// no cursor: [`Query::after`] and [`Query::before`] turn one into a filter.
///
/// ```
/// use rollbook_core::{Query, Record, User};
///
/// let name = User::SCHEMA.field("name")?;
/// let query = Query::new(User::SCHEMA)
///     .filter(name.starts_with("An")?)
///     .order(name.descending())
///     .limit(25);
/// assert_eq!(query.orders().len(), 2, "ties are broken by the order of insertion");
/// # Ok::<(), rollbook_core::QueryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    schema: &'static Schema,
    filters: Vec<Filter>,
    // The keys that were asked for, and the same completed to a total order.
    keys: Vec<Order>,
    orders: Cow<'static, [Order]>,
    shuffle: Option<Shuffle>,
    limit: Option<u64>,
    offset: u64,
    // Rows are wanted from the end: the order is turned round, and so is the answer, by the caller.
    backwards: bool,
    // The sort keys of the row after which it starts.
    start: Option<Vec<Value<'static>>>,
}

/// The order of a query that asks for none.
static INSERTION: [Order; 1] = [SEQUENCE.ascending()];

impl Query {
    /// All documents of `schema`, in the order of insertion.
    pub fn new(schema: &'static Schema) -> Self {
        Self {
            schema,
            filters: Vec::new(),
            keys: Vec::new(),
            orders: Cow::Borrowed(&INSERTION),
            shuffle: None,
            limit: None,
            offset: 0,
            backwards: false,
            start: None,
        }
    }

    /// Those that satisfy `filter`, which is on fields of the same schema, as well.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// Those that satisfy all of `filters` as well.
    pub fn filters_all(mut self, filters: impl IntoIterator<Item = Filter>) -> Self {
        self.filters.extend(filters);
        self
    }

    /// Sorted by `order` after the keys given before; ties keep the order of insertion.
    ///
    /// To be called before [`after`](Self::after) and [`before`](Self::before), which depend on it.
    pub fn order(mut self, order: Order) -> Self {
        if !self.keys.iter().any(|key| key.field == order.field) {
            self.keys.push(order);
        }
        self.orders = Cow::Owned(order::total(self.keys.clone()));
        self.start = None;
        self.shuffle = None;
        self
    }

    /// In the random order of `shuffle`, whatever keys were given before.
    ///
    /// Such a query continues after no row, as the next one has another order: with a cursor it selects
    /// nothing. With the same seed and an offset it can be read page by page.
    pub fn shuffled(mut self, shuffle: Shuffle) -> Self {
        self.keys.clear();
        self.orders = Cow::Borrowed(&[]);
        self.start = None;
        self.shuffle = Some(shuffle);
        self
    }

    /// At most `limit` documents.
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Without the first `offset` documents. The cost of a page grows with it; prefer a cursor.
    pub fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// Those that come after `row` in this order.
    pub fn after(self, row: &Document) -> Self {
        let keys = self.keys_of(row);
        self.after_keys(&keys)
    }

    /// Those that come before `row` in this order, the nearest of them if there is a limit.
    ///
    /// The query then runs in the opposite order; [`Query::restore`] puts its rows right.
    pub fn before(self, row: &Document) -> Self {
        let keys = self.keys_of(row);
        self.reversed().after_keys(&keys)
    }

    /// Those that come after the row that `cursor` is of, whether it is still there or not.
    ///
    /// # Errors
    ///
    /// [`QueryError::CursorOrder`] if the cursor is of a query in another order or of another schema;
    /// [`QueryError::CursorInRandomOrder`] if this query is shuffled.
    pub fn after_cursor(self, cursor: &Cursor) -> Result<Self, QueryError> {
        let keys = cursor.keys(&self)?;
        Ok(self.after_keys(&keys))
    }

    /// Those that come before the row that `cursor` is of, as [`before`](Self::before) does it.
    ///
    /// # Errors
    ///
    /// As [`after_cursor`](Self::after_cursor).
    pub fn before_cursor(self, cursor: &Cursor) -> Result<Self, QueryError> {
        let keys = cursor.keys(&self)?;
        Ok(self.reversed().after_keys(&keys))
    }

    fn reversed(mut self) -> Self {
        for order in self.orders.to_mut() {
            order.direction = order.direction.reversed();
        }
        self.backwards = !self.backwards;
        self
    }

    fn keys_of(&self, row: &Document) -> Vec<Value<'static>> {
        self.orders.iter().map(|order| order.field.read(row).into_owned()).collect()
    }

    fn after_keys(mut self, keys: &[Value<'static>]) -> Self {
        let filter = order::after(&self.orders, keys);
        self.start = Some(keys.to_vec());
        self.filter(filter)
    }

    /// Brings the rows of this query into the order that was asked for.
    pub fn restore<T>(&self, rows: &mut [T]) {
        if self.backwards {
            rows.reverse();
        }
    }

    /// The schema.
    pub fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// The conditions; all must hold.
    pub fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// The sort keys; they order any two documents. There are none if the query is shuffled.
    pub fn orders(&self) -> &[Order] {
        &self.orders
    }

    /// The sort keys after which a page starts, if it starts after a row. The filters say the same; this is
    /// for a store that can seek there.
    pub fn start(&self) -> Option<&[Value<'static>]> {
        self.start.as_deref()
    }

    /// The random order, if it is asked for: by rank, ties by sequence.
    pub fn shuffle(&self) -> Option<&Shuffle> {
        self.shuffle.as_ref()
    }

    /// The most documents to return; `None` is all.
    pub fn max(&self) -> Option<u64> {
        self.limit
    }

    /// How many documents to skip.
    pub fn skip(&self) -> u64 {
        self.offset
    }

    /// Whether `document` satisfies the filters.
    pub fn matches(&self, document: &Document) -> bool {
        self.filters.iter().all(|filter| filter.matches(document))
    }

    /// How two documents stand in the order.
    pub fn compare(&self, a: &Document, b: &Document) -> Ordering {
        match self.shuffle {
            Some(shuffle) => {
                let place = |row: &Document| (shuffle.rank(row.sequence()), row.sequence());
                place(a).cmp(&place(b))
            }
            None => order::compare(&self.orders, a, b),
        }
    }

    /// The documents among `documents` that the query selects: the meaning of every query.
    ///
    /// Every store returns what this does over all its documents, whatever way it takes.
    pub fn run<'a>(&self, documents: impl IntoIterator<Item = &'a Document>) -> Vec<Document> {
        let mut rows: Vec<&Document> =
            documents.into_iter().filter(|document| self.matches(document)).collect();
        rows.sort_by(|a, b| self.compare(a, b));
        let offset = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let limit = self.limit.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
        rows.into_iter().skip(offset).take(limit).cloned().collect()
    }

    /// The values of `field` that the filters pin down, if they do: any match has one of them.
    ///
    /// What a store asks to find an index to start from.
    pub fn pinned(&self, field: &Field) -> Option<&[Value<'static>]> {
        fn pinned<'q>(filters: &'q [Filter], field: &Field) -> Option<&'q [Value<'static>]> {
            filters.iter().find_map(|filter| match filter {
                Filter::Equal { field: named, values } if *named == field => {
                    Some(values.as_slice())
                }
                Filter::And { filters } => pinned(filters, field),
                _ => None,
            })
        }
        pinned(&self.filters, field)
    }

    /// Whether the filters give a few values of `$id`, or of every field of a unique tuple: a few documents
    /// satisfy them, and each is found by a key.
    pub fn is_look_up(&self) -> bool {
        let few = |field: &Field| self.pinned(field).is_some_and(|values| values.len() <= 4);
        few(&ID)
            || self.schema.uniques.iter().any(|unique| self.schema.unique_fields(unique).all(few))
    }

    /// The same page of records of another type, by filters and sort keys that mean the same there.
    pub(crate) fn translated(
        &self,
        schema: &'static Schema,
        filters: Vec<Filter>,
        key: impl Fn(&Order) -> Order,
        start: Option<Vec<Value<'static>>>,
    ) -> Self {
        let Self { keys, orders, shuffle, limit, offset, backwards, .. } = self;
        Self {
            schema,
            filters,
            keys: keys.iter().map(&key).collect(),
            orders: orders.iter().map(&key).collect(),
            shuffle: *shuffle,
            limit: *limit,
            offset: *offset,
            backwards: *backwards,
            start,
        }
    }
}

#[cfg(test)]
mod tests;
