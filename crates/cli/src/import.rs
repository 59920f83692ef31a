//! `rollbook import`

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::bail;
use rollbook::Standing;
use rollbook::import::{ImportSummary, Importer, WeakHashes};

use crate::input::{Input, InputArgs};
use crate::store::StoreArgs;

/// Import users with their password hashes
///
/// Users that can't be imported are written to a file of their own, each with its line, what is wrong
/// and the record itself. Repair the records there and import that file.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_STATUS)]
pub(crate) struct Args {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    store: StoreArgs,
    /// Where to write users that can't be imported [default: FILE.rejects.jsonl; rejects.jsonl for
    /// standard input]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Put Argon2id around hashes that are no protection, so that they never rest on the disk; takes as
    /// long as hashing that many passwords
    #[arg(long)]
    wrap: bool,
}

const EXIT_STATUS: &str = "\
Exit status:
  0    every user of the file was imported
  1    none was imported, or the import failed on the way
  2    wrong usage
  3    some were imported and some rejected
  130  interrupted; the summary tells what was imported";

const PARTIAL: u8 = 3;
pub(crate) const INTERRUPTED: u8 = 130;

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Args { input: read, store, rejects, wrap } = args;
    let source = read.source()?;
    let input = Input::open(&read.file)?;
    let mut rejects = Rejects::new(rejects.unwrap_or_else(|| default_rejects(&input)), &read.file)?;
    let users = store.create()?;
    let weak_hashes = if wrap { WeakHashes::Wrap } else { WeakHashes::Keep };
    let importer =
        Importer::new(users).source(source).options(read.options().weak_hashes(weak_hashes));

    let bar = input.bar();
    let reader = input.reader(&bar);
    let started = Instant::now();
    // What the last chunk left, for an import that fails at the next.
    let last = Arc::new(Mutex::new(ImportSummary::default()));
    let progress = |summary: &ImportSummary| {
        bar.set_message(line(summary, started.elapsed()));
        if let Ok(mut last) = last.lock() {
            last.clone_from(summary);
        }
    };
    let outcome = importer.run(reader, &mut rejects, progress, interrupted()).await;
    bar.finish_and_clear();
    let summary = match &outcome {
        Ok(summary) => summary.clone(),
        Err(_) => last.lock().map(|last| last.clone()).unwrap_or_default(),
    };
    let printed = print(&summary, &rejects.path, started.elapsed(), &mut io::stdout().lock());
    outcome?;
    // The import is done whether or not somebody reads its summary.
    if let Err(error) = printed
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        return Err(error.into());
    }
    Ok(match summary {
        ImportSummary { stopped: true, .. } => ExitCode::from(INTERRUPTED),
        ImportSummary { rejected: 0, .. } => ExitCode::SUCCESS,
        ImportSummary { imported: 0, .. } => ExitCode::FAILURE,
        _ => ExitCode::from(PARTIAL),
    })
}

/// Ready when the user interrupts; at the second time the program ends at once.
pub(crate) async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without the signal an interrupt ends the program as it always does.
        return std::future::pending().await;
    }
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(INTERRUPTED.into());
        }
    });
}

fn default_rejects(input: &Input) -> PathBuf {
    match input {
        Input::Stdin => PathBuf::from("rejects.jsonl"),
        Input::File { path, .. } => {
            let mut name = path.as_os_str().to_owned();
            name.push(".rejects.jsonl");
            name.into()
        }
    }
}

/// The file of the rejects, created with the first.
struct Rejects {
    path: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Rejects {
    fn new(path: PathBuf, input: &Path) -> anyhow::Result<Self> {
        // `symlink_metadata` also sees a link that leads nowhere.
        if fs::symlink_metadata(&path).is_ok() {
            let same = fs::canonicalize(&path).ok().zip(fs::canonicalize(input).ok());
            if same.is_some_and(|(rejects, input)| rejects == input) {
                bail!("{}: the rejects can't go to the file that is imported", path.display());
            }
            bail!(
                "{}: the file for the rejects exists; move it away, or name another with --rejects",
                path.display()
            );
        }
        Ok(Self { path, file: None })
    }

    fn file(&mut self) -> io::Result<&mut BufWriter<File>> {
        let file = match self.file.take() {
            Some(file) => file,
            None => BufWriter::new(File::create_new(&self.path)?),
        };
        Ok(self.file.insert(file))
    }
}

impl Write for Rejects {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// The state of an import, beside its bar.
fn line(summary: &ImportSummary, elapsed: Duration) -> String {
    let ImportSummary { rows, rejected, .. } = summary;
    let rate = rate(*rows, elapsed);
    let rejected = if *rejected == 0 { String::new() } else { format!(", {rejected} rejected") };
    format!("{rows} rows, {rate} rows/s{rejected}")
}

fn print(
    summary: &ImportSummary,
    rejects: &Path,
    elapsed: Duration,
    out: &mut dyn Write,
) -> io::Result<()> {
    let ImportSummary { rows, imported, rejected, hashes, without_password, stopped, .. } = summary;
    writeln!(out, "rows read  {rows}{}", if *stopped { ", interrupted" } else { "" })?;
    writeln!(out, "imported   {imported}")?;
    match rejected {
        0 => writeln!(out, "rejected   0")?,
        _ => writeln!(out, "rejected   {rejected}, see {}", rejects.display())?,
    }
    let mut passwords: Vec<_> = hashes
        .iter()
        .map(|((algorithm, class), tally)| {
            format!("{} {algorithm} ({})", tally.users, class.name())
        })
        .collect();
    if *without_password > 0 {
        passwords.push(format!("{without_password} none"));
    }
    if !passwords.is_empty() {
        writeln!(out, "passwords  {}", passwords.join(", "))?;
    }
    let broken = hashes.values().filter(|tally| tally.standing == Standing::Broken);
    let broken: u64 = broken.map(|tally| tally.users).sum();
    if broken > 0 {
        writeln!(out, "weak       {broken}, next to no protection until their users sign in")?;
    }
    let work = Duration::from_micros(hashes.values().map(|tally| tally.work).sum());
    if work >= Duration::from_millis(10) {
        writeln!(out, "verifying  each of them once takes about {} of one core", time(work))?;
    }
    let seconds = elapsed.as_secs_f64();
    writeln!(out, "took       {seconds:.2} s, {} rows/s", rate(*rows, elapsed))
}

/// A time for people, in the unit that fits.
pub(crate) fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        ..60.0 => format!("{seconds:.2} s"),
        ..3600.0 => format!("{:.1} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3600.0),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a rate for people"
)]
fn rate(rows: u64, elapsed: Duration) -> u64 {
    (rows as f64 / elapsed.as_secs_f64().max(1e-6)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use rollbook::CostClass;
    use rollbook::import::HashTally;

    #[test]
    fn summaries() {
        let mut summary = ImportSummary::default();
        summary.rows = 12;
        summary.imported = 9;
        summary.rejected = 3;
        let tally = |users, work, standing| HashTally { users, work, standing };
        summary.hashes = [
            (("argon2", CostClass::Strong), tally(5, 175_000, Standing::Current)),
            (("md5", CostClass::None), tally(3, 1, Standing::Broken)),
        ]
        .into();
        summary.without_password = 1;
        let elapsed = Duration::from_millis(500);
        let text = |summary: &ImportSummary| {
            let mut out = Vec::new();
            print(summary, Path::new("r.jsonl"), elapsed, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        insta::assert_snapshot!(text(&summary), @r"
        rows read  12
        imported   9
        rejected   3, see r.jsonl
        passwords  5 argon2 (strong), 3 md5 (none), 1 none
        weak       3, next to no protection until their users sign in
        verifying  each of them once takes about 0.18 s of one core
        took       0.50 s, 24 rows/s
        ");
        let mut nothing = ImportSummary::default();
        nothing.stopped = true;
        insta::assert_snapshot!(text(&nothing), @r"
        rows read  0, interrupted
        imported   0
        rejected   0
        took       0.50 s, 0 rows/s
        ");
        assert_eq!(time(Duration::from_secs(90)), "1.5 min");
        assert_eq!(time(Duration::from_secs(9000)), "2.5 h");
        assert_eq!(line(&summary, elapsed), "12 rows, 24 rows/s, 3 rejected");
    }
}
