//! What the formats of crypt(3), of databases and of Windows say about themselves and about mistakes, and
//! that no text near theirs is too much for them. Their known answers are in `hash_vectors`.

use std::fmt::Write as _;

use proptest::prelude::*;
use rollbook_core::{HashError, HashOptions, Limits, PasswordHash, VerifyError, Weak};
use serde_json::{Value, json};

const SHA512CRYPT: &str = "$6$rounds=1000$saltstring$ha2iJIaQFeY6GCMllr3nYrBsK.QZPyMPSa2CoF0XWektRLYXj0rN7icm03qtZfnSxcXQ0ORZWTKdFrK9NnnIg1";
const YESCRYPT: &str = "$y$j85$LdJMENpBABJJ3hIHjB1Bi.$r1hlKf7zyDI/l/WXaO43BRD2R4dd7R9bUVuWr39W3V1";
const SCRYPT: &str = "$7$66..../....yUwknwG7RuTZ/W$QoLPE2wt3lo63OglrwduVXHL5FyNMyQBRHApNLH7xr1";
const DRUPAL: &str = "$S$ErandomsaOpYrAZqwxGynirQbWYCb3ejW4BwGH81LJcOzbzeVd02";
const SHA1CRYPT: &str = "$sha1$2000$nb3LDJYe$KP7E5ZWmsiQWQslVFH9ZnJLv.B9O";
const SUNMD5: &str = "$md5,rounds=12$1xMeE.at$$cxDjtvfWEWwuVcB.G0GpX/";
const AIX: &str = "{ssha1}06$uOYCzfO5dt0EdnwG$CK81ljQknzEAcfwg97cocEwz.gv";
const POSTGRES: &str = "SCRAM-SHA-256$4096:vNvgnXFJstz4IQRq/ZPtow==$R2pySdfcaT1enCO7YTy/z18q0uNS7q9/edrt4qEqnQc=:TDPs6/Asum8ssu9SqmL3n5GF88JnjbvgOrlKI7d2rzU=";
const PASSLIB: &str = "$scram$4096$QSXCR.Q6sek8bf92$sha-1=HZbuOlKbWl.eR8AfIposuKbhX30";
const HEX: &str = "31d6cfe0d16ae931b73c59d7e0c089c0";

fn limits() -> Limits {
    Limits::default().with_weak(Weak::Allow)
}

fn import(algorithm: &str, text: &str, options: &Value) -> Result<PasswordHash, HashError> {
    let options = options.as_object().cloned().unwrap_or_default();
    PasswordHash::import(algorithm, text, &options, &limits())
}

#[test]
fn explanations() {
    let mut out = String::new();
    let user = json!({"username": "alice"});
    for (algorithm, text, options) in [
        ("md5crypt", "$1$abcdefgh$Vp3YNwpcydYzv31o3cmRg/", json!({})),
        ("sha512crypt", SHA512CRYPT, json!({})),
        ("yescrypt", YESCRYPT, json!({})),
        ("scrypt-crypt", SCRYPT, json!({})),
        ("sha1crypt", SHA1CRYPT, json!({})),
        ("sunmd5", SUNMD5, json!({})),
        ("aix-ssha1", AIX, json!({})),
        ("drupal7", DRUPAL, json!({})),
        ("descrypt", "abTqKyzTBdcQE", json!({})),
        ("bigcrypt", "Qw3D.VtySeYfI48Md4FXbLr.", json!({})),
        ("bsdicrypt", "_J9..CCCCXBrJUJV154M", json!({})),
        ("ldap-crypt", "{CRYPT}abTqKyzTBdcQE", json!({})),
        ("django-crypt", "crypt$ps$pspedtE/rlQa2", json!({})),
        ("kratos-crypt", "$md5-crypt$uUB3BDZU$/mTbkvhOSyaMgLjxcU3BB/", json!({})),
        ("postgres-scram-sha-256", POSTGRES, json!({})),
        ("passlib-scram", PASSLIB, json!({})),
        ("nt", HEX, json!({})),
        ("lm", HEX, json!({})),
        ("msdcc", HEX, user.clone()),
        ("msdcc2", HEX, user.clone()),
        ("mysql41", "*A0F874BC7F54EE086FCE60A37CE7887D8B31086B", json!({})),
        ("oracle10", "EF1F9139DB2D5279", user),
    ] {
        let explanation = import(algorithm, text, &options).unwrap().explain();
        let parameters: Vec<_> = explanation
            .parameters
            .iter()
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        let (cost, standing) = (explanation.cost.class.name(), explanation.standing.name());
        let (scheme, title) = (explanation.scheme, explanation.title);
        writeln!(out, "{scheme}: {title} ({}); {cost}, {standing}", parameters.join(", ")).unwrap();
        for note in explanation.notes {
            writeln!(out, "  {note}").unwrap();
        }
    }
    insta::assert_snapshot!(out, @r"
    md5crypt: MD5 crypt (rounds = 1000); weak, legacy
      a thousand rounds of MD5 are quickly guessed at
    sha512crypt: SHA-512 crypt (rounds = 1000); weak, legacy
    yescrypt: yescrypt (N = 2048, r = 8); weak, legacy
    scrypt-crypt: scrypt of crypt(3) (N = 256, r = 8, p = 1); weak, legacy
    sha1crypt: SHA-1 crypt of NetBSD (rounds = 2000); weak, legacy
    sunmd5: MD5 crypt of Sun (rounds = 4108); moderate, legacy
    aix-ssha1: PBKDF2 with SHA-1, of AIX (log2 of the iterations = 6); none, legacy
    drupal7: Drupal 7 (iterated SHA-512) (log2 of the rounds = 16); moderate, legacy
    descrypt: DES crypt (); none, broken
      only the first 8 bytes of a password count, and 7 bits of each
    bigcrypt: bigcrypt (DES crypt of 8 bytes at a time) (segments = 2); none, broken
      every 8 bytes of a password can be guessed by themselves
      only 7 bits of every password byte count
    bsdicrypt: extended DES crypt of BSDi (rounds = 725); none, broken
      only 7 bits of every password byte count
    ldap-crypt: crypt(3) of LDAP, in it DES crypt (); none, broken
      only the first 8 bytes of a password count, and 7 bits of each
    django-crypt: crypt(3) of Django, in it DES crypt (); none, broken
      only the first 8 bytes of a password count, and 7 bits of each
    kratos-crypt: crypt(3) of Ory Kratos, in it MD5 crypt (rounds = 1000); weak, legacy
      a thousand rounds of MD5 are quickly guessed at
    postgres-scram-sha-256: SCRAM-SHA-256 of PostgreSQL (iterations = 4096); weak, legacy
    passlib-scram: SCRAM of passlib (iterations = 4096, digests = sha-1); weak, legacy
    nt: NT hash (MD4, unsalted) (); none, broken
      equal passwords have equal hashes, and guessing is nearly free
    lm: LM hash (); none, broken
      14 characters count, without their case, and each half can be guessed by itself
      the hash of the empty password is what Windows writes when LM is turned off
    msdcc: cached domain credentials of Windows, version 1 (); none, broken
    msdcc2: cached domain credentials of Windows, version 2 (iterations = 10240); weak, legacy
    mysql41: mysql_native_password (SHA-1 twice, unsalted) (); none, broken
      equal passwords have equal hashes, and guessing is nearly free
    oracle10: Oracle 7 to 10g (DES) (); none, broken
      the case of a password does not count, and the salt is the name of the account
    ");
}

#[test]
fn messages() {
    let mut out = String::new();
    for (algorithm, text, options) in [
        ("md5crypt", "$1$saltsaltX$AAAAAAAAAAAAAAAAAAAAAA", json!({})),
        ("md5crypt", "$1$sa:lt$AAAAAAAAAAAAAAAAAAAAAA", json!({})),
        ("md5crypt", "$1$saltsalt$AAAAAAAAAAAAAAAAAAAAA", json!({})),
        ("md5crypt", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/", json!({})),
        ("sha512crypt", "$6$rounds=05000$saltsalt$AAAA", json!({})),
        ("sha512crypt", "$6$rounds=999$saltsalt$AAAA", json!({})),
        ("sha512crypt", "$6$saltsalt", json!({})),
        ("sha512crypt", &SHA512CRYPT.replace("=1000", "=2000000"), json!({})),
        ("yescrypt", &YESCRYPT.replace("j85", "jU5"), json!({})),
        ("yescrypt", &YESCRYPT.replace("LdJ", "L+J"), json!({})),
        ("scrypt-crypt", "$7$101$MlcxJPHOyMpeKwKI$pKvURIxJVi2CgRXROh/M6pJ", json!({})),
        ("descrypt", "aaaaaaaaaaaa", json!({})),
        ("descrypt", HEX, json!({})),
        ("ldap-crypt", "{CRYPT}*0", json!({})),
        ("ldap-crypt", "{CRYPT}$1$saltsalt$AAAA", json!({})),
        (
            "ldap-crypt",
            "{CRYPT}$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            json!({}),
        ),
        ("django-crypt", "crypt$xx$pspedtE/rlQa2", json!({})),
        ("postgres-scram-sha-256", &POSTGRES.replace("ow==", "ow"), json!({})),
        ("postgres-scram-sha-256", &POSTGRES.replace("z18q", "z-8q"), json!({})),
        ("postgres-scram-sha-256", "SCRAM-SHA-256$4096:AAECAwQFBgcICQoLDA0ODw==$:", json!({})),
        ("passlib-scram", &PASSLIB.replace("sha-1", "sha-3"), json!({})),
        ("passlib-scram", &PASSLIB.replace("4096", "4294967295"), json!({})),
        ("nt", "31d6cfe0d16ae931b73c59d7e0c089c", json!({})),
        ("msdcc", HEX, json!({})),
        ("msdcc", &HEX.to_uppercase(), json!({"username": "alice"})),
        ("msdcc2", HEX, json!({"username": "alice", "iterations": 2_000_000_000})),
        ("postgres-md5", HEX, json!({"username": "alice"})),
        ("mysql41", "A0F874BC7F54EE086FCE60A37CE7887D8B31086B", json!({})),
        ("nt-ldap", "ipaNTHash: AAAAAAAAAAAAAAAAAAAA", json!({})),
        ("bcrypt", "*A0F874BC7F54EE086FCE60A37CE7887D8B31086B", json!({})),
        ("mysql41", "md5249bb4af234ef5f8fbd983689b2249f2", json!({})),
        ("mssql2012", "0x0200AAAA", json!({})),
        ("sha512crip", "", json!({})),
    ] {
        let error = import(algorithm, text, &options).unwrap_err().to_string();
        assert!(text.len() < 20 || !error.contains(text), "a message repeats the hash: {error}");
        writeln!(out, "{error}").unwrap();
    }
    insta::assert_snapshot!(out, @r"
    md5crypt hash: a salt of 9 characters where 0 to 8 are allowed, at position 4
    md5crypt hash: a character that no salt has (`!`, `*`, `:`, `;`, `\` or `$`), at position 6
    md5crypt hash: a digest of 21 characters where 22 are needed, at position 13
    md5crypt hash: expected $1$; this looks like apr1, import it under that name
    sha512crypt hash: the rounds are not a positive decimal number, at position 11
    sha512crypt hash: 999 rounds are not between 1000 and 999999999, at position 11
    sha512crypt hash: no `$` after the salt, at position 12
    sha512crypt hash: rounds 2000000 is over the limit of 1000000
    yescrypt hash: memory in bytes 8796093037568 is over the limit of 268435456
    yescrypt hash: the salt is not crypt64 (./0-9A-Za-z) of 1 to 64 bytes, at position 8
    scrypt-crypt hash: not one `$` after the salt, at position 4; scrypt-crypt has 11 characters of cost, a salt, `$` and 43 of digest; Mosquitto's $7$ is another format
    descrypt hash: 12 characters where 13 are needed: 2 of salt and 11 of digest
    descrypt hash: 32 characters where 13 are needed: 2 of salt and 11 of digest; this looks like md5, import it under that name
    ldap-crypt hash: not a hash of crypt(3), at position 8; this looks like the failure token of crypt(3), or a locked account
    md5crypt hash: a digest of 4 characters where 22 are needed, at position 20
    bcrypt hash: cost 31 is over the limit of 15
    django-crypt hash: the salt is not the one that the hash begins with, at position 7
    postgres-scram-sha-256 hash: the salt lacks its base64 padding, or has too much, at position 20; pad it with `=` to a multiple of 4 characters
    postgres-scram-sha-256 hash: the StoredKey has a character outside A-Za-z0-9+/, at position 66
    postgres-scram-sha-256 hash: the StoredKey has 0 bytes where 32 are needed, at position 45
    passlib-scram hash: an unknown digest; known are sha-1, sha-224, sha-256, sha-384, sha-512, at position 30
    passlib-scram hash: PBKDF2 iterations 4294967295 is over the limit of 10000000
    nt hash: 31 hex digits where 32 are needed
    msdcc option `username`: missing
    msdcc hash: an upper-case hex digit, at position 3; lower-case the hash before the import
    msdcc2 hash: PBKDF2 iterations 2000000000 is over the limit of 10000000
    postgres-md5 hash: expected md5; this looks like md5, import it under that name
    mysql41 hash: expected `*`, at position 1; MySQL writes it before 40 hex digits; without it they are sha with version sha1
    nt-ldap hash: the hash has 15 bytes where 16 are needed, at position 12
    bcrypt hash: expected $2a$, $2b$, $2x$ or $2y$; this looks like mysql41, import it under that name
    mysql41 hash: expected `*`; this looks like postgres-md5, import it under that name
    mssql2012 hash: 4 hex digits where 136 are needed
    unknown hash algorithm `sha512crip`; did you mean sha512crypt
    ");
}

#[test]
fn detection() {
    let check = |text: &str, expected: &str| {
        let found = match PasswordHash::detect(text, &limits()) {
            Ok(hash) => hash.algorithm().to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{text}");
    };
    for (text, name) in [
        ("$1$abcdefgh$Vp3YNwpcydYzv31o3cmRg/", "md5crypt"),
        ("$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/", "apr1"),
        (SHA512CRYPT, "sha512crypt"),
        (YESCRYPT, "yescrypt"),
        (SCRYPT, "scrypt-crypt"),
        (DRUPAL, "drupal7"),
        (SHA1CRYPT, "sha1crypt"),
        (SUNMD5, "sunmd5"),
        (AIX, "aix-ssha1"),
        (POSTGRES, "postgres-scram-sha-256"),
        (PASSLIB, "passlib-scram"),
        ("{crypt}abTqKyzTBdcQE", "ldap-crypt"),
        ("{smd5}eLB0QWeS$Eg.YfWY8clZuCxF0xNrKg.", "aix-smd5"),
        ("$3$$31d6cfe0d16ae931b73c59d7e0c089c0", "nt-crypt"),
        ("*A0F874BC7F54EE086FCE60A37CE7887D8B31086B", "mysql41"),
    ] {
        check(text, name);
    }
    check(
        "abTqKyzTBdcQE",
        "unrecognised password hash; this looks like descrypt, import it under that name",
    );
    check(
        "EF1F9139DB2D5279",
        "ambiguous password hash; name its algorithm: mysql323, oracle10 with its username",
    );
    check(
        "0x0100A0905D7304D8E1911D472C5BA1743B7C025C18F70E36CFC4726C41EFD09038AD9D2B6887ABE85CE7773146F9",
        "ambiguous password hash; name its algorithm: mssql2000, mssql2005",
    );
    // Mosquitto's, not SHA-crypt's.
    let mosquitto = "$6$/B7nGcRHKYgzwxIU$tl8fHlXuE7X0Ury4aTNwWPK7041pGJJrm47Cp0CYWFrcEpz+ZorwhMXJaaeKAUAqxw4dovgy30kjScC20O1mdw==";
    let found = PasswordHash::detect(mosquitto, &limits());
    assert!(!found.is_ok_and(|hash| hash.algorithm() == "sha512crypt"));
}

#[test]
fn weak_formats_and_what_holds_them_are_asked_for() {
    let none = HashOptions::new();
    for (algorithm, text) in [
        ("nt", HEX),
        ("descrypt", "abTqKyzTBdcQE"),
        ("ldap-crypt", "{CRYPT}abTqKyzTBdcQE"),
        ("django-crypt", "crypt$ps$pspedtE/rlQa2"),
    ] {
        let refused = PasswordHash::import(algorithm, text, &none, &Limits::default());
        assert!(matches!(refused, Err(HashError::Weak { .. })), "{algorithm}");
        PasswordHash::import(algorithm, text, &none, &limits()).unwrap();
        PasswordHash::restore(algorithm, text, &none, &Limits::default()).unwrap();
    }
    let sound = "{CRYPT}$1$SuMrG47N$ymvzYjr7QcEQjaK5m1PGx1";
    PasswordHash::import("ldap-crypt", sound, &none, &Limits::default()).unwrap();
}

#[test]
fn every_limit_holds() {
    let check = |algorithm: &str, text: &str, lower: Limits| {
        import(algorithm, text, &json!({})).unwrap();
        let refused = PasswordHash::import(algorithm, text, &HashOptions::new(), &lower);
        assert!(matches!(refused, Err(HashError::OverLimit { .. })), "{algorithm}: {refused:?}");
    };
    check("sha512crypt", SHA512CRYPT, limits().with_sha_crypt_rounds(999));
    check("sha1crypt", SHA1CRYPT, limits().with_sha1crypt_rounds(1999));
    check("sunmd5", SUNMD5, limits().with_sunmd5_rounds(11));
    check("drupal7", DRUPAL, limits().with_drupal_log2(15));
    check("aix-ssha1", AIX, limits().with_pbkdf2_rounds(63));
    check("postgres-scram-sha-256", POSTGRES, limits().with_pbkdf2_rounds(4095));
    check("passlib-scram", PASSLIB, limits().with_pbkdf2_rounds(4095));
    check("yescrypt", YESCRYPT, limits().with_scrypt_memory_bytes(1 << 20));
    check("yescrypt", YESCRYPT, limits().with_scrypt_work(1 << 10));
    check("scrypt-crypt", SCRYPT, limits().with_scrypt_work(255));
    check("bsdicrypt", "_J9..CCCCXBrJUJV154M", limits().with_des_rounds(724));
    check("ldap-crypt", &format!("{{CRYPT}}{SHA512CRYPT}"), limits().with_sha_crypt_rounds(999));
    for (algorithm, text) in [("sha512crypt", SHA512CRYPT), ("drupal7", DRUPAL)] {
        let hash = import(algorithm, text, &json!({})).unwrap();
        assert_eq!(hash.verify(&[b'x'; 512]), Err(VerifyError::Mismatch));
        let error = VerifyError::PasswordTooLong { bytes: 513, limit: 512 };
        assert_eq!(hash.verify(&[b'x'; 513]), Err(error));
    }
}

/// Texts near the real ones, none of them costly.
fn any_text() -> impl Strategy<Value = (&'static str, String)> {
    let text = |name: &'static str, pattern: &'static str| pattern.prop_map(move |t| (name, t));
    prop_oneof![
        text("md5crypt", "\\$1\\$[./0-9A-Za-z]{0,9}\\$[./0-9A-Za-z]{21,23}"),
        text("sha256crypt", "\\$5\\$(rounds=1[0-9]{3}\\$)?[./0-9A-Za-z]{0,17}\\$[./0-9A-Za-z]{43}"),
        text("sha1crypt", "\\$sha1\\$[0-9]{1,3}\\$[./0-9A-Za-z]{0,9}\\$[./0-9A-Za-z]{28}"),
        text(
            "sunmd5",
            "\\$md5(,rounds=[0-9]{1,3}|\\$rounds=[0-9])?\\$[./0-9A-Za-z]{0,9}\\$\\$?[./0-9A-Za-z]{22}"
        ),
        text(
            "yescrypt",
            "\\$y\\$[./j][./0-6][./0-9k-n]{1,6}\\$[./0-9A-Za-z]{0,8}\\$[./0-9A-Za-z]{43}"
        ),
        text(
            "gost-yescrypt",
            "\\$gy\\$j[./0-6][./0-9]{1,4}\\$[./0-9A-Za-z]{0,8}\\$[./0-9A-Za-z]{43}"
        ),
        text(
            "scrypt-crypt",
            "\\$7\\$[./0-6][./0-9]\\.\\.\\.\\.[./0-9]\\.\\.\\.\\.[a-z]{0,9}\\$[./0-9A-Za-z]{43}"
        ),
        text("descrypt", "[./0-9A-Za-z]{12,14}"),
        text("bigcrypt", "[./0-9A-Za-z]{2}([./0-9A-Za-z]{11}){1,17}"),
        text("aix-ssha256", "\\{ssha256\\}0[0-9]\\$[./0-9A-Za-z]{0,17}\\$[./0-9A-Za-z]{43}"),
        text("drupal7", "U?\\$[SP]\\$[./0-9][./0-9A-Za-z]{8}[./0-9A-Za-z]{22,43}"),
        text(
            "ldap-crypt",
            "\\{CRYPT\\}(\\$1\\$[a-z]{0,9}\\$[./0-9A-Za-z]{22}|[./0-9A-Za-z]{0,30})"
        ),
        text("django-crypt", "crypt\\$[a-z]{0,4}\\$[./0-9A-Za-z$]{0,14}"),
        text(
            "kratos-crypt",
            "\\$(md5|sha256)-crypt\\$(rounds=1000\\$)?[a-z]{0,9}\\$[./0-9A-Za-z]{22}"
        ),
        text(
            "postgres-scram-sha-256",
            "SCRAM-SHA-256\\$[0-9]{1,3}:[A-Z]{2}==\\$[A-Z]{43}=:[A-Z]{42}[AQ]="
        ),
        text("passlib-scram", "\\$scram\\$[0-9]{1,3}\\$[A-Z]{4}\\$(sha-1=[A-Z]{26}[AQ],?){0,2}"),
        text("lm", "[0-9a-f]{32}"),
        text("mysql323", "[0-9a-f]{15,17}"),
        text("mssql2000", "0x0100([0-9A-F]{48}|[0-9A-F]{88})"),
        text("mssql2005", "0x0100([0-9A-F]{48}|[0-9A-F]{88})"),
        text("oracle11", "S:[0-9A-F]{60}"),
        text("mysql-caching-sha2", "\\$mysql\\$A\\$00[0-9]\\*[0-9A-F]{40}\\*(4[1-9A-F]){43}"),
    ]
}

proptest! {
    #[test]
    fn nothing_panics(
        (algorithm, text) in any_text(),
        password in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..100),
            any::<String>().prop_map(String::into_bytes),
        ],
    ) {
        match PasswordHash::import(algorithm, &text, &HashOptions::new(), &limits()) {
            Err(error) => prop_assert!(!error.to_string().is_empty()),
            Ok(hash) => {
                let _ = (hash.cost(), hash.explain());
                prop_assert_eq!(hash.verify(&password), Err(VerifyError::Mismatch));
            }
        }
    }
}
