//! Good hashes with which something was done, and what is said about it.
//!
//! The good text is read first, so that nothing but the mistake is told.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    ARGON2, BCRYPT, HashError, Limits, PasswordHash, SCRYPT_MODIFIED, SIGNER_KEY, Weak, import,
};

const MD5: &str = "5f4dcc3b5aa765d61d8327deb882cf99";
const SHA256: &str = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";
const SSHA: &str = "{SSHA}/ZMF5KymNM+uEOjW+9STKlfCFj51bg3BmBNCiPHeW2ttbU0=";
const LDAP_MD5: &str = "{MD5}puePQOUmT9w45WS+rHGBMA==";
const DJANGO: &str =
    "pbkdf2_sha256$36000$LRgrU7os3IEQ0G5ym3MEuE$Otd7sKKcQelMPMtLGJJISYsPh+OqUgqnhr/w1c1luSM=";
const DJANGO_SHA1: &str = "sha1$l3Vz0lP3vPSn$e2f544b95da90f86a93b7e4b0a551cb70a792a0e";
const WERKZEUG: &str =
    "pbkdf2:sha224:10$RGqTsRf0kFCE7Y8c$e118e0db3d4738f0c8adb3de7e17c2a4dbd94749abaa5c211645a365";
const CTA: &str = "$p5k2$3e8$Sg4uOegv2618HAH3x3S-fw==$1i2df8ppHZzZX_grcXaEDhqsYiY=";
const PASSLIB: &str =
    "$pbkdf2-sha256$12000$MDEyMzQ1Njc4OTAxMjM0NTY3$8xnT1aRPA7r8aTZgoJqzCJxxzOZ/hn41jGAFC9nJp.U";
const SCRAM: &str = "SCRAM-SHA-256$4096:xQc0J86bYZGV8B7TgY9B3Q==$gcF1BgLQ9QgrQeF6vYuER97pjZA+cJqsABYD9nrQx/c=:O1cp3sdjIrLePlKd7Hcc9IJE/XJLmsnb3i6jBghNoZg=";
const SHA512_CRYPT: &str = "$6$dTJ4utfVUvoTgKCj$NbRKiEoLCo7eXNJe7Be8ZazMzPrxv0famjSGJEueOj7l8okAQPJODq.Kltqy3eVjM6yi9oMcn9ArX121Zlwuk/";
const MD5_CRYPT: &str = "$1$Eu.GHtia$CFkL/nE1BYTlEPiVx1VWX0";
const PHPASS: &str = "$P$7SMy8VxnfsIy2Sxm7fJxDSdil.h7TW.";
const JOOMLA: &str = "08319dbd40c777e069ab5d24f995c2ce:sTIAnMU4qbAPw5k5P5X44rExEh5vATEH";

/// What was done, the algorithm, a good text, what does it, and words of the advice.
type Row = (&'static str, &'static str, &'static str, fn(&str) -> String, &'static [&'static str]);

/// What is done to a whole text.
#[rustfmt::skip]
const WHOLE: &[Row] = &[
    ("double quotes", "bcrypt", BCRYPT, |text| format!("\"{text}\""), &["remove the quotes"]),
    ("single quotes", "argon2", ARGON2, |text| format!("'{text}'"), &["remove the quotes"]),
    ("Python bytes", "bcrypt", BCRYPT, |text| format!("b'{text}'"), &["between the quotes", "Python"]),
    ("a space after it", "bcrypt", BCRYPT, |text| format!("{text} "), &["position 61", "trim it"]),
    ("a line break after it", "md5", MD5, |text| format!("{text}\n"), &["position 33", "trim it"]),
    ("a written line break after it", "bcrypt", BCRYPT, |text| format!("{text}\\n"), &["remove the written line break"]),
    ("wrapped at 76 columns", "sha512crypt", SHA512_CRYPT, |text| format!("{}\n {}", &text[..76], &text[76..]), &["position 77", "join the lines"]),
    ("a separator after it", "bcrypt", BCRYPT, |text| format!("{text},"), &["remove the character after it"]),
    ("a byte order mark", "bcrypt", BCRYPT, |text| format!("\u{feff}{text}"), &["position 1", "remove the byte order mark"]),
    ("a byte order mark as Latin-1", "bcrypt", BCRYPT, |text| format!("ï»¿{text}"), &["position 1", "byte order mark that was read as Latin-1; remove it"]),
    ("UTF-16", "argon2", ARGON2, |text| text.chars().flat_map(|c| [c, '\0']).collect(), &["position 2", "UTF-16; convert it to UTF-8"]),
    ("an invisible character", "md5", MD5, |text| format!("{}\u{200b}{}", &text[..8], &text[8..]), &["position 9", "invisible"]),
    ("typographic quotes", "md5", MD5, |text| format!("“{text}”"), &["position 1", "word processor"]),
    ("shortened for display", "bcrypt", BCRYPT, |text| format!("{}…", &text[..20]), &["position 21", "shortened"]),
    ("percent escapes", "bcrypt", BCRYPT, |text| text.replace('$', "%24"), &["decode the percent escapes"]),
    ("HTML entities by number", "bcrypt", BCRYPT, |text| text.replace('$', "&#36;"), &["decode the HTML entities"]),
    ("HTML entities in hex", "django-pbkdf2-sha256", DJANGO, |text| text.replace('+', "&#x2B;").replace('=', "&#x3D;"), &["decode the HTML entities"]),
    ("quoted-printable", "ldap-ssha", SSHA, |text| text.replace('=', "=3D"), &["quoted-printable"]),
    ("JSON's slashes", "ldap-ssha", SSHA, |text| text.replace('/', "\\/"), &["position 7", "escapes with a backslash"]),
    ("JSON's code points", "django-pbkdf2-sha256", DJANGO, |text| text.replace('=', "\\u003d").replace('+', "\\u002b"), &["escapes with a backslash"]),
    ("a shell's backslashes", "bcrypt", BCRYPT, |text| text.replace('$', "\\$"), &["escapes with a backslash"]),
    ("doubled dollars", "bcrypt", BCRYPT, |text| text.replace('$', "$$"), &["write `$` for each `$$`"]),
    ("form decoding", "ldap-ssha", SSHA, |text| text.replace('+', " "), &["position 17", "write `+` for each space"]),
    ("a shell's variables, bcrypt", "bcrypt", "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", in_a_shell, &["position 1", "put the text in single quotes"]),
    ("a shell's variables, argon2", "argon2", ARGON2, in_a_shell, &["position 1", "put the text in single quotes"]),
    ("LDIF's base64", "ldap-ssha", SSHA, |text| format!("userPassword:: {}", STANDARD.encode(text)), &["decode the base64 after `::`"]),
    ("an attribute's name", "ldap-ssha", SSHA, |text| format!("userPassword: {text}"), &["take only the value"]),
    ("base64 around it", "ldap-ssha", SSHA, |text| STANDARD.encode(text), &["decode the base64 that the whole text is in"]),
    ("base64 around bcrypt", "bcrypt", BCRYPT, |text| STANDARD_NO_PAD.encode(text), &["decode the base64 that the whole text is in"]),
    ("bytea of PostgreSQL around text", "bcrypt", BCRYPT, |text| format!("\\x{}", hex(text.as_bytes())), &["decode the hex that the whole text is in"]),
    ("a blob of MySQL around text", "ldap-ssha", SSHA, |text| format!("0x{}", hex(text.as_bytes())), &["decode the hex that the whole text is in"]),
    ("a line of htpasswd", "bcrypt", BCRYPT, |text| format!("alice:{text}"), &["take only the second field"]),
    ("a line of shadow", "sha512crypt", SHA512_CRYPT, |text| format!("alice:{text}:18000:0:99999:7:::"), &["take only the second field"]),
    ("the end of a line of shadow", "sha512crypt", SHA512_CRYPT, |text| format!("{text}:18000:0:99999:7:::"), &["without the fields of shadow after it"]),
    ("a name before a salted digest", "joomla-md5", JOOMLA, |text| format!("alice:{text}"), &["without the name and the `:`"]),
    ("a scheme in braces", "bcrypt", BCRYPT, |text| format!("{{BLF-CRYPT}}{text}"), &["remove the name in braces"]),
    ("no dollar before it", "argon2", ARGON2, |text| text[1..].to_owned(), &["write the `$`"]),
    ("a digest's name before it", "sha", SHA256, |text| format!("sha256${text}"), &["remove the name of the digest"]),
    ("a digest's name and a colon", "md5", MD5, |text| format!("MD5:{text}"), &["remove the name of the digest"]),
];

/// What is done to a part of a text.
#[rustfmt::skip]
const PARTS: &[Row] = &[
    ("the URL-safe alphabet in LDAP", "ldap-ssha", SSHA, url_safe, &["position 7", "URL-safe alphabet; write `+` for `-`"]),
    ("the URL-safe alphabet in Django", "django-pbkdf2-sha256", DJANGO, |text| format!("{}{}", &text[..43], url_safe(&text[43..])), &["position 69", "URL-safe alphabet"]),
    ("the URL-safe alphabet in SCRAM", "postgres-scram-sha-256", SCRAM, |text| format!("{}{}", &text[..44], url_safe(&text[44..])), &["position 72", "URL-safe alphabet"]),
    ("the ordinary alphabet where it is URL-safe", "cta-pbkdf2-sha1", CTA, |text| text.replace('-', "+").replace('_', "/"), &["position 30", "ordinary alphabet; write `-` for `+`"]),
    ("passlib's alphabet in a PHC string", "argon2", ARGON2, |text| text.replace('+', "."), &["position 68", "alphabet of passlib; write `+` for `.`"]),
    ("ordinary base64 in passlib", "passlib-pbkdf2", PASSLIB, |text| text.replace('.', "+"), &["`.` stands for `+`"]),
    ("ordinary base64 in bcrypt", "bcrypt", BCRYPT, |text| format!("{}+{}", &text[..17], &text[18..]), &["position 18", "an alphabet of its own"]),
    ("ordinary base64 in phpass", "phpass", PHPASS, |text| text.replace('.', "+"), &["position 29", "an alphabet of its own"]),
    ("padding in a PHC string", "argon2", ARGON2, |text| format!("{text}="), &["position 52", "remove the `=`"]),
    ("no padding in LDAP", "ldap-ssha", SSHA, |text| text.replace('=', ""), &["position 7", "pad it with `=`"]),
    ("no padding in Django", "django-pbkdf2-sha256", DJANGO, |text| text.replace('=', ""), &["pad it with `=`"]),
    ("hex in LDAP", "ldap-md5", LDAP_MD5, |text| format!("{{MD5}}{}", hex(&STANDARD.decode(&text[5..]).unwrap())), &["position 6", "hex where base64 is needed"]),
    ("hex in Django", "django-pbkdf2-sha256", DJANGO, |text| format!("{}{}", &text[..43], hex(&STANDARD.decode(&text[43..]).unwrap())), &["hex where base64 is needed"]),
    ("base64 for MD5", "md5", MD5, |text| STANDARD.encode(unhex(text)), &["position 1", "base64 where hex is needed"]),
    ("base64 for SHA-1 in Django", "django-sha1", DJANGO_SHA1, |text| format!("{}{}", &text[..18], STANDARD.encode(unhex(&text[18..]))), &["base64 where hex is needed"]),
    ("base64 in Werkzeug", "werkzeug-pbkdf2", WERKZEUG, |text| format!("{}{}", &text[..34], STANDARD.encode(unhex(&text[34..]))), &["base64 where hex is needed"]),
    ("base64 twice", "ldap-md5", LDAP_MD5, |text| format!("{{MD5}}{}", STANDARD.encode(&text[5..])), &["position 6", "base64 twice"]),
    ("upper-case hex", "md5", MD5, str::to_uppercase, &["position 2", "lower-case the hash"]),
    ("upper-case hex in Werkzeug", "werkzeug-pbkdf2", WERKZEUG, |text| format!("{}{}", &text[..34], text[34..].to_uppercase()), &["position 35", "lower-case"]),
    ("0x before hex", "md5", MD5, |text| format!("0x{text}"), &["position 2", "remove what marks it as hex"]),
    ("bytea of PostgreSQL", "sha", SHA256, |text| format!("\\x{text}"), &["remove what marks it as hex"]),
    ("salt and hash of Joomla", "joomla-md5", JOOMLA, |text| swapped(text, ':'), &["swapped"]),
    ("salt and hash of Django's SHA-1", "django-sha1", DJANGO_SHA1, |text| swapped(text, '$'), &["position", "swapped"]),
    ("salt and key of Django", "django-pbkdf2-sha256", DJANGO, |text| swapped(text, '$'), &["position", "swapped"]),
    ("salt and hash of crypt", "md5crypt", MD5_CRYPT, |text| swapped(text, '$'), &["position 4", "swapped"]),
    ("a cost of one digit", "bcrypt", BCRYPT, |text| text.replace("$05$", "$5$"), &["position 5", "two digits, such as `05`"]),
    ("the first bcrypt", "bcrypt", BCRYPT, |text| text.replace("$2b$", "$2$"), &["obsolete bcrypt without a minor version"]),
    ("cut at 50", "bcrypt", BCRYPT, |text| text[..50].to_owned(), &["50 characters where 60 are needed; the text was cut"]),
    ("cut at 100", "sha512crypt", SHA512_CRYPT, |text| text[..100].to_owned(), &["position 21", "a column of that width"]),
    ("cut at 80", "django-pbkdf2-sha256", DJANGO, |text| text[..80].to_owned(), &["position 44", "cut"]),
    ("the wrong digest", "md5", MD5, |_| SHA256.to_owned(), &["this looks like sha, import it under that name"]),
    ("the wrong name", "bcrypt", BCRYPT, |_| ARGON2.to_owned(), &["this looks like argon2, import it under that name"]),
];

#[test]
fn the_advice_is_right() {
    let names: HashSet<_> = WHOLE.iter().chain(PARTS).map(|(what, ..)| what).collect();
    assert_eq!(names.len(), WHOLE.len() + PARTS.len());
    assert!(names.len() >= 60, "only {} mistakes", names.len());
    check(WHOLE);
    check(PARTS);
}

#[test]
fn options_of_firebase() {
    let good = json!({"salt": "+/8AAQIDBAUGBw==", "saltSeparator": "+w==", "signerKey": SIGNER_KEY.replace("AAEC", "+/EC")});
    import("scryptMod", SCRYPT_MODIFIED, &good).unwrap();
    let message = |name: &str, spoil: fn(&str) -> String| {
        let mut options = good.clone();
        options[name] = Value::String(spoil(good[name].as_str().unwrap()));
        import("scryptMod", SCRYPT_MODIFIED, &options).unwrap_err().to_string()
    };
    for name in ["signerKey", "salt", "saltSeparator"] {
        let check = |spoil, words: &[&str]| {
            let message = message(name, spoil);
            assert!(words.iter().all(|word| message.contains(word)), "{message}");
            assert!(message.contains(&format!("option `{name}`")), "{message}");
        };
        check(url_safe, &["at position 1", "URL-safe alphabet; write `+` for `-` and `/` for `_`"]);
        check(|text| text.replace('=', ""), &["pad it with `=`"]);
        check(|text| format!(" {text}"), &["at position 1", "trim the white space"]);
    }
    let hex = |text: &str| hex(&STANDARD.decode(text).unwrap());
    let message = message("signerKey", hex);
    assert!(message.contains("the signer key looks like hex"), "{message}");
}

#[test]
fn without_an_algorithm() {
    let check = |text: &str, words: &str| {
        let message = PasswordHash::detect(text, &Limits::default()).unwrap_err().to_string();
        assert!(message.contains(words), "{text}: {message}");
    };
    check(&format!("\"{BCRYPT}\""), "remove the quotes around it; then it is bcrypt");
    check(&format!("alice:{BCRYPT}"), "take only the second field");
    check(&BCRYPT.replace('$', "$$"), "then it is bcrypt");
    check(&BCRYPT.replace("$05$", "$5$"), "two digits");
    check(&format!("userPassword:: {}", STANDARD.encode(SSHA)), "then it is ldap-ssha");
    check(&format!("0x{MD5}"), "remove what marks it as hex");
    check(&in_a_shell(ARGON2), "put the text in single quotes");
    check("hunter2", "unrecognised password hash");
}

proptest! {
    /// `spring` lets through what is not ASCII.
    #[test]
    fn nothing_panics(text in "([$%&#;:{}=\"'\\\\ux0-9a-f+/,é ]|\\$2b\\$05\\$|&#|%24|0x){0,70}") {
        let message = |error: HashError| error.to_string();
        for scheme in ["spring", "bcrypt", "md5", "ldap-ssha"] {
            let refused = import(scheme, &text, &json!({})).map_err(message);
            prop_assert!(refused.err().is_none_or(|error| error.len() < 400));
        }
        let refused = PasswordHash::detect(&text, &Limits::default()).map_err(message);
        prop_assert!(refused.err().is_none_or(|error| error.len() < 400));
    }
}

fn check(rows: &[Row]) {
    let mut wrong = String::new();
    for (what, algorithm, good, spoil, words) in rows {
        let none = json!({});
        let read = |text: &str| {
            let options = none.as_object().cloned().unwrap();
            let limits = Limits::default().with_weak(Weak::Allow);
            PasswordHash::import(algorithm, text, &options, &limits)
        };
        read(good).unwrap_or_else(|error| panic!("{what}: the good text: {error}"));
        let bad = spoil(good);
        let Err(error) = read(&bad) else { panic!("{what}: accepted") };
        let message = error.to_string();
        assert!(message.len() < 300, "{what}: {message}");
        assert!(!message.contains(&bad) && !message.contains(good), "{what}: {message}");
        if !words.iter().all(|word| message.contains(word)) {
            wrong += &format!("{what}: {message}\n    not {words:?}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn url_safe(text: &str) -> String {
    text.replace('+', "-").replace('/', "_")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn unhex(text: &str) -> Vec<u8> {
    let pair = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(pair).collect()
}

/// The text with its last two fields swapped.
fn swapped(text: &str, separator: char) -> String {
    let mut fields: Vec<_> = text.split(separator).collect();
    let last = fields.len() - 1;
    fields.swap(last - 1, last);
    fields.join(&separator.to_string())
}

/// What a shell makes of a text in double quotes: unset variables are empty.
fn in_a_shell(text: &str) -> String {
    let mut parts = text.split('$');
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        out += match part.as_bytes() {
            [b'0'..=b'9', ..] => &part[1..],
            _ => part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_'),
        };
    }
    out
}
