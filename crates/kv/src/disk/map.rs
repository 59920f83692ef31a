//! What an engine that keeps bytes must offer.

use std::fmt;
use std::ops::{Bound, ControlFlow};

use rollbook_core::{Direction, StoreError};

/// When a commit is acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a commit is acknowledged before it is flushed, or after"
)]
pub enum Durability {
    /// When it is flushed.
    #[default]
    Immediate,
    /// When it is visible. It is flushed within a second, and when the store is closed. If the process
    /// or the power goes before, the commits since the last flush are gone, the later ones first; what
    /// is left is consistent.
    Eventual,
}

/// Where look-ups of a few keys run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are no other threads")]
pub enum LookUps {
    /// On the caller's thread: they touch a handful of pages and wait for nobody, and a hop to another
    /// thread and back would cost as much again.
    Here,
    /// On another thread, as all other reads: they may wait for a writer.
    Hop,
}

/// An ordered map of bytes that outlives the process: three methods.
///
/// [`MapStore`](crate::MapStore) makes a store of it. It calls `write` and `sync` from one thread at a
/// time, and `read` from many at any time.
///
/// # What a map MUST do
///
/// - Show each [`View`] as one state, between two writes, for as long as it is looked at.
/// - Apply all that a write sets, or nothing, also when the process is killed in the middle.
/// - Once a write or a sync has failed, either leave the state as it was before, or fail every later
///   call: what is not durable must not be read as if it were.
///
/// # Example
///
/// A tree in memory, for want of a disk.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::ops::{Bound, ControlFlow};
/// use std::sync::RwLock;
///
/// use rollbook_core::{Batch, Direction, Query, Record, SCHEMAS, StoreError, User, UserStore};
/// use rollbook_kv::{Durability, Found, LookUps, Map, Opening, Sink, View, VisitBytes};
///
/// #[derive(Debug, Default)]
/// struct Tree(RwLock<BTreeMap<Vec<u8>, Vec<u8>>>);
///
/// impl Map for Tree {
///     const LOOK_UPS: LookUps = LookUps::Here;
///
///     fn read<T>(
///         &self,
///         read: impl FnOnce(&dyn View) -> Result<T, StoreError>,
///     ) -> Result<T, StoreError> {
///         read(&State(&self.0.read().unwrap()))
///     }
///
///     fn write<T>(
///         &self,
///         _: Durability,
///         write: impl FnOnce(&dyn View, &mut dyn Sink) -> Result<T, StoreError>,
///     ) -> Result<T, StoreError> {
///         let mut changes = Changes::default();
///         let written = write(&State(&self.0.read().unwrap()), &mut changes)?;
///         let mut tree = self.0.write().unwrap();
///         for (key, value) in changes.0 {
///             match value {
///                 Some(value) => tree.insert(key, value),
///                 None => tree.remove(&key),
///             };
///         }
///         Ok(written)
///     }
///
///     fn sync(&self) -> Result<(), StoreError> {
///         Ok(())
///     }
/// }
///
/// struct State<'a>(&'a BTreeMap<Vec<u8>, Vec<u8>>);
///
/// impl View for State<'_> {
///     fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
///         Ok(self.0.get(key).cloned())
///     }
///
///     fn scan(
///         &self,
///         bounds: (Bound<&[u8]>, Bound<&[u8]>),
///         direction: Direction,
///         visit: VisitBytes<'_>,
///     ) -> Result<(), StoreError> {
///         let mut range = self.0.range::<[u8], _>(bounds);
///         while let Some((key, value)) = match direction {
///             Direction::Ascending => range.next(),
///             Direction::Descending => range.next_back(),
///         } {
///             if visit(key, value).is_break() {
///                 break;
///             }
///         }
///         Ok(())
///     }
/// }
///
/// #[derive(Default)]
/// struct Changes(Vec<(Vec<u8>, Option<Vec<u8>>)>);
///
/// impl Sink for Changes {
///     fn set(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), StoreError> {
///         self.0.push((key.to_vec(), value.map(<[u8]>::to_vec)));
///         Ok(())
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let opening = Opening::check(Tree::default(), SCHEMAS, Found::Nothing)?;
/// let store = opening.finish(Durability::Immediate)?;
/// store.commit(vec![Batch::new()]).await?;
/// assert_eq!(store.count(&Query::new(User::SCHEMA)).await?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
pub trait Map: fmt::Debug + Send + Sync + 'static {
    /// Where look-ups of a few keys run.
    const LOOK_UPS: LookUps;

    /// Calls `read` with one state of the map.
    fn read<T>(
        &self,
        read: impl FnOnce(&dyn View) -> Result<T, StoreError>,
    ) -> Result<T, StoreError>;

    /// Calls `write` with the state of the map and a sink, then applies what the sink was given; if
    /// `write` fails, nothing.
    ///
    /// With [`Durability::Immediate`] it is on the disk when this returns, with what was written before;
    /// with [`Durability::Eventual`] after the next [`sync`](Self::sync).
    fn write<T>(
        &self,
        durability: Durability,
        write: impl FnOnce(&dyn View, &mut dyn Sink) -> Result<T, StoreError>,
    ) -> Result<T, StoreError>;

    /// Makes everything that was written durable.
    fn sync(&self) -> Result<(), StoreError>;
}

/// What a visitor of a [`View::scan`] is given for every key, and whether it goes on.
pub type VisitBytes<'v> = &'v mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>;

/// One state of a [`Map`].
pub trait View {
    /// What is under `key`.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Visits keys and values within the bounds in byte order of the keys, or against it, until the
    /// visitor breaks.
    fn scan(
        &self,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
        visit: VisitBytes<'_>,
    ) -> Result<(), StoreError>;
}

/// Where a write of a [`Map`] puts what it changes.
pub trait Sink {
    /// Sets `key` to `value`; `None` removes it. The last one of several for a key counts.
    fn set(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), StoreError>;
}
