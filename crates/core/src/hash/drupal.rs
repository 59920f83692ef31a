//! Drupal 7: phpass with SHA-512, cut to 55 characters (`$S$D<8 of salt><43 of digest>`).
//!
//! A `U` before it, or before phpass's own `$P$`, says that the password was in MD5 already when Drupal 7
//! came, and that what is hashed is its hex.

use md5::{Digest as _, Md5};
use sha2::Sha512;
use zeroize::{Zeroize as _, Zeroizing};

use super::cost::unit;
use super::crypt::{Format, Reading, Source, moved};
use super::encoding::{check_crypt64, crypt64, to_crypt64};
use super::phpass::Portable;
use super::scheme::Scheme;
use super::secret::Secret;
use super::sha_crypt::check_length;
use super::work::{Chain, Function, Work};
use super::{Cost, HashError};

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[&Format {
    name: "drupal7",
    title: "Drupal 7 (iterated SHA-512)",
    recognises: |text| {
        let text = text.strip_prefix('U').map_or((text, false), |rest| (rest, true));
        text.0.starts_with("$S$")
            || (text.1 && ["$P$", "$H$"].iter().any(|p| text.0.starts_with(p)))
    },
    read,
    ..Format::LEGACY
}];

/// `$S$`, one character of cost, 8 of salt, 43 of the digest's 86.
const TEXT_BYTES: usize = 3 + 1 + 8 + DIGEST_CHARACTERS;
const DIGEST_CHARACTERS: usize = 43;

fn read(source: &Source<'_>) -> Result<Reading, HashError> {
    let (text, of_md5) = match source.text.strip_prefix('U') {
        Some(rest) => (rest, true),
        None => (source.text, false),
    };
    let reading = if of_md5 && (text.starts_with("$P$") || text.starts_with("$H$")) {
        let hash = Portable::parse(text, source.limits).map_err(|error| moved(error, 1))?;
        let cost = Cost::of(0, 1 << hash.log2(), unit::DIGEST);
        let log2 = hash.log2();
        Reading::new(cost, move |password| hash.verify(&*md5_hex(password)))
            .with("log2 of the rounds", log2)
            .with("digest", "MD5")
    } else {
        read_sha512(source, text, of_md5)?
    };
    Ok(if of_md5 { reading.with("of", "the password's MD5") } else { reading })
}

fn read_sha512(source: &Source<'_>, text: &str, of_md5: bool) -> Result<Reading, HashError> {
    if !text.starts_with("$S$") {
        return Err(source.foreign("$S$, U$S$ or U$P$"));
    }
    if text.len() != TEXT_BYTES {
        let what = format!("{} characters where {TEXT_BYTES} are needed", text.len());
        return Err(HashError::malformed(source.scheme, what)
            .hint("`$S$`, one character of cost, 8 of salt and 43 of digest"));
    }
    check_crypt64(source.scheme, "text", &text[3..], source.offset(&text[3..]))?;
    let log2 = text.as_bytes().get(3).copied().and_then(crypt64).map_or(0, u32::from);
    if !(7..=30).contains(&log2) {
        let what = format!("the cost {log2} is not between 7 (`5`) and 30 (`S`)");
        return Err(source.error(&text[3..], what));
    }
    source.bound("log2 of the rounds", log2.into(), source.limits.drupal_log2.into())?;
    let (salt, digest) = text[4..].split_at(8);
    let salt = salt.as_bytes().to_vec();
    let digest = Secret::new(digest.as_bytes().to_vec());
    let most = source.limits.crypt_password_bytes;
    let cost = Cost::of(0, 1 << log2, 4 * unit::DIGEST);
    let recipe = move |password: &[u8]| {
        check_length(password, most)?;
        Ok(if of_md5 {
            work(&*md5_hex(password), &salt, log2)
        } else {
            work(password, &salt, log2)
        })
    };
    let encode = |state: &[u8]| {
        let mut text = to_crypt64(state.iter().copied());
        text.truncate(DIGEST_CHARACTERS);
        text
    };
    Ok(Reading::working(cost, digest, recipe, encode).with("log2 of the rounds", log2))
}

fn work(password: &[u8], salt: &[u8], log2: u32) -> Work<'static> {
    let mut state = Sha512::new().chain_update(salt).chain_update(password).finalize();
    let first = Zeroizing::new(state.to_vec()).into();
    state.as_mut_slice().zeroize();
    let suffix = Zeroizing::new(password.to_vec()).into();
    Chain { function: Function::Sha512, first, suffix, rounds: 1 << log2 }.into()
}

fn md5_hex(password: &[u8]) -> Zeroizing<[u8; 32]> {
    let digest = Md5::digest(password);
    let mut hex = Zeroizing::new([0; 32]);
    for (pair, byte) in hex.chunks_exact_mut(2).zip(digest) {
        for (slot, nibble) in pair.iter_mut().zip([byte >> 4, byte & 15]) {
            *slot = b"0123456789abcdef"[usize::from(nibble)];
        }
    }
    hex
}
