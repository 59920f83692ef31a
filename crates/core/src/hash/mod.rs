//! Password hashes: parsed once, verified in bounded time and memory, upgraded when outdated.
//!
//! [`PasswordHash`] is the way in. The families behind it are listed in [`SCHEMES`], one file each,
//! with known answers in `vectors/`. Nothing here knows users or stores: hashing is a function of bytes, and
//! [`HashScheduler`] says when it happens.

mod arena;
mod argon2;
mod argon2_wrapped;
mod bcrypt;
mod bcrypt_wrapped;
mod coding;
mod composed;
mod containers;
mod cost;
mod crypt;
mod databases;
mod des;
mod des_crypt;
mod digest;
mod dovecot_md5;
mod drupal;
mod encoding;
mod error;
mod explain;
mod expression;
mod firebase;
mod format;
mod hmac_crypt;
mod limits;
mod md5crypt;
mod mediawiki;
mod near_miss;
mod options;
mod oracle;
mod params;
mod pbkdf2;
mod pbkdf2_layouts;
mod phpass;
mod prf;
mod recognise;
mod scheduler;
mod scheme;
mod scram;
mod scrypt;
mod scrypt_modified;
mod scrypt_texts;
mod secret;
mod sha_crypt;
mod spring;
mod sunmd5;
#[cfg(test)]
mod tests;
mod windows;
mod work;
mod wrapped;
mod yescrypt;

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

pub use cost::{Cost, CostClass};
pub use error::{HashError, VerifyError};
pub use explain::{Explanation, Standing};
pub use limits::{Limits, Weak};
pub use options::HashOptions;
pub use params::Argon2Params;
pub use scheduler::{HashScheduler, ScheduleError, SchedulerOptions, SchedulerStats};
pub use scheme::{Parsed, SCHEMES, Scheme, schemes};
pub use work::{Many, Work, verify_many};
pub use wrapped::Wrapping;

use crate::Random;

/// A password hash that was parsed and found within its bounds.
///
/// Having one means that [`verify`](Self::verify) cannot fail for the hash's shape and cannot cost
/// more than the [`Limits`] allowed. Clones share the text and its parse. `Debug` shows the algorithm
/// and nothing else.
///
/// It is not a password policy and not a sign-in: it answers one question about bytes. Passwords are
/// taken as they are, without trimming or normalisation.
///
/// ```
/// use rollbook_core::{Argon2Params, HashOptions, Limits, OsRandom, PasswordHash, VerifyError};
///
/// let text = "5f4dcc3b5aa765d61d8327deb882cf99";
/// let old = PasswordHash::import("md5", text, &HashOptions::new(), &Limits::default())?;
/// assert_eq!(old.verify(b"password"), Ok(()));
/// assert_eq!(old.verify(b"Password"), Err(VerifyError::Mismatch));
///
/// let target = Argon2Params::default();
/// assert!(old.needs_upgrade(&target));
/// let new = PasswordHash::hash(b"password", &target, &OsRandom)?;
/// assert!(!new.needs_upgrade(&target));
/// # Ok::<(), rollbook_core::HashError>(())
/// ```
#[derive(Clone)]
pub struct PasswordHash {
    inner: Arc<Inner>,
}

struct Inner {
    scheme: &'static dyn Scheme,
    text: Zeroizing<String>,
    parsed: Box<dyn Parsed>,
    password_bytes: usize,
}

impl PasswordHash {
    /// Reads the hash of a named algorithm with its options, as an export or a store has them.
    ///
    /// `algorithm` is the name of one of [`SCHEMES`] or an alias. `text` must be exact: white space
    /// around it is an error. Options may carry the names of the wire (`costCpu`) or short ones
    /// (`cpu`); unknown ones are errors.
    ///
    /// # Errors
    ///
    /// [`HashError`], before any work is done for the hash.
    pub fn import(
        algorithm: &str,
        text: &str,
        options: &HashOptions,
        limits: &Limits,
    ) -> Result<Self, HashError> {
        let hash = Self::restore(algorithm, text, options, limits)?;
        hash.check_weak(limits)
    }

    /// As [`import`](Self::import), for a hash that was imported before: that a weak scheme may come in was
    /// decided then.
    ///
    /// # Errors
    ///
    /// As `import`, but for [`HashError::Weak`].
    pub fn restore(
        algorithm: &str,
        text: &str,
        options: &HashOptions,
        limits: &Limits,
    ) -> Result<Self, HashError> {
        let scheme = scheme::find(algorithm).ok_or_else(|| HashError::UnknownAlgorithm {
            name: error::clip(algorithm),
            nearest: scheme::nearest(algorithm),
        })?;
        Self::read(scheme, text, options, limits)
    }

    /// Reads a hash whose algorithm shows in its text.
    ///
    /// Advisory, for tools: the name that comes with an export wins. Bare hex never shows what it is.
    ///
    /// # Errors
    ///
    /// [`HashError::Ambiguous`] with the candidates, [`HashError::Unrecognised`] with what the text
    /// looks like, or what [`import`](Self::import) says.
    ///
    /// ```
    /// use rollbook_core::{HashError, Limits, PasswordHash};
    ///
    /// let limits = Limits::default();
    /// let text = "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    /// let hash = PasswordHash::detect(text, &limits)?;
    /// assert_eq!(hash.algorithm(), "bcrypt");
    /// let error = PasswordHash::detect("5f4dcc3b5aa765d61d8327deb882cf99", &limits).unwrap_err();
    /// assert!(matches!(error, HashError::Ambiguous { .. }));
    /// # Ok::<(), HashError>(())
    /// ```
    pub fn detect(text: &str, limits: &Limits) -> Result<Self, HashError> {
        // Before any prefix is looked at, so that white space and length get the better message.
        recognise::check_text("password", text, limits.text_bytes)?;
        let scheme = recognise::detect(text)
            .map_err(|error| near_miss::advise_unnamed(text, limits, error))?;
        Self::read(scheme, text, &HashOptions::new(), limits)?.check_weak(limits)
    }

    fn check_weak(self, limits: &Limits) -> Result<Self, HashError> {
        match limits.weak {
            Weak::Refuse if self.inner.scheme.is_weak() || self.inner.parsed.is_weak() => {
                Err(HashError::Weak { scheme: self.algorithm() })
            }
            _ => Ok(self),
        }
    }

    /// Hashes a new password with Argon2id: a salt of 16 random bytes, a tag of 32.
    ///
    /// # Errors
    ///
    /// [`HashError::OverLimit`] for a password over 4096 bytes, [`HashError::OutOfMemory`].
    pub fn hash(
        password: &[u8],
        params: &Argon2Params,
        random: &dyn Random,
    ) -> Result<Self, HashError> {
        let limits = Limits::default();
        if password.len() > limits.password_bytes {
            return Err(HashError::OverLimit {
                scheme: argon2::Argon2Scheme.name(),
                parameter: "password bytes",
                value: password.len() as u64,
                limit: limits.password_bytes as u64,
            });
        }
        let text = Zeroizing::new(argon2::new_text(password, params, random)?);
        Self::read(&argon2::Argon2Scheme, &text, &HashOptions::new(), &limits)
    }

    fn read(
        scheme: &'static dyn Scheme,
        text: &str,
        options: &HashOptions,
        limits: &Limits,
    ) -> Result<Self, HashError> {
        recognise::check_text(scheme.name(), text, limits.text_bytes)?;
        let parsed = scheme
            .parse(text, options, limits)
            .map_err(|error| near_miss::advise(scheme, text, options, limits, error))?;
        Ok(Self {
            inner: Arc::new(Inner {
                scheme,
                text: Zeroizing::new(text.to_owned()),
                parsed,
                password_bytes: limits.password_bytes,
            }),
        })
    }

    /// Whether `password` is the one that was hashed. It is, if this is `Ok`.
    ///
    /// Takes as long as [`cost`](Self::cost) says, on the calling thread. [`verify_many`] is for many at once.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Mismatch`] for a wrong password; [`VerifyError::PasswordTooLong`] without any
    /// work; [`VerifyError::OutOfMemory`].
    pub fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        self.check_length(password)?;
        self.inner.parsed.verify(password)
    }

    fn check_length(&self, password: &[u8]) -> Result<(), VerifyError> {
        let limit = self.inner.password_bytes;
        if password.len() <= limit {
            return Ok(());
        }
        let (bytes, limit) = (password.len() as u64, limit as u64);
        Err(VerifyError::PasswordTooLong { bytes, limit })
    }

    /// What there is to compute for `password`, where that can be told apart.
    #[inline]
    fn work<'a>(&'a self, password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        self.check_length(password)?;
        self.inner.parsed.work(password)
    }

    /// How many of its kind and cost take no longer together than one of them alone, or next to nothing.
    fn company(&self) -> usize {
        let work = self.work(&[]);
        work.ok().flatten().map_or(1, |work| work.shape().company())
    }

    /// What is said of the password whose work had this outcome.
    fn conclude(&self, outcome: &[u8]) -> Result<(), VerifyError> {
        self.inner.parsed.conclude(outcome)
    }

    /// Whether a new hash with `target` would be better: anything but Argon2id of version 19, with at
    /// least the target's memory, iterations and lanes, a salt of 16 bytes and a tag of 32.
    pub fn needs_upgrade(&self, target: &Argon2Params) -> bool {
        !self.inner.parsed.meets(target)
    }

    /// The scheme's name, on the wire and in the store: one of [`schemes`].
    pub fn algorithm(&self) -> &'static str {
        self.inner.scheme.name()
    }

    /// The text as it is stored. A secret: keep it out of logs.
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// The options as the wire shows them (`hashOptions`): under the wire's names, and true where
    /// Appwrite prints its defaults.
    ///
    /// ```
    /// use rollbook_core::{HashOptions, Limits, PasswordHash};
    ///
    /// let text = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";
    /// let hash = PasswordHash::import("sha", text, &HashOptions::new(), &Limits::default())?;
    /// assert_eq!(hash.options()["version"], "sha256");
    /// # Ok::<(), rollbook_core::HashError>(())
    /// ```
    pub fn options(&self) -> HashOptions {
        self.inner.parsed.options()
    }

    /// The options that [`import`](Self::import) needs to read the text again; none if the text says
    /// it all.
    pub fn stored_options(&self) -> HashOptions {
        if self.inner.parsed.is_self_contained() { HashOptions::new() } else { self.options() }
    }

    fn parsed(&self) -> &dyn Parsed {
        self.inner.parsed.as_ref()
    }

    /// What one verification costs.
    pub fn cost(&self) -> Cost {
        self.inner.parsed.cost()
    }

    /// The hash for people, without its salt and digest.
    pub fn explain(&self) -> Explanation {
        self.inner.parsed.explain()
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordHash").field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}

/// Equal if stored equally: algorithm, text and options. Says nothing about passwords.
impl PartialEq for PasswordHash {
    fn eq(&self, other: &Self) -> bool {
        self.algorithm() == other.algorithm()
            && self.text() == other.text()
            && self.stored_options() == other.stored_options()
    }
}

impl Eq for PasswordHash {}
