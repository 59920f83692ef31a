//! The digests that key-derivation functions are built on.

use ::pbkdf2::pbkdf2;
use hmac::EagerHash;
use hmac::digest::common::BlockSizeUser;
use hmac::{Hmac, KeyInit, SimpleHmac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};
use zeroize::{Zeroize as _, Zeroizing};

/// A digest: its size, itself, and PBKDF2 with its HMAC.
pub(super) struct Prf {
    /// The name in options and texts.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// Bytes of a digest.
    pub(super) bytes: usize,
    /// Nanoseconds of one iteration of PBKDF2 for one block, measured once; of a sponge half of that,
    /// since a thief keeps the state after the key and `SimpleHmac` does not.
    pub(super) nanoseconds: u64,
    pub(super) digest: fn(&[&[u8]]) -> Zeroizing<Vec<u8>>,
    /// Password, salt, iterations, output; whether the primitive took them, which it does.
    pub(super) pbkdf2: fn(&[u8], &[u8], u32, &mut [u8]) -> bool,
}

impl std::fmt::Debug for Prf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The digest of parts, one after the other.
fn digest<D: Digest>(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let mut state = D::new();
    for part in parts {
        state.update(part);
    }
    let mut output = state.finalize();
    let bytes = Zeroizing::new(output.to_vec());
    output.as_mut_slice().zeroize();
    bytes
}

/// PBKDF2 of a digest whose state after the key is kept.
fn eager<D: EagerHash>(password: &[u8], salt: &[u8], rounds: u32, output: &mut [u8]) -> bool
where
    Hmac<D>: KeyInit,
{
    pbkdf2::<Hmac<D>>(password, salt, rounds, output).is_ok()
}

/// PBKDF2 of a sponge.
fn simple<D: Digest + BlockSizeUser + Clone + Sync>(
    password: &[u8],
    salt: &[u8],
    rounds: u32,
    output: &mut [u8],
) -> bool {
    pbkdf2::<SimpleHmac<D>>(password, salt, rounds, output).is_ok()
}

macro_rules! prfs {
    ($($constant:ident: $digest:ty = $pbkdf2:ident, $name:literal, $title:literal, $bytes:literal, $ns:literal;)*) => {
        $(
            pub(super) static $constant: Prf = Prf {
                name: $name,
                title: $title,
                bytes: $bytes,
                nanoseconds: $ns,
                digest: digest::<$digest>,
                pbkdf2: $pbkdf2::<$digest>,
            };
        )*

        /// All of them, by name.
        pub(super) static ALL: &[(&str, &Prf)] = &[$(($name, &$constant),)*];
    };
}

prfs! {
    MD5: Md5 = eager, "md5", "MD5", 16, 280;
    SHA1: Sha1 = eager, "sha1", "SHA-1", 20, 170;
    SHA224: Sha224 = eager, "sha224", "SHA-224", 28, 160;
    SHA256: Sha256 = eager, "sha256", "SHA-256", 32, 160;
    SHA384: Sha384 = eager, "sha384", "SHA-384", 48, 600;
    SHA512: Sha512 = eager, "sha512", "SHA-512", 64, 600;
    SHA3_224: Sha3_224 = simple, "sha3-224", "SHA3-224", 28, 1250;
    SHA3_256: Sha3_256 = simple, "sha3-256", "SHA3-256", 32, 1250;
    SHA3_384: Sha3_384 = simple, "sha3-384", "SHA3-384", 48, 1250;
    SHA3_512: Sha3_512 = simple, "sha3-512", "SHA3-512", 64, 1250;
}

/// Lower-case hex, as PHP and Python write digests.
pub(super) fn hex(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = Zeroizing::new(Vec::with_capacity(bytes.len() * 2));
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)]);
        text.push(DIGITS[usize::from(byte & 15)]);
    }
    text
}
