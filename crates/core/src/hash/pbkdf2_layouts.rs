//! The PBKDF2 formats that are more than three parts in a row.

use super::HashError;
use super::coding::{Coding, be32};
use super::format::{Field, Format, Input, Looks, Read};
use super::options::{Key, LENGTH, SALT};
use super::pbkdf2::Pbkdf2;
use super::prf::{self, Prf, SHA1, SHA256, SHA512};
use super::recognise::foreign;

const DIGEST: Key = Key::same("digest");
const ALGORITHM: Key = Key::same("algorithm");
const ITERATIONS: Key = Key::same("iterations");
const HASH_ITERATIONS: Key = Key::same("hashIterations");
const FACTOR: Key = Key::same("factor");
pub(super) const SALT_ENCODING: Key = Key::same("saltEncoding");
pub(super) const ENCODING: Key = Key::same("encoding");

pub(super) const SALT_CODINGS: &[(&str, Coding)] =
    &[("utf8", Coding::Text), ("hex", Coding::Hex), ("base64", Coding::Base64)];
pub(super) const CODINGS: &[(&str, Coding)] = &[("hex", Coding::Hex), ("base64", Coding::Base64)];

/// The key of options that say its length, which the text must have.
pub(super) fn declared_key(
    input: &Input<'_>,
    coding: Coding,
    key: &Key,
) -> Result<Vec<u8>, HashError> {
    let wanted = input.reader.required_integer(key)?;
    let bytes = coding.decode(input, "key", (0, input.text))?;
    if bytes.len() as u64 != wanted {
        let what =
            format!("a key of {} bytes where the option {} says {wanted}", bytes.len(), key.wire);
        return Err(input.malformed(what));
    }
    Ok(bytes)
}

pub(super) static PBKDF2: Format = Format {
    name: "pbkdf2",
    title: "PBKDF2 with its parameters beside it",
    aliases: &[],
    keys: &[&DIGEST, &SALT, &SALT_ENCODING, &ITERATIONS, &LENGTH, &ENCODING],
    looks: Looks::Nothing,
    parse: |input, ()| {
        let prf = input.choice(&DIGEST, prf::ALL)?;
        let salt = input.choice(&SALT_ENCODING, SALT_CODINGS)?.option(input, &SALT)?;
        let rounds = input.reader.required_integer(&ITERATIONS)?;
        let key = declared_key(input, input.choice(&ENCODING, CODINGS)?, &LENGTH)?;
        Ok(Box::new(Pbkdf2::new(input, prf, rounds, salt, key)?))
    },
    data: (),
};

pub(super) static SYMFONY: Format = Format {
    name: "symfony-pbkdf2",
    title: "PBKDF2 of Symfony",
    aliases: &[],
    keys: &[&DIGEST, &SALT, &ITERATIONS, &LENGTH, &ENCODING],
    looks: Looks::Nothing,
    parse: |input, ()| {
        let prf = input.choice(&DIGEST, prf::ALL)?;
        let salt = Coding::Text.option(input, &SALT)?;
        let rounds = input.reader.required_integer(&ITERATIONS)?;
        let key = declared_key(input, input.choice(&ENCODING, CODINGS)?, &LENGTH)?;
        Ok(Box::new(Pbkdf2::new(input, prf, rounds, salt, key)?))
    },
    data: (),
};

pub(super) static KEYCLOAK: Format = Format {
    name: "keycloak-pbkdf2",
    title: "PBKDF2 of Keycloak",
    aliases: &[],
    keys: &[&ALGORITHM, &SALT, &HASH_ITERATIONS],
    looks: Looks::Nothing,
    parse: |input, ()| {
        let known: &[(&str, &Prf)] =
            &[("pbkdf2", &SHA1), ("pbkdf2-sha256", &SHA256), ("pbkdf2-sha512", &SHA512)];
        let prf = input.choice(&ALGORITHM, known)?;
        let salt = Coding::Base64.option(input, &SALT)?;
        let rounds = input.reader.required_integer(&HASH_ITERATIONS)?;
        let key = Coding::Base64.decode(input, "key", (0, input.text))?;
        // Keycloak derives 512 bits unless it is told otherwise; then, as many as the digest has.
        if key.len() != prf.bytes && key.len() != 64 {
            let what = format!("a key of {} bytes where {} or 64 are needed", key.len(), prf.bytes);
            return Err(input.malformed(what));
        }
        Ok(Box::new(Pbkdf2::new(input, prf, rounds, salt, key)?))
    },
    data: (),
};

pub(super) static FUSIONAUTH: Format = Format {
    name: "fusionauth-pbkdf2",
    title: "PBKDF2 of FusionAuth",
    aliases: &[],
    keys: &[&SALT, &FACTOR, &DIGEST, &LENGTH],
    looks: Looks::Nothing,
    parse: |input, ()| {
        let known: &[(&str, &Prf)] = &[("sha1", &SHA1), ("sha256", &SHA256), ("sha512", &SHA512)];
        let prf = input.choice(&DIGEST, known)?;
        let salt = Coding::Base64.option(input, &SALT)?;
        let rounds = input.reader.required_integer(&FACTOR)?;
        let key = declared_key(input, Coding::Base64, &LENGTH)?;
        Ok(Box::new(Pbkdf2::new(input, prf, rounds, salt, key)?))
    },
    data: (),
};

/// What the digests of `$pbkdf2-<digest>$i=..,l=..$` are.
pub(super) struct Digests {
    names: &'static [(&'static str, &'static Prf)],
}

pub(super) static PHC: Format<Digests> = Format {
    name: "phc-pbkdf2",
    title: "PBKDF2 as a PHC string",
    aliases: &[],
    keys: &[],
    looks: Looks::Parses(&["$pbkdf2-"]),
    parse: phc,
    data: Digests {
        names: &[
            ("sha1", &SHA1),
            ("sha224", &prf::SHA224),
            ("sha256", &SHA256),
            ("sha384", &prf::SHA384),
            ("sha512", &SHA512),
        ],
    },
};

/// Kratos reads `sha224` and `sha384` as SHA-3. Where its reading is the usual one, detection says
/// `phc-pbkdf2`.
pub(super) static KRATOS: Format<Digests> = Format {
    name: "kratos-pbkdf2",
    title: "PBKDF2 of Ory Kratos",
    aliases: &[],
    keys: &[],
    looks: Looks::Parses(&["$pbkdf2-sha224$", "$pbkdf2-sha384$"]),
    parse: phc,
    data: Digests {
        names: &[
            ("sha1", &SHA1),
            ("sha224", &prf::SHA3_224),
            ("sha256", &SHA256),
            ("sha384", &prf::SHA3_384),
            ("sha512", &SHA512),
        ],
    },
};

fn phc(input: &Input<'_>, digests: &Digests) -> Read {
    let rest = input.after("$pbkdf2-")?;
    let [name, parameters, salt, key] =
        input.split(rest, '$', ["digest", "parameters", "salt", "key"])?;
    let prf = named_prf(input, name, digests.names)?;
    let [iterations, length] = input.split(parameters, ',', ["i=", "l="])?;
    let iterations = input.named(iterations, "i")?;
    let length = input.named(length, "l")?;
    let rounds = input.positive("number of iterations", iterations, 10)?;
    let wanted = input.positive("length", length, 10)?;
    let salt = Coding::Phc.decode(input, "salt", salt)?;
    let bytes = Coding::Phc.decode(input, "key", key)?;
    if bytes.len() as u64 != wanted {
        let what = format!("a key of {} bytes where l says {wanted}", bytes.len());
        return Err(input.malformed(what).at(key.0));
    }
    let hash = Pbkdf2::new(input, prf, rounds, salt, bytes)?;
    let short = wanted < prf.bytes as u64;
    Ok(Box::new(if short { hash.with_note("the key is shorter than the digest") } else { hash }))
}

fn named_prf(
    input: &Input<'_>,
    (at, name): Field<'_>,
    known: &[(&str, &'static Prf)],
) -> Result<&'static Prf, HashError> {
    let found = known.iter().find(|(known, _)| *known == name);
    found.map(|(_, prf)| *prf).ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
        input.malformed("an unknown digest").at(at).hint(format!("known are {}", names.join(", ")))
    })
}

pub(super) static CLERK_SHA1: Format = Format {
    name: "clerk-pbkdf2-sha1",
    title: "PBKDF2 of Clerk, SHA-1",
    aliases: &[],
    keys: &[],
    looks: Looks::Parses(&["pbkdf2_sha1$"]),
    parse: |input, ()| {
        let rest = input.after("pbkdf2_sha1$")?;
        let (fields, wanted) = if rest.1.split('$').count() == 4 {
            let names = ["iterations", "salt", "key", "key length"];
            let [a, b, c, length] = input.split(rest, '$', names)?;
            ([a, b, c], input.positive("key length", length, 10)?)
        } else {
            (input.split(rest, '$', ["iterations", "salt", "key"])?, 32)
        };
        let [iterations, salt, key] = fields;
        let rounds = input.positive("number of iterations", iterations, 10)?;
        if salt.1.is_empty() {
            return Err(input.malformed("the salt is empty").at(salt.0));
        }
        let hex = salt.1.len().is_multiple_of(2) && salt.1.bytes().all(|b| b.is_ascii_hexdigit());
        let salt = if hex { Coding::Hex } else { Coding::Text }.decode(input, "salt", salt)?;
        let bytes = Coding::Hex.decode(input, "key", key)?;
        if bytes.len() as u64 != wanted {
            let what = format!("a key of {} bytes where {wanted} are needed", bytes.len());
            return Err(input.malformed(what).at(key.0));
        }
        let hash = Pbkdf2::new(input, &SHA1, rounds, salt, bytes)?;
        let note = "a salt of hex digits was decoded, any other was taken as text";
        Ok(Box::new(hash.with_note(note)))
    },
    data: (),
};

pub(super) static WEB2PY: Format = Format {
    name: "web2py-pbkdf2",
    title: "PBKDF2 of web2py",
    aliases: &[],
    keys: &[],
    looks: Looks::Begins(&["pbkdf2("]),
    parse: |input, ()| {
        let rest = input.after("pbkdf2(")?;
        let [parameters, salt, key] = input.split(rest, '$', ["parameters)", "salt", "key"])?;
        let Some(inside) = parameters.1.strip_suffix(')') else {
            return Err(input.malformed("no `)` after the parameters").at(parameters.0));
        };
        let names = ["iterations", "key length", "digest"];
        let [iterations, length, digest] = input.split((parameters.0, inside), ',', names)?;
        let prf = named_prf(input, digest, prf::ALL)?;
        let rounds = input.positive("number of iterations", iterations, 10)?;
        let wanted = input.positive("key length", length, 10)?;
        if salt.1.is_empty() {
            return Err(input.malformed("the salt is empty").at(salt.0));
        }
        let bytes = Coding::Hex.decode(input, "key", key)?;
        if bytes.len() as u64 != wanted {
            let what = format!("a key of {} bytes where {wanted} are announced", bytes.len());
            return Err(input.malformed(what).at(key.0));
        }
        let salt = salt.1.as_bytes().to_vec();
        Ok(Box::new(Pbkdf2::new(input, prf, rounds, salt, bytes)?))
    },
    data: (),
};

pub(super) static DLITZ: Format = Format {
    name: "dlitz-pbkdf2-sha1",
    title: "PBKDF2 of Dwayne Litzenberger's pbkdf2.py",
    aliases: &[],
    keys: &[],
    looks: Looks::Parses(&["$p5k2$"]),
    parse: |input, ()| {
        let rest = input.after("$p5k2$")?;
        let [iterations, salt, key] = input.split(rest, '$', ["iterations", "salt", "key"])?;
        let rounds = match iterations.1 {
            "" => 400,
            _ => input.positive("number of iterations", iterations, 16)?,
        };
        let foreign = |byte: u8| !(byte.is_ascii_alphanumeric() || b"./".contains(&byte));
        if let Some(found) = salt.1.bytes().position(foreign) {
            let what = "the salt has a character outside A-Za-z0-9./";
            return Err(input.malformed(what).at(salt.0 + found));
        }
        let bytes = Coding::Adapted.decode(input, "key", key)?;
        if bytes.len() != 24 {
            let what = format!("a key of {} bytes where 24 are needed", bytes.len());
            return Err(input.malformed(what).at(key.0));
        }
        // The salt is all of the text before the key.
        let salt = input.text.as_bytes()[..key.0 - 1].to_vec();
        Ok(Box::new(Pbkdf2::new(input, &SHA1, rounds, salt, bytes)?))
    },
    data: (),
};

pub(super) static ATLASSIAN: Format = Format {
    name: "atlassian-pkcs5s2",
    title: "PBKDF2 of Atlassian",
    aliases: &[],
    keys: &[],
    looks: Looks::Begins(&["{PKCS5S2}"]),
    parse: |input, ()| {
        let blob = Coding::Base64.decode(input, "text", input.after("{PKCS5S2}")?)?;
        if blob.len() != 16 + 32 {
            let what = format!("{} bytes where 16 of salt and 32 of key are needed", blob.len());
            return Err(input.malformed(what).at(9));
        }
        let (salt, key) = blob.split_at(16);
        Ok(Box::new(Pbkdf2::new(input, &SHA1, 10_000, salt.to_vec(), key.to_vec())?))
    },
    data: (),
};

pub(super) static DS389_BLOB: Format = Format {
    name: "389ds-pbkdf2-sha256",
    title: "PBKDF2 of 389 Directory Server, older plugin",
    aliases: &[],
    keys: &[],
    looks: Looks::Begins(&["{PBKDF2_SHA256}"]),
    parse: |input, ()| {
        let blob = Coding::Base64.decode(input, "text", input.after("{PBKDF2_SHA256}")?)?;
        let whole = blob.len() == 4 + 64 + 256;
        let (Some((rounds, rest)), true) = (blob.split_first_chunk(), whole) else {
            let what = format!(
                "{} bytes where 4 of iterations, 64 of salt and 256 of key are needed",
                blob.len()
            );
            return Err(input.malformed(what).at(15));
        };
        let (salt, key) = rest.split_at(64);
        let rounds = u32::from_be_bytes(*rounds).into();
        Ok(Box::new(Pbkdf2::new(input, &SHA256, rounds, salt.to_vec(), key.to_vec())?))
    },
    data: (),
};

pub(super) static ASPNET: Format = Format {
    name: "aspnet-identity",
    title: "PBKDF2 of ASP.NET Core Identity",
    aliases: &[],
    keys: &[],
    // Version 3 with one of its three functions.
    looks: Looks::Parses(&["AQAAAA"]),
    parse: |input, ()| aspnet(input),
    data: (),
};

fn aspnet(input: &Input<'_>) -> Read {
    const SALT_BYTES: usize = 16;
    const KEY_BYTES: usize = 32;
    if !input.text.starts_with('A') {
        return Err(foreign(input.scheme, "base64 of a byte 0 or 1 and more", input.text));
    }
    let blob = Coding::Base64.decode(input, "text", (0, input.text))?;
    let sized = |found: usize, wanted: usize| {
        let what = format!("{found} bytes where {wanted} are needed");
        Err(input.malformed(what).hint("a cut key would verify all the same"))
    };
    match blob.as_slice() {
        [0, rest @ ..] => {
            if rest.len() != SALT_BYTES + KEY_BYTES {
                return sized(blob.len(), 1 + SALT_BYTES + KEY_BYTES);
            }
            let (salt, key) = rest.split_at(SALT_BYTES);
            Ok(Box::new(Pbkdf2::new(input, &SHA1, 1000, salt.to_vec(), key.to_vec())?))
        }
        [1, rest @ ..] => {
            let number = |at| {
                let cut = || input.malformed("the header was cut");
                be32(rest, at).ok_or_else(cut)
            };
            let prf = match number(0)? {
                0 => &SHA1,
                1 => &SHA256,
                2 => &SHA512,
                other => {
                    let what = format!("the function {other} is not 0, 1 or 2");
                    return Err(input.malformed(what));
                }
            };
            let rounds = number(4)?.into();
            let salt_bytes = number(8)? as usize;
            if salt_bytes < SALT_BYTES {
                let what = format!("a salt of {salt_bytes} bytes where at least 16 are needed");
                return Err(input.malformed(what));
            }
            let rest = &rest[12..];
            if rest.len().checked_sub(salt_bytes) != Some(KEY_BYTES) {
                let wanted = salt_bytes.saturating_add(13 + KEY_BYTES);
                return sized(blob.len(), wanted);
            }
            let (salt, key) = rest.split_at(salt_bytes);
            Ok(Box::new(Pbkdf2::new(input, prf, rounds, salt.to_vec(), key.to_vec())?))
        }
        _ => Err(input.malformed("neither version 2 (byte 0) nor version 3 (byte 1)").at(0)),
    }
}
