//! Writes a file in the present format, to be kept for `tests/files/yesterday.rs`.
//!
//! `cargo run -p rollbook-sqlite --example make_format_file -- crates/sqlite/tests/files/format-1.db`
//!
//! To be run once for each format, before the next one comes; a file that is there is never replaced.

use std::error::Error;
use std::sync::Arc;

use rollbook_conformance::yesterday;
use rollbook_sqlite::SqliteStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("say where to write the file")?;
    if std::fs::exists(&path)? {
        return Err("the file is there; a file of a format is written once".into());
    }
    yesterday::write(Arc::new(SqliteStore::open(path)?)).await;
    Ok(())
}
