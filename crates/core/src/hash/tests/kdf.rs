//! What the key-derivation families say: explanations, near misses, detection, and limits.

use std::fmt::Write as _;

use super::*;

const PBKDF2: &str =
    "pbkdf2_sha256$10000$BVmpZMBhRSd7$2nTDwPhSsDKOwpKiV04teVtf+a14Rs7na/lIB3KnHkM=";

fn allowed(algorithm: &str, text: &str, options: &Value) -> Result<PasswordHash, HashError> {
    let options = options.as_object().cloned().unwrap_or_default();
    let limits = Limits::default().with_weak(Weak::Allow);
    PasswordHash::import(algorithm, text, &options, &limits)
}

#[test]
fn explanations() {
    let mut out = String::new();
    for (algorithm, text, options) in [
        ("django-pbkdf2-sha256", PBKDF2, json!({})),
        (
            "elastic-pbkdf2",
            "{PBKDF2_STRETCH}1000$jtUMiP9/zPtuQHvRUSFvPQ==$ZLcR6bF19wdxIq698B83Zbp7EDkvxnptQh19L21i0WM=",
            json!({}),
        ),
        (
            "keycloak-pbkdf2",
            "8gHifyHMAjvZBLQ+cIJdDhexz8sG80fsoW2mKqhdo4NfrlQePh/C8CPpxI+A03wR5I5EXTd3/guWAYz3AwaYXQ==",
            json!({"algorithm": "pbkdf2", "salt": "zaZjc18ZZGslfTty1fv+zg==", "hashIterations": 20000}),
        ),
        (
            "wordpress-bcrypt",
            "$wp$2y$12$iWN5xRwDE7i9R5jVJvCyqOxS1CNnwUggQaF8O2W9Bg8TuXQz.ngrS",
            json!({}),
        ),
        (
            "bcrypt-peppered",
            "$2a$04$q3Ybl5hypFv.RkNbno8uKOgKSCQwY7r6MZordxoHL8FqsUX2kPTkG",
            json!({"pepper": "pepper"}),
        ),
        (
            "phc-scrypt",
            "$scrypt$ln=14,r=8,p=1$wXXww1pZzmNAQk91kZZEgg$PePaWt3kFbe79XWrCb4M1gskZBEUGNGKimLv6RVzTrk",
            json!({}),
        ),
        (
            "django-argon2",
            "argon2$argon2i$v=19$m=380,t=2,p=2$c29tZXNhbHQ$SrssP8n7m/12VWPM8dvNrw",
            json!({}),
        ),
        (
            "magento2",
            "395e86cb8d56f93cb0ef392bfcdb6563:UGfs1SsynVZ4XrVBv4gMdlZpvZOHdCDF:0",
            json!({}),
        ),
        ("spring", "{noop}password", json!({})),
        ("mediawiki", ":B:EiKmKyQF:bd737840fdaf82260468ce9cdc2738b7", json!({})),
    ] {
        let Explanation { scheme, title, parameters, cost, standing, notes } =
            allowed(algorithm, text, &options).unwrap().explain();
        let (class, standing) = (cost.class.name(), standing.name());
        writeln!(out, "{scheme}: {title}; {class}, {standing}").unwrap();
        for (name, value) in parameters {
            writeln!(out, "  {name} = {value}").unwrap();
        }
        for note in notes {
            writeln!(out, "  {note}").unwrap();
        }
    }
    insta::assert_snapshot!(out, @r"
    django-pbkdf2-sha256: PBKDF2, HMAC-SHA-256; weak, legacy
      iterations = 10000
      salt bytes = 12
      key bytes = 32
    elastic-pbkdf2: PBKDF2, HMAC-SHA-512; weak, legacy
      iterations = 1000
      salt bytes = 16
      key bytes = 32
      the password is replaced by the hex of its SHA-512 first
    keycloak-pbkdf2: PBKDF2, HMAC-SHA-1; weak, legacy
      iterations = 20000
      salt bytes = 16
      key bytes = 64
      the key takes 4 blocks to verify, but only the first one to guess
    wordpress-bcrypt: bcrypt, version 2y; strong, current
      cost = 12
      bcrypt is given the base64 of the password's HMAC-SHA384; WordPress trims a password when it is set
    bcrypt-peppered: bcrypt, version 2a; weak, legacy
      cost = 4
      only the first 72 bytes of a password count
      the pepper stands after the password: of both only the first 72 bytes count
    phc-scrypt: scrypt; strong, legacy
      N = 16384
      r = 8
      p = 1
    django-argon2: Argon2i, version 19; weak, legacy
      memory in KiB (m) = 380
      iterations (t) = 2
      lanes (p) = 2
      salt bytes = 8
      tag bytes = 16
    magento2: MD5 of salt and password; none, broken
      salt bytes = 32
      guessing is nearly free
    spring: plain text; none, broken
      the password is stored as it is: treat it as leaked
    mediawiki: MD5, twice and salted; none, broken
      guessing is nearly free
    ");
}

#[test]
fn near_misses() {
    let mut out = String::new();
    for (algorithm, text) in [
        (
            "django-pbkdf2-sha256",
            "pbkdf2_sha256$10000$BVmpZMBhRSd7$2nTDwPhSsDKOwpKiV04teVtf+a14Rs7na/lIB3KnHkM",
        ),
        (
            "django-pbkdf2-sha256",
            "pbkdf2_sha256$10000$BVmpZMBhRSd7$2nTDwPhSsDKOwpKiV04teVtf-a14Rs7na_lIB3KnHkM=",
        ),
        (
            "django-pbkdf2-sha256",
            "pbkdf2_sha256$10000$BVmpZMBhRSd7$4c10af0cd409f7bec4e1af4a8febd21f4c10af0cd409f7bec4e1af4a8febd21",
        ),
        ("django-pbkdf2-sha256", "pbkdf2_sha256$10000$BVmpZMBhRSd7$2nTDwPhSsDKOwpKiV04teQ=="),
        ("django-pbkdf2-sha256", "pbkdf2_sha256$10000$BVmpZMBhRSd7"),
        ("django-pbkdf2-sha256", "pbkdf2_sha256$010$BVmpZMBhRSd7$AA=="),
        (
            "django-pbkdf2-sha256",
            "pbkdf2_sha256$20000000$BVmpZMBhRSd7$2nTDwPhSsDKOwpKiV04teVtf+a14Rs7na/lIB3KnHkM=",
        ),
        (
            "clerk-pbkdf2-sha256",
            "pbkdf2_sha256$10000$2nTDwPhSsDKOwpKiV04teVtf+a14Rs7na/lIB3KnHkM=$2nTDwPhSsDKOwpKiV04teQ==",
        ),
        (
            "clerk-pbkdf2-sha512",
            "pbkdf2_sha512$1000$salt$2nTDwPhSsDKOwpKiV04teVtf+a14Rs7na/lIB3KnHkM=",
        ),
        (
            "passlib-pbkdf2",
            "$pbkdf2-sha256$10000$AAAA$2nTDwPhSsDKOwpKiV04teVtf+a14Rs7na/lIB3KnHkM=",
        ),
        ("phc-pbkdf2", "$pbkdf2-sha256$l=32,i=1000$AAAA$AAAA"),
        ("phc-pbkdf2", PBKDF2),
        (
            "phc-scrypt",
            "$scrypt$ln=16384,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE",
        ),
        (
            "kratos-scrypt",
            "$scrypt$ln=14,r=8,p=1$AAECAwQFBgcICQoLDA0ODw==$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=",
        ),
        ("wordpress-bcrypt", BCRYPT),
        ("wordpress-bcrypt", "$wp$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("clerk-bcrypt-peppered", BCRYPT),
        ("nextcloud", BCRYPT),
        ("magento2", "395e86cb8d56f93cb0ef392bfcdb6563:UGfs1SsynVZ4XrVBv4gMdlZpvZOHdCDF:2"),
        ("spring", "{BCRYPT}$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("mediawiki", ":Z:x"),
        ("md5", PBKDF2),
    ] {
        writeln!(out, "{}", allowed(algorithm, text, &json!({})).unwrap_err()).unwrap();
    }
    insta::assert_snapshot!(out, @r"
    django-pbkdf2-sha256 hash: the key lacks its base64 padding, or has too much, at position 34; pad it with `=` to a multiple of 4 characters
    django-pbkdf2-sha256 hash: the key has a character outside A-Za-z0-9+/, at position 58; this is the URL-safe alphabet; write `+` for `-` and `/` for `_`
    django-pbkdf2-sha256 hash: the key lacks its base64 padding, or has too much, at position 34; this looks like hex where base64 is needed
    django-pbkdf2-sha256 hash: a key of 16 bytes where 32 are needed, at position 34; the text was cut
    django-pbkdf2-sha256 hash: no key, at position 33; between `$` come iterations, salt, key
    django-pbkdf2-sha256 hash: the number of iterations is not a plain decimal number, at position 15
    django-pbkdf2-sha256 hash: iterations times blocks of output 20000000 is over the limit of 10000000
    clerk-pbkdf2-sha256 hash: a key of 16 bytes where 32 are needed, at position 66; exchange the last two fields; salt and hash seem to be swapped
    clerk-pbkdf2-sha512 hash: the key has a character that is no hex digit, at position 26; this looks like base64 where hex is needed
    passlib-pbkdf2 hash: the key has a character outside A-Za-z0-9./, at position 51; this is ordinary base64; here `.` stands for `+`, without padding
    phc-pbkdf2 hash: expected i=, at position 16
    phc-pbkdf2 hash: expected $pbkdf2-; this looks like django-pbkdf2-sha256 or clerk-pbkdf2-sha256, import it under that name
    phc-scrypt hash: the logarithm of N, 16384, is not between 1 and 63, at position 12; this seems to be N itself, as Kratos writes it
    kratos-scrypt hash: N = 14 is not a power of two, at position 12; this seems to be its logarithm, which is phc-scrypt
    wordpress-bcrypt hash: expected $wp; this looks like bcrypt, import it under that name
    wordpress-bcrypt hash: the cost 3 is not between 4 and 31, at position 8
    clerk-bcrypt-peppered hash: no `$` and pepper after 60 characters of bcrypt; without a pepper the algorithm is bcrypt
    nextcloud hash: expected 1| and bcrypt, 2| and argon2i, or 3| and argon2id; this looks like bcrypt, import it under that name
    magento2 hash: the version is not 0, 1 or 3_32_<passes>_<memory>, at position 67
    spring hash: no known identifier in braces, at position 1; Spring writes {bcrypt}
    mediawiki hash: expected :A:, :B:, $B$, :pbkdf2:, :argon2: or :bcrypt:, at position 1
    md5 hash: a character is not a hex digit, at position 1; this looks like django-pbkdf2-sha256 or clerk-pbkdf2-sha256, import it under that name
    ");
}

#[test]
fn detection_names_one_format_or_all_that_it_could_be() {
    let check = |text: &str, expected: &[&str]| {
        let limits = Limits::default().with_weak(Weak::Allow);
        match PasswordHash::detect(text, &limits) {
            Ok(hash) => assert_eq!([hash.algorithm()], *expected, "{text}"),
            Err(HashError::Ambiguous { candidates }) => assert_eq!(candidates, expected, "{text}"),
            Err(error) => panic!("{text}: {error}"),
        }
    };
    check(PBKDF2, &["django-pbkdf2-sha256", "clerk-pbkdf2-sha256"]);
    check(&PBKDF2.replace("BVmpZMBhRSd7", "BVmpZMBhRSd7x"), &["django-pbkdf2-sha256"]);
    let phc = "$pbkdf2-sha256$i=5000,l=32$txh3YN/coUXU8gBjQCJbHQ$CtA0gB8hLWAQUFWVAc1Ct+R/7NL4uooEoY7zfm1/WMA";
    check(phc, &["phc-pbkdf2"]);
    check(&phc.replace("256", "384"), &["phc-pbkdf2", "kratos-pbkdf2"]);
    let passlib = phc.replace("i=5000,l=32", "5000").replace('+', ".");
    check(&passlib, &["passlib-pbkdf2"]);
    let key = "$2nTDwPhSsDKOwpKiV04teVtf+a14Rs7na/lIB3KnHkM=";
    check(&format!("{{PBKDF2-SHA256}}1000$AAAA{key}"), &["389ds-pbkdf2"]);
    let adapted = key.replace('+', ".").replace('=', "");
    check(&format!("{{PBKDF2-SHA256}}1000$AAAA{adapted}"), &["ldap-pbkdf2"]);
    check(&format!("{{PBKDF2}}1000$AAAA{key}"), &["elastic-pbkdf2"]);
    check("$p5k2$3e8$Sg4uOegv2618HAH3x3S-fw==$1i2df8ppHZzZX_grcXaEDhqsYiY=", &["cta-pbkdf2-sha1"]);
    check("$p5k2$$KosHgqNo$9mjN8gqjt02hDoP0c2J0ABtLIwtot8cQ", &["dlitz-pbkdf2-sha1"]);
    let scrypt = "$scrypt$ln=16,r=8,p=1$AAAA";
    check(&format!("{scrypt}{key}"), &["kratos-scrypt"]);
    check(&format!("{scrypt}{}", key.replace('=', "")), &["phc-scrypt"]);
    check("{noop}password", &["spring"]);
}

#[test]
fn weak_texts_of_a_container_need_leave_to_come_in_but_not_to_be_restored() {
    let options = HashOptions::new();
    let limits = Limits::default();
    for (algorithm, text) in [
        ("spring", "{noop}password"),
        ("spring", "{SHA-1}0567639bbc54acd95e379dfdbba71473af19a6b9"),
        ("mediawiki", ":A:d27c80910c2d3f3b6eb922235d39b0c0"),
    ] {
        let refused = PasswordHash::import(algorithm, text, &options, &limits);
        assert_eq!(refused.unwrap_err(), HashError::Weak { scheme: algorithm });
        let refused = PasswordHash::detect(text, &limits);
        assert_eq!(refused.unwrap_err(), HashError::Weak { scheme: algorithm });
        PasswordHash::restore(algorithm, text, &options, &limits).unwrap();
    }
    PasswordHash::import("spring", &format!("{{bcrypt}}{BCRYPT}"), &options, &limits).unwrap();
}

#[test]
fn pbkdf2_is_bounded_by_its_work() {
    let options = HashOptions::new();
    let limits = Limits::default().with_pbkdf2_rounds(9_999);
    let refused = PasswordHash::import("django-pbkdf2-sha256", PBKDF2, &options, &limits);
    let expected = HashError::OverLimit {
        scheme: "django-pbkdf2-sha256",
        parameter: "iterations times blocks of output",
        value: 10_000,
        limit: 9_999,
    };
    assert_eq!(refused.unwrap_err(), expected);
}

#[test]
fn an_argon2_hash_behind_a_head_is_as_good_as_a_bare_one() {
    let hash = allowed("ldap-argon2", &format!("{{ARGON2}}{ARGON2}"), &json!({})).unwrap();
    assert!(!hash.needs_upgrade(&Argon2Params::insecure_for_tests()));
    assert!(hash.needs_upgrade(&Argon2Params::default()));
}

#[test]
fn debug_tells_no_pepper_and_no_plain_text() {
    let peppered = "$2a$04$q3Ybl5hypFv.RkNbno8uKOgKSCQwY7r6MZordxoHL8FqsUX2kPTkG";
    let hashes = [
        allowed("bcrypt-peppered", peppered, &json!({"pepper": "hunter2"})),
        allowed("clerk-bcrypt-peppered", &format!("{peppered}$hunter2"), &json!({})),
        allowed("spring", "{noop}hunter2", &json!({})),
    ];
    for hash in hashes {
        let hash = hash.unwrap();
        // As text and as a list of bytes.
        let shown = format!("{hash:?} {:?}", hash.inner.parsed);
        assert!(!shown.contains("hunter2") && !shown.contains("104, 117, 110"), "{shown}");
    }
}

#[test]
fn options_survive_under_their_own_names() {
    let text = "S+nEyrERmESBnaq+UG0PGMbohkkcInkLNFtEkYk//XM=";
    let options = json!({"type": "i", "version": "1.3", "salt": "wpovpZAEdJXxirNXe8j9ag==",
        "hashIterations": 2, "memory": 256, "parallelism": 2, "hashLength": 32});
    let hash = allowed("keycloak-argon2", text, &options).unwrap();
    // `type` is an option of Keycloak's here, and not the algorithm's name.
    assert_eq!(Value::Object(hash.stored_options()), options);
    let peppered = "$2a$04$q3Ybl5hypFv.RkNbno8uKOgKSCQwY7r6MZordxoHL8FqsUX2kPTkG";
    let hash = allowed("bcrypt-peppered", peppered, &json!({"pepper": "x"})).unwrap();
    let stored = json!({"pepper": "x", "type": "bcrypt-peppered"});
    assert_eq!(Value::Object(hash.stored_options()), stored);
}

#[test]
fn near_misses_in_options() {
    let firebase = |name: &str, value: Value| {
        let mut options = json!({"salt": "AAAA", "saltSeparator": "Bw==", "signerKey": SIGNER_KEY,
            "rounds": 8, "memCost": 14});
        options[name] = value;
        allowed("firebase-scrypt", SCRYPT_MODIFIED, &options)
    };
    let pbkdf2 = |name: &str, value: Value| {
        let mut options = json!({"digest": "sha256", "salt": "s", "saltEncoding": "utf8",
            "iterations": 1, "length": 32, "encoding": "hex"});
        options[name] = value;
        allowed("pbkdf2", &"0123456789abcdef".repeat(4), &options)
    };
    let mut out = String::new();
    for result in [
        firebase("signerKey", json!("0123456789abcdef0")),
        firebase("salt", json!("A*")),
        firebase("memCost", json!(64)),
        firebase("memCost", json!(16384)),
        firebase("rounds", json!(1_000_000)),
        pbkdf2("digest", json!("SHA256")),
        pbkdf2("saltEncoding", json!("base64")),
        pbkdf2("length", json!(64)),
        pbkdf2("encoding", json!("base64")),
        pbkdf2("iterations", json!(100_000_000)),
        pbkdf2("rounds", json!(1)),
    ] {
        writeln!(out, "{}", result.unwrap_err()).unwrap();
    }
    insta::assert_snapshot!(out, @r"
    firebase-scrypt option `signerKey`: the signerKey has an impossible length for base64; this looks like hex where base64 is needed
    firebase-scrypt option `salt`: the salt has a character outside A-Za-z0-9+/
    firebase-scrypt option `memCost`: 64 is not between 1 and 63
    firebase-scrypt option `memCost`: 16384 is not between 1 and 63
    firebase-scrypt hash: memory in bytes (128 N r) 2097152000000 is over the limit of 268435456
    pbkdf2 option `digest`: unknown `SHA256`; known are md5, sha1, sha224, sha256, sha384, sha512, sha3-224, sha3-256, sha3-384, sha3-512
    pbkdf2 option `salt`: the salt has an impossible length for base64
    pbkdf2 hash: a key of 32 bytes where the option length says 64
    pbkdf2 hash: a key of 48 bytes where the option length says 32
    pbkdf2 hash: iterations times blocks of output 100000000 is over the limit of 10000000
    pbkdf2 option `rounds`: unknown; this algorithm takes digest, salt, saltEncoding, iterations, length, encoding
    ");
}
