//! Writes a file in the present format, to be kept for `tests/files/yesterday.rs`.
//!
//! `cargo run -p rollbook-sqlite --example make_format_file -- crates/sqlite/tests/files/format-1.db`
//!
//! To be run once for each format, before the next one comes; a file that is there is never replaced.

use std::error::Error;
use std::sync::Arc;

use rollbook_core::{ImportedUser, Limits, ManualClock, PasswordHash, Timestamp, Users};
use rollbook_sqlite::SqliteStore;
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("say where to write the file")?;
    if std::fs::exists(&path)? {
        return Err("the file is there; a file of a format is written once".into());
    }
    let clock = ManualClock::new(Timestamp::from_millis(1_602_743_880_000)?);
    let store = Arc::new(SqliteStore::open(path)?);
    let users = Users::builder(store).clock(Arc::new(clock)).build();
    for outcome in users.import(everybody()?).await? {
        outcome?;
    }
    // Gaps in the order of insertion, one of them at the end, and a second revision.
    users.delete("gone").await?;
    users.delete("last").await?;
    users.update_name("zoe", "Zoë Müller-Ångström").await?;
    Ok(())
}

fn everybody() -> Result<Vec<ImportedUser>, Box<dyn Error>> {
    let user = |id: &str, name: &str| ImportedUser {
        id: Some(id.to_owned()),
        email: Some(format!("{id}@example.com")),
        name: Some(name.to_owned()),
        ..ImportedUser::default()
    };
    // Of `noninterchangeableness`, from the known answers of libxcrypt.
    let hash = "$2a$05$abcdefghijklmnopqrstuueL38vMSpfDTZP0TBBAuZDp0A/4eFDFa";
    Ok(vec![
        ImportedUser {
            password: Some(PasswordHash::detect(hash, &Limits::default())?),
            email_verification: Some(true),
            ..user("ann", "Ann")
        },
        user("gone", "Gone"),
        user("zoe", "Zoe"),
        ImportedUser {
            phone: Some("+4915112345678".to_owned()),
            labels: vec!["vip".to_owned()],
            status: Some(false),
            prefs: serde_json::from_value(json!({"thème": "sombre", "n": 1}))?,
            ..user("ivan", "Иван")
        },
        ImportedUser { id: Some("nobody".to_owned()), ..ImportedUser::default() },
        user("last", "Last"),
    ])
}
