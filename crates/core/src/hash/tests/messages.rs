//! Typical mistakes and what is said about them.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::{Limits, PasswordHash};
use super::{ARGON2, BCRYPT, SCRYPT_MODIFIED, SIGNER_KEY, import};

/// The messages for mistakes, one a line.
fn messages<'a>(cases: impl IntoIterator<Item = (&'a str, &'a str, Value)>) -> String {
    let mut out = String::new();
    for (algorithm, text, options) in cases {
        let line = import(algorithm, text, &options)
            .map_or_else(|error| error.to_string(), |_| format!("accepted: {text}"));
        assert!(text.len() < 20 || !line.contains(text), "a message repeats the hash: {line}");
        writeln!(out, "{line}").unwrap();
    }
    out
}

fn texts<'a>(algorithm: &'a str, texts: &[&'a str]) -> String {
    messages(texts.iter().map(|text| (algorithm, *text, json!({}))))
}

#[test]
fn messages_for_any_scheme() {
    insta::assert_snapshot!(messages([
        ("argon3", ARGON2, json!({})),
        ("SHA", "", json!({})),
        ("md5", "", json!({})),
        ("bcrypt", " $2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", json!({})),
        ("bcrypt", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\n", json!({})),
        ("bcrypt", "\u{feff}$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", json!({})),
        ("md5", &"a".repeat(5000), json!({})),
        ("bcrypt", BCRYPT, json!({"rounds": 5})),
        ("argon2", ARGON2, json!({"type": "argon2", "memory_cost": 65536, "salt": "x"})),
    ]), @r"
    unknown hash algorithm `argon3`; did you mean argon2
    unknown hash algorithm `SHA`; did you mean sha
    md5 hash: the text is empty
    bcrypt hash: white space around the text, at position 1; trim it before the import
    bcrypt hash: white space around the text, at position 61; trim it before the import
    bcrypt hash: the character U+FEFF, at position 1; remove the byte order mark
    md5 hash: text bytes 5000 is over the limit of 1024
    bcrypt option `rounds`: unknown; this algorithm takes none
    argon2 option `salt`: unknown; this algorithm takes none
    ");
}

#[test]
fn messages_for_argon2() {
    insta::assert_snapshot!(texts("argon2", &[
        BCRYPT,
        "$argon2$v=19$m=64,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE",
        "$argon2id$v=18$m=64,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE",
        "$argon2id$v=19$t=2,m=64,p=1$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE",
        "$argon2id$v=19$m=064,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE",
        "$argon2id$v=19$m=64,t=2,p=1,x=9$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE",
        "$argon2id$v=19$m=8,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE",
        "$argon2id$v=19$m=64,t=2,p=1$AAAA$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE",
        "$argon2id$v=19$m=64,t=2,p=1$AAECAwQFBgcICQoLDA0ODw==$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE",
        "$argon2id$v=19$m=64,t=2,p=1$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=19$m=64,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$",
        "$argon2id$v=19$m=64,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSI9",
        "$argon2id$v=19$m=64,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE$",
        "$argon2id$v=19$m=4194304,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE",
        "$argon2id$v=19$m=262144,t=20,p=1$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE",
    ]), @r"
    argon2 hash: expected $argon2id$, $argon2i$ or $argon2d$; this looks like bcrypt, import it under that name
    argon2 hash: expected $argon2id$, $argon2i$ or $argon2d$, at position 1
    argon2 hash: the version is not 16 or 19, at position 11
    argon2 hash: expected m=<number>, at position 16; the order is m, t, p
    argon2 hash: m is not a decimal number up to 2^32 - 1, at position 16
    argon2 hash: an unknown or repeated parameter, at position 29; after m, t and p only keyid and data may follow
    argon2 hash: 8 KiB of memory (m) where 2 lanes need at least 16, at position 16
    argon2 hash: a salt of 3 bytes where 8 to 64 are allowed, at position 29
    argon2 hash: the salt is base64 with padding where there must be none, at position 29; remove the `=` at its end
    argon2 hash: no tag, at position 51
    argon2 hash: a tag of 0 bytes where 4 to 128 are allowed, at position 52
    argon2 hash: the tag ends in a character with spare bits set, so it was cut or altered, at position 94
    argon2 hash: a field too many, at position 96
    argon2 hash: memory in KiB (m) 4194304 is over the limit of 262144
    argon2 hash: memory times iterations in KiB 5242880 is over the limit of 4194304
    ");
}

#[test]
fn messages_for_bcrypt() {
    insta::assert_snapshot!(texts("bcrypt", &[
        ARGON2,
        "$6$LKO/Ute40T3FNF95$6S/6T2YuOIHY0N3XpLKABJ3soYcXD9mB7uVbtEZDj/LNscVhZoZ9DEH.sBciDrMsHOWOoASbNLTypH/5X26gN0",
        "CCNf8Sbh3HDfQ",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "$2$05$WY62Xk2TXZ7EvVDQ5fmjNu7b0GEzSzUXUh2cllxJwhtOeMtWV3Ujq",
        "$2b$5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$-5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
        "$2b$05$CCCCCCCCCC+CCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$05$Fa0iKV3E2SYVUlMknirWU/CFYGvJ67UwVKI1E2FP6XeLiZGcH3MJi",
        "*0",
        "!",
        "!$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    ]), @r"
    bcrypt hash: expected $2a$, $2b$, $2x$ or $2y$; this looks like argon2, import it under that name
    bcrypt hash: expected $2a$, $2b$, $2x$ or $2y$; this looks like sha512crypt, import it under that name
    bcrypt hash: expected $2a$, $2b$, $2x$ or $2y$; this looks like descrypt, import it under that name
    bcrypt hash: expected $2a$, $2b$, $2x$ or $2y$; this looks like md5, import it under that name
    bcrypt hash: expected $2a$, $2b$, $2x$ or $2y$; this looks like the obsolete bcrypt without a minor version
    bcrypt hash: no cost of two digits and `$` after it, at position 5; write the cost with two digits, such as `05`
    bcrypt hash: the cost is not two digits, at position 5
    bcrypt hash: the cost 3 is not between 4 and 31, at position 5
    bcrypt hash: cost 31 is over the limit of 15
    bcrypt hash: 59 characters where 60 are needed; the text was cut; after the cost come 22 characters of salt and 31 of digest
    bcrypt hash: the salt has a character outside ./A-Za-z0-9, at position 18; `+` and `=` are of ordinary base64, and this software has an alphabet of its own
    bcrypt hash: the salt ends in a character with spare bits set, so it was cut or altered, at position 29
    bcrypt hash: expected $2a$, $2b$, $2x$ or $2y$; this looks like the failure token of crypt(3), or a locked account
    bcrypt hash: expected $2a$, $2b$, $2x$ or $2y$; this looks like a locked account
    bcrypt hash: expected $2a$, $2b$, $2x$ or $2y$; this looks like a locked account
    ");
}

#[test]
fn messages_for_digests() {
    let sha256 = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";
    insta::assert_snapshot!(messages([
        ("md5", "0123456789abcdef0123456789abcde", json!({})),
        ("md5", "0123456789ABCDEF0123456789abcdef", json!({})),
        ("md5", "0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", json!({})),
        ("md5", sha256, json!({})),
        ("md5", BCRYPT, json!({})),
        ("md5", "5f4dcc3b5aa765d61d8327deb882cf99", json!({"salt": "x"})),
        ("sha", "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8", json!({})),
        ("sha", BCRYPT, json!({})),
        ("sha", sha256, json!({"version": "SHA256"})),
        ("sha", sha256, json!({"version": "sha512"})),
        ("sha", sha256, json!({"version": 256})),
        ("sha", sha256, json!({"version": null})),
        ("sha", sha256, json!({"version": "sha256\",\"x\":\"y and more of the kind"})),
        ("sha", sha256, json!({"algorithm": "sha256"})),
    ]), @r#"
    md5 hash: 31 hex digits where 32 are needed
    md5 hash: an upper-case hex digit, at position 11; lower-case the hash before the import
    md5 hash: a character is not a hex digit, at position 2
    md5 hash: 64 hex digits where 32 are needed; this looks like sha, import it under that name
    md5 hash: a character is not a hex digit, at position 1; this looks like bcrypt, import it under that name
    md5 option `salt`: unknown; this algorithm takes none
    sha option `version`: missing, and 40 hex digits are of no default version
    sha hash: expected hex digits; this looks like bcrypt, import it under that name
    sha option `version`: unknown version `SHA256`; known are sha1, sha224, sha256, sha384, sha512/224, sha512/256, sha512, sha3-224, sha3-256, sha3-384, sha3-512
    sha hash: 64 hex digits where 128 are needed
    sha option `version`: expected a string, found a number
    sha option `version`: expected a string, found null
    sha option `version`: unknown version `sha256\",\"x\":\"y and more of the k...`; known are sha1, sha224, sha256, sha384, sha512/224, sha512/256, sha512, sha3-224, sha3-256, sha3-384, sha3-512
    sha option `algorithm`: unknown; this algorithm takes version
    "#);
}

#[test]
fn messages_for_phpass() {
    insta::assert_snapshot!(texts("phpass", &[
        "$P$4abcdefghAAAAAAAAAAAAAAAAAAAAAA",
        "$P$TabcdefghAAAAAAAAAAAAAAAAAAAAAA",
        "$P$RabcdefghAAAAAAAAAAAAAAAAAAAAAA",
        "$P$!abcdefghAAAAAAAAAAAAAAAAAAAAAA",
        "$P$BabcdefghAAAAAAAAAAAAAAAAAAAAA",
        "$P$BabcdefghAAAAAAAAAAAAAAAAAAAAA*",
        "$P$",
        "$Q$BabcdefghAAAAAAAAAAAAAAAAAAAAAA",
        "$S$DabcdefghAAAAAAAAAAAAAAAAAAAAAA",
        "*0",
        "_zzzzsaltAAAAAAAAAAA",
        "_J9..saltAAAAAAAAAA",
        "_....saltAAAAAAAAAAA",
        "$2y$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "5f4dcc3b5aa765d61d8327deb882cf99",
    ]), @r"
    phpass hash: the cost 6 is not between 7 (`5`) and 30 (`S`), at position 4
    phpass hash: the cost 31 is not between 7 (`5`) and 30 (`S`), at position 4
    phpass hash: log2 of the rounds 29 is over the limit of 20
    phpass hash: no cost character of ./0-9A-Za-z, at position 4
    phpass hash: 33 characters where 34 are needed; after the cost come 8 characters of salt and 22 of digest
    phpass hash: the text has a character outside ./0-9A-Za-z, at position 34
    phpass hash: no cost character of ./0-9A-Za-z, at position 4
    phpass hash: expected $P$ or $H$, at position 1
    phpass hash: expected $P$ or $H$; this looks like drupal7, import it under that name
    phpass hash: expected $P$ or $H$; this looks like the failure token of crypt(3), or a locked account
    phpass hash: rounds of extended DES 16777215 is over the limit of 262144
    phpass hash: 19 characters where 20 are needed; extended DES has `_`, 4 characters of count, 4 of salt and 11 of digest
    phpass hash: a count of 0 rounds, at position 2
    bcrypt hash: the cost 99 is not between 4 and 31, at position 5
    phpass hash: expected $P$ or $H$; this looks like md5, import it under that name
    ");
}

#[test]
fn messages_for_scrypt() {
    let key = "2c1ee68372215b1ce064426b5cdbd4ef";
    let with = |name: &str, value: Value| {
        let mut options =
            json!({"salt": "s", "cpu": 1024, "memory": 8, "parallel": 1, "length": 16});
        options[name] = value;
        ("scrypt", key, options)
    };
    insta::assert_snapshot!(messages([
        ("scrypt", key, json!({})),
        ("scrypt", key, json!({"salt": "s", "cpu": 1024, "memory": 8, "parallel": 1})),
        with("cpu", json!(1000)),
        with("cpu", json!(-8)),
        with("cpu", json!("1024")),
        with("cpu", json!(1024.0)),
        with("cpu", json!(1_u64 << 63)),
        with("costCpu", json!(1024)),
        with("memory", json!(true)),
        with("parallel", json!(1 << 20)),
        with("length", json!(0)),
        with("length", json!(8)),
        with("length", json!(64)),
        with("salt", json!(["x"])),
        with("salt", json!("x".repeat(2000))),
        with("passwordSalt", json!("x")),
    ]), @r"
    scrypt option `salt`: missing
    scrypt option `length`: missing
    scrypt option `costCpu`: 1000 is not a power of two from 2 up
    scrypt option `costCpu`: -8 is not a positive integer
    scrypt option `costCpu`: expected an integer, found a string
    scrypt option `costCpu`: expected an integer, found 1024.0
    scrypt hash: memory in bytes (128 N r) 18446744073709551615 is over the limit of 268435456
    scrypt option `costCpu`: given twice, also as `cpu`
    scrypt option `costMemory`: expected an integer, found a boolean
    scrypt hash: memory in bytes (128 r p) 1073741824 is over the limit of 268435456
    scrypt option `length`: 0 is not a positive integer
    scrypt option `length`: 8 bytes are not between 16 and 128
    scrypt hash: 32 hex digits where 128 are needed
    scrypt option `salt`: expected a string, found a list
    scrypt option `salt`: 2000 bytes are over the limit of 1024
    scrypt option `passwordSalt`: unknown; this algorithm takes salt, costCpu, costMemory, costParallel, length
    ");
}

#[test]
fn messages_for_scrypt_modified() {
    let with = |name: &str, value: Value| {
        let mut options = json!({"salt": "AAAA", "saltSeparator": "Bw==", "signerKey": SIGNER_KEY});
        options[name] = value;
        ("scryptMod", SCRYPT_MODIFIED, options)
    };
    let good = with("type", json!("scryptMod")).2;
    insta::assert_snapshot!(messages([
        ("scryptMod", SCRYPT_MODIFIED, json!({"salt": "AAAA", "saltSeparator": "Bw=="})),
        with("signerKey", json!("####")),
        with("signerKey", json!("AAECAwQFBgcICQoLDA0OD_8=")),
        with("signerKey", json!("")),
        with("salt", json!("")),
        with("salt", json!("AAA")),
        with("salt", json!("AAB=")),
        with("saltSeparator", json!(7)),
        with("rounds", json!(8)),
        ("scryptMod", &SCRYPT_MODIFIED[..44], good.clone()),
        ("scryptMod", &SCRYPT_MODIFIED[..84], good.clone()),
        ("scryptMod", "2c1ee68372215b1ce064426b5cdbd4ef", good),
    ]), @r"
    scryptMod option `signerKey`: missing
    scryptMod option `signerKey`: has a character outside A-Za-z0-9+/, at position 1
    scryptMod option `signerKey`: has a character outside A-Za-z0-9+/, at position 22; this is the URL-safe alphabet; write `+` for `-` and `/` for `_`
    scryptMod option `signerKey`: 0 bytes are not between 16 and 512
    scryptMod option `salt`: 0 bytes are not between 1 and 128
    scryptMod option `salt`: lacks its base64 padding, or has too much; pad it with `=` to a multiple of 4 characters
    scryptMod option `salt`: ends in a character with spare bits set, so it was cut or altered, at position 3
    scryptMod option `saltSeparator`: expected a string, found a number
    scryptMod option `rounds`: unknown; this algorithm takes salt, saltSeparator, signerKey
    scryptMod hash: 33 bytes where the signer key has 64
    scryptMod hash: 63 bytes where the signer key has 64
    scryptMod hash: 24 bytes where the signer key has 64
    ");
}

#[test]
fn messages_for_detection() {
    let mut out = String::new();
    for text in [
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8",
        "$6$LKO/Ute40T3FNF95$6S/6T2YuOIHY0N3XpLKABJ3soYcXD9mB7uVbtEZDj",
        "pbkdf2_sha256$1000$salt$AAAA",
        "hunter2",
        " x",
        "",
    ] {
        let error = PasswordHash::detect(text, &Limits::default()).unwrap_err();
        writeln!(out, "{error}").unwrap();
    }
    insta::assert_snapshot!(out, @r"
    ambiguous password hash; name its algorithm: md5, nt, lm, msdcc with its username, msdcc2 with its username, scrypt with its options
    ambiguous password hash; name its algorithm: sha with version sha1, scrypt with its options
    unrecognised password hash; this looks like sha512crypt, but not quite
    unrecognised password hash; this looks like django-pbkdf2-sha256 or clerk-pbkdf2-sha256, but not quite
    unrecognised password hash
    password hash: white space around the text, at position 1; trim it before the import
    password hash: the text is empty
    ");
}
