//! The digests in the containers of Ory Kratos and of passwap.

use super::super::scheme::Scheme;
use super::row::{Encoding, Part, Recognised, Row, Source};

pub(super) static SCHEMES: &[&dyn Scheme] = &[&KRATOS_MD5, &KRATOS_SHA, &KRATOS_HMAC, &PASSWAP_MD5];

static KRATOS_SHA: Row = Row {
    name: "kratos-sha",
    title: "SHA of Ory Kratos, by a template",
    parts: &[
        Part::Text("$"),
        Part::Digest,
        Part::Text("$pf="),
        Part::Template,
        Part::Text("$"),
        Part::Salt,
        Part::Text("$"),
        Part::Hash,
    ],
    digests: &[("sha1", "sha1"), ("sha256", "sha256"), ("sha512", "sha512")],
    expression: Source::Template,
    hash: Encoding::Base64,
    salt: Encoding::Base64,
    recognised: Recognised::ByShape,
    ..Row::BASE
};

/// Without a template there is no salt.
static KRATOS_MD5: Row = Row {
    name: "kratos-md5",
    title: "MD5 of Ory Kratos, unsalted",
    parts: &[Part::Text("$md5$"), Part::Hash],
    otherwise: Some(("$md5$pf=", &KRATOS_MD5_TEMPLATE)),
    expression: Source::Text("md5($pass)"),
    hash: Encoding::Base64,
    // `$md5$` is SunMD5 as well, which has no base64 of this length.
    recognised: Recognised::ByShape,
    ..Row::BASE
};

static KRATOS_MD5_TEMPLATE: Row = Row {
    title: "MD5 of Ory Kratos, by a template",
    parts: KRATOS_SHA.parts,
    digests: &[("md5", "md5")],
    otherwise: None,
    expression: Source::Template,
    salt: Encoding::Base64,
    ..KRATOS_MD5
};

/// What is in base64 is the hex of the HMAC.
static KRATOS_HMAC: Row = Row {
    name: "kratos-hmac",
    title: "HMAC of Ory Kratos",
    parts: &[
        Part::Text("$hmac-"),
        Part::Digest,
        Part::Text("$"),
        Part::Hash,
        Part::Text("$"),
        Part::Key,
    ],
    digests: &[
        ("md4", "md4"),
        ("md5", "md5"),
        ("sha1", "sha1"),
        ("sha224", "sha224"),
        ("sha256", "sha256"),
        ("sha384", "sha384"),
        ("sha512", "sha512"),
    ],
    expression: Source::Text("hex(hmac_{H}($key, $pass))"),
    hash: Encoding::Base64,
    salt: Encoding::Base64,
    recognised: Recognised::ByPrefix,
    ..Row::BASE
};

static PASSWAP_MD5: Row = Row {
    name: "passwap-md5salted",
    title: "salted MD5 of passwap",
    parts: &[Part::Text("$md5salted-suffix$"), Part::Salt, Part::Text("$"), Part::Hash],
    otherwise: Some(("$md5salted-prefix$", &PASSWAP_MD5_PREFIX)),
    expression: Source::Text("md5($pass.$salt)"),
    hash: Encoding::Base64,
    recognised: Recognised::ByPrefix,
    ..Row::BASE
};

static PASSWAP_MD5_PREFIX: Row = Row {
    parts: &[Part::Text("$md5salted-prefix$"), Part::Salt, Part::Text("$"), Part::Hash],
    otherwise: None,
    expression: Source::Text("md5($salt.$pass)"),
    ..PASSWAP_MD5
};
