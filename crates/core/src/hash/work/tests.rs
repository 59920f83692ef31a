use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::super::{HashOptions, Limits, PasswordHash, VerifyError};
use super::{Many, verify_many};

fn import((algorithm, text, options): &(&str, String, serde_json::Value)) -> PasswordHash {
    let options: HashOptions = options.as_object().cloned().unwrap_or_default();
    PasswordHash::import(algorithm, text, &options, &Limits::default()).unwrap()
}

/// Hashes of every function that has lanes, of various costs, and some that have none.
fn hashes() -> Vec<PasswordHash> {
    let none = json!({});
    let zeros = |bytes: usize| "00".repeat(bytes);
    let mut all = vec![
        ("md5", zeros(16), none.clone()),
        ("md5", "5f4dcc3b5aa765d61d8327deb882cf99".to_owned(), none.clone()),
        ("phpass", "$P$5saltsaltAAAAAAAAAAAAAAAAAAAAAA".to_owned(), none.clone()),
        ("phpass", "$P$6saltsaltAAAAAAAAAAAAAAAAAAAAAA".to_owned(), none.clone()),
        ("drupal7", format!("$S$5saltsalt{}", "A".repeat(43)), none.clone()),
        ("md5crypt", format!("$1$salt${}.", "A".repeat(21)), none.clone()),
        ("apr1", format!("$apr1$saltsalt${}.", "A".repeat(21)), none.clone()),
        ("sha256crypt", format!("$5$rounds=1000$salt${}.", "A".repeat(42)), none.clone()),
        ("sha512crypt", format!("$6$rounds=1000$saltsalt${}.", "A".repeat(85)), none.clone()),
        ("bcrypt", format!("$2a$04${}.{}.", "C".repeat(21), "E".repeat(30)), none.clone()),
        ("bcrypt", format!("$2x$04${}.{}.", "C".repeat(21), "E".repeat(30)), none.clone()),
        (
            "scrypt",
            zeros(32),
            json!({"salt": "s", "costCpu": 16, "costMemory": 2,
            "costParallel": 2, "length": 32}),
        ),
        ("argon2", format!("$argon2id$v=19$m=16,t=1,p=1${0}${0}", "A".repeat(22)), none.clone()),
    ];
    for (version, bytes) in [("sha1", 20), ("sha256", 32), ("sha512", 64), ("sha3-256", 32)] {
        all.push(("sha", zeros(bytes), json!({"version": version})));
    }
    for (scheme, rounds) in [("pbkdf2_sha256", 3), ("pbkdf2_sha256", 9), ("pbkdf2_sha1", 3)] {
        let (name, key) = match scheme {
            "pbkdf2_sha1" => ("django-pbkdf2-sha1", format!("{}=", "A".repeat(27))),
            _ => ("django-pbkdf2-sha256", format!("{}=", "A".repeat(43))),
        };
        all.push((name, format!("{scheme}${rounds}$salt${key}"), none.clone()));
    }
    all.push(("grub-pbkdf2-sha512", format!("grub.pbkdf2.sha512.3.{}.{}", "AB", zeros(64)), none));
    all.iter().map(import).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn together_they_say_what_each_says(
        picks in proptest::collection::vec((any::<prop::sample::Index>(), 0..4_usize), 0..200),
        passwords in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..130), 4),
        threads in 1..4_usize,
        memory_bytes in prop_oneof![Just(0), Just(5000), Just(1_u64 << 30)],
    ) {
        let hashes = hashes();
        // What was said of one password stays so.
        let mut known = BTreeMap::new();
        let mut pairs = Vec::new();
        let mut expected = Vec::new();
        for (pick, password) in picks {
            // Half of them the right one of the hash that has one.
            let at = pick.index(hashes.len());
            let text: &[u8] = if password == 0 { b"password" } else { &passwords[password] };
            pairs.push((&hashes[at], text));
            let one = known.entry((at, password)).or_insert_with(|| hashes[at].verify(text));
            expected.push(one.clone());
        }
        let many = Many::new().threads(threads).memory_bytes(memory_bytes);
        prop_assert_eq!(verify_many(&pairs, &many), expected);
    }
}

#[test]
fn every_family_has_work_and_the_right_password_is_right() {
    let random = crate::SeededRandom::new(7);
    let without: Vec<_> = hashes()
        .iter()
        .filter(|hash| hash.work(b"password").unwrap().is_none())
        .map(|hash| hash.explain().title)
        .collect();
    assert_eq!(without, ["Argon2id, version 19", "SHA3-256, unsalted"]);
    let argon2 =
        PasswordHash::hash(b"password", &crate::Argon2Params::new(16, 1, 1).unwrap(), &random);
    let argon2 = argon2.unwrap();
    let md5 = import(&("md5", "5f4dcc3b5aa765d61d8327deb882cf99".to_owned(), json!({})));
    let pairs = [(&md5, &b"password"[..]), (&argon2, b"password"), (&md5, b"x"), (&argon2, b"x")];
    let mismatch = Err(VerifyError::Mismatch);
    assert_eq!(verify_many(&pairs, &Many::new()), [Ok(()), Ok(()), mismatch.clone(), mismatch]);
    assert!(verify_many(&[], &Many::new()).is_empty());
}

#[test]
fn who_is_too_long_is_told_as_alone() {
    let hashes = hashes();
    let long = vec![b'x'; 4097];
    let middle = vec![b'x'; 4096];
    for password in [&long, &middle] {
        let pairs: Vec<_> = hashes.iter().map(|hash| (hash, &password[..])).collect();
        let expected: Vec<_> = hashes.iter().map(|hash| hash.verify(password)).collect();
        assert_eq!(verify_many(&pairs, &Many::new().threads(1)), expected);
    }
}
