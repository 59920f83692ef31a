//! Which keys a document has besides its own.

use std::collections::BTreeSet;

use rollbook_core::{Document, Field, Kind, Schema, Value};

use crate::encode::{sequence_key, tuple_key, value_key};
use crate::engine::{Entry, Part, Space};

/// The fields with an ordered index: the owners, for cascades, and those that ask for one.
pub(crate) fn indexes(schema: &'static Schema) -> impl Iterator<Item = &'static Field> {
    let owns = |field: &Field| schema.owners.iter().any(|owner| owner.field == field.name());
    let asked = schema.fields.iter().filter(move |field| field.is_indexed() && !owns(field));
    schema.owner_fields().map(|(field, _)| field).chain(asked)
}

/// The keys under which a document can be found, and what they map to.
pub(crate) fn keys(number: u16, document: &Document) -> Vec<(Space, Vec<u8>, Entry)> {
    keys_beside(number, document, None)
}

/// The same without those that follow from what is the same in `other`, another revision of the document:
/// most changes touch one field of many.
pub(crate) fn keys_beside(
    number: u16,
    document: &Document,
    other: Option<&Document>,
) -> Vec<(Space, Vec<u8>, Entry)> {
    let schema = document.record().schema();
    let space = |part| Space { schema: number, part };
    let sequence = document.sequence();
    let differs =
        |field: &Field| other.is_none_or(|other| field.read(document) != field.read(other));
    let mut keys = Vec::new();
    if other.is_none() {
        let id = document.id().as_bytes().to_vec();
        keys.push((space(Part::Ids), id, Entry::Sequence(sequence)));
    }
    for (place, unique) in (0..).zip(schema.uniques) {
        if schema.unique_fields(unique).any(differs)
            && let Some(key) = tuple_key(document, schema.unique_fields(unique))
        {
            keys.push((space(Part::Unique(place)), key, Entry::Sequence(sequence)));
        }
    }
    for (place, field) in (0..).zip(indexes(schema)).filter(|(_, field)| differs(field)) {
        let mut index = |value: &Value<'_>| {
            let mut key = value_key(value);
            key.extend(sequence_key(sequence));
            keys.push((space(Part::Index(place)), key, Entry::Present));
        };
        match field.read(document) {
            Value::List(list) if field.kind() == Kind::List => {
                list.iter().for_each(|element| index(&Value::from(element.as_str())));
            }
            value => index(&value),
        }
    }
    if let Some(texts) = schema.search
        && other.is_none_or(|other| texts(document) != texts(other))
    {
        let words: BTreeSet<String> =
            schema.search_tokens(document).into_iter().flatten().collect();
        let heads: BTreeSet<&str> = words.iter().map(|word| head_of(word)).collect();
        let mut word = |part, word: &str| {
            let key = [token_key(word).as_slice(), &sequence_key(sequence)].concat();
            keys.push((space(part), key, Entry::Present));
        };
        for token in &words {
            word(Part::Tokens, token);
        }
        for head in heads {
            word(Part::Heads, head);
        }
    }
    keys
}

/// Where the tally of a value is counted.
pub(crate) fn tally_of(value: &Value<'_>) -> usize {
    match value {
        Value::Bool(value) => 1 + usize::from(*value),
        _ => 0,
    }
}

/// The key of a word, which has no NUL.
pub(crate) fn token_key(token: &str) -> Vec<u8> {
    [token.as_bytes(), &[0]].concat()
}

/// The first two characters of a word, or the only one.
///
/// Lists of these are what a search for a beginning so short is answered from: thousands of words begin
/// with two letters, and few with three.
pub(crate) fn head_of(token: &str) -> &str {
    token.char_indices().nth(2).map_or(token, |(end, _)| &token[..end])
}
