//! What can be wrong with a hash at import, and with a password at verification.

use std::fmt;

/// Why a stored password hash was refused, before any work was done for it.
///
/// A message says what is wrong, where, and what would be right. It never repeats the hash, so it may
/// be logged and shown.
///
/// ```
/// use rollbook_core::{HashError, HashOptions, Limits, PasswordHash};
///
/// let text = "$2y$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
/// let error =
///     PasswordHash::import("bcrypt", text, &HashOptions::new(), &Limits::default()).unwrap_err();
/// assert!(matches!(error, HashError::Malformed { scheme: "bcrypt", position: Some(5), .. }));
/// assert_eq!(error.to_string(), "bcrypt hash: the cost 99 is not between 4 and 31, at position 5");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// No scheme has this name.
    #[error("unknown hash algorithm `{name}`{}", Suffix("; did you mean ", nearest.as_ref()))]
    UnknownAlgorithm {
        /// The name asked for, shortened.
        name: String,
        /// The known name that is spelled most like it.
        nearest: Option<&'static str>,
    },
    /// The text alone does not look like any scheme.
    #[error("unrecognised password hash{}", Suffix("; ", hint.as_ref()))]
    Unrecognised {
        /// What it looks like instead, if anything.
        hint: Option<String>,
    },
    /// The text fits several schemes; the caller has to name one.
    #[error("ambiguous password hash; name its algorithm: {}", List(candidates))]
    Ambiguous {
        /// The schemes it fits, with their options.
        candidates: Vec<&'static str>,
    },
    /// The text is not of the scheme's form.
    #[error(
        "{scheme} hash: {what}{}{}",
        Suffix(", at position ", position.as_ref()),
        Suffix("; ", hint.as_ref())
    )]
    Malformed {
        /// The scheme it was read as.
        scheme: &'static str,
        /// What is wrong.
        what: String,
        /// Where: the byte of the text, counted from 1.
        position: Option<usize>,
        /// What would be right.
        hint: Option<String>,
    },
    /// Well formed, but more costly than the [`Limits`](crate::Limits) allow.
    #[error("{scheme} hash: {parameter} {value} is over the limit of {limit}")]
    OverLimit {
        /// The scheme it was read as.
        scheme: &'static str,
        /// The parameter that is too large, with its unit.
        parameter: &'static str,
        /// Its value.
        value: u64,
        /// The largest value allowed.
        limit: u64,
    },
    /// The scheme is no protection at all, and the caller has not allowed such schemes.
    #[error(
        "{scheme} hashes are next to no protection; allow weak schemes to import them all the same"
    )]
    Weak {
        /// The scheme.
        scheme: &'static str,
    },
    /// An option is missing, unknown, or not of its form.
    #[error("{scheme} option `{name}`: {reason}")]
    Option {
        /// The scheme the option belongs to.
        scheme: &'static str,
        /// The option's name as given, shortened.
        name: String,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// The memory for a new hash could not be had.
    #[error("out of memory: {bytes} bytes for one password hash")]
    OutOfMemory {
        /// The size asked for.
        bytes: u64,
    },
}

impl HashError {
    /// A [`Malformed`](Self::Malformed) without position and hint; add them with [`at`](Self::at) and
    /// [`hint`](Self::hint).
    pub(super) fn malformed(scheme: &'static str, what: impl Into<String>) -> Self {
        Self::Malformed { scheme, what: what.into(), position: None, hint: None }
    }

    pub(super) fn option(scheme: &'static str, name: &str, reason: impl Into<String>) -> Self {
        Self::Option { scheme, name: clip(name), reason: reason.into() }
    }

    /// Adds where in the text, as an offset counted from 0.
    pub(super) fn at(mut self, offset: usize) -> Self {
        if let Self::Malformed { position, .. } = &mut self {
            *position = Some(offset + 1);
        }
        self
    }

    pub(super) fn hint(mut self, text: impl Into<String>) -> Self {
        if let Self::Malformed { hint, .. } | Self::Unrecognised { hint } = &mut self {
            *hint = Some(text.into());
        }
        self
    }
}

/// Why a password was not accepted.
///
/// [`Mismatch`](Self::Mismatch) is the answer to a wrong password; the rest means that the question
/// could not be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The password is not the one that was hashed.
    #[error("wrong password")]
    Mismatch,
    /// The password is longer than [`Limits::password_bytes`](crate::Limits); nothing was computed.
    #[error("password of {bytes} bytes is over the limit of {limit}")]
    PasswordTooLong {
        /// Its length.
        bytes: u64,
        /// The longest allowed.
        limit: u64,
    },
    /// The memory that the hash asks for could not be had.
    #[error("out of memory: {bytes} bytes for one password hash")]
    OutOfMemory {
        /// The size asked for.
        bytes: u64,
    },
    /// The primitive refused parameters that import had accepted: a defect of this crate.
    #[error("the {scheme} primitive refused its parameters")]
    Primitive {
        /// The scheme that was computed.
        scheme: &'static str,
    },
}

/// The first characters of a caller's text, escaped, so that an error stays one short line.
pub(super) fn clip(text: &str) -> String {
    const SHOWN: usize = 32;
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push_str("...");
    }
    shown
}

struct List<'a>(&'a [&'static str]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, item) in self.0.iter().enumerate() {
            f.write_str(if i == 0 { "" } else { ", " })?;
            f.write_str(item)?;
        }
        Ok(())
    }
}

struct Suffix<'a, T>(&'static str, Option<&'a T>);

impl<T: fmt::Display> fmt::Display for Suffix<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(value) => write!(f, "{}{value}", self.0),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_text_is_clipped_and_escaped() {
        assert_eq!(clip("sha"), "sha");
        assert_eq!(clip("a\nb"), "a\\nb");
        assert_eq!(clip(&"x".repeat(40)), format!("{}...", "x".repeat(32)));
    }
}
