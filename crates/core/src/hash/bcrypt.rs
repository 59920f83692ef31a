//! bcrypt: `$2y$10$<22 characters of salt><31 of digest>`.
//!
//! At most 72 bytes of a password count. A NUL byte is data and does not end the password. `$2x$` is
//! a different function: the one of `crypt_blowfish` before 2011 with its sign extension
//! (CVE-2011-2483).

use zeroize::Zeroizing;

use super::cost::{BCRYPT_BYTES, unit};
use super::encoding::Base64;
use super::options::{Reader, options};
use super::recognise::foreign;
use super::scheme::{Parsed, Scheme};
use super::secret::Secret;
use super::work::{self, Work};
use super::{Cost, Explanation, HashError, HashOptions, Limits, Standing, VerifyError};

const NAME: &str = "bcrypt";
/// Blowfish's P array takes 18 words of key.
const KEY_BYTES: usize = 72;
/// `$2y$10$`, the salt, the digest.
const TEXT_BYTES: usize = 7 + 22 + 31;

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[&BcryptScheme];

/// The scheme `bcrypt`.
#[derive(Debug)]
pub(super) struct BcryptScheme;

impl Scheme for BcryptScheme {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "bcrypt"
    }

    fn recognises(&self, text: &str) -> bool {
        Minor::of(text).is_some()
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
        Ok(Box::new(BcryptHash::parse(text, limits)?))
    }
}

#[derive(Debug)]
pub(super) struct BcryptHash {
    minor: Minor,
    cost: u32,
    salt: [u8; 16],
    digest: Secret,
}

/// The letter after `$2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Minor {
    A,
    B,
    X,
    Y,
}

impl Minor {
    fn of(text: &str) -> Option<Self> {
        match text.as_bytes() {
            [b'$', b'2', b'a', b'$', ..] => Some(Self::A),
            [b'$', b'2', b'b', b'$', ..] => Some(Self::B),
            [b'$', b'2', b'x', b'$', ..] => Some(Self::X),
            [b'$', b'2', b'y', b'$', ..] => Some(Self::Y),
            _ => None,
        }
    }
}

impl BcryptHash {
    pub(super) fn parse(text: &str, limits: &Limits) -> Result<Self, HashError> {
        let minor =
            Minor::of(text).ok_or_else(|| foreign(NAME, "$2a$, $2b$, $2x$ or $2y$", text))?;
        let [a, b, b'$', ..] = text.as_bytes()[4..] else {
            return Err(HashError::malformed(NAME, "no cost of two digits and `$` after it").at(4));
        };
        if !(a.is_ascii_digit() && b.is_ascii_digit()) {
            return Err(HashError::malformed(NAME, "the cost is not two digits").at(4));
        }
        let cost = u32::from(a - b'0') * 10 + u32::from(b - b'0');
        if !(4..=31).contains(&cost) {
            let what = format!("the cost {cost} is not between 4 and 31");
            return Err(HashError::malformed(NAME, what).at(4));
        }
        if text.len() != TEXT_BYTES || !text.is_ascii() {
            let what = format!("{} characters where {TEXT_BYTES} are needed", text.len());
            let cut = if text.len() < TEXT_BYTES { "the text was cut; " } else { "" };
            return Err(HashError::malformed(NAME, what)
                .hint(format!("{cut}after the cost come 22 characters of salt and 31 of digest")));
        }
        let salt = Base64::Bcrypt.decode(NAME, "salt", &text[7..29], 7)?;
        let digest = Base64::Bcrypt.decode(NAME, "digest", &text[29..], 29)?;
        let salt = salt.try_into().map_err(|_| HashError::malformed(NAME, "bad salt").at(7))?;
        let limit = limits.bcrypt_cost;
        if cost > limit {
            return Err(HashError::OverLimit {
                scheme: NAME,
                parameter: "cost",
                value: cost.into(),
                limit: limit.into(),
            });
        }
        Ok(Self { minor, cost, salt, digest: Secret::new(digest) })
    }

    /// The last 31 characters of the text that this salt and cost give `password`.
    pub(super) fn digest_text(&self, password: &[u8]) -> Zeroizing<String> {
        let computed = compute(&Keys::new(self.minor, password), self.cost, &self.salt);
        Zeroizing::new(Base64::Bcrypt.encode(&computed[..23]))
    }
}

impl BcryptHash {
    /// The work for a password, which lives on in its keys.
    pub(super) fn keyed(&self, password: &[u8]) -> Work<'static> {
        let keys = Keys::new(self.minor, password);
        work::Bcrypt { keys, salt: self.salt, cost: self.cost }.into()
    }
}

impl Parsed for BcryptHash {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        self.conclude(&*compute(&Keys::new(self.minor, password), self.cost, &self.salt))
    }

    fn work<'a>(&'a self, password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        Ok(Some(self.keyed(password)))
    }

    fn conclude(&self, outcome: &[u8]) -> Result<(), VerifyError> {
        // The text holds 23 of the 24 bytes.
        self.digest.matches(outcome.get(..23).unwrap_or_default())
    }

    fn options(&self) -> HashOptions {
        options([("type", NAME.into()), ("cost", self.cost.into())])
    }

    fn is_self_contained(&self) -> bool {
        true
    }

    fn cost(&self) -> Cost {
        Cost::of(BCRYPT_BYTES, 1 << self.cost, unit::BCRYPT_ROUND)
    }

    fn explain(&self) -> Explanation {
        let mut notes = vec!["only the first 72 bytes of a password count".to_owned()];
        let minor = match self.minor {
            Minor::A => "2a",
            Minor::B => "2b",
            Minor::Y => "2y",
            Minor::X => {
                notes.push(
                    "2x reproduces a defect: bytes of 128 and more can cancel those before them"
                        .to_owned(),
                );
                "2x"
            }
        };
        let sound = self.minor != Minor::X && self.cost >= 10;
        Explanation {
            scheme: NAME,
            title: format!("bcrypt, version {minor}"),
            parameters: vec![("cost", self.cost.to_string())],
            cost: self.cost(),
            standing: if sound { Standing::Current } else { Standing::Legacy },
            notes,
        }
    }
}

/// What the key schedule takes: 72 bytes, which is the password and a NUL again and again. Blowfish is
/// cyclic over its key, so this is the same to it as the shorter password.
pub(super) struct Keys {
    /// For the first, salted set-up.
    pub(super) first: Zeroizing<[u8; KEY_BYTES]>,
    /// For the 2^cost rounds.
    pub(super) rest: Zeroizing<[u8; KEY_BYTES]>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Keys {
    /// The keys of `crypt_blowfish` 1.3, which PHP, libxcrypt and Ruby contain.
    ///
    /// It computes every word twice: right, and as before 2011, with `(word << 8) | byte` on a
    /// *signed* byte, so that one of 128 and more sets every bit above it. `$2x$` uses the latter.
    /// `$2a$` could be either; where both agree although a sign was extended over other bytes, which
    /// takes bytes of 0xFF and so no UTF-8, it leaves the function of OpenBSD in one bit.
    fn new(minor: Minor, password: &[u8]) -> Self {
        let mut keys =
            Self { first: Zeroizing::new([0; KEY_BYTES]), rest: Zeroizing::new([0; KEY_BYTES]) };
        let (mut agree, mut extended) = (true, false);
        let mut cycle = password.iter().copied().chain([0]).cycle();
        for slot in keys.rest.chunks_exact_mut(4) {
            let (mut right, mut wrong) = (0_u32, 0_u32);
            for (i, byte) in cycle.by_ref().take(4).enumerate() {
                right = right << 8 | u32::from(byte);
                wrong = wrong << 8 | i32::from(byte.cast_signed()).cast_unsigned();
                extended |= i > 0 && byte >= 0x80;
            }
            agree &= right == wrong;
            let word = if minor == Minor::X { wrong } else { right };
            slot.copy_from_slice(&word.to_be_bytes());
        }
        *keys.first = *keys.rest;
        if minor == Minor::A && agree && extended {
            // Bit 16 of the first word.
            keys.first[1] ^= 1;
        }
        keys
    }
}

/// Bytes that are computed, of which texts hold one less.
pub(super) const DIGEST_BYTES: usize = 24;

/// `EksBlowfish` and 64 encryptions of the magic text (Provos and Mazieres, section 4).
#[cfg(feature = "kernels")]
pub(super) fn compute(keys: &Keys, cost: u32, salt: &[u8; 16]) -> Zeroizing<[u8; DIGEST_BYTES]> {
    use rollbook_kernels::bcrypt::{Bcrypt, bcrypt};

    let mut digest = Zeroizing::new([0; DIGEST_BYTES]);
    let (first, rest) = (&*keys.first, &*keys.rest);
    bcrypt(&mut [Bcrypt { first, rest, salt, digest: &mut digest }], cost);
    digest
}

/// `EksBlowfish` and 64 encryptions of the magic text (Provos and Mazieres, section 4).
#[cfg(not(feature = "kernels"))]
pub(super) fn compute(keys: &Keys, cost: u32, salt: &[u8; 16]) -> Zeroizing<[u8; DIGEST_BYTES]> {
    /// `OrpheanBeholderScryDoubt`.
    const MAGIC: [[u32; 2]; 3] =
        [[0x4f72_7068, 0x6561_6e42], [0x6568_6f6c, 0x6465_7253], [0x6372_7944, 0x6f75_6274]];
    let mut state: blowfish::Blowfish = blowfish::Blowfish::bc_init_state();
    state.salted_expand_key(salt, &*keys.first);
    for _ in 0..1_u32 << cost {
        state.bc_expand_key(&*keys.rest);
        state.bc_expand_key(salt);
    }
    let mut out = Zeroizing::new([0; DIGEST_BYTES]);
    for (slot, text) in out.chunks_exact_mut(8).zip(MAGIC) {
        let [left, right] = (0..64).fold(text, |block, _| state.bc_encrypt(block));
        slot[..4].copy_from_slice(&left.to_be_bytes());
        slot[4..].copy_from_slice(&right.to_be_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_each_minor() {
        let check = |minor, password: &[u8], first: u32, rest: u32| {
            let keys = Keys::new(minor, password);
            let words = [&keys.first, &keys.rest].map(|key| key[..4].to_vec());
            assert_eq!(words, [first, rest].map(|word| word.to_be_bytes().to_vec()));
        };
        for minor in [Minor::A, Minor::B, Minor::X, Minor::Y] {
            check(minor, b"", 0, 0);
            check(minor, b"abc", 0x6162_6300, 0x6162_6300);
        }
        check(Minor::B, b"ab\xa3", 0x6162_a300, 0x6162_a300);
        check(Minor::X, b"ab\xa3", 0xffff_a300, 0xffff_a300);
        // The row of libxcrypt's ka-table on which right and wrong agree.
        let password = b"\xff\xa334\xff\xff\xff\xa3345";
        check(Minor::A, password, 0xffa2_3334, 0xffa3_3334);
        check(Minor::B, password, 0xffa3_3334, 0xffa3_3334);
    }

    #[test]
    fn seventy_two_bytes_count() {
        let text = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui";
        let hash = BcryptHash::parse(text, &Limits::default()).unwrap();
        let password =
            b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after";
        assert_eq!(hash.verify(password), Ok(()));
        assert_eq!(hash.verify(&password[..72]), Ok(()));
        assert_eq!(hash.verify(&password[..71]), Err(VerifyError::Mismatch));
    }
}
