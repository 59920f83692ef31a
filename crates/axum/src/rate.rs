//! How many requests a key or an address may make.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use governor::{DefaultKeyedRateLimiter, Quota};
use sha2::{Digest as _, Sha256};

use crate::error::Refusal;
use crate::options::Options;

/// The counts of all keys and addresses.
pub(crate) struct Rates {
    keys: Option<DefaultKeyedRateLimiter<[u8; 32]>>,
    addresses: Option<DefaultKeyedRateLimiter<IpAddr>>,
}

impl fmt::Debug for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rates").finish_non_exhaustive()
    }
}

/// So many counts are kept at most; those that are full again are dropped first.
const MOST_COUNTS: usize = 100_000;

impl Rates {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            keys: options
                .per_key
                .map(|rate| DefaultKeyedRateLimiter::dashmap(Quota::per_minute(rate))),
            addresses: options
                .per_address
                .map(|rate| DefaultKeyedRateLimiter::dashmap(Quota::per_minute(rate))),
        }
    }

    /// Counts a request with `key`.
    pub(crate) fn of_key(&self, key: &str) -> Result<(), Refusal> {
        check(self.keys.as_ref(), &Sha256::digest(key).into())
    }

    /// Counts a request from `address`. Who has a network of IPv6 has a network, not 2⁶⁴ addresses.
    pub(crate) fn of_address(&self, address: Option<IpAddr>) -> Result<(), Refusal> {
        let Some(address) = address else { return Ok(()) };
        let network = match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => {
                Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
            }
        };
        check(self.addresses.as_ref(), &network)
    }
}

fn check<K: std::hash::Hash + Eq + Clone>(
    limiter: Option<&DefaultKeyedRateLimiter<K>>,
    key: &K,
) -> Result<(), Refusal> {
    let Some(limiter) = limiter else { return Ok(()) };
    if limiter.len() > MOST_COUNTS {
        limiter.retain_recent();
    }
    limiter.check_key(key).map_err(|_| Refusal::of("general_rate_limit_exceeded"))
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
        assert!(rates.of_key("anything").is_ok(), "keys have no limit unless it is set");
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
