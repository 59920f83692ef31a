//! `rollbook bench`: what this machine does with the hashes of a file, and with a store.

mod groups;
mod hashes;
mod measure;
mod plot;
mod report;
mod scratch;
mod store;
mod table;

use std::process::ExitCode;

/// Measure this machine: the hashes of a file, or a store
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Bench {
    Hashes(hashes::Args),
    Store(store::Args),
}

pub(crate) async fn run(bench: Bench) -> anyhow::Result<ExitCode> {
    match bench {
        Bench::Hashes(args) => hashes::run(&args),
        Bench::Store(args) => store::run(args).await,
    }
}
