//! An expression is refused with a short reason, or its hash is computed within its bounds and fits no password.
//!
//! The input is lines: the expression, the salt, the rounds, and the password, which is the rest.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_core::{HashError, HashOptions, Limits, PasswordHash, VerifyError};
use serde_json::Value;

const NAME: &str = "expression";

fuzz_target!(|input: &[u8]| {
    let mut fields = input.splitn(4, |byte| *byte == b'\n');
    let mut field = || fields.next().unwrap_or_default();
    let [expression, salt, rounds] = [(); 3].map(|()| String::from_utf8_lossy(field()));
    let password = field();
    let mut options = HashOptions::new();
    options.insert("expression".to_owned(), Value::from(&*expression));
    for (name, option) in
        [("salt", "$salt"), ("key", "$key"), ("username", "$user"), ("realm", "$realm")]
    {
        if expression.contains(option) {
            options.insert(name.to_owned(), Value::from(&*salt));
        }
    }
    if expression.contains("$rounds") {
        options.insert("iterations".to_owned(), rounds.parse::<u64>().unwrap_or(2).into());
    }
    // What nobody's hash is, as long as the expression asks for.
    for digit in ["0", "f"] {
        let import = |bytes: usize| {
            PasswordHash::import(NAME, &digit.repeat(2 * bytes), &options, &limits())
        };
        match import(16).or_else(|error| import(bytes_needed(&error).unwrap_or(16))) {
            Ok(hash) => check(&hash, password),
            Err(error) => assert!(error.to_string().len() < 400, "not short: {error}"),
        }
    }
});

fn check(hash: &PasswordHash, password: &[u8]) {
    let again = PasswordHash::restore(NAME, hash.text(), &hash.stored_options(), &limits());
    assert_eq!(again.as_ref(), Ok(hash), "read from a store");
    assert!(hash.cost().work <= 1_000, "more work than the limits allow: {:?}", hash.cost());
    let verdict = hash.verify(password);
    if password.len() > limits().password_bytes {
        assert!(matches!(verdict, Err(VerifyError::PasswordTooLong { .. })));
    } else {
        assert_eq!(verdict, Err(VerifyError::Mismatch), "a hash that fits what it was not made of");
    }
}

/// The length of the hash, from the error about another length.
fn bytes_needed(error: &HashError) -> Option<usize> {
    let HashError::Malformed { what, .. } = error else { return None };
    let digits = what.strip_suffix(" are needed")?.rsplit(' ').next()?;
    Some(digits.parse::<usize>().ok()? / 2)
}

/// So low that every evaluation takes a few milliseconds at most.
fn limits() -> Limits {
    Limits::default().with_digest_rounds(2_000).with_password_bytes(160).with_option_bytes(600)
}
