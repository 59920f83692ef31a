//! Firebase's scrypt: the derived key does not get stored but encrypts the project's signer key.
//!
//! `AES-256-CTR(scrypt(password, salt || separator, N = 2^14, r = 8, p = 1)[..32], iv = 0)` over the
//! signer key, in base64. Rounds and memory cost are those of every Firebase project seen; Appwrite
//! fixes them too. Exports print the hash in either base64 alphabet, so both are read.

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use zeroize::Zeroizing;

use super::encoding::{Base64, looks_like_hex};
use super::options::{Key, Reader, SALT, SALT_SEPARATOR, SIGNER_KEY, options};
use super::scheme::{Parsed, Scheme};
use super::scrypt::ScryptCost;
use super::secret::Secret;
use super::work::Work;
use super::{Cost, Explanation, HashError, HashOptions, Limits, Standing, VerifyError};

const NAME: &str = "scryptMod";
const COST: ScryptCost = ScryptCost { n: 1 << 14, r: 8, p: 1 };
pub(super) const SIGNER_KEY_BYTES: std::ops::RangeInclusive<usize> = 16..=512;
pub(super) const SALT_BYTES: std::ops::RangeInclusive<usize> = 1..=128;
pub(super) const SEPARATOR_BYTES: std::ops::RangeInclusive<usize> = 0..=128;

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[&ScryptModifiedScheme];

/// The scheme `scryptMod`.
#[derive(Debug)]
pub(super) struct ScryptModifiedScheme;

impl Scheme for ScryptModifiedScheme {
    fn name(&self) -> &'static str {
        NAME
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["scrypt-modified"]
    }

    fn title(&self) -> &'static str {
        "scrypt of Firebase, with a signer key"
    }

    fn is_weak(&self) -> bool {
        false
    }

    fn parse(
        &self,
        text: &str,
        options: &HashOptions,
        limits: &Limits,
    ) -> Result<Box<dyn Parsed>, HashError> {
        COST.check(NAME, limits)?;
        let reader = Reader::new(NAME, options, limits, &[&SALT, &SALT_SEPARATOR, &SIGNER_KEY])?;
        let option = |key: &Key, range: std::ops::RangeInclusive<usize>| {
            let text = reader.required_text(key)?;
            let bytes = Base64::Standard.decode_option(NAME, key.wire, text)?;
            if !range.contains(&bytes.len()) {
                let (least, most) = (range.start(), range.end());
                let reason = format!("{} bytes are not between {least} and {most}", bytes.len());
                return Err(HashError::option(NAME, key.wire, reason));
            }
            Ok(bytes)
        };
        let mut salt = option(&SALT, SALT_BYTES)?;
        salt.extend(option(&SALT_SEPARATOR, SEPARATOR_BYTES)?);
        let signer_key = Secret::new(option(&SIGNER_KEY, SIGNER_KEY_BYTES)?);
        let url_safe = text.contains(['-', '_']);
        let alphabet = if url_safe { Base64::UrlSafe } else { Base64::Standard };
        let hash = Secret::new(alphabet.decode(NAME, "text", text, 0)?);
        if hash.len() != signer_key.len() {
            let (found, wanted) = (hash.len(), signer_key.len());
            let what = format!("{found} bytes where the signer key has {wanted}");
            let error = HashError::malformed(NAME, what);
            // Hex is base64 as well, but of more bytes.
            let hex = looks_like_hex(reader.required_text(&SIGNER_KEY)?);
            let hint = "the signer key looks like hex where base64 is needed";
            return Err(if hex { error.hint(hint) } else { error });
        }
        let shown = |key: &Key| reader.required_text(key).map(str::to_owned);
        Ok(Box::new(ScryptModifiedHash {
            signed: Signed { salt, signer_key, hash },
            shown: [shown(&SIGNER_KEY)?, shown(&SALT_SEPARATOR)?, shown(&SALT)?],
        }))
    }
}

/// Bytes that are derived, of which the cipher takes half.
const KEY_BYTES: usize = 64;

/// A signer key, and its encryption under a password.
#[derive(Debug)]
pub(super) struct Signed {
    /// Salt and separator, joined.
    pub(super) salt: Vec<u8>,
    pub(super) signer_key: Secret,
    pub(super) hash: Secret,
}

impl Signed {
    pub(super) fn verify(
        &self,
        scheme: &'static str,
        cost: ScryptCost,
        password: &[u8],
    ) -> Result<(), VerifyError> {
        self.conclude(scheme, &self.work(cost, password).alone(scheme)?)
    }

    pub(super) fn work<'a>(&'a self, cost: ScryptCost, password: &'a [u8]) -> Work<'a> {
        cost.work(password, &self.salt, KEY_BYTES)
    }

    /// Encrypts the signer key under what was derived.
    pub(super) fn conclude(&self, scheme: &'static str, key: &[u8]) -> Result<(), VerifyError> {
        let key = key.get(..32).unwrap_or_default();
        let mut cipher = Ctr128BE::<Aes256>::new_from_slices(key, &[0; 16])
            .map_err(|_| VerifyError::Primitive { scheme })?;
        let mut encrypted = Zeroizing::new(self.signer_key.bytes().to_vec());
        cipher.apply_keystream(&mut encrypted);
        self.hash.matches(&encrypted)
    }
}

struct ScryptModifiedHash {
    signed: Signed,
    /// Signer key, separator and salt as they were given.
    shown: [String; 3],
}

impl std::fmt::Debug for ScryptModifiedHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScryptModifiedHash").finish_non_exhaustive()
    }
}

impl Parsed for ScryptModifiedHash {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        self.signed.verify(NAME, COST, password)
    }

    fn work<'a>(&'a self, password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        Ok(Some(self.signed.work(COST, password)))
    }

    fn conclude(&self, outcome: &[u8]) -> Result<(), VerifyError> {
        self.signed.conclude(NAME, outcome)
    }

    fn options(&self) -> HashOptions {
        let [signer_key, separator, salt] = &self.shown;
        options([
            (SIGNER_KEY.wire, signer_key.as_str().into()),
            (SALT_SEPARATOR.wire, separator.as_str().into()),
            (SALT.wire, salt.as_str().into()),
            ("type", NAME.into()),
        ])
    }

    fn is_self_contained(&self) -> bool {
        false
    }

    fn cost(&self) -> Cost {
        COST.cost()
    }

    fn explain(&self) -> Explanation {
        Explanation {
            scheme: NAME,
            title: "scrypt of Firebase".to_owned(),
            parameters: COST.parameters(),
            cost: self.cost(),
            standing: Standing::Legacy,
            notes: vec!["the signer key is a secret of the whole Firebase project".to_owned()],
        }
    }
}
