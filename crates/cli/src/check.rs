//! `rollbook hash check`

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context as _, anyhow, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rollbook::{HashError, HashOptions, Limits, PasswordHash, VerifyError, Weak};
use serde::Deserialize;

/// Check password hashes against passwords that are known
///
/// A line of the files is a JSON object: `algorithm`, `params` (the options), `hash`, `password_b64`, and
/// `matches`. One that must not match passes also if the hash is refused. Instead of `matches` there may
/// be `expect`: reject-at-import, reject-over-limit or verify-false.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Check only lines of this algorithm; may be given more than once
    #[arg(long, value_name = "ALGORITHM")]
    algorithm: Vec<String>,
    /// The files hold broken hashes: every line must say what to expect of it, and none may match
    #[arg(long)]
    malformed: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Args { files, algorithm, malformed } = args;
    let mut rows = Vec::new();
    for file in files {
        read(file, algorithm, &mut rows)?;
    }
    ensure!(!rows.is_empty(), "there is no line to check");
    if let Some(row) = rows.iter().find(|row| *malformed && row.line.expect.is_none()) {
        bail!("{}: no `expect`, which every line of a malformed hash has", row.place);
    }
    let failures = check(&rows);
    let mut out = io::stdout().lock();
    for (row, failure) in rows.iter().zip(&failures) {
        if let Err(failure) = failure {
            writeln!(out, "{}: {failure}", row.place)?;
        }
    }
    let failed = failures.iter().filter(|outcome| outcome.is_err()).count();
    writeln!(out, "{} passed, {failed} failed", rows.len() - failed)?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A line, and where it stands.
struct Row {
    place: String,
    line: Line,
}

#[derive(Deserialize)]
struct Line {
    id: Option<String>,
    algorithm: String,
    #[serde(default)]
    params: HashOptions,
    hash: String,
    /// The bytes of a hash that is no text.
    hash_b64: Option<String>,
    #[serde(default)]
    password_b64: String,
    matches: Option<bool>,
    expect: Option<Expect>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Expect {
    RejectAtImport,
    RejectOverLimit,
    VerifyFalse,
}

fn read(path: &Path, algorithms: &[String], rows: &mut Vec<Row>) -> anyhow::Result<()> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let mut place = format!("{}:{}", path.display(), index + 1);
        let line = line.with_context(|| place.clone())?;
        if line.trim().is_empty() {
            continue;
        }
        let line: Line =
            serde_json::from_str(&line).map_err(|error| anyhow!("{place}: {}", told(&error)))?;
        if let Some(id) = &line.id {
            place = format!("{place} {id}");
        }
        if algorithms.is_empty() || algorithms.contains(&line.algorithm) {
            rows.push(Row { place, line });
        }
    }
    Ok(())
}

/// What is wrong with a line. A value of a wrong type is not repeated, as serde would: it may be a hash.
fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if error.is_data() && !text.starts_with("missing field") {
        return format!("a value of a wrong type at column {}", error.column());
    }
    text
}

/// The outcome of every row, in their order, computed on all cores.
fn check(rows: &[Row]) -> Vec<Result<(), String>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut outcomes = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(row) = rows.get(index) else { return outcomes };
            outcomes.push((index, row.line.check()));
        }
    };
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    // What stays is a row whose thread did not come to its end.
    let mut outcomes = vec![Err("the check of this line failed".to_owned()); rows.len()];
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for (index, outcome) in
            threads.into_iter().filter_map(|thread| thread.join().ok()).flatten()
        {
            outcomes[index] = outcome;
        }
    });
    outcomes
}

impl Line {
    fn check(&self) -> Result<(), String> {
        let outcome = self.outcome()?;
        let refused = matches!(outcome, Outcome::Refused(_));
        let (passed, wanted) = match (self.matches, self.expect) {
            (Some(true), _) => (matches!(outcome, Outcome::Match), "a match"),
            (Some(false), _) => {
                (refused || matches!(outcome, Outcome::Mismatch), "a mismatch or a refusal")
            }
            (None, Some(Expect::RejectAtImport)) => (refused, "a refusal"),
            (None, Some(Expect::RejectOverLimit)) => (
                matches!(outcome, Outcome::Refused(Some(HashError::OverLimit { .. }))),
                "a refusal for its cost",
            ),
            (None, Some(Expect::VerifyFalse)) => {
                (matches!(outcome, Outcome::Mismatch), "a mismatch")
            }
            (None, None) => return Err("neither `matches` nor `expect`".to_owned()),
        };
        if passed {
            return Ok(());
        }
        Err(match outcome {
            Outcome::Match => format!("expected {wanted}, found a match"),
            Outcome::Mismatch => format!("expected {wanted}, found a mismatch"),
            Outcome::Refused(None) => format!("expected {wanted}, found a hash that is no text"),
            Outcome::Refused(Some(error)) => format!("expected {wanted}, found a refusal: {error}"),
        })
    }

    fn outcome(&self) -> Result<Outcome, String> {
        let decode = |text: &str, name| {
            STANDARD.decode(text).map_err(|error| format!("`{name}` is no base64: {error}"))
        };
        let password = decode(&self.password_b64, "password_b64")?;
        let text = match &self.hash_b64 {
            None => self.hash.clone(),
            Some(bytes) => match String::from_utf8(decode(bytes, "hash_b64")?) {
                Ok(text) => text,
                Err(_) => return Ok(Outcome::Refused(None)),
            },
        };
        let limits = Limits::default().with_weak(Weak::Allow);
        let hash = match self.algorithm.as_str() {
            "auto" => PasswordHash::detect(&text, &limits),
            algorithm => PasswordHash::import(algorithm, &text, &self.params, &limits),
        };
        match hash.map(|hash| hash.verify(&password)) {
            // An algorithm that is not there proves nothing about its hashes.
            Err(error @ HashError::UnknownAlgorithm { .. }) => Err(error.to_string()),
            Err(error) => Ok(Outcome::Refused(Some(error))),
            Ok(Ok(())) => Ok(Outcome::Match),
            Ok(Err(VerifyError::Mismatch | VerifyError::PasswordTooLong { .. })) => {
                Ok(Outcome::Mismatch)
            }
            Ok(Err(error)) => Err(error.to_string()),
        }
    }
}

enum Outcome {
    Match,
    Mismatch,
    /// Without an error, since a hash that is no text can't even be asked for.
    Refused(Option<HashError>),
}
