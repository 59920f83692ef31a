//! What lies beside the data: the format, and what each schema's keys were made from.
//!
//! | key | value |
//! |---|---|
//! | `0 0 format` | `rollbook`, the format (4 bytes) |
//! | `0 0 schema NAME` | number (2), layout (4), fingerprint |
//! | `0 0 counter NAME` | last sequence (8), documents (8), three tallies (8 each) of every tallied field |
//!
//! Numbers are big-endian. Schemas that the program does not name keep their keys and their data.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

use rollbook_core::{Direction, StoreError};

use super::codec::{Tables, after};
use super::error::Refusal;
use super::map::View;
use crate::engine::Counter;

/// The format of keys and values that this version writes.
const FORMAT: u32 = 1;

/// Raised when documents of an unchanged schema get other keys than before (`layout.rs`, `encode.rs`):
/// stores then build them anew from the bodies.
const LAYOUT: u32 = 2;

const FORMAT_KEY: &[u8] = b"\0\0format";
const SCHEMA_KEY: &[u8] = b"\0\0schema ";
const COUNTER_KEY: &[u8] = b"\0\0counter ";
const MARK: &[u8] = b"rollbook";

/// What is known of a schema whose documents are in the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) number: u16,
    pub(super) layout: u32,
    pub(super) fingerprint: String,
}

impl Known {
    /// What this version writes for a schema.
    pub(super) fn new(number: u16, fingerprint: String) -> Self {
        Self { number, layout: LAYOUT, fingerprint }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let Self { number, layout, fingerprint } = self;
        let head = [&number.to_be_bytes()[..], &layout.to_be_bytes()];
        [head.concat().as_slice(), fingerprint.as_bytes()].concat()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (number, rest) = bytes.split_first_chunk()?;
        let (layout, fingerprint) = rest.split_first_chunk()?;
        let fingerprint = String::from_utf8(fingerprint.to_vec()).ok()?;
        // The first number is that of the keys here.
        let number = Some(u16::from_be_bytes(*number)).filter(|number| *number > 0)?;
        Some(Self { number, layout: u32::from_be_bytes(*layout), fingerprint })
    }
}

/// Key and value that mark the map as ours.
pub(super) fn mark() -> (&'static [u8], Vec<u8>) {
    (FORMAT_KEY, [MARK, &FORMAT.to_be_bytes()].concat())
}

/// The key that says what is known of a schema.
pub(super) fn schema_key(name: &str) -> Vec<u8> {
    [SCHEMA_KEY, name.as_bytes()].concat()
}

/// The key of a schema's counter.
pub(super) fn counter_key(name: &str) -> Vec<u8> {
    [COUNTER_KEY, name.as_bytes()].concat()
}

/// Whether the map has our mark; an error if it is of another format, or no mark at all.
pub(super) fn is_marked(view: &dyn View) -> Result<bool, Refusal> {
    let Some(value) = view.get(FORMAT_KEY)? else { return Ok(false) };
    let format = value.strip_prefix(MARK).and_then(|format| format.try_into().ok());
    match format.map(u32::from_be_bytes) {
        Some(FORMAT) => Ok(true),
        None | Some(0) => Err(Refusal::Foreign),
        Some(found) => Err(Refusal::Newer { found, known: FORMAT }),
    }
}

/// The schemas in the map, by name.
pub(super) fn known(view: &dyn View) -> Result<BTreeMap<String, Known>, Refusal> {
    let mut found = BTreeMap::new();
    let mut damaged = None;
    let to = after(SCHEMA_KEY.to_vec());
    let bounds = (Bound::Included(SCHEMA_KEY), Bound::Excluded(to.as_slice()));
    view.scan(bounds, Direction::Ascending, &mut |key, value| {
        let name = key.strip_prefix(SCHEMA_KEY).unwrap_or(key);
        if let Some((name, known)) = str::from_utf8(name).ok().zip(Known::decode(value)) {
            found.insert(name.to_owned(), known);
            ControlFlow::Continue(())
        } else {
            damaged = Some(format!("what is kept of the {} can't be read", name.escape_ascii()));
            ControlFlow::Break(())
        }
    })?;
    let numbers: BTreeMap<u16, &String> =
        found.iter().map(|(name, known)| (known.number, name)).collect();
    match damaged {
        Some(what) => Err(Refusal::Damaged(what)),
        None if numbers.len() < found.len() => {
            Err(Refusal::Damaged("two schemas have the same number".to_owned()))
        }
        None => Ok(found),
    }
}

/// The counter of the schema called `name`.
pub(super) fn counter(view: &dyn View, name: &str) -> Result<Counter, StoreError> {
    let bytes = view.get(&counter_key(name))?;
    bytes.as_deref().and_then(decode_counter).ok_or_else(|| {
        StoreError::backend(format!("the counter of the {name} is missing or damaged"))
    })
}

/// The counters of all schemas, in their order.
pub(super) fn counters(view: &dyn View, tables: &Tables) -> Result<Vec<Counter>, StoreError> {
    tables.schemas.iter().map(|schema| counter(view, schema.name)).collect()
}

pub(super) fn encode_counter(counter: &Counter) -> Vec<u8> {
    let tallies = counter.tallies.iter().flatten();
    let numbers = [counter.last, counter.documents].into_iter().chain(tallies.copied());
    numbers.flat_map(u64::to_be_bytes).collect()
}

fn decode_counter(bytes: &[u8]) -> Option<Counter> {
    let (numbers, rest) = bytes.as_chunks();
    let mut numbers = numbers.iter().map(|number| u64::from_be_bytes(*number));
    let (last, documents) = (numbers.next()?, numbers.next()?);
    let numbers: Vec<u64> = numbers.collect();
    let (tallies, more) = numbers.as_chunks();
    // No more were inserted than sequences given, nor more than a query can name.
    let right = documents <= last && last < i64::MAX.cast_unsigned();
    let whole = rest.is_empty() && more.is_empty();
    (right && whole).then(|| Counter { last, documents, tallies: tallies.to_vec() })
}
