//! Numbers that are written as texts.

use serde_json::Number;

/// The number that `text` is to PHP: digits with a sign, a point or an exponent, between blanks.
pub(super) fn numeric(text: &str) -> Option<Number> {
    let text = text.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    // What Rust takes for a number beyond that: `inf`, `nan`.
    if !text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b)) {
        return None;
    }
    if let Ok(number) = text.parse::<i64>() {
        return Some(number.into());
    }
    let number: f64 = text.parse().ok()?;
    // Infinity is beyond every bound, and so is this.
    Number::from_f64(number.clamp(f64::MIN, f64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_php_takes_for_them() {
        let check = |text: &str, expected: Option<&str>| {
            let number = numeric(text).map(|number| number.to_string());
            assert_eq!(number.as_deref(), expected, "{text:?}");
        };
        check("007", Some("7"));
        check("-3", Some("-3"));
        check("+3", Some("3"));
        check(" 5\n", Some("5"));
        check(".5", Some("0.5"));
        check("5.", Some("5.0"));
        check("1e3", Some("1000.0"));
        check("1e999", Some("1.7976931348623157e+308"));
        check("9223372036854775808", Some("9.223372036854776e+18"));
        for text in ["", ".", "-", "e5", "0x1A", "inf", "nan", "5 6", "1_000", "５"] {
            check(text, None);
        }
    }
}
