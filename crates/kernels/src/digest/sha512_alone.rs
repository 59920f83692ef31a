//! SHA-512 of one message where there is AVX-512 VL: its words in pairs on the vector units, while the rounds
//! wait for each other on the others.

use std::arch::x86_64::{
    __m128i, _mm_add_epi64, _mm_alignr_epi8, _mm_ror_epi64, _mm_srli_epi64, _mm_ternarylogic_epi64,
};

use super::sha2::ROUNDS_512;

/// Compresses a block.
#[target_feature(enable = "avx512f,avx512vl,avx2,bmi1,bmi2")]
pub(crate) fn compress(state: &mut [u64; 8], block: &[u64; 16]) {
    let mut words: [__m128i; 8] = bytemuck::cast(*block);
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    let mut differed = b ^ c;
    macro_rules! round {
        ($word:expr, $a:ident, $b:ident, $d:ident, $e:ident, $f:ident, $g:ident, $h:ident) => {
            let choose = ($e & $f) ^ (!$e & $g);
            let early = $h.wrapping_add($word).wrapping_add(choose);
            let turned = $e.rotate_right(14) ^ $e.rotate_right(18) ^ $e.rotate_right(41);
            let sum = early.wrapping_add(turned);
            $d = $d.wrapping_add(sum);
            // What differs between the second and the third was between the first two a round ago.
            let differs = $a ^ $b;
            let majority = (differs & differed) ^ $b;
            differed = differs;
            let turned = $a.rotate_right(28) ^ $a.rotate_right(34) ^ $a.rotate_right(39);
            $h = sum.wrapping_add(majority).wrapping_add(turned);
        };
    }
    macro_rules! pair {
        ($sums:ident, $i:literal, $a:ident, $b:ident, $c:ident, $d:ident, $e:ident, $f:ident, $g:ident, $h:ident) => {
            let [one, two] = [$sums[2 * $i], $sums[2 * $i + 1]];
            // The words of 16 rounds on, in the place of those that are used up.
            let near = near(_mm_alignr_epi8::<8>(words[($i + 1) % 8], words[$i]));
            let middle = _mm_alignr_epi8::<8>(words[($i + 5) % 8], words[($i + 4) % 8]);
            let sum = _mm_add_epi64(_mm_add_epi64(words[$i], near), middle);
            words[$i] = _mm_add_epi64(sum, far(words[($i + 7) % 8]));
            round!(one, $a, $b, $d, $e, $f, $g, $h);
            round!(two, $h, $a, $c, $d, $e, $f, $g);
        };
    }
    for constants in ROUNDS_512.chunks_exact(16) {
        let mut sums = [0; 16];
        for ((sums, word), constant) in
            sums.chunks_exact_mut(2).zip(&words).zip(constants.chunks_exact(2))
        {
            let constant = bytemuck::cast([constant[0], constant[1]]);
            let sum: [u64; 2] = bytemuck::cast(_mm_add_epi64(*word, constant));
            sums.copy_from_slice(&sum);
        }
        // In memory, whence the rounds add them: to take them out of the registers one by one is slower.
        let sums = std::hint::black_box(&sums);
        pair!(sums, 0, a, b, c, d, e, f, g, h);
        pair!(sums, 1, g, h, a, b, c, d, e, f);
        pair!(sums, 2, e, f, g, h, a, b, c, d);
        pair!(sums, 3, c, d, e, f, g, h, a, b);
        pair!(sums, 4, a, b, c, d, e, f, g, h);
        pair!(sums, 5, g, h, a, b, c, d, e, f);
        pair!(sums, 6, e, f, g, h, a, b, c, d);
        pair!(sums, 7, c, d, e, f, g, h, a, b);
    }
    for (word, new) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(new);
    }
}

/// The truth table of a sum without carries.
const XOR3: i32 = 0x96;

#[target_feature(enable = "avx512f,avx512vl")]
fn near(words: __m128i) -> __m128i {
    let (one, eight) = (_mm_ror_epi64::<1>(words), _mm_ror_epi64::<8>(words));
    _mm_ternarylogic_epi64::<XOR3>(one, eight, _mm_srli_epi64::<7>(words))
}

#[target_feature(enable = "avx512f,avx512vl")]
fn far(words: __m128i) -> __m128i {
    let (nineteen, sixty_one) = (_mm_ror_epi64::<19>(words), _mm_ror_epi64::<61>(words));
    _mm_ternarylogic_epi64::<XOR3>(nineteen, sixty_one, _mm_srli_epi64::<6>(words))
}
