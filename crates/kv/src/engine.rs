//! What an ordered map must offer to carry a store.

use std::fmt;
use std::ops::{Bound, ControlFlow};

use rollbook_core::{Direction, Document, Filter, Query, StoreError, Value};

use crate::layout::tally_of;

/// One of the sorted spaces that a store consists of. Keys of different spaces never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "engines lay their keys out by it")]
pub struct Space {
    /// The place of the record type in the list of schemas.
    pub schema: u16,
    /// Which of its spaces.
    pub part: Part,
}

/// The spaces of one record type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "an engine must place every space")]
pub enum Part {
    /// Sequence, 8 bytes big-endian, to [`Entry::Document`].
    Documents,
    /// Id to [`Entry::Sequence`]; never scanned.
    Ids,
    /// The n-th unique tuple to [`Entry::Sequence`]; never scanned.
    Unique(u8),
    /// The n-th index: value, then sequence, to [`Entry::Present`].
    Index(u8),
    /// The words that are searched: word, NUL, then sequence, to [`Entry::Present`].
    Tokens,
    /// The same of the first two characters of each word.
    Heads,
}

/// What a space holds under a key.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "an engine must keep every entry")]
pub enum Entry {
    /// A document.
    Document(Document),
    /// The sequence of a document.
    Sequence(u64),
    /// The key says it all.
    Present,
}

/// A key to set or to remove.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "engines take it apart")]
pub struct Change {
    /// Where.
    pub space: Space,
    /// Under which key.
    pub key: Vec<u8>,
    /// What to set; `None` removes.
    pub entry: Option<Entry>,
}

/// How far a record type has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "engines keep it")]
pub struct Counter {
    /// The sequence that was given last.
    pub last: u64,
    /// How many documents there are.
    pub documents: u64,
    /// How many of them have no value, false and true in each of
    /// [`Schema::tallied`](rollbook_core::Schema::tallied).
    pub tallies: Vec<[u64; 3]>,
}

impl Counter {
    /// Counts the values of a document in, or out.
    pub(crate) fn tally(&mut self, document: &Document, count: fn(u64, u64) -> u64) {
        for (place, field) in document.record().schema().tallied().enumerate() {
            if self.tallies.len() <= place {
                self.tallies.resize(place + 1, [0; 3]);
            }
            let number = &mut self.tallies[place][tally_of(&field.read(document))];
            *number = count(*number, 1);
        }
    }

    /// How many documents satisfy the filters of `query`, if that is counted.
    pub(crate) fn number(&self, query: &Query) -> Option<u64> {
        let (field, values) = match query.filters() {
            [] => return Some(self.documents),
            [Filter::Equal { field, values, .. }] => (*field, values.as_slice()),
            [Filter::IsNull { field, .. }] => (*field, [Value::Null].as_slice()),
            _ => return None,
        };
        let [value] = values else { return None };
        let place = query.schema().tallied().position(|tallied| tallied == field)?;
        // Before the first document there is no tally.
        let tally = self.tallies.get(place).copied().unwrap_or_default();
        Some(tally[tally_of(value)])
    }
}

/// What a visitor of a [`Reader::scan`] is given for every key, and whether it goes on.
pub type Visit<'v> = &'v mut dyn FnMut(&[u8], &Entry) -> ControlFlow<()>;

/// The reading half of an [`Engine`].
pub trait Reader {
    /// What is under `key`.
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Entry>, StoreError>;

    /// Visits the keys within the bounds in byte order, or against it, until the visitor breaks.
    fn scan(
        &self,
        space: Space,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
        visit: Visit<'_>,
    ) -> Result<(), StoreError>;

    /// How many keys are within the bounds, but no more than about `most`: a plan needs no more. An engine
    /// that can tell without visiting them should.
    fn estimate(
        &self,
        space: Space,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
        most: u64,
    ) -> Result<u64, StoreError> {
        let mut number = 0;
        self.scan(space, bounds, Direction::Ascending, &mut |_, _| {
            number += 1;
            if number < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(number)
    }
}

/// An ordered map, or several, that carries a store: three methods besides [`Reader`]'s two.
///
/// [`Kv`](crate::Kv) never calls `apply` while it reads, so an engine needs no locks of its own.
pub trait Engine: Reader + fmt::Debug + Send + Sync + 'static {
    /// How far each record type has come, in the order of the schemas.
    fn counters(&self) -> Result<Vec<Counter>, StoreError>;

    /// Applies all the changes, or none, and keeps the counters with them. They need not be durable yet.
    fn apply(&mut self, changes: Vec<Change>, counters: &[Counter]) -> Result<(), StoreError>;

    /// Makes everything applied so far durable.
    fn flush(&self) -> Result<(), StoreError>;
}
