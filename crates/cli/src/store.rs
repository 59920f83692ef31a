//! Which store a command works on.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use rollbook::{
    MemoryStore, RedbOptions, SCHEMAS, Schema, SledOptions, SqliteOptions, UserStore, Users,
    UsersBuilder, all_schemas,
};

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
    /// The project, whose users are no other's; without it, or with `default`, those of no project
    #[arg(long, value_name = "ID")]
    pub(crate) project: Option<String>,
}

impl StoreArgs {
    /// The users of the project, in a store that is opened, and created if it is not there.
    pub(crate) fn create(&self) -> anyhow::Result<Users> {
        self.within(StoreUrl::create_with)
    }

    /// The users of the project, in a store that is opened if it is there.
    pub(crate) fn open(&self) -> anyhow::Result<Users> {
        self.within(StoreUrl::open_with)
    }

    fn within(
        &self,
        open: fn(&StoreUrl, &'static [&'static Schema]) -> anyhow::Result<Users>,
    ) -> anyhow::Result<Users> {
        match self.project.as_deref() {
            // A file gets no tables that nobody has asked for.
            None | Some("default") => open(&self.url, SCHEMAS),
            Some(project) => {
                // A wrong name makes no file.
                Users::new(Arc::new(MemoryStore::new())).tenant(project)?;
                Ok(open(&self.url, all_schemas())?.tenant(project)?)
            }
        }
    }
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
    /// Opens the store for what is of no project, and creates it if it is not there.
    pub(crate) fn create(&self) -> anyhow::Result<Users> {
        self.create_with(SCHEMAS)
    }

    /// Opens the store for what is of no project, if it is there.
    pub(crate) fn open(&self) -> anyhow::Result<Users> {
        self.open_with(SCHEMAS)
    }

    /// Opens the store, for all projects or for what is of none, and creates it if it is not there; to be set
    /// up.
    pub(crate) fn builder(&self, projects: bool) -> anyhow::Result<UsersBuilder> {
        self.builder_with(if projects { all_schemas() } else { SCHEMAS })
    }

    fn create_with(&self, schemas: &'static [&'static Schema]) -> anyhow::Result<Users> {
        Ok(self.builder_with(schemas)?.build())
    }

    fn builder_with(&self, schemas: &'static [&'static Schema]) -> anyhow::Result<UsersBuilder> {
        let store: Arc<dyn UserStore> = match self {
            Self::Memory => Arc::new(MemoryStore::with_schemas(schemas)),
            Self::Sqlite(path) => Arc::new(SqliteOptions::new().schemas(schemas).open(path)?),
            Self::Redb(path) => Arc::new(RedbOptions::new().schemas(schemas).open(path)?),
            Self::Sled(path) => Arc::new(SledOptions::new().schemas(schemas).open(path)?),
        };
        Ok(Users::builder(store))
    }

    fn open_with(&self, schemas: &'static [&'static Schema]) -> anyhow::Result<Users> {
        if let Self::Sqlite(path) | Self::Redb(path) | Self::Sled(path) = self
            && is_room(path)
        {
            anyhow::bail!("{}: there is no store; `rollbook import` creates one", path.display());
        }
        self.create_with(schemas)
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
