//! The store.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use rollbook_core::{Batch, Committed, Document, Filter, Query, SEQUENCE, StoreError, UserStore};

use crate::connection::{run_count, run_explain, run_select};
use crate::format;
use crate::readers::Readers;
use crate::writer::Writer;
use crate::{OpenError, SqliteOptions, connection};

/// A store in a SQLite file.
///
/// ```
/// use std::sync::Arc;
/// use rollbook_core::{NewUser, Users};
/// use rollbook_sqlite::SqliteStore;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("users.db");
/// let users = Users::new(Arc::new(SqliteStore::open(&path)?));
/// users.create(NewUser::new().id("ann").email("ann@example.com")).await?;
/// drop(users);
///
/// let users = Users::new(Arc::new(SqliteStore::open(&path)?));
/// assert_eq!(users.get("ann").await?.email.as_deref(), Some("ann@example.com"));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    // Before the writer: the last connection to close folds the log into the file.
    readers: Readers,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the file at `path`, or creates it, with the default options.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the file is not one of rollbook's, is damaged, or was written by a newer version;
    /// it is not changed then.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        SqliteOptions::new().open(path)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What SQLite will do to select what `query` selects: one line for each step, in the words of its
    /// `EXPLAIN QUERY PLAN`.
    ///
    /// `SEARCH` reads the rows it wants, `SCAN` reads all, `USE TEMP B-TREE` sorts. It is for people: the
    /// words may change with the version of SQLite.
    ///
    /// ```
    /// use rollbook_core::{Query, User, Record};
    /// use rollbook_sqlite::SqliteStore;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// let store = SqliteStore::open(directory.path().join("users.db"))?;
    /// let newest = Query::new(User::SCHEMA).order(User::REGISTRATION.descending().into()).limit(25);
    /// assert!(store.explain(&newest)?.contains("USING INDEX users by registration"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError::Backend`] if SQLite fails, or the store was opened without the query's schema.
    pub fn explain(&self, query: &Query) -> Result<String, StoreError> {
        self.readers.here(|connection| run_explain(connection, query))
    }

    pub(crate) fn open_with(path: &Path, options: &SqliteOptions) -> Result<Self, OpenError> {
        let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
        let io = |source| OpenError::Io { path: path.to_owned(), source };
        format::inspect(path)?;
        let mut writer = connection::writer(path, options).map_err(sqlite)?;
        format::create(&mut writer, path)?;
        connection::check_writable(&writer).map_err(sqlite)?;
        format::adapt(&mut writer, path, options.schemas)?;
        format::log_ahead(&writer, path)?;
        let readers = Readers::start(path, options).map_err(sqlite)?;
        let writer = Writer::start(writer, options.schemas).map_err(io)?;
        Ok(Self { path: path.to_owned(), readers, writer })
    }
}

/// Whether a query reads a handful of rows: it looks up a key, or asks for the first few rows of an owner or of one
/// value of an indexed field, in the order in which its index has them.
fn is_short(query: &Query) -> bool {
    const FEW: u64 = 32;
    if query.is_look_up() {
        return true;
    }
    let [Filter::Equal { field, values, .. }] = query.filters() else { return false };
    let owns = query.schema().owner_fields().any(|(owner, _)| owner == *field);
    let most = query.max().map_or(u64::MAX, |max| max.saturating_add(query.skip()));
    (owns || field.is_indexed())
        && values.len() == 1
        && most <= FEW
        && query.shuffle().is_none()
        && query.orders().iter().all(|order| order.field == &SEQUENCE)
}

#[async_trait]
impl UserStore for SqliteStore {
    async fn select(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        if is_short(query) {
            return self.readers.here(|connection| run_select(connection, query));
        }
        let query = query.clone();
        self.readers.hop(move |connection| run_select(connection, &query)).await
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let query = query.clone();
        self.readers.hop(move |connection| run_count(connection, &query)).await
    }

    async fn commit(
        &self,
        batches: Vec<Batch>,
    ) -> Result<Vec<Result<Committed, StoreError>>, StoreError> {
        if batches.is_empty() {
            return Ok(Vec::new());
        }
        self.writer.commit(batches).await
    }
}
