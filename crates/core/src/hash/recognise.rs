//! What a text looks like: for detection, and for the hint when it came to the wrong scheme.

use super::scheme::schemes;
use super::{HashError, HashOptions, Limits, Scheme};

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
    ("$apr1$", "apr1"),
    ("$5$", "sha256crypt"),
    ("$6$", "sha512crypt"),
    ("$7$", "scrypt-crypt"),
    ("$y$", "yescrypt"),
    ("$gy$", "gost-yescrypt"),
    ("$scrypt$", "phc-scrypt"),
    ("$pbkdf2", "passlib-pbkdf2, or phc-pbkdf2 with `i=`"),
    ("$p5k2$", "cta-pbkdf2-sha1 or dlitz-pbkdf2-sha1"),
    ("$firescrypt$", "kratos-firescrypt"),
    ("$fbscrypt$", "supabase-fbscrypt"),
    ("$firebase-scrypt$", "workos-firebase-scrypt"),
    ("$f_scrypt$", "supertokens-fscrypt"),
    ("grub.pbkdf2.", "grub-pbkdf2-sha512"),
    ("-pbkdf2-", "couchdb-pbkdf2"),
    ("#jbcrypt:", "jenkins-jbcrypt"),
    ("1|$2", "nextcloud"),
    ("2|$argon2", "nextcloud"),
    ("3|$argon2", "nextcloud"),
    ("s2:", "lucia-scrypt"),
    ("c2NyeXB0A", "scrypt-kdf"),
    (":A:", "mediawiki"),
    (":B:", "mediawiki"),
    ("$B$", "mediawiki"),
    (":pbkdf2:", "mediawiki"),
    (":bcrypt:", "mediawiki"),
    (":argon2:", "mediawiki"),
    ("{PKCS5S2}", "atlassian-pkcs5s2"),
    ("{ARGON2}", "ldap-argon2"),
    ("$sha1$", "sha1crypt"),
    ("$md5$pf=", "kratos-md5"),
    ("$md5salted-", "passwap-md5salted"),
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
    ("$md5-crypt$", "kratos-crypt"),
    ("$sha256-crypt$", "kratos-crypt"),
    ("$sha512-crypt$", "kratos-crypt"),
    ("$mysql$A$", "mysql-caching-sha2"),
    ("$scram$", "passlib-scram"),
    ("$3$", "nt-crypt"),
    ("$md5", "sunmd5"),
    ("$wp$", "wordpress-bcrypt"),
    ("$bcrypt-sha256$", "passlib-bcrypt-sha256"),
    ("pbkdf2_sha512_hex$", "clerk-pbkdf2-sha512-hex"),
    ("pbkdf2_sha512$", "clerk-pbkdf2-sha512"),
    ("pbkdf2_sha256$", "django-pbkdf2-sha256 or clerk-pbkdf2-sha256"),
    ("pbkdf2_sha1$", "django-pbkdf2-sha1 or clerk-pbkdf2-sha1"),
    ("pbkdf2_", "a PBKDF2 string like Django's"),
    ("pbkdf2(", "web2py-pbkdf2"),
    ("pbkdf2:", "werkzeug-pbkdf2"),
    ("scrypt:", "werkzeug-scrypt"),
    ("scrypt$", "django-scrypt"),
    ("bcrypt$", "django-bcrypt"),
    ("bcrypt_sha256$", "django-bcrypt-sha256"),
    ("argon2$", "django-argon2"),
    ("crypt$", "django-crypt"),
    ("SCRAM-SHA-256$", "postgres-scram-sha-256"),
    ("{SCRAM-SHA-1}", "dovecot-scram-sha-1"),
    ("{SCRAM-SHA-256}", "dovecot-scram-sha-256"),
    ("{CRAM-MD5}", "dovecot-cram-md5"),
    ("{PLAIN-MD5}", "dovecot-plain-md5"),
    ("{CRYPT}", "ldap-crypt"),
    ("{crypt}", "ldap-crypt"),
    ("{smd5}", "aix-smd5"),
    ("{ssha1}", "aix-ssha1"),
    ("{ssha256}", "aix-ssha256"),
    ("{ssha512}", "aix-ssha512"),
    ("U$S$", "drupal7"),
    ("U$P$", "drupal7"),
    ("ipaNTHash: ", "nt-ldap"),
    ("sambaNTPassword: ", "nt-ldap"),
    ("0x0200", "mssql2012"),
    ("0x0100", "mssql2005"),
    ("sha1$", "a salted digest of Django"),
    ("md5$", "a salted digest of Django"),
    ("{", "an LDAP or Spring hash with its scheme in braces"),
    ("!", "a locked account"),
    ("*", "the failure token of crypt(3), or a locked account"),
];

/// The name of a text that shows what it is only as a whole: its prefix alone means something else.
fn by_shape(text: &str) -> Option<&'static str> {
    let hex = |from: usize| text.bytes().skip(from).all(|byte| byte.is_ascii_hexdigit());
    match text.len() {
        35 if text.starts_with("md5") && hex(3) => Some("postgres-md5"),
        41 if text.starts_with('*') && hex(1) => Some("mysql41"),
        62 if text.starts_with("S:") && hex(2) => Some("oracle11"),
        162 if text.starts_with("T:") && hex(2) => Some("oracle12"),
        _ if text.starts_with("$7$") && text.matches('$').count() > 3 => Some("mosquitto-pbkdf2"),
        _ if text.starts_with("$6$") && text.ends_with('=') => Some("mosquitto-sha512"),
        _ => None,
    }
}

/// The name of what `text` looks like, if it has one.
fn looks_like(text: &str) -> Option<&'static str> {
    if let Some(name) = by_shape(text) {
        return Some(name);
    }
    let by_prefix = PREFIXES.iter().find(|(prefix, _)| text.starts_with(prefix));
    if let Some((_, name)) = by_prefix {
        return Some(name);
    }
    let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.len() {
        32 if hex => Some("md5"),
        40 | 56 | 64 | 96 | 128 if hex => Some("sha"),
        16 if hex => Some("mysql323"),
        20 if text.starts_with('_') => Some("bsdicrypt"),
        13 if text.bytes().all(|byte| super::encoding::crypt64(byte).is_some()) => Some("descrypt"),
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
    let advice = if is_supported(name) { ", import it under that name" } else { "" };
    Some(format!("this looks like {name}{advice}"))
}

/// Whether the first word of a name, as [`looks_like`] gives it, is a scheme.
fn is_supported(name: &str) -> bool {
    let word = name.split([' ', ',']).next().unwrap_or_default();
    schemes().any(|scheme| scheme.name() == word)
}

/// Whether the scheme called `name` takes the text as it is.
fn reads(name: &str, text: &str) -> bool {
    let scheme = schemes().find(|scheme| scheme.name() == name);
    scheme.is_some_and(|scheme| scheme.parse(text, &HashOptions::new(), &Limits::default()).is_ok())
}

/// Finds the one scheme whose texts look like this.
pub(super) fn detect(text: &str) -> Result<&'static dyn Scheme, HashError> {
    let mut recognised = schemes().filter(|scheme| scheme.recognises(text));
    if let Some(scheme) = recognised.next() {
        let others: Vec<_> = recognised.map(Scheme::name).collect();
        if others.is_empty() {
            return Ok(scheme);
        }
        let candidates = std::iter::once(scheme.name()).chain(others).collect();
        return Err(HashError::Ambiguous { candidates });
    }
    let hex = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let candidates: &[&str] = match text.len() {
        16 if hex => &["mysql323", "oracle10 with its username"],
        32 if hex => &[
            "md5",
            "nt",
            "lm",
            "msdcc with its username",
            "msdcc2 with its username",
            "scrypt with its options",
        ],
        94 if text.starts_with("0x0100") => &["mssql2000", "mssql2005"],
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
            Some(name) if reads(name, text) => {
                error.hint(format!("this looks like {name}, import it under that name"))
            }
            Some(name) if is_supported(name) => {
                error.hint(format!("this looks like {name}, but not quite"))
            }
            Some(name) => error.hint(format!("this looks like {name}, which is not supported")),
            None => error,
        });
    }
    Err(HashError::Ambiguous { candidates: candidates.to_vec() })
}

/// Schemes whose texts may end in a text of people's, so that it need not be ASCII.
const TEXTUAL: &[&str] = &["clerk-bcrypt-peppered", "spring"];

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
    let textual = TEXTUAL.contains(&scheme);
    let foreign = |c: &char| !matches!(c, ' '..='~') && (c.is_control() || !textual);
    if let Some((at, character)) = text.char_indices().find(|(_, c)| foreign(c)) {
        let what = format!("the character U+{:04X}", u32::from(character));
        return Err(HashError::malformed(scheme, what).at(at).hint(origin(character)));
    }
    Ok(())
}

/// Where a character comes from that no hash text has, and what to do about it.
fn origin(character: char) -> &'static str {
    match character {
        '\0' => "this looks like UTF-16; convert it to UTF-8",
        '\u{feff}' => "remove the byte order mark",
        '\u{ef}' | '\u{fe}' | '\u{ff}' => {
            "this looks like a byte order mark that was read as Latin-1; remove it"
        }
        '\n' | '\r' => "join the lines that it was wrapped into",
        '\t' => "take only the column with the hash",
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' => "remove the invisible character",
        '\u{2010}'..='\u{201f}' => {
            "a word processor changed quotes or hyphens; copy it from the source"
        }
        '\u{2026}' => "it was shortened for display; copy it from the source",
        '\u{fffd}' => "it was decoded from another encoding than its own; export it anew",
        _ => "a hash text is printable ASCII",
    }
}
