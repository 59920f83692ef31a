//! Lists, page by page.

use std::marker::PhantomData;

use rollbook_macros::verb;

use super::Users;
use crate::query::{Meaning, Plain, Side, plain};
use crate::{
    Condition, Cursor, Error, Filter, Order, Query, QueryError, QuerySyntax, Record, Schema,
    Shuffle, Sort, Stored, User,
};

/// Which users, in which order, and which page of them.
///
/// Conditions and orders are made of the constants of [`User`], or read from the queries of a client.
///
/// ```
/// use rollbook_core::{ListUsers, QuerySyntax, User};
///
/// let blocked = ListUsers::new()
///     .filter(User::STATUS.equal(false))
///     .order(User::CREATED_AT.descending())
///     .limit(100);
/// let same = ListUsers::from_queries(
///     QuerySyntax::Text,
///     [r#"equal("status", [false])"#, r#"orderDesc("$createdAt")"#, "limit(100)"],
/// )?;
/// assert_eq!(blocked, same);
/// # Ok::<(), rollbook_core::QueryError>(())
/// ```
pub type ListUsers = List<User>;

/// Which records, in which order, and which page of them. See [`ListUsers`].
#[derive(Clone, Debug, PartialEq)]
pub struct List<R> {
    filters: Vec<Filter>,
    sorting: Sorting,
    limit: u64,
    offset: u64,
    cursor: Option<(Anchor, Side)>,
    total: bool,
    record: PhantomData<fn() -> R>,
}

#[derive(Clone, Debug, PartialEq)]
enum Sorting {
    Keys(Vec<Order>),
    /// Random by this seed, or by one that is drawn.
    Random(Option<u64>),
}

/// What a page starts from.
#[derive(Clone, Debug, PartialEq)]
enum Anchor {
    Record(String),
    Place(Cursor),
}

/// A page of users.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UserList {
    /// How many users satisfy the filters, on all pages; 0 if it was not asked for.
    pub total: u64,
    /// The users of this page.
    pub users: Vec<Stored<User>>,
    // In the order of the page, for cursors.
    order: Query,
}

/// A page of records.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page<R> {
    /// How many records satisfy the filters, on all pages; 0 if it was not asked for.
    pub total: u64,
    /// The records of this page.
    pub records: Vec<Stored<R>>,
    // In the order of the page, for cursors.
    order: Query,
}

impl<R: Record> Page<R> {
    /// The place of the first record: the page before ends there.
    ///
    /// `None` if the page is empty or in random order.
    pub fn first_cursor(&self) -> Option<Cursor> {
        Cursor::new(&self.order, self.records.first()?.document()).ok()
    }

    /// The place of the last record: the page after begins there.
    pub fn last_cursor(&self) -> Option<Cursor> {
        Cursor::new(&self.order, self.records.last()?.document()).ok()
    }
}

impl UserList {
    /// The place of the first user: the page before ends there.
    ///
    /// `None` if the page is empty or in random order.
    pub fn first_cursor(&self) -> Option<Cursor> {
        self.cursor(self.users.first())
    }

    /// The place of the last user: the page after begins there.
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// let page = users.list(ListUsers::new()).await?;
    /// if let Some(cursor) = page.last_cursor() {
    ///     let next = users.list(ListUsers::new().after_cursor(cursor)).await?;
    ///     assert!(next.users.iter().all(|user| user.sequence() > page.users[0].sequence()));
    /// }
    /// # Ok(()) }
    /// ```
    pub fn last_cursor(&self) -> Option<Cursor> {
        self.cursor(self.users.last())
    }

    /// The page as the service's response model `userList`.
    pub fn to_wire(&self) -> serde_json::Value {
        let users: Vec<_> = self.users.iter().map(|user| user.to_wire()).collect();
        serde_json::json!({ "total": self.total, "users": users })
    }

    fn cursor(&self, user: Option<&Stored<User>>) -> Option<Cursor> {
        Cursor::new(&self.order, user?.document()).ok()
    }
}

/// What a record is called if it is not found (`spec/users-api.md`, 2.5.1 and 2.8).
fn noun(schema: &Schema) -> &'static str {
    match schema.name {
        "targets" => "Target",
        "memberships" => "Membership",
        "teams" => "Team",
        _ => "User",
    }
}

/// The users of a page unless the caller says otherwise, as the service has it.
const DEFAULT_LIMIT: u64 = 25;
/// The most records of a page.
const MOST_RECORDS: u64 = 5000;

impl<R> Default for List<R> {
    fn default() -> Self {
        Self {
            filters: Vec::new(),
            sorting: Sorting::Keys(Vec::new()),
            limit: DEFAULT_LIMIT,
            offset: 0,
            cursor: None,
            total: true,
            record: PhantomData,
        }
    }
}

impl<R: Record> List<R> {
    /// The first 25 users in the order of insertion.
    pub fn new() -> Self {
        Self::default()
    }

    /// The list that a client's `queries` ask for.
    ///
    /// All filters must hold. The first limit, offset and cursor count; orders apply one after the other,
    /// and `orderRandom` instead of them. A limit above 5000 gives a page of 5000. The users of a page
    /// follow a cursor whose order attribute is null as they follow any other, where the service gives up.
    ///
    /// # Errors
    ///
    /// What is wrong with the first query that is; more than 100 queries, one of more than 4096
    /// characters, `and` and `or` more than five deep; [`QueryError::NoIndex`] for the methods `search`
    /// and `notSearch`.
    ///
    /// ```
    /// use rollbook_core::{ListUsers, QuerySyntax};
    ///
    /// let error = ListUsers::from_queries(QuerySyntax::Text, ["limit(0)"]).unwrap_err();
    /// assert!(error.to_string().starts_with("Invalid query: Invalid limit: "));
    /// ```
    pub fn from_queries<Q: AsRef<str>>(
        syntax: QuerySyntax,
        queries: impl IntoIterator<Item = Q>,
    ) -> Result<Self, QueryError> {
        let mut meaning = Meaning::new(R::SCHEMA);
        for query in queries {
            meaning.add(syntax.parse(query.as_ref())?)?;
        }
        Ok(Self::from_meaning(meaning.finish()?))
    }

    /// The list that the parameters of the oldest API (0.15) ask for: `limit` (0 to 100, 25 if there is
    /// none), `offset` (0 to 5000), `cursor`, `cursorDirection` (`after`, `before`), `orderType` (`ASC`,
    /// `DESC`, by insertion) and `search`. Others are ignored.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] that names the parameter.
    ///
    /// ```
    /// use rollbook_core::{ListUsers, User};
    ///
    /// let list = ListUsers::from_plain([("limit", "10"), ("orderType", "DESC")])?;
    /// assert_eq!(list, ListUsers::new().limit(10).order(User::SEQUENCE.descending()));
    /// assert_eq!(ListUsers::from_plain([("limit", "101")]).unwrap_err().field(), Some("limit"));
    /// # Ok::<(), rollbook_core::Error>(())
    /// ```
    pub fn from_plain<N: AsRef<str>, V: AsRef<str>>(
        parameters: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Error> {
        let Plain { queries, limit, search } = plain(parameters)?;
        let mut meaning = Meaning::new(R::SCHEMA);
        queries.into_iter().try_for_each(|query| meaning.add(query))?;
        // Not one of the queries, which know no limit of zero.
        meaning.limit = limit;
        let list = Self::from_meaning(meaning.finish()?);
        Ok(match search {
            Some(search) => list.search(&search)?,
            None => list,
        })
    }

    /// Only those that satisfy `condition` as well.
    pub fn filter(mut self, condition: Condition<R>) -> Self {
        self.filters.push(condition.into());
        self
    }

    /// Only those in whose id, name, e-mail, phone number and labels all words of `text` are found: each as
    /// the beginning of a word, and what is in double quotes as whole words one after the other. Case and
    /// accents don't count. What has no letter and no digit finds nobody.
    ///
    /// # Errors
    ///
    /// [`QueryError::SearchLength`] for a text that is empty or longer than 256 characters.
    ///
    /// ```
    /// use rollbook_core::ListUsers;
    ///
    /// for text in ["ann", "ann lee", "ann@example.com", "+1415", "\"Ann Lee\"", "label:vip"] {
    ///     let list = ListUsers::new().search(text)?;
    ///     # let _ = list;
    /// }
    /// assert!(ListUsers::new().search("").is_err());
    /// # Ok::<(), rollbook_core::QueryError>(())
    /// ```
    pub fn search(mut self, text: &str) -> Result<Self, QueryError> {
        self.filters.push(R::SCHEMA.search(text)?);
        Ok(self)
    }

    /// Sorted by `sort`, after the keys given before.
    pub fn order(mut self, sort: Sort<R>) -> Self {
        match &mut self.sorting {
            Sorting::Keys(orders) => orders.push(sort.into()),
            Sorting::Random(_) => self.sorting = Sorting::Keys(vec![sort.into()]),
        }
        self
    }

    /// In random order, another one every time, whatever keys were given before.
    pub fn shuffled(self) -> Self {
        Self { sorting: Sorting::Random(None), ..self }
    }

    /// In the random order of `seed`, so that the pages of one order can be read by their offsets.
    pub fn shuffled_by(self, seed: u64) -> Self {
        Self { sorting: Sorting::Random(Some(seed)), ..self }
    }

    /// At most `limit` users, 0 to 5000. With 0 there is only the total.
    pub fn limit(self, limit: u64) -> Self {
        Self { limit, ..self }
    }

    /// Without the first `offset` users. Its cost grows with the offset; prefer [`after`](Self::after).
    pub fn offset(self, offset: u64) -> Self {
        Self { offset, ..self }
    }

    /// The page that follows the user with this id, who must exist.
    pub fn after(self, id: impl Into<String>) -> Self {
        self.cursor(Anchor::Record(id.into()), Side::After)
    }

    /// The page that precedes the user with this id, who must exist.
    pub fn before(self, id: impl Into<String>) -> Self {
        self.cursor(Anchor::Record(id.into()), Side::Before)
    }

    /// The page that follows this place, whether the user that it was taken from is still there or not.
    pub fn after_cursor(self, cursor: Cursor) -> Self {
        self.cursor(Anchor::Place(cursor), Side::After)
    }

    /// The page that precedes this place.
    pub fn before_cursor(self, cursor: Cursor) -> Self {
        self.cursor(Anchor::Place(cursor), Side::Before)
    }

    /// Don't count: [`UserList::total`] is 0.
    pub fn without_total(self) -> Self {
        Self { total: false, ..self }
    }

    fn cursor(self, anchor: Anchor, side: Side) -> Self {
        Self { cursor: Some((anchor, side)), ..self }
    }

    fn from_meaning(meaning: Meaning) -> Self {
        let Meaning { filters, orders, random, limit, offset, cursor, .. } = meaning;
        Self {
            filters,
            sorting: if random { Sorting::Random(None) } else { Sorting::Keys(orders) },
            // The service has no maximum; what it would answer nobody can hold.
            limit: limit.unwrap_or(DEFAULT_LIMIT).min(MOST_RECORDS),
            offset: offset.unwrap_or(0),
            cursor: cursor.map(|(id, side)| (Anchor::Record(id.to_string()), side)),
            total: true,
            record: PhantomData,
        }
    }
}

impl Users {
    /// A page of users, and how many there are in all.
    ///
    /// # Errors
    ///
    /// [`QueryError::LimitRange`]; [`Error::CursorNotFound`] if the user that the page starts from does not
    /// exist; [`QueryError::CursorOrder`] and [`QueryError::CursorInRandomOrder`] if the page starts from a
    /// place that is none of this order.
    #[verb]
    pub async fn list(&self, list: ListUsers) -> Result<UserList, Error> {
        let Page { total, records, order } = self.page(list).await?;
        Ok(UserList { total, users: records, order })
    }

    /// A page of records.
    pub(super) async fn page<R: Record>(&self, list: List<R>) -> Result<Page<R>, Error> {
        self.page_in(Query::new(R::SCHEMA), list).await
    }

    /// A page of the records that belong to something. A page can't start from one that doesn't.
    pub(super) async fn page_of<R: Record>(
        &self,
        owner: Condition<R>,
        list: List<R>,
    ) -> Result<Page<R>, Error> {
        self.page_in(Query::new(R::SCHEMA).filter(owner.into()), list).await
    }

    /// A page of the records of a user.
    ///
    /// Records go with their user, so it is looked for only if there are none.
    pub(super) async fn page_of_user<R: Record>(
        &self,
        id: &str,
        owner: Condition<R>,
        list: List<R>,
    ) -> Result<Page<R>, Error> {
        let page = self.page_of(owner, list).await;
        if page.as_ref().map_or(true, |page| page.records.is_empty()) {
            self.user(id).await?;
        }
        page
    }

    async fn page_in<R: Record>(&self, all: Query, list: List<R>) -> Result<Page<R>, Error> {
        let List { filters, sorting, limit, offset, cursor, total, .. } = list;
        if limit > MOST_RECORDS {
            return Err(QueryError::LimitRange { least: 0, most: MOST_RECORDS }.into());
        }
        let stored = self.records::<R>();
        let matching = all.clone().filters_all(filters);
        let order = Query::new(R::SCHEMA);
        let order = match sorting {
            Sorting::Keys(orders) => orders.into_iter().fold(order, Query::order),
            Sorting::Random(seed) => {
                order.shuffled(Shuffle::new(seed.unwrap_or_else(|| self.seed())))
            }
        };
        let mut page = order.clone().filters_all(matching.filters().iter().cloned());
        if let Some((anchor, side)) = cursor {
            let place = match anchor {
                Anchor::Record(id) => {
                    let found = stored.get(&id).await?;
                    let found = found.filter(|record| all.matches(record.document()));
                    let not_found = || Error::CursorNotFound { record: noun(R::SCHEMA), id };
                    Cursor::new(&order, found.ok_or_else(not_found)?.document())?
                }
                Anchor::Place(place) => place,
            };
            page = match side {
                Side::After => page.after_cursor(&place)?,
                Side::Before => page.before_cursor(&place)?,
            };
        }
        let records = stored.list(&page.limit(limit).offset(offset)).await?;
        let total = if total { stored.count(&matching).await? } else { 0 };
        Ok(Page { total, records, order })
    }

    fn seed(&self) -> u64 {
        let mut seed = [0; 8];
        self.inner.random.fill(&mut seed);
        u64::from_le_bytes(seed)
    }
}
