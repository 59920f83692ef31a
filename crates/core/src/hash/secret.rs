//! Bytes that are wiped, redacted, and compared in constant time.

use std::fmt;

use constant_time_eq::constant_time_eq;
use zeroize::Zeroizing;

use super::VerifyError;

/// The decoded digest of a stored hash, or a key that belongs to one.
pub(super) struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Compares in time that depends only on the lengths, which are public.
    pub(super) fn matches(&self, computed: &[u8]) -> Result<(), VerifyError> {
        if constant_time_eq(&self.0, computed) { Ok(()) } else { Err(VerifyError::Mismatch) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_whole_values() {
        let secret = Secret::new(vec![1, 2, 3]);
        assert_eq!(secret.matches(&[1, 2, 3]), Ok(()));
        for wrong in [&[1, 2, 4][..], &[1, 2], &[1, 2, 3, 4], &[]] {
            assert_eq!(secret.matches(wrong), Err(VerifyError::Mismatch));
        }
        assert_eq!(format!("{secret:?}"), "[redacted]");
    }
}
