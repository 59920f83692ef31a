//! Rows of 128 bits, one user's, and of 512 bits.

use std::arch::x86_64::*;

use crate::memory::Line;

/// Of one block or more, as many as there is memory for.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub(super) fn mix(blocks: &mut [Line], memory: &mut [Line], n: usize, r: usize) {
    if blocks.len() == 2 * r {
        one::one(blocks, memory, n, r);
    } else {
        four::many(blocks, memory, n, r);
    }
}

/// One user a register.
pub(crate) mod one {
    use super::*;

    pub(crate) type Row = __m128i;

    form!(1, #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]);
    one!(#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]);

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn add(a: Row, b: Row) -> Row {
        _mm_add_epi32(a, b)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn xor(a: Row, b: Row) -> Row {
        _mm_xor_si128(a, b)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn rotate<const BITS: i32>(a: Row) -> Row {
        _mm_rol_epi32::<BITS>(a)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn turn_1(a: Row) -> Row {
        _mm_shuffle_epi32::<0b00_11_10_01>(a)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn turn_2(a: Row) -> Row {
        _mm_shuffle_epi32::<0b01_00_11_10>(a)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn turn_3(a: Row) -> Row {
        _mm_shuffle_epi32::<0b10_01_00_11>(a)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn split(rows: [Row; 4]) -> [Line; 1] {
        [bytemuck::cast(rows)]
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn join([line]: [Line; 1]) -> [Row; 4] {
        bytemuck::cast(line)
    }
}

/// Four users a register.
pub(crate) mod four {
    use super::*;

    pub(crate) type Row = __m512i;

    form!(4, #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]);
    many!(#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]);

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn add(a: Row, b: Row) -> Row {
        _mm512_add_epi32(a, b)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn xor(a: Row, b: Row) -> Row {
        _mm512_xor_si512(a, b)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn rotate<const BITS: i32>(a: Row) -> Row {
        _mm512_rol_epi32::<BITS>(a)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn turn_1(a: Row) -> Row {
        _mm512_shuffle_epi32::<0b00_11_10_01>(a)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn turn_2(a: Row) -> Row {
        _mm512_shuffle_epi32::<0b01_00_11_10>(a)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn turn_3(a: Row) -> Row {
        _mm512_shuffle_epi32::<0b10_01_00_11>(a)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn split([a, b, c, d]: [Row; 4]) -> [Line; 4] {
        transpose([a, b, c, d]).map(bytemuck::cast)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn join(lines: [Line; 4]) -> [Row; 4] {
        transpose(lines.map(bytemuck::cast))
    }

    /// Of four by four parts of 128 bits.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn transpose([a, b, c, d]: [Row; 4]) -> [Row; 4] {
        let (e, f) = (_mm512_shuffle_i64x2::<0x44>(a, b), _mm512_shuffle_i64x2::<0x44>(c, d));
        let (g, h) = (_mm512_shuffle_i64x2::<0xEE>(a, b), _mm512_shuffle_i64x2::<0xEE>(c, d));
        [
            _mm512_shuffle_i64x2::<0x88>(e, f),
            _mm512_shuffle_i64x2::<0xDD>(e, f),
            _mm512_shuffle_i64x2::<0x88>(g, h),
            _mm512_shuffle_i64x2::<0xDD>(g, h),
        ]
    }
}
