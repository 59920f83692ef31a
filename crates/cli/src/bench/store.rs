//! `rollbook bench store`

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::ensure;
use rollbook::{
    Argon2Params, ImportedUser, ListUsers, NewUser, OsRandom, PasswordHash, Timestamp, User, Users,
};
use serde_json::{Value, json};

use super::hashes::positive;
use super::scratch::Scratch;
use super::table::{count, number, table};
use crate::import::{INTERRUPTED, interrupted};
use crate::store::StoreUrl;

/// Measure a store on this machine, by the operations of users
///
/// Fills a store of its own, which must not be there yet and is removed at the end, also when it is
/// interrupted. One caller does one thing after the other; passwords have the cheapest hash there is, so
/// that the store is measured and not the hash.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The store: sqlite:PATH, redb:PATH, sled:PATH, where nothing is at PATH; or memory:
    #[arg(value_name = "URL")]
    store: StoreUrl,
    /// How many users it holds
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(100..=100_000_000))]
    users: u64,
    /// How long to measure each operation at most, in seconds; the import takes what it takes
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = positive)]
    seconds: Duration,
    /// Print JSON, with units in the names of the fields
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  rollbook bench store sqlite:/var/lib/app/bench.db    # on the disk that will hold the users
  rollbook bench store memory: --users 1000000
  rollbook bench store redb:bench.redb --json";

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Args { store, users: number, seconds, json } = args;
    let scratch = Scratch::take(&store)?;
    let bench = async {
        let hashing = cheapest()?;
        let users = store.builder(false)?.hashing(hashing).build();
        Bench { users, number, budget: seconds, done: Vec::new() }.run(&hashing).await
    };
    let done = tokio::select! {
        // First of all, the signal is asked for: a store that is there is one that goes.
        biased;
        () = interrupted() => {
            drop(scratch);
            return Ok(ExitCode::from(INTERRUPTED));
        }
        done = bench => done?,
    };
    drop(scratch);
    let mut out = io::stdout().lock();
    if json {
        let operations: Vec<Value> = done.iter().map(Operation::json).collect();
        let report = json!({"users": number, "callers": 1, "operations": operations});
        serde_json::to_writer_pretty(&mut out, &report).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        let rows: Vec<_> = done.iter().map(Operation::row).collect();
        let head = ["one caller", "done", "a second", "p50 µs", "p99 µs"];
        out.write_all(table(&head, &rows).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn cheapest() -> Result<Argon2Params, rollbook::HashError> {
    Argon2Params::new(8, 1, 1)
}

/// What was measured of an operation.
struct Operation {
    name: &'static str,
    done: u64,
    took: Duration,
    /// Of each, in order; none of users that were imported together.
    each: Vec<Duration>,
}

impl Operation {
    #[expect(clippy::cast_precision_loss, reason = "a rate is an estimate")]
    fn per_second(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64().max(1e-9)
    }

    /// What so many in a hundred did not exceed, in microseconds.
    fn percentile(&self, hundredths: usize) -> Option<f64> {
        let place = (self.each.len() * hundredths).div_ceil(100).max(1) - 1;
        self.each.get(place).map(|time| time.as_secs_f64() * 1e6)
    }

    fn row(&self) -> Vec<String> {
        let time = |hundredths| self.percentile(hundredths).map_or_else(|| "-".to_owned(), number);
        vec![self.name.to_owned(), count(self.done), number(self.per_second()), time(50), time(99)]
    }

    fn json(&self) -> Value {
        json!({
            "operation": self.name,
            "operations": self.done,
            "operations_per_second": self.per_second(),
            "p50_microseconds": self.percentile(50),
            "p99_microseconds": self.percentile(99),
        })
    }
}

struct Bench {
    users: Users,
    number: u64,
    budget: Duration,
    done: Vec<Operation>,
}

const PASSWORD: &str = "a cheap password";
/// As many as `rollbook import` writes with one flush.
const CHUNK: usize = 10_000;
/// More operations make no better figure.
const MOST: u64 = 100_000;

impl Bench {
    /// The operations, in an order in which each finds what it needs.
    async fn run(mut self, hashing: &Argon2Params) -> anyhow::Result<Vec<Operation>> {
        let hash = PasswordHash::hash(PASSWORD.as_bytes(), hashing, &OsRandom)?;
        self.import(&hash).await?;
        let (users, number) = (self.users.clone(), self.number);
        let page = || ListUsers::new().limit(25).without_total();
        let some = |turn| scattered(turn) % number;

        self.measure("create", async |turn| {
            let new =
                NewUser::new().id(created(turn)).email(format!("{}@example.org", created(turn)));
            users.create(new.name("New User").password_hash(hash.clone())).await?;
            Ok(())
        })
        .await?;
        let made = self.done.last().map_or(0, |operation| operation.done);
        self.measure("get by id", async |turn| {
            let user = users.get(&id(some(turn))).await?;
            ensure!(user.name == name(some(turn)), "another user was found");
            Ok(())
        })
        .await?;
        self.measure("find by e-mail", async |turn| {
            let user = users.find_by_email(&email(some(turn))).await?;
            ensure!(
                user.is_some_and(|user| user.name == name(some(turn))),
                "the user was not found"
            );
            Ok(())
        })
        .await?;
        self.measure("newest 25", async |_| {
            let found = users.list(page().order(User::CREATED_AT.descending())).await?.users;
            ensure!(found.len() == 25, "{} users were found", found.len());
            Ok(())
        })
        .await?;
        self.measure("page of 25 by cursor", async |turn| {
            let after = scattered(turn) % (number - 25);
            let found = users.list(page().after(id(after))).await?.users;
            ensure!(found.first().is_some_and(|user| *user.id == *id(after + 1)), "another page");
            Ok(())
        })
        .await?;
        self.measure("search", async |turn| {
            let found = users.list(page().search(&email(some(turn)))?).await?.users;
            ensure!(found.iter().any(|user| *user.id == *id(some(turn))), "the user was not found");
            Ok(())
        })
        .await?;
        self.measure("count", async |_| {
            let total = users.list(ListUsers::new().limit(1)).await?.total;
            ensure!(total == number + made, "{total} users were counted");
            Ok(())
        })
        .await?;
        let mut secrets = Vec::new();
        self.measure("sign in, with a session", async |turn| {
            let new = users.create_password_session(&email(some(turn)), PASSWORD).await?;
            secrets.push(new.secret);
            Ok(())
        })
        .await?;
        self.measure("validate a session", async |turn| {
            let secret = &secrets[usize::try_from(scattered(turn) % secrets.len() as u64)?];
            users.validate_session(secret.as_str()).await?;
            Ok(())
        })
        .await?;
        self.measure("update a name", async |turn| {
            users.update_name(&id(some(turn)), &format!("Renamed {turn}")).await?;
            Ok(())
        })
        .await?;
        self.measure_up_to(made, "delete", async |turn| Ok(users.delete(&created(turn)).await?))
            .await?;
        Ok(self.done)
    }

    async fn import(&mut self, hash: &PasswordHash) -> anyhow::Result<()> {
        let mut took = Duration::ZERO;
        for from in (0..self.number).step_by(CHUNK) {
            let chunk: anyhow::Result<Vec<_>> =
                (from..self.number.min(from + CHUNK as u64)).map(|n| user(n, hash)).collect();
            let chunk = chunk?;
            let started = Instant::now();
            let outcomes = self.users.import(chunk).await?;
            took += started.elapsed();
            for outcome in outcomes {
                outcome?;
            }
        }
        self.done.push(Operation { name: "import", done: self.number, took, each: Vec::new() });
        Ok(())
    }

    async fn measure(
        &mut self,
        name: &'static str,
        operation: impl AsyncFnMut(u64) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.measure_up_to(self.number.min(MOST), name, operation).await
    }

    /// Does `operation` with 0, 1, 2 ..., until there were `most` of them or the time is over.
    async fn measure_up_to(
        &mut self,
        most: u64,
        name: &'static str,
        mut operation: impl AsyncFnMut(u64) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut each = Vec::new();
        let begun = Instant::now();
        for turn in 0..most {
            let started = Instant::now();
            operation(turn).await?;
            each.push(started.elapsed());
            if begun.elapsed() > self.budget {
                break;
            }
            // A store in memory never waits, and a signal would not be seen.
            tokio::task::yield_now().await;
        }
        let took = each.iter().sum();
        each.sort();
        self.done.push(Operation { name, done: each.len() as u64, took, each });
        Ok(())
    }
}

/// The `n`-th user.
fn user(n: u64, hash: &PasswordHash) -> anyhow::Result<ImportedUser> {
    let registered = Timestamp::from_millis(1_700_000_000_000 + n.cast_signed() * 1000)?;
    Ok(ImportedUser {
        id: Some(id(n)),
        email: Some(email(n)),
        phone: Some(format!("+1{:010}", 2_000_000_000 + n)),
        name: Some(name(n)),
        password: Some(hash.clone()),
        registration: Some(registered),
        created_at: Some(registered),
        ..ImportedUser::default()
    })
}

fn id(n: u64) -> String {
    format!("user{n:09}")
}

fn created(n: u64) -> String {
    format!("new{n:09}")
}

fn email(n: u64) -> String {
    format!("user{n}@mail{}.example.com", n % 50)
}

fn name(n: u64) -> String {
    const FIRST: [&str; 8] =
        ["James", "Mary", "Robert", "Zoë", "John", "Jennifer", "Michael", "Ann"];
    const LAST: [&str; 8] =
        ["Smith", "Garcia", "O'Neill", "Müller", "Mannheim", "Lee", "Clark", "Wilson"];
    let (first, last) = (FIRST[(n % 8) as usize], LAST[(n / 8 % 8) as usize]);
    format!("{first} {last}")
}

/// A number that has no order with its neighbours, always the same (splitmix64).
fn scattered(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
