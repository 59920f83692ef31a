//! SCRAM secrets (RFC 5802): of PostgreSQL, of Dovecot, and of passlib.
//!
//! PostgreSQL and passlib prepare the password with `SASLprep` (RFC 4013). Where that fails, PostgreSQL
//! takes its bytes as they are, and passlib refuses. Dovecot always takes the bytes.
//!
//! `SASLprep` fails for what Unicode 3.2 did not have, emoji among it, so that PostgreSQL stores those
//! passwords as they were typed. Somebody whose keyboard composes letters otherwise could not sign in;
//! the normalised form is therefore tried after them.

use std::borrow::Cow;

use hmac::{Hmac, KeyInit as _, Mac as _};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::cost::unit;
use super::crypt::{Format, Reading, Source};
use super::encoding::Base64;
use super::scheme::Scheme;
use super::secret::Secret;
use super::{Cost, HashError, VerifyError};

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[
    &Format {
        name: "postgres-scram-sha-256",
        title: "SCRAM-SHA-256 of PostgreSQL",
        recognises: |text| text.starts_with(POSTGRES),
        read: read_postgres,
        ..Format::LEGACY
    },
    &Format {
        name: "passlib-scram",
        title: "SCRAM of passlib",
        recognises: |text| text.starts_with("$scram$"),
        read: read_passlib,
        ..Format::LEGACY
    },
    &Format {
        name: "dovecot-scram-sha-1",
        title: "SCRAM-SHA-1 of Dovecot",
        recognises: |text| text.starts_with("{SCRAM-SHA-1}"),
        read: |source| read_dovecot(source, "{SCRAM-SHA-1}", &SHA1),
        ..Format::LEGACY
    },
    &Format {
        name: "dovecot-scram-sha-256",
        title: "SCRAM-SHA-256 of Dovecot",
        recognises: |text| text.starts_with("{SCRAM-SHA-256}"),
        read: |source| read_dovecot(source, "{SCRAM-SHA-256}", &SHA256),
        ..Format::LEGACY
    },
];

const POSTGRES: &str = "SCRAM-SHA-256$";

/// A digest that SCRAM is used with.
struct Function {
    /// Its name in `$scram$`.
    name: &'static str,
    bytes: usize,
    /// Password, salt, iterations, output.
    derive: fn(&[u8], &[u8], u32, &mut [u8]),
    /// `StoredKey` and `ServerKey` of a salted password, one after the other.
    keys: fn(&[u8]) -> Option<Zeroizing<Vec<u8>>>,
}

macro_rules! function {
    ($digest:ty, $name:literal, $bytes:literal) => {
        Function {
            name: $name,
            bytes: $bytes,
            derive: pbkdf2_hmac::<$digest>,
            keys: |salted| {
                let hmac = |message: &[u8]| {
                    let keyed = Hmac::<$digest>::new_from_slice(salted).ok()?;
                    Some(keyed.chain_update(message).finalize().into_bytes())
                };
                let mut client = hmac(b"Client Key")?;
                let mut keys = Zeroizing::new(Vec::with_capacity(2 * $bytes));
                keys.extend_from_slice(&<$digest>::digest(&client));
                keys.extend_from_slice(&hmac(b"Server Key")?);
                zeroize::Zeroize::zeroize(client.as_mut_slice());
                Some(keys)
            },
        }
    };
}

static SHA1: Function = function!(Sha1, "sha-1", 20);
static SHA256: Function = function!(Sha256, "sha-256", 32);
static SHA224: Function = function!(Sha224, "sha-224", 28);
static SHA384: Function = function!(Sha384, "sha-384", 48);
static SHA512: Function = function!(Sha512, "sha-512", 64);
static FUNCTIONS: [&Function; 5] = [&SHA1, &SHA224, &SHA256, &SHA384, &SHA512];

/// `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`.
fn read_postgres(source: &Source<'_>) -> Result<Reading, HashError> {
    let (front, keys) = source.split(source.after(POSTGRES)?, '$', "salt")?;
    let (iterations, salt) = source.split(front, ':', "iterations")?;
    let (stored, server) = source.split(keys, ':', "StoredKey")?;
    read_keys(source, [iterations, salt, stored, server], &SHA256, true)
}

/// `{SCRAM-SHA-256}<iterations>,<salt>,<StoredKey>,<ServerKey>`.
fn read_dovecot(
    source: &Source<'_>,
    prefix: &str,
    function: &'static Function,
) -> Result<Reading, HashError> {
    let (iterations, rest) = source.split(source.after(prefix)?, ',', "iterations")?;
    let (salt, rest) = source.split(rest, ',', "salt")?;
    let (stored, server) = source.split(rest, ',', "StoredKey")?;
    read_keys(source, [iterations, salt, stored, server], function, false)
}

fn read_keys(
    source: &Source<'_>,
    [iterations, salt, stored, server]: [&str; 4],
    function: &'static Function,
    prepare: bool,
) -> Result<Reading, HashError> {
    let rounds = iteration_count(source, iterations, 1)?;
    let bytes = function.bytes;
    let salt = source.base64(Base64::Standard, "salt", salt, 1..=128)?;
    let mut keys = source.base64(Base64::Standard, "StoredKey", stored, bytes..=bytes)?;
    keys.extend(source.base64(Base64::Standard, "ServerKey", server, bytes..=bytes)?);
    let keys = Secret::new(keys);
    let scheme = source.scheme;
    let verify = move |password: &[u8]| {
        let try_one = |password: &[u8]| {
            let mut salted = Zeroizing::new(vec![0; bytes]);
            (function.derive)(password, &salt, rounds, &mut salted);
            let computed = (function.keys)(&salted).ok_or(VerifyError::Primitive { scheme })?;
            keys.matches(&computed)
        };
        if !prepare {
            return try_one(password);
        }
        if let Some(prepared) = saslprep(password) {
            return try_one(prepared.as_bytes());
        }
        match (try_one(password), normalised(password)) {
            (Err(VerifyError::Mismatch), Some(other)) => try_one(other.as_bytes()),
            (result, _) => result,
        }
    };
    let cost = Cost::of(0, rounds.into(), 2 * unit::DIGEST);
    Ok(Reading::new(cost, verify).with("iterations", rounds))
}

/// `$scram$<iterations>$<salt>$sha-1=<salted password>,sha-256=<...>`: each must be right.
fn read_passlib(source: &Source<'_>) -> Result<Reading, HashError> {
    let (iterations, rest) = source.split(source.after("$scram$")?, '$', "iterations")?;
    let (salt, list) = source.split(rest, '$', "salt")?;
    let count = u32::try_from(list.split(',').count()).unwrap_or(u32::MAX);
    let rounds = iteration_count(source, iterations, count)?;
    let salt = source.base64(Base64::Adapted, "salt", salt, 1..=128)?;
    let mut digests: Vec<(&'static Function, Secret)> = Vec::new();
    for entry in list.split(',') {
        let (name, digest) = source.split(entry, '=', "name of a digest")?;
        let Some(function) = FUNCTIONS.iter().find(|function| function.name == name) else {
            let known: Vec<_> = FUNCTIONS.iter().map(|function| function.name).collect();
            let what = format!("an unknown digest; known are {}", known.join(", "));
            return Err(source.error(name, what));
        };
        if digests.iter().any(|(other, _)| other.name == name) {
            return Err(source.error(name, "a digest given twice"));
        }
        let bytes = function.bytes;
        let digest = source.base64(Base64::Adapted, "digest", digest, bytes..=bytes)?;
        digests.push((function, Secret::new(digest)));
    }
    let names: Vec<_> = digests.iter().map(|(function, _)| function.name).collect();
    let names = names.join(", ");
    let verify = move |password: &[u8]| {
        // passlib refuses what SASLprep does.
        let password = saslprep(password).ok_or(VerifyError::Mismatch)?;
        for (function, digest) in &digests {
            let mut salted = Zeroizing::new(vec![0; function.bytes]);
            (function.derive)(password.as_bytes(), &salt, rounds, &mut salted);
            digest.matches(&salted)?;
        }
        Ok(())
    };
    let work = u64::from(rounds) * u64::from(count);
    let cost = Cost::of(0, work, 2 * unit::DIGEST);
    Ok(Reading::new(cost, verify).with("iterations", rounds).with("digests", names))
}

fn iteration_count(source: &Source<'_>, text: &str, times: u32) -> Result<u32, HashError> {
    let rounds = source.number(text, "iterations")?;
    let all = rounds.saturating_mul(times.into());
    source.bound("PBKDF2 iterations", all, source.limits.pbkdf2_rounds)?;
    u32::try_from(rounds).map_err(|_| source.error(text, "more iterations than 4294967295"))
}

/// The password as `SASLprep` (RFC 4013) makes it, in the rules for stored strings; `None` where it fails.
fn saslprep(password: &[u8]) -> Option<Zeroizing<String>> {
    let text = std::str::from_utf8(password).ok()?;
    let prepared = match stringprep::saslprep(text).ok()? {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    };
    let prepared = Zeroizing::new(prepared);
    // What is mapped to nothing as a whole is no password to PostgreSQL.
    (!prepared.is_empty() || text.is_empty()).then_some(prepared)
}

/// The password in NFKC, if that is another one.
fn normalised(password: &[u8]) -> Option<Zeroizing<String>> {
    let text = std::str::from_utf8(password).ok()?;
    let other: Zeroizing<String> = Zeroizing::new(text.nfkc().collect());
    (*other != text).then_some(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saslprep_of_the_rfc() {
        let check = |password: &str, expected: Option<&str>| {
            let prepared = saslprep(password.as_bytes());
            assert_eq!(prepared.as_deref().map(String::as_str), expected, "{password:?}");
        };
        // RFC 4013, section 3.
        check("I\u{ad}X", Some("IX"));
        check("user", Some("user"));
        check("USER", Some("USER"));
        check("\u{aa}", Some("a"));
        check("\u{2168}", Some("IX"));
        check("\u{7}", None);
        check("\u{627}1", None);
        check("a\u{a0}b", Some("a b"));
        check("", Some(""));
        check("\u{ad}", None);
        // Unassigned in Unicode 3.2.
        check("\u{1f510}", None);
        assert!(saslprep(b"\xff").is_none());
    }
}
