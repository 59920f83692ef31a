//! Eight words of 32 bits, or four of 64, in AVX2 registers.

use std::arch::x86_64::{
    __m256i, _mm_cvtsi32_si128, _mm256_add_epi32, _mm256_add_epi64, _mm256_and_si256,
    _mm256_andnot_si256, _mm256_or_si256, _mm256_set1_epi32, _mm256_set1_epi64x, _mm256_sll_epi32,
    _mm256_sll_epi64, _mm256_srl_epi32, _mm256_srl_epi64, _mm256_xor_si256,
};

use crate::word::{Simd, Word};

/// Proof that the CPU has AVX2.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

impl Avx2 {
    /// # Safety
    ///
    /// The CPU has it, and the caller is compiled for it.
    #[expect(unsafe_code, reason = "whoever makes the proof has looked")]
    pub unsafe fn new() -> Self {
        Self(())
    }
}

impl Simd for Avx2 {
    type U32 = U32x8;
    type U64 = U64x4;
}

#[derive(Clone, Copy, Debug)]
pub struct U32x8(__m256i);

#[derive(Clone, Copy, Debug)]
pub struct U64x4(__m256i);

macro_rules! vectors {
    ($type:ident, $scalar:ty, $lanes:literal, $set1:ident, $add:ident, $sll:ident, $srl:ident) => {
        // Every function is inlined into one that is compiled for these instructions.
        #[expect(unsafe_code, reason = "a vector exists only where its instructions do")]
        impl Word for $type {
            type Scalar = $scalar;
            type Simd = Avx2;
            const LANES: usize = $lanes;

            #[inline(always)]
            fn splat(_: Avx2, value: $scalar) -> Self {
                // SAFETY: the CPU has AVX2, as the first parameter proves.
                Self(unsafe { $set1(value.cast_signed()) })
            }

            #[inline(always)]
            fn gather(_: Avx2, lane: impl FnMut(usize) -> $scalar) -> Self {
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
                // SAFETY: a vector exists, so the CPU has AVX2. So below.
                Self(unsafe { $add(self.0, other.0) })
            }

            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { _mm256_xor_si256(self.0, other.0) })
            }

            #[inline(always)]
            fn rotate_right(self, bits: u32) -> Self {
                let (right, left) = (bits.cast_signed(), (<$scalar>::BITS - bits).cast_signed());
                // SAFETY: as above.
                Self(unsafe {
                    _mm256_or_si256(
                        $srl(self.0, _mm_cvtsi32_si128(right)),
                        $sll(self.0, _mm_cvtsi32_si128(left)),
                    )
                })
            }

            #[inline(always)]
            fn shift_right(self, bits: u32) -> Self {
                // SAFETY: as above.
                Self(unsafe { $srl(self.0, _mm_cvtsi32_si128(bits.cast_signed())) })
            }

            #[inline(always)]
            fn shift_left(self, bits: u32) -> Self {
                // SAFETY: as above.
                Self(unsafe { $sll(self.0, _mm_cvtsi32_si128(bits.cast_signed())) })
            }

            #[inline(always)]
            fn choose(self, yes: Self, no: Self) -> Self {
                no.xor(self.and(yes.xor(no)))
            }

            #[inline(always)]
            fn majority(self, b: Self, c: Self) -> Self {
                self.and(b).xor(c.and(self.xor(b)))
            }

            #[inline(always)]
            fn xor3(self, b: Self, c: Self) -> Self {
                self.xor(b.xor(c))
            }

            #[inline(always)]
            fn add_md5_g(self, b: Self, c: Self, d: Self) -> Self {
                // SAFETY: as above.
                let without_b = Self(unsafe { _mm256_andnot_si256(d.0, c.0) });
                self.add(without_b).add(b.and(d))
            }

            #[inline(always)]
            fn md5_i(self, c: Self, d: Self) -> Self {
                // SAFETY: as above.
                let ones = Self(unsafe { _mm256_set1_epi32(-1) });
                // SAFETY: as above.
                c.xor(Self(unsafe { _mm256_or_si256(self.0, d.xor(ones).0) }))
            }
        }

        #[expect(unsafe_code, reason = "a vector exists only where its instructions do")]
        impl $type {
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                // SAFETY: a vector exists, so the CPU has AVX2.
                Self(unsafe { _mm256_and_si256(self.0, other.0) })
            }
        }
    };
}

vectors!(U32x8, u32, 8, _mm256_set1_epi32, _mm256_add_epi32, _mm256_sll_epi32, _mm256_srl_epi32);
vectors!(U64x4, u64, 4, _mm256_set1_epi64x, _mm256_add_epi64, _mm256_sll_epi64, _mm256_srl_epi64);
