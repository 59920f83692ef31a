//! Index entries: values, each with the sequences of its documents.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

use roaring::RoaringTreemap;
use rollbook_core::Direction;
use rollbook_kv::{Entry, Visit};
use smallvec::SmallVec;

/// Lists of sequences by value.
///
/// The keys of an index are a value and a sequence. As a set of keys they would take more memory than the
/// documents: a value is kept once, and its sequences in as little as their number allows. No value is the
/// beginning of another.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    lists: BTreeMap<Value, List>,
}

type Value = SmallVec<[u8; 16]>;

/// The documents of a value. Most values have one document or thousands.
#[derive(Debug)]
enum List {
    One(u64),
    /// In their order.
    Few(Box<[u64]>),
    Many(Box<RoaringTreemap>),
}

/// A bitmap is smaller than so many numbers.
const MOST_FEW: usize = 24;

type Bounds<'b> = (Bound<&'b [u8]>, Bound<&'b [u8]>);

impl Postings {
    pub(crate) fn has(&self, key: &[u8]) -> bool {
        let Some((value, sequence)) = parts(key) else { return false };
        match self.lists.get(value) {
            None => false,
            Some(List::One(one)) => *one == sequence,
            Some(List::Few(few)) => few.binary_search(&sequence).is_ok(),
            Some(List::Many(many)) => many.contains(sequence),
        }
    }

    pub(crate) fn set(&mut self, key: &[u8], present: bool) {
        let Some((value, sequence)) = parts(key) else { return };
        let emptied = match self.lists.get_mut(value) {
            Some(list) if present => {
                list.insert(sequence);
                false
            }
            Some(list) => list.remove(sequence),
            None => {
                if present {
                    self.lists.insert(Value::from_slice(value), List::One(sequence));
                }
                false
            }
        };
        if emptied {
            self.lists.remove(value);
        }
    }

    pub(crate) fn scan(&self, bounds: Bounds<'_>, direction: Direction, visit: Visit<'_>) {
        let mut key = Vec::new();
        let mut list = |(value, list, first, last): (&Value, &List, u64, u64)| {
            key.clear();
            key.extend_from_slice(value);
            list.visit(first, last, direction, &mut |sequence| {
                key.truncate(value.len());
                key.extend_from_slice(&sequence.to_be_bytes());
                visit(&key, &Entry::Present)
            })
        };
        let mut lists = self.within(bounds);
        let _ = match direction {
            Direction::Ascending => lists.try_for_each(&mut list),
            Direction::Descending => lists.rev().try_for_each(&mut list),
        };
    }

    /// How many keys there are in the bounds, but no more than about `most`.
    pub(crate) fn estimate(&self, bounds: Bounds<'_>, most: u64) -> u64 {
        let mut number = 0;
        for (_, list, first, last) in self.within(bounds) {
            number += list.between(first, last);
            if number >= most {
                break;
            }
        }
        number
    }

    /// The list that a bound cuts, and the rest of the bound after its value: of a bound within a list, the
    /// value is the greatest that does not come after it.
    fn cut<'a>(&'a self, bound: Bound<&'a [u8]>) -> Option<(&'a Value, &'a [u8])> {
        let (Bound::Included(key) | Bound::Excluded(key)) = bound else { return None };
        let before = (Bound::Unbounded, Bound::Included(key));
        let (value, _) = self.lists.range::<[u8], _>(before).next_back()?;
        Some((value, key.strip_prefix(value.as_slice())?))
    }

    /// The lists with keys in the bounds, and between which sequences.
    fn within<'a>(
        &'a self,
        (from, to): Bounds<'a>,
    ) -> impl DoubleEndedIterator<Item = (&'a Value, &'a List, u64, u64)> {
        let (first, last) = (self.cut(from), self.cut(to));
        let start = match (first, from) {
            (Some((value, _)), _) => Bound::Included(value.as_slice()),
            (None, bound) => bound,
        };
        let end = match (last, to) {
            (Some((value, _)), _) => Bound::Included(value.as_slice()),
            (None, bound) => bound,
        };
        let (starts_out, ends_out) =
            (matches!(from, Bound::Excluded(_)), matches!(to, Bound::Excluded(_)));
        // The tree does not take an inverted range, which is empty.
        let inverted = match (start, end) {
            (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => {
                a > b || (a == b && (start, end) != (Bound::Included(a), Bound::Included(b)))
            }
            _ => false,
        };
        let bounds =
            if inverted { (Bound::Unbounded, Bound::Excluded(&[][..])) } else { (start, end) };
        self.lists.range::<[u8], _>(bounds).filter_map(move |(value, list)| {
            let low = match first {
                Some((of, rest)) if of == value => from_sequence(rest, starts_out)?,
                _ => 0,
            };
            let high = match last {
                Some((of, rest)) if of == value => to_sequence(rest, ends_out)?,
                _ => u64::MAX,
            };
            (low <= high).then_some((value, list, low, high))
        })
    }
}

impl List {
    fn insert(&mut self, sequence: u64) {
        match self {
            Self::One(one) if *one == sequence => {}
            Self::One(one) => {
                let (a, b) = (sequence.min(*one), sequence.max(*one));
                *self = Self::Few([a, b].into());
            }
            Self::Few(few) => {
                let Err(place) = few.binary_search(&sequence) else { return };
                if few.len() < MOST_FEW {
                    let (before, after) = few.split_at(place);
                    *self = Self::Few([before, &[sequence], after].concat().into());
                } else {
                    let all = few.iter().copied().chain([sequence]);
                    *self = Self::Many(Box::new(all.collect()));
                }
            }
            Self::Many(many) => {
                many.insert(sequence);
            }
        }
    }

    /// Removes a sequence; says whether none is left.
    fn remove(&mut self, sequence: u64) -> bool {
        match self {
            Self::One(one) => *one == sequence,
            Self::Few(few) => {
                let Ok(place) = few.binary_search(&sequence) else { return false };
                *self = match &**few {
                    [a, b] => Self::One(if place == 0 { *b } else { *a }),
                    few => Self::Few([&few[..place], &few[place + 1..]].concat().into()),
                };
                false
            }
            Self::Many(many) => {
                many.remove(sequence);
                if many.len() <= MOST_FEW as u64 / 2 {
                    *self = Self::Few(many.iter().collect());
                }
                false
            }
        }
    }

    fn visit(
        &self,
        first: u64,
        last: u64,
        direction: Direction,
        visit: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let few = match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Few(few) => few,
            Self::Many(many) => {
                let mut sequences = many.iter();
                return match direction {
                    Direction::Ascending => {
                        sequences.advance_to(first);
                        sequences.take_while(|sequence| *sequence <= last).try_for_each(visit)
                    }
                    Direction::Descending => {
                        sequences.advance_back_to(last);
                        sequences
                            .rev()
                            .take_while(|sequence| *sequence >= first)
                            .try_for_each(visit)
                    }
                };
            }
        };
        let mut inside = few.iter().copied().filter(|sequence| (first..=last).contains(sequence));
        match direction {
            Direction::Ascending => inside.try_for_each(visit),
            Direction::Descending => inside.rev().try_for_each(visit),
        }
    }

    fn between(&self, first: u64, last: u64) -> u64 {
        let few = match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Few(few) => few,
            Self::Many(many) if first == 0 => return many.rank(last),
            Self::Many(many) => return many.rank(last).saturating_sub(many.rank(first - 1)),
        };
        few.iter().filter(|sequence| (first..=last).contains(*sequence)).count() as u64
    }
}

const SEQUENCE_BYTES: usize = 8;

/// The value and the sequence of a whole key.
fn parts(key: &[u8]) -> Option<(&[u8], u64)> {
    let (value, sequence) = key.split_last_chunk::<SEQUENCE_BYTES>()?;
    Some((value, u64::from_be_bytes(*sequence)))
}

/// The first sequence that a bound lets through which ends in `rest`, as much of a sequence as there is or
/// more than one; `None` if there is none.
fn from_sequence(rest: &[u8], excluded: bool) -> Option<u64> {
    let number = padded(rest);
    match rest.len() {
        SEQUENCE_BYTES if excluded => number.checked_add(1),
        more if more > SEQUENCE_BYTES => number.checked_add(1),
        _ => Some(number),
    }
}

/// The last one.
fn to_sequence(rest: &[u8], excluded: bool) -> Option<u64> {
    let number = padded(rest);
    match rest.len() {
        SEQUENCE_BYTES if !excluded => Some(number),
        more if more > SEQUENCE_BYTES => Some(number),
        // A key that is cut comes before all that it is the beginning of.
        _ => number.checked_sub(1),
    }
}

/// The first 8 bytes as a number, filled up with zeros.
fn padded(bytes: &[u8]) -> u64 {
    let mut number = [0; SEQUENCE_BYTES];
    for (to, from) in number.iter_mut().zip(bytes) {
        *to = *from;
    }
    u64::from_be_bytes(number)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn key(word: &str, sequence: u64) -> Vec<u8> {
        [word.as_bytes(), &[0], &sequence.to_be_bytes()].concat()
    }

    #[test]
    fn behaves_as_a_set_of_keys() {
        let (mut postings, mut model) = (Postings::default(), BTreeSet::new());
        let names = ["a", "aa", "ab", "b", "é"];
        let step = |step: u64, of: u64| ((step * 2_654_435_761) >> 7) % of;
        let mut keys = vec![Vec::new(), b"a".to_vec(), b"aa\0".to_vec(), b"b\0\0\0".to_vec()];
        for number in 0..600 {
            let key = key(names[usize::try_from(step(number, 5)).unwrap()], step(number * 7, 40));
            let present = step(number * 3, 3) > 0;
            postings.set(&key, present);
            if present {
                model.insert(key.clone())
            } else {
                model.remove(&key)
            };
            keys.push(key);
        }
        keys.push([key("a", 5).as_slice(), &[0]].concat());
        keys.push([b"aa".as_slice(), &[0xff; 9]].concat());
        for (place, from) in keys.iter().enumerate().step_by(7) {
            for to in keys.iter().skip(place % 5).step_by(11).filter(|to| *to > from) {
                for (from, to) in [
                    (Bound::Included(from.as_slice()), Bound::Excluded(to.as_slice())),
                    (Bound::Excluded(from.as_slice()), Bound::Included(to.as_slice())),
                    (Bound::Included(from.as_slice()), Bound::Unbounded),
                ] {
                    let expected: Vec<_> = model.range::<[u8], _>((from, to)).cloned().collect();
                    let mut found = Vec::new();
                    postings.scan((from, to), Direction::Ascending, &mut |key, _| {
                        found.push(key.to_vec());
                        ControlFlow::Continue(())
                    });
                    assert_eq!(found, expected, "{from:?} {to:?}");
                    postings.scan((from, to), Direction::Descending, &mut |key, _| {
                        assert_eq!(found.pop().as_deref(), Some(key));
                        ControlFlow::Continue(())
                    });
                    assert!(found.is_empty());
                    assert_eq!(postings.estimate((from, to), u64::MAX), expected.len() as u64);
                }
            }
        }
        assert!(keys.iter().all(|key| postings.has(key) == model.contains(key)));
    }
}
