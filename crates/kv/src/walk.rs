//! Walks through an index: sequences by the value they stand under.

use std::ops::{Bound, ControlFlow};

use rollbook_core::{Direction, StoreError};

use crate::encode::sequence_of;
use crate::engine::{Reader, Space};
use crate::lists::Lists;

/// A range of keys of an index.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Range {
    /// The first key that may be in it.
    pub(crate) from: Vec<u8>,
    /// The first key after it; `None` is the end of the index.
    pub(crate) to: Option<Vec<u8>>,
}

impl Range {
    pub(crate) fn bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        let to = self.to.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        (Bound::Included(self.from.as_slice()), to)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.to.as_ref().is_some_and(|to| *to <= self.from)
    }
}

/// How many keys are read at a time.
const CHUNK: usize = 128;

/// The length of the sequence at the end of a key.
const SEQUENCE_BYTES: usize = 8;

/// What a visitor of [`by_value`] is given, a sequence and whether its value is another one than before, and
/// whether it goes on.
pub(crate) type Found<'f> = &'f mut dyn FnMut(u64, bool) -> Result<ControlFlow<()>, StoreError>;

/// Visits the sequences of a range by value in `direction`; those of one value ascend or descend as `ties`
/// says.
pub(crate) fn by_value(
    reader: &dyn Reader,
    space: Space,
    range: Range,
    direction: Direction,
    ties: Direction,
    found: Found<'_>,
) -> Result<(), StoreError> {
    if direction == ties {
        straight(reader, space, range, direction, found)
    } else {
        crosswise(reader, space, range, direction, found)
    }
}

/// As the keys are sorted.
fn straight(
    reader: &dyn Reader,
    space: Space,
    mut range: Range,
    direction: Direction,
    found: Found<'_>,
) -> Result<(), StoreError> {
    let mut value = None;
    while !range.is_empty() {
        let keys = chunk(reader, space, &range, direction)?;
        for key in &keys {
            let (of, sequence) = parts(key);
            let new = value.as_deref() != Some(of);
            if new {
                value = Some(of.to_vec());
            }
            if found(sequence, new)?.is_break() {
                return Ok(());
            }
        }
        match keys.last() {
            Some(last) if keys.len() == CHUNK => match direction {
                Direction::Ascending => range.from = [last.as_slice(), &[0]].concat(),
                Direction::Descending => range.to = Some(last.clone()),
            },
            _ => return Ok(()),
        }
    }
    Ok(())
}

/// By value one way, within a value the other way.
fn crosswise(
    reader: &dyn Reader,
    space: Space,
    mut range: Range,
    direction: Direction,
    found: Found<'_>,
) -> Result<(), StoreError> {
    while !range.is_empty() {
        let keys = chunk(reader, space, &range, direction)?;
        let mut groups: Vec<_> = keys.chunk_by(|a, b| parts(a).0 == parts(b).0).collect();
        // The last value may go on in the next chunk.
        let last = if keys.len() < CHUNK { None } else { groups.pop() };
        let alone = groups.is_empty();
        for group in groups {
            for (place, key) in group.iter().rev().enumerate() {
                if found(parts(key).1, place == 0)?.is_break() {
                    return Ok(());
                }
            }
        }
        let Some((value, _)) = last.and_then(|group| group.first()).map(|key| parts(key)) else {
            return Ok(());
        };
        if alone {
            // Many have this value: a list, which is read from its own beginning.
            let ties = direction.reversed();
            let lists = Lists::new(reader, space, &[value.to_vec()], (0, u64::MAX), ties)?;
            let (mut first, mut broken) = (true, false);
            lists.each(|sequence| {
                let flow = found(sequence, std::mem::take(&mut first))?;
                broken = flow.is_break();
                Ok(flow)
            })?;
            if broken {
                return Ok(());
            }
        }
        match direction {
            Direction::Ascending if alone => range.from = after(value),
            Direction::Ascending => range.from = value.to_vec(),
            Direction::Descending if alone => range.to = Some(value.to_vec()),
            Direction::Descending => range.to = Some(after(value)),
        }
    }
    Ok(())
}

fn chunk(
    reader: &dyn Reader,
    space: Space,
    range: &Range,
    direction: Direction,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut keys = Vec::with_capacity(CHUNK);
    reader.scan(space, range.bounds(), direction, &mut |key, _| {
        keys.push(key.to_vec());
        if keys.len() < CHUNK { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(keys)
}

/// The value of a key, and its sequence.
fn parts(key: &[u8]) -> (&[u8], u64) {
    let (value, _) = key.split_at(key.len().saturating_sub(SEQUENCE_BYTES));
    (value, sequence_of(key).unwrap_or_default())
}

/// The first key after all that begin with `value` and go on with a sequence.
pub(crate) fn after(value: &[u8]) -> Vec<u8> {
    [value, &[0xff; SEQUENCE_BYTES + 1]].concat()
}

/// The first key after all that begin with `head`; `None` if there is none.
pub(crate) fn successor(head: &[u8]) -> Option<Vec<u8>> {
    let last = head.iter().rposition(|byte| *byte < 0xff)?;
    let mut next = head[..=last].to_vec();
    next[last] += 1;
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{sequence_key, value_key};
    use crate::engine::{Change, Engine, Entry, Part};
    use crate::plain::Maps;

    const SPACE: Space = Space { schema: 0, part: Part::Index(0) };

    /// An index in which so many have each value; those of one value lie far apart.
    fn index(groups: &[usize]) -> Vec<(Vec<u8>, u64)> {
        let value = |n: usize| value_key(&i64::try_from(n).unwrap().into());
        let entries = groups.iter().enumerate().flat_map(|(n, size)| {
            (0..*size).map(move |place| (value(n), (place * groups.len() + n) as u64 * 7 % 10_007))
        });
        entries.collect()
    }

    fn engine(index: &[(Vec<u8>, u64)]) -> Maps {
        let set = |(value, sequence): &(Vec<u8>, u64)| {
            let key = [value.as_slice(), &sequence_key(*sequence)].concat();
            Change { space: SPACE, key, entry: Some(Entry::Present) }
        };
        let mut maps = Maps::new(1);
        maps.apply(index.iter().map(set).collect(), &[]).unwrap();
        maps
    }

    /// Compares a walk that breaks after `most` with a sort.
    fn check(maps: &Maps, index: &[(Vec<u8>, u64)], range: &Range, most: usize) {
        let ways = [Direction::Ascending, Direction::Descending];
        for (direction, ties) in ways.into_iter().flat_map(|a| ways.map(|b| (a, b))) {
            let turned = |direction, order: std::cmp::Ordering| match direction {
                Direction::Ascending => order,
                Direction::Descending => order.reverse(),
            };
            let inside = |(value, _): &&(Vec<u8>, u64)| {
                *value >= range.from && range.to.as_ref().is_none_or(|to| value < to)
            };
            let mut sorted: Vec<_> = index.iter().filter(inside).collect();
            sorted
                .sort_by(|a, b| turned(direction, a.0.cmp(&b.0)).then(turned(ties, a.1.cmp(&b.1))));
            let new = |n: usize| n == 0 || sorted[n - 1].0 != sorted[n].0;
            let due: Vec<_> = sorted
                .iter()
                .enumerate()
                .map(|(n, (_, sequence))| (*sequence, new(n)))
                .take(most)
                .collect();
            let mut found = Vec::new();
            by_value(maps, SPACE, range.clone(), direction, ties, &mut |sequence, new| {
                found.push((sequence, new));
                Ok(if found.len() < most {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                })
            })
            .unwrap();
            assert_eq!(found, due, "{direction:?} with ties {ties:?}, {range:?}, at most {most}");
        }
    }

    #[test]
    fn walks_by_value_are_sorts() {
        // Groups shorter and longer than what is read at a time, alone and in company.
        for groups in [
            vec![],
            vec![1],
            vec![128],
            vec![129],
            vec![1, 127, 1],
            vec![64, 64, 64, 64],
            vec![300, 1, 2, 256, 128, 0, 129, 127, 1, 1, 400],
            vec![1; 300],
        ] {
            let index = index(&groups);
            let maps = engine(&index);
            let value = |n: i64| value_key(&n.into());
            let ranges = [
                Range { from: vec![], to: None },
                Range { from: value(1), to: None },
                Range { from: vec![], to: Some(value(3)) },
                Range { from: value(2), to: Some(value(9)) },
                Range { from: value(3), to: Some(value(4)) },
                Range { from: value(4), to: Some(value(4)) },
                Range { from: value(9), to: Some(value(2)) },
            ];
            for range in &ranges {
                for most in [1, 2, 127, 128, 129, 300, 301, usize::MAX] {
                    check(&maps, &index, range, most);
                }
            }
        }
    }

    #[test]
    fn the_first_key_beyond() {
        assert_eq!(successor(b"ab"), Some(b"ac".to_vec()));
        assert_eq!(successor(&[1, 0xff, 0xff]), Some(vec![2]));
        assert_eq!(successor(&[0xff, 0xff]), None);
        assert_eq!(successor(&[]), None);
        let last = [b"a".as_slice(), &sequence_key(u64::MAX)].concat();
        assert!(after(b"a") > last && after(b"a") < b"b".to_vec());
    }
}
