//! Extended DES of `BSDi`'s crypt(3): `_<4 characters of count><4 of salt><11 of digest>`.
//!
//! phpass writes it where a server lacks bcrypt. DES is FIPS 46-3, whose tables stand below in its
//! notation (bits counted from 1 at the left); the salt swaps bits of the expansion E, as in every
//! crypt(3). What this is not: constant in time over the password, which no table-driven DES is.

use zeroize::Zeroizing;

use super::encoding::{check_crypt64, crypt64};
use super::secret::Secret;
use super::{HashError, Limits, VerifyError};

/// `_`, 4 characters of count, 4 of salt, 11 of digest.
pub(super) const TEXT_BYTES: usize = 1 + 4 + 4 + 11;

#[derive(Debug)]
pub(super) struct ExtendedDes {
    rounds: u32,
    salt: u32,
    digest: Secret,
}

impl ExtendedDes {
    /// Reads a text for `scheme`, which is what errors name.
    pub(super) fn parse(
        scheme: &'static str,
        text: &str,
        limits: &Limits,
    ) -> Result<Self, HashError> {
        if text.len() != TEXT_BYTES {
            let what = format!("{} characters where {TEXT_BYTES} are needed", text.len());
            return Err(HashError::malformed(scheme, what)
                .hint("extended DES has `_`, 4 characters of count, 4 of salt and 11 of digest"));
        }
        check_crypt64(scheme, "text", &text[1..], 1)?;
        let (rounds, salt) = (number(&text[1..5]), number(&text[5..9]));
        if rounds == 0 {
            return Err(HashError::malformed(scheme, "a count of 0 rounds").at(1));
        }
        if rounds > limits.des_rounds {
            return Err(HashError::OverLimit {
                scheme,
                parameter: "rounds of extended DES",
                value: rounds.into(),
                limit: limits.des_rounds.into(),
            });
        }
        // 66 bits, most significant first; the last two are not part of the block.
        let bits =
            text[9..].bytes().filter_map(crypt64).fold(0, |v: u128, c| v << 6 | u128::from(c));
        if bits & 3 != 0 {
            return Err(
                HashError::malformed(scheme, "the digest has spare bits set").at(TEXT_BYTES - 1)
            );
        }
        let digest = Secret::new((bits >> 2).to_be_bytes()[8..].to_vec());
        Ok(Self { rounds, salt, digest })
    }

    pub(super) fn rounds(&self) -> u32 {
        self.rounds
    }

    /// A password with a NUL matches nothing: crypt(3) would end it there.
    pub(super) fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        if password.contains(&0) {
            return Err(VerifyError::Mismatch);
        }
        let key = fold_password(password);
        let digest = Schedule::new(*key).encrypt(0, self.salt, self.rounds);
        self.digest.matches(&digest.to_be_bytes())
    }
}

/// Decodes 24 bits, least significant six first.
pub(super) fn number(text: &str) -> u32 {
    number_of(text.as_bytes())
}

/// As [`number`], of bytes.
pub(super) fn number_of(text: &[u8]) -> u32 {
    let sixes = text.iter().rev().filter_map(|character| crypt64(*character));
    sixes.fold(0, |value, six| value << 6 | u32::from(six))
}

/// Folds a password of any length into a key: 7 bits of each byte, and before each further eight
/// bytes the key is encrypted with itself.
pub(super) fn fold_password(password: &[u8]) -> Zeroizing<u64> {
    let mut key = Zeroizing::new(0);
    for (i, chunk) in password.chunks(8).enumerate() {
        if i > 0 {
            *key = Schedule::new(*key).encrypt(*key, 0, 1);
        }
        let mut block = Zeroizing::new([0; 8]);
        for (slot, byte) in block.iter_mut().zip(chunk) {
            *slot = byte << 1;
        }
        *key ^= u64::from_be_bytes(*block);
    }
    key
}

/// The 16 round keys, each as two halves of 24 bits.
pub(super) struct Schedule(Zeroizing<[[u32; 2]; 16]>);

impl Schedule {
    pub(super) fn new(key: u64) -> Self {
        let chosen = permute(key, 64, &PC1);
        let (mut c, mut d) = (low28(chosen >> 28), low28(chosen));
        let mut keys = Zeroizing::new([[0; 2]; 16]);
        for (round, shift) in keys.iter_mut().zip(SHIFTS) {
            c = rotate28(c, shift);
            d = rotate28(d, shift);
            let joined = permute(u64::from(c) << 28 | u64::from(d), 56, &PC2);
            *round = [low24(joined >> 24), low24(joined)];
        }
        Self(keys)
    }

    /// Encrypts `block` `count` times over, with the salt's bits of E swapped.
    pub(super) fn encrypt(&self, block: u64, salt: u32, count: u32) -> u64 {
        // Bit 0 of the salt swaps the first bits of the two halves of E.
        let swapped = (salt & 0x00ff_ffff).reverse_bits() >> 8;
        let block = permute(block, 64, &IP);
        let (mut l, mut r) = (low32(block >> 32), low32(block));
        for _ in 0..count {
            for key in self.0.iter() {
                (l, r) = (r, l ^ round(r, *key, swapped));
            }
            // The last round does not exchange the halves, and FP undoes the IP that would follow.
            (l, r) = (r, l);
        }
        permute(u64::from(l) << 32 | u64::from(r), 64, &FP)
    }
}

/// DES's function f: E with the salt, the round key, S and P.
fn round(r: u32, [key_left, key_right]: [u32; 2], swapped: u32) -> u32 {
    let left = (r & 0x0000_0001) << 23
        | (r & 0xf800_0000) >> 9
        | (r & 0x1f80_0000) >> 11
        | (r & 0x01f8_0000) >> 13
        | (r & 0x001f_8000) >> 15;
    let right = (r & 0x0001_f800) << 7
        | (r & 0x0000_1f80) << 5
        | (r & 0x0000_01f8) << 3
        | (r & 0x0000_001f) << 1
        | (r & 0x8000_0000) >> 31;
    let exchange = (left ^ right) & swapped;
    let (left, right) = (left ^ exchange ^ key_left, right ^ exchange ^ key_right);
    let six = |half: u32, shift: u32| (half >> shift & 0x3f) as usize;
    SP[0][six(left, 18)]
        | SP[1][six(left, 12)]
        | SP[2][six(left, 6)]
        | SP[3][six(left, 0)]
        | SP[4][six(right, 18)]
        | SP[5][six(right, 12)]
        | SP[6][six(right, 6)]
        | SP[7][six(right, 0)]
}

/// Picks the bits that `table` names out of a value of `width` bits.
const fn permute(value: u64, width: u32, table: &[u8]) -> u64 {
    let mut out = 0;
    let mut i = 0;
    while i < table.len() {
        out = out << 1 | (value >> (width - table[i] as u32)) & 1;
        i += 1;
    }
    out
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is meant")]
const fn low32(value: u64) -> u32 {
    value as u32
}

const fn low28(value: u64) -> u32 {
    low32(value) & 0x0fff_ffff
}

const fn low24(value: u64) -> u32 {
    low32(value) & 0x00ff_ffff
}

const fn rotate28(value: u32, by: u32) -> u32 {
    (value << by | value >> (28 - by)) & 0x0fff_ffff
}

/// Each S box with P applied to its output, so that a round is eight look-ups.
static SP: [[u32; 64]; 8] = sp();

const fn sp() -> [[u32; 64]; 8] {
    let mut out = [[0; 64]; 8];
    let mut table = 0;
    while table < 8 {
        let mut six = 0;
        while six < 64 {
            // The outer two bits choose the row, the inner four the column.
            let row = (six >> 4 & 2) | (six & 1);
            let column = six >> 1 & 15;
            let four = S[table][row * 16 + column] as u64;
            out[table][six] = low32(permute(four << (28 - 4 * table), 32, &P));
            six += 1;
        }
        table += 1;
    }
    out
}

const SHIFTS: [u32; 16] = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];

#[rustfmt::skip]
const IP: [u8; 64] = [
    58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4,
    62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8,
    57, 49, 41, 33, 25, 17,  9, 1, 59, 51, 43, 35, 27, 19, 11, 3,
    61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7,
];

#[rustfmt::skip]
const FP: [u8; 64] = [
    40, 8, 48, 16, 56, 24, 64, 32, 39, 7, 47, 15, 55, 23, 63, 31,
    38, 6, 46, 14, 54, 22, 62, 30, 37, 5, 45, 13, 53, 21, 61, 29,
    36, 4, 44, 12, 52, 20, 60, 28, 35, 3, 43, 11, 51, 19, 59, 27,
    34, 2, 42, 10, 50, 18, 58, 26, 33, 1, 41,  9, 49, 17, 57, 25,
];

#[rustfmt::skip]
const PC1: [u8; 56] = [
    57, 49, 41, 33, 25, 17,  9,  1, 58, 50, 42, 34, 26, 18,
    10,  2, 59, 51, 43, 35, 27, 19, 11,  3, 60, 52, 44, 36,
    63, 55, 47, 39, 31, 23, 15,  7, 62, 54, 46, 38, 30, 22,
    14,  6, 61, 53, 45, 37, 29, 21, 13,  5, 28, 20, 12,  4,
];

#[rustfmt::skip]
const PC2: [u8; 48] = [
    14, 17, 11, 24,  1,  5,  3, 28, 15,  6, 21, 10,
    23, 19, 12,  4, 26,  8, 16,  7, 27, 20, 13,  2,
    41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48,
    44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];

#[rustfmt::skip]
const P: [u8; 32] = [
    16, 7, 20, 21, 29, 12, 28, 17,  1, 15, 23, 26,  5, 18, 31, 10,
     2, 8, 24, 14, 32, 27,  3,  9, 19, 13, 30,  6, 22, 11,  4, 25,
];

#[rustfmt::skip]
const S: [[u8; 64]; 8] = [
    [
        14, 4, 13, 1, 2, 15, 11, 8, 3, 10, 6, 12, 5, 9, 0, 7,
        0, 15, 7, 4, 14, 2, 13, 1, 10, 6, 12, 11, 9, 5, 3, 8,
        4, 1, 14, 8, 13, 6, 2, 11, 15, 12, 9, 7, 3, 10, 5, 0,
        15, 12, 8, 2, 4, 9, 1, 7, 5, 11, 3, 14, 10, 0, 6, 13,
    ],
    [
        15, 1, 8, 14, 6, 11, 3, 4, 9, 7, 2, 13, 12, 0, 5, 10,
        3, 13, 4, 7, 15, 2, 8, 14, 12, 0, 1, 10, 6, 9, 11, 5,
        0, 14, 7, 11, 10, 4, 13, 1, 5, 8, 12, 6, 9, 3, 2, 15,
        13, 8, 10, 1, 3, 15, 4, 2, 11, 6, 7, 12, 0, 5, 14, 9,
    ],
    [
        10, 0, 9, 14, 6, 3, 15, 5, 1, 13, 12, 7, 11, 4, 2, 8,
        13, 7, 0, 9, 3, 4, 6, 10, 2, 8, 5, 14, 12, 11, 15, 1,
        13, 6, 4, 9, 8, 15, 3, 0, 11, 1, 2, 12, 5, 10, 14, 7,
        1, 10, 13, 0, 6, 9, 8, 7, 4, 15, 14, 3, 11, 5, 2, 12,
    ],
    [
        7, 13, 14, 3, 0, 6, 9, 10, 1, 2, 8, 5, 11, 12, 4, 15,
        13, 8, 11, 5, 6, 15, 0, 3, 4, 7, 2, 12, 1, 10, 14, 9,
        10, 6, 9, 0, 12, 11, 7, 13, 15, 1, 3, 14, 5, 2, 8, 4,
        3, 15, 0, 6, 10, 1, 13, 8, 9, 4, 5, 11, 12, 7, 2, 14,
    ],
    [
        2, 12, 4, 1, 7, 10, 11, 6, 8, 5, 3, 15, 13, 0, 14, 9,
        14, 11, 2, 12, 4, 7, 13, 1, 5, 0, 15, 10, 3, 9, 8, 6,
        4, 2, 1, 11, 10, 13, 7, 8, 15, 9, 12, 5, 6, 3, 0, 14,
        11, 8, 12, 7, 1, 14, 2, 13, 6, 15, 0, 9, 10, 4, 5, 3,
    ],
    [
        12, 1, 10, 15, 9, 2, 6, 8, 0, 13, 3, 4, 14, 7, 5, 11,
        10, 15, 4, 2, 7, 12, 9, 5, 6, 1, 13, 14, 0, 11, 3, 8,
        9, 14, 15, 5, 2, 8, 12, 3, 7, 0, 4, 10, 1, 13, 11, 6,
        4, 3, 2, 12, 9, 5, 15, 10, 11, 14, 1, 7, 6, 0, 8, 13,
    ],
    [
        4, 11, 2, 14, 15, 0, 8, 13, 3, 12, 9, 7, 5, 10, 6, 1,
        13, 0, 11, 7, 4, 9, 1, 10, 14, 3, 5, 12, 2, 15, 8, 6,
        1, 4, 11, 13, 12, 3, 7, 14, 10, 15, 6, 8, 0, 5, 9, 2,
        6, 11, 13, 8, 1, 4, 10, 7, 9, 5, 0, 15, 14, 2, 3, 12,
    ],
    [
        13, 2, 8, 4, 6, 15, 11, 1, 10, 9, 3, 14, 5, 0, 12, 7,
        1, 15, 13, 8, 10, 3, 7, 4, 12, 5, 6, 11, 0, 14, 9, 2,
        7, 11, 4, 1, 9, 12, 14, 2, 0, 6, 10, 13, 15, 3, 5, 8,
        2, 1, 14, 7, 4, 10, 8, 13, 15, 12, 9, 0, 3, 5, 6, 11,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_des() {
        // FIPS 81, appendix B, and the all-zero block of SP 800-17.
        let check = |key, block, expected| {
            assert_eq!(Schedule::new(key).encrypt(block, 0, 1), expected, "{key:016x}");
        };
        check(0x0123_4567_89ab_cdef, 0x4e6f_7720_6973_2074, 0x3fa4_0e8a_984d_4815);
        check(0, 0, 0x8ca6_4de9_c1b1_23a7);
        check(0x0101_0101_0101_0101, 0x8000_0000_0000_0000, 0x95f8_a5e5_dd31_d900);
    }

    #[test]
    fn extended_des() {
        let check = |text, password: &[u8], expected| {
            let hash = ExtendedDes::parse("phpass", text, &Limits::default()).unwrap();
            assert_eq!(hash.verify(password), expected, "{text}");
        };
        check("_J9..CCCCXBrJUJV154M", b"U*U*U*U*", Ok(()));
        check("_J9..CCCCXUhOBTXzaiE", b"U*U***U", Ok(()));
        check("_K1..crsmf/9NzZr1fLM", b"my socra", Ok(()));
        check("_K1..crsmf/9NzZr1fLM", b"my socrax", Err(VerifyError::Mismatch));
        check("_/...abcdQQDF9VfzUpk", b"pleaseletmein", Ok(()));
        check("_J9..CCCCXUhOBTXzaiE", b"U*U***U\0", Err(VerifyError::Mismatch));
    }
}
