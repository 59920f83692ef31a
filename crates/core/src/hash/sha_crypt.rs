//! SHA-crypt of Ulrich Drepper (`$5$`, `$6$`), and `MySQL`'s `caching_sha2_password`, which is its SHA-256
//! with a longer salt.
//!
//! Its work grows with the password's length as with the rounds, so that both are bounded
//! (CVE-2016-20013).

use sha2::{Digest, Sha256, Sha512};
use zeroize::{Zeroize as _, Zeroizing};

use super::cost::unit;
use super::crypt::{Case, Format, Reading, Source};
use super::encoding::{check_crypt64, to_crypt64};
use super::scheme::Scheme;
use super::secret::Secret;
use super::work::{Crypt, Function, Work};
use super::{Cost, HashError, VerifyError};

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[
    &Format {
        name: "sha256crypt",
        title: "SHA-256 crypt",
        recognises: |text| looks(text, "$5$", SHA256_CHARACTERS),
        read: |source| read(source, "$5$", Function::Sha256),
        ..Format::LEGACY
    },
    &Format {
        name: "sha512crypt",
        title: "SHA-512 crypt",
        // Mosquitto's `$6$` ends in base64 with padding.
        recognises: |text| looks(text, "$6$", SHA512_CHARACTERS),
        read: |source| read(source, "$6$", Function::Sha512),
        ..Format::LEGACY
    },
    &Format {
        name: "mysql-caching-sha2",
        title: "caching_sha2_password of MySQL",
        recognises: |text| text.starts_with(MYSQL),
        read: read_mysql,
        ..Format::LEGACY
    },
];

const SHA256_CHARACTERS: usize = 43;
const SHA512_CHARACTERS: usize = 86;
/// The rounds that are meant when none are given.
const DEFAULT_ROUNDS: u64 = 5000;
/// `crypt_gensalt` and Drepper's code write other numbers as the nearest of these.
const ROUNDS: std::ops::RangeInclusive<u64> = 1000..=999_999_999;
const MYSQL: &str = "$mysql$A$";

fn looks(text: &str, prefix: &str, characters: usize) -> bool {
    text.strip_prefix(prefix).and_then(|rest| rest.rsplit_once('$')).is_some_and(
        |(salt, digest)| {
            // The salt, or the rounds and the salt.
            salt.matches('$').count() <= 1
                && digest.len() == characters
                && check_crypt64("", "", digest, 0).is_ok()
        },
    )
}

fn read(source: &Source<'_>, prefix: &str, function: Function) -> Result<Reading, HashError> {
    let mut rest = source.after(prefix)?;
    let mut rounds = DEFAULT_ROUNDS;
    if let Some(after) = rest.strip_prefix("rounds=") {
        let (number, after) = source.split(after, '$', "rounds")?;
        rounds = source.number(number, "rounds")?;
        if !ROUNDS.contains(&rounds) {
            let what = format!("{rounds} rounds are not between 1000 and 999999999");
            return Err(source.error(number, what));
        }
        rest = after;
    }
    let (salt, digest) = source.split(rest, '$', "salt")?;
    let salt = source.salt(salt, 0, 16)?;
    let digest = source.digest64(digest, (function.bytes() * 8).div_ceil(6))?;
    reading(source, salt, rounds, digest, function)
}

/// `$mysql$A$<rounds in thousands, hex>*<salt, hex>*<digest's text, hex>`: the column's bytes, which no
/// text can carry, as hashcat and John write them.
fn read_mysql(source: &Source<'_>) -> Result<Reading, HashError> {
    let (thousands, rest) = source.split(source.after(MYSQL)?, '*', "rounds")?;
    let number = (thousands.len() == 3 && thousands.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| u64::from_str_radix(thousands, 16).ok())
        .flatten()
        .filter(|number| *number > 0)
        .ok_or_else(|| source.error(thousands, "the rounds are not three hex digits over 000"))?;
    let (salt, hex) = source.split(rest, '*', "salt")?;
    let salt = source.hex(salt, 20, Case::Any)?;
    let digest = source.hex(hex, SHA256_CHARACTERS, Case::Any)?;
    if digest.iter().any(|byte| super::encoding::crypt64(*byte).is_none()) {
        return Err(source.error(hex, "the digest is not hex of characters of ./0-9A-Za-z"));
    }
    reading(source, salt, number * 1000, Secret::new(digest), Function::Sha256)
}

fn reading(
    source: &Source<'_>,
    salt: Vec<u8>,
    rounds: u64,
    digest: Secret,
    function: Function,
) -> Result<Reading, HashError> {
    source.bound("rounds", rounds, source.limits.sha_crypt_rounds)?;
    let most = source.limits.crypt_password_bytes;
    let cost = Cost::of(0, rounds, 2 * unit::DIGEST);
    let rounds = u32::try_from(rounds)
        .map_err(|_| HashError::malformed(source.scheme, "more rounds than 4294967295"))?;
    let recipe = move |password: &[u8]| {
        check_length(password, most)?;
        Ok(match function {
            Function::Sha512 => work::<Sha512>(function, password, &salt, rounds),
            _ => work::<Sha256>(function, password, &salt, rounds),
        })
    };
    let order = if function == Function::Sha512 { &SHA512_ORDER[..] } else { &SHA256_ORDER };
    let encode = |state: &[u8]| to_crypt64(order.iter().filter_map(|i| state.get(*i).copied()));
    Ok(Reading::working(cost, digest, recipe, encode).with("rounds", rounds))
}

/// Refuses a password over `Limits::crypt_password_bytes`.
pub(super) fn check_length(password: &[u8], most: usize) -> Result<(), VerifyError> {
    if password.len() <= most {
        return Ok(());
    }
    Err(VerifyError::PasswordTooLong { bytes: password.len() as u64, limit: most as u64 })
}

#[rustfmt::skip]
const SHA256_ORDER: [usize; 32] = [
    20, 10, 0, 11, 1, 21, 2, 22, 12, 23, 13, 3, 14, 4, 24, 5, 25, 15, 26, 16, 6, 17, 7, 27,
    8, 28, 18, 29, 19, 9, 30, 31,
];

#[rustfmt::skip]
const SHA512_ORDER: [usize; 64] = [
    42, 21, 0, 1, 43, 22, 23, 2, 44, 45, 24, 3, 4, 46, 25, 26, 5, 47, 48, 27, 6, 7, 49, 28,
    29, 8, 50, 51, 30, 9, 10, 52, 31, 32, 11, 53, 54, 33, 12, 13, 55, 34, 35, 14, 56, 57, 36, 15,
    16, 58, 37, 38, 17, 59, 60, 39, 18, 19, 61, 40, 41, 20, 62, 63,
];

/// Drepper's steps 1 to 20 and the rounds; his digest A is `first`, his sequences P and S the two that are
/// repeated.
fn work<D: Digest>(function: Function, password: &[u8], salt: &[u8], rounds: u32) -> Work<'static> {
    let mut both =
        D::new().chain_update(password).chain_update(salt).chain_update(password).finalize();
    let mut first = D::new().chain_update(password).chain_update(salt);
    for chunk in password.chunks(both.len()) {
        first.update(&both[..chunk.len()]);
    }
    let mut length = password.len();
    while length > 0 {
        first.update(if length & 1 == 1 { &both } else { password });
        length >>= 1;
    }
    both.as_mut_slice().zeroize();
    let mut state = first.finalize();
    let password = repeated::<D>(password, password.len(), password.len()).into();
    let salt = repeated::<D>(salt, 16 + usize::from(state[0]), salt.len()).into();
    let first = Zeroizing::new(state.to_vec()).into();
    state.as_mut_slice().zeroize();
    Crypt { function, first, password, salt, rounds }.into()
}

/// The digest of `times` copies of `text`, repeated over `bytes` bytes.
fn repeated<D: Digest>(text: &[u8], times: usize, bytes: usize) -> Zeroizing<Vec<u8>> {
    let mut digest = D::new();
    for _ in 0..times {
        digest.update(text);
    }
    let digest = digest.finalize();
    Zeroizing::new(digest.iter().copied().cycle().take(bytes).collect())
}
