//! Which store a command works on.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use rollbook::{MemoryStore, RedbStore, SledStore, SqliteStore, UserStore, Users, UsersBuilder};

/// The store named by a URL, not yet opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoreUrl {
    /// Gone when the program ends: good for trying an import.
    Memory,
    Sqlite(PathBuf),
    Redb(PathBuf),
    Sled(PathBuf),
}

/// The URLs there are, for help and errors.
const KNOWN: &str = "memory:, sqlite:PATH, redb:PATH, sled:PATH";

/// The argument that every command with a store has.
#[derive(Debug, clap::Args)]
pub(crate) struct StoreArgs {
    /// The store: sqlite:PATH, redb:PATH, sled:PATH, or memory: for one that is gone afterwards
    #[arg(long = "store", value_name = "URL")]
    pub(crate) url: StoreUrl,
}

impl FromStr for StoreUrl {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        let (scheme, path) = url
            .split_once(':')
            .ok_or_else(|| format!("no store is named before a colon; known are {KNOWN}"))?;
        let at = match scheme {
            "memory" if path.is_empty() => return Ok(Self::Memory),
            "memory" => return Err("a store in memory has no path; write memory:".to_owned()),
            "sqlite" => Self::Sqlite,
            "redb" => Self::Redb,
            "sled" => Self::Sled,
            _ => return Err(format!("unknown store `{scheme}:`; known are {KNOWN}")),
        };
        if path.is_empty() {
            return Err(format!("the path is missing; write {scheme}:PATH"));
        }
        Ok(at(path.into()))
    }
}

impl StoreUrl {
    /// Opens the store, and creates it if it is not there.
    pub(crate) fn create(&self) -> anyhow::Result<Users> {
        Ok(self.builder()?.build())
    }

    /// The same, to be set up.
    pub(crate) fn builder(&self) -> anyhow::Result<UsersBuilder> {
        let store: Arc<dyn UserStore> = match self {
            Self::Memory => Arc::new(MemoryStore::new()),
            Self::Sqlite(path) => Arc::new(SqliteStore::open(path)?),
            Self::Redb(path) => Arc::new(RedbStore::open(path)?),
            Self::Sled(path) => Arc::new(SledStore::open(path)?),
        };
        Ok(Users::builder(store))
    }

    /// Opens the store if it is there.
    pub(crate) fn open(&self) -> anyhow::Result<Users> {
        if let Self::Sqlite(path) | Self::Redb(path) | Self::Sled(path) = self
            && is_room(path)
        {
            anyhow::bail!("{}: there is no store; `rollbook import` creates one", path.display());
        }
        self.create()
    }
}

/// Whether nothing is at `path`, or an empty file or folder, which opening would fill.
fn is_room(path: &Path) -> bool {
    match std::fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => std::fs::metadata(path).map_or(true, |file| file.is_file() && file.len() == 0),
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
        check("redb:a.redb", Ok(StoreUrl::Redb("a.redb".into())));
        check("sled:a", Ok(StoreUrl::Sled("a".into())));
        check("memory:x", Err("a store in memory has no path; write memory:"));
        check("sqlite:", Err("the path is missing; write sqlite:PATH"));
        check("sled:", Err("the path is missing; write sled:PATH"));
        let known = "known are memory:, sqlite:PATH, redb:PATH, sled:PATH";
        check("mysql://x", Err(&format!("unknown store `mysql:`; {known}")));
        check("a.db", Err(&format!("no store is named before a colon; {known}")));
    }
}
