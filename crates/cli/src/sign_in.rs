//! `rollbook sign-in`

use std::io::{self, IsTerminal, Read, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use zeroize::Zeroizing;

use crate::store::StoreArgs;

/// Sign a user in with a password
///
/// The password is read from standard input without its last line end, or asked for if that is a
/// terminal. A right password whose hash is outdated is hashed anew, as in every sign-in.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The user's e-mail, or phone number with its +
    #[arg(value_name = "EMAIL|PHONE")]
    user: String,
    #[command(flatten)]
    store: StoreArgs,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Args { user, store } = args;
    let users = store.open()?;
    let password = read_secret("password: ").context("the password can't be read")?;
    let user = users.sign_in(&user, &password).await?;
    writeln!(io::stdout(), "signed in: {}", user.id)?;
    Ok(ExitCode::SUCCESS)
}

/// Reads a secret from standard input: all of it but one line end, or what is typed unseen.
pub(crate) fn read_secret(prompt: &str) -> io::Result<Zeroizing<String>> {
    if io::stdin().is_terminal() {
        return rpassword::prompt_password(prompt).map(Zeroizing::new);
    }
    let mut secret = Zeroizing::new(String::new());
    io::stdin().lock().read_to_string(&mut secret)?;
    let end = secret.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text).len());
    if let Some(end) = end {
        secret.truncate(end);
    }
    Ok(secret)
}
