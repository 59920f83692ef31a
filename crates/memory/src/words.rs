//! The words that are searched, each with the sequences of its documents.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

use roaring::RoaringTreemap;
use rollbook_core::Direction;
use rollbook_kv::{Entry, Visit};
use smallvec::SmallVec;

/// Lists of sequences by word.
///
/// The keys of [`rollbook_kv::Part::Tokens`] are a word, NUL and a sequence. As a set of keys they would take
/// more memory than the documents: a word is kept once, and its sequences as a bitmap.
#[derive(Debug, Default)]
pub(crate) struct Words {
    lists: BTreeMap<Word, List>,
}

type Word = SmallVec<[u8; 16]>;

/// The documents of a word. Half of the words are in one document.
#[derive(Debug)]
enum List {
    One(u64),
    Many(Box<RoaringTreemap>),
}

const SEQUENCE_BYTES: usize = 8;

/// A word and a sequence, where `key` is a whole one.
fn parts(key: &[u8]) -> Option<(&[u8], u64)> {
    let (word, sequence) = key.split_last_chunk::<SEQUENCE_BYTES>()?;
    Some((word.strip_suffix(&[0])?, u64::from_be_bytes(*sequence)))
}

impl Words {
    pub(crate) fn has(&self, key: &[u8]) -> bool {
        parts(key).is_some_and(|(word, sequence)| match self.lists.get(word) {
            None => false,
            Some(List::One(one)) => *one == sequence,
            Some(List::Many(many)) => many.contains(sequence),
        })
    }

    pub(crate) fn set(&mut self, key: &[u8], present: bool) {
        let Some((word, sequence)) = parts(key) else { return };
        let Some(list) = self.lists.get_mut(word) else {
            if present {
                self.lists.insert(Word::from_slice(word), List::One(sequence));
            }
            return;
        };
        match list {
            List::One(one) if present && *one != sequence => {
                *list = List::Many(Box::new([*one, sequence].into_iter().collect()));
            }
            List::One(one) if !present && *one == sequence => {
                self.lists.remove(word);
            }
            List::One(_) => {}
            List::Many(many) if present => {
                many.insert(sequence);
            }
            List::Many(many) => {
                many.remove(sequence);
                if many.len() == 1 {
                    *list = List::One(many.min().unwrap_or_default());
                }
            }
        }
    }

    pub(crate) fn scan(
        &self,
        (from, to): (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
        visit: Visit<'_>,
    ) {
        let words = self.lists.range::<[u8], _>((first_word(from), last_word(to)));
        let mut key = Vec::new();
        let mut list = |(word, list): (&Word, &List)| {
            let (first, last) = (from_sequence(from, word), to_sequence(to, word));
            let (Some(first), Some(last)) = (first, last) else { return ControlFlow::Continue(()) };
            if first > last {
                return ControlFlow::Continue(());
            }
            key.clear();
            key.extend_from_slice(word);
            key.push(0);
            let head = key.len();
            list.visit(first, last, direction, &mut |sequence| {
                key.truncate(head);
                key.extend_from_slice(&sequence.to_be_bytes());
                visit(&key, &Entry::Present)
            })
        };
        let _ = match direction {
            Direction::Ascending => words.into_iter().try_for_each(&mut list),
            Direction::Descending => words.rev().try_for_each(&mut list),
        };
    }

    /// How many keys there are in the bounds, but no more than about `most`.
    pub(crate) fn estimate(&self, (from, to): (Bound<&[u8]>, Bound<&[u8]>), most: u64) -> u64 {
        let mut number = 0;
        for (word, list) in self.lists.range::<[u8], _>((first_word(from), last_word(to))) {
            let (first, last) = (from_sequence(from, word), to_sequence(to, word));
            if let (Some(first), Some(last)) = (first, last) {
                number += list.between(first, last);
            }
            if number >= most {
                break;
            }
        }
        number
    }
}

impl List {
    fn visit(
        &self,
        first: u64,
        last: u64,
        direction: Direction,
        visit: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let many = match self {
            Self::One(one) if (first..=last).contains(one) => return visit(*one),
            Self::One(_) => return ControlFlow::Continue(()),
            Self::Many(many) => many,
        };
        let mut sequences = many.iter();
        match direction {
            Direction::Ascending => {
                sequences.advance_to(first);
                sequences.take_while(|sequence| *sequence <= last).try_for_each(visit)
            }
            Direction::Descending => {
                sequences.advance_back_to(last);
                sequences.rev().take_while(|sequence| *sequence >= first).try_for_each(visit)
            }
        }
    }

    fn between(&self, first: u64, last: u64) -> u64 {
        match self {
            Self::One(one) => u64::from((first..=last).contains(one)),
            Self::Many(many) if first == 0 => many.rank(last),
            Self::Many(many) => many.rank(last).saturating_sub(many.rank(first - 1)),
        }
    }
}

/// The word of a bound, which may end anywhere, and what comes after it.
fn split(key: &[u8]) -> (&[u8], &[u8]) {
    let end = key.iter().position(|byte| *byte == 0).unwrap_or(key.len());
    key.split_at(end)
}

fn first_word(from: Bound<&[u8]>) -> Bound<&[u8]> {
    match from {
        Bound::Unbounded => Bound::Unbounded,
        Bound::Included(key) | Bound::Excluded(key) => Bound::Included(split(key).0),
    }
}

fn last_word(to: Bound<&[u8]>) -> Bound<&[u8]> {
    first_word(to)
}

/// The first sequence of `word` whose key is within the bound; `None` if there is none.
fn from_sequence(from: Bound<&[u8]>, word: &[u8]) -> Option<u64> {
    let (key, excluded) = match from {
        Bound::Unbounded => return Some(0),
        Bound::Included(key) => (key, false),
        Bound::Excluded(key) => (key, true),
    };
    match split(key) {
        (of, rest) if of == word => {
            // NUL, and as much of a sequence as there is.
            let rest = rest.get(1..).unwrap_or_default();
            let number = padded(rest, 0);
            let whole = rest.len() >= SEQUENCE_BYTES;
            if whole && (excluded || rest.len() > SEQUENCE_BYTES) {
                number.checked_add(1)
            } else {
                Some(number)
            }
        }
        (of, _) => (word > of).then_some(0),
    }
}

/// The last sequence of `word` whose key is within the bound; `None` if there is none.
fn to_sequence(to: Bound<&[u8]>, word: &[u8]) -> Option<u64> {
    let (key, excluded) = match to {
        Bound::Unbounded => return Some(u64::MAX),
        Bound::Included(key) => (key, false),
        Bound::Excluded(key) => (key, true),
    };
    match split(key) {
        (of, rest) if of == word => {
            let rest = rest.get(1..)?;
            let number = padded(rest, 0);
            match rest.len() {
                SEQUENCE_BYTES if !excluded => Some(number),
                more if more > SEQUENCE_BYTES => Some(number),
                // A key that is cut comes before all that it is the beginning of.
                _ => number.checked_sub(1),
            }
        }
        (of, _) => (word < of).then_some(u64::MAX),
    }
}

/// The first 8 bytes as a number, filled up with `fill`.
fn padded(bytes: &[u8], fill: u8) -> u64 {
    let mut number = [fill; SEQUENCE_BYTES];
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
        let (mut words, mut model) = (Words::default(), BTreeSet::new());
        let names = ["a", "aa", "ab", "b", "é"];
        let step = |step: u64, of: u64| ((step * 2_654_435_761) >> 7) % of;
        let mut keys = vec![Vec::new(), b"a".to_vec(), b"aa\0".to_vec(), b"b\0\0\0".to_vec()];
        for number in 0..600 {
            let key = key(names[usize::try_from(step(number, 5)).unwrap()], step(number * 7, 40));
            let present = step(number * 3, 3) > 0;
            words.set(&key, present);
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
                    words.scan((from, to), Direction::Ascending, &mut |key, _| {
                        found.push(key.to_vec());
                        ControlFlow::Continue(())
                    });
                    assert_eq!(found, expected, "{from:?} {to:?}");
                    words.scan((from, to), Direction::Descending, &mut |key, _| {
                        assert_eq!(found.pop().as_deref(), Some(key));
                        ControlFlow::Continue(())
                    });
                    assert!(found.is_empty());
                    assert_eq!(words.estimate((from, to), u64::MAX), expected.len() as u64);
                }
            }
        }
        assert!(keys.iter().all(|key| words.has(key) == model.contains(key)));
    }
}
