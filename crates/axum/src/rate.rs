//! How many requests a key or an address may make.

use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use rollbook_core::SecretDigest;

use crate::error::Refusal;
use crate::options::Options;

/// The counts of all keys and addresses.
#[derive(Debug)]
pub(crate) struct Rates {
    keys: Option<Counts<SecretDigest>>,
    addresses: Option<Counts<IpAddr>>,
}

/// The counts of one kind.
struct Counts<K: Clone + Eq + Hash> {
    limiter: DefaultKeyedRateLimiter<K>,
    counted: AtomicU32,
}

/// After so many requests the counts of those that have been quiet are dropped.
const SWEEP_EVERY: u32 = 10_000;

impl<K: Clone + Eq + Hash> fmt::Debug for Counts<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counts").finish_non_exhaustive()
    }
}

impl<K: Clone + Eq + Hash> Counts<K> {
    fn new(per_minute: NonZeroU32) -> Self {
        let limiter = RateLimiter::keyed(Quota::per_minute(per_minute));
        Self { limiter, counted: AtomicU32::new(0) }
    }

    fn check(&self, key: &K) -> Result<(), Refusal> {
        if self.counted.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(key).map_err(|_| Refusal::of("general_rate_limit_exceeded"))
    }
}

impl Rates {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            keys: options.per_key.map(Counts::new),
            addresses: options.per_address.map(Counts::new),
        }
    }

    /// Counts a request with `key`.
    pub(crate) fn of_key(&self, key: &SecretDigest) -> Result<(), Refusal> {
        match &self.keys {
            Some(keys) => keys.check(key),
            None => Ok(()),
        }
    }

    /// Counts a request from `address`. Who has a network of IPv6 has a network, not 2⁶⁴ addresses.
    pub(crate) fn of_address(&self, address: Option<IpAddr>) -> Result<(), Refusal> {
        let (Some(addresses), Some(address)) = (&self.addresses, address) else { return Ok(()) };
        let network = match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => {
                Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
            }
        };
        addresses.check(&network)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_count() {
        let rates = Rates::new(&Options::new().requests_per_address(2));
        let a = Some(IpAddr::from([192, 0, 2, 1]));
        assert!(rates.of_address(a).is_ok());
        assert!(rates.of_address(a).is_ok());
        assert_eq!(rates.of_address(a).unwrap_err().status, 429);
        assert!(rates.of_address(Some(IpAddr::from([192, 0, 2, 2]))).is_ok());
        assert!(
            rates.of_key(&SecretDigest::of("anything")).is_ok(),
            "keys have no limit unless it is set"
        );
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let rates = Rates::new(&Options::new().requests_per_address(1));
        let of = |text: &str| rates.of_address(text.parse().ok());
        assert!(of("2001:db8::1").is_ok());
        assert!(of("2001:db8::2").is_err());
        assert!(of("2001:db8:0:1::1").is_ok());
    }
}
