use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{PasswordHash, Weak};

const MD5: &str = "5f4dcc3b5aa765d61d8327deb882cf99";
const SHA1: &str = "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8";

fn limits() -> Limits {
    Limits::default().with_weak(Weak::Allow)
}

fn import(name: &str, text: &str, options: &Value) -> Result<PasswordHash, HashError> {
    let options = options.as_object().cloned().unwrap_or_default();
    PasswordHash::import(name, text, &options, &limits())
}

fn rows() -> Vec<&'static dyn Scheme> {
    [EXPLICIT, FORUMS, FRAMEWORKS, KRATOS, LDAP].concat()
}

#[test]
fn a_scheme_of_one_s_own() {
    // What md5sum and sha1sum make of it.
    let options = json!({"expression": "md5('pepper:'.md5($pass))"});
    let expression = "md5('pepper:'.md5($pass))";
    let hash = import("expression", "224d714db6be794f03b8cc496d1c20e3", &options).unwrap();
    assert_eq!(hash.verify(b"password"), Ok(()));
    assert_eq!(hash.stored_options()["expression"], expression);
    assert!(!format!("{:?} {:?}", hash.explain(), hash).contains("pepper"));
    let options = json!({
        "expression": "upper(sha1($salt.':'.$pass))",
        "salt": "736f",
        "saltEncoding": "hex",
        "encoding": "utf8",
    });
    let text = "9C3128048D52B1A5FC0FE4E1278B1957F9B3617A";
    let hash = import("expression", text, &options).unwrap();
    assert_eq!(hash.verify(b"password"), Ok(()));
    assert_eq!(hash.verify(b"Password"), Err(VerifyError::Mismatch));
    let stored = hash.stored_options();
    let again = PasswordHash::restore("expression", text, &stored, &Limits::default());
    assert_eq!(again.as_ref(), Ok(&hash));
}

#[test]
fn options_fit_the_expression() {
    let mut found = String::new();
    for options in [
        json!({}),
        json!({"expression": "md5($pas)"}),
        json!({"expression": "md5($salt.$pass)"}),
        json!({"expression": "md5($pass)", "salt": "x"}),
        json!({"expression": "md5($user.$pass)", "salt": ""}),
        json!({"expression": "iterate($rounds, md5($pass), md5($last))"}),
        json!({"expression": "iterate($rounds, md5($pass), md5($last))", "iterations": 2_000_000}),
        json!({"expression": "iterate(99999999, md5($pass), md5($last))"}),
        json!({"expression": "iterate(1100, md5($pass), iterate(1000, md5($last), md5($last)))"}),
        json!({"expression": "md5(hex(hex(hex(hex(hex($pass))))))"}),
        json!({"expression": "sha1($pass)"}),
        json!({"expression": "md5($pass)", "encoding": "base32"}),
    ] {
        let error = import("expression", MD5, &options).unwrap_err();
        writeln!(found, "{error}").unwrap();
    }
    insta::assert_snapshot!(found, @r"
    expression option `expression`: missing
    expression option `expression`: unknown variable `$pas`; known are $pass, $salt, $user, $realm, $key, $last, at position 5
    expression option `salt`: missing; the expression uses it
    expression option `salt`: not used by the expression
    expression option `username`: missing; the expression uses it
    expression option `iterations`: missing; the expression uses it
    expression hash: rounds 2000000 is over the limit of 1000000
    expression hash: rounds 99999998 is over the limit of 1000000
    expression hash: rounds 1099000 is over the limit of 1000000
    expression hash: bytes of the longest value 131072 is over the limit of 65536
    expression hash: 32 hex digits where 40 are needed
    expression option `encoding`: unknown encoding `base32`; known are utf8, hex, base64
    ");
}

#[test]
fn bounds_follow_the_limits() {
    let text = format!("{SHA1}:salt");
    let import = |limits: &Limits| {
        PasswordHash::import("wbb3", &text, &HashOptions::new(), limits).map(|hash| hash.cost())
    };
    for bytes in [0, 1, 160, 1 << 20] {
        assert!(import(&Limits::default().with_password_bytes(bytes)).is_ok(), "{bytes}");
    }
    let few = Limits::default().with_digest_rounds(1);
    assert!(import(&few).is_ok());
    let jasypt = "EjQJh39UW676GA6dLmrTKYTVSIVKRHZ4";
    let refused = PasswordHash::import("jasypt-basic", jasypt, &HashOptions::new(), &few);
    assert!(matches!(refused, Err(HashError::OverLimit { value: 999, limit: 1, .. })));
}

#[test]
fn near_misses_are_diagnosed() {
    let mut found = String::new();
    for (name, text, options) in [
        ("vbulletin", format!("abc:{MD5}"), json!({})),
        ("vbulletin", MD5.to_owned(), json!({})),
        ("vbulletin", format!("{MD5}:"), json!({})),
        ("vbulletin", format!("{}:abc", MD5.to_uppercase()), json!({})),
        ("vbulletin", format!("{SHA1}:abc"), json!({})),
        ("ldap-md5", format!("{{MD5}}{MD5}"), json!({})),
        ("ldap-ssha", format!("{{SSHA}}{SHA1}{MD5}"), json!({})),
        ("ldap-ssha", "{SSHA}________________________________".to_owned(), json!({})),
        ("ldap-ssha", "{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(), json!({})),
        ("ldap-ssha", "{SMD5}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(), json!({})),
        ("ldap-ssha", MD5.to_owned(), json!({})),
        ("shiro1", "$shiro1$SHA256$1$AAAA$AAAA".to_owned(), json!({})),
        ("shiro1", "$shiro1$SHA-256$01$AAAA$AAAA".to_owned(), json!({})),
        ("shiro1", "$shiro1$SHA-256$9000000$AAAA$AAAA".to_owned(), json!({})),
        (
            "salted-digest",
            MD5.to_owned(),
            json!({"digest": "md55", "salt": "", "saltPosition": "prefix"}),
        ),
        (
            "salted-digest",
            MD5.to_owned(),
            json!({"digest": "md5", "salt": "x", "saltPosition": "start"}),
        ),
        (
            "salted-digest",
            "X03MO1qnZdYdgyfeuILPmQ==".to_owned(),
            json!({"digest": "md5", "salt": "x", "saltPosition": "prefix"}),
        ),
        (
            "symfony-digest",
            "X03MO1qnZdYdgyfeuILPmQ==".to_owned(),
            json!({"digest": "md5", "salt": "{x}", "iterations": 1}),
        ),
        ("aspnet-membership-sha1", MD5.to_owned(), json!({"salt": "AA=="})),
    ] {
        let error = import(name, &text, &options).unwrap_err().to_string();
        assert!(!error.contains(MD5) && !error.contains(&text), "{error}");
        writeln!(found, "{error}").unwrap();
    }
    insta::assert_snapshot!(found, @r"
    vbulletin hash: 3 hex digits where 32 are needed; exchange the last two fields; salt and hash seem to be swapped
    vbulletin hash: no `:` after the hash, at position 33; this looks like md5, import it under that name
    vbulletin hash: a salt of 0 bytes is not between 1 and 128, at position 34
    vbulletin hash: an upper-case hex digit, at position 2; lower-case the hash before the import
    vbulletin hash: 40 hex digits where 32 are needed
    ldap-md5 hash: a hash of 24 bytes where 16 are needed, at position 6; this looks like hex where base64 is needed
    ldap-ssha hash: the hash with its salt is in hex, at position 7; this looks like hex where base64 is needed
    ldap-ssha hash: the hash with its salt has a character outside A-Za-z0-9+/, at position 7; this is the URL-safe alphabet; write `+` for `-` and `/` for `_`
    ldap-ssha hash: the hash with its salt lacks its base64 padding, or has too much, at position 7; pad it with `=` to a multiple of 4 characters
    ldap-ssha hash: expected `{SSHA}`; this looks like ldap-smd5, import it under that name
    ldap-ssha hash: expected `{SSHA}`; this looks like md5, import it under that name
    shiro1 hash: unknown digest `SHA256`; known are MD5, SHA-1, SHA-256, SHA-384, SHA-512, at position 9
    shiro1 hash: the rounds `01` cannot be, at position 17; it is a whole number without leading zeros
    shiro1 hash: rounds 9000000 is over the limit of 1000000
    salted-digest option `digest`: unknown digest `md55`; known are md4, md5, ripemd160, sha1, sha224, sha256, sha384, sha512, sha512/224, sha512/256, sha3-224, sha3-256, sha3-384, sha3-512
    salted-digest option `saltPosition`: unknown value `start`; known are prefix, suffix, both
    salted-digest hash: a character is not a hex digit, at position 1; this looks like base64 where hex is needed
    symfony-digest option `salt`: a `{`, which its software refuses
    aspnet-membership-sha1 hash: a hash of 24 bytes where 20 are needed, at position 1; this looks like hex where base64 is needed
    ");
}

#[test]
fn explanations() {
    let mut found = String::new();
    for (name, text, options) in [
        ("wbb3", &*format!("{SHA1}:salt"), json!({})),
        ("nested-digest", MD5, json!({"template": "md5(md5($pass))"})),
        ("hmac", MD5, json!({"digest": "md5", "key": "k", "keyRole": "secret"})),
        ("fshp", "{FSHP0|0|1}qUqP5cyxm6YcTAhz05Hph5gvu9M=", json!({})),
        (
            "jasypt-strong",
            "IsivBB91DZn/xlyLZl4pI3wIURyD+zXRsklqZ42QEAtHxXaHVEn1PKzTXEu/CCU8",
            json!({}),
        ),
        ("ldap-sha", "{SHA}VnC0NYrih/6OdML/b2KT+QVAkHc=", json!({})),
    ] {
        let explanation = import(name, text, &options).unwrap().explain();
        writeln!(found, "{name}: {}, {}", explanation.title, explanation.standing.name()).unwrap();
        writeln!(found, "  {:?}, {}", explanation.parameters, explanation.cost.class.name())
            .unwrap();
        writeln!(found, "  {:?}", explanation.notes).unwrap();
    }
    insta::assert_snapshot!(found, @r#"
    wbb3: nested SHA-1 of WoltLab Burning Board 3, broken
      [], none
      ["guessing is nearly free"]
    nested-digest: nested digest by a template, broken
      [("template", "md5(md5($pass))")], none
      ["equal passwords have equal hashes, and guessing is nearly free"]
    hmac: HMAC of the password, broken
      [("digest", "md5"), ("key role", "secret")], none
      ["guessing is nearly free"]
    fshp: Fairly Secure Hashed Passwords, broken
      [("digest", "sha1"), ("rounds", "1")], none
      ["equal passwords have equal hashes, and guessing is nearly free"]
    jasypt-strong: Jasypt's StrongPasswordEncryptor, 100000 rounds of SHA-256, legacy
      [], moderate
      []
    ldap-sha: SHA-1 of LDAP, unsalted, broken
      [], none
      ["equal passwords have equal hashes, and guessing is nearly free"]
    "#);
}

#[test]
fn detection_knows_prefixes_and_names_candidates() {
    let detect = |text: &str| PasswordHash::detect(text, &limits());
    for (text, name) in [
        ("{SSHA}l5UpbXqe5Ftqw58dYbfzGVCQYgmTkpZDLCWCeIfJyy0=", "ldap-ssha"),
        ("{sha}VnC0NYrih/6OdML/b2KT+QVAkHc=", "ldap-sha"),
        ("$md5$ptoWyof5SobW+pbZu2QXoQ==", "kratos-md5"),
        ("$md5$pf=e1NBTFR9e1BBU1NXT1JEfQ==$MTIz$q+RdKCgc+ipCAcm5ChQwlQ==", "kratos-md5"),
        ("$md5salted-prefix$S9VKQn8kmZ$5xCJ5nsfcNpIIXd0qWKK+g==", "passwap-md5salted"),
        ("$PHPS$73616c$aba22b2ceb7c841473c03962b145feb3", "phps"),
        ("{FSHP0|0|1}qUqP5cyxm6YcTAhz05Hph5gvu9M=", "fshp"),
        ("sha1$$5670b4358ae287fe8e74c2ff6f6293f905409077", "django-unsalted-sha1"),
    ] {
        assert_eq!(detect(text).unwrap().algorithm(), name, "{text}");
    }
    let candidates = |text: &str| match detect(text) {
        Err(HashError::Ambiguous { candidates }) => candidates,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(candidates(&format!("{MD5}:s")), forums::MD5_NAMES);
    assert_eq!(candidates(&format!("{SHA1}:s")), forums::SHA1_NAMES);
    assert_eq!(candidates(&format!("sha1$s${SHA1}")), ["django-sha1", "werkzeug-hmac"]);
    let other = ["werkzeug-hmac", "salted-digest with its options"];
    assert_eq!(candidates(&format!("sha256$s${MD5}{MD5}")), other);
    // With its salt in braces it is of Spring, in lower case of AIX.
    let algorithm = |text: &str| detect(text).unwrap().algorithm();
    assert_eq!(algorithm(&format!("{{MD5}}{{salt}}{MD5}")), "spring");
    let aix = "{ssha256}06$AAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(algorithm(aix), "aix-ssha256");
}

#[test]
fn weak_is_what_depends_on_the_password_alone() {
    assert_eq!(rows().len(), 58);
    let weak: Vec<_> = rows().iter().filter(|row| row.is_weak()).map(|row| row.name()).collect();
    assert_eq!(
        weak,
        [
            "django-unsalted-md5",
            "django-unsalted-sha1",
            "peoplesoft",
            "umbraco-hmacsha1",
            "ldap-md5",
            "ldap-sha",
            "ldap-sha256",
            "ldap-sha384",
            "ldap-sha512",
        ]
    );
}

fn regex(text: &str) -> BoxedStrategy<String> {
    proptest::string::string_regex(text).unwrap().boxed()
}

/// Texts near those of the rows.
fn any_text() -> impl Strategy<Value = String> {
    let base64 = "[A-Za-z0-9+/]{0,44}={0,2}";
    prop_oneof![
        "[0-9a-f]{30,130}(:[ -~]{0,20})?",
        "(md5|sha1|sha256)\\$[a-z]{0,4}\\$[0-9a-f]{30,64}",
        regex(&format!("\\{{(S?MD5|S?SHA(256|384|512)?)\\}}{base64}")),
        regex(&format!("\\{{FSHP[0-4]\\|[0-9]{{1,2}}\\|[0-9]{{1,3}}\\}}{base64}")),
        regex(&format!("\\$shiro1\\$(MD5|SHA-256)\\$[0-9]{{1,3}}\\${base64}\\${base64}")),
        regex(&format!("\\$(md5|sha1|hmac-md5)\\$(pf=)?{base64}\\${base64}(\\${base64})?")),
        regex(&format!(
            "(\\$episerver\\$\\*[01]\\*|\\$6\\$|sha512_symfony\\$[0-9]\\$){base64}[*$]{base64}"
        )),
        base64,
        "[ -~]{0,60}",
    ]
}

fn any_options() -> impl Strategy<Value = HashOptions> {
    let pair = prop_oneof![
        ("(salt|key|username|realm|siteKey)", "[a-z0-9{}=]{0,5}".prop_map(Value::from)),
        ("digest", "(md5|sha1|sha256|x)".prop_map(Value::from)),
        ("(saltEncoding|encoding|keyEncoding)", "(utf8|hex|base64)".prop_map(Value::from)),
        ("(saltPosition|keyRole)", "(prefix|suffix|both|secret|password)".prop_map(Value::from)),
        ("(iterations|stretches)", (0..20).prop_map(Value::from)),
        ("(template|expression)", "(md5|sha1)\\((\\$salt\\.)?\\$pass\\)".prop_map(Value::from)),
    ];
    proptest::collection::vec(pair, 0..8).prop_map(|pairs| {
        pairs.into_iter().map(|(name, value): (String, Value)| (name, value)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn nothing_panics_and_all_is_read_again(
        row in proptest::sample::select(rows()),
        text in any_text(),
        options in any_options(),
        password in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        if let Ok(hash) = PasswordHash::import(row.name(), &text, &options, &limits()) {
            let _ = hash.explain();
            prop_assert_eq!(hash.verify(&password), Err(VerifyError::Mismatch));
            let again = |options: &HashOptions| {
                PasswordHash::restore(row.name(), &text, options, &Limits::default())
            };
            prop_assert_eq!(again(&hash.stored_options()), Ok(hash.clone()));
            prop_assert_eq!(again(&hash.options()), Ok(hash));
        }
        let _ = PasswordHash::detect(&text, &limits());
    }
}
