//! Keys and entries as the bytes that a map keeps.
//!
//! A key is the number of the schema (2 bytes, big-endian, from 1; 0 is for `meta`), the part (2 bytes),
//! and the key within it. A document is its revision and its sequence (8 bytes each, big-endian) and
//! the record as JSON; a sequence is its 8 bytes; an index entry is empty.

use std::ops::{Bound, ControlFlow};

use rollbook_core::{Direction, Document, Schema, StoreError};

use super::map::View;
use crate::encode::sequence_of;
use crate::engine::{Entry, Part, Reader, Space, Visit};

/// The key of `key` in a part of the schema with this number.
pub(super) fn place_key(number: u16, part: Part, key: &[u8]) -> Vec<u8> {
    let mut placed = Vec::with_capacity(PREFIX + key.len());
    placed.extend(number.to_be_bytes());
    placed.extend(match part {
        Part::Documents => [0, 0],
        Part::Ids => [1, 0],
        Part::Unique(place) => [2, place],
        Part::Index(place) => [3, place],
        Part::Tokens => [4, 0],
        Part::Heads => [5, 0],
    });
    placed.extend(key);
    placed
}

/// The bytes before the key within a part.
const PREFIX: usize = 4;

/// The keys of a schema that follow from its documents: all parts but [`Part::Documents`], the first.
pub(super) fn derived_keys(number: u16) -> (Vec<u8>, Vec<u8>) {
    let mut from = number.to_be_bytes().to_vec();
    let mut to = from.clone();
    from.push(1);
    to.push(u8::MAX);
    (from, to)
}

/// The bytes of `entry`.
pub(super) fn encode(entry: &Entry) -> Vec<u8> {
    match entry {
        Entry::Document(document) => {
            let mut bytes = Vec::with_capacity(HEAD + BODY);
            bytes.extend(document.revision().to_be_bytes());
            bytes.extend(document.sequence().to_be_bytes());
            document.record().encode(&mut bytes);
            bytes
        }
        Entry::Sequence(sequence) => sequence.to_be_bytes().to_vec(),
        Entry::Present => Vec::new(),
    }
}

/// Bytes before the record of a document, and to expect of the record.
const HEAD: usize = 16;
const BODY: usize = 512;

/// The entry that `bytes` are under `key` of a part. They may be anything.
pub(super) fn decode(
    schema: &'static Schema,
    part: Part,
    key: &[u8],
    bytes: &[u8],
) -> Result<Entry, DecodeError> {
    match part {
        Part::Documents => decode_document(schema, key, bytes).map(Entry::Document),
        Part::Ids | Part::Unique(_) => match bytes.try_into() {
            Ok(bytes) => Ok(Entry::Sequence(u64::from_be_bytes(bytes))),
            Err(_) => Err(DecodeError::Sequence { schema: schema.name, length: bytes.len() }),
        },
        Part::Index(_) | Part::Tokens | Part::Heads => Ok(Entry::Present),
    }
}

fn decode_document(
    schema: &'static Schema,
    key: &[u8],
    bytes: &[u8],
) -> Result<Document, DecodeError> {
    let name = schema.name;
    let place = sequence_of(key).filter(|_| key.len() == size_of::<u64>());
    let place = place.ok_or(DecodeError::Place { schema: name })?;
    let Some((head, body)) = bytes.split_at_checked(HEAD) else {
        return Err(DecodeError::Length { schema: name, place, length: bytes.len() });
    };
    let (revision, sequence) = head.split_at(HEAD / 2);
    let [revision, sequence] = [revision, sequence].map(|n| sequence_of(n).unwrap_or_default());
    if sequence != place {
        return Err(DecodeError::Moved { schema: name, place, sequence });
    }
    let record = (schema.decode)(schema, body);
    let record = record.map_err(|source| DecodeError::Record { schema: name, place, source })?;
    Ok(Document::new(revision, sequence, record))
}

/// Why bytes are no entry.
#[derive(Debug, thiserror::Error)]
pub(super) enum DecodeError {
    #[error("a key of the {schema} leads to {length} bytes, not to a sequence")]
    Sequence { schema: &'static str, length: usize },
    #[error("a document of the {schema} lies under a key that is no sequence")]
    Place { schema: &'static str },
    #[error("document {place} of the {schema} has {length} bytes only")]
    Length { schema: &'static str, place: u64, length: usize },
    #[error("document {sequence} of the {schema} lies at the place of {place}")]
    Moved { schema: &'static str, place: u64, sequence: u64 },
    #[error("document {place} of the {schema} holds no record: {source}")]
    Record { schema: &'static str, place: u64, source: serde_json::Error },
}

impl From<DecodeError> for StoreError {
    fn from(error: DecodeError) -> Self {
        Self::backend(error)
    }
}

/// Which schemas a store has, and their numbers in its keys. A number stays when the list of schemas
/// changes; the place in the list does not.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    pub(super) schemas: &'static [&'static Schema],
    pub(super) numbers: Vec<u16>,
}

impl Tables {
    fn at(&self, place: u16) -> Result<(&'static Schema, u16), StoreError> {
        let place = usize::from(place);
        let table = self.schemas.get(place).copied().zip(self.numbers.get(place).copied());
        table.ok_or_else(|| StoreError::backend(format!("there is no schema at place {place}")))
    }

    /// The bytes of a key.
    pub(super) fn key(&self, space: Space, key: &[u8]) -> Result<Vec<u8>, StoreError> {
        Ok(place_key(self.at(space.schema)?.1, space.part, key))
    }
}

/// The entries in a view of bytes.
pub(super) struct State<'a> {
    pub(super) view: &'a dyn View,
    pub(super) tables: &'a Tables,
}

impl Reader for State<'_> {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Entry>, StoreError> {
        let (schema, number) = self.tables.at(space.schema)?;
        let bytes = self.view.get(&place_key(number, space.part, key))?;
        let entry = bytes.map(|bytes| decode(schema, space.part, key, &bytes)).transpose();
        entry.map_err(StoreError::from)
    }

    fn scan(
        &self,
        space: Space,
        (from, to): (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
        visit: Visit<'_>,
    ) -> Result<(), StoreError> {
        let (schema, number) = self.tables.at(space.schema)?;
        let placed = |key: &[u8]| place_key(number, space.part, key);
        let from = match from {
            Bound::Unbounded => Bound::Included(placed(&[])),
            bound => bound.map(placed),
        };
        let to = match to {
            Bound::Unbounded => Bound::Excluded(after(placed(&[]))),
            bound => bound.map(placed),
        };
        let bounds = (from.as_ref().map(Vec::as_slice), to.as_ref().map(Vec::as_slice));
        let mut failed = None;
        self.view.scan(bounds, direction, &mut |key, bytes| {
            let key = key.get(PREFIX..).unwrap_or_default();
            match decode(schema, space.part, key, bytes) {
                Ok(entry) => visit(key, &entry),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        failed.map_or(Ok(()), |error| Err(error.into()))
    }
}

/// The first key after all that begin with `prefix`.
pub(super) fn after(mut prefix: Vec<u8>) -> Vec<u8> {
    while let Some(last) = prefix.pop() {
        if last < u8::MAX {
            prefix.push(last + 1);
            break;
        }
    }
    prefix
}

#[cfg(test)]
mod tests {
    use rollbook_core::{Random, Record, SeededRandom, User};

    use super::*;

    fn document(sequence: u64) -> Vec<u8> {
        let user = serde_json::json!({
            "$id": "ann", "$createdAt": 0, "$updatedAt": 0, "registration": 0, "status": true,
        });
        let user: User = serde_json::from_value(user).unwrap();
        encode(&Entry::Document(Document::new(3, sequence, std::sync::Arc::new(user))))
    }

    fn refused(part: Part, key: &[u8], bytes: &[u8]) -> String {
        decode(User::SCHEMA, part, key, bytes).unwrap_err().to_string()
    }

    #[test]
    fn entries_come_back() {
        let key = 7_u64.to_be_bytes();
        match decode(User::SCHEMA, Part::Documents, &key, &document(7)).unwrap() {
            Entry::Document(document) => {
                let found = (document.revision(), document.sequence(), document.id());
                assert_eq!(found, (3, 7, "ann"));
            }
            entry => panic!("{entry:?}"),
        }
        let sequence = encode(&Entry::Sequence(u64::MAX));
        let back = decode(User::SCHEMA, Part::Ids, b"ann", &sequence).unwrap();
        assert!(matches!(back, Entry::Sequence(u64::MAX)), "{back:?}");
        let back = decode(User::SCHEMA, Part::Index(0), b"x", &encode(&Entry::Present)).unwrap();
        assert!(matches!(back, Entry::Present), "{back:?}");
    }

    #[test]
    fn what_is_no_entry_is_named() {
        let key = 7_u64.to_be_bytes();
        insta::assert_snapshot!(refused(Part::Documents, &key, b"short"), @"document 7 of the users has 5 bytes only");
        insta::assert_snapshot!(refused(Part::Documents, &key, &document(8)), @"document 8 of the users lies at the place of 7");
        insta::assert_snapshot!(refused(Part::Documents, b"odd", &document(8)), @"a document of the users lies under a key that is no sequence");
        insta::assert_snapshot!(refused(Part::Documents, &key, &document(7)[..20]), @"document 7 of the users holds no record: EOF while parsing a string at line 1 column 4");
        insta::assert_snapshot!(refused(Part::Unique(1), b"ann@x.co", b"seven"), @"a key of the users leads to 5 bytes, not to a sequence");
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let random = SeededRandom::new(1);
        let key = 7_u64.to_be_bytes();
        for length in 0..200 {
            let mut bytes = vec![0; length];
            random.fill(&mut bytes);
            for part in [Part::Documents, Part::Ids, Part::Unique(0), Part::Index(9)] {
                let _ = decode(User::SCHEMA, part, &key, &bytes);
                let _ = decode(User::SCHEMA, part, &bytes, &document(7));
            }
        }
    }

    #[test]
    fn the_key_after_a_prefix() {
        assert_eq!(after(vec![1, 2]), [1, 3]);
        assert_eq!(after(vec![1, 255]), [2]);
        assert!(after(vec![255]).is_empty());
    }
}
