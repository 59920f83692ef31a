//! Every text that a parser takes is of the documented form, and is taken again as it is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_core::{Email, Id, Password, Phone, Timestamp};

fuzz_target!(|text: &str| {
    if let Ok(id) = Id::parse(text) {
        assert_eq!(id.as_str(), text);
        assert!((1..=36).contains(&id.len()));
        assert!(id.starts_with(|c: char| c.is_ascii_alphanumeric()));
        assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)));
        assert_eq!(Id::parse(id.as_str()).ok(), Some(id));
    }
    if let Ok(email) = Email::parse(text) {
        assert_eq!(email.as_str(), text.trim().to_ascii_lowercase());
        assert!(email.len() <= 254);
        assert!(email.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase()));
        let (local, domain) = email.split_once('@').expect("an address has an `@`");
        assert!((1..=64).contains(&local.len()) && !domain.contains('@'));
        let literal = domain.starts_with('[') && domain.ends_with(']');
        assert!(literal || domain.split('.').all(|label| (1..=63).contains(&label.len())));
        assert!(literal || domain.contains('.'));
        assert_eq!(Email::parse(&email).ok(), Some(email));
    }
    if let Ok(phone) = Phone::parse(text) {
        assert_eq!(phone.as_str(), text);
        let digits = phone.strip_prefix('+').expect("a number starts with `+`");
        assert!((7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
        assert!(!digits.starts_with('0'));
        assert_eq!(Phone::parse(&phone).ok(), Some(phone));
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        assert!((Timestamp::MIN..=Timestamp::MAX).contains(&time));
        let shown = time.to_string();
        assert_eq!(shown.len(), "2020-10-15T06:38:00.000+00:00".len());
        assert_eq!(shown.parse(), Ok(time));
        assert_eq!(Timestamp::from_millis(time.as_millis()), Ok(time));
    }
    assert_eq!(Password::parse(text).is_ok(), (8..=256).contains(&text.len()));
});
