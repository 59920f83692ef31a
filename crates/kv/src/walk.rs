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
