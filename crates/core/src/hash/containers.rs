//! Texts of crypt(3) in the wrapping of other software: `{CRYPT}` of LDAP, `crypt$` of Django, and the
//! longer names of Ory Kratos.
//!
//! The hash inside is read as it would be alone, with the same bounds, and says itself whether it is weak.

use super::crypt::{Format, Inner, Reading, Source, moved};
use super::scheme::{Scheme, find};
use super::{HashError, HashOptions};

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[
    &Format {
        name: "ldap-crypt",
        title: "crypt(3) of LDAP",
        recognises: |text| text.get(..7).is_some_and(|p| p.eq_ignore_ascii_case("{CRYPT}")),
        read: read_ldap,
        ..Format::LEGACY
    },
    &Format {
        name: "django-crypt",
        title: "crypt(3) of Django",
        recognises: |text| text.starts_with("crypt$"),
        read: read_django,
        ..Format::LEGACY
    },
    &Format {
        name: "kratos-crypt",
        title: "crypt(3) of Ory Kratos",
        recognises: |text| KRATOS.iter().any(|(long, _)| text.starts_with(long)),
        read: read_kratos,
        ..Format::LEGACY
    },
];

/// What a text of crypt(3) begins with, and what it then is.
const PREFIXES: &[(&str, &str)] = &[
    ("$2", "bcrypt"),
    ("$1$", "md5crypt"),
    ("$apr1$", "apr1"),
    ("$5$", "sha256crypt"),
    ("$6$", "sha512crypt"),
    ("$sha1$", "sha1crypt"),
    ("$md5", "sunmd5"),
    ("$y$", "yescrypt"),
    ("$gy$", "gost-yescrypt"),
    ("$7$", "scrypt-crypt"),
    ("$3$", "nt-crypt"),
    ("_", "bsdicrypt"),
];

/// The names of Kratos, and the ones they stand for.
const KRATOS: &[(&str, &str)] =
    &[("$md5-crypt$", "$1$"), ("$sha256-crypt$", "$5$"), ("$sha512-crypt$", "$6$")];

fn read_ldap(source: &Source<'_>) -> Result<Reading, HashError> {
    let Some((prefix, inner)) = source.text.split_at_checked(7) else {
        return Err(source.foreign("{CRYPT}"));
    };
    if !prefix.eq_ignore_ascii_case("{CRYPT}") {
        return Err(source.foreign("{CRYPT}"));
    }
    read_inner(source, "", inner)
}

/// `crypt$salt$hash`, where the salt is there again at the beginning of the hash, or is left out.
fn read_django(source: &Source<'_>) -> Result<Reading, HashError> {
    let (salt, inner) = source.split(source.after("crypt$")?, '$', "salt")?;
    if !salt.is_empty() && !inner.get(..2).is_some_and(|own| salt.starts_with(own)) {
        let what = "the salt is not the one that the hash begins with";
        return Err(source.error(salt, what));
    }
    read_inner(source, "", inner)
}

fn read_kratos(source: &Source<'_>) -> Result<Reading, HashError> {
    let found = KRATOS.iter().find(|(long, _)| source.text.starts_with(long));
    let Some((long, short)) = found else {
        return Err(source.foreign("$md5-crypt$, $sha256-crypt$ or $sha512-crypt$"));
    };
    read_inner(source, short, &source.text[long.len()..])
}

/// Reads the rest of the text after the `prefix` that it would have by itself.
fn read_inner(source: &Source<'_>, prefix: &'static str, rest: &str) -> Result<Reading, HashError> {
    let text = &*[prefix, rest].concat();
    let start = source.offset(rest);
    let by_prefix = PREFIXES.iter().find(|(prefix, _)| text.starts_with(prefix));
    let crypt64 = text.bytes().all(|byte| super::encoding::crypt64(byte).is_some());
    let name = match by_prefix {
        Some((_, name)) => name,
        None if crypt64 && text.len() == 13 => "descrypt",
        None if crypt64 && text.len() > 13 => "bigcrypt",
        None => {
            let error = source.error(rest, "not a hash of crypt(3)");
            return Err(match super::recognise::hint(source.scheme, text) {
                Some(hint) => error.hint(hint),
                None => error,
            });
        }
    };
    let scheme = find(name).ok_or_else(|| source.error(rest, "not a hash of crypt(3)"))?;
    let parsed = scheme
        .parse(text, &HashOptions::new(), source.limits)
        .map_err(|error| moved(error, start.saturating_sub(prefix.len())))?;
    let weak = scheme.is_weak() || parsed.is_weak();
    Ok(Reading::inside(Inner { parsed, weak, start, prefix }))
}
