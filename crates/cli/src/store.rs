//! Which store a command works on.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use rollbook::{MemoryStore, SqliteStore, UserStore, Users};

/// The store named by a URL, not yet opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoreUrl {
    /// Gone when the program ends: good for trying an import.
    Memory,
    Sqlite(PathBuf),
}

/// The URLs there are, for help and errors.
const KNOWN: &str = "memory:, sqlite:PATH";

/// The argument that every command with a store has.
#[derive(Debug, clap::Args)]
pub(crate) struct StoreArgs {
    /// The store: sqlite:PATH, or memory: for one that is gone afterwards
    #[arg(long = "store", value_name = "URL")]
    pub(crate) url: StoreUrl,
}

impl FromStr for StoreUrl {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        match url.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(("memory", _)) => Err("a store in memory has no path; write memory:".to_owned()),
            Some(("sqlite", _)) => Err("the path is missing; write sqlite:PATH".to_owned()),
            Some((scheme, _)) => Err(format!("unknown store `{scheme}:`; known are {KNOWN}")),
            None => Err(format!("no store is named before a colon; known are {KNOWN}")),
        }
    }
}

impl StoreUrl {
    /// Opens the store, and creates it if it is not there.
    pub(crate) fn create(&self) -> anyhow::Result<Users> {
        let store: Arc<dyn UserStore> = match self {
            Self::Memory => Arc::new(MemoryStore::new()),
            Self::Sqlite(path) => Arc::new(SqliteStore::open(path)?),
        };
        Ok(Users::new(store))
    }

    /// Opens the store if it is there.
    pub(crate) fn open(&self) -> anyhow::Result<Users> {
        if let Self::Sqlite(path) = self
            // An empty file is one that opening would fill.
            && std::fs::metadata(path).map_or(true, |file| file.is_file() && file.len() == 0)
        {
            anyhow::bail!("{}: there is no store; `rollbook import` creates one", path.display());
        }
        self.create()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let check = |url: &str, expected: Result<StoreUrl, &str>| {
            assert_eq!(url.parse(), expected.map_err(str::to_owned), "{url}");
        };
        check("memory:", Ok(StoreUrl::Memory));
        check("sqlite:a.db", Ok(StoreUrl::Sqlite("a.db".into())));
        check("sqlite:/a:b.db", Ok(StoreUrl::Sqlite("/a:b.db".into())));
        check("memory:x", Err("a store in memory has no path; write memory:"));
        check("sqlite:", Err("the path is missing; write sqlite:PATH"));
        check("mysql://x", Err("unknown store `mysql:`; known are memory:, sqlite:PATH"));
        check("a.db", Err("no store is named before a colon; known are memory:, sqlite:PATH"));
    }
}
