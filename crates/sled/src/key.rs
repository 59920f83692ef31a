//! Keys without the highest byte.
//!
//! Going backwards, sled 0.34 looks for the leaf before one that begins with `x` at `x - 1, ff ff ff ff`. Where
//! keys go on with more of these bytes than that, it never gets there and panics. A negative number in an
//! index is such a key.

use std::borrow::Cow;

const ESCAPE: u8 = 0xfe;

/// The key as sled is given it: `fe` is written as `fe 00` and `ff` as `fe 01`, which keeps the order.
pub(crate) fn escaped(key: &[u8]) -> Cow<'_, [u8]> {
    if key.iter().all(|byte| *byte < ESCAPE) {
        return Cow::Borrowed(key);
    }
    let mut escaped = Vec::with_capacity(key.len() + 8);
    for byte in key {
        match byte {
            ESCAPE.. => escaped.extend([ESCAPE, byte - ESCAPE]),
            byte => escaped.push(*byte),
        }
    }
    Cow::Owned(escaped)
}

/// The key that was given.
pub(crate) fn unescaped(key: &[u8]) -> Cow<'_, [u8]> {
    if key.iter().all(|byte| *byte < ESCAPE) {
        return Cow::Borrowed(key);
    }
    let mut unescaped = Vec::with_capacity(key.len());
    let mut bytes = key.iter();
    while let Some(byte) = bytes.next() {
        unescaped.push(match byte {
            &ESCAPE => ESCAPE.saturating_add(bytes.next().copied().unwrap_or_default()),
            byte => *byte,
        });
    }
    Cow::Owned(unescaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_come_back() {
        let bytes = [0, 1, 0x7f, 0xfd, 0xfe, 0xff];
        let mut keys: Vec<Vec<u8>> = vec![vec![]];
        for length in 0..3 {
            let longer = keys
                .iter()
                .filter(|key| key.len() == length)
                .flat_map(|key| bytes.map(|byte| [key.as_slice(), &[byte]].concat()));
            keys.extend(longer.collect::<Vec<_>>());
        }
        keys.sort();
        assert!(keys.is_sorted_by(|a, b| escaped(a) < escaped(b)));
        for key in &keys {
            assert_eq!(*unescaped(&escaped(key)), **key);
            assert!(!escaped(key).contains(&0xff));
        }
    }
}
