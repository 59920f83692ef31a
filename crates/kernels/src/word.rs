//! Words of digests, one or many at a time.
//!
//! A digest's compression is written once over [`Word`]. With `u32` or `u64` it is the ordinary one; with
//! the vectors of `avx2.rs` and `avx512.rs` each lane belongs to another password.

/// A set of instructions, as proof that the CPU has it.
///
/// A value is made where the CPU was asked, and every vector stems from one. So nothing is executed that
/// the CPU has not.
pub trait Simd: Copy {
    type U32: Word<Scalar = u32, Simd = Self>;
    type U64: Word<Scalar = u64, Simd = Self>;
}

/// A word of a digest in each lane.
pub trait Word: Copy {
    type Scalar: Copy;
    /// The instructions it takes.
    type Simd: Simd;
    const LANES: usize;

    /// The same in all lanes.
    fn splat(simd: Self::Simd, value: Self::Scalar) -> Self;
    /// What `lane` says for each.
    fn gather(simd: Self::Simd, lane: impl FnMut(usize) -> Self::Scalar) -> Self;
    /// Hands the words out, lane by lane.
    fn scatter(self, lane: impl FnMut(usize, Self::Scalar));

    /// Sum modulo the word.
    fn add(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    /// `bits` is a constant where it is called, and is made one by inlining.
    fn rotate_right(self, bits: u32) -> Self;
    fn shift_right(self, bits: u32) -> Self;
    fn shift_left(self, bits: u32) -> Self;
    /// Bits of `self` say whose bit is taken: `yes` or `no`. SHA's Ch, MD5's F.
    fn choose(self, yes: Self, no: Self) -> Self;
    /// The bit that two of the three have.
    fn majority(self, b: Self, c: Self) -> Self;
    /// The sum without carries; of plain words, `self` may come last.
    fn xor3(self, b: Self, c: Self) -> Self;
    /// Adds MD5's G, `(b & d) | (c & !d)`, in which `b` comes last.
    fn add_md5_g(self, b: Self, c: Self, d: Self) -> Self;
    /// A compression of SHA-512 by other means, if there are any.
    #[inline(always)]
    fn sha512(_: &mut [Self; 8], _: &[Self; 16]) -> bool {
        false
    }
    /// `c ^ (b | !d)`, MD5's I, where `self` is `b`.
    fn md5_i(self, c: Self, d: Self) -> Self;
}

/// Plain words.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl Simd for Plain {
    type U32 = u32;
    type U64 = u64;
}

macro_rules! plain {
    ($($word:ty $(= $sha512:path)?),*) => {$(
        impl Word for $word {
            type Scalar = $word;
            type Simd = Plain;
            const LANES: usize = 1;

            #[inline(always)]
            fn splat(_: Plain, value: $word) -> Self {
                value
            }

            #[inline(always)]
            fn gather(_: Plain, mut lane: impl FnMut(usize) -> $word) -> Self {
                lane(0)
            }

            #[inline(always)]
            fn scatter(self, mut lane: impl FnMut(usize, $word)) {
                lane(0, self);
            }

            #[inline(always)]
            fn add(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                self ^ other
            }

            #[inline(always)]
            fn rotate_right(self, bits: u32) -> Self {
                <$word>::rotate_right(self, bits)
            }

            #[inline(always)]
            fn shift_right(self, bits: u32) -> Self {
                self.unbounded_shr(bits)
            }

            #[inline(always)]
            fn shift_left(self, bits: u32) -> Self {
                self.unbounded_shl(bits)
            }

            #[inline(always)]
            fn choose(self, yes: Self, no: Self) -> Self {
                no ^ (self & (yes ^ no))
            }

            #[inline(always)]
            fn majority(self, b: Self, c: Self) -> Self {
                (self & b) | (c & (self | b))
            }

            #[inline(always)]
            fn xor3(self, b: Self, c: Self) -> Self {
                self ^ (b ^ c)
            }

            #[inline(always)]
            fn add_md5_g(self, b: Self, c: Self, d: Self) -> Self {
                // No bit is in both, so that `|` is `+`, and the half without `b` need not wait for it.
                self.wrapping_add(c & !d).wrapping_add(b & d)
            }

            #[inline(always)]
            fn md5_i(self, c: Self, d: Self) -> Self {
                c ^ (self | !d)
            }

            $(
                #[inline(always)]
                fn sha512(state: &mut [Self; 8], block: &[Self; 16]) -> bool {
                    $sha512(state, block)
                }
            )?
        }
    )*};
}

plain!(u32, u64 = crate::dispatch::sha512);
