//! How the router is set up.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::HeaderValue;
use rollbook_core::SecretDigest;

/// How a [`router`](crate::router) is set up; every part has a default.
///
/// ```
/// use rollbook_axum::Options;
///
/// let options = Options::new().api_key("secret").allow_origin("https://example.com");
/// assert!(!format!("{options:?}").contains("secret"));
/// ```
#[derive(Clone)]
pub struct Options {
    pub(crate) master_keys: Vec<SecretDigest>,
    pub(crate) tenants: bool,
    pub(crate) most_body_bytes: usize,
    pub(crate) most_import_bytes: u64,
    pub(crate) timeout: Duration,
    pub(crate) origins: Vec<HeaderValue>,
    pub(crate) any_origin: bool,
    pub(crate) per_key: Option<NonZeroU32>,
    pub(crate) per_address: Option<NonZeroU32>,
    pub(crate) trust_proxy: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            master_keys: Vec::new(),
            tenants: false,
            most_body_bytes: 1 << 20,
            most_import_bytes: 256 << 20,
            timeout: Duration::from_secs(30),
            origins: Vec::new(),
            any_origin: false,
            per_key: None,
            per_address: NonZeroU32::new(600),
            trust_proxy: false,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("master_keys", &self.master_keys.len())
            .field("tenants", &self.tenants)
            .field("most_body_bytes", &self.most_body_bytes)
            .field("most_import_bytes", &self.most_import_bytes)
            .field("timeout", &self.timeout)
            .field("origins", &self.origins)
            .field("any_origin", &self.any_origin)
            .field("per_key", &self.per_key)
            .field("per_address", &self.per_address)
            .field("trust_proxy", &self.trust_proxy)
            .finish()
    }
}

impl Options {
    /// Stored keys only, one project, bodies of 1 MiB in 30 seconds, no other origin, 600 requests a minute
    /// from an address without a key.
    pub fn new() -> Self {
        Self::default()
    }

    /// A key that may do everything in every project, beside those in the store. Only its digest is kept.
    pub fn api_key(mut self, key: &str) -> Self {
        self.master_keys.push(SecretDigest::of(key));
        self
    }

    /// Keeps the records of each project to themselves, as [`Users::tenant`](rollbook_core::Users::tenant) does.
    /// Without this every project id means the same records; with it those are the project `default`. The store
    /// must have been opened with [`all_schemas`](rollbook_core::all_schemas).
    pub fn tenants(self) -> Self {
        Self { tenants: true, ..self }
    }

    /// The most bytes of a body; what is longer is refused with 413.
    pub fn most_body_bytes(self, bytes: usize) -> Self {
        Self { most_body_bytes: bytes, ..self }
    }

    /// The most bytes of a file that is imported. It is never held as a whole: what is longer is refused
    /// with 413 if the request says so, and where it exceeds the limit otherwise. Default: 256 MiB.
    pub fn most_import_bytes(self, bytes: u64) -> Self {
        Self { most_import_bytes: bytes, ..self }
    }

    /// How long a client may take to send a request, and the server to answer; then it is 408.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// An origin whose pages may call, as browsers write it: `https://example.com`. What is no header value
    /// is ignored.
    pub fn allow_origin(mut self, origin: &str) -> Self {
        self.origins.extend(HeaderValue::from_str(origin));
        self
    }

    /// Pages of any origin may call, without cookies.
    pub fn allow_any_origin(self) -> Self {
        Self { any_origin: true, ..self }
    }

    /// The most requests a minute with one key; 0 for no limit, which is the default.
    pub fn requests_per_key(self, per_minute: u32) -> Self {
        Self { per_key: NonZeroU32::new(per_minute), ..self }
    }

    /// The most requests a minute from one address without a key; 0 for no limit. Default: 600.
    pub fn requests_per_address(self, per_minute: u32) -> Self {
        Self { per_address: NonZeroU32::new(per_minute), ..self }
    }

    /// Takes the address of a client from the last entry of `X-Forwarded-For`. For a server that only its
    /// own proxy can reach.
    pub fn trust_proxy(self) -> Self {
        Self { trust_proxy: true, ..self }
    }
}
