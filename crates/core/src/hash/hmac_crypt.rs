//! Crypt formats of an iterated HMAC: NetBSD's `$sha1$`, and `{ssha1}`, `{ssha256}` and `{ssha512}` of AIX,
//! which are PBKDF2.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use zeroize::{Zeroize as _, Zeroizing};

use super::cost::unit;
use super::crypt::{Format, Reading, Source};
use super::encoding::to_crypt64;
use super::prf::{self, Prf};
use super::scheme::Scheme;
use super::work::Pbkdf2;
use super::{Cost, HashError, VerifyError};

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[
    &Format {
        name: "sha1crypt",
        title: "SHA-1 crypt of NetBSD",
        recognises: |text| text.starts_with("$sha1$"),
        read: read_sha1crypt,
        ..Format::LEGACY
    },
    &Format {
        name: "aix-ssha1",
        title: "PBKDF2 with SHA-1, of AIX",
        recognises: |text| text.starts_with("{ssha1}"),
        read: |source| read_aix(source, "{ssha1}", &prf::SHA1),
        ..Format::LEGACY
    },
    &Format {
        name: "aix-ssha256",
        title: "PBKDF2 with SHA-256, of AIX",
        // An LDAP scheme in lower case has base64 after it, which has no `$`.
        recognises: |text| text.starts_with("{ssha256}") && text.contains('$'),
        read: |source| read_aix(source, "{ssha256}", &prf::SHA256),
        ..Format::LEGACY
    },
    &Format {
        name: "aix-ssha512",
        title: "PBKDF2 with SHA-512, of AIX",
        recognises: |text| text.starts_with("{ssha512}") && text.contains('$'),
        read: |source| read_aix(source, "{ssha512}", &prf::SHA512),
        ..Format::LEGACY
    },
];

fn read_sha1crypt(source: &Source<'_>) -> Result<Reading, HashError> {
    let (number, rest) = source.split(source.after("$sha1$")?, '$', "rounds")?;
    let rounds = source.number(number, "rounds")?;
    if rounds > u64::from(u32::MAX) {
        return Err(source.error(number, "more rounds than 4294967295"));
    }
    let (salt, digest) = source.split(rest, '$', "salt")?;
    let salt = source.salt(salt, 1, 64)?;
    let digest = source.digest64(digest, 28)?;
    source.bound("rounds", rounds, source.limits.sha1crypt_rounds)?;
    let cost = Cost::of(0, rounds, 2 * unit::DIGEST);
    let mut message = salt;
    message.extend_from_slice(format!("$sha1${rounds}").as_bytes());
    let verify = move |password: &[u8]| digest.matches(&sha1crypt(password, &message, rounds)?);
    Ok(Reading::new(cost, verify).with("rounds", rounds))
}

/// Groups of three bytes, the last one first; the first byte is written again to fill the last group.
const SHA1_ORDER: [usize; 21] =
    [2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9, 14, 13, 12, 17, 16, 15, 0, 19, 18];

fn sha1crypt(
    password: &[u8],
    message: &[u8],
    rounds: u64,
) -> Result<Zeroizing<Vec<u8>>, VerifyError> {
    let primitive = |_| VerifyError::Primitive { scheme: "sha1crypt" };
    let keyed = Hmac::<Sha1>::new_from_slice(password).map_err(primitive)?;
    let mut state = keyed.clone().chain_update(message).finalize().into_bytes();
    for _ in 1..rounds {
        state = keyed.clone().chain_update(state).finalize().into_bytes();
    }
    let text = to_crypt64(SHA1_ORDER.map(|i| state[i]));
    state.as_mut_slice().zeroize();
    Ok(text)
}

fn read_aix(source: &Source<'_>, prefix: &str, prf: &'static Prf) -> Result<Reading, HashError> {
    let bytes = prf.bytes;
    let (cost, rest) = source.split(source.after(prefix)?, '$', "cost")?;
    let log2 = match cost.as_bytes() {
        [a @ b'0'..=b'3', b @ b'0'..=b'9'] => u32::from(a - b'0') * 10 + u32::from(b - b'0'),
        _ => return Err(source.error(cost, "the cost is not two digits up to 31")),
    };
    if !(4..=31).contains(&log2) {
        return Err(source.error(cost, format!("the cost {log2} is not between 4 and 31")));
    }
    let (salt, digest) = source.split(rest, '$', "salt")?;
    let salt = source.salt(salt, 1, 16)?;
    let digest = source.digest64(digest, (bytes * 8).div_ceil(6))?;
    let rounds = 1_u32 << log2;
    source.bound("PBKDF2 iterations", rounds.into(), source.limits.pbkdf2_rounds)?;
    // SHA-512 takes thrice as long as the others.
    let units = if bytes > 32 { 6 } else { 2 };
    let cost = Cost::of(0, rounds.into(), units * unit::DIGEST);
    let recipe = move |password: &[u8]| {
        let password = Zeroizing::new(password.to_vec()).into();
        let salt = Zeroizing::new(salt.clone()).into();
        Ok(Pbkdf2 { prf, password, salt, rounds, bytes }.into())
    };
    let encode = move |key: &[u8]| {
        // Groups of three bytes, the last one first. A last group that is not full is filled up with
        // zeros, and its text cut.
        let groups = key
            .chunks(3)
            .flat_map(|group| (0..3).rev().map(|i| group.get(i).copied().unwrap_or(0)));
        let mut text = to_crypt64(groups);
        text.truncate((bytes * 8).div_ceil(6));
        text
    };
    Ok(Reading::working(cost, digest, recipe, encode).with("log2 of the iterations", log2))
}
