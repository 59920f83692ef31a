//! Lists of sequences: index entries that differ in nothing but the sequence at their end.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::ops::{Bound, ControlFlow};

use rollbook_core::{Direction, StoreError};

use crate::encode::{sequence_key, sequence_of};
use crate::engine::{Reader, Space};

/// The union of some lists, in the order of insertion or against it, each sequence once.
pub(crate) struct Lists<'r> {
    reader: &'r dyn Reader,
    space: Space,
    direction: Direction,
    cursors: BinaryHeap<Cursor>,
    last: Option<u64>,
}

/// How far one list has been read.
struct Cursor {
    list: Vec<u8>,
    ahead: VecDeque<u64>,
    // What is left of the list in the store.
    from: u64,
    to: u64,
    ended: bool,
    chunk: usize,
    direction: Direction,
}

/// How many entries are read first; every later read doubles it.
const FIRST_CHUNK: usize = 16;
const LAST_CHUNK: usize = 1024;

impl<'r> Lists<'r> {
    /// The entries of `lists` whose sequences are between `from` and `to`, both included.
    pub(crate) fn new(
        reader: &'r dyn Reader,
        space: Space,
        lists: &[Vec<u8>],
        (from, to): (u64, u64),
        direction: Direction,
    ) -> Result<Self, StoreError> {
        let mut cursors = BinaryHeap::with_capacity(lists.len());
        for list in lists {
            let mut cursor = Cursor {
                list: list.clone(),
                ahead: VecDeque::new(),
                from,
                to,
                ended: from > to,
                chunk: FIRST_CHUNK,
                direction,
            };
            cursor.fill(reader, space)?;
            if !cursor.ahead.is_empty() {
                cursors.push(cursor);
            }
        }
        Ok(Self { reader, space, direction, cursors, last: None })
    }

    /// The next sequence.
    pub(crate) fn next(&mut self) -> Result<Option<u64>, StoreError> {
        while let Some(mut cursor) = self.cursors.pop() {
            let Some(sequence) = cursor.ahead.pop_front() else { continue };
            cursor.fill(self.reader, self.space)?;
            if !cursor.ahead.is_empty() {
                self.cursors.push(cursor);
            }
            if self.last != Some(sequence) {
                self.last = Some(sequence);
                return Ok(Some(sequence));
            }
        }
        Ok(None)
    }

    /// Calls `found` with every sequence until it breaks.
    pub(crate) fn each(
        mut self,
        mut found: impl FnMut(u64) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        debug_assert!(self.last.is_none(), "in the direction {:?}", self.direction);
        while let Some(sequence) = self.next()? {
            if found(sequence)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl Cursor {
    /// Reads ahead if nothing is left.
    fn fill(&mut self, reader: &dyn Reader, space: Space) -> Result<(), StoreError> {
        if self.ended || !self.ahead.is_empty() {
            return Ok(());
        }
        let key = |sequence| [self.list.as_slice(), &sequence_key(sequence)].concat();
        let (from, to) = (key(self.from), key(self.to));
        let bounds = (Bound::Included(from.as_slice()), Bound::Included(to.as_slice()));
        let (ahead, chunk) = (&mut self.ahead, self.chunk);
        reader.scan(space, bounds, self.direction, &mut |key, _| {
            ahead.extend(sequence_of(key));
            if ahead.len() < chunk { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        self.ended = self.ahead.len() < self.chunk;
        self.chunk = (self.chunk * 2).min(LAST_CHUNK);
        if let Some(last) = self.ahead.back() {
            let next = match self.direction {
                Direction::Ascending => last.checked_add(1),
                Direction::Descending => last.checked_sub(1),
            };
            match (next, self.direction) {
                (None, _) => self.ended = true,
                (Some(next), Direction::Ascending) => self.from = next,
                (Some(next), Direction::Descending) => self.to = next,
            }
            self.ended |= self.from > self.to;
        }
        Ok(())
    }

    fn head(&self) -> Option<u64> {
        self.ahead.front().copied()
    }
}

// The heap gives the greatest first: in ascending order that is the one with the smallest head.
impl Ord for Cursor {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.head().cmp(&other.head());
        match self.direction {
            Direction::Ascending => order.reverse(),
            Direction::Descending => order,
        }
    }
}

impl PartialOrd for Cursor {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Cursor {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Cursor {}
