//! Hexadecimal digits.

/// The bytes as lower-case digits, two each.
pub(crate) fn lower(bytes: &[u8]) -> String {
    // All of it at once, so that no part of a secret is left behind by growing.
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for four in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(four.into(), 16));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_digits_a_byte() {
        assert_eq!(super::lower(&[0, 0x0f, 0xa5, 0xff]), "000fa5ff");
    }
}
