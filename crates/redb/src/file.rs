//! The file: what is told from its header, and how it is opened without changing it.

use std::fs::File;
use std::io::{Error, ErrorKind};
use std::path::Path;

use redb::backends::FileBackend;
use redb::{
    Builder, Database, DatabaseError, ReadableDatabase, StorageBackend, StorageError, TableHandle,
};
use rollbook_core::StoreError;
use rollbook_kv::{Found, Refusal, guarded};

use crate::engine::{Engine, TABLE};
use crate::held::Held;
use crate::{RedbOptions, Verify};

/// The header of a file and where its numbers stand (redb file format, "Database header").
const MAGIC: &[u8; 9] = b"redb\x1a\x0a\xa9\x0d\x0a";
const HEADER: usize = 64;
const FLAGS_AT: usize = 9;
const PAGE_SIZE_AT: usize = 12;
const REGION_HEADER_PAGES_AT: usize = 16;
const REGION_PAGES_AT: usize = 20;
const REGIONS_AT: usize = 24;
const LAST_REGION_PAGES_AT: usize = 28;
const RECOVERY_REQUIRED: u8 = 2;
const TWO_PHASE_COMMIT: u8 = 4;
const PAGE_SIZE: u64 = 4096;

/// Opens or makes the file. Nothing is written to one that has something in it before
/// [`Held::release`].
pub(crate) fn open(path: &Path, options: &RedbOptions) -> Result<(Engine, Held, Found), Refusal> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if directory.is_some_and(|directory| !directory.is_dir()) {
        let reason = "there is no such directory; make it first";
        return Err(Error::new(ErrorKind::NotFound, reason).into());
    }
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    let file = FileBackend::new(file).map_err(refusal)?;
    let mut builder = Builder::new();
    builder.set_cache_size(options.cache);
    let held = if file.len()? > 0 {
        let header = inspect(&file)?;
        let held = Held::new(file);
        ask_for_checks(&held, &mut builder, header[FLAGS_AT], options.verify)?;
        held
    } else {
        sync_directory(directory.unwrap_or(Path::new(".")))?;
        Held::new(file)
    };
    // redb asserts that what it reads makes sense.
    guarded(|| {
        let database = builder.create_with_backend(held.clone()).map_err(refusal)?;
        let found = look(&database)?;
        Ok((Engine { database }, held, found))
    })
}

/// Refuses what is no redb file, or not all of one, by its header.
fn inspect(file: &FileBackend) -> Result<[u8; HEADER], Refusal> {
    let length = file.len()?;
    let mut header = [0; HEADER];
    if length < HEADER as u64 {
        return Err(Refusal::NoData { engine: "redb" });
    }
    file.read(0, &mut header)?;
    if !header.starts_with(MAGIC) {
        return Err(Refusal::NoData { engine: "redb" });
    }
    let number = |at: usize| header[at..at + 4].iter().rev().fold(0, |n, b| n << 8 | u64::from(*b));
    let last = number(LAST_REGION_PAGES_AT);
    let region_header = number(REGION_HEADER_PAGES_AT);
    let regions = number(REGIONS_AT).saturating_mul(region_header + number(REGION_PAGES_AT));
    let last = if last > 0 { region_header + last } else { 0 };
    // The first page is that of the header itself.
    let pages = regions.saturating_add(1 + last);
    if number(PAGE_SIZE_AT) != PAGE_SIZE || number(REGION_PAGES_AT) == 0 {
        return Err(Refusal::Damaged("its header makes no sense".to_owned()));
    }
    if pages.saturating_mul(PAGE_SIZE) > length {
        return Err(Refusal::Damaged("the end of the file is missing".to_owned()));
    }
    Ok(header)
}

/// Makes redb check what it is about to believe. It has checksums for everything, and looks at them only
/// if a flag in the header says that the last process was killed; so the flag is set, in what is held.
fn ask_for_checks(
    held: &Held,
    builder: &mut Builder,
    flags: u8,
    verify: Verify,
) -> Result<(), Refusal> {
    let was_closed = flags & RECOVERY_REQUIRED == 0;
    let flags = match verify {
        Verify::Header => flags | RECOVERY_REQUIRED,
        // With the other one redb would trust the pages.
        Verify::Everything => (flags | RECOVERY_REQUIRED) & !TWO_PHASE_COMMIT,
    };
    held.write(FLAGS_AT as u64, &[flags])?;
    if was_closed {
        // redb would go back to the commit before, which is right only for a commit that was interrupted.
        builder.set_repair_callback(|session| {
            if (0.2..0.5).contains(&session.progress()) {
                session.abort();
            }
        });
    }
    Ok(())
}

/// Whether there is a store in the database, or nothing at all.
fn look(database: &Database) -> Result<Found, Refusal> {
    let transaction = database.begin_read().map_err(StoreError::backend)?;
    let tables = transaction.list_tables().map_err(StoreError::backend)?;
    let multimaps = transaction.list_multimap_tables().map_err(StoreError::backend)?;
    let mut names: Vec<String> = tables.map(|table| table.name().to_owned()).collect();
    names.extend(multimaps.map(|_| String::new()));
    if names.is_empty() {
        let transaction = database.begin_write().map_err(StoreError::backend)?;
        transaction.open_table(TABLE).map_err(StoreError::backend)?;
        transaction.commit().map_err(StoreError::backend)?;
        return Ok(Found::Nothing);
    }
    // A table of the same name may be of other types.
    match transaction.open_table(TABLE) {
        Ok(_) => Ok(Found::Data),
        Err(redb::TableError::Storage(error)) => Err(StoreError::backend(error).into()),
        Err(_) => Err(Refusal::Foreign),
    }
}

fn refusal(error: DatabaseError) -> Refusal {
    match error {
        DatabaseError::DatabaseAlreadyOpen => Refusal::Busy,
        DatabaseError::Storage(StorageError::Corrupted(what)) => Refusal::Damaged(what),
        DatabaseError::RepairAborted => Refusal::Damaged("a checksum is wrong".to_owned()),
        DatabaseError::Storage(StorageError::Io(error)) => Refusal::Io(error),
        error => Refusal::engine(error),
    }
}

/// Makes the name of a new file durable.
fn sync_directory(directory: &Path) -> std::io::Result<()> {
    // Elsewhere a directory can't be opened as a file.
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}
