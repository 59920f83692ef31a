//! Listing users by page.

use super::Users;
use crate::{Error, Filter, Order, Query, Record, Stored, User};

/// Which users, in which order, and which page of them.
///
/// ```
/// use rollbook_core::{ListUsers, Record, User};
///
/// let blocked = ListUsers::new()
///     .filter(User::SCHEMA.field("status")?.equal([false])?)
///     .order(User::SCHEMA.field("$createdAt")?.descending())
///     .limit(100);
/// # let _ = blocked;
/// # Ok::<(), rollbook_core::QueryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ListUsers {
    filters: Vec<Filter>,
    orders: Vec<Order>,
    limit: u64,
    offset: u64,
    cursor: Option<Cursor>,
    total: bool,
}

#[derive(Clone, Debug)]
enum Cursor {
    After(String),
    Before(String),
}

/// A page of users.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UserList {
    /// How many users satisfy the filters, on all pages; 0 if it was not asked for.
    pub total: u64,
    /// The users of this page.
    pub users: Vec<Stored<User>>,
}

impl UserList {
    /// The page as the service's response model `userList`.
    pub fn to_wire(&self) -> serde_json::Value {
        let users: Vec<_> = self.users.iter().map(|user| user.to_wire()).collect();
        serde_json::json!({ "total": self.total, "users": users })
    }
}

/// The users of a page unless the caller says otherwise (`spec/users-api.md`, 3.4).
const DEFAULT_LIMIT: u64 = 25;
/// The most users of a page.
const MOST_USERS: u64 = 5000;

impl Default for ListUsers {
    fn default() -> Self {
        Self {
            filters: Vec::new(),
            orders: Vec::new(),
            limit: DEFAULT_LIMIT,
            offset: 0,
            cursor: None,
            total: true,
        }
    }
}

impl ListUsers {
    /// The first 25 users in the order of insertion.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those that satisfy `filter` as well.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// Sorted by `order`, after the keys given before.
    pub fn order(mut self, order: Order) -> Self {
        self.orders.push(order);
        self
    }

    /// At most `limit` users, 1 to 5000.
    pub fn limit(self, limit: u64) -> Self {
        Self { limit, ..self }
    }

    /// Without the first `offset` users. Its cost grows with the offset; prefer [`after`](Self::after).
    pub fn offset(self, offset: u64) -> Self {
        Self { offset, ..self }
    }

    /// The page that follows the user with this id.
    pub fn after(self, id: impl Into<String>) -> Self {
        Self { cursor: Some(Cursor::After(id.into())), ..self }
    }

    /// The page that precedes the user with this id.
    pub fn before(self, id: impl Into<String>) -> Self {
        Self { cursor: Some(Cursor::Before(id.into())), ..self }
    }

    /// Don't count: [`UserList::total`] is 0.
    pub fn without_total(self) -> Self {
        Self { total: false, ..self }
    }
}

impl Users {
    /// A page of users, and how many there are in all.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for a limit out of range, [`Error::CursorNotFound`].
    pub async fn list(&self, list: ListUsers) -> Result<UserList, Error> {
        let ListUsers { filters, orders, limit, offset, cursor, total } = list;
        if !(1..=MOST_USERS).contains(&limit) {
            return Err(Error::invalid(
                "queries",
                format!(
                    "Invalid query: Invalid limit: Value must be a valid range between 1 and {MOST_USERS}"
                ),
            ));
        }
        let matching = Query::new(User::SCHEMA).filters_all(filters);
        let mut page = matching.clone().limit(limit).offset(offset);
        page = orders.into_iter().fold(page, Query::order);
        if let Some(cursor) = cursor {
            let (Cursor::After(id) | Cursor::Before(id)) = &cursor;
            let row = self.inner.users.get(id).await?;
            let row = row.ok_or_else(|| Error::CursorNotFound { id: id.clone() })?;
            page = match cursor {
                Cursor::After(_) => page.after(row.document()),
                Cursor::Before(_) => page.before(row.document()),
            };
        }
        let users = self.inner.users.list(&page).await?;
        let total = if total { self.inner.users.count(&matching).await? } else { 0 };
        Ok(UserList { total, users })
    }
}
