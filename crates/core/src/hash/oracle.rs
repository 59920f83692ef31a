//! The password columns of Oracle: 10g's DES, 11g's salted SHA-1 (`S:`) and 12c's PBKDF2 (`T:`).

use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

use super::cost::unit;
use super::crypt::{Case, Format, Reading, Source, USERNAME};
use super::des::Schedule;
use super::scheme::Scheme;
use super::secret::Secret;
use super::windows::utf16;
use super::{Cost, HashError, VerifyError};

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[
    &Format {
        name: "oracle10",
        title: "Oracle 7 to 10g (DES)",
        options: &[&USERNAME],
        notes: &["the case of a password does not count, and the salt is the name of the account"],
        read: read_10,
        ..Format::WEAK
    },
    &Format {
        name: "oracle11",
        title: "Oracle 11g (SHA-1, salted)",
        recognises: |text| text.len() == 62 && text.starts_with("S:"),
        read: read_11,
        ..Format::BROKEN
    },
    &Format {
        name: "oracle12",
        title: "Oracle 12c (PBKDF2 with SHA-512)",
        recognises: |text| text.len() == 162 && text.starts_with("T:"),
        read: read_12,
        ..Format::LEGACY
    },
];

fn read_10(source: &Source<'_>) -> Result<Reading, HashError> {
    let digest = Secret::new(source.hex(source.text, 8, Case::Any)?);
    let username = source.username()?.to_owned();
    let name = username.to_uppercase();
    let compute = move |password: &[u8]| {
        let password = std::str::from_utf8(password).map_err(|_| VerifyError::Mismatch)?;
        let mut both = Zeroizing::new(String::with_capacity(name.len() + 3 * password.len()));
        both.push_str(&name);
        both.extend(password.chars().flat_map(char::to_uppercase));
        let text = utf16(&both, u16::to_be_bytes);
        let key = last_block(0x0123_4567_89ab_cdef, &text);
        Ok(Zeroizing::new(last_block(*key, &text).to_be_bytes().to_vec()))
    };
    Ok(Reading::trying(Cost::of(0, 8, unit::DES_ROUND), digest, compute)
        .with_username(&username)
        .digest_at(source, source.text, '0'))
}

/// The last block of DES in CBC mode, from a block of zeros, over a text filled up with zeros.
fn last_block(key: u64, text: &[u8]) -> Zeroizing<u64> {
    let schedule = Schedule::new(key);
    let mut state = Zeroizing::new(0);
    for chunk in text.chunks(8) {
        let mut block = Zeroizing::new([0; 8]);
        block[..chunk.len()].copy_from_slice(chunk);
        *state = schedule.encrypt(*state ^ u64::from_be_bytes(*block), 0, 1);
    }
    state
}

/// `S:`, 20 bytes of digest and 10 of salt.
fn read_11(source: &Source<'_>) -> Result<Reading, HashError> {
    let hex = source.after("S:")?;
    let bytes = source.hex(hex, 30, Case::Any)?;
    let (digest, salt) = bytes.split_at(20);
    let (digest, salt) = (Secret::new(digest.to_vec()), salt.to_vec());
    let compute = move |password: &[u8]| {
        let digest = Sha1::new().chain_update(password).chain_update(&salt).finalize();
        Zeroizing::new(digest.to_vec())
    };
    let cost = Cost::of(0, 1, unit::DIGEST);
    Ok(Reading::comparing(cost, digest, compute).digest_at(source, &hex[..40], '0'))
}

const ITERATIONS_12: u32 = 4096;

/// `T:`, 64 bytes of digest and 16 of salt.
fn read_12(source: &Source<'_>) -> Result<Reading, HashError> {
    let bytes = source.hex(source.after("T:")?, 80, Case::Any)?;
    let (digest, salt) = bytes.split_at(64);
    let (digest, salt) = (Secret::new(digest.to_vec()), salt.to_vec());
    let long_salt = [&*salt, b"AUTH_PBKDF2_SPEEDY_KEY"].concat();
    source.bound("PBKDF2 iterations", ITERATIONS_12.into(), source.limits.pbkdf2_rounds)?;
    let cost = Cost::of(0, ITERATIONS_12.into(), 6 * unit::DIGEST);
    let verify = move |password: &[u8]| {
        let mut key = Zeroizing::new([0; 64]);
        pbkdf2_hmac::<Sha512>(password, &long_salt, ITERATIONS_12, &mut *key);
        digest.matches(&Sha512::new().chain_update(key.as_slice()).chain_update(&salt).finalize())
    };
    Ok(Reading::new(cost, verify).with("iterations", ITERATIONS_12))
}
