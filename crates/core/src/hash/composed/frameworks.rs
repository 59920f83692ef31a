//! Web frameworks, servers and libraries.

use super::super::scheme::Scheme;
use super::given::Given;
use super::row::{Encoding, Part, Recognised, Row, Source, Take};

pub(super) static SCHEMES: &[&dyn Scheme] = &[
    &ASPNET_HMACSHA256,
    &ASPNET_HMACSHA512,
    &ASPNET_SHA1,
    &ASPNET_SHA256,
    &CLERK_HMAC,
    &CLERK_SYMFONY,
    &DJANGO_MD5,
    &DJANGO_SHA1,
    &DJANGO_UNSALTED_MD5,
    &DJANGO_UNSALTED_SHA1,
    &EPISERVER,
    &FSHP,
    &JASYPT_BASIC,
    &JASYPT_STRONG,
    &MOSQUITTO,
    &PEOPLESOFT,
    &RABBITMQ_SHA256,
    &RABBITMQ_SHA512,
    &SHIRO1,
    &SYMFONY,
    &UMBRACO,
    &WERKZEUG,
];

macro_rules! aspnet {
    ($($ident:ident: $name:literal, $title:literal, $digest:literal, $expression:literal;)*) => {
        $(static $ident: Row = Row {
            name: $name,
            title: $title,
            options: &[Take::Salt, Take::OptionalDigest],
            digests: &[($digest, $digest)],
            expression: Source::Text($expression),
            hash: Encoding::Base64,
            salt: Encoding::Base64,
            ..Row::BASE
        };)*
    };
}

// A keyed function is keyed with the salt, repeated to the length of the function's blocks.
aspnet! {
    ASPNET_SHA1: "aspnet-membership-sha1", "SHA-1 of ASP.NET membership", "sha1",
        "sha1($salt.utf16le($pass))";
    ASPNET_SHA256: "aspnet-membership-sha256", "SHA-256 of ASP.NET membership", "sha256",
        "sha256($salt.utf16le($pass))";
    ASPNET_HMACSHA256: "aspnet-membership-hmacsha256", "HMAC-SHA-256 of ASP.NET membership", "sha256",
        "hmac_sha256(fill(64, $salt), utf16le($pass))";
    ASPNET_HMACSHA512: "aspnet-membership-hmacsha512", "HMAC-SHA-512 of ASP.NET membership", "sha512",
        "hmac_sha512(fill(128, $salt), utf16le($pass))";
}

static CLERK_HMAC: Row = Row {
    name: "clerk-hmac-sha256-utf16-b64",
    title: "HMAC-SHA-256 over UTF-16, of Clerk",
    parts: &[Part::Text("hmac_sha256_utf16_b64$"), Part::Hash, Part::Text("$"), Part::Key],
    expression: Source::Text("hmac_sha256($key, utf16le($pass))"),
    hash: Encoding::Base64,
    salt: Encoding::Base64,
    recognised: Recognised::ByPrefix,
    ..Row::BASE
};

static CLERK_SYMFONY: Row = Row {
    name: "clerk-sha512-symfony",
    title: "iterated SHA-512 of Symfony, as Clerk has it",
    parts: &[
        Part::Text("sha512_symfony$"),
        Part::Rounds,
        Part::Text("$"),
        Part::Salt,
        Part::Text("$"),
        Part::Hash,
    ],
    expression: Source::Made(|given| symfony(given, "sha512")),
    recognised: Recognised::ByPrefix,
    ..SYMFONY_BASE
};

static SYMFONY: Row = Row {
    name: "symfony-digest",
    title: "iterated digest of Symfony",
    options: &[Take::Digest, Take::Salt, Take::Iterations, Take::Encoding],
    expression: Source::Made(|given| symfony(given, given.digest())),
    ..SYMFONY_BASE
};

const SYMFONY_BASE: Row = Row {
    hash: Encoding::Base64,
    least_salt: 0,
    // Symfony refuses them, so that `pass{salt}` has one reading.
    no_salt: b"{}",
    ..Row::BASE
};

fn symfony(given: &Given, digest: &str) -> String {
    // "0" is empty to PHP.
    let bare = matches!(&*given.salt, b"" | b"0");
    let salted = if bare { "$pass" } else { "$pass.'{'.$salt.'}'" };
    format!("iterate($rounds, {digest}({salted}), {digest}(bin($last).{salted}))")
}

static DJANGO_MD5: Row = Row {
    name: "django-md5",
    title: "salted MD5 of Django",
    parts: &[Part::Text("md5$"), Part::Salt, Part::Text("$"), Part::Hash],
    expression: Source::Text("md5($salt.$pass)"),
    ..Row::BASE
};

static DJANGO_SHA1: Row = Row {
    name: "django-sha1",
    title: "salted SHA-1 of Django",
    parts: &[Part::Text("sha1$"), Part::Salt, Part::Text("$"), Part::Hash],
    expression: Source::Text("sha1($salt.$pass)"),
    ..Row::BASE
};

static DJANGO_UNSALTED_MD5: Row = Row {
    name: "django-unsalted-md5",
    title: "unsalted MD5 of Django",
    expression: Source::Text("md5($pass)"),
    otherwise: Some(("md5$$", &DJANGO_UNSALTED_MD5_PREFIXED)),
    weak: true,
    ..Row::BASE
};

static DJANGO_UNSALTED_MD5_PREFIXED: Row =
    Row { parts: &[Part::Text("md5$$"), Part::Hash], otherwise: None, ..DJANGO_UNSALTED_MD5 };

static DJANGO_UNSALTED_SHA1: Row = Row {
    name: "django-unsalted-sha1",
    title: "unsalted SHA-1 of Django",
    parts: &[Part::Text("sha1$$"), Part::Hash],
    expression: Source::Text("sha1($pass)"),
    recognised: Recognised::ByPrefix,
    weak: true,
    ..Row::BASE
};

/// `sha1$salt$hex` is Django's as well, with another meaning.
static WERKZEUG: Row = Row {
    name: "werkzeug-hmac",
    title: "HMAC of Werkzeug up to 2.2, keyed with the salt",
    parts: &[Part::Digest, Part::Text("$"), Part::Salt, Part::Text("$"), Part::Hash],
    digests: &[
        ("md5", "md5"),
        ("sha1", "sha1"),
        ("sha224", "sha224"),
        ("sha256", "sha256"),
        ("sha384", "sha384"),
        ("sha512", "sha512"),
    ],
    expression: Source::Text("hmac_{H}($salt, $pass)"),
    ..Row::BASE
};

static EPISERVER: Row = Row {
    name: "episerver",
    title: "salted digest of EPiServer",
    parts: &[
        Part::Text("$episerver$*"),
        Part::Digest,
        Part::Text("*"),
        Part::Salt,
        Part::Text("*"),
        Part::Hash,
    ],
    digests: &[("0", "sha1"), ("1", "sha256")],
    expression: Source::Text("{H}($salt.utf16le($pass))"),
    // The server pads, tools that extract it do not.
    hash: Encoding::LooseBase64,
    salt: Encoding::LooseBase64,
    recognised: Recognised::ByPrefix,
    ..Row::BASE
};

/// PBKDF1 with password and salt in each other's place.
static FSHP: Row = Row {
    name: "fshp",
    title: "Fairly Secure Hashed Passwords",
    parts: &[
        Part::Text("{FSHP"),
        Part::Digest,
        Part::Text("|"),
        Part::SaltBytes,
        Part::Text("|"),
        Part::Rounds,
        Part::Text("}"),
        Part::SaltThenHash(None),
    ],
    digests: &[("0", "sha1"), ("1", "sha256"), ("2", "sha384"), ("3", "sha512")],
    expression: Source::Text("iterate($rounds, {H}($salt.$pass), {H}(bin($last)))"),
    hash: Encoding::Base64,
    least_salt: 0,
    recognised: Recognised::ByPrefix,
    ..Row::BASE
};

static JASYPT_BASIC: Row = Row {
    name: "jasypt-basic",
    title: "Jasypt's BasicPasswordEncryptor, 1000 rounds of MD5",
    parts: &[Part::SaltThenHash(Some(8))],
    expression: Source::Text("iterate(1000, md5($salt.nfc($pass)), md5(bin($last)))"),
    hash: Encoding::Base64,
    ..Row::BASE
};

static JASYPT_STRONG: Row = Row {
    name: "jasypt-strong",
    title: "Jasypt's StrongPasswordEncryptor, 100000 rounds of SHA-256",
    parts: &[Part::SaltThenHash(Some(16))],
    expression: Source::Text("iterate(100000, sha256($salt.nfc($pass)), sha256(bin($last)))"),
    hash: Encoding::Base64,
    ..Row::BASE
};

/// `$6$` is SHA-512 of crypt(3) as well, whose hash has 86 characters and no padding.
static MOSQUITTO: Row = Row {
    name: "mosquitto-sha512",
    title: "salted SHA-512 of Mosquitto",
    parts: &[Part::Text("$6$"), Part::Salt, Part::Text("$"), Part::Hash],
    expression: Source::Text("sha512($pass.$salt)"),
    hash: Encoding::Base64,
    salt: Encoding::Base64,
    recognised: Recognised::ByShape,
    ..Row::BASE
};

static PEOPLESOFT: Row = Row {
    name: "peoplesoft",
    title: "unsalted SHA-1 of PeopleSoft",
    expression: Source::Text("sha1(utf16le($pass))"),
    hash: Encoding::Base64,
    weak: true,
    ..Row::BASE
};

static RABBITMQ_SHA256: Row = Row {
    name: "rabbitmq-sha256",
    title: "salted SHA-256 of RabbitMQ",
    parts: &[Part::SaltThenHash(Some(4))],
    expression: Source::Text("sha256($salt.$pass)"),
    hash: Encoding::Base64,
    ..Row::BASE
};

static RABBITMQ_SHA512: Row = Row {
    name: "rabbitmq-sha512",
    title: "salted SHA-512 of RabbitMQ",
    expression: Source::Text("sha512($salt.$pass)"),
    ..RABBITMQ_SHA256
};

static SHIRO1: Row = Row {
    name: "shiro1",
    title: "iterated digest of Apache Shiro 1",
    parts: &[
        Part::Text("$shiro1$"),
        Part::Digest,
        Part::Text("$"),
        Part::Rounds,
        Part::Text("$"),
        Part::Salt,
        Part::Text("$"),
        Part::Hash,
    ],
    digests: &[
        ("MD5", "md5"),
        ("SHA-1", "sha1"),
        ("SHA-256", "sha256"),
        ("SHA-384", "sha384"),
        ("SHA-512", "sha512"),
    ],
    expression: Source::Text("iterate($rounds, {H}($salt.$pass), {H}(bin($last)))"),
    hash: Encoding::Base64,
    salt: Encoding::Base64,
    least_salt: 0,
    recognised: Recognised::ByPrefix,
    ..Row::BASE
};

static UMBRACO: Row = Row {
    name: "umbraco-hmacsha1",
    title: "HMAC-SHA-1 of Umbraco, keyed with the password itself",
    expression: Source::Text("hmac_sha1(utf16le($pass), utf16le($pass))"),
    hash: Encoding::Base64,
    weak: true,
    ..Row::BASE
};
