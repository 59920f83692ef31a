//! Windows: NT and LM hashes in their several wrappings, and the cached domain credentials.
//!
//! NT is MD4 over UTF-16; a password that is not UTF-8 has no UTF-16 and matches nothing, but in `$3$` of
//! libxcrypt, which widens bytes instead.

use md4::{Digest as _, Md4};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use zeroize::Zeroizing;

use super::cost::unit;
use super::crypt::{Case, Format, ITERATIONS, Reading, Source, USERNAME};
use super::des::Schedule;
use super::encoding::Base64;
use super::scheme::Scheme;
use super::secret::Secret;
use super::{Cost, HashError, VerifyError};

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[
    &Format {
        name: "nt",
        title: "NT hash (MD4, unsalted)",
        notes: UNSALTED,
        read: |source| {
            let digest = source.hex(source.text, DIGEST_BYTES, Case::Any)?;
            Ok(nt(digest).digest_at(source, source.text, '0'))
        },
        ..Format::WEAK
    },
    &Format {
        name: "nt-ldap",
        title: "NT hash of an LDAP attribute",
        notes: UNSALTED,
        recognises: |text| text.starts_with(IPA) || text.starts_with(SAMBA),
        read: read_nt_ldap,
        ..Format::WEAK
    },
    &Format {
        name: "nt-crypt",
        title: "NT hash of crypt(3)",
        notes: &[
            "equal passwords have equal hashes, and guessing is nearly free",
            "bytes are widened to UTF-16 one by one, as libxcrypt does; passlib decodes UTF-8",
        ],
        recognises: |text| text.starts_with("$3$$"),
        read: read_nt_crypt,
        ..Format::WEAK
    },
    &Format {
        name: "lm",
        title: "LM hash",
        notes: &[
            "14 characters count, without their case, and each half can be guessed by itself",
            "the hash of the empty password is what Windows writes when LM is turned off",
        ],
        // Dumps come with it; it is not part of what is hashed.
        options: &[&USERNAME],
        read: read_lm,
        ..Format::WEAK
    },
    &Format {
        name: "msdcc",
        title: "cached domain credentials of Windows, version 1",
        options: &[&USERNAME],
        read: read_msdcc,
        ..Format::BROKEN
    },
    &Format {
        name: "msdcc2",
        title: "cached domain credentials of Windows, version 2",
        options: &[&USERNAME, &ITERATIONS],
        read: read_msdcc2,
        ..Format::LEGACY
    },
];

const UNSALTED: &[&str] = &["equal passwords have equal hashes, and guessing is nearly free"];
const DIGEST_BYTES: usize = 16;
const IPA: &str = "ipaNTHash: ";
const SAMBA: &str = "sambaNTPassword: ";
/// What Windows has used since Vista.
const DEFAULT_ITERATIONS: u64 = 10_240;

fn once() -> Cost {
    Cost::of(0, 1, unit::DIGEST)
}

fn nt(digest: Vec<u8>) -> Reading {
    let compute = |password: &[u8]| Ok(Zeroizing::new(nt_hash(password)?.to_vec()));
    Reading::trying(once(), Secret::new(digest), compute)
}

/// MD4 over the password in UTF-16, little endian.
fn nt_hash(password: &[u8]) -> Result<Zeroizing<[u8; 16]>, VerifyError> {
    let password = std::str::from_utf8(password).map_err(|_| VerifyError::Mismatch)?;
    Ok(md4(&utf16(password, u16::to_le_bytes)))
}

fn md4(bytes: &[u8]) -> Zeroizing<[u8; 16]> {
    Zeroizing::new(Md4::digest(bytes).into())
}

/// A text in UTF-16, in the byte order of `bytes_of`.
pub(super) fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Zeroizing<Vec<u8>> {
    // No byte of UTF-8 becomes more than two.
    let mut out = Zeroizing::new(Vec::with_capacity(text.len() * 2));
    for unit in text.encode_utf16() {
        out.extend_from_slice(&bytes_of(unit));
    }
    out
}

fn read_nt_ldap(source: &Source<'_>) -> Result<Reading, HashError> {
    if let Some(text) = source.text.strip_prefix(IPA) {
        let bytes = DIGEST_BYTES..=DIGEST_BYTES;
        let digest = source.base64(Base64::UrlSafeNoPad, "hash", text, bytes)?;
        return Ok(nt(digest).digest_at(source, text, 'A'));
    }
    match source.text.strip_prefix(SAMBA) {
        Some(text) => {
            let digest = source.hex(text, DIGEST_BYTES, Case::Any)?;
            Ok(nt(digest).digest_at(source, text, '0'))
        }
        None => Err(source.foreign("`ipaNTHash: ` or `sambaNTPassword: `")),
    }
}

fn read_nt_crypt(source: &Source<'_>) -> Result<Reading, HashError> {
    let hex = source.after("$3$$")?;
    let digest = Secret::new(source.hex(hex, DIGEST_BYTES, Case::Lower)?);
    let compute = |password: &[u8]| {
        let mut wide = Zeroizing::new(Vec::with_capacity(password.len() * 2));
        for byte in password {
            wide.extend_from_slice(&[*byte, 0]);
        }
        Zeroizing::new(md4(&wide).to_vec())
    };
    Ok(Reading::comparing(once(), digest, compute).digest_at(source, hex, '0'))
}

fn read_lm(source: &Source<'_>) -> Result<Reading, HashError> {
    let digest = Secret::new(source.hex(source.text, DIGEST_BYTES, Case::Any)?);
    source.options.text(&USERNAME)?;
    let compute = |password: &[u8]| {
        let text = oem(password).ok_or(VerifyError::Mismatch)?;
        let mut computed = Zeroizing::new(vec![0; DIGEST_BYTES]);
        for (slot, half) in computed.chunks_exact_mut(8).zip(text.chunks_exact(7)) {
            let bits = half.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            // 56 bits, of which every seven get a bit of parity, which DES ignores.
            let key = (0..8).fold(0_u64, |key, i| key << 8 | (bits >> (49 - 7 * i) & 0x7f) << 1);
            slot.copy_from_slice(&Schedule::new(key).encrypt(LM_TEXT, 0, 1).to_be_bytes());
        }
        Ok(computed)
    };
    Ok(Reading::trying(Cost::of(0, 2, unit::DES_ROUND), digest, compute).digest_at(
        source,
        source.text,
        '0',
    ))
}

/// `KGS!@#$%`.
const LM_TEXT: u64 = 0x4b47_5321_4023_2425;

/// The first 14 bytes of a password in upper case and code page 437, filled up with zeros; `None` if it
/// cannot be written so. Windows stores no LM hash of a longer one, but other software cuts it.
fn oem(password: &[u8]) -> Option<Zeroizing<[u8; 14]>> {
    let text = std::str::from_utf8(password).ok()?;
    let mut out = Zeroizing::new([0; 14]);
    for (slot, character) in out.iter_mut().zip(text.chars().flat_map(char::to_uppercase)) {
        *slot = match u8::try_from(character) {
            Ok(byte) if byte.is_ascii() => byte,
            _ => CP437_UPPER.iter().find(|(c, _)| *c == character)?.1,
        };
    }
    Some(out)
}

/// The upper-case letters of code page 437 beyond ASCII.
const CP437_UPPER: &[(char, u8)] = &[
    ('\u{c7}', 0x80),
    ('\u{c4}', 0x8e),
    ('\u{c5}', 0x8f),
    ('\u{c9}', 0x90),
    ('\u{c6}', 0x92),
    ('\u{d6}', 0x99),
    ('\u{dc}', 0x9a),
    ('\u{d1}', 0xa5),
];

/// MD4 over the NT hash and the name, which is what both versions begin with.
fn credentials(source: &Source<'_>) -> Result<(String, Zeroizing<Vec<u8>>, Secret), HashError> {
    let digest = Secret::new(source.hex(source.text, DIGEST_BYTES, Case::Lower)?);
    let username = source.username()?.to_owned();
    let name = utf16(&username.to_lowercase(), u16::to_le_bytes);
    Ok((username, name, digest))
}

fn version_1(password: &[u8], name: &[u8]) -> Result<Zeroizing<[u8; 16]>, VerifyError> {
    let mut both = Zeroizing::new(Vec::with_capacity(DIGEST_BYTES + name.len()));
    both.extend_from_slice(&*nt_hash(password)?);
    both.extend_from_slice(name);
    Ok(md4(&both))
}

fn read_msdcc(source: &Source<'_>) -> Result<Reading, HashError> {
    let (username, name, digest) = credentials(source)?;
    let compute = move |password: &[u8]| Ok(Zeroizing::new(version_1(password, &name)?.to_vec()));
    Ok(Reading::trying(Cost::of(0, 2, unit::DIGEST), digest, compute)
        .with_username(&username)
        .digest_at(source, source.text, '0'))
}

fn read_msdcc2(source: &Source<'_>) -> Result<Reading, HashError> {
    let (username, name, digest) = credentials(source)?;
    let rounds = source.options.optional_integer(&ITERATIONS)?.unwrap_or(DEFAULT_ITERATIONS);
    source.bound("PBKDF2 iterations", rounds, source.limits.pbkdf2_rounds)?;
    let iterations = u32::try_from(rounds)
        .map_err(|_| HashError::option(source.scheme, ITERATIONS.wire, "more than 4294967295"))?;
    let verify = move |password: &[u8]| {
        let first = version_1(password, &name)?;
        let mut computed = Zeroizing::new([0; DIGEST_BYTES]);
        pbkdf2_hmac::<Sha1>(&*first, &name, iterations, &mut *computed);
        digest.matches(&*computed)
    };
    let cost = Cost::of(0, rounds, 2 * unit::DIGEST);
    let mut reading =
        Reading::new(cost, verify).with("iterations", rounds).with_username(&username);
    reading.options.insert(ITERATIONS.wire.to_owned(), rounds.into());
    Ok(reading)
}
