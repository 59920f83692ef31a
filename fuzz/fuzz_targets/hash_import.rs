//! A hash that is imported never panics, stays within its limits, and is read again as it was.
//!
//! The input is lines: a scheme's name, the text, the options, and the password, which is the rest. Lines,
//! and not a derived structure, so that seeds and the dictionary can be read and written by hand.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_core::{
    HashError, HashOptions, Limits, PasswordHash, Scheme, VerifyError, Weak, schemes,
};
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let mut fields = input.splitn(4, |byte| *byte == b'\n');
    let mut field = || fields.next().unwrap_or_default();
    let [name, text, options] = [(); 3].map(|()| String::from_utf8_lossy(field()));
    let (password, name, options) = (field(), known(&name), options_of(&options));
    let limits = limits(name);
    if let Ok(hash) = PasswordHash::detect(&text, &limits) {
        let named = PasswordHash::import(hash.algorithm(), &text, &HashOptions::new(), &limits);
        assert_eq!(named.as_ref(), Ok(&hash), "by its name and by its looks");
    }
    match PasswordHash::import(name, &text, &options, &limits) {
        Ok(hash) => check(&hash, password, &limits),
        Err(error) => assert!(error.to_string().len() < 400, "not short: {error}"),
    }
});

fn check(hash: &PasswordHash, password: &[u8], limits: &Limits) {
    let import = |options: &HashOptions| {
        PasswordHash::import(hash.algorithm(), hash.text(), options, limits)
    };
    assert_eq!(import(&hash.stored_options()).as_ref(), Ok(hash), "read from a store");
    assert_eq!(import(&hash.options()).as_ref(), Ok(hash), "read from an answer");
    assert!(!format!("{hash:?} {:?}", hash.explain()).contains(hash.text()), "the text is shown");
    assert!(hash.cost().memory_bytes <= most_memory(limits), "too much memory");
    // scryptMod has one cost, too high for here; its vectors are computed in the tests.
    if hash.cost().work > 2_000 {
        return;
    }
    let verdict = hash.verify(password);
    assert_eq!(hash.verify(password), verdict, "the same question, another answer");
    let too_long = password.len() > limits.password_bytes;
    assert_eq!(matches!(verdict, Err(VerifyError::PasswordTooLong { .. })), too_long);
    assert!(too_long || matches!(verdict, Ok(()) | Err(VerifyError::Mismatch)), "{verdict:?}");
    // `$2x$` is exempt: there a byte of 128 and more cancels those before it.
    if verdict.is_ok() && !password.is_empty() && !hash.text().starts_with("$2x$") {
        let mut other = password.to_vec();
        other[0] ^= 1;
        assert_eq!(hash.verify(&other), Err(VerifyError::Mismatch), "two passwords match");
    }
}

/// The scheme that `name` is, or one that it stands for, so that no mutation of a name is wasted.
fn known(name: &str) -> &str {
    let result = PasswordHash::import(name, "-", &HashOptions::new(), &Limits::default());
    if !matches!(result, Err(HashError::UnknownAlgorithm { .. })) {
        return name;
    }
    let names: Vec<_> = schemes().map(Scheme::name).collect();
    names[usize::from(name.bytes().next().unwrap_or_default()) % names.len()]
}

/// `key:value` pairs with tabs between them, each value as JSON or else as text; or a JSON object.
fn options_of(text: &str) -> HashOptions {
    let value = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    serde_json::from_str(text).unwrap_or_else(|_| {
        let pairs = text.split('\t').filter_map(|pair| pair.split_once(':'));
        pairs.map(|(key, text)| (key.to_owned(), value(text))).collect()
    })
}

/// So low that everything but a bcrypt of cost 4, a millisecond, is verified in much less.
fn limits(name: &str) -> Limits {
    // Those with Firebase's cost, which is fixed or starts high.
    let firebase = name.starts_with("scrypt") && name != "scrypt";
    Limits::default()
        .with_weak(Weak::Allow)
        .with_argon2_memory_kib(64)
        .with_argon2_iterations(4)
        .with_argon2_lanes(4)
        .with_argon2_kib_passes(96)
        .with_bcrypt_cost(4)
        .with_phpass_log2(7)
        .with_drupal_log2(7)
        .with_des_rounds(128)
        .with_pbkdf2_rounds(200)
        .with_digest_rounds(200)
        .with_sha_crypt_rounds(1000)
        .with_sha1crypt_rounds(200)
        .with_sunmd5_rounds(10)
        .with_scrypt_memory_bytes(if firebase { 1 << 24 } else { 1 << 16 })
        .with_scrypt_work(if firebase { 1 << 17 } else { 1 << 9 })
        .with_password_bytes(160)
        .with_text_bytes(300)
        .with_option_bytes(200)
}

/// What the limits come to. That of scrypt holds for each of its two buffers, beside which there is a block of
/// scratch.
fn most_memory(limits: &Limits) -> u64 {
    (u64::from(limits.argon2_memory_kib) * 1024).max(limits.scrypt_memory_bytes * 5 / 2)
}
