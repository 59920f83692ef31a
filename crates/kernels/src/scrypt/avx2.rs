//! Rows of 128 bits, one user's, and of 256 bits.

use std::arch::x86_64::*;

use crate::memory::Line;

/// Of one block or more, as many as there is memory for.
#[target_feature(enable = "avx2")]
pub(super) fn mix(blocks: &mut [Line], memory: &mut [Line], n: usize, r: usize) {
    if blocks.len() == 2 * r {
        one::one(blocks, memory, n, r);
    } else {
        two::many(blocks, memory, n, r);
    }
}

/// One user a register.
pub(crate) mod one {
    use super::*;

    pub(crate) type Row = __m128i;

    form!(1, #[target_feature(enable = "avx2")]);
    one!(#[target_feature(enable = "avx2")]);

    #[inline]
    #[target_feature(enable = "avx2")]
    fn add(a: Row, b: Row) -> Row {
        _mm_add_epi32(a, b)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn xor(a: Row, b: Row) -> Row {
        _mm_xor_si128(a, b)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn rotate<const BITS: i32>(a: Row) -> Row {
        match BITS {
            7 => _mm_or_si128(_mm_slli_epi32::<7>(a), _mm_srli_epi32::<25>(a)),
            9 => _mm_or_si128(_mm_slli_epi32::<9>(a), _mm_srli_epi32::<23>(a)),
            13 => _mm_or_si128(_mm_slli_epi32::<13>(a), _mm_srli_epi32::<19>(a)),
            _ => _mm_or_si128(_mm_slli_epi32::<18>(a), _mm_srli_epi32::<14>(a)),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn turn_1(a: Row) -> Row {
        _mm_shuffle_epi32::<0b00_11_10_01>(a)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn turn_2(a: Row) -> Row {
        _mm_shuffle_epi32::<0b01_00_11_10>(a)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn turn_3(a: Row) -> Row {
        _mm_shuffle_epi32::<0b10_01_00_11>(a)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn split(rows: [Row; 4]) -> [Line; 1] {
        [bytemuck::cast(rows)]
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn join([line]: [Line; 1]) -> [Row; 4] {
        bytemuck::cast(line)
    }
}

/// Two users a register.
pub(crate) mod two {
    use super::*;

    pub(crate) type Row = __m256i;

    form!(2, #[target_feature(enable = "avx2")]);
    many!(#[target_feature(enable = "avx2")]);

    #[inline]
    #[target_feature(enable = "avx2")]
    fn add(a: Row, b: Row) -> Row {
        _mm256_add_epi32(a, b)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn xor(a: Row, b: Row) -> Row {
        _mm256_xor_si256(a, b)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn rotate<const BITS: i32>(a: Row) -> Row {
        match BITS {
            7 => _mm256_or_si256(_mm256_slli_epi32::<7>(a), _mm256_srli_epi32::<25>(a)),
            9 => _mm256_or_si256(_mm256_slli_epi32::<9>(a), _mm256_srli_epi32::<23>(a)),
            13 => _mm256_or_si256(_mm256_slli_epi32::<13>(a), _mm256_srli_epi32::<19>(a)),
            _ => _mm256_or_si256(_mm256_slli_epi32::<18>(a), _mm256_srli_epi32::<14>(a)),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn turn_1(a: Row) -> Row {
        _mm256_shuffle_epi32::<0b00_11_10_01>(a)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn turn_2(a: Row) -> Row {
        _mm256_shuffle_epi32::<0b01_00_11_10>(a)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn turn_3(a: Row) -> Row {
        _mm256_shuffle_epi32::<0b10_01_00_11>(a)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn split([a, b, c, d]: [Row; 4]) -> [Line; 2] {
        let line = |low: [Row; 2]| bytemuck::cast::<[Row; 2], Line>(low);
        [
            line([
                _mm256_permute2x128_si256::<0x20>(a, b),
                _mm256_permute2x128_si256::<0x20>(c, d),
            ]),
            line([
                _mm256_permute2x128_si256::<0x31>(a, b),
                _mm256_permute2x128_si256::<0x31>(c, d),
            ]),
        ]
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn join(lines: [Line; 2]) -> [Row; 4] {
        let [[a, c], [b, d]] = lines.map(bytemuck::cast::<Line, [Row; 2]>);
        [
            _mm256_permute2x128_si256::<0x20>(a, b),
            _mm256_permute2x128_si256::<0x31>(a, b),
            _mm256_permute2x128_si256::<0x20>(c, d),
            _mm256_permute2x128_si256::<0x31>(c, d),
        ]
    }
}
