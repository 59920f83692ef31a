//! How a file is read.

use crate::Limits;

/// What to do with a field that users don't have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a field is refused or it is not")]
pub enum UnknownFields {
    /// Refuse the user, so that nothing is lost unnoticed.
    #[default]
    Refuse,
    /// Read the user without it.
    Ignore,
}

/// How a file is read; each setting has a default.
///
/// ```
/// use rollbook_core::import::{ReadOptions, UnknownFields};
///
/// let options = ReadOptions::new().unknown_fields(UnknownFields::Ignore).longest_line(1 << 20);
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
pub struct ReadOptions {
    pub(super) unknown_fields: UnknownFields,
    pub(super) longest_line: usize,
    pub(super) limits: Limits,
    pub(super) weak_hashes: WeakHashes,
}

/// What becomes of hashes that are no protection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum WeakHashes {
    /// They are stored as they are, until their users sign in.
    #[default]
    Keep,
    /// Argon2id is put around those that can be wrapped, so that they never rest on the disk. It takes as
    /// long as hashing that many passwords.
    Wrap,
}

/// A saved answer with 5000 users of 3 KiB each fits into a line.
const LONGEST_LINE: usize = 16 * 1024 * 1024;

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            unknown_fields: UnknownFields::Refuse,
            longest_line: LONGEST_LINE,
            limits: Limits::default(),
            weak_hashes: WeakHashes::Keep,
        }
    }
}

impl ReadOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// What becomes of hashes that are no protection. Default: [`WeakHashes::Keep`].
    pub fn weak_hashes(self, weak_hashes: WeakHashes) -> Self {
        Self { weak_hashes, ..self }
    }

    /// What to do with a field that users don't have. Default: [`UnknownFields::Refuse`].
    pub fn unknown_fields(self, unknown_fields: UnknownFields) -> Self {
        Self { unknown_fields, ..self }
    }

    /// The most bytes of a line; a longer one is refused unread. Default: 16 MiB.
    pub fn longest_line(self, longest_line: usize) -> Self {
        Self { longest_line, ..self }
    }

    /// What a password hash may cost. Default: [`Limits::default`].
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }
}
