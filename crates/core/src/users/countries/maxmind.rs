//! Countries from a file in the MMDB format.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use maxminddb::{Reader, path};

use super::Countries;

/// The countries of a database in the MMDB format, GeoLite2-Country or GeoIP2-City for example, held in
/// memory.
///
/// Its addresses and countries are those of the day it was made; open it anew, with a new
/// [`Users`](crate::Users), when there is a newer one. Databases come from their makers, on their terms.
///
/// What is damaged in a database makes addresses unknown and does no other harm.
///
/// ```
/// use rollbook_core::{MaxMind, MaxMindError};
///
/// let missing = MaxMind::open("no/such.mmdb");
/// assert!(matches!(missing, Err(MaxMindError::File { .. })));
/// let strange = MaxMind::from_bytes(b"SQLite format 3".to_vec());
/// assert!(matches!(strange, Err(MaxMindError::Format(_))));
/// ```
pub struct MaxMind {
    reader: Reader<Vec<u8>>,
}

/// Why a database can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MaxMindError {
    /// The file can't be read.
    #[error("{path:?} can't be read")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is damaged, or no database in the MMDB format.
    #[error("not a database in MaxMind's format, or a damaged one")]
    Format(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It has something else to say of addresses, such as their providers.
    #[error(
        "a database of the type {kind:?} has no countries; one of the type \"GeoLite2-Country\" has"
    )]
    NoCountries {
        /// What it says it is.
        kind: String,
    },
}

impl MaxMind {
    /// Reads a file, usually called `*.mmdb`, as a whole.
    ///
    /// # Errors
    ///
    /// [`MaxMindError::File`], and those of [`from_bytes`](Self::from_bytes).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, MaxMindError> {
        let path = path.as_ref();
        let bytes = std::fs::read(path)
            .map_err(|source| MaxMindError::File { path: path.to_owned(), source })?;
        Self::from_bytes(bytes)
    }

    /// A database that was read already.
    ///
    /// # Errors
    ///
    /// [`MaxMindError::Format`] if it is none; [`MaxMindError::NoCountries`] if it knows addresses, but no
    /// country of one.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, MaxMindError> {
        let reader =
            Reader::from_source(bytes).map_err(|error| MaxMindError::Format(error.into()))?;
        let database = Self { reader };
        if database.has_countries() {
            Ok(database)
        } else {
            let kind = database.reader.metadata().database_type.clone();
            Err(MaxMindError::NoCountries { kind })
        }
    }

    /// Asks for an address of every 65,536, and stops at the first country; so it takes microseconds or, of a
    /// database without countries, some ten milliseconds. The tree is not walked, as a hostile one may have no
    /// end. Where no address is known, there may be countries of others.
    fn has_countries(&self) -> bool {
        let mut known = false;
        for high in 0..=u16::MAX {
            let address = IpAddr::V4(Ipv4Addr::from(u32::from(high) << 16 | 1));
            if self.country(address).is_some() {
                return true;
            }
            known |= self.reader.lookup(address).is_ok_and(|found| found.has_data());
        }
        !known
    }
}

impl Countries for MaxMind {
    fn country(&self, ip: IpAddr) -> Option<String> {
        let found = self.reader.lookup(ip.to_canonical()).ok()?;
        let code: &str = found.decode_path(&path!["country", "iso_code"]).ok()??;
        let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        is_code.then(|| code.to_owned())
    }
}

impl fmt::Debug for MaxMind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = &self.reader.metadata().database_type;
        f.debug_struct("MaxMind").field("type", kind).finish_non_exhaustive()
    }
}
