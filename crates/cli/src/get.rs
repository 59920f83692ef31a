//! `rollbook get`

use std::io;
use std::process::ExitCode;

use rollbook::Error;

use crate::list::print;
use crate::store::StoreArgs;

/// Print one user as a line of JSON
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The user's id, e-mail, or phone number with its +
    #[arg(value_name = "ID|EMAIL|PHONE")]
    user: String,
    #[command(flatten)]
    store: StoreArgs,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Args { user, store } = args;
    let users = store.open()?;
    // Neither `@` nor `+` is in any id.
    let user = if user.starts_with('+') {
        users.find_by_phone(&user).await?.ok_or(Error::UserNotFound)?
    } else if user.contains('@') {
        users.find_by_email(&user).await?.ok_or(Error::UserNotFound)?
    } else {
        users.get(&user).await?
    };
    print(&user, &mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}
