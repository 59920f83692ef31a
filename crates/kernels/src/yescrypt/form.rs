//! The one source of both forms.

/// To be used where there are
///
/// - `Row`, `xor`, `salsa`, `fill`, `blend`, `integer`: a form of scrypt with one user,
/// - `entries`: which entries of the first two S boxes a row is mixed with,
/// - `pwx`: the product of the halves of both words of a row, plus an entry, exclusive or another.
macro_rules! form {
    ($(#[$features:meta])*) => {
        /// Three S boxes, two to read and one to write, and where in the last one.
        struct Boxes<'a> {
            boxes: [&'a mut [Row; BOX]; 3],
            at: usize,
        }

        /// The boxes after `done` lines were mixed.
        fn boxes(lines: &mut [Line], done: usize) -> Boxes<'_> {
            let lines: &mut [[Row; BOX]] = bytemuck::cast_slice_mut(lines);
            let [s2, s1, s0] = lines else { unreachable!("three boxes are lent") };
            let mut boxes = [s0, s1, s2];
            boxes.rotate_right(done % 3);
            Boxes { boxes, at: done * 16 % BOX }
        }

        /// `BlockMix` with pwxform, of `x` as `input(line, x)` makes it.
        $(#[$features])*
        #[inline]
        fn block(
            x: &mut [[Row; 4]],
            boxes: &mut Boxes<'_>,
            mut input: impl FnMut(usize, [Row; 4]) -> [Row; 4],
        ) {
            let Boxes { boxes: [s0, s1, s2], at } = boxes;
            let (mut s0, mut s1, mut s2): (&mut [Row; BOX], &mut [Row; BOX], &mut [Row; BOX]) =
                (s0, s1, s2);
            let end = x.len() - 1;
            let last = input(end, x[end]);
            let mut mixed = last;
            for line in 0..=end {
                let input = if line == end { last } else { input(line, x[line]) };
                mixed = std::array::from_fn(|row| xor(mixed[row], input[row]));
                for round in 0..6 {
                    for row in &mut mixed {
                        let [first, second] = entries(*row);
                        *row = pwx(*row, s0[first % BOX], s1[second % BOX]);
                        if round != 0 && round != 5 {
                            s2[*at % BOX] = *row;
                            *at += 1;
                        }
                    }
                }
                (s0, s1, s2) = (s2, s0, s1);
                x[line] = mixed;
            }
            [x[end]] = salsa([mixed], 1);
            boxes.boxes.rotate_right((end + 1) % 3);
        }

        $(#[$features])*
        pub(super) fn mix(yescrypt: &Yescrypt, parts: Parts<'_>, keyed: &mut dyn FnMut(&Line)) {
            let Yescrypt { mode, n, r, p, .. } = *yescrypt;
            let Parts { b, boxes: lines, y, v } = parts;
            let y = bytemuck::cast_slice_mut(y);
            if mode != Mode::Rw {
                let Loops { reading, .. } = yescrypt.loops(1);
                for b in b.chunks_exact_mut(2 * r) {
                    let x = bytemuck::cast_slice_mut(b);
                    fill::<1>(x, y, v, [[0]], [n, r]);
                    blend::<1>(x, y, v, [[0]], [n, r], reading);
                }
                return;
            }
            let Loops { chunk, writing, reading } = yescrypt.loops(p);
            let share = |i: usize| if i + 1 < p { chunk } else { n - i * chunk };
            let each = b.chunks_exact_mut(2 * r).zip(lines.chunks_exact_mut(BOXES_LINES));
            for (i, (b, lines)) in each.enumerate() {
                // The boxes are what scrypt writes, in blocks of r = 1.
                fill::<1>(bytemuck::cast_slice_mut(&mut b[..2]), y, lines, [[0]], [BOXES_LINES / 2, 1]);
                if i == 0 {
                    keyed(&b[2 * r - 1]);
                }
                let mut boxes = boxes(lines, 0);
                let x: &mut [[Row; 4]] = bytemuck::cast_slice_mut(b);
                let v = &mut v[i * chunk * 2 * r..];
                for step in 0..share(i) {
                    let (done, rest) = v.split_at_mut(step * 2 * r);
                    let kept = &mut rest[..2 * r];
                    if step < 2 {
                        block(x, &mut boxes, |line, x| {
                            kept[line] = bytemuck::cast(x);
                            x
                        });
                        continue;
                    }
                    // One of the last so many, where so many are a power of two.
                    let window = 1 << step.ilog2();
                    let from = step - window + integer(&x[2 * r - 1], 0, window);
                    let other = &done[from * 2 * r..][..2 * r];
                    block(x, &mut boxes, |line, x| {
                        kept[line] = bytemuck::cast(x);
                        add_line(x, other[line])
                    });
                }
                let window = 1 << share(i).ilog2();
                for _ in 0..writing {
                    let from = integer(&x[2 * r - 1], 0, window);
                    let other = &mut v[from * 2 * r..][..2 * r];
                    block(x, &mut boxes, |line, x| {
                        let sum = add_line(x, other[line]);
                        other[line] = bytemuck::cast(sum);
                        sum
                    });
                }
            }
            let each = b.chunks_exact_mut(2 * r).zip(lines.chunks_exact_mut(BOXES_LINES));
            for (i, (b, lines)) in each.enumerate() {
                let mut boxes = boxes(lines, 2 * r * (share(i) + writing));
                let x: &mut [[Row; 4]] = bytemuck::cast_slice_mut(b);
                for _ in 0..reading {
                    let from = integer(&x[2 * r - 1], 0, n);
                    let other = &v[from * 2 * r..][..2 * r];
                    block(x, &mut boxes, |line, x| add_line(x, other[line]));
                }
            }
        }

        $(#[$features])*
        #[inline]
        fn add_line(x: [Row; 4], line: Line) -> [Row; 4] {
            let other: [Row; 4] = bytemuck::cast(line);
            std::array::from_fn(|row| xor(x[row], other[row]))
        }
    };
}
