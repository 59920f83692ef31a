//! Where addresses are.

#[cfg(feature = "maxmind")]
mod maxmind;

#[cfg(feature = "maxmind")]
pub use maxmind::{MaxMind, MaxMindError};

use std::fmt;
use std::net::IpAddr;

use super::Users;

/// Tells the country of an address, for the activity log and for sessions. `MaxMind`, with the feature
/// `maxmind`, does it by a file.
pub trait Countries: fmt::Debug + Send + Sync + 'static {
    /// The country as two capital letters (ISO 3166), if it is known.
    fn country(&self, ip: IpAddr) -> Option<String>;
}

impl Users {
    pub(super) fn country(&self, ip: IpAddr) -> Option<String> {
        self.inner.countries.as_ref()?.country(ip)
    }
}
