//! The registry: what a family of password hashes has to provide.

use std::fmt;

use zeroize::Zeroizing;

use super::work::Work;
use super::wrapped::Wrapping;
use super::{Argon2Params, Cost, Explanation, HashError, HashOptions, Limits, VerifyError};

/// Every scheme there is, family by family, in the order in which detection asks them. [`schemes`] goes
/// through all of them.
pub static SCHEMES: &[&[&dyn Scheme]] = &[
    super::argon2::SCHEMES,
    super::bcrypt::SCHEMES,
    super::digest::SCHEMES,
    super::pbkdf2::SCHEMES,
    super::phpass::SCHEMES,
    super::scrypt::SCHEMES,
    super::scrypt_modified::SCHEMES,
    super::argon2_wrapped::SCHEMES,
    super::bcrypt_wrapped::SCHEMES,
    super::firebase::SCHEMES,
    super::scrypt_texts::SCHEMES,
    super::mediawiki::SCHEMES,
    super::spring::SCHEMES,
    super::md5crypt::SCHEMES,
    super::sha_crypt::SCHEMES,
    super::hmac_crypt::SCHEMES,
    super::sunmd5::SCHEMES,
    super::des_crypt::SCHEMES,
    super::yescrypt::SCHEMES,
    super::drupal::SCHEMES,
    super::containers::SCHEMES,
    super::windows::SCHEMES,
    super::scram::SCHEMES,
    super::databases::SCHEMES,
    super::oracle::SCHEMES,
    super::dovecot_md5::SCHEMES,
    super::composed::LDAP,
    super::composed::KRATOS,
    super::composed::FRAMEWORKS,
    super::composed::FORUMS,
    super::composed::EXPLICIT,
    super::wrapped::SCHEMES,
];

/// Every scheme there is.
///
/// ```
/// let names: Vec<_> = rollbook_core::schemes().map(|scheme| scheme.name()).collect();
/// assert!(names.starts_with(&["argon2", "bcrypt", "md5", "sha"]));
/// ```
pub fn schemes() -> impl Iterator<Item = &'static dyn Scheme> {
    SCHEMES.iter().flat_map(|family| family.iter().copied())
}

/// A format of password-hash texts.
///
/// A file has a family of them, as rows of data or as unit structs, and a line in [`SCHEMES`]. Four methods
/// must be written. Use [`PasswordHash`](crate::PasswordHash) to work with hashes; this trait is for
/// listing the schemes and for adding one.
///
/// [`parse`](Self::parse) MUST refuse what the scheme's own software would not write, MUST check every
/// cost against the limits, and MUST NOT do work or allocate in proportion to a cost. Errors MUST NOT
/// repeat the text.
pub trait Scheme: fmt::Debug + Send + Sync + 'static {
    /// The name on the wire and in the store.
    fn name(&self) -> &'static str;

    /// Other names that find it.
    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }

    /// What it is, for people.
    fn title(&self) -> &'static str;

    /// Whether a text is of this scheme by its looks alone. Never true for bare hex.
    fn recognises(&self, _text: &str) -> bool {
        false
    }

    /// Whether it is no protection at all and nobody should bring it by accident: it is imported only when
    /// the caller allows it with [`Limits::weak`].
    fn is_weak(&self) -> bool;

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

    /// The slow part of [`verify`](Self::verify), so that it can be computed beside others. `None` if it can't;
    /// an error if `verify` would return it without that part. A scheme that gives it MUST have
    /// [`conclude`](Self::conclude), and both together MUST say what `verify` says.
    fn work<'a>(&'a self, _password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        Ok(None)
    }

    /// Compares the outcome of [`work`](Self::work) in constant time.
    fn conclude(&self, _outcome: &[u8]) -> Result<(), VerifyError> {
        Err(VerifyError::Primitive { scheme: "batch" })
    }

    /// The options as the wire shows them, complete enough to parse the text again.
    fn options(&self) -> HashOptions;

    /// Whether the text alone is enough to parse it again, so that no options need to be stored.
    fn is_self_contained(&self) -> bool;

    /// The cost of one [`verify`](Self::verify).
    fn cost(&self) -> Cost;

    /// The same for people.
    fn explain(&self) -> Explanation;

    /// What is needed to put Argon2id around the digest of `text`, from which this was parsed; `None` if
    /// the digest can't be taken out. A scheme that gives it MUST have [`digest`](Self::digest).
    fn wrapping(&self, _text: &str) -> Option<Wrapping<'_>> {
        None
    }

    /// The digest of `password`, as [`wrapping`](Self::wrapping) has it of the stored one; a mismatch if
    /// no text of the scheme could be of this password.
    fn digest(&self, _password: &[u8]) -> Result<Zeroizing<Vec<u8>>, VerifyError> {
        Err(VerifyError::Primitive { scheme: "wrapped" })
    }

    /// Whether this hash is no protection at all, where that shows in the text only: a container's plain
    /// text or unsalted digest. As [`Scheme::is_weak`], it is asked once, at import.
    fn is_weak(&self) -> bool {
        false
    }

    /// Whether the hash is as good as a new one with `target`. Only Argon2id ever is.
    fn meets(&self, _target: &Argon2Params) -> bool {
        false
    }
}

/// The scheme of this name or alias.
pub(super) fn find(name: &str) -> Option<&'static dyn Scheme> {
    schemes().find(|scheme| scheme.name() == name || scheme.aliases().contains(&name))
}

/// The name or alias that is spelled most like `name`.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let known: Vec<&str> = schemes()
        .flat_map(|scheme| std::iter::once(scheme.name()).chain(scheme.aliases().iter().copied()))
        .collect();
    crate::nearest::nearest(name, &known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = schemes().map(Scheme::name).collect();
        names.extend(schemes().flat_map(Scheme::aliases));
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
