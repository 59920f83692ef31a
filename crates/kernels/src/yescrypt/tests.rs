use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn equals_the_crate(
        (mode, other) in prop_oneof![
            1 => Just((Mode::Classic, ::yescrypt::Mode::Classic)),
            1 => Just((Mode::Worm, ::yescrypt::Mode::Worm)),
            3 => Just((Mode::Rw, ::yescrypt::Mode::Rw)),
        ],
        log_n in 1..8_u32,
        r in 1..8_u32,
        p in 1..5_u32,
        t in 0..4_u32,
        // Large enough to be hashed before it is hashed.
        large in prop::bool::weighted(0.04),
        password in prop::collection::vec(any::<u8>(), 0..100),
        salt in prop::collection::vec(any::<u8>(), 0..65),
        key_bytes in 1..80_usize,
        leftover in any::<u8>(),
    ) {
        let (log_n, r, p, t) = if large { (8, 512, 1, t % 2) } else { (log_n, r, p, t) };
        let p = p.min(1 << (log_n - 1));
        let n = 1 << log_n;
        let params = ::yescrypt::Params::new_with_all_params(other, n as u64, r, p, t, 0).unwrap();
        let mut expected = vec![0; key_bytes];
        ::yescrypt::yescrypt(&password, &salt, &params, &mut expected).unwrap();
        let yescrypt = Yescrypt { mode, n, r: r as usize, p: p as usize, t };
        for level in [Level::Portable, Level::Avx2, Level::Avx512] {
            if level <= cpu::level() {
                let mut memory = vec![Line::ZERO; yescrypt.lines() + 3];
                bytes_mut(&mut memory).fill(leftover);
                let mut key = vec![0; key_bytes];
                yescrypt.with_level(level, &password, &salt, &mut memory, &mut key);
                prop_assert_eq!(&key, &expected, "{:?}", level);
            }
        }
    }
}
