//! `rollbook bench hashes`

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use rollbook::Argon2Params;

use super::groups::Contents;
use super::measure::measure;
use super::plot::Plot;
use super::report::Report;
use crate::input::{Input, InputArgs};

/// Measure how long the hashes of a file take on this machine
///
/// Reads the file as `rollbook import` does, without a store, and groups its hashes by scheme and cost.
/// Of each group a sample is measured: users a second to verify one by one, in batches on one core and on
/// all, and to upgrade; and how long the whole file takes. Users that are refused are counted, and the
/// first are named. What needs no hash, such as e-mails and whether two users are in each other's way, is
/// left to the import.
///
/// The password that is verified is a wrong one, which costs what the right one costs.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// How long to measure each group, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = positive)]
    seconds: Duration,
    /// Print JSON, with units in the names of the fields
    #[arg(long)]
    json: bool,
    /// Also draw the rates, as SVG; a file that is there is replaced once the picture is complete
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  rollbook bench hashes users.jsonl
  rollbook bench hashes users.jsonl --plot hashes.svg
  rollbook bench hashes users.jsonl --json | jq .total.verify_batch_all_cores_hours
  zcat users.jsonl.gz | rollbook bench hashes - --allow-weak --seconds 1";

/// A time to measure: more than nothing, and not so long that it is a mistake.
pub(super) fn positive(seconds: &str) -> Result<Duration, String> {
    const MOST: f64 = 3600.0;
    let number = seconds.parse().ok().filter(|seconds| *seconds > 0.0 && *seconds <= MOST);
    number.map(Duration::from_secs_f64).ok_or_else(|| format!("no number over 0 and up to {MOST}"))
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Args { input, seconds, json, plot } = args;
    // Before anything takes time.
    let plot = plot.as_deref().map(Plot::create).transpose()?;
    let contents = read(input)?;
    ensure!(
        !contents.groups.is_empty(),
        "{}: no hash to measure; {} rows, {} refused{}, {} without a password",
        input.file.display(),
        contents.rows,
        contents.rejected,
        contents
            .rejections
            .first()
            .map_or_else(String::new, |first| format!(" (line {}: {})", first.line, first.reason)),
        contents.without_password,
    );
    let report = measured(input.file.display().to_string(), contents, *seconds);
    if let Some(plot) = plot {
        plot.finish(&report)?;
    }
    let mut out = io::stdout().lock();
    if *json {
        serde_json::to_writer_pretty(&mut out, &report.json()).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        out.write_all(report.text().as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn read(args: &InputArgs) -> anyhow::Result<Contents> {
    let input = Input::open(&args.file)?;
    let bar = input.bar();
    let mut rows = args.source()?.rows(input.reader(&bar), &args.options());
    let mut contents = Contents::default();
    loop {
        let started = Instant::now();
        let Some(row) = rows.next() else { break };
        let reading = started.elapsed();
        let row =
            row.with_context(|| format!("the file can't be read after {} rows", contents.rows))?;
        contents.add(row, reading);
        if contents.rows.is_multiple_of(10_000) {
            bar.set_message(format!("{} rows, {} kinds", contents.rows, contents.groups.len()));
        }
    }
    bar.finish_and_clear();
    contents.sort();
    Ok(contents)
}

fn measured(file: String, contents: Contents, budget: Duration) -> Report {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let target = Argon2Params::default();
    let bar = ProgressBar::new(contents.groups.len() as u64);
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len}, {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let rates = contents.groups.iter().map(|group| {
        bar.set_message(group.kind.label());
        let rates = measure(group, budget, cores, &target).map_err(|error| error.to_string());
        bar.inc(1);
        rates
    });
    let rates = rates.collect();
    bar.finish_and_clear();
    Report { file, cores, target, contents, rates }
}
