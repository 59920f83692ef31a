use proptest::prelude::*;

use super::*;

fn check(jobs: &[([u8; 72], [u8; 16])], cost: u32) {
    let mut digests = vec![[0; 24]; jobs.len()];
    let mut lent: Vec<Bcrypt<'_>> = jobs
        .iter()
        .zip(&mut digests)
        .map(|((key, salt), digest)| Bcrypt { first: key, rest: key, salt, digest })
        .collect();
    bcrypt(&mut lent, cost);
    let expected: Vec<_> =
        jobs.iter().map(|(key, salt)| ::bcrypt::bcrypt(cost, *salt, key)).collect();
    assert_eq!(digests, expected);
}

/// 72 random bytes; proptest has arrays of up to 32.
fn key() -> impl Strategy<Value = [u8; 72]> {
    proptest::collection::vec(any::<u8>(), 72).prop_map(|bytes| std::array::from_fn(|i| bytes[i]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn digests_are_those_of_the_crate(
        jobs in proptest::collection::vec((key(), any::<[u8; 16]>()), 0..14),
    ) {
        check(&jobs, 4);
    }
}

#[test]
fn the_cost_doubles_the_rounds() {
    for cost in 4..8 {
        check(&[([7; 72], [1; 16]); 3], cost);
    }
}

#[test]
fn the_first_key_may_differ() {
    let (first, rest, salt) = ([1; 72], [2; 72], [3; 16]);
    let mut digests = [[0; 24]; 3];
    let [a, b, c] = &mut digests;
    let mut jobs = [
        Bcrypt { first: &first, rest: &rest, salt: &salt, digest: a },
        Bcrypt { first: &rest, rest: &rest, salt: &salt, digest: b },
        Bcrypt { first: &first, rest: &rest, salt: &salt, digest: c },
    ];
    bcrypt(&mut jobs, 4);
    assert_eq!(digests[0], digests[2]);
    assert_ne!(digests[0], digests[1]);
}
