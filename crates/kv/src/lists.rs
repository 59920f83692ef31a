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
        Ok(Self { reader, space, cursors, last: None })
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::engine::{Change, Engine, Entry, Part};
    use crate::plain::Maps;

    const SPACE: Space = Space { schema: 0, part: Part::Index(0) };

    fn engine(lists: &[(&str, Vec<u64>)]) -> Maps {
        let keys = lists.iter().flat_map(|(list, sequences)| {
            sequences.iter().map(|sequence| [list.as_bytes(), &sequence_key(*sequence)].concat())
        });
        let set = |key| Change { space: SPACE, key, entry: Some(Entry::Present) };
        let mut maps = Maps::new(1);
        maps.apply(keys.map(set).collect(), &[]).unwrap();
        maps
    }

    fn read(maps: &Maps, lists: &[&str], range: (u64, u64), direction: Direction) -> Vec<u64> {
        let lists: Vec<Vec<u8>> = lists.iter().map(|list| list.as_bytes().to_vec()).collect();
        let mut lists = Lists::new(maps, SPACE, &lists, range, direction).unwrap();
        std::iter::from_fn(|| lists.next().unwrap()).collect()
    }

    /// Lists of all lengths around those that are read at a time, with much in common.
    fn lists() -> Vec<(&'static str, Vec<u64>)> {
        vec![
            ("empty", vec![]),
            ("one", vec![40]),
            ("chunk", (30..46).collect()),
            ("more", (30..47).collect()),
            ("odd", (1..400).step_by(2).collect()),
            ("long", (0..5_000).step_by(3).collect()),
            ("ends", vec![0, 1, u64::MAX - 1, u64::MAX]),
        ]
    }

    #[test]
    fn the_union_comes_in_order_and_each_sequence_once() {
        let lists = lists();
        let maps = engine(&lists);
        for chosen in 0..1_usize << lists.len() {
            let chosen: Vec<_> = lists
                .iter()
                .enumerate()
                .filter(|(n, _)| chosen >> n & 1 == 1)
                .map(|(_, l)| l)
                .collect();
            let names: Vec<&str> = chosen.iter().map(|(name, _)| *name).collect();
            let all: BTreeSet<u64> = chosen.iter().flat_map(|(_, all)| all.clone()).collect();
            for (from, to) in
                [(0, u64::MAX), (0, 0), (31, 45), (46, 4_998), (2, 1), (u64::MAX, u64::MAX)]
            {
                let mut due: Vec<u64> =
                    all.iter().copied().filter(|sequence| (from..=to).contains(sequence)).collect();
                assert_eq!(read(&maps, &names, (from, to), Direction::Ascending), due, "{names:?}");
                due.reverse();
                assert_eq!(
                    read(&maps, &names, (from, to), Direction::Descending),
                    due,
                    "{names:?}"
                );
            }
        }
    }

    #[test]
    fn a_list_that_is_named_twice_counts_once_and_longer_names_are_other_lists() {
        let maps = engine(&[("a\0", vec![1, 3]), ("ab\0", vec![2]), ("b\0", vec![3])]);
        assert_eq!(read(&maps, &["a\0", "a\0"], (0, 9), Direction::Ascending), [1, 3]);
        assert_eq!(read(&maps, &["b\0", "a\0"], (0, u64::MAX), Direction::Descending), [3, 1]);
    }

    #[test]
    fn reading_ends_where_the_visitor_breaks() {
        let lists = lists();
        let maps = engine(&lists);
        let long = Lists::new(&maps, SPACE, &[b"long".to_vec()], (0, 9_999), Direction::Ascending);
        let mut found = Vec::new();
        let visit = |sequence| {
            found.push(sequence);
            Ok(if found.len() < 100 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        };
        long.unwrap().each(visit).unwrap();
        assert_eq!(found, (0..300).step_by(3).collect::<Vec<u64>>());
    }
}
