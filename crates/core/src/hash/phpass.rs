//! Portable phpass, of WordPress and phpBB: `$P$B<8 characters of salt><22 of digest>`.
//!
//! phpass writes bcrypt or extended DES where the server has them, into the same column. Both are read
//! here too, because `phpass` is what such a table's owner says it is.

use md5::{Digest as _, Md5};
use zeroize::{Zeroize as _, Zeroizing};

use super::bcrypt::BcryptHash;
use super::cost::unit;
use super::des::ExtendedDes;
use super::encoding::{check_crypt64, crypt64};
use super::options::{Reader, options};
use super::recognise::foreign;
use super::scheme::{Parsed, Scheme};
use super::secret::Secret;
use super::work::{Chain, Function, Work};
use super::wrapped::{Wrapping, zeroed};
use super::{Cost, Explanation, HashError, HashOptions, Limits, Standing, VerifyError};

const NAME: &str = "phpass";
/// `$P$`, one character of cost, 8 of salt, 22 of digest.
const TEXT_BYTES: usize = 3 + 1 + 8 + DIGEST_CHARACTERS;
const DIGEST_CHARACTERS: usize = 22;

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[&PhpassScheme];

/// The scheme `phpass`.
#[derive(Debug)]
pub(super) struct PhpassScheme;

impl Scheme for PhpassScheme {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "phpass, of WordPress and phpBB"
    }

    fn recognises(&self, text: &str) -> bool {
        text.starts_with("$P$")
            || text.starts_with("$H$")
            || (text.starts_with('_') && text.len() == super::des::TEXT_BYTES)
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
        Reader::none(NAME, options, limits)?;
        let inner = match text.as_bytes() {
            [b'$', b'P' | b'H', b'$', ..] => Inner::Portable(Portable::parse(text, limits)?),
            [b'$', b'2', ..] => Inner::Bcrypt(BcryptHash::parse(text, limits)?),
            [b'_', ..] => Inner::Des(ExtendedDes::parse(NAME, text, limits)?),
            _ => return Err(foreign(NAME, "$P$ or $H$", text)),
        };
        Ok(Box::new(Phpass(inner)))
    }
}

/// What is in a column that phpass wrote.
#[derive(Debug)]
struct Phpass(Inner);

#[derive(Debug)]
enum Inner {
    Portable(Portable),
    Bcrypt(BcryptHash),
    Des(ExtendedDes),
}

impl Parsed for Phpass {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        match &self.0 {
            Inner::Portable(hash) => hash.verify(password),
            Inner::Bcrypt(hash) => hash.verify(password),
            Inner::Des(hash) => hash.verify(password),
        }
    }

    fn work<'a>(&'a self, password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        match &self.0 {
            Inner::Portable(hash) => Ok(Some(hash.work(password))),
            Inner::Bcrypt(hash) => hash.work(password),
            Inner::Des(_) => Ok(None),
        }
    }

    fn conclude(&self, outcome: &[u8]) -> Result<(), VerifyError> {
        match &self.0 {
            Inner::Portable(hash) => hash.conclude(outcome),
            Inner::Bcrypt(hash) => hash.conclude(outcome),
            Inner::Des(_) => Err(VerifyError::Primitive { scheme: NAME }),
        }
    }

    fn wrapping(&self, text: &str) -> Option<Wrapping<'_>> {
        let Inner::Portable(hash) = &self.0 else { return None };
        let skeleton = zeroed(text, TEXT_BYTES - DIGEST_CHARACTERS..text.len(), '.');
        Some(Wrapping { digest: hash.digest.bytes(), skeleton })
    }

    fn digest(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, VerifyError> {
        match &self.0 {
            Inner::Portable(hash) => Ok(spared(&hash.work(password).alone(NAME)?)),
            Inner::Bcrypt(_) | Inner::Des(_) => Err(VerifyError::Primitive { scheme: NAME }),
        }
    }

    fn options(&self) -> HashOptions {
        match &self.0 {
            Inner::Portable(hash) => options([
                ("type", NAME.into()),
                ("iteration_count_log2", hash.log2.into()),
                ("portable_hashes", true.into()),
            ]),
            Inner::Bcrypt(_) | Inner::Des(_) => {
                options([("type", NAME.into()), ("portable_hashes", false.into())])
            }
        }
    }

    fn is_self_contained(&self) -> bool {
        true
    }

    fn cost(&self) -> Cost {
        match &self.0 {
            Inner::Portable(hash) => Cost::of(0, 1 << hash.log2, unit::DIGEST),
            Inner::Bcrypt(hash) => hash.cost(),
            Inner::Des(hash) => Cost::of(0, hash.rounds().into(), unit::DES_ROUND),
        }
    }

    fn explain(&self) -> Explanation {
        match &self.0 {
            Inner::Portable(hash) => Explanation {
                scheme: NAME,
                title: "phpass, portable (iterated MD5)".to_owned(),
                parameters: vec![("log2 of the rounds", hash.log2.to_string())],
                cost: self.cost(),
                standing: Standing::Legacy,
                notes: Vec::new(),
            },
            Inner::Bcrypt(hash) => {
                Explanation { scheme: NAME, title: "phpass, bcrypt".to_owned(), ..hash.explain() }
            }
            Inner::Des(hash) => Explanation {
                scheme: NAME,
                title: "phpass, extended DES of BSDi".to_owned(),
                parameters: vec![("rounds", hash.rounds().to_string())],
                cost: self.cost(),
                standing: Standing::Legacy,
                notes: vec!["only 7 bits of every password byte count".to_owned()],
            },
        }
    }
}

#[derive(Debug)]
pub(super) struct Portable {
    log2: u32,
    salt: [u8; 8],
    digest: Secret,
}

impl Portable {
    pub(super) fn parse(text: &str, limits: &Limits) -> Result<Self, HashError> {
        let log2 = match text.as_bytes().get(3).copied().and_then(crypt64) {
            Some(log2) if (7..=30).contains(&log2) => u32::from(log2),
            Some(log2) => {
                let what = format!("the cost {log2} is not between 7 (`5`) and 30 (`S`)");
                return Err(HashError::malformed(NAME, what).at(3));
            }
            None => {
                let what = "no cost character of ./0-9A-Za-z";
                return Err(HashError::malformed(NAME, what).at(3));
            }
        };
        let (salt, digest) = match text.as_bytes().get(4..) {
            Some(rest) if text.len() == TEXT_BYTES => rest.split_at(8),
            _ => {
                let what = format!("{} characters where {TEXT_BYTES} are needed", text.len());
                return Err(HashError::malformed(NAME, what)
                    .hint("after the cost come 8 characters of salt and 22 of digest"));
            }
        };
        if log2 > limits.phpass_log2 {
            return Err(HashError::OverLimit {
                scheme: NAME,
                parameter: "log2 of the rounds",
                value: log2.into(),
                limit: limits.phpass_log2.into(),
            });
        }
        check_crypt64(NAME, "text", &text[3..], 3)?;
        let digest = decode(digest);
        let salt = salt.try_into().map_err(|_| HashError::malformed(NAME, "bad salt").at(4))?;
        Ok(Self { log2, salt, digest: Secret::new(digest) })
    }

    pub(super) fn log2(&self) -> u32 {
        self.log2
    }

    pub(super) fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        self.conclude(&self.work(password).alone(NAME)?)
    }

    pub(super) fn work<'a>(&self, password: &'a [u8]) -> Work<'a> {
        let (function, rounds) = (Function::Md5, 1 << self.log2);
        let mut state = Md5::new().chain_update(self.salt).chain_update(password).finalize();
        let first = Zeroizing::new(state.to_vec()).into();
        state.as_mut_slice().zeroize();
        Chain { function, first, suffix: password.into(), rounds }.into()
    }

    pub(super) fn conclude(&self, outcome: &[u8]) -> Result<(), VerifyError> {
        self.digest.matches(&spared(outcome))
    }
}

/// A digest as [`decode`] gives it.
fn spared(digest: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([digest, &[0]].concat())
}

/// 16 bytes of MD5, and the spare bits of the last character.
const DECODED_BYTES: usize = 17;

/// Decodes 22 characters of crypt64: 6 bits each, least significant first.
///
/// phpass compares texts, so a digest with spare bits set is well formed and matches nothing. Keeping
/// those bits in a 17th byte, which is 0 in every computed digest, has the same effect.
fn decode(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(DECODED_BYTES + 1);
    for group in text.chunks(4) {
        let sixes = group.iter().rev().filter_map(|character| crypt64(*character));
        let value = sixes.fold(0, |value, six| value << 6 | u32::from(six));
        bytes.extend_from_slice(&value.to_le_bytes()[..3]);
    }
    bytes.truncate(DECODED_BYTES);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_decode_to_one_value() {
        let check = |end: &str, last: [u8; 2]| {
            let decoded = decode(format!("z/..................{end}").as_bytes());
            assert_eq!(decoded.len(), DECODED_BYTES);
            assert_eq!((decoded[0], &decoded[15..]), (0x7f, &last[..]), "{end}");
        };
        check("..", [0, 0]);
        check("z1", [0xff, 0]);
        check("z2", [0x3f, 1]);
    }
}
