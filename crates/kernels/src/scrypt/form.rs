//! The one source of all forms.

/// Salsa20/8, and `ROMix` for `USERS` users a register. To be used where there are
///
/// - `Row`: a row of four words of each user, which can be cast to words,
/// - `add`, `xor`, `rotate::<N>`: of all words by themselves,
/// - `turn_1`, `turn_2`, `turn_3`: of the words of each user to the left, by places,
/// - `split` and `join`: between four rows of several users and a line of each.
macro_rules! form {
    ($USERS:literal, $(#[$features:meta])*) => {
        const USERS: usize = $USERS;

        /// Rounds of Salsa20, two each, on matrices that have nothing to do with each other.
        $(#[$features])*
        #[inline]
        pub(crate) fn salsa<const GROUPS: usize>(
            input: [[Row; 4]; GROUPS],
            double_rounds: usize,
        ) -> [[Row; 4]; GROUPS] {
            let mut x = input;
            for _ in 0..double_rounds {
                // (RFC 7914, section 3.) Columns first, which are in the same place of all rows.
                for [a, b, _, d] in &mut x { *b = xor(*b, rotate::<7>(add(*a, *d))); }
                for [a, b, c, _] in &mut x { *c = xor(*c, rotate::<9>(add(*b, *a))); }
                for [_, b, c, d] in &mut x { *d = xor(*d, rotate::<13>(add(*c, *b))); }
                for [a, _, c, d] in &mut x { *a = xor(*a, rotate::<18>(add(*d, *c))); }
                for [_, b, c, d] in &mut x {
                    [*b, *c, *d] = [turn_3(*b), turn_2(*c), turn_1(*d)];
                }
                for [a, b, _, d] in &mut x { *d = xor(*d, rotate::<7>(add(*a, *b))); }
                for [a, _, c, d] in &mut x { *c = xor(*c, rotate::<9>(add(*d, *a))); }
                for [_, b, c, d] in &mut x { *b = xor(*b, rotate::<13>(add(*c, *d))); }
                for [a, b, c, _] in &mut x { *a = xor(*a, rotate::<18>(add(*b, *c))); }
                for [_, b, c, d] in &mut x {
                    [*b, *c, *d] = [turn_1(*b), turn_2(*c), turn_3(*d)];
                }
            }
            for (x, input) in x.iter_mut().zip(input) {
                *x = std::array::from_fn(|row| add(x[row], input[row]));
            }
            x
        }

        /// `BlockMix` from `x` to `y`. If `FILL`, each user's `x` is first kept at the user's place in `v`; if not,
        /// what is there is added to it.
        $(#[$features])*
        #[inline]
        fn block<const GROUPS: usize, const FILL: bool>(
            x: &[[Row; 4]],
            y: &mut [[Row; 4]],
            v: &mut [Line],
            at: [[usize; USERS]; GROUPS],
            r: usize,
        ) {
            let (x, _) = x[..2 * r * GROUPS].as_chunks::<GROUPS>();
            let (y, _) = y[..2 * r * GROUPS].as_chunks_mut::<GROUPS>();
            let input = |line: usize, v: &[Line]| -> [[Row; 4]; GROUPS] {
                std::array::from_fn(|group| {
                    let rows = x[line][group];
                    if FILL {
                        return rows;
                    }
                    let other = join(at[group].map(|at| v[at + line]));
                    std::array::from_fn(|row| xor(rows[row], other[row]))
                })
            };
            let mut mixed = input(2 * r - 1, v);
            for line in 0..2 * r {
                let input = input(line, v);
                for group in 0..GROUPS {
                    if FILL {
                        let kept = split(input[group]);
                        (0..USERS).for_each(|user| v[at[group][user] + line] = kept[user]);
                    }
                    mixed[group] = std::array::from_fn(|row| xor(mixed[group][row], input[group][row]));
                }
                mixed = salsa(mixed, 4);
                y[line / 2 + line % 2 * r] = mixed;
            }
        }

        /// The first loop of `ROMix`, of `n` steps, an even number. `base` says where in `v` each user's part
        /// begins.
        $(#[$features])*
        #[inline]
        pub(crate) fn fill<const GROUPS: usize>(
            x: &mut [[Row; 4]],
            y: &mut [[Row; 4]],
            v: &mut [Line],
            base: [[usize; USERS]; GROUPS],
            [n, r]: [usize; 2],
        ) {
            let at = |step: usize| base.map(|base| base.map(|base| base + step * 2 * r));
            for step in (0..n).step_by(2) {
                block::<GROUPS, true>(x, y, v, at(step), r);
                block::<GROUPS, true>(y, x, v, at(step + 1), r);
            }
        }

        /// The second loop, of `steps` steps, an even number, over `n` blocks, a power of two.
        $(#[$features])*
        #[inline]
        pub(crate) fn blend<const GROUPS: usize>(
            x: &mut [[Row; 4]],
            y: &mut [[Row; 4]],
            v: &mut [Line],
            base: [[usize; USERS]; GROUPS],
            [n, r]: [usize; 2],
            steps: usize,
        ) {
            let chosen = |x: &[[Row; 4]]| -> [[usize; USERS]; GROUPS] {
                std::array::from_fn(|group| {
                    let last = &x[(2 * r - 1) * GROUPS + group];
                    std::array::from_fn(|user| base[group][user] + integer(last, user, n) * 2 * r)
                })
            };
            for _ in 0..steps / 2 {
                block::<GROUPS, false>(x, y, v, chosen(x), r);
                block::<GROUPS, false>(y, x, v, chosen(y), r);
            }
        }

        /// Integerify, modulo `n`, a power of two: the first two words of a user's last line.
        #[inline(always)]
        #[expect(clippy::cast_possible_truncation, reason = "less than n")]
        pub(crate) fn integer(last: &[Row; 4], user: usize, n: usize) -> usize {
            let words: &[u32] = bytemuck::cast_slice(last);
            let [low, high] = [words[4 * user], words[12 * USERS + 4 * user + 1]];
            ((u64::from(high) << 32 | u64::from(low)) & (n as u64 - 1)) as usize
        }
    };
}

/// Makes `one` of a form with one user a register.
macro_rules! one {
    ($(#[$features:meta])*) => {
        $(#[$features])*
        pub(super) fn one(block: &mut [Line], memory: &mut [Line], n: usize, r: usize) {
            let (v, y) = memory.split_at_mut(n * 2 * r);
            let (x, y) = (bytemuck::cast_slice_mut(block), bytemuck::cast_slice_mut(y));
            fill::<1>(x, y, v, [[0]], [n, r]);
            blend::<1>(x, y, v, [[0]], [n, r], n);
        }
    };
}

/// Makes `many` of a form with several users a register.
#[cfg(target_arch = "x86_64")]
macro_rules! many {
    ($(#[$features:meta])*) => {
        $(#[$features])*
        pub(super) fn many(
            blocks: &mut [Line],
            memory: &mut [Line],
            n: usize,
            r: usize,
        ) {
            match (blocks.len() / (2 * r)).div_ceil(USERS) {
                1 => groups::<1>(blocks, memory, n, r),
                2 => groups::<2>(blocks, memory, n, r),
                _ => groups::<3>(blocks, memory, n, r),
            }
        }

        $(#[$features])*
        fn groups<const GROUPS: usize>(
            blocks: &mut [Line],
            memory: &mut [Line],
            n: usize,
            r: usize,
        ) {
            let users = blocks.len() / (2 * r);
            let (v, scratch) = memory.split_at_mut(users * n * 2 * r);
            let half = GROUPS * USERS * 2 * r;
            let (x, y) = scratch[..2 * half].split_at_mut(half);
            let (x, y): (&mut [[Row; 4]], _) =
                (bytemuck::cast_slice_mut(x), bytemuck::cast_slice_mut(y));
            // Places without a user calculate what the last user does, once more.
            let user: [[usize; USERS]; GROUPS] = std::array::from_fn(|group| {
                std::array::from_fn(|place| (group * USERS + place).min(users - 1))
            });
            for line in 0..2 * r {
                for group in 0..GROUPS {
                    x[line * GROUPS + group] = join(user[group].map(|user| blocks[user * 2 * r + line]));
                }
            }
            let base = user.map(|user| user.map(|user| user * n * 2 * r));
            fill(x, y, v, base, [n, r]);
            blend(x, y, v, base, [n, r], n);
            for line in 0..2 * r {
                for group in 0..GROUPS {
                    let mixed = split(x[line * GROUPS + group]);
                    (0..USERS).for_each(|place| blocks[user[group][place] * 2 * r + line] = mixed[place]);
                }
            }
        }
    };
}
