//! The memory that memory-hard kernels are lent.

use bytemuck::{Pod, Zeroable};

/// 64 bytes, aligned to a line of the cache: the unit of lent memory.
///
/// What a kernel leaves in it is as secret as the password, and up to the lender to wipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Line([u64; 8]);

impl Line {
    /// All bits 0.
    pub const ZERO: Self = Self([0; 8]);
}

// SAFETY: eight words and nothing else: 64 bytes are both the size and the alignment, so that there is no padding;
// all bits 0 is a value.
#[expect(unsafe_code, reason = "the derive would bring a second version of syn along")]
unsafe impl Zeroable for Line {}
// SAFETY: as above; every pattern of bits is a value, and there are no pointers and no interior mutability.
#[expect(unsafe_code, reason = "the derive would bring a second version of syn along")]
unsafe impl Pod for Line {}

/// The same memory as bytes.
///
/// ```
/// use rollbook_kernels::memory::{Line, bytes_mut};
///
/// assert_eq!(bytes_mut(&mut [Line::ZERO; 2]), [0; 128]);
/// ```
pub fn bytes_mut(memory: &mut [Line]) -> &mut [u8] {
    bytemuck::cast_slice_mut(memory)
}
