use ::argon2::{Algorithm, AssociatedData, ParamsBuilder};
use proptest::prelude::*;

use super::*;

fn levels() -> impl Iterator<Item = Level> {
    [Level::Portable, Level::Avx2, Level::Avx512].into_iter().filter(|level| *level <= cpu::level())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn equals_the_crate(
        (variant, algorithm) in prop_oneof![
            Just((Variant::D, Algorithm::Argon2d)),
            Just((Variant::I, Algorithm::Argon2i)),
            Just((Variant::Id, Algorithm::Argon2id)),
        ],
        (version, other) in prop_oneof![
            Just((Version::V16, ::argon2::Version::V0x10)),
            Just((Version::V19, ::argon2::Version::V0x13)),
        ],
        lanes in 1..5_u32,
        // Over 512 blocks of a lane addresses are made more than once.
        extra_kib in prop_oneof![0..100_u32, 500..3000_u32],
        passes in 1..5_u32,
        password in prop::collection::vec(any::<u8>(), 0..200),
        salt in prop::collection::vec(any::<u8>(), 8..65),
        data in prop::collection::vec(any::<u8>(), 0..33),
        secret in prop::collection::vec(any::<u8>(), 1..40),
        tag_bytes in 4..200_usize,
        leftover in any::<u8>(),
    ) {
        let memory_kib = 8 * lanes + extra_kib;
        let mut builder = ParamsBuilder::new();
        builder.m_cost(memory_kib).t_cost(passes).p_cost(lanes).output_len(tag_bytes);
        builder.data(AssociatedData::new(&data).unwrap());
        let params = builder.build().unwrap();
        let crate_ = ::argon2::Argon2::new_with_secret(&secret, algorithm, other, params.clone());
        let mut expected = vec![0; tag_bytes];
        let mut blocks = vec![::argon2::Block::new(); params.block_count()];
        crate_.unwrap().hash_password_into_with_memory(&password, &salt, &mut expected, &mut blocks).unwrap();

        let argon2 = Argon2 { variant, version, memory_kib, passes, lanes, secret: &secret, data: &data };
        for level in levels() {
            let mut memory = vec![Line::ZERO; argon2.lines() + 5];
            bytemuck::cast_slice_mut::<Line, u8>(&mut memory).fill(leftover);
            let mut tag = vec![0; tag_bytes];
            argon2.with_level(level, &password, &salt, &mut memory, &mut tag);
            prop_assert_eq!(&tag, &expected, "{:?}", level);
        }
    }
}
