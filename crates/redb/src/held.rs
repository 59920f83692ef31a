//! A file whose writes are held back until what is in it has been accepted.

use std::io;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock};

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

/// The file of a database. redb writes to it as it opens it, and more when it repairs it after a crash;
/// all that stays in memory until [`Held::release`], so that a refused file stays as it is.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    file: Arc<FileBackend>,
    // In their order; `None` once they are released.
    writes: Arc<RwLock<Option<Vec<Write>>>>,
}

#[derive(Debug)]
enum Write {
    Length(u64),
    Bytes(u64, Vec<u8>),
    Sync,
}

impl Held {
    pub(crate) fn new(file: FileBackend) -> Self {
        Self { file: Arc::new(file), writes: Arc::new(RwLock::new(Some(Vec::new()))) }
    }

    /// Writes what was held back, in its order, which is safe against crashes as redb's is, and holds
    /// nothing back from then on.
    pub(crate) fn release(&self) -> io::Result<()> {
        let mut writes = self.writes.write().unwrap_or_else(PoisonError::into_inner);
        for write in writes.take().unwrap_or_default() {
            match write {
                Write::Length(length) => self.file.set_len(length)?,
                Write::Bytes(offset, bytes) => self.file.write(offset, &bytes)?,
                Write::Sync => self.file.sync_data()?,
            }
        }
        Ok(())
    }

    /// Holds `write` back, or gives it back.
    fn hold(&self, write: Write) -> Option<Write> {
        // Almost always there is nothing to hold, and writes need not wait for each other.
        if self.writes.read().unwrap_or_else(PoisonError::into_inner).is_none() {
            return Some(write);
        }
        match &mut *self.writes.write().unwrap_or_else(PoisonError::into_inner) {
            Some(writes) => {
                writes.push(write);
                None
            }
            None => Some(write),
        }
    }
}

impl StorageBackend for Held {
    fn len(&self) -> io::Result<u64> {
        let writes = self.writes.read().unwrap_or_else(PoisonError::into_inner);
        let lengths = writes.iter().flatten().rev();
        let held = lengths.filter_map(|write| match write {
            Write::Length(length) => Some(*length),
            _ => None,
        });
        held.take(1).next().map_or_else(|| self.file.len(), Ok)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let writes = self.writes.read().unwrap_or_else(PoisonError::into_inner);
        let Some(writes) = &*writes else { return self.file.read(offset, out) };
        // What is beyond the end of the file was added by a held length, or by nobody.
        let there = self.file.len()?.saturating_sub(offset);
        let there = usize::try_from(there).unwrap_or(usize::MAX).min(out.len());
        self.file.read(offset, &mut out[..there])?;
        out[there..].fill(0);
        for write in writes {
            match write {
                Write::Bytes(at, bytes) => overlay(out, offset, bytes, *at),
                Write::Length(length) => {
                    let kept = usize::try_from(length.saturating_sub(offset)).unwrap_or(usize::MAX);
                    if let Some(cut) = out.get_mut(kept..) {
                        cut.fill(0);
                    }
                }
                Write::Sync => {}
            }
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.hold(Write::Length(length)).map_or(Ok(()), |_| self.file.set_len(length))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.hold(Write::Sync).map_or(Ok(()), |_| self.file.sync_data())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if self.writes.read().unwrap_or_else(PoisonError::into_inner).is_none() {
            return self.file.write(offset, data);
        }
        self.hold(Write::Bytes(offset, data.to_vec()));
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    // Locks are the file's own: nobody else may open it, whatever is held back.

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}

/// Lays those of `bytes`, which begin `at`, over `out`, which begins at `offset`, that it has room for.
fn overlay(out: &mut [u8], offset: u64, bytes: &[u8], at: u64) {
    let skip = |from: u64, to: u64| usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
    let Some(out) = out.get_mut(skip(offset, at)..) else { return };
    let Some(bytes) = bytes.get(skip(at, offset)..) else { return };
    let length = out.len().min(bytes.len());
    out[..length].copy_from_slice(&bytes[..length]);
}

#[cfg(test)]
mod tests {
    use rollbook_core::{Random, SeededRandom};

    use super::*;

    #[test]
    fn held_writes_read_as_written_ones() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, [7; 50]).unwrap();
        let options = std::fs::File::options().read(true).write(true).open(&path).unwrap();
        let held = Held::new(FileBackend::new(options).unwrap());
        let mut model = vec![7; 50];
        let random = SeededRandom::new(1);
        let mut dice = [0; 3];
        for step in 0..500 {
            random.fill(&mut dice);
            let [kind, place, length] = dice.map(usize::from);
            if kind < 40 {
                held.set_len(place as u64).unwrap();
                model.resize(place, 0);
            } else {
                let length = length.min(model.len());
                let place = place.min(model.len() - length);
                held.write(place as u64, &vec![dice[0]; length]).unwrap();
                model[place..place + length].fill(dice[0]);
            }
            held.sync_data().unwrap();
            assert_eq!(held.len().unwrap(), model.len() as u64);
            let from = model.len() / 3;
            let mut read = vec![0; model.len() - from];
            held.read(from as u64, &mut read).unwrap();
            assert_eq!(read, model[from..], "step {step}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), [7; 50]);
        held.release().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), model);
        held.set_len(1).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), model[..1]);
    }
}
