//! The DES formats of crypt(3): the traditional one of 13 characters, `bigcrypt` of longer passwords, and
//! `BSDi`'s extended one, which phpass writes too.

use zeroize::Zeroizing;

use super::cost::unit;
use super::crypt::{Format, Reading, Source};
use super::des::{self, ExtendedDes, Schedule};
use super::encoding::{crypt64, most_significant_first};
use super::recognise::hint;
use super::scheme::Scheme;
use super::{Cost, HashError, VerifyError};

/// The schemes of this file. None is found by its looks: 13 characters may be anything, and what begins
/// with `_` is what phpass says it is.
pub(super) static SCHEMES: &[&dyn Scheme] = &[
    &Format {
        name: "descrypt",
        title: "DES crypt",
        notes: &["only the first 8 bytes of a password count, and 7 bits of each"],
        read: |source| read(source, 1),
        ..Format::WEAK
    },
    &Format {
        name: "bigcrypt",
        title: "bigcrypt (DES crypt of 8 bytes at a time)",
        notes: &[
            "every 8 bytes of a password can be guessed by themselves",
            "only 7 bits of every password byte count",
        ],
        read: |source| read(source, MOST_SEGMENTS),
        ..Format::WEAK
    },
    &Format {
        name: "bsdicrypt",
        title: "extended DES crypt of BSDi",
        notes: &["only 7 bits of every password byte count"],
        read: read_extended,
        ..Format::WEAK
    },
];

const ROUNDS: u32 = 25;
const SALT_CHARACTERS: usize = 2;
const SEGMENT_CHARACTERS: usize = 11;
const SEGMENT_BYTES: usize = 8;
/// 128 bytes of password.
const MOST_SEGMENTS: usize = 16;

fn read(source: &Source<'_>, most: usize) -> Result<Reading, HashError> {
    let text = source.text;
    let bytes = text.len().saturating_sub(SALT_CHARACTERS);
    let segments = bytes / SEGMENT_CHARACTERS;
    if text.bytes().any(|byte| crypt64(byte).is_none()) {
        return Err(source.foreign("characters of ./0-9A-Za-z"));
    }
    if !bytes.is_multiple_of(SEGMENT_CHARACTERS) || !(1..=most).contains(&segments) {
        let needed = match most {
            1 => "13 are needed: 2 of salt and 11 of digest".to_owned(),
            _ => format!("2 of salt and 11 for each of up to {most} segments are needed"),
        };
        let what = format!("{} characters where {needed}", text.len());
        let error = HashError::malformed(source.scheme, what);
        return Err(match hint(source.scheme, text) {
            Some(hint) => error.hint(hint),
            None => error,
        });
    }
    let (salt, part) = text.split_at(SALT_CHARACTERS);
    let salt = des::number(salt);
    let digest = source.digest64(part, segments * SEGMENT_CHARACTERS)?;
    let count = ROUNDS * u32::try_from(segments).unwrap_or(1);
    let cost = Cost::of(0, count.into(), unit::DES_ROUND);
    // A longer password has more segments, unless there are as many as there can be.
    let whole = most > 1 && segments < most;
    let compute = move |password: &[u8]| {
        // crypt(3) would end it at a NUL.
        let longer = whole && password.len() > segments * SEGMENT_BYTES;
        if longer || password.contains(&0) {
            return Err(VerifyError::Mismatch);
        }
        Ok(compute(password, salt, segments))
    };
    let reading = Reading::trying(cost, digest, compute).digest_at(source, part, '.');
    Ok(if segments == 1 { reading } else { reading.with("segments", segments) })
}

/// The text of the password's segments, but of no more than `segments`.
fn compute(password: &[u8], mut salt: u32, segments: usize) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(segments * SEGMENT_CHARACTERS + 1));
    let mut parts = password.chunks(SEGMENT_BYTES);
    for i in 0..segments {
        let part = match parts.next() {
            Some(part) => part,
            None if i == 0 => &[],
            None => break,
        };
        let key = des::fold_password(part);
        let segment = most_significant_first(Schedule::new(*key).encrypt(0, salt, ROUNDS));
        // The next salt is the beginning of this segment's text.
        salt = des::number_of(&segment[..SALT_CHARACTERS]);
        text.extend_from_slice(&*segment);
    }
    text
}

fn read_extended(source: &Source<'_>) -> Result<Reading, HashError> {
    if !source.text.starts_with('_') {
        return Err(source.foreign("`_`"));
    }
    let hash = ExtendedDes::parse(source.scheme, source.text, source.limits)?;
    let rounds = hash.rounds();
    let cost = Cost::of(0, rounds.into(), unit::DES_ROUND);
    Ok(Reading::new(cost, move |password| hash.verify(password)).with("rounds", rounds))
}
