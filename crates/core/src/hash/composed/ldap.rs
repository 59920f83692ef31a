//! `userPassword` of LDAP: `{SSHA}` and base64 of the digest and its salt (RFC 2307 and its heirs).
//!
//! The name in braces is read in any case, as `OpenLDAP` does.

use super::super::scheme::Scheme;
use super::row::{Encoding, Part, Recognised, Row, Source};

pub(super) static SCHEMES: &[&dyn Scheme] =
    &[&MD5, &SHA, &SHA256, &SHA384, &SHA512, &SMD5, &SSHA, &SSHA256, &SSHA384, &SSHA512];

macro_rules! ldap {
    ($($ident:ident: $name:literal, $prefix:literal, $title:literal, $part:expr, $expression:literal, $weak:literal;)*) => {
        $(static $ident: Row = Row {
            name: $name,
            title: $title,
            parts: &[Part::AnyCase($prefix), $part],
            expression: Source::Text($expression),
            hash: Encoding::Base64,
            weak: $weak,
            // Spring and AIX have some of the names, with texts that are no base64 of this length.
            recognised: Recognised::ByShape,
            ..Row::BASE
        };)*
    };
}

ldap! {
    MD5: "ldap-md5", "{MD5}", "MD5 of LDAP, unsalted", Part::Hash, "md5($pass)", true;
    SHA: "ldap-sha", "{SHA}", "SHA-1 of LDAP, unsalted", Part::Hash, "sha1($pass)", true;
    SHA256: "ldap-sha256", "{SHA256}", "SHA-256 of LDAP, unsalted", Part::Hash, "sha256($pass)", true;
    SHA384: "ldap-sha384", "{SHA384}", "SHA-384 of LDAP, unsalted", Part::Hash, "sha384($pass)", true;
    SHA512: "ldap-sha512", "{SHA512}", "SHA-512 of LDAP, unsalted", Part::Hash, "sha512($pass)", true;
    SMD5: "ldap-smd5", "{SMD5}", "MD5 of LDAP, salted", Part::HashThenSalt, "md5($pass.$salt)", false;
    SSHA: "ldap-ssha", "{SSHA}", "SHA-1 of LDAP, salted", Part::HashThenSalt, "sha1($pass.$salt)", false;
    SSHA256: "ldap-ssha256", "{SSHA256}", "SHA-256 of LDAP, salted", Part::HashThenSalt, "sha256($pass.$salt)", false;
    SSHA384: "ldap-ssha384", "{SSHA384}", "SHA-384 of LDAP, salted", Part::HashThenSalt, "sha384($pass.$salt)", false;
    SSHA512: "ldap-ssha512", "{SSHA512}", "SHA-512 of LDAP, salted", Part::HashThenSalt, "sha512($pass.$salt)", false;
}
