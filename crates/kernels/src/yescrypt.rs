//! yescrypt 1.1, without its ROM and without upgrades of costs.
//!
//! pwxform looks up each value by the one before: what counts is the way from a register into memory and back. Four
//! ways are taken at once, so 128 bits are enough, and all CPUs with AVX2 have the same form.

// First: the forms are made by its macro.
#[macro_use]
mod form;

#[cfg(target_arch = "x86_64")]
mod avx2;
mod portable;
#[cfg(test)]
mod tests;

use hmac::{Hmac, KeyInit as _, Mac as _};
use pbkdf2::pbkdf2_hmac;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::cpu::{self, Level};
use crate::memory::{Line, bytes_mut};
use crate::scrypt::{shuffle, unshuffle};

/// Entries of an S box.
const BOX: usize = 256;
/// Lines of the three S boxes, which have entries of 16 bytes.
const BOXES_LINES: usize = 3 * BOX / 4;

/// How memory is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the flavors that there are hashes of")]
pub enum Mode {
    /// As in scrypt: with t = 0 it is scrypt.
    Classic,
    /// Written once, and read as often as t says.
    Worm,
    /// Read and written, with pwxform: what `$y$j` means.
    Rw,
}

/// The parameters of a computation.
///
/// ```
/// use rollbook_kernels::memory::Line;
/// use rollbook_kernels::yescrypt::{Mode, Yescrypt};
///
/// let yescrypt = Yescrypt { mode: Mode::Classic, n: 16, r: 1, p: 1, t: 0 };
/// let mut memory = vec![Line::ZERO; yescrypt.lines()];
/// let mut key = [0; 64];
/// yescrypt.derive(b"", b"", &mut memory, &mut key);
/// // RFC 7914, section 12.
/// assert_eq!(key[..4], [0x77, 0xd6, 0x57, 0x62]);
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the parameters of yescrypt")]
pub struct Yescrypt {
    /// The flavor.
    pub mode: Mode,
    /// N: a power of two from 2 up.
    pub n: usize,
    /// r: at least 1.
    pub r: usize,
    /// p: at least 1; in [`Mode::Rw`] at most half of N.
    pub p: usize,
    /// t.
    pub t: u32,
}

/// Of memory, the parts that one computation takes.
struct Parts<'a> {
    /// B, p blocks, of which the words are shuffled.
    b: &'a mut [Line],
    /// p times three S boxes, if there are any.
    boxes: &'a mut [Line],
    /// One block of scratch.
    y: &'a mut [Line],
    v: &'a mut [Line],
}

/// How often which loop is run.
#[derive(Clone, Copy)]
struct Loops {
    /// Blocks of V of each of the p but the last, which has the rest.
    chunk: usize,
    /// Steps that write, and further ones that only read.
    writing: usize,
    reading: usize,
}

impl Yescrypt {
    /// How much memory [`derive`](Self::derive) must be lent.
    pub fn lines(&self) -> usize {
        let Self { mode, n, r, p, .. } = *self;
        let blocks = n.saturating_add(p).saturating_add(1).saturating_mul(2).saturating_mul(r);
        let boxes = if mode == Mode::Rw { p.saturating_mul(BOXES_LINES) } else { 0 };
        blocks.saturating_add(boxes)
    }

    /// Fills `key`. What is in the memory does not matter.
    ///
    /// # Panics
    ///
    /// If a parameter is out of the range above, or less than [`lines`](Self::lines) is lent.
    pub fn derive(&self, password: &[u8], salt: &[u8], memory: &mut [Line], key: &mut [u8]) {
        self.with_level(cpu::level(), password, salt, memory, key);
    }

    fn with_level(
        &self,
        level: Level,
        password: &[u8],
        salt: &[u8],
        memory: &mut [Line],
        key: &mut [u8],
    ) {
        let Self { mode, n, r, p, .. } = *self;
        assert!(n >= 2 && n.is_power_of_two() && r >= 1 && p >= 1, "N, r or p is out of range");
        if mode != Mode::Rw {
            return self.body(level, password, salt, memory, key, Step::Last);
        }
        assert!(n / p >= 2, "p is over half of N");
        // What is expensive begins with a hash that is not, so that the password itself is soon forgotten.
        if n / p >= 0x100 && (n / p).saturating_mul(r) >= 0x2_0000 {
            let mut first = Zeroizing::new([0; 32]);
            let cheap = Self { n: n >> 6, t: 0, ..*self };
            cheap.body(level, password, salt, memory, &mut *first, Step::First);
            self.body(level, &*first, salt, memory, key, Step::Last);
        } else {
            self.body(level, password, salt, memory, key, Step::Last);
        }
    }

    fn body(
        &self,
        level: Level,
        password: &[u8],
        salt: &[u8],
        memory: &mut [Line],
        key: &mut [u8],
        step: Step,
    ) {
        let Self { mode, r, p, .. } = *self;
        let (b, memory) = memory[..self.lines()].split_at_mut(p * 2 * r);
        let boxes_lines = if mode == Mode::Rw { p * BOXES_LINES } else { 0 };
        let (boxes, memory) = memory.split_at_mut(boxes_lines);
        let (y, v) = memory.split_at_mut(2 * r);
        let mut secret = Zeroizing::new([0; 32]);
        if mode == Mode::Classic {
            pbkdf2_hmac::<Sha256>(password, salt, 1, bytes_mut(b));
        } else {
            let name: &[u8] = match step {
                Step::First => b"yescrypt-prehash",
                Step::Last => b"yescrypt",
            };
            *secret = hmac(name, password);
            pbkdf2_hmac::<Sha256>(&*secret, salt, 1, bytes_mut(b));
            secret.copy_from_slice(&bytes_mut(b)[..32]);
        }
        b.iter_mut().for_each(shuffle);
        let keyed = |line: &Line, secret: &mut [u8; 32]| {
            let mut key = [*line];
            unshuffle(&mut key[0]);
            *secret = hmac(bytes_mut(&mut key), secret);
            key.fill(Line::ZERO);
            std::hint::black_box(&key);
        };
        let parts = Parts { b: &mut *b, boxes, y, v };
        match level {
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 | Level::Avx512 => {
                // SAFETY: the level says that the CPU has what the function was compiled for.
                #[expect(unsafe_code, reason = "to call what the CPU was found to have")]
                unsafe {
                    avx2::mix(self, parts, &mut |line| keyed(line, &mut secret));
                }
            }
            _ => portable::mix(self, parts, &mut |line| keyed(line, &mut secret)),
        }
        b.iter_mut().for_each(unshuffle);
        if mode == Mode::Classic {
            pbkdf2_hmac::<Sha256>(password, bytes_mut(b), 1, key);
            return;
        }
        pbkdf2_hmac::<Sha256>(&*secret, bytes_mut(b), 1, key);
        if step == Step::First {
            return;
        }
        // The first 32 bytes are replaced by what SCRAM (RFC 5802) calls the stored key.
        let mut client = Zeroizing::new([0; 32]);
        pbkdf2_hmac::<Sha256>(&*secret, bytes_mut(b), 1, &mut *client);
        let client = Zeroizing::new(hmac(&*client, b"Client Key"));
        let bytes = key.len().min(32);
        key[..bytes].copy_from_slice(&Sha256::digest(*client)[..bytes]);
    }

    /// How often the loops are run, where `p` share N.
    fn loops(&self, p: usize) -> Loops {
        let share = self.n / p;
        let t = self.t as usize;
        let all = match (self.mode, t) {
            (Mode::Rw, 0) => share.div_ceil(3),
            (Mode::Rw, 1) => (2 * share).div_ceil(3),
            (Mode::Rw, _) => share * (t - 1),
            (_, 0) => share,
            (_, 1) => share + share.div_ceil(2),
            (_, _) => share * t,
        };
        let writing = if self.mode == Mode::Rw { all / p } else { 0 };
        let even = |number: usize| number.next_multiple_of(2);
        Loops { chunk: share & !1, writing: even(writing), reading: even(all) - even(writing) }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    First,
    Last,
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let keyed = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    keyed.chain_update(message).finalize().into_bytes().into()
}
