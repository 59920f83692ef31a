//! `rollbook keys`

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Subcommand;
use rollbook::{Clock as _, NewApiKey, Scope, SystemClock, Timestamp};
use serde_json::json;

use crate::store::StoreArgs;

/// Make, list and revoke API keys
///
/// A key is what a program shows to act on a project's users. Of its secret a digest is kept.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Make a key and print its secret, which nobody can tell again
#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    #[command(flatten)]
    store: StoreArgs,
    /// What its holder may do: users.read, users.write, sessions.read, sessions.write, and the same of
    /// targets and teams
    #[arg(long, value_name = "SCOPE,...", value_delimiter = ',', required = true)]
    scopes: Vec<Scope>,
    /// What it is for
    #[arg(long, value_name = "TEXT", default_value = "key")]
    name: String,
    /// How long it lasts, in days (30d) or hours (12h); for ever without this
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    expire: Option<i64>,
    /// Print the key as JSON, with its secret
    #[arg(long)]
    json: bool,
}

/// Print keys as JSON Lines, without their secrets
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    store: StoreArgs,
}

/// Delete a key: its secret opens nothing from now on
#[derive(Debug, clap::Args)]
pub(crate) struct Revoke {
    /// The key's id
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    store: StoreArgs,
}

pub(crate) async fn run(keys: Keys) -> anyhow::Result<ExitCode> {
    match keys {
        Keys::Create(args) => create(args).await?,
        Keys::List(args) => list(args).await?,
        Keys::Revoke(Revoke { id, store }) => store.url.open()?.delete_api_key(&id).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(args: Create) -> anyhow::Result<()> {
    let Create { store: StoreArgs { url, project }, scopes, name, expire, json } = args;
    let users = url.create()?;
    let mut new = NewApiKey::new(name, scopes);
    if let Some(project) = project {
        new = new.project(project);
    }
    if let Some(millis) = expire {
        new = new.expire(SystemClock.now().plus_millis(millis));
    }
    let (key, secret) = users.create_api_key(new).await?;
    let mut out = io::stdout();
    if json {
        let mut wire = key.to_wire();
        wire["secret"] = json!(secret.as_str());
        writeln!(out, "{wire}")?;
    } else {
        // Alone on standard output, for a pipe; the rest is for who looks on.
        writeln!(out, "{}", secret.as_str())?;
        writeln!(io::stderr(), "made the key {}; its secret is not shown again", key.id)?;
    }
    Ok(())
}

async fn list(args: List) -> anyhow::Result<()> {
    let StoreArgs { url, project } = args.store;
    let mut out = io::stdout().lock();
    for key in url.open()?.list_api_keys().await? {
        // A key for all projects opens this one, too.
        let opens = |project: &String| key.project.as_ref().is_none_or(|own| **own == **project);
        if project.as_ref().is_none_or(opens) {
            writeln!(out, "{}", key.to_wire())?;
        }
    }
    Ok(())
}

/// Reads `30d` or `12h` as milliseconds.
fn lifetime(text: &str) -> Result<i64, String> {
    const HOUR: i64 = 60 * 60 * 1000;
    let unit = |text: &str| match text {
        "h" => Some(HOUR),
        "d" => Some(24 * HOUR),
        _ => None,
    };
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at(digits);
    let millis = number.parse::<i64>().ok().zip(unit(rest));
    let millis = millis.and_then(|(number, unit)| number.checked_mul(unit));
    // No time is that far away.
    let most = Timestamp::MAX.as_millis();
    millis
        .filter(|millis| (1..most).contains(millis))
        .ok_or_else(|| "write a number of days or hours, as 30d or 12h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes() {
        assert_eq!(lifetime("12h"), Ok(43_200_000));
        assert_eq!(lifetime("30d"), Ok(2_592_000_000));
        for bad in ["", "d", "30", "0d", "-1d", "1.5d", "30m", "30 d", "9223372036854775807d"] {
            assert!(lifetime(bad).is_err(), "{bad}");
        }
    }
}
