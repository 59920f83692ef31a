use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::VerifyError;

const ROUNDS: u32 = 3;

fn variables() -> Variables {
    let secret = |text: &str| Secret::new(text.as_bytes().to_vec());
    let [salt, key, user, realm] = ["salt", "key", "Bob", "realm"].map(secret);
    Variables { salt, key, user, realm, rounds: ROUNDS }
}

fn matches(expression: &str, expected: &[u8]) -> bool {
    let expression = Expression::parse(expression).unwrap();
    expression.verify(&Secret::new(expected.to_vec()), &variables(), b"pass").is_ok()
}

/// The hex of a digest, for texts that an expression should be equal to.
fn hex(function: &str, input: &[u8]) -> String {
    let mut out = buffer::Buffer::new();
    Function::find(function).unwrap().digest(input, &mut out);
    out.bytes().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[test]
fn digests_are_written_in_hex() {
    let inner = hex("md5", b"pass");
    let check = |expression: &str, expected: &str| {
        assert!(matches(expression, expected.as_bytes()), "{expression}");
    };
    check("hex(md5($pass))", &inner);
    check("upper(md5($pass))", &inner.to_uppercase());
    check("hex(sha1(md5($pass)))", &hex("sha1", inner.as_bytes()));
    check("hex(sha1($salt.md5($pass)))", &hex("sha1", format!("salt{inner}").as_bytes()));
    check("hex(sha1( 'a\\x62' . \"\\\"\" . $pass . lower($user) ))", &hex("sha1", b"ab\"passbob"));
    check("hex(sha256(utf16le($pass)))", &hex("sha256", b"p\0a\0s\0s\0"));
    check("hex(md5(fill(6, $salt).$pass))", &hex("md5", b"saltsapass"));
    let raw = "md5($user.':'.$realm.':'.$pass)";
    check(&format!("hex({raw})"), &hex("md5", b"Bob:realm:pass"));
    check("hex(bin(md5($pass)))", &inner);
    check("hex(md5(md5_bin($pass)))", &hex("md5", &bytes_of(&inner)));
    check("base64(md5(md5($pass)))", &{
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(hex("md5", inner.as_bytes()))
    });
    assert!(matches("md5($pass)", &bytes_of(&inner)));
}

fn bytes_of(hex: &str) -> Vec<u8> {
    super::super::encoding::hex("md5", hex, hex.len() / 2).unwrap()
}

#[test]
fn iterations_count_the_first() {
    let [mut text, mut raw] = [hex("md5", b"pass"), hex("md5", b"pass")];
    for _ in 1..ROUNDS {
        text = hex("md5", format!("{text}salt").as_bytes());
        raw = hex("md5", &bytes_of(&raw));
    }
    assert!(matches("iterate($rounds, md5($pass), md5($last.$salt))", &bytes_of(&text)));
    assert!(matches("iterate(3, md5_bin($pass), md5_bin($last))", &bytes_of(&raw)));
    assert!(matches("iterate(3, md5($pass), md5(bin($last)))", &bytes_of(&raw)));
    assert!(matches("hex(iterate(1, md5($pass), md5($last)))", hex("md5", b"pass").as_bytes()));
}

#[test]
fn problems_say_where() {
    let mut found = String::new();
    for text in [
        "",
        "md5",
        "md5($pass",
        "md5($pass))",
        "md5($password)",
        "md55($pass)",
        "md5($salt)",
        "$pass",
        "md5($pass).$salt",
        "fill(16, md5($salt).md5($pass))",
        "fill(8, md5($pass))",
        "md5(\"abc)",
        "md5('\\q'.$pass)",
        "bin($pass)",
        "md5($last.$pass)",
        "hmac_md5($pass)",
        "iterate(0, md5($pass), md5($last))",
        "iterate(2, md5($pass), md5($salt))",
        "iterate(2, md5($pass), sha1($last))",
        "iterate(2, md5($pass), $last)",
        "iterate(2, $pass, md5($last))",
        "md5(é)",
    ] {
        writeln!(found, "{text}: {}", Expression::parse(text).unwrap_err()).unwrap();
    }
    insta::assert_snapshot!(found, @r#"
    : expected a function, a variable or a literal, at position 1
    md5: expected `(`, at position 4
    md5($pass: expected `)`, at position 10
    md5($pass)): expected `.` or the end, at position 11
    md5($password): unknown variable `$password`; known are $pass, $salt, $user, $realm, $key, $last, at position 5
    md55($pass): unknown function `md55`, at position 1
    md5($salt): the value does not depend on $pass, so every password would match, at position 1
    $pass: the length of the value is not known; end in a digest, at position 1
    md5($pass).$salt: the length of the value is not known; end in a digest, at position 1
    fill(16, md5($salt).md5($pass)): the value does not depend on $pass, so every password would match, at position 1
    fill(8, md5($pass)): the value does not depend on $pass, so every password would match, at position 1
    md5("abc): a literal without its end, at position 5
    md5('\q'.$pass): an escape is one of \\ \" \' \x00, at position 7
    bin($pass): `bin` of what is no digest; its bytes are used as they are, at position 5
    md5($last.$pass): `$last` outside `iterate`, at position 5
    hmac_md5($pass): expected `,`, at position 15
    iterate(0, md5($pass), md5($last)): expected a number from 1 to 100000000, at position 9
    iterate(2, md5($pass), md5($salt)): the value does not depend on $pass, so every password would match, at position 1
    iterate(2, md5($pass), sha1($last)): the values of `iterate` differ in their kind or length, at position 35
    iterate(2, md5($pass), $last): `iterate` without a digest, at position 29
    iterate(2, $pass, md5($last)): the first value of `iterate` has no fixed length, at position 17
    md5(é): expected a function, a variable or a literal, at position 5
    "#);
    let deep = format!("{}$pass{}", "md5(".repeat(12), ")".repeat(12));
    assert!(Expression::parse(&deep).unwrap_err().what.contains("levels"));
    let wide = format!("md5($pass{})", ".$pass".repeat(64));
    assert!(Expression::parse(&wide).unwrap_err().what.contains("parts"));
    assert!(Expression::parse(&" ".repeat(1025)).is_err());
}

#[test]
fn every_value_depends_on_the_password() {
    let check = |text: &str, good: bool| {
        assert_eq!(Expression::parse(text).is_ok(), good, "{text}");
    };
    check("iterate(1, md5($pass), md5($salt))", true);
    check("iterate(2, md5($salt), md5($last.$pass))", true);
    check("iterate(1, md5($salt), md5($last.$pass))", false);
    check("iterate($rounds, md5($salt), md5($last.$pass))", false);
    check("iterate(9, md5($salt), md5($last))", false);
    check("iterate(3, md5($pass), md5(fill(4, $last)))", false);
    check("iterate(3, md5($pass), md5(fill(40, $last)))", false);
    check("md5(fill(32, md5($pass)))", true);
    check("md5(fill(31, md5($pass)))", false);
    check("hmac_md5(fill(64, $salt), $pass)", true);
    check("hmac_md5(fill(64, $pass), $salt)", false);
}

#[test]
fn costs_are_known_before() {
    let work = |text: &str| {
        let variables = variables();
        Expression::parse(text).unwrap().work(&Sizes { variables: &variables, password: 4096 })
    };
    let check = |text, digests, rounds, value_bytes| {
        let work = work(text);
        assert_eq!((work.digests, work.rounds), (digests, rounds), "{text}");
        assert_eq!(work.value_bytes, value_bytes, "{text}");
    };
    check("md5(md5($pass).$salt)", 2, 0, 4096);
    check("iterate(5, md5($pass), md5($last.$pass))", 5, 4, 4128);
    check("iterate(5, md5($pass), md5($last.utf16le($pass)))", 5, 6, 8224);
    check("iterate(5, md5($pass), iterate(10, md5($last), md5($last)))", 41, 40, 4096);
    check("iterate(9, md5($pass), hmac_md5($last, $pass))", 17, 16, 4096);
    let grown = format!("md5({}$pass{})", "hex(".repeat(5), ")".repeat(5));
    assert!(work(&grown).too_long(4096).is_some());
}

#[test]
fn bytes_that_are_no_text_match_nothing() {
    for text in ["md5(utf16le($pass))", "md5(nfc($pass))"] {
        let result = Expression::parse(text).unwrap().verify(
            &Secret::new(vec![0; 16]),
            &variables(),
            b"\xff",
        );
        assert_eq!(result, Err(VerifyError::Mismatch));
    }
}

/// Expressions, most of them good.
fn any_expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => "\\$(pass|salt|user|realm|key|last)",
        1 => "'[a-z\\\\x0-9]{0,4}'",
        1 => "[ -~]{0,6}",
    ];
    leaf.prop_recursive(6, 40, 3, |inner| {
        let name = "(md5|sha1|sha256_bin|sha3-256|bin|hex|base64|upper|utf16le|nfc)";
        let keyed = ("hmac_(md5|sha512)", inner.clone(), inner.clone());
        prop_oneof![
            3 => (name, inner.clone()).prop_map(|(name, x)| format!("{name}({x})")),
            1 => keyed.prop_map(|(name, x, y)| format!("{name}({x},{y})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("{x}.{y}")),
            1 => (0..5, inner.clone()).prop_map(|(n, x)| format!("fill({n},{x})")),
            1 => (0..5, inner.clone(), inner)
                .prop_map(|(n, x, y)| format!("iterate({n},md5({x}),md5($last.{y}))")),
        ]
    })
}

proptest! {
    #[test]
    fn what_parses_has_the_value_that_was_foreseen(
        text in any_expression(),
        password in proptest::collection::vec(any::<u8>(), 0..50),
    ) {
        let variables = variables();
        if let Ok(expression) = Expression::parse(&text) {
            let work = expression.work(&Sizes { variables: &variables, password: 50 });
            prop_assert!(expression.bytes() as u64 <= work.value_bytes.max(64));
            prop_assert!(work.digests > 0);
            let expected = Secret::new(vec![0; expression.bytes()]);
            prop_assert_eq!(
                expression.verify(&expected, &variables, &password),
                Err(VerifyError::Mismatch)
            );
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text: String) {
        if let Err(problem) = Expression::parse(&text) {
            prop_assert!(problem.at <= text.len());
        }
    }
}
