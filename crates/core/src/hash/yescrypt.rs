//! yescrypt (`$y$`), its GOST variant (`$gy$`) and scrypt as crypt(3) writes it (`$7$`).
//!
//! Parameters are numbers of variable length in crypt64. They are read here and not by the `yescrypt`
//! crate, which has no bounds.

use ::yescrypt::{Mode, Params};
use hmac::{Hmac, KeyInit as _, Mac as _};
use streebog::{Digest as _, Streebog256};
use zeroize::Zeroizing;

use super::cost::unit;
use super::crypt::{Format, Reading, Source};
use super::encoding::{crypt64, from_crypt64, to_crypt64};
use super::scheme::Scheme;
use super::scrypt::ScryptCost;
use super::work::Scrypt;
use super::{Cost, HashError, Standing, VerifyError};

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[
    &Format {
        name: "yescrypt",
        title: "yescrypt",
        standing: Standing::Current,
        recognises: |text| text.starts_with("$y$"),
        read: |source| read(source, "$y$", false),
        ..Format::LEGACY
    },
    &Format {
        name: "gost-yescrypt",
        title: "yescrypt under GOST R 34.11-2012",
        standing: Standing::Current,
        recognises: |text| text.starts_with("$gy$"),
        read: |source| read(source, "$gy$", true),
        ..Format::LEGACY
    },
    &Format {
        name: "scrypt-crypt",
        title: "scrypt of crypt(3)",
        recognises: |text| {
            // Mosquitto's `$7$` has a salt of its own between two `$`, and a longer digest.
            let parts = text.strip_prefix("$7$").and_then(|rest| rest.split_once('$'));
            parts.is_some_and(|(setting, digest)| {
                setting.len() >= SCRYPT_SETTING && digest.len() == DIGEST_CHARACTERS
            })
        },
        read: read_scrypt,
        ..Format::LEGACY
    },
];

/// 32 bytes.
const DIGEST_CHARACTERS: usize = 43;
/// One character of log2 N, five of r, five of p.
const SCRYPT_SETTING: usize = 11;
const MOST_SALT_BYTES: usize = 64;

fn read(source: &Source<'_>, prefix: &str, gost: bool) -> Result<Reading, HashError> {
    let (setting, rest) = source.split(source.after(prefix)?, '$', "parameters")?;
    let (salt_text, digest) = source.split(rest, '$', "salt")?;
    let digest = source.digest64(digest, DIGEST_CHARACTERS)?;
    let salt = from_crypt64(salt_text)
        .filter(|salt| (1..=MOST_SALT_BYTES).contains(&salt.len()))
        .ok_or_else(|| {
        source.error(salt_text, "the salt is not crypt64 (./0-9A-Za-z) of 1 to 64 bytes")
    })?;
    let parameters = Parameters::parse(setting)
        .ok_or_else(|| source.error(setting, "the parameters are not those of yescrypt"))?;
    let limits = source.limits;
    source.bound("memory in bytes", parameters.memory_bytes(), limits.scrypt_memory_bytes)?;
    source.bound("work (N r p (t + 1))", parameters.work(), limits.scrypt_work)?;
    let params = parameters
        .params()
        .ok_or_else(|| source.error(setting, "the parameters do not fit together"))?;
    let bytes = parameters.memory_bytes();
    let cost = Cost::of(bytes, parameters.work(), unit::SCRYPT_BLOCK);
    let scheme = source.scheme;
    // What the GOST variant hashes along: the text up to the salt.
    let outer = gost.then(|| source.text[..source.offset(salt_text) + salt_text.len()].to_owned());
    let verify = move |password: &[u8]| {
        let mut key = Zeroizing::new([0; 32]);
        derive(scheme, &params, parameters, (password, &salt), &mut key)?;
        if let Some(setting) = &outer {
            let hashed: Zeroizing<[u8; 32]> = Zeroizing::new(Streebog256::digest(password).into());
            let inner = streebog_hmac(scheme, &*hashed, setting.as_bytes())?;
            key = streebog_hmac(scheme, &*inner, &*key)?;
        }
        digest.matches(&to_crypt64(key.iter().copied()))
    };
    let Parameters { n_log2, r, p, t, .. } = parameters;
    let reading = Reading::new(cost, verify).with("N", 1_u64 << n_log2).with("r", r);
    let reading = if p == 1 { reading } else { reading.with("p", p) };
    Ok(if t == 0 { reading } else { reading.with("t", t) })
}

fn streebog_hmac(
    scheme: &'static str,
    key: &[u8],
    message: &[u8],
) -> Result<Zeroizing<[u8; 32]>, VerifyError> {
    let keyed = Hmac::<Streebog256>::new_from_slice(key);
    let keyed = keyed.map_err(|_| VerifyError::Primitive { scheme })?;
    Ok(Zeroizing::new(keyed.chain_update(message).finalize().into_bytes().into()))
}

/// The crate has checked that the parameters fit together.
#[cfg(feature = "kernels")]
fn derive(
    scheme: &'static str,
    params: &Params,
    parameters: Parameters,
    (password, salt): (&[u8], &[u8]),
    key: &mut [u8; 32],
) -> Result<(), VerifyError> {
    use rollbook_kernels::yescrypt::{self, Yescrypt};

    let Parameters { flavor, r, p, t, .. } = parameters;
    let bytes = parameters.memory_bytes();
    let shortage = || VerifyError::OutOfMemory { bytes };
    let size = |number: u64| usize::try_from(number).map_err(|_| shortage());
    let mode = match Mode::try_from(flavor).map_err(|_| VerifyError::Primitive { scheme })? {
        Mode::Classic => yescrypt::Mode::Classic,
        Mode::Worm => yescrypt::Mode::Worm,
        Mode::Rw => yescrypt::Mode::Rw,
    };
    let (n, r, p) = (size(params.n())?, size(r.into())?, size(p.into())?);
    let yescrypt = Yescrypt { mode, n, r, p, t };
    super::arena::with(yescrypt.lines(), |memory| yescrypt.derive(password, salt, memory, key))
        .ok_or_else(shortage)
}

/// Asks for memory that the crate is about to ask for, because it would not survive a refusal.
#[cfg(not(feature = "kernels"))]
fn derive(
    scheme: &'static str,
    params: &Params,
    parameters: Parameters,
    (password, salt): (&[u8], &[u8]),
    key: &mut [u8; 32],
) -> Result<(), VerifyError> {
    let bytes = parameters.memory_bytes();
    let size = usize::try_from(bytes).map_err(|_| VerifyError::OutOfMemory { bytes })?;
    let mut probe: Vec<u8> = Vec::new();
    probe.try_reserve_exact(size).map_err(|_| VerifyError::OutOfMemory { bytes })?;
    drop(probe);
    ::yescrypt::yescrypt(password, salt, params, key).map_err(|_| VerifyError::Primitive { scheme })
}

/// The parameters of yescrypt, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parameters {
    flavor: u32,
    n_log2: u32,
    r: u32,
    p: u32,
    t: u32,
}

impl Parameters {
    fn parse(text: &str) -> Option<Self> {
        let mut rest = text.as_bytes();
        let flavor = number(&mut rest, 0)?;
        let n_log2 = number(&mut rest, 1)?;
        let r = number(&mut rest, 1)?;
        let (mut p, mut t) = (1, 0);
        if !rest.is_empty() {
            // Which of p, t, g (upgrades) and NROM follow; nobody writes the last two.
            let have = number(&mut rest, 1)?;
            if have > 3 {
                return None;
            }
            if have & 1 != 0 {
                p = number(&mut rest, 2)?;
            }
            if have & 2 != 0 {
                t = number(&mut rest, 1)?;
            }
        }
        (rest.is_empty() && n_log2 <= 63).then_some(Self { flavor, n_log2, r, p, t })
    }

    /// Bytes that one computation allocates: V, B, scratch, and 12 KiB of S boxes for each of p.
    fn memory_bytes(self) -> u64 {
        let (n, r, p) = (1_u64 << self.n_log2, u64::from(self.r), u64::from(self.p));
        let blocks = n.saturating_add(p).saturating_add(2).saturating_mul(r).saturating_mul(128);
        blocks.saturating_add(p.saturating_mul(12 * 1024))
    }

    fn work(self) -> u64 {
        let passes = u64::from(self.t) + 1;
        [self.r.into(), self.p.into(), passes]
            .into_iter()
            .fold(1_u64 << self.n_log2, u64::saturating_mul)
    }

    fn params(self) -> Option<Params> {
        let Self { flavor, n_log2, r, p, t } = self;
        let mode = Mode::try_from(flavor).ok()?;
        Params::new_with_all_params(mode, 1 << n_log2, r, p, t, 0).ok()
    }
}

/// Reads one number from the front: as many leading characters as its size needs, then groups of six
/// bits, the most significant first. `least` is what 0 stands for.
fn number(text: &mut &[u8], least: u32) -> Option<u32> {
    let mut next = || {
        let (first, rest) = text.split_first()?;
        *text = rest;
        crypt64(*first).map(u32::from)
    };
    let first = next()?;
    let (mut value, mut start, mut end, mut bits) = (least, 0_u32, 47_u32, 0_u32);
    while first > end {
        value = value.checked_add((end + 1 - start).checked_shl(bits)?)?;
        start = end + 1;
        end = start + (62 - end) / 2;
        bits += 6;
        if bits > 24 {
            return None;
        }
    }
    value = value.checked_add((first - start) << bits)?;
    while bits > 0 {
        bits -= 6;
        value = value.checked_add(next()? << bits)?;
    }
    Some(value)
}

fn read_scrypt(source: &Source<'_>) -> Result<Reading, HashError> {
    let rest = source.after("$7$")?;
    let (setting, digest) =
        rest.rsplit_once('$').filter(|(s, _)| !s.contains('$')).ok_or_else(|| {
            source
                .error(rest, "not one `$` after the salt")
                .hint("scrypt-crypt has 11 characters of cost, a salt, `$` and 43 of digest; Mosquitto's $7$ is another format")
        })?;
    let digest = source.digest64(digest, DIGEST_CHARACTERS)?;
    let Some((costs, salt)) = setting.split_at_checked(SCRYPT_SETTING) else {
        return Err(source.error(setting, "no 11 characters of cost"));
    };
    super::encoding::check_crypt64(source.scheme, "cost", costs, source.offset(costs))?;
    // libsodium writes 43 characters.
    let salt = source.salt(salt, 0, 86)?;
    let n_log2 = costs.bytes().next().and_then(crypt64).unwrap_or(0);
    let [r, p] = [&costs[1..6], &costs[6..]].map(super::des::number);
    if n_log2 == 0 || r == 0 || p == 0 {
        return Err(source.error(costs, "N is 1, or r or p is 0"));
    }
    let cost = ScryptCost { n: 1 << n_log2, r: r.into(), p: p.into() };
    cost.check(source.scheme, source.limits)?;
    let recipe = move |password: &[u8]| {
        let password = Zeroizing::new(password.to_vec()).into();
        let salt = Zeroizing::new(salt.clone()).into();
        Ok(Scrypt { cost, password, salt, bytes: 32 }.into())
    };
    let encode = |key: &[u8]| to_crypt64(key.iter().copied());
    let mut reading = Reading::working(cost.cost(), digest, recipe, encode);
    reading.parameters = cost.parameters();
    Ok(reading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_to_six_characters() {
        let check = |text: &str, least, value| {
            let mut rest = text.as_bytes();
            assert_eq!(number(&mut rest, least), value, "{text}");
        };
        check(".", 0, Some(0));
        check(".", 1, Some(1));
        check("j", 0, Some(47));
        check("k.", 0, Some(48));
        check("zzzzzz", 0, None);
        check("k", 0, None);
        check("", 0, None);
        check("k!", 0, None);
    }

    #[test]
    fn parameters_of_each_kind() {
        let base = Parameters { flavor: 47, n_log2: 12, r: 32, p: 1, t: 0 };
        assert_eq!(Parameters::parse("j9T"), Some(base));
        assert_eq!(Parameters::parse("j9T.."), Some(Parameters { p: 2, ..base }));
        assert_eq!(Parameters::parse("j9T/."), Some(Parameters { t: 1, ..base }));
        assert_eq!(Parameters::parse("j9T0./"), Some(Parameters { p: 2, t: 2, ..base }));
        for bad in ["", "j", "j9", "j9T.", "j9T1.", "j9T...", "j9T!"] {
            assert_eq!(Parameters::parse(bad), None, "{bad}");
        }
    }
}
