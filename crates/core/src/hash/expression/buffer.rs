//! Bytes that are computed from a password.

use zeroize::{Zeroize as _, Zeroizing};

/// A growing value that is wiped when it is dropped, and when it moves to grow.
pub(super) struct Buffer(Zeroizing<Vec<u8>>);

impl Buffer {
    /// Room for the values of ordinary expressions.
    pub(super) fn new() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(128)))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// Makes room for another value. The bytes stay until they are overwritten or the buffer is dropped.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn extend(&mut self, bytes: &[u8]) {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            let mut grown = Vec::with_capacity(needed.next_power_of_two());
            grown.extend_from_slice(&self.0);
            self.0.zeroize();
            *self.0 = grown;
        }
        self.0.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_without_loss() {
        let mut buffer = Buffer::new();
        let piece: Vec<u8> = (0..100).collect();
        for _ in 0..5 {
            buffer.extend(&piece);
        }
        assert_eq!(buffer.bytes(), piece.repeat(5));
    }
}
