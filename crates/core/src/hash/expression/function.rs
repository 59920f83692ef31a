//! The digests that an expression can name, with HMAC over each.

use md4::Md4;
use md5::Md5;
use ripemd::Ripemd160;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};
use zeroize::{Zeroize as _, Zeroizing};

use super::buffer::Buffer;

/// A digest by its name.
pub(in crate::hash) struct Function {
    /// The name in expressions and in the option `digest`.
    pub(in crate::hash) name: &'static str,
    /// The length of its value.
    pub(in crate::hash) bytes: usize,
    /// The length of its blocks, which HMAC needs.
    block: usize,
    digest: fn(&[&[u8]], &mut Buffer),
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

fn digest<D: sha2::Digest>(parts: &[&[u8]], out: &mut Buffer) {
    let mut state = D::new();
    for part in parts {
        state.update(part);
    }
    let mut value = state.finalize();
    out.extend(&value);
    value.as_mut_slice().zeroize();
}

#[rustfmt::skip]
static FUNCTIONS: &[Function] = &[
    Function { name: "md4", bytes: 16, block: 64, digest: digest::<Md4> },
    Function { name: "md5", bytes: 16, block: 64, digest: digest::<Md5> },
    Function { name: "ripemd160", bytes: 20, block: 64, digest: digest::<Ripemd160> },
    Function { name: "sha1", bytes: 20, block: 64, digest: digest::<Sha1> },
    Function { name: "sha224", bytes: 28, block: 64, digest: digest::<Sha224> },
    Function { name: "sha256", bytes: 32, block: 64, digest: digest::<Sha256> },
    Function { name: "sha384", bytes: 48, block: 128, digest: digest::<Sha384> },
    Function { name: "sha512", bytes: 64, block: 128, digest: digest::<Sha512> },
    Function { name: "sha512/224", bytes: 28, block: 128, digest: digest::<Sha512_224> },
    Function { name: "sha512/256", bytes: 32, block: 128, digest: digest::<Sha512_256> },
    Function { name: "sha3-224", bytes: 28, block: 144, digest: digest::<Sha3_224> },
    Function { name: "sha3-256", bytes: 32, block: 136, digest: digest::<Sha3_256> },
    Function { name: "sha3-384", bytes: 48, block: 104, digest: digest::<Sha3_384> },
    Function { name: "sha3-512", bytes: 64, block: 72, digest: digest::<Sha3_512> },
];

/// The longest block.
const BLOCK: usize = 144;

impl Function {
    /// The function of this name; `_` may stand for `/` and `-`.
    pub(in crate::hash) fn find(name: &str) -> Option<&'static Self> {
        let same =
            |known: u8, given: u8| known == given || (given == b'_' && b"/-".contains(&known));
        FUNCTIONS.iter().find(|function| {
            function.name.len() == name.len()
                && function.name.bytes().zip(name.bytes()).all(|(known, given)| same(known, given))
        })
    }

    /// All names, for an error.
    pub(in crate::hash) fn names() -> String {
        FUNCTIONS.iter().map(|function| function.name).collect::<Vec<_>>().join(", ")
    }

    /// Appends the digest of `input`.
    pub(super) fn digest(&self, input: &[u8], out: &mut Buffer) {
        (self.digest)(&[input], out);
    }

    /// Appends the HMAC of `message` (RFC 2104).
    pub(super) fn hmac(&self, key: &[u8], message: &[u8], out: &mut Buffer) {
        let mut pad = Zeroizing::new([0; BLOCK]);
        if key.len() > self.block {
            let mut short = Buffer::new();
            self.digest(key, &mut short);
            pad[..self.bytes].copy_from_slice(short.bytes());
        } else {
            pad[..key.len()].copy_from_slice(key);
        }
        pad.iter_mut().for_each(|byte| *byte ^= 0x36);
        let mut inner = Buffer::new();
        (self.digest)(&[&pad[..self.block], message], &mut inner);
        pad.iter_mut().for_each(|byte| *byte ^= 0x36 ^ 0x5c);
        (self.digest)(&[&pad[..self.block], inner.bytes()], out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_the_functions() {
        for function in FUNCTIONS {
            let mut out = Buffer::new();
            function.digest(b"abc", &mut out);
            assert_eq!(out.bytes().len(), function.bytes, "{function:?}");
            assert!((function.bytes..=BLOCK).contains(&function.block), "{function:?}");
            assert!(std::ptr::eq(function, Function::find(function.name).unwrap()));
        }
        assert_eq!(Function::find("sha512_256").unwrap().name, "sha512/256");
        assert_eq!(Function::find("sha3_256").unwrap().name, "sha3-256");
        assert!(Function::find("sha999").is_none());
    }

    #[test]
    fn a_long_key_is_digested_first() {
        // RFC 4231, test case 6.
        let mut out = Buffer::new();
        let message = b"Test Using Larger Than Block-Size Key - Hash Key First";
        Function::find("sha256").unwrap().hmac(&[0xaa; 131], message, &mut out);
        let start = [0x60, 0xe4, 0x31, 0x59, 0x1e, 0xe0, 0xb6, 0x7f];
        assert_eq!(out.bytes()[..8], start);
    }
}
