//! Values as bytes that sort as the values do.

use rollbook_core::{Document, Field, Value, list_text};

/// Appends `value` to `key`. Byte order of keys is then the order of the values, null first, and no
/// value's bytes are a prefix of another's, so that tuples sort field by field.
pub(crate) fn encode_value(value: &Value<'_>, key: &mut Vec<u8>) {
    match value {
        Value::Null => key.push(0),
        Value::Bool(value) => key.extend([1, u8::from(*value)]),
        Value::Int(value) => encode_number(2, *value, key),
        Value::Time(value) => encode_number(3, value.as_millis(), key),
        Value::Text(value) => encode_text(value, key),
        Value::List(list) => encode_text(&list_text(list), key),
    }
}

fn encode_number(tag: u8, number: i64, key: &mut Vec<u8>) {
    key.push(tag);
    // With the sign bit turned over, negative numbers sort before positive ones.
    key.extend((number.cast_unsigned() ^ (1 << 63)).to_be_bytes());
}

fn encode_text(text: &str, key: &mut Vec<u8>) {
    key.push(4);
    // NUL is written as 00 FF and the end as 00 00, so the end sorts before every continuation.
    for part in text.as_bytes().split_inclusive(|byte| *byte == 0) {
        key.extend(part);
        if part.ends_with(&[0]) {
            key.push(0xff);
        }
    }
    key.extend([0, 0]);
}

/// What the keys of all texts that begin with `head` begin with.
pub(crate) fn text_head(head: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(head.len() + 3);
    encode_text(head, &mut key);
    key.truncate(key.len() - 2);
    key
}

/// The key of one value.
pub(crate) fn value_key(value: &Value<'_>) -> Vec<u8> {
    // Most keys fit, and none is grown by doubling and then cut.
    let length = if let Value::Text(text) = value { text.len() } else { 8 };
    let mut key = Vec::with_capacity(length + 3 + size_of::<u64>());
    encode_value(value, &mut key);
    key
}

/// The key of the values that a document has in `fields`; `None` if one of them is null.
pub(crate) fn tuple_key<'f>(
    document: &Document,
    fields: impl Iterator<Item = &'f Field>,
) -> Option<Vec<u8>> {
    let mut key = Vec::with_capacity(32);
    for field in fields {
        match field.read(document) {
            Value::Null => return None,
            value => encode_value(&value, &mut key),
        }
    }
    Some(key)
}

/// The key of a document in the order of insertion.
pub(crate) fn sequence_key(sequence: u64) -> [u8; 8] {
    sequence.to_be_bytes()
}

/// The sequence that a key of [`sequence_key`], or one that ends in it, names.
pub(crate) fn sequence_of(key: &[u8]) -> Option<u64> {
    key.last_chunk().map(|bytes| u64::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rollbook_core::Timestamp;

    #[test]
    fn keys_sort_as_values_do() {
        let time = |millis| Value::Time(Timestamp::from_millis(millis).unwrap());
        let values = [
            Value::Null,
            false.into(),
            true.into(),
            i64::MIN.into(),
            (-1).into(),
            0.into(),
            i64::MAX.into(),
            time(-1),
            time(0),
            time(1),
            "".into(),
            "\0".into(),
            "\0\0".into(),
            "\0a".into(),
            "\u{1}".into(),
            "a".into(),
            "a\0".into(),
            "a\u{1}".into(),
            "ab".into(),
            "b".into(),
            "é".into(),
            "\u{10ffff}".into(),
        ];
        for (a, b) in values.iter().zip(&values[1..]) {
            assert!(a.order(b).is_lt(), "{a:?} {b:?}");
            assert!(value_key(a) < value_key(b), "{a:?} {b:?}");
            assert!(!value_key(b).starts_with(&value_key(a)), "{a:?} {b:?}");
        }
    }
}
