//! What holds for every scheme: detection, options, upgrades, and no panic on any input.

mod kdf;
mod messages;
mod near_misses;

use std::fmt::Write as _;

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
        assert_eq!(Value::Object(hash.options()), stored, "{algorithm}");
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
    let names: Vec<_> = schemes().map(|scheme| scheme.name().to_owned()).collect();
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

#[test]
fn every_limit_holds() {
    let check = |algorithm: &str, text: &str, options: &Value, limits: &Limits| {
        let options = options.as_object().cloned().unwrap_or_default();
        PasswordHash::import(algorithm, text, &options, &Limits::default()).unwrap();
        let refused = PasswordHash::import(algorithm, text, &options, limits).unwrap_err();
        let over = matches!(refused, HashError::OverLimit { .. } | HashError::Option { .. });
        assert!(over, "{refused}");
    };
    let limits = Limits::default;
    let none = json!({});
    check("argon2", ARGON2, &none, &limits().with_argon2_memory_kib(63));
    check("argon2", ARGON2, &none, &limits().with_argon2_iterations(1));
    check("argon2", ARGON2, &none, &limits().with_argon2_lanes(0));
    check("argon2", ARGON2, &none, &limits().with_argon2_kib_passes(127));
    check("bcrypt", BCRYPT, &none, &limits().with_bcrypt_cost(4));
    check("phpass", BCRYPT, &none, &limits().with_bcrypt_cost(4));
    let (portable, des) = ("$P$9saltstriTWMzWKsEeiE7CKOVVU.rS0", "_J9..CCCCXBrJUJV154M");
    check("phpass", portable, &none, &limits().with_phpass_log2(10));
    check("phpass", des, &none, &limits().with_des_rounds(724));
    let key = "2c1ee68372215b1ce064426b5cdbd4ef";
    let options = json!({"salt": "salt", "cpu": 16, "memory": 8, "parallel": 2, "length": 16});
    check("scrypt", key, &options, &limits().with_scrypt_memory_bytes(128 * 16 * 8 - 1));
    check("scrypt", key, &options, &limits().with_scrypt_work(255));
    check("scrypt", key, &options, &limits().with_option_bytes(3));
    check("scrypt", key, &options, &limits().with_text_bytes(31));
    let short = limits().with_password_bytes(3);
    let hash = PasswordHash::import("bcrypt", BCRYPT, &HashOptions::new(), &short).unwrap();
    assert_eq!(hash.verify(b"four"), Err(VerifyError::PasswordTooLong { bytes: 4, limit: 3 }));
}

#[test]
fn explanations() {
    let mut out = String::new();
    let firebase = json!({"salt": "AAAA", "saltSeparator": "Bw==", "signerKey": SIGNER_KEY});
    let scrypt = json!({"salt": "", "cpu": 8, "memory": 14, "parallel": 1, "length": 16});
    let md5 = "5f4dcc3b5aa765d61d8327deb882cf99";
    for (algorithm, text, options) in [
        ("argon2", ARGON2, json!({})),
        ("argon2", &ARGON2.replace("m=64,t=2", "m=65536,t=1"), json!({})),
        ("argon2", "$argon2d$m=64,t=2,p=1$c29tZXNhbHQ$LXEWQg", json!({})),
        ("bcrypt", BCRYPT, json!({})),
        ("bcrypt", "$2x$12$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", json!({})),
        ("md5", md5, json!({})),
        ("sha", &md5.repeat(2), json!({})),
        ("phpass", "$P$9saltstriTWMzWKsEeiE7CKOVVU.rS0", json!({})),
        ("phpass", BCRYPT, json!({})),
        ("phpass", "_J9..CCCCXBrJUJV154M", json!({})),
        ("scrypt", md5, scrypt),
        ("scryptMod", SCRYPT_MODIFIED, firebase),
    ] {
        let Explanation { scheme, title, parameters, cost, standing, notes } =
            import(algorithm, text, &options).unwrap().explain();
        let parameters: Vec<_> = parameters.iter().map(|(n, v)| format!("{n} = {v}")).collect();
        let (cost, standing) = (cost.class.name(), standing.name());
        writeln!(out, "{scheme}: {title} ({}); {cost}, {standing}", parameters.join(", ")).unwrap();
        for note in notes {
            writeln!(out, "  {note}").unwrap();
        }
    }
    insta::assert_snapshot!(out, @r"
    argon2: Argon2id, version 19 (memory in KiB (m) = 64, iterations (t) = 2, lanes (p) = 1, salt bytes = 16, tag bytes = 32); weak, legacy
    argon2: Argon2id, version 19 (memory in KiB (m) = 65536, iterations (t) = 1, lanes (p) = 1, salt bytes = 16, tag bytes = 32); strong, current
    argon2: Argon2d, version 16 (memory in KiB (m) = 64, iterations (t) = 2, lanes (p) = 1, salt bytes = 8, tag bytes = 4); weak, legacy
      argon2d leaks through timing; RFC 9106 recommends argon2id
      version 16, as a text without `v=` means too, is superseded by 19
      a tag of 4 bytes is short
    bcrypt: bcrypt, version 2b (cost = 5); weak, legacy
      only the first 72 bytes of a password count
    bcrypt: bcrypt, version 2x (cost = 12); strong, legacy
      only the first 72 bytes of a password count
      2x reproduces a defect: bytes of 128 and more can cancel those before them
    md5: MD5, unsalted (); none, broken
      equal passwords have equal hashes, and guessing is nearly free
    sha: SHA-256, unsalted (version = sha256); none, broken
      equal passwords have equal hashes, and guessing is nearly free
    phpass: phpass, portable (iterated MD5) (log2 of the rounds = 11); weak, legacy
    phpass: phpass, bcrypt (cost = 5); weak, legacy
      only the first 72 bytes of a password count
    phpass: phpass, extended DES of BSDi (rounds = 725); none, legacy
      only 7 bits of every password byte count
    scrypt: scrypt (N = 8, r = 14, p = 1); none, broken
      N = 8 is tiny; Appwrite's default of 8 was probably meant as a logarithm
      the salt is empty, so equal passwords have equal hashes
    scryptMod: scrypt of Firebase (N = 16384, r = 8, p = 1); strong, legacy
      the signer key is a secret of the whole Firebase project
    ");
}
