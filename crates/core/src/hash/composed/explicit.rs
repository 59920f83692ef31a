//! Formats whose parameters all come as options.

use super::super::scheme::Scheme;
use super::given::{Given, Position};
use super::row::{Encoding, Row, Source, Take};

pub(super) static SCHEMES: &[&dyn Scheme] =
    &[&EXPRESSION, &NESTED_DIGEST, &SALTED_DIGEST, &HMAC, &DIGEST_HA1];

/// For a scheme of one's own.
static EXPRESSION: Row = Row {
    name: "expression",
    title: "digest by an expression",
    options: &[
        Take::Expression,
        Take::OptionalSalt,
        Take::SaltEncoding,
        Take::OptionalKey,
        Take::KeyEncoding,
        Take::OptionalUsername,
        Take::OptionalRealm,
        Take::OptionalIterations,
        Take::Encoding,
    ],
    expression: Source::Caller,
    least_salt: 0,
    ..Row::BASE
};

static NESTED_DIGEST: Row = Row {
    name: "nested-digest",
    title: "nested digest by a template",
    options: &[Take::Template, Take::OptionalSalt, Take::SaltEncoding, Take::Encoding],
    expression: Source::Caller,
    least_salt: 0,
    ..Row::BASE
};

static SALTED_DIGEST: Row = Row {
    name: "salted-digest",
    title: "salted digest",
    options: &[
        Take::Digest,
        Take::Salt,
        Take::SaltEncoding,
        Take::SaltPosition,
        Take::PasswordEncoding,
        Take::Encoding,
    ],
    expression: Source::Made(salted_digest),
    // Auth0 and hashcat take unsalted digests in UTF-16 this way.
    least_salt: 0,
    ..Row::BASE
};

fn salted_digest(given: &Given) -> String {
    let digest = given.digest();
    let password = if given.utf16 { "utf16le($pass)" } else { "$pass" };
    match given.position {
        Position::Prefix => format!("{digest}($salt.{password})"),
        Position::Suffix => format!("{digest}({password}.$salt)"),
        Position::Both => format!("{digest}($salt.{password}.$salt)"),
    }
}

static HMAC: Row = Row {
    name: "hmac",
    title: "HMAC of the password",
    options: &[Take::Digest, Take::Key, Take::KeyEncoding, Take::KeyRole, Take::Encoding],
    expression: Source::Made(hmac),
    ..Row::BASE
};

fn hmac(given: &Given) -> String {
    let digest = given.digest();
    if given.password_is_key {
        format!("hmac_{digest}($pass, $key)")
    } else {
        format!("hmac_{digest}($key, $pass)")
    }
}

static DIGEST_HA1: Row = Row {
    name: "digest-ha1",
    title: "HA1 of HTTP Digest",
    options: &[Take::OptionalDigest, Take::Username, Take::Realm],
    // RFC 7616, 3.3 and 6.1; MD5 is that of RFC 2617.
    digests: &[("md5", "md5"), ("sha256", "sha256"), ("sha512/256", "sha512/256")],
    expression: Source::Text("{H}($user.':'.$realm.':'.$pass)"),
    hash: Encoding::Hex,
    notes: &["whoever has it can sign in to that realm without the password"],
    ..Row::BASE
};
