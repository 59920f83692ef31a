//! What a text looks like: for detection, and for the hint when it came to the wrong scheme.

use super::scheme::schemes;
use super::{HashError, Scheme};

/// Texts that begin like this are known by name, whether or not a scheme here can verify them.
const PREFIXES: &[(&str, &str)] = &[
    ("$2a$", "bcrypt"),
    ("$2b$", "bcrypt"),
    ("$2x$", "bcrypt"),
    ("$2y$", "bcrypt"),
    ("$2$", "the obsolete bcrypt without a minor version"),
    ("$argon2id$", "argon2"),
    ("$argon2i$", "argon2"),
    ("$argon2d$", "argon2"),
    ("$P$", "phpass"),
    ("$H$", "phpass"),
    ("$S$", "drupal7"),
    ("$1$", "md5crypt"),
    ("$apr1$", "md5crypt of Apache"),
    ("$5$", "sha256crypt"),
    ("$6$", "sha512crypt"),
    ("$7$", "scrypt of crypt(3)"),
    ("$y$", "yescrypt"),
    ("$gy$", "gost-yescrypt"),
    ("$scrypt$", "scrypt as a PHC string"),
    ("$pbkdf2", "pbkdf2"),
    ("$sha1$", "sha1crypt"),
    ("$md5$pf=", "kratos-md5"),
    ("$md5salted-", "passwap-md5salted"),
    ("$md5", "sunmd5"),
    ("$wp$", "bcrypt of WordPress 6.8"),
    ("$bcrypt-sha256$", "bcrypt-sha256 of passlib"),
    ("pbkdf2_", "pbkdf2 of Django"),
    ("pbkdf2:", "pbkdf2 of Werkzeug"),
    ("scrypt:", "scrypt of Werkzeug"),
    ("bcrypt$", "bcrypt of Django"),
    ("bcrypt_sha256$", "bcrypt-sha256 of Django"),
    ("argon2$", "argon2 of Django; cut the text before the second `$`"),
    ("SCRAM-SHA-256$", "a SCRAM secret of PostgreSQL"),
    ("$SHA$", "authme-sha256"),
    ("$PHPS$", "phps"),
    ("$hmac-", "kratos-hmac"),
    ("$shiro1$", "shiro1"),
    ("$episerver$", "episerver"),
    ("sha512_symfony$", "clerk-sha512-symfony"),
    ("hmac_sha256_utf16_b64$", "clerk-hmac-sha256-utf16-b64"),
    ("{FSHP", "fshp"),
    ("{SHA}", "ldap-sha"),
    ("{SHA256}", "ldap-sha256"),
    ("{SHA384}", "ldap-sha384"),
    ("{SHA512}", "ldap-sha512"),
    ("{SMD5}", "ldap-smd5"),
    ("{SSHA}", "ldap-ssha"),
    ("{SSHA256}", "ldap-ssha256"),
    ("{SSHA384}", "ldap-ssha384"),
    ("{SSHA512}", "ldap-ssha512"),
    ("sha1$$", "django-unsalted-sha1"),
    ("sha1$", "a salted digest of Django"),
    ("md5$", "a salted digest of Django"),
    ("{", "an LDAP or Spring hash with its scheme in braces"),
    ("!", "a locked account"),
    ("*", "the failure token of crypt(3), or a locked account"),
];

/// The name of what `text` looks like, if it has one.
fn looks_like(text: &str) -> Option<&'static str> {
    let by_prefix = PREFIXES.iter().find(|(prefix, _)| text.starts_with(prefix));
    if let Some((_, name)) = by_prefix {
        return Some(name);
    }
    let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.len() {
        32 if hex => Some("md5"),
        40 | 56 | 64 | 96 | 128 if hex => Some("sha"),
        20 if text.starts_with('_') => Some("extended DES, which phpass wrote"),
        13 if text.bytes().all(|byte| super::encoding::crypt64(byte).is_some()) => {
            Some("DES of crypt(3)")
        }
        _ => None,
    }
}

/// The error of a scheme that was given a text of another one.
pub(super) fn foreign(scheme: &'static str, expected: &str, text: &str) -> HashError {
    let error = HashError::malformed(scheme, format!("expected {expected}"));
    match hint(scheme, text) {
        Some(hint) => error.hint(hint),
        None => error.at(0),
    }
}

/// What to say about a text of another scheme than `scheme`.
pub(super) fn hint(scheme: &str, text: &str) -> Option<String> {
    let name = looks_like(text).filter(|name| *name != scheme)?;
    let supported = schemes().any(|other| other.name() == name);
    let advice = if supported { ", import it under that name" } else { "" };
    Some(format!("this looks like {name}{advice}"))
}

/// Finds the one scheme whose texts look like this.
pub(super) fn detect(text: &str) -> Result<&'static dyn Scheme, HashError> {
    if let Some(scheme) = schemes().find(|scheme| scheme.recognises(text)) {
        return Ok(scheme);
    }
    let hex = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let candidates: &[&str] = match text.len() {
        32 if hex => &["md5", "scrypt with its options"],
        40 if hex => &["sha with version sha1", "scrypt with its options"],
        56 if hex => &[
            "sha with version sha224",
            "sha with version sha512/224",
            "sha with version sha3-224",
            "scrypt with its options",
        ],
        64 if hex => &[
            "sha with version sha256",
            "sha with version sha512/256",
            "sha with version sha3-256",
            "scrypt with its options",
        ],
        96 if hex => {
            &["sha with version sha384", "sha with version sha3-384", "scrypt with its options"]
        }
        128 if hex => {
            &["sha with version sha512", "sha with version sha3-512", "scrypt with its options"]
        }
        _ => super::composed::candidates(text),
    };
    if candidates.is_empty() {
        let error = HashError::Unrecognised { hint: None };
        return Err(match looks_like(text) {
            Some(name) if schemes().any(|scheme| scheme.name() == name) => {
                error.hint(format!("this looks like {name}; import it under that name"))
            }
            Some(name) => error.hint(format!("this looks like {name}, which is not supported")),
            None => error,
        });
    }
    Err(HashError::Ambiguous { candidates: candidates.to_vec() })
}

/// What no hash text of any scheme may be: empty, over-long, spaced, or beyond printable ASCII.
pub(super) fn check_text(scheme: &'static str, text: &str, limit: usize) -> Result<(), HashError> {
    if text.is_empty() {
        return Err(HashError::malformed(scheme, "the text is empty"));
    }
    if text.len() > limit {
        return Err(HashError::OverLimit {
            scheme,
            parameter: "text bytes",
            value: text.len() as u64,
            limit: limit as u64,
        });
    }
    let trimmed = text.trim();
    if trimmed.len() != text.len() {
        let start = text.len() - text.trim_start().len();
        let at = if start > 0 { 0 } else { trimmed.len() };
        return Err(HashError::malformed(scheme, "white space around the text")
            .at(at)
            .hint("trim it before the import"));
    }
    if let Some((at, character)) = text.char_indices().find(|(_, c)| !matches!(c, ' '..='~')) {
        let what = format!("the character U+{:04X}", u32::from(character));
        return Err(HashError::malformed(scheme, what)
            .at(at)
            .hint("a hash text is printable ASCII"));
    }
    Ok(())
}
