use pbkdf2::pbkdf2_hmac;
use proptest::prelude::*;
use sha2::Sha256;

use super::*;
use crate::memory::bytes_mut;

/// scrypt of several passwords with salts, which all are one word long.
fn scrypt(
    level: Level,
    passwords: &[u64],
    [n, r, p]: [usize; 3],
    memory: &mut [Line],
) -> Vec<[u8; 40]> {
    let mut blocks = vec![Line::ZERO; passwords.len() * p * 2 * r];
    for (block, password) in blocks.chunks_mut(p * 2 * r).zip(passwords) {
        let password = password.to_le_bytes();
        pbkdf2_hmac::<Sha256>(&password, &password, 1, bytes_mut(block));
    }
    with_level(level, &mut blocks, memory, n, r);
    let keys = blocks.chunks_mut(p * 2 * r).zip(passwords).map(|(block, password)| {
        let mut key = [0; 40];
        pbkdf2_hmac::<Sha256>(&password.to_le_bytes(), bytes_mut(block), 1, &mut key);
        key
    });
    keys.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn equals_the_crate(
        passwords in prop::collection::vec(any::<u64>(), 1..16),
        log_n in 1..7_u8,
        r in 1..12_usize,
        p in 1..4_usize,
        side_by_side in 1..16_usize,
        extra in 0..30_usize,
        leftover in any::<u8>(),
    ) {
        let params = ::scrypt::Params::new(log_n, r.try_into().unwrap(), p.try_into().unwrap()).unwrap();
        let expected = passwords.iter().map(|password| {
            let password = password.to_le_bytes();
            let mut key = [0; 40];
            ::scrypt::scrypt(&password, &password, &params, &mut key).unwrap();
            key
        });
        let expected: Vec<_> = expected.collect();
        let n = 1 << log_n;
        for level in [Level::Portable, Level::Avx2, Level::Avx512] {
            if level <= cpu::level() {
                let mut memory = vec![Line::ZERO; fitting(level, side_by_side, [n, r], usize::MAX).unwrap().1 + extra];
                bytes_mut(&mut memory).fill(leftover);
                prop_assert_eq!(&scrypt(level, &passwords, [n, r, p], &mut memory), &expected, "{:?}", level);
            }
        }
    }
}

#[test]
fn shuffled_lines_come_back() {
    let line =
        bytemuck::cast::<[u32; 16], Line>([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    let mut there = line;
    shuffle(&mut there);
    assert_ne!(there, line);
    unshuffle(&mut there);
    assert_eq!(there, line);
}
