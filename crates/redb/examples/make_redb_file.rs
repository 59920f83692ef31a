//! Writes a file in the present format, to be kept for `tests/files/yesterday.rs`.
//!
//! `cargo run -p rollbook-redb --example make_redb_file -- crates/redb/tests/files/format-1.redb.deflate`
//!
//! To be run once for each format, before the next one comes; a file that is there is never replaced.

use std::error::Error;
use std::sync::Arc;

use rollbook_conformance::yesterday;
use rollbook_redb::RedbStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("say where to write the file")?;
    if std::fs::exists(&path)? {
        return Err("the file is there; a file of a format is written once".into());
    }
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("users.redb");
    yesterday::write(Arc::new(RedbStore::open(&file)?)).await;
    // Half a mebibyte, nearly all of it empty.
    let bytes = miniz_oxide::deflate::compress_to_vec(&std::fs::read(file)?, 9);
    std::fs::write(path, bytes)?;
    Ok(())
}
