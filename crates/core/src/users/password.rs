//! Plain passwords on their way to a hash.

use std::fmt;

use zeroize::Zeroizing;

use crate::Error;

/// A new password: 8 to 256 bytes of UTF-8 (`spec/users-api.md`, 5.6). Wiped from memory when dropped,
/// and never shown by `Debug`.
///
/// ```
/// use rollbook_core::Password;
///
/// assert!(Password::parse("correct horse").is_ok());
/// assert!(Password::parse("short").is_err());
/// # assert_eq!(format!("{:?}", Password::parse("correct horse").unwrap()), "Password(..)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// The password that `text` is, byte for byte.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for `password` if it is shorter than 8 or longer than 256 bytes.
    pub fn parse(text: impl Into<String>) -> Result<Self, Error> {
        let text = Zeroizing::new(text.into());
        if (8..=256).contains(&text.len()) {
            return Ok(Self(text));
        }
        Err(Error::invalid("password", "Password must be between 8 and 256 characters long."))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}
