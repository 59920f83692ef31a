//! The folder: what marks it as ours, before sled is let in.
//!
//! sled writes to a folder as it opens it, and makes in it what is missing, whatever else is there. So a
//! file `rollbook` beside sled's own says whose it is. It is empty until the store is made.

use std::fs::{self, File, TryLockError};
use std::io::{Error, ErrorKind, Read, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rollbook_kv::{Found, Refusal, guarded};

use crate::engine::Engine;

/// The name of the mark, and what stands in it before the format.
const MARK: &str = "rollbook";
const TEXT: &str = "rollbook on sled, format ";

/// How files lie in the folder; what is in them has a format of its own.
const FORMAT: u32 = 1;

/// A folder that is ours.
#[derive(Debug)]
pub(crate) struct Folder {
    // Locked as long as the store is open.
    mark: File,
    found: Found,
}

impl Folder {
    /// Takes possession of the folder at `path`, or makes one.
    pub(crate) fn take(path: &Path) -> Result<Self, Refusal> {
        let is_new = match fs::read_dir(path) {
            Ok(mut entries) => entries.next().transpose()?.is_none(),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir(path).map_err(|error| match error.kind() {
                    ErrorKind::NotFound => {
                        let reason = "there is no such directory above it; make it first";
                        Error::new(ErrorKind::NotFound, reason)
                    }
                    _ => error,
                })?;
                true
            }
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                return Err(Refusal::NoData { engine: "sled" });
            }
            Err(error) => return Err(error.into()),
        };
        let mut options = File::options();
        options.read(true).write(true).create(is_new);
        let mut mark = match options.open(path.join(MARK)) {
            Ok(mark) => mark,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(Refusal::Foreign),
            Err(error) => return Err(error.into()),
        };
        match mark.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Refusal::Busy),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let found = found(path, &mut mark)?;
        Ok(Self { mark, found })
    }

    /// Lets sled in.
    pub(crate) fn open(&self, path: &Path, cache: u64) -> Result<(Engine, Found), Refusal> {
        let open = || {
            // sled may panic on damaged files.
            guarded(|| {
                let tree = sled::Config::new().path(path).cache_capacity(cache).open();
                tree.map_err(|error| match error {
                    sled::Error::Io(error) => Refusal::Io(error),
                    sled::Error::Corruption { .. } => {
                        Refusal::Damaged("sled finds wrong bytes".to_owned())
                    }
                    error => Refusal::engine(error),
                })
            })
        };
        let start = Instant::now();
        let tree = loop {
            match open() {
                // The mark is ours, so that nobody else is in: it is sled's threads of the store that was here
                // before, which close its files a moment after it is dropped.
                Err(Refusal::Io(error)) if is_locked(&error) && start.elapsed() < CLOSING => {
                    thread::sleep(Duration::from_millis(1));
                }
                opened => break opened?,
            }
        };
        let log = File::options().write(true).open(path.join(LOG))?;
        let engine = Engine::new(tree, log);
        // sled takes a log that it can't read for an empty one.
        if self.found == Found::Data && engine.is_empty() {
            return Err(Refusal::Damaged("nothing of it is left".to_owned()));
        }
        Ok((engine, self.found))
    }

    /// Says that the store is made.
    pub(crate) fn mark(&mut self, path: &Path) -> Result<(), Refusal> {
        if self.found == Found::Nothing {
            sync_directory(path)?;
            self.mark.write_all(format!("{TEXT}{FORMAT}\n").as_bytes())?;
            self.mark.sync_all()?;
            sync_directory(path.parent().filter(|parent| parent.is_dir()).unwrap_or(path))?;
        }
        Ok(())
    }
}

/// How long a store that was dropped may take to let go of its files.
const CLOSING: Duration = Duration::from_secs(5);

/// Whether sled found its files locked, which it tells by this text alone.
fn is_locked(error: &Error) -> bool {
    error.to_string().contains("could not acquire lock")
}

/// The files of sled without which it would begin anew.
const LOG: &str = "db";
const CONFIG: &str = "conf";

/// What the mark says about the folder.
fn found(path: &Path, mark: &mut File) -> Result<Found, Refusal> {
    let mut text = Vec::new();
    mark.take(100).read_to_end(&mut text)?;
    if text.is_empty() {
        return Ok(Found::Nothing);
    }
    let text = String::from_utf8_lossy(&text);
    let format = text.strip_prefix(TEXT).and_then(|format| format.trim_end().parse().ok());
    match format {
        Some(FORMAT) => {}
        Some(found) if found > FORMAT => return Err(Refusal::Newer { found, known: FORMAT }),
        _ => return Err(Refusal::Foreign),
    }
    for name in [LOG, CONFIG] {
        if fs::metadata(path.join(name)).map_or(0, |file| file.len()) == 0 {
            return Err(Refusal::Damaged(format!("its file {name} is missing")));
        }
    }
    Ok(Found::Data)
}

/// Makes the names of new files durable.
fn sync_directory(directory: &Path) -> Result<(), Error> {
    // Elsewhere a directory can't be opened as a file.
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}
