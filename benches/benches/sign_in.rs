//! Sign-ins: what a flood of them does to memory and to everybody else, and whether their time tells who exists.
//!
//! `cargo bench -p rollbook-benches --bench sign_in`. The second part is a statistical test on a cheap
//! profile: Welch's t between sign-ins of unknown names and of users with a wrong password, interleaved;
//! below 4.5 (the usual threshold in testing for leakage) they can't be told apart. What is compared are the
//! medians of names: a name always costs the same, so that its sign-ins are no independent samples.

#![expect(clippy::print_stdout, reason = "a bench reports what it found")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rollbook::{
    Argon2Params, HashOptions, ImportedUser, Limits, MemoryStore, NewUser, PasswordHash,
    SchedulerOptions, Users,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many users there are, and how many names that nobody has.
const NAMES: usize = 1000;
const MD5: &str = "5f4dcc3b5aa765d61d8327deb882cf99";
const BCRYPT: &str = "$2b$04$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const PHPASS: &str = "$P$5abcdefghAAAAAAAAAAAAAAAAAAAAA.";

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(flood(if test { 4 } else { 1000 }));
    let rounds = if test { 10 } else { 40_000 };
    let populations: [(&str, &[(&str, &str)]); 4] = [
        ("new hashes", &[]),
        ("md5", &[("md5", MD5)]),
        ("bcrypt", &[("bcrypt", BCRYPT)]),
        ("md5, phpass and bcrypt", &[("md5", MD5), ("phpass", PHPASS), ("bcrypt", BCRYPT)]),
    ];
    for (name, hashes) in populations {
        runtime.block_on(tell_apart(name, hashes, rounds));
    }
}

/// Many sign-ins at once with the default cost, and an unrelated look-up beside them.
async fn flood(number: usize) {
    let budget = 64 * 1024 * 1024;
    let options = SchedulerOptions::new().memory_bytes(budget).deadline(Duration::from_secs(600));
    let users = Users::builder(Arc::new(MemoryStore::new())).scheduling(options).build();
    users
        .create(NewUser::new().id("ann").email("ann@x.co").password("correct horse"))
        .await
        .expect("new");
    let over = Arc::new(AtomicBool::new(false));
    let (other, done) = (users.clone(), Arc::clone(&over));
    let looking = tokio::spawn(async move {
        let mut waits = Vec::new();
        while !done.load(Ordering::Relaxed) {
            let start = Instant::now();
            other.get("ann").await.expect("she is there");
            waits.push(start.elapsed());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        waits.sort_unstable();
        waits
    });
    let start = Instant::now();
    let sign_ins: Vec<_> = (0..number)
        .map(|_| {
            let users = users.clone();
            tokio::spawn(async move { users.sign_in("ann@x.co", "correct horse").await.is_ok() })
        })
        .collect();
    for sign_in in sign_ins {
        assert!(sign_in.await.expect("it does not panic"), "she gets in");
    }
    let took = start.elapsed();
    over.store(true, Ordering::Relaxed);
    let waits = looking.await.expect("it does not panic");
    let stats = users.scheduler_stats();
    assert!(stats.peak_memory_bytes <= budget, "the budget holds");
    println!(
        "{number} sign-ins at once in {:.1} s; hashing took at most {} MiB of {} MiB",
        took.as_secs_f64(),
        stats.peak_memory_bytes >> 20,
        budget >> 20,
    );
    let at = |part: usize| waits[(waits.len() * part / 1000).min(waits.len() - 1)].as_micros();
    println!(
        "  a get beside them: median {} µs, 99th percentile {} µs, of {}",
        at(500),
        at(990),
        waits.len()
    );
}

/// Welch's t between unknown names and wrong passwords in one population.
async fn tell_apart(population: &str, hashes: &[(&str, &str)], rounds: usize) {
    let users = Users::builder(Arc::new(MemoryStore::new())).hashing(cheap()).build();
    let people: Vec<ImportedUser> = (0..NAMES).map(|n| person(n, hashes)).collect();
    users.import(people).await.expect("they are new");
    let sign_in = |identifier: String| {
        let users = users.clone();
        async move {
            let start = Instant::now();
            assert!(users.sign_in(&identifier, "wrong horse").await.is_err());
            start.elapsed().as_secs_f64()
        }
    };
    let (mut known, mut unknown) = (vec![Vec::new(); NAMES], vec![Vec::new(); NAMES]);
    for round in 0..rounds {
        let name = round * 7919 % NAMES;
        // Each goes first half of the time.
        for turn in [round / NAMES % 2, 1 - round / NAMES % 2] {
            if turn == 0 {
                known[name].push(sign_in(format!("user{name}@x.co")).await);
            } else {
                unknown[name].push(sign_in(format!("nobody{name}@x.co")).await);
            }
        }
    }
    let (known, unknown) = (medians(known), medians(unknown));
    let t = welch(&known, &unknown);
    let verdict = if t.abs() < 4.5 { "can't be told apart" } else { "CAN BE TOLD APART" };
    println!(
        "{population}: unknown {:.1} µs, wrong password {:.1} µs, t = {t:+.2} over {rounds} rounds: {verdict}",
        mean(&unknown) * 1e6,
        mean(&known) * 1e6,
    );
}

/// A twentieth of the default cost: what differs besides the hash shows twenty times as much.
fn cheap() -> Argon2Params {
    Argon2Params::new(1024, 2, 1).expect("within the limits")
}

fn person(n: usize, hashes: &[(&str, &str)]) -> ImportedUser {
    let password = if hashes.is_empty() {
        PasswordHash::hash(
            b"correct horse",
            &Argon2Params::insecure_for_tests(),
            &rollbook::OsRandom,
        )
    } else {
        let (algorithm, text) = hashes[n % hashes.len()];
        PasswordHash::import(algorithm, text, &HashOptions::new(), &Limits::default())
    };
    ImportedUser {
        email: Some(format!("user{n}@x.co")),
        password: Some(password.expect("the hashes of the bench are well formed")),
        ..ImportedUser::default()
    }
}

/// The median of each name that was tried: what the machine did meanwhile is left out.
fn medians(names: Vec<Vec<f64>>) -> Vec<f64> {
    let tried = names.into_iter().filter(|times| !times.is_empty());
    tried
        .map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand fit")]
fn mean(times: &[f64]) -> f64 {
    times.iter().sum::<f64>() / times.len() as f64
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand fit")]
fn welch(a: &[f64], b: &[f64]) -> f64 {
    let variance = |x: &[f64]| {
        let mean = mean(x);
        x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (x.len() - 1) as f64
    };
    (mean(a) - mean(b)) / (variance(a) / a.len() as f64 + variance(b) / b.len() as f64).sqrt()
}
