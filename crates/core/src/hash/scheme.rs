//! The registry: what a family of password hashes has to provide.

use std::fmt;

use super::argon2::Argon2Scheme;
use super::bcrypt::BcryptScheme;
use super::digest::{Md5Scheme, ShaScheme};
use super::phpass::PhpassScheme;
use super::scrypt::ScryptScheme;
use super::scrypt_modified::ScryptModifiedScheme;
use super::{Argon2Params, Cost, Explanation, HashError, HashOptions, Limits, VerifyError};

/// Every scheme there is, in the order in which detection asks them.
///
/// ```
/// use rollbook_core::SCHEMES;
///
/// let names: Vec<_> = SCHEMES.iter().map(|scheme| scheme.name()).collect();
/// assert_eq!(names, ["argon2", "bcrypt", "md5", "phpass", "scrypt", "scryptMod", "sha"]);
/// ```
pub static SCHEMES: &[&dyn Scheme] = &[
    &Argon2Scheme,
    &BcryptScheme,
    &Md5Scheme,
    &PhpassScheme,
    &ScryptScheme,
    &ScryptModifiedScheme,
    &ShaScheme,
];

/// A family of password-hash texts.
///
/// An implementation is one unit struct in one file, five methods, and a line in [`SCHEMES`]. Use
/// [`PasswordHash`](crate::PasswordHash) to work with hashes; this trait is for listing the schemes
/// and for adding one.
///
/// [`parse`](Self::parse) MUST refuse what the scheme's own software would not write, MUST check every
/// cost against the limits, and MUST NOT do work or allocate in proportion to a cost. Errors MUST NOT
/// repeat the text.
pub trait Scheme: fmt::Debug + Send + Sync + 'static {
    /// The name on the wire and in the store.
    fn name(&self) -> &'static str;

    /// Other names that find it.
    fn aliases(&self) -> &'static [&'static str];

    /// What it is, for people.
    fn title(&self) -> &'static str;

    /// Whether a text is of this scheme by its looks alone. Never true for bare hex.
    fn recognises(&self, text: &str) -> bool;

    /// Reads a text with its options, strictly. The text is printable ASCII, not empty, and within
    /// the limit of its length.
    fn parse(
        &self,
        text: &str,
        options: &HashOptions,
        limits: &Limits,
    ) -> Result<Box<dyn Parsed>, HashError>;
}

/// A hash that [`Scheme::parse`] accepted.
///
/// Five methods must be written. `Debug` MUST redact the digest and every key.
pub trait Parsed: fmt::Debug + Send + Sync + 'static {
    /// Computes the hash of `password` and compares in constant time. Never panics.
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError>;

    /// The options as the wire shows them, complete enough to parse the text again.
    fn options(&self) -> HashOptions;

    /// Whether the text alone is enough to parse it again, so that no options need to be stored.
    fn is_self_contained(&self) -> bool;

    /// The cost of one [`verify`](Self::verify).
    fn cost(&self) -> Cost;

    /// The same for people.
    fn explain(&self) -> Explanation;

    /// Whether the hash is as good as a new one with `target`. Only Argon2id ever is.
    fn meets(&self, _target: &Argon2Params) -> bool {
        false
    }
}

/// The scheme of this name or alias.
pub(super) fn find(name: &str) -> Option<&'static dyn Scheme> {
    let found = SCHEMES.iter().find(|s| s.name() == name || s.aliases().contains(&name));
    found.copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = SCHEMES.iter().map(|scheme| scheme.name()).collect();
        names.extend(SCHEMES.iter().flat_map(|scheme| scheme.aliases()));
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
