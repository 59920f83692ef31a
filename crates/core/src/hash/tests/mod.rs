//! What holds for every scheme: detection, options, upgrades, and no panic on any input.

mod messages;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::SeededRandom;

const BCRYPT: &str = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const ARGON2: &str = "$argon2id$v=19$m=64,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE";
const SIGNER_KEY: &str =
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==";
const SCRYPT_MODIFIED: &str =
    "cRwiRI5yHlSR2CRbSUJaqGHx/EoVKH8HNeIDeZtlz/7FC1q9D93ZHNZDrrO1MNSPBeJY5+IwqU7VAlwTh7tOGw==";

fn import(algorithm: &str, text: &str, options: &Value) -> Result<PasswordHash, HashError> {
    let options = options.as_object().cloned().unwrap_or_default();
    PasswordHash::import(algorithm, text, &options, &Limits::default())
}

#[test]
fn detection_finds_what_describes_itself() {
    let check = |text, algorithm| {
        let hash = PasswordHash::detect(text, &Limits::default()).unwrap();
        assert_eq!(hash.algorithm(), algorithm, "{text}");
    };
    check(ARGON2, "argon2");
    check(BCRYPT, "bcrypt");
    check("$P$9saltstriTWMzWKsEeiE7CKOVVU.rS0", "phpass");
    check("_J9..CCCCXBrJUJV154M", "phpass");
}

#[test]
fn options_are_stored_under_the_wire_s_names() {
    let check = |algorithm: &str, text: &str, given: Value, stored: Value| {
        let hash = import(algorithm, text, &given).unwrap();
        assert_eq!(Value::Object(hash.options().clone()), stored, "{algorithm}");
    };
    let md5 = "5f4dcc3b5aa765d61d8327deb882cf99";
    check("md5", md5, json!({"type": "md5"}), json!({"type": "md5"}));
    check("bcrypt", BCRYPT, json!({"cost": 8}), json!({"type": "bcrypt", "cost": 5}));
    check(
        "argon2",
        ARGON2,
        json!({"type": "argon2", "memoryCost": 2048, "timeCost": 4, "threads": 3}),
        json!({"type": "argon2", "memory_cost": 64, "time_cost": 2, "threads": 1}),
    );
    check("sha", &md5.repeat(4), json!({}), json!({"version": "sha3-512"}));
    check("sha", &md5.repeat(2), json!({"type": "sha"}), json!({"version": "sha256"}));
    check("sha", &md5.repeat(4), json!({"version": "sha512"}), json!({"version": "sha512"}));
    check(
        "scrypt",
        md5,
        json!({"salt": "s", "cpu": 8, "memory": 14, "parallel": 1, "length": 16}),
        json!({"salt": "s", "costCpu": 8, "costMemory": 14, "costParallel": 1, "length": 16,
            "type": "scrypt"}),
    );
    check(
        "phpass",
        "$P$9saltstriTWMzWKsEeiE7CKOVVU.rS0",
        json!({"iteration_count_log2": 8, "portable_hashes": false, "random_state": "x"}),
        json!({"type": "phpass", "iteration_count_log2": 11, "portable_hashes": true}),
    );
    let firebase = json!({"salt": "AAAA", "saltSeparator": "Bw==", "signerKey": SIGNER_KEY,
        "type": "scryptMod"});
    check("scrypt-modified", SCRYPT_MODIFIED, firebase.clone(), firebase);
}

#[test]
fn firebase_hashes_verify_in_either_alphabet() {
    let firebase = json!({"salt": "AAAA", "saltSeparator": "Bw==", "signerKey": SIGNER_KEY});
    let standard = import("scryptMod", SCRYPT_MODIFIED, &firebase).unwrap();
    let exported = SCRYPT_MODIFIED.replace('+', "-").replace('/', "_");
    let url_safe = import("scryptMod", &exported, &firebase).unwrap();
    assert_eq!(standard.verify(b"x"), url_safe.verify(b"x"));
}

#[test]
fn upgrades_look_at_algorithm_and_cost() {
    let random = SeededRandom::new(1);
    let cheap = Argon2Params::insecure_for_tests();
    let check = |hash: &PasswordHash, target: &Argon2Params, needed| {
        assert_eq!(hash.needs_upgrade(target), needed, "{hash:?} {target:?}");
    };
    let hash = PasswordHash::hash(b"secret", &cheap, &random).unwrap();
    check(&hash, &cheap, false);
    for (m, t, p) in [(16, 1, 1), (8, 2, 1), (16, 1, 2)] {
        check(&hash, &Argon2Params::new(m, t, p).unwrap(), true);
    }
    let stronger = Argon2Params::new(64, 3, 2).unwrap();
    check(&PasswordHash::hash(b"secret", &stronger, &random).unwrap(), &cheap, false);
    for other in [
        "$argon2i$v=19$m=64,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE",
        "$argon2id$m=64,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE",
        "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE",
        "$argon2id$v=19$m=64,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9Q",
    ] {
        check(&import("argon2", other, &json!({})).unwrap(), &cheap, true);
    }
    check(&import("argon2", ARGON2, &json!({})).unwrap(), &cheap, false);
    check(&import("bcrypt", BCRYPT, &json!({})).unwrap(), &cheap, true);
}

#[test]
fn a_long_password_is_refused_unhashed() {
    let hash = import("md5", "5f4dcc3b5aa765d61d8327deb882cf99", &json!({})).unwrap();
    assert_eq!(hash.verify(&[b'x'; 4096]), Err(VerifyError::Mismatch));
    let error = VerifyError::PasswordTooLong { bytes: 4097, limit: 4096 };
    assert_eq!(hash.verify(&[b'x'; 4097]), Err(error));
    let cheap = Argon2Params::insecure_for_tests();
    assert!(PasswordHash::hash(&[b'x'; 4097], &cheap, &SeededRandom::new(1)).is_err());
}

#[test]
fn debug_tells_the_algorithm_and_no_secret() {
    let firebase = json!({"salt": "AAAA", "saltSeparator": "Bw==", "signerKey": SIGNER_KEY});
    let hash = import("scryptMod", SCRYPT_MODIFIED, &firebase).unwrap();
    assert_eq!(format!("{hash:?}"), r#"PasswordHash { algorithm: "scryptMod", .. }"#);
    for text in [ARGON2, BCRYPT] {
        let hash = PasswordHash::detect(text, &Limits::default()).unwrap();
        assert!(format!("{:?}", hash.inner.parsed).contains("[redacted]"));
    }
}

/// Texts near the real ones, and far from them.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9a-f]{0,140}",
        "\\$2[abxy]\\$0[0-5]\\$[./A-Za-z0-9]{50,55}",
        "\\$argon2(id|i|d)\\$(v=(16|19)\\$)?m=[0-9]{1,2},t=[0-3],p=[0-2](,keyid=[A-Za-z]{0,6})?\\$[A-Za-z0-9+/]{10,24}\\$[A-Za-z0-9+/]{4,44}",
        "\\$[PH]\\$[5-7][./0-9A-Za-z]{28,32}",
        "_[./0-9A-Za-z]{2}\\.\\.[./0-9A-Za-z]{14,16}",
        "[A-Za-z0-9+/]{20,24}={0,2}",
        "[ -~]{0,80}",
    ]
}

fn any_options() -> impl Strategy<Value = HashOptions> {
    let name = prop_oneof![
        "(salt|cpu|costCpu|memory|costMemory|parallel|costParallel|length)",
        "(saltSeparator|signerKey|version|type|cost)",
        "[a-z]{0,3}",
    ];
    let value = prop_oneof![
        (0_u32..40).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        "[A-Za-z0-9+/]{0,24}={0,2}".prop_map(Value::from),
        "sha(1|256|512|3-512)".prop_map(Value::from),
        Just(Value::Null),
        any::<f64>().prop_map(Value::from),
    ];
    proptest::collection::vec((name, value), 0..6).prop_map(|pairs| pairs.into_iter().collect())
}

fn any_algorithm() -> impl Strategy<Value = String> {
    let names: Vec<_> = SCHEMES.iter().map(|scheme| scheme.name().to_owned()).collect();
    prop_oneof![9 => proptest::sample::select(names), 1 => any::<String>()]
}

proptest! {
    #[test]
    fn nothing_panics(
        algorithm in any_algorithm(),
        text in any_text(),
        options in any_options(),
        password in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let limits = Limits::default();
        let imported = PasswordHash::import(&algorithm, &text, &options, &limits);
        let detected = PasswordHash::detect(&text, &limits);
        for result in [imported, detected] {
            match result {
                Err(error) => prop_assert!(!error.to_string().is_empty()),
                Ok(hash) => {
                    let _ = (hash.cost(), hash.explain());
                    let verdict = hash.verify(&password);
                    prop_assert_eq!(verdict, Err(VerifyError::Mismatch));
                }
            }
        }
    }

    #[test]
    fn a_new_hash_knows_its_password(
        password in proptest::collection::vec(any::<u8>(), 0..100),
        other in proptest::collection::vec(any::<u8>(), 0..100),
        seed: u64,
    ) {
        let params = Argon2Params::insecure_for_tests();
        let hash = PasswordHash::hash(&password, &params, &SeededRandom::new(seed)).unwrap();
        prop_assert_eq!(hash.verify(&password), Ok(()));
        let expected = if other == password { Ok(()) } else { Err(VerifyError::Mismatch) };
        prop_assert_eq!(hash.verify(&other), expected);
        let again = PasswordHash::detect(hash.text(), &Limits::default()).unwrap();
        prop_assert_eq!(again, hash);
    }
}
