//! The program `rollbook`: import users with their password hashes, look at them, sign them in, serve them.

mod bench;
mod check;
mod error;
mod explain;
mod get;
mod import;
mod input;
mod keys;
mod list;
mod serve;
mod sign_in;
mod store;
mod wrap;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

// An import passes memory from the thread that reads to the one that checks to the one that writes. glibc's
// allocator spends a third of the time on that; with this one the rate is 1.6 times as high.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A user store in a file: users, passwords and sign-in.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, after_help = EXIT_STATUS)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_STATUS: &str =
    "Exit status: 0 done, 1 failed, 2 wrong usage; import has more, see its help.";

#[derive(Debug, Subcommand)]
enum Command {
    Import(import::Args),
    List(list::Args),
    Get(get::Args),
    SignIn(sign_in::Args),
    Serve(serve::Args),
    Wrap(wrap::Args),
    #[command(subcommand)]
    Keys(keys::Keys),
    #[command(subcommand)]
    Hash(Hash),
    #[command(subcommand)]
    Bench(bench::Bench),
}

/// Look at password hashes, without a store.
#[derive(Debug, Subcommand)]
enum Hash {
    Explain(explain::Args),
    Check(check::Args),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Import(args) => block_on(import::run(args)),
        Command::List(args) => block_on(list::run(args)),
        Command::Get(args) => block_on(get::run(args)),
        Command::SignIn(args) => block_on(sign_in::run(args)),
        Command::Serve(args) => block_on(serve::run(args)),
        Command::Wrap(args) => block_on(wrap::run(args)),
        Command::Keys(keys) => block_on(keys::run(keys)),
        Command::Bench(bench) => block_on(bench::run(bench)),
        Command::Hash(Hash::Explain(args)) => explain::run(&args),
        Command::Hash(Hash::Check(args)) => check::run(&args),
    };
    outcome.unwrap_or_else(|error| error::report(&error))
}

fn block_on(command: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(command)
}
