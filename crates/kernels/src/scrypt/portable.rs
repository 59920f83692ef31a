//! Rows of plain words.

use crate::memory::Line;

pub(crate) type Row = [u32; 4];

form!(1,);
one!();

#[inline(always)]
fn add(a: Row, b: Row) -> Row {
    std::array::from_fn(|n| a[n].wrapping_add(b[n]))
}

#[inline(always)]
pub(crate) fn xor(a: Row, b: Row) -> Row {
    std::array::from_fn(|n| a[n] ^ b[n])
}

#[inline(always)]
fn rotate<const BITS: u32>(a: Row) -> Row {
    a.map(|word| word.rotate_left(BITS))
}

#[inline(always)]
fn turn_1([a, b, c, d]: Row) -> Row {
    [b, c, d, a]
}

#[inline(always)]
fn turn_2([a, b, c, d]: Row) -> Row {
    [c, d, a, b]
}

#[inline(always)]
fn turn_3([a, b, c, d]: Row) -> Row {
    [d, a, b, c]
}

#[inline(always)]
fn split(rows: [Row; 4]) -> [Line; 1] {
    [bytemuck::cast(rows)]
}

#[inline(always)]
fn join([line]: [Line; 1]) -> [Row; 4] {
    bytemuck::cast(line)
}
