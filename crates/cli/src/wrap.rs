//! `rollbook wrap`

use std::io::{self, Write};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use rollbook::{Error, ListUsers, Users};
use tokio::task::JoinSet;

use crate::store::StoreArgs;

/// Put Argon2id around password hashes that are no protection
///
/// Passwords stay the same, and the next sign-in replaces the hash by a new one. May be interrupted and
/// started again: what is done is not done twice.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArgs,
}

/// The users of a page, and how many of them are at work at a time: the threads that hash have enough to do,
/// and sign-ins of other tasks find room.
const PAGE: u64 = 1000;
const AT_A_TIME: usize = 32;

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let users = args.store.open()?;
    let first = users.list(ListUsers::new().limit(PAGE)).await?;
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} users, {msg}, {eta} left");
    let bar = ProgressBar::new(first.total);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let (mut page, mut wrapped) = (first.users, 0);
    while let Some(last) = page.last().map(|user| user.id.to_string()) {
        let mut tasks = JoinSet::new();
        for user in &page {
            if tasks.len() >= AT_A_TIME
                && let Some(done) = tasks.join_next().await
            {
                wrapped += u64::from(done??);
            }
            let (users, id) = (users.clone(), user.id.to_string());
            tasks.spawn(async move { wrap(&users, &id).await });
            bar.inc(1);
            bar.set_message(format!("{wrapped} wrapped"));
        }
        while let Some(done) = tasks.join_next().await {
            wrapped += u64::from(done??);
        }
        page = users.list(ListUsers::new().without_total().limit(PAGE).after(last)).await?.users;
    }
    bar.finish_and_clear();
    writeln!(io::stdout(), "wrapped    {wrapped}")?;
    Ok(ExitCode::SUCCESS)
}

async fn wrap(users: &Users, id: &str) -> Result<bool, Error> {
    match users.wrap_password(id).await {
        // Deleted meanwhile.
        Err(Error::UserNotFound) => Ok(false),
        done => done,
    }
}
