//! The server under load, beside the same operations called in its process.
//!
//! - alone: one caller; an operation in the process, through the router without a connection, and over one. The
//!   differences are what the router and what HTTP add. Beside them a server that answers two words, which is what
//!   a connection costs before there is anything to do.
//! - together: 64 callers for some seconds, each with its connection, and each in the process
//! - soak: 64 connections for as long as is asked for, with the memory of the process
//!
//! `cargo bench -p rollbook-benches --bench load -- [USERS] [--soak SECONDS]`; 100,000 users if not said otherwise.
//! Clients and server share the machine, and the process.

#![expect(clippy::print_stdout, reason = "a bench reports what it found")]

mod client;
mod operation;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use http_body_util::BodyExt as _;
use rollbook::{MemoryStore, SqliteStore, UserStore, Users};
use rollbook_axum::{Options, router, serve};
use rollbook_benches::{person, rows};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use client::{Client, KEY};
use operation::{Draw, Operation, SIGNED_IN};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CALLERS: u64 = 64;

/// How much is done.
#[derive(Clone, Copy)]
struct Extent {
    users: u64,
    /// Of each operation, by one caller.
    alone: u32,
    /// Of each of the callers together, and how often they take turns.
    seconds: f64,
    rounds: u32,
    soak: Option<u64>,
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let test = arguments.iter().any(|argument| argument == "--test");
    let after = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)?.parse().ok()
    };
    let users = arguments.first().and_then(|number| number.parse().ok()).unwrap_or(100_000);
    let soak = after("--soak");
    let extent = if test {
        Extent { users: 1000, alone: 10, seconds: 0.1, rounds: 1, soak: Some(1) }
    } else {
        Extent { users, alone: 2000, seconds: 5.0, rounds: 3, soak }
    };
    let directory = tempfile::tempdir_in(".").expect("a directory on the disk");
    let path = directory.path().join("users.db");
    run("memory", Arc::new(MemoryStore::new()), extent).await;
    run("sqlite", Arc::new(SqliteStore::open(path).expect("it opens")), extent).await;
}

/// A server with what it serves.
#[derive(Clone)]
struct Server {
    users: Users,
    router: Router,
    address: SocketAddr,
    /// A server that does nothing.
    bare: SocketAddr,
}

async fn run(store: &str, contract: Arc<dyn UserStore>, extent: Extent) {
    let users = Users::new(contract);
    for from in (0..extent.users).step_by(10_000) {
        let chunk = rows(from, (from + 10_000).min(extent.users));
        let outcomes = users.import(chunk).await.expect("the store works");
        assert!(outcomes.iter().all(Result::is_ok), "every user is stored");
    }
    for user in 0..SIGNED_IN.min(extent.users) {
        users.create_session(&person(user).id).await.expect("the user is there");
    }
    let router = router(users.clone(), Options::new().api_key(KEY));
    let bare = Router::new().route("/v1/users/{user}", get(async || "two words"));
    let address = started(router.clone()).await;
    let server = Server { users, router, address, bare: started(bare).await };
    println!("{store}, {} users", extent.users);
    match extent.soak {
        Some(seconds) if extent.rounds > 1 => soak(&server, extent.users, seconds).await,
        soaked => {
            alone(&server, extent).await;
            together(&server, extent).await;
            if let Some(seconds) = soaked {
                soak(&server, extent.users, seconds).await;
            }
        }
    }
}

async fn started(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    tokio::spawn(serve(listener, router, Duration::from_secs(30), std::future::pending()));
    address
}

/// Makes an operation on a user.
type Make = fn(u64) -> Operation;

/// Each operation by one caller, in four ways that take turns.
async fn alone(server: &Server, extent: Extent) {
    let mut client = Client::connect(server.address).await.expect("it listens");
    let mut bare = Client::connect(server.bare).await.expect("it listens");
    let operations: [(&str, Make); 6] = [
        ("get", Operation::Get),
        ("page of 25", |_| Operation::Page),
        ("search", Operation::Search),
        ("sessions", |user| Operation::Sessions(user % SIGNED_IN)),
        ("rename", |user| Operation::Rename(user, user + 1)),
        ("prefs", |user| Operation::Prefs(user, user + 1)),
    ];
    println!(
        "  alone        in process   router     HTTP   router adds   HTTP adds  a bare answer"
    );
    for (name, operation) in operations {
        let mut times: [Vec<Duration>; 4] = Default::default();
        for turn in 0..extent.alone {
            // Each is first, second, third and last as often as the others, as one write waits for another's traces.
            for way in (0..4).map(|way| (way + turn) % 4) {
                let operation = operation((u64::from(turn) * 7919 + u64::from(way)) % extent.users);
                let time = match way {
                    0 => timed(called(server, operation)).await,
                    1 => timed(through_router(server, operation)).await,
                    2 => timed(async { client.ask(operation).await.expect("it works") }).await,
                    _ => {
                        timed(async { bare.ask(Operation::Get(0)).await.expect("it works") }).await
                    }
                };
                times[way as usize].push(time);
            }
        }
        let [in_process, routed, asked, idle] = times.map(|times| micros(median(times)));
        println!(
            "  {name:<12} {in_process:>7.1} µs {routed:>5.1} µs {asked:>5.1} µs {:>10.1} µs {:>8.1} µs {idle:>11.1} µs",
            routed - in_process,
            asked - in_process
        );
    }
}

async fn called(server: &Server, operation: Operation) {
    let answer = operation.call(&server.users).await.expect("it works");
    std::hint::black_box(answer);
}

async fn through_router(server: &Server, operation: Operation) {
    let (method, path, body) = operation.request();
    let request = Request::builder().method(method).uri(path);
    let request = request
        .header("host", "rollbook")
        .header("x-appwrite-project", "default")
        .header("x-appwrite-key", KEY)
        .header("content-type", "application/json")
        .body(Body::from(body))
        .expect("it is a request");
    let answer =
        server.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
    let status = answer.status();
    let body = answer.into_body().collect().await.expect("it is in memory").to_bytes();
    assert!(status.is_success(), "{status} {body:?}");
}

/// The mix by all callers for some seconds, over connections and in the process by turns.
async fn together(server: &Server, extent: Extent) {
    let mut connected = Load::default();
    let mut in_process = Load::default();
    for round in 0..u64::from(extent.rounds) {
        let draw = |caller| Draw::new(caller + CALLERS * 2 * round, extent.users);
        connected.add(
            load(extent.seconds, |caller, until| {
                let (address, mut draw) = (server.address, draw(caller));
                async move {
                    let mut client = Client::connect(address).await.expect("it listens");
                    let mut times = Vec::new();
                    while Instant::now() < until {
                        let operation = draw.operation();
                        times.push(
                            timed(async { client.ask(operation).await.expect("it works") }).await,
                        );
                    }
                    times
                }
            })
            .await,
        );
        in_process.add(
            load(extent.seconds, |caller, until| {
                let (server, mut draw) = (server.clone(), draw(caller + CALLERS));
                async move {
                    let mut times = Vec::new();
                    while Instant::now() < until {
                        times.push(timed(called(&server, draw.operation())).await);
                        // A connection waits for its answer; who never waits lets nobody else in.
                        tokio::task::yield_now().await;
                    }
                    times
                }
            })
            .await,
        );
    }
    println!("  {CALLERS} together   operations/s       p50       p99");
    connected.report("HTTP");
    in_process.report("in process");
}

/// What callers did: how long each operation took, and all of it together.
#[derive(Default)]
struct Load {
    times: Vec<Duration>,
    seconds: f64,
}

impl Load {
    fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.seconds += other.seconds;
    }

    fn report(mut self, name: &str) {
        self.times.sort_unstable();
        let Self { times, seconds } = self;
        #[expect(clippy::cast_precision_loss, reason = "a rate is an estimate")]
        let rate = times.len() as f64 / seconds;
        let (p50, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
        println!("  {name:<13} {rate:>12.0} {:>6.0} µs {:>6.0} µs", micros(p50), micros(p99));
    }
}

/// Runs the callers until `seconds` are over.
async fn load<F>(seconds: f64, caller: impl Fn(u64, Instant) -> F) -> Load
where
    F: Future<Output = Vec<Duration>> + Send + 'static,
{
    let start = Instant::now();
    let until = start + Duration::from_secs_f64(seconds);
    let mut callers: JoinSet<_> = (0..CALLERS).map(|number| caller(number, until)).collect();
    let mut times = Vec::new();
    while let Some(own) = callers.join_next().await {
        times.extend(own.expect("no caller panics"));
    }
    Load { times, seconds: start.elapsed().as_secs_f64() }
}

/// The mix over connections for `seconds`; twenty times the memory of the process, and every error at the end.
async fn soak(server: &Server, users: u64, seconds: u64) {
    println!("  soak    seconds   requests   resident");
    let start = Instant::now();
    let mut clients = Vec::new();
    for number in 0..CALLERS {
        let client = Client::connect(server.address).await.expect("it listens");
        // Others than those of the turns together, who have left users behind.
        clients.push((client, Draw::new(number + 1000, users)));
    }
    let (mut requests, mut errors) = (0, Vec::new());
    for part in 1..=20_u32 {
        let until = start + Duration::from_secs(seconds).mul_f64(f64::from(part) / 20.0);
        let mut callers = JoinSet::new();
        for (mut client, mut draw) in clients.drain(..) {
            callers.spawn(async move {
                let (mut requests, mut errors) = (0_u64, Vec::new());
                while Instant::now() < until {
                    requests += 1;
                    errors.extend(client.ask(draw.operation()).await.err());
                }
                (client, draw, requests, errors)
            });
        }
        while let Some(caller) = callers.join_next().await {
            let (client, draw, own, failed) = caller.expect("no caller panics");
            clients.push((client, draw));
            requests += own;
            errors.extend(failed);
        }
        let elapsed = start.elapsed().as_secs();
        println!("          {elapsed:>7} {requests:>10} {:>6} MiB", resident_kib() / 1024);
    }
    println!("  {} errors", errors.len());
    if let Some(error) = errors.first() {
        println!("  the first: {error}");
    }
    assert!(errors.is_empty(), "every request is answered as it should be");
}

/// The memory that the process holds now, in KiB.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

async fn timed(work: impl Future<Output = ()>) -> Duration {
    let start = Instant::now();
    work.await;
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
