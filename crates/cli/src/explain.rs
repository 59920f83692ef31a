//! `rollbook hash explain`

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use rollbook::{Argon2Params, Cost, HashError, HashOptions, Limits, PasswordHash, Weak};

use crate::sign_in::read_secret;

/// Tell what a password hash is and how good it is
///
/// A hash is a secret that a shell keeps in its history: leave it out, and it is read from standard
/// input.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The hash; without it, it is read from standard input
    hash: Option<String>,
    /// The algorithm, for a hash that does not show it
    #[arg(long, value_name = "ALGORITHM")]
    algorithm: Option<String>,
    /// What the hash needs to be read, such as {"version":"sha1"}
    #[arg(long, value_name = "JSON")]
    options: Option<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Args { hash, algorithm, options } = args;
    let options = match options {
        None => HashOptions::new(),
        // The cause would repeat what may be a salt or a key.
        Some(options) => {
            serde_json::from_str(options).ok().context("--options is no JSON object")?
        }
    };
    let text = match hash {
        Some(text) => text.clone().into(),
        None => read_secret("hash: ").map_err(unreadable)?,
    };
    let hash = read(text.trim(), algorithm.as_deref(), &options)?;
    io::stdout().write_all(describe(&hash).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// What a shell of Windows writes to a file is often UTF-16.
fn unreadable(error: io::Error) -> anyhow::Error {
    let foreign = error.kind() == io::ErrorKind::InvalidData;
    let advice = if foreign { "; if it is in UTF-16, convert it to UTF-8" } else { "" };
    anyhow::Error::new(error).context(format!("the hash can't be read{advice}"))
}

fn read(
    text: &str,
    algorithm: Option<&str>,
    options: &HashOptions,
) -> Result<PasswordHash, HashError> {
    let limits = Limits::default().with_weak(Weak::Allow);
    if let Some(algorithm) = algorithm {
        return PasswordHash::import(algorithm, text, options, &limits);
    }
    let detected = PasswordHash::detect(text, &limits)?;
    if options.is_empty() {
        return Ok(detected);
    }
    PasswordHash::import(detected.algorithm(), text, options, &limits)
}

fn describe(hash: &PasswordHash) -> String {
    let explanation = hash.explain();
    let Cost { memory_bytes, work, class, .. } = explanation.cost;
    let mut lines = vec![("scheme", explanation.scheme.to_owned()), ("title", explanation.title)];
    lines.extend(explanation.parameters);
    lines.push(("cost class", class.name().to_owned()));
    lines.push(("memory", bytes(memory_bytes)));
    lines.push(("time", time(work)));
    lines.push(("standing", explanation.standing.name().to_owned()));
    let upgrade = if hash.needs_upgrade(&Argon2Params::default()) {
        "yes, the next sign-in hashes the password anew"
    } else {
        "no"
    };
    lines.push(("upgrade", upgrade.to_owned()));
    lines.extend(explanation.notes.into_iter().map(|note| ("note", note)));
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    lines.iter().fold(String::new(), |mut text, (name, value)| {
        // Writing to a text can't fail.
        let _ = writeln!(text, "{name:width$}  {value}");
        text
    })
}

fn bytes(bytes: u64) -> String {
    match bytes {
        0 => "none worth counting".to_owned(),
        _ if bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        _ if bytes.is_multiple_of(1 << 10) => format!("{} KiB", bytes >> 10),
        _ => format!("{bytes} bytes"),
    }
}

fn time(microseconds: u64) -> String {
    match microseconds {
        0 => "under a microsecond".to_owned(),
        1..1_000 => format!("about {microseconds} microseconds"),
        1_000..1_000_000 => format!("about {} milliseconds", microseconds / 1_000),
        _ => format!("about {}.{} seconds", microseconds / 1_000_000, microseconds / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_readable() {
        assert_eq!(bytes(0), "none worth counting");
        assert_eq!(bytes(4096), "4 KiB");
        assert_eq!(bytes(64 << 20), "64 MiB");
        assert_eq!(bytes(1000), "1000 bytes");
        assert_eq!(time(0), "under a microsecond");
        assert_eq!(time(999), "about 999 microseconds");
        assert_eq!(time(61_440), "about 61 milliseconds");
        assert_eq!(time(1_966_080), "about 1.9 seconds");
    }
}
