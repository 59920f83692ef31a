//! Plain digests in lower-case hex, without salt: `md5`, and `sha` in eleven versions.
//!
//! One file for both: they differ in nothing but the function. None of them protects a password once
//! the table is stolen; they are here to be upgraded at the next sign-in.

use md5::Md5;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};
use zeroize::{Zeroize, Zeroizing};

use super::cost::unit;
use super::error::clip;
use super::options::{Reader, VERSION, options};
use super::scheme::{Parsed, Scheme};
use super::secret::Secret;
use super::work::{self, Kind, Work};
use super::wrapped::{Wrapping, zeroed};
use super::{Cost, Explanation, HashError, HashOptions, Limits, Standing, VerifyError};
use super::{encoding, recognise};

const MD5: &str = "md5";
const SHA: &str = "sha";

/// A function from a password to a digest.
#[derive(Debug)]
struct Function {
    /// The name in `hashOptions`; empty for MD5, which has none.
    version: &'static str,
    title: &'static str,
    bytes: usize,
    /// Whether the digest of a password is the expected one.
    verify: fn(&Secret, &[u8]) -> Result<(), VerifyError>,
    digest: fn(&[u8]) -> Zeroizing<Vec<u8>>,
    /// The same where many are computed side by side.
    lanes: Option<work::Function>,
}

fn digest<D: sha2::Digest>(password: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(D::digest(password).to_vec())
}

fn verify<D: sha2::Digest>(expected: &Secret, password: &[u8]) -> Result<(), VerifyError> {
    let mut computed = D::digest(password);
    let result = expected.matches(&computed);
    computed.as_mut_slice().zeroize();
    result
}

static MD5_FUNCTION: Function = Function {
    version: "",
    title: "MD5, unsalted",
    bytes: 16,
    verify: verify::<Md5>,
    digest: digest::<Md5>,
    lanes: Some(work::Function::Md5),
};

/// The versions that Appwrite knows, by its names for them.
#[rustfmt::skip]
static SHA_FUNCTIONS: &[Function] = &[
    Function { version: "sha1", title: "SHA-1, unsalted", bytes: 20, verify: verify::<Sha1>, digest: digest::<Sha1>, lanes: Some(work::Function::Sha1) },
    Function { version: "sha224", title: "SHA-224, unsalted", bytes: 28, verify: verify::<Sha224>, digest: digest::<Sha224>, lanes: None },
    Function { version: "sha256", title: "SHA-256, unsalted", bytes: 32, verify: verify::<Sha256>, digest: digest::<Sha256>, lanes: Some(work::Function::Sha256) },
    Function { version: "sha384", title: "SHA-384, unsalted", bytes: 48, verify: verify::<Sha384>, digest: digest::<Sha384>, lanes: None },
    Function { version: "sha512/224", title: "SHA-512/224, unsalted", bytes: 28, verify: verify::<Sha512_224>, digest: digest::<Sha512_224>, lanes: None },
    Function { version: "sha512/256", title: "SHA-512/256, unsalted", bytes: 32, verify: verify::<Sha512_256>, digest: digest::<Sha512_256>, lanes: None },
    Function { version: "sha512", title: "SHA-512, unsalted", bytes: 64, verify: verify::<Sha512>, digest: digest::<Sha512>, lanes: Some(work::Function::Sha512) },
    Function { version: "sha3-224", title: "SHA3-224, unsalted", bytes: 28, verify: verify::<Sha3_224>, digest: digest::<Sha3_224>, lanes: None },
    Function { version: "sha3-256", title: "SHA3-256, unsalted", bytes: 32, verify: verify::<Sha3_256>, digest: digest::<Sha3_256>, lanes: None },
    Function { version: "sha3-384", title: "SHA3-384, unsalted", bytes: 48, verify: verify::<Sha3_384>, digest: digest::<Sha3_384>, lanes: None },
    Function { version: "sha3-512", title: "SHA3-512, unsalted", bytes: 64, verify: verify::<Sha3_512>, digest: digest::<Sha3_512>, lanes: None },
];

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[&Md5Scheme, &ShaScheme];

/// The scheme `md5`.
#[derive(Debug)]
pub(super) struct Md5Scheme;

impl Scheme for Md5Scheme {
    fn name(&self) -> &'static str {
        MD5
    }

    fn title(&self) -> &'static str {
        "MD5, unsalted"
    }

    fn is_weak(&self) -> bool {
        // The API imports it, so it is allowed; reports call it broken.
        false
    }

    fn parse(
        &self,
        text: &str,
        options: &HashOptions,
        limits: &Limits,
    ) -> Result<Box<dyn Parsed>, HashError> {
        Reader::new(MD5, options, limits, &[])?;
        let function = &MD5_FUNCTION;
        let expected = Secret::new(encoding::hex(MD5, text, function.bytes)?);
        Ok(Box::new(PlainDigest { scheme: MD5, function, expected }))
    }
}

/// The scheme `sha`.
#[derive(Debug)]
pub(super) struct ShaScheme;

impl Scheme for ShaScheme {
    fn name(&self) -> &'static str {
        SHA
    }

    fn title(&self) -> &'static str {
        "SHA-1, SHA-2 or SHA-3, unsalted"
    }

    fn is_weak(&self) -> bool {
        // The API imports it, so it is allowed; reports call it broken.
        false
    }

    fn parse(
        &self,
        text: &str,
        options: &HashOptions,
        limits: &Limits,
    ) -> Result<Box<dyn Parsed>, HashError> {
        let reader = Reader::new(SHA, options, limits, &[&VERSION])?;
        let version = match reader.text(&VERSION)? {
            Some(version) => version,
            None => default_version(text)?,
        };
        let Some(function) = SHA_FUNCTIONS.iter().find(|f| f.version == version) else {
            let known: Vec<_> = SHA_FUNCTIONS.iter().map(|f| f.version).collect();
            let reason =
                format!("unknown version `{}`; known are {}", clip(version), known.join(", "));
            return Err(HashError::option(SHA, "version", reason));
        };
        let expected = Secret::new(encoding::hex(SHA, text, function.bytes)?);
        Ok(Box::new(PlainDigest { scheme: SHA, function, expected }))
    }
}

/// The version of a text that came without one.
///
/// Appwrite has had two defaults, sha3-512 up to 1.7 and sha256 from 1.8. Their lengths differ, so
/// the text tells which of them wrote it.
fn default_version(text: &str) -> Result<&'static str, HashError> {
    match text.len() {
        128 => Ok("sha3-512"),
        64 => Ok("sha256"),
        digits if text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            let reason = format!("missing, and {digits} hex digits are of no default version");
            Err(HashError::option(SHA, "version", reason))
        }
        _ => Err(recognise::foreign(SHA, "hex digits", text)),
    }
}

#[derive(Debug)]
struct PlainDigest {
    scheme: &'static str,
    function: &'static Function,
    expected: Secret,
}

impl Parsed for PlainDigest {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        // Those that may be quicker by a kernel.
        let Some(function @ (work::Function::Md5 | work::Function::Sha512)) = self.function.lanes
        else {
            return (self.function.verify)(&self.expected, password);
        };
        let mut computed = [0; 64];
        function.digest(password, &mut computed[..function.bytes()]);
        let result = self.expected.matches(&computed[..function.bytes()]);
        // At once: `zeroize` would write byte by byte.
        computed.fill(0);
        std::hint::black_box(&computed);
        result
    }

    fn work<'a>(&'a self, password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        let message = password.into();
        Ok(self.function.lanes.map(|function| Work(Kind::Digest { function, message })))
    }

    fn conclude(&self, outcome: &[u8]) -> Result<(), VerifyError> {
        self.expected.matches(outcome)
    }

    fn options(&self) -> HashOptions {
        match self.function.version {
            "" => options([("type", self.scheme.into())]),
            version => options([("version", version.into())]),
        }
    }

    fn is_self_contained(&self) -> bool {
        self.function.version.is_empty()
    }

    fn wrapping(&self, text: &str) -> Option<Wrapping<'_>> {
        Some(Wrapping { digest: self.expected.bytes(), skeleton: zeroed(text, 0..text.len(), '0') })
    }

    fn digest(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, VerifyError> {
        Ok((self.function.digest)(password))
    }

    fn cost(&self) -> Cost {
        Cost::of(0, 1, unit::DIGEST)
    }

    fn explain(&self) -> Explanation {
        let version = self.function.version;
        let parameters =
            if version.is_empty() { Vec::new() } else { vec![("version", version.to_owned())] };
        Explanation {
            scheme: self.scheme,
            title: self.function.title.to_owned(),
            parameters,
            cost: self.cost(),
            standing: Standing::Broken,
            notes: vec![
                "equal passwords have equal hashes, and guessing is nearly free".to_owned(),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_version_follows_from_the_length() {
        let check = |digits: usize, version: Option<&str>| {
            assert_eq!(default_version(&"a".repeat(digits)).ok(), version, "{digits} digits");
        };
        check(128, Some("sha3-512"));
        check(64, Some("sha256"));
        check(40, None);
        check(56, None);
        check(96, None);
        check(0, None);
    }
}
