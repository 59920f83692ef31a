//! Sixteen words of 32 bits, or eight of 64, in AVX-512 registers.

use std::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_add_epi64, _mm512_rorv_epi32, _mm512_rorv_epi64,
    _mm512_set1_epi32, _mm512_set1_epi64, _mm512_sllv_epi32, _mm512_sllv_epi64, _mm512_srlv_epi32,
    _mm512_srlv_epi64, _mm512_ternarylogic_epi32, _mm512_xor_si512,
};

use crate::word::{Simd, Word};

/// Proof that the CPU has AVX-512 F, BW, DQ and VL.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(());

impl Avx512 {
    /// # Safety
    ///
    /// The CPU has them, and the caller is compiled for them.
    #[expect(unsafe_code, reason = "whoever makes the proof has looked")]
    pub unsafe fn new() -> Self {
        Self(())
    }
}

impl Simd for Avx512 {
    type U32 = U32x16;
    type U64 = U64x8;
}

#[derive(Clone, Copy, Debug)]
pub struct U32x16(__m512i);

#[derive(Clone, Copy, Debug)]
pub struct U64x8(__m512i);

/// The truth tables of three-operand logic, bit `a << 2 | b << 1 | c`.
mod table {
    pub(super) const CHOOSE: i32 = 0xca;
    pub(super) const MAJORITY: i32 = 0xe8;
    pub(super) const XOR3: i32 = 0x96;
    /// `b ^ (a | !c)`.
    pub(super) const MD5_I: i32 = 0x39;
}

macro_rules! vectors {
    ($type:ident, $scalar:ty, $signed:ty, $lanes:literal, $set1:ident, $add:ident, $rorv:ident, $srlv:ident, $sllv:ident) => {
        // Every function is inlined into one that is compiled for these instructions.
        #[expect(unsafe_code, reason = "a vector exists only where its instructions do")]
        impl Word for $type {
            type Scalar = $scalar;
            type Simd = Avx512;
            const LANES: usize = $lanes;

            #[inline(always)]
            fn splat(_: Avx512, value: $scalar) -> Self {
                // SAFETY: the CPU has AVX-512, as the first parameter proves.
                Self(unsafe { $set1(value.cast_signed()) })
            }

            #[inline(always)]
            fn gather(_: Avx512, lane: impl FnMut(usize) -> $scalar) -> Self {
                Self(bytemuck::cast(std::array::from_fn::<$scalar, $lanes, _>(lane)))
            }

            #[inline(always)]
            fn scatter(self, mut lane: impl FnMut(usize, $scalar)) {
                let words: [$scalar; $lanes] = bytemuck::cast(self.0);
                for (i, word) in words.into_iter().enumerate() {
                    lane(i, word);
                }
            }

            #[inline(always)]
            fn add(self, other: Self) -> Self {
                // SAFETY: a vector exists, so the CPU has AVX-512. So below.
                Self(unsafe { $add(self.0, other.0) })
            }

            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { _mm512_xor_si512(self.0, other.0) })
            }

            #[inline(always)]
            fn rotate_right(self, bits: u32) -> Self {
                // SAFETY: as above.
                Self(unsafe { $rorv(self.0, $set1(<$signed>::from(bits.cast_signed()))) })
            }

            #[inline(always)]
            fn shift_right(self, bits: u32) -> Self {
                // SAFETY: as above.
                Self(unsafe { $srlv(self.0, $set1(<$signed>::from(bits.cast_signed()))) })
            }

            #[inline(always)]
            fn shift_left(self, bits: u32) -> Self {
                // SAFETY: as above.
                Self(unsafe { $sllv(self.0, $set1(<$signed>::from(bits.cast_signed()))) })
            }

            #[inline(always)]
            fn choose(self, yes: Self, no: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { _mm512_ternarylogic_epi32::<{ table::CHOOSE }>(self.0, yes.0, no.0) })
            }

            #[inline(always)]
            fn majority(self, b: Self, c: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { _mm512_ternarylogic_epi32::<{ table::MAJORITY }>(self.0, b.0, c.0) })
            }

            #[inline(always)]
            fn xor3(self, b: Self, c: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { _mm512_ternarylogic_epi32::<{ table::XOR3 }>(self.0, b.0, c.0) })
            }

            #[inline(always)]
            fn add_md5_g(self, b: Self, c: Self, d: Self) -> Self {
                self.add(d.choose(b, c))
            }

            #[inline(always)]
            fn md5_i(self, c: Self, d: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { _mm512_ternarylogic_epi32::<{ table::MD5_I }>(self.0, c.0, d.0) })
            }
        }
    };
}

vectors!(
    U32x16,
    u32,
    i32,
    16,
    _mm512_set1_epi32,
    _mm512_add_epi32,
    _mm512_rorv_epi32,
    _mm512_srlv_epi32,
    _mm512_sllv_epi32
);
vectors!(
    U64x8,
    u64,
    i64,
    8,
    _mm512_set1_epi64,
    _mm512_add_epi64,
    _mm512_rorv_epi64,
    _mm512_srlv_epi64,
    _mm512_sllv_epi64
);
