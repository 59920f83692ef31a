//! SHA-1 (FIPS 180-4).

use super::compression::Compression;
use crate::word::{Simd, Word};

/// SHA-1.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Sha1;

impl Compression for Sha1 {
    type Scalar = u32;
    type Lanes<S: Simd> = S::U32;
    const WORDS: usize = 5;
    const START: [u32; 8] =
        [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0, 0, 0, 0];
    const BIG_ENDIAN: bool = true;
    const INTERLEAVED: usize = 1;

    #[inline(always)]
    fn compress<W: Word<Scalar = u32>, const K: usize>(
        simd: W::Simd,
        state: &mut [[W; 8]; K],
        block: &[[W; 16]; K],
    ) {
        let mut words = *block;
        let [mut a, mut b, mut c, mut d, mut e] = std::array::from_fn(|i| {
            let words: [W; K] = std::array::from_fn(|k| state[k][i]);
            words
        });
        macro_rules! step {
            ($f:ident, $constant:ident, $t:expr, $a:ident, $b:ident, $c:ident, $d:ident, $e:ident) => {
                for k in 0..K {
                    if $t >= 16 {
                        let ring = &mut words[k];
                        let mixed =
                            ring[($t + 13) % 16].xor3(ring[($t + 8) % 16], ring[($t + 2) % 16]);
                        ring[$t % 16] = mixed.xor(ring[$t % 16]).rotate_right(31);
                    }
                    let early = $e[k].add(words[k][$t % 16].add($constant));
                    let sum = early.add($f($b[k], $c[k], $d[k]));
                    $e[k] = sum.add($a[k].rotate_right(27));
                    $b[k] = $b[k].rotate_right(2);
                }
            };
        }
        macro_rules! twenty {
            ($f:ident, $constant:literal, $($t:literal)*) => {
                let constant = W::splat(simd, $constant);
                $(
                    step!($f, constant, $t, a, b, c, d, e);
                    step!($f, constant, $t + 1, e, a, b, c, d);
                    step!($f, constant, $t + 2, d, e, a, b, c);
                    step!($f, constant, $t + 3, c, d, e, a, b);
                    step!($f, constant, $t + 4, b, c, d, e, a);
                )*
            };
        }
        twenty!(choose, 0x5a82_7999, 0 5 10 15);
        twenty!(parity, 0x6ed9_eba1, 20 25 30 35);
        twenty!(majority, 0x8f1b_bcdc, 40 45 50 55);
        twenty!(parity, 0xca62_c1d6, 60 65 70 75);
        for k in 0..K {
            for (word, new) in state[k].iter_mut().zip([a[k], b[k], c[k], d[k], e[k]]) {
                *word = word.add(new);
            }
        }
    }

    #[inline(always)]
    fn read(bytes: &[u8]) -> u32 {
        bytes.try_into().map_or(0, u32::from_be_bytes)
    }

    #[inline(always)]
    fn write(word: u32, bytes: &mut [u8]) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
}

#[inline(always)]
fn choose<W: Word>(b: W, c: W, d: W) -> W {
    b.choose(c, d)
}

#[inline(always)]
fn parity<W: Word>(b: W, c: W, d: W) -> W {
    b.xor3(c, d)
}

#[inline(always)]
fn majority<W: Word>(b: W, c: W, d: W) -> W {
    b.majority(c, d)
}
