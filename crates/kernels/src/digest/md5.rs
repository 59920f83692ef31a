//! MD5 (RFC 1321).

use super::compression::Compression;
use crate::word::{Simd, Word};

/// MD5.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Md5;

impl Compression for Md5 {
    type Scalar = u32;
    type Lanes<S: Simd> = S::U32;
    const WORDS: usize = 4;
    const START: [u32; 8] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0, 0, 0, 0];
    const BIG_ENDIAN: bool = false;
    const INTERLEAVED: usize = 4;

    #[inline(always)]
    fn compress<W: Word<Scalar = u32>, const K: usize>(
        simd: W::Simd,
        state: &mut [[W; 8]; K],
        block: &[[W; 16]; K],
    ) {
        let [mut a, mut b, mut c, mut d] = std::array::from_fn(|i| {
            let words: [W; K] = std::array::from_fn(|k| state[k][i]);
            words
        });
        // One step in all groups: they don't wait for each other.
        macro_rules! step {
            ($f:ident, $a:ident, $b:ident, $c:ident, $d:ident, $word:literal, $left:literal, $sine:literal) => {
                let constant = W::splat(simd, $sine);
                for k in 0..K {
                    // Late comes what depends on the step before.
                    let early = $a[k].add(block[k][$word].add(constant));
                    let sum = $f(early, $b[k], $c[k], $d[k]);
                    $a[k] = sum.rotate_right(32 - $left).add($b[k]);
                }
            };
        }
        macro_rules! four {
            ($f:ident; $w0:literal $w1:literal $w2:literal $w3:literal; $l0:literal $l1:literal $l2:literal $l3:literal;
             $s0:literal $s1:literal $s2:literal $s3:literal) => {
                step!($f, a, b, c, d, $w0, $l0, $s0);
                step!($f, d, a, b, c, $w1, $l1, $s1);
                step!($f, c, d, a, b, $w2, $l2, $s2);
                step!($f, b, c, d, a, $w3, $l3, $s3);
            };
        }
        four!(f; 0 1 2 3; 7 12 17 22; 0xd76a_a478 0xe8c7_b756 0x2420_70db 0xc1bd_ceee);
        four!(f; 4 5 6 7; 7 12 17 22; 0xf57c_0faf 0x4787_c62a 0xa830_4613 0xfd46_9501);
        four!(f; 8 9 10 11; 7 12 17 22; 0x6980_98d8 0x8b44_f7af 0xffff_5bb1 0x895c_d7be);
        four!(f; 12 13 14 15; 7 12 17 22; 0x6b90_1122 0xfd98_7193 0xa679_438e 0x49b4_0821);
        four!(g; 1 6 11 0; 5 9 14 20; 0xf61e_2562 0xc040_b340 0x265e_5a51 0xe9b6_c7aa);
        four!(g; 5 10 15 4; 5 9 14 20; 0xd62f_105d 0x0244_1453 0xd8a1_e681 0xe7d3_fbc8);
        four!(g; 9 14 3 8; 5 9 14 20; 0x21e1_cde6 0xc337_07d6 0xf4d5_0d87 0x455a_14ed);
        four!(g; 13 2 7 12; 5 9 14 20; 0xa9e3_e905 0xfcef_a3f8 0x676f_02d9 0x8d2a_4c8a);
        four!(h; 5 8 11 14; 4 11 16 23; 0xfffa_3942 0x8771_f681 0x6d9d_6122 0xfde5_380c);
        four!(h; 1 4 7 10; 4 11 16 23; 0xa4be_ea44 0x4bde_cfa9 0xf6bb_4b60 0xbebf_bc70);
        four!(h; 13 0 3 6; 4 11 16 23; 0x289b_7ec6 0xeaa1_27fa 0xd4ef_3085 0x0488_1d05);
        four!(h; 9 12 15 2; 4 11 16 23; 0xd9d4_d039 0xe6db_99e5 0x1fa2_7cf8 0xc4ac_5665);
        four!(i; 0 7 14 5; 6 10 15 21; 0xf429_2244 0x432a_ff97 0xab94_23a7 0xfc93_a039);
        four!(i; 12 3 10 1; 6 10 15 21; 0x655b_59c3 0x8f0c_cc92 0xffef_f47d 0x8584_5dd1);
        four!(i; 8 15 6 13; 6 10 15 21; 0x6fa8_7e4f 0xfe2c_e6e0 0xa301_4314 0x4e08_11a1);
        four!(i; 4 11 2 9; 6 10 15 21; 0xf753_7e82 0xbd3a_f235 0x2ad7_d2bb 0xeb86_d391);
        for k in 0..K {
            let state = &mut state[k];
            for (word, new) in state.iter_mut().zip([a[k], b[k], c[k], d[k]]) {
                *word = word.add(new);
            }
        }
    }

    #[inline(always)]
    fn read(bytes: &[u8]) -> u32 {
        bytes.try_into().map_or(0, u32::from_le_bytes)
    }

    #[inline(always)]
    fn write(word: u32, bytes: &mut [u8]) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
}

#[inline(always)]
fn f<W: Word>(sum: W, b: W, c: W, d: W) -> W {
    sum.add(b.choose(c, d))
}

#[inline(always)]
fn g<W: Word>(sum: W, b: W, c: W, d: W) -> W {
    sum.add_md5_g(b, c, d)
}

#[inline(always)]
fn h<W: Word>(sum: W, b: W, c: W, d: W) -> W {
    sum.add(b.xor3(c, d))
}

#[inline(always)]
fn i<W: Word>(sum: W, b: W, c: W, d: W) -> W {
    sum.add(b.md5_i(c, d))
}
