//! Writes a folder in the present format, to be kept for `tests/files/yesterday.rs`.
//!
//! `cargo run -p rollbook-sled --example make_sled_folder -- crates/sled/tests/files/format-1.sled`
//!
//! To be run once for each format, before the next one comes; one that is there is never replaced.

use std::error::Error;
use std::sync::Arc;

use rollbook_conformance::yesterday;
use rollbook_sled::SledStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("say where to write the folder")?;
    if std::fs::exists(&path)? {
        return Err("the folder is there; that of a format is written once".into());
    }
    yesterday::write(Arc::new(SledStore::open(path)?)).await;
    Ok(())
}
