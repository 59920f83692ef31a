//! The store.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use rollbook_core::{Batch, Committed, Document, Query, StoreError, UserStore};
use rollbook_kv::{MapStore, OpenError, Opening, Refusal};

use crate::SledOptions;
use crate::engine::Engine;
use crate::folder::Folder;

/// A store in a sled folder.
///
/// ```
/// use std::sync::Arc;
/// use rollbook_core::{NewUser, Users};
/// use rollbook_sled::SledStore;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("users.sled");
/// let users = Users::new(Arc::new(SledStore::open(&path)?));
/// users.create(NewUser::new().id("ann").email("ann@example.com")).await?;
/// drop(users);
///
/// let users = Users::new(Arc::new(SledStore::open(&path)?));
/// assert_eq!(users.get("ann").await?.email.as_deref(), Some("ann@example.com"));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SledStore {
    path: PathBuf,
    store: MapStore<Engine>,
    // Given up when the store is closed.
    _folder: Folder,
}

impl SledStore {
    /// Opens the folder at `path`, or creates it, with the default options.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the folder is open already, is not one of rollbook's, is damaged, or was written by
    /// a newer version; it is not changed then, unless it is damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        SledOptions::new().open(path)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How a query is answered: which keys are read, and in which order.
    ///
    /// The text is for people, and may change.
    ///
    /// # Errors
    ///
    /// The store was not opened with the query's schema, or the engine fails.
    pub fn explain(&self, query: &Query) -> Result<String, StoreError> {
        self.store.explain(query)
    }

    pub(crate) fn open_with(path: &Path, options: &SledOptions) -> Result<Self, OpenError> {
        let (store, folder) =
            start(path, options).map_err(|reason| OpenError::new(path, reason))?;
        Ok(Self { path: path.to_owned(), store, _folder: folder })
    }
}

fn start(path: &Path, options: &SledOptions) -> Result<(MapStore<Engine>, Folder), Refusal> {
    let mut folder = Folder::take(path)?;
    let (engine, found) = folder.open(path, options.cache)?;
    let store = Opening::check(engine, options.schemas, found)?.finish(options.durability)?;
    folder.mark(path)?;
    Ok((store, folder))
}

#[async_trait]
impl UserStore for SledStore {
    async fn select(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        self.store.select(query).await
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.store.count(query).await
    }

    async fn commit(
        &self,
        batches: Vec<Batch>,
    ) -> Result<Vec<Result<Committed, StoreError>>, StoreError> {
        self.store.commit(batches).await
    }
}
