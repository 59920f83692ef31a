//! Preferences: whatever JSON object the application keeps for a user.

use serde_json::{Map, Value};

use crate::Error;

/// A user's preferences, in the order in which the keys were given.
pub type Prefs = Map<String, Value>;

/// The most bytes of preferences (`spec/users-api.md`, 5.8).
const MOST_BYTES: usize = 65_535;

/// Checks the size of `prefs`: at most 65,535 bytes of JSON, in which a character outside ASCII counts
/// as its `\uXXXX` escapes (6 bytes, 12 beyond the basic plane) and `/` as `\/`.
pub(crate) fn check(prefs: &Prefs) -> Result<(), Error> {
    let json = serde_json::to_string(prefs).expect("a JSON map prints as JSON");
    let size: usize = json
        .chars()
        .map(|c| match c {
            '/' => 2,
            c if c.is_ascii() => 1,
            c => c.len_utf16() * 6,
        })
        .sum();
    if size <= MOST_BYTES {
        Ok(())
    } else {
        Err(Error::invalid("prefs", "Value must be a valid object."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(text: String) -> bool {
        check(&Prefs::from_iter([("a".to_owned(), Value::String(text))])).is_ok()
    }

    #[test]
    fn the_executed_bounds_of_the_spec() {
        // `{"a":""}` is 8 bytes.
        assert!(fits("x".repeat(65_527)));
        assert!(!fits("x".repeat(65_528)));
        assert!(fits("é".repeat(10_920)));
        assert!(!fits("é".repeat(10_922)));
        assert!(fits("/".repeat(32_763)));
        assert!(!fits("/".repeat(32_764)));
        assert!(fits("🔒".repeat(5_460)));
        assert!(!fits("🔒".repeat(5_461)));
    }

    #[test]
    fn keys_that_look_like_a_list_or_a_document_are_plain_data() {
        let prefs = serde_json::json!({"0": 1, "$id": 5, "$permissions": {}});
        assert!(check(prefs.as_object().unwrap()).is_ok());
    }
}
