//! Dovecot's unsalted MD5: `{PLAIN-MD5}`, and `{CRAM-MD5}`, which is HMAC-MD5 keyed and not yet fed.

use md5::block_api::compress;
use md5::{Digest as _, Md5};
use zeroize::{Zeroize as _, Zeroizing};

use super::cost::unit;
use super::crypt::{Case, Format, Reading, Source};
use super::scheme::Scheme;
use super::secret::Secret;
use super::{Cost, HashError};

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[
    &Format {
        name: "dovecot-plain-md5",
        title: "MD5 of Dovecot, unsalted",
        notes: &["equal passwords have equal hashes, and guessing is nearly free"],
        recognises: |text| text.starts_with(PLAIN),
        read: read_plain,
        ..Format::WEAK
    },
    &Format {
        name: "dovecot-cram-md5",
        title: "CRAM-MD5 of Dovecot, unsalted",
        notes: &[
            "equal passwords have equal hashes, and guessing is nearly free",
            "with the hash alone one can sign in over CRAM-MD5",
        ],
        recognises: |text| text.starts_with(CRAM),
        read: read_cram,
        ..Format::WEAK
    },
];

const PLAIN: &str = "{PLAIN-MD5}";
const CRAM: &str = "{CRAM-MD5}";
const BLOCK: usize = 64;

fn read_plain(source: &Source<'_>) -> Result<Reading, HashError> {
    let hex = source.after(PLAIN)?;
    let digest = Secret::new(source.hex(hex, 16, Case::Lower)?);
    let compute = |password: &[u8]| Zeroizing::new(Md5::digest(password).to_vec());
    let cost = Cost::of(0, 1, unit::DIGEST);
    Ok(Reading::comparing(cost, digest, compute).digest_at(source, hex, '0'))
}

fn read_cram(source: &Source<'_>) -> Result<Reading, HashError> {
    let hex = source.after(CRAM)?;
    let states = Secret::new(source.hex(hex, 32, Case::Lower)?);
    let cost = Cost::of(0, 1, unit::DIGEST);
    Ok(Reading::comparing(cost, states, cram).digest_at(source, hex, '0'))
}

/// The states of MD5 after the key's outer and its inner block (RFC 2104).
fn cram(password: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new([0; BLOCK]);
    if password.len() > BLOCK {
        let mut digest = Md5::digest(password);
        key[..16].copy_from_slice(&digest);
        digest.as_mut_slice().zeroize();
    } else {
        key[..password.len()].copy_from_slice(password);
    }
    let mut out = Zeroizing::new(Vec::with_capacity(32));
    for pad in [0x5c, 0x36] {
        let block = Zeroizing::new(key.map(|byte| byte ^ pad));
        // The initial state of RFC 1321, 3.3.
        let mut words = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
        compress(&mut words, std::slice::from_ref(&*block));
        for word in words {
            out.extend_from_slice(&word.to_le_bytes());
        }
        words.zeroize();
    }
    out
}
