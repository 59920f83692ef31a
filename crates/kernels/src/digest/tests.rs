//! Every level beside the usual crates.

use ::md5::Md5 as Md5Crate;
use ::pbkdf2::pbkdf2_hmac;
use ::sha1::Sha1 as Sha1Crate;
use ::sha2::{Digest as _, Sha256 as Sha256Crate, Sha512 as Sha512Crate};
use proptest::prelude::*;

use super::chain::chain_at;
use super::crypt::crypt_at;
use super::message::{block, digest_at, words, write_words};
use super::pbkdf2::pbkdf2_at;
use super::*;
use crate::cpu::Level;

const LEVELS: [Level; 3] = [Level::Portable, Level::Avx2, Level::Avx512];

/// A digest here and in its crate.
trait Pair: Digest {
    type Crate: ::sha2::Digest;
    fn pbkdf2(password: &[u8], salt: &[u8], rounds: u32, key: &mut [u8]);
}

macro_rules! pairs {
    ($($here:ident = $there:ident),*) => {$(
        impl Pair for $here {
            type Crate = $there;

            fn pbkdf2(password: &[u8], salt: &[u8], rounds: u32, key: &mut [u8]) {
                pbkdf2_hmac::<$there>(password, salt, rounds, key);
            }
        }
    )*};
}

pairs!(Md5 = Md5Crate, Sha1 = Sha1Crate, Sha256 = Sha256Crate, Sha512 = Sha512Crate);

fn digests<D: Pair>(messages: &[Vec<u8>]) {
    let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
    let expected: Vec<u8> = messages.iter().flat_map(|m| D::Crate::digest(m).to_vec()).collect();
    for level in LEVELS {
        let mut found = vec![0; expected.len()];
        digest_at::<D>(level, &messages, &mut found);
        assert_eq!(found, expected, "{level:?}");
    }
}

fn chains<D: Pair>(suffixes: &[Vec<u8>], rounds: u32) {
    let room = D::BLOCK_BYTES - D::BYTES - 17;
    let messages: Vec<Vec<u8>> = suffixes
        .iter()
        .map(|suffix| [vec![7; D::BYTES], suffix[..suffix.len().min(room)].to_vec()].concat())
        .collect();
    for level in LEVELS {
        let mut blocks: Vec<_> = messages.iter().map(|m| block::<D>(m, 0, 0)).collect();
        chain_at::<D>(level, &mut blocks, rounds);
        for (found, message) in blocks.iter().zip(&messages) {
            let mut message = message.clone();
            for _ in 0..rounds {
                let digest = D::Crate::digest(&message);
                message[..D::BYTES].copy_from_slice(&digest);
            }
            assert_eq!(*found, block::<D>(&message, 0, 0), "{level:?}");
        }
    }
}

fn keys<D: Pair>(jobs: &[(Vec<u8>, Vec<u8>, usize)], rounds: u32) {
    for level in LEVELS {
        let mut keys: Vec<Vec<u8>> = jobs.iter().map(|job| vec![0; job.2]).collect();
        let mut lent: Vec<Pbkdf2<'_>> = jobs
            .iter()
            .zip(&mut keys)
            .map(|((password, salt, _), key)| Pbkdf2 { password, salt, key })
            .collect();
        pbkdf2_at::<D>(level, &mut lent, rounds);
        for (found, (password, salt, bytes)) in keys.iter().zip(jobs) {
            let mut key = vec![0; *bytes];
            D::pbkdf2(password, salt, rounds, &mut key);
            assert_eq!(*found, key, "{level:?}");
        }
    }
}

fn crypts<D: Pair>(jobs: &[(Vec<u8>, Vec<u8>)], rounds: u32) {
    let expected = jobs.iter().map(|(password, salt)| {
        let mut digest = vec![9; D::BYTES];
        for round in 0..rounds {
            let odd = round % 2 == 1;
            let mut next = D::Crate::new();
            next.update(if odd { password } else { &digest });
            next.update(if round % 3 == 0 { &[] } else { &salt[..] });
            next.update(if round % 7 == 0 { &[] } else { &password[..] });
            next.update(if odd { &digest } else { password });
            digest = next.finalize().to_vec();
        }
        digest
    });
    let expected: Vec<_> = expected.collect();
    for level in LEVELS {
        let mut digests = vec![vec![9; D::BYTES]; jobs.len()];
        let mut lent: Vec<Crypt<'_>> = jobs
            .iter()
            .zip(&mut digests)
            .map(|((password, salt), digest)| Crypt { password, salt, digest })
            .collect();
        crypt_at::<D>(level, &mut lent, rounds);
        assert_eq!(digests, expected, "{level:?}");
    }
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..=most)
}

fn many<T: Debug>(each: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    proptest::collection::vec(each, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn digests_are_those_of_the_crates(messages in many(bytes(300))) {
        digests::<Md5>(&messages);
        digests::<Sha1>(&messages);
        digests::<Sha256>(&messages);
        digests::<Sha512>(&messages);
    }

    #[test]
    fn chains_are_digests_of_digests(suffixes in many(bytes(60)), rounds in 0..20_u32) {
        // Also more than the lanes of all groups together.
        let suffixes: Vec<_> = suffixes.iter().chain(&suffixes).cloned().collect();
        chains::<Md5>(&suffixes, rounds);
        chains::<Sha1>(&suffixes, rounds);
        chains::<Sha256>(&suffixes, rounds);
        chains::<Sha512>(&suffixes, rounds);
    }

    #[test]
    fn keys_are_those_of_the_crate(
        jobs in many((bytes(140), bytes(40), 0..150_usize)),
        rounds in 1..12_u32,
    ) {
        keys::<Md5>(&jobs, rounds);
        keys::<Sha1>(&jobs, rounds);
        keys::<Sha256>(&jobs, rounds);
        keys::<Sha512>(&jobs, rounds);
    }

    #[test]
    fn rounds_of_crypt_are_as_it_describes_them(
        jobs in many((bytes(8), bytes(3))),
        long in bytes(150),
        rounds in 0..50_u32,
    ) {
        let jobs: Vec<_> = jobs.into_iter().chain([(long, b"salt".to_vec())]).collect();
        crypts::<Md5>(&jobs, rounds);
        crypts::<Sha1>(&jobs, rounds);
        crypts::<Sha256>(&jobs, rounds);
        crypts::<Sha512>(&jobs, rounds);
    }
}

#[test]
fn every_length_is_padded_as_it_should() {
    let messages: Vec<Vec<u8>> =
        (0..=260).map(|length| (0..=255).cycle().take(length).collect()).collect();
    digests::<Md5>(&messages);
    digests::<Sha1>(&messages);
    digests::<Sha256>(&messages);
    digests::<Sha512>(&messages);
}

#[test]
fn words_are_in_the_order_of_the_digest() {
    let bytes: Vec<u8> = (0..64).collect();
    let mut written = [0; 16];
    write_words::<Md5>(&words::<Md5>(&bytes), &mut written);
    assert_eq!(written, bytes[..16]);
    assert_eq!(words::<Md5>(&bytes)[0], 0x0302_0100);
    assert_eq!(words::<Sha1>(&bytes)[0], 0x0001_0203);
}
