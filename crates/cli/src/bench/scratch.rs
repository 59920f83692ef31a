//! A store that is there for a bench alone.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::store::StoreUrl;

/// The place of a store that was not there before, and is not there afterwards.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// Nothing for a store in memory.
    paths: Vec<PathBuf>,
}

impl Scratch {
    /// Takes the place of `url`, which must be free.
    pub(crate) fn take(url: &StoreUrl) -> anyhow::Result<Self> {
        let mut scratch = Self { paths: Vec::new() };
        match url {
            StoreUrl::Memory => {}
            StoreUrl::Sqlite(path) => {
                // What SQLite keeps beside a file; of one that was lost, it may be all there is.
                for end in ["-wal", "-shm", "-journal"] {
                    let mut beside = path.clone().into_os_string();
                    beside.push(end);
                    let beside = PathBuf::from(beside);
                    if fs::symlink_metadata(&beside).is_ok() {
                        bail!("{}: {TAKEN}", beside.display());
                    }
                    scratch.paths.push(beside);
                }
                scratch.make(path, |path| File::create_new(path).map(drop))?;
            }
            StoreUrl::Redb(path) => scratch.make(path, |path| File::create_new(path).map(drop))?,
            StoreUrl::Sled(path) => scratch.make(path, |path| fs::create_dir(path))?,
        }
        Ok(scratch)
    }

    /// Makes what the store then fills, so that nobody else takes the place in between.
    fn make(&mut self, path: &Path, make: fn(&Path) -> io::Result<()>) -> anyhow::Result<()> {
        match make(path) {
            Ok(()) => {
                self.paths.push(path.to_owned());
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                // Whatever stands beside it is not of this bench.
                self.paths.clear();
                bail!("{}: {TAKEN}", path.display())
            }
            Err(error) => {
                self.paths.clear();
                Err(error).with_context(|| path.display().to_string())
            }
        }
    }
}

const TAKEN: &str =
    "there is something; a bench fills a store of its own, at a path where nothing is";

impl Drop for Scratch {
    fn drop(&mut self) {
        for path in &self.paths {
            // What is not there need not go.
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        fs::write(path("a.db"), "a").unwrap();
        fs::write(path("b.db-wal"), "b").unwrap();
        fs::create_dir(path("c")).unwrap();
        for url in [
            StoreUrl::Sqlite(path("a.db")),
            StoreUrl::Redb(path("a.db")),
            StoreUrl::Sled(path("a.db")),
            StoreUrl::Sqlite(path("b.db")),
            StoreUrl::Sled(path("c")),
            StoreUrl::Redb(path("c")),
        ] {
            let error = Scratch::take(&url).unwrap_err().to_string();
            assert!(error.ends_with(TAKEN), "{error}");
        }
        assert!(Scratch::take(&StoreUrl::Sled(path("no/way"))).is_err());
        let mut names: Vec<_> = fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["a.db", "b.db-wal", "c"]);
    }

    #[test]
    fn what_was_made_goes() {
        let directory = tempfile::tempdir().unwrap();
        for (url, beside) in [
            (StoreUrl::Sqlite(directory.path().join("a")), "a-wal"),
            (StoreUrl::Redb(directory.path().join("a")), ""),
            (StoreUrl::Sled(directory.path().join("a")), "a/blobs"),
            (StoreUrl::Memory, ""),
        ] {
            let scratch = Scratch::take(&url).unwrap();
            if !beside.is_empty() {
                fs::write(directory.path().join(beside), "x").unwrap();
            }
            drop(scratch);
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "{url:?}");
        }
    }
}
