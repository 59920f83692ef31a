//! `rollbook list`

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use rollbook::{ListUsers, User};

use crate::store::StoreArgs;

/// Print users as JSON Lines, in the order in which they were stored
///
/// Each line is a user as the Users API answers it, with its password hash; the lines can be imported
/// into another store.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArgs,
    /// How many users at most
    #[arg(long, value_name = "N", default_value_t = 25)]
    limit: u64,
    /// Begin behind the user with this id
    #[arg(long, value_name = "ID")]
    after: Option<String>,
    /// Print all users
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

/// The most users that are in memory at a time.
const PAGE: u64 = 1000;

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Args { store, limit, mut after, all } = args;
    let users = store.open()?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut wanted = if all { u64::MAX } else { limit };
    while wanted > 0 {
        let size = wanted.min(PAGE);
        let mut page = ListUsers::new().without_total().limit(size);
        if let Some(id) = after.take() {
            page = page.after(id);
        }
        let page = users.list(page).await?.users;
        for user in &page {
            print(user, &mut out)?;
        }
        let Some(last) = page.last().filter(|_| page.len() as u64 == size) else { break };
        after = Some(last.id.to_string());
        wanted -= size;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Prints a user as a line of JSON.
pub(crate) fn print(user: &User, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &user.to_wire())?;
    out.write_all(b"\n")
}
