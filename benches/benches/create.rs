//! Durable single creates: one caller and 64, beside two ways of writing it by hand.
//!
//! - naive: a connection per caller with a busy timeout, one transaction per user
//! - group: one thread that commits whatever has queued up, as one would write it for these tables alone
//! - rollbook: `Users::create` without a password
//!
//! All write a user, its two targets, its log entry and the words of the search. For reference the first two
//! also write the user alone, as one does who has no need of the rest.
//!
//! `cargo bench -p rollbook-benches --bench create`. All use `synchronous=FULL` on the same disk; rounds of
//! the contenders take turns.

#![expect(clippy::print_stdout, reason = "a bench reports what it found")]

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use rollbook::{NewUser, SqliteStore, Users};
use rollbook_benches::{Person, Race, around, person, raw};
use rusqlite::Connection;
use tokio::sync::oneshot;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CALLERS: [u64; 2] = [1, 64];

const CONTENDERS: [&str; 5] = ["naive", "group", "rollbook", "naive, alone", "group, alone"];

/// What a contender by hand writes of a user.
#[derive(Clone, Copy)]
enum Rows {
    All,
    UserAlone,
}

impl Rows {
    fn open(self, path: &std::path::Path) -> Connection {
        let connection = raw::open(path);
        raw::create(&connection);
        if matches!(self, Self::All) {
            around::create(&connection);
        }
        connection
    }

    fn insert(self, connection: &Connection, n: u64, person: &Person) -> rusqlite::Result<()> {
        match self {
            Self::All => around::insert(connection, n, person),
            Self::UserAlone => raw::insert(connection, n, person).map(drop),
        }
    }
}

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    for callers in CALLERS {
        let each = if test { 1 } else { 6400 / callers / if callers == 1 { 4 } else { 1 } };
        let mut race = Race::new();
        let mut longest = [Duration::ZERO; CONTENDERS.len()];
        for _ in 0..if test { 1 } else { 5 } {
            let directory = tempfile::tempdir_in(".").expect("a directory on the disk");
            let path = directory.path();
            let file = |name: &str| path.join(name);
            let by_naive = |name, rows| naive(&file(name), rows, callers, each);
            let by_group = |name, rows| runtime.block_on(group(&file(name), rows, callers, each));
            let waits = [
                by_naive("naive.db", Rows::All),
                by_group("group.db", Rows::All),
                runtime.block_on(rollbook(&file("users.db"), callers, each)),
                by_naive("naive-alone.db", Rows::UserAlone),
                by_group("group-alone.db", Rows::UserAlone),
            ];
            for ((contender, (time, wait)), longest) in
                CONTENDERS.into_iter().zip(waits).zip(&mut longest)
            {
                race.note(contender, time);
                *longest = wait.max(*longest);
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a rate is an estimate")]
        let creates = (callers * each) as f64;
        println!("{callers} callers, durable creates");
        for (contender, longest) in CONTENDERS.into_iter().zip(longest) {
            let (each, longest) = (creates / race.median(contender), longest.as_millis());
            println!("  {contender:<13} {each:>8.0}/s  longest wait {longest} ms");
        }
        for contender in CONTENDERS.into_iter().filter(|contender| *contender != "rollbook") {
            let times = 1.0 / race.ratio("rollbook", contender);
            println!("  rollbook / {contender}, rate: {times:.2}");
        }
    }
}

/// The seconds that all took, and the longest that one create took.
type Outcome = (f64, Duration);

fn naive(path: &std::path::Path, rows: Rows, callers: u64, each: u64) -> Outcome {
    drop(rows.open(path));
    let connections: Vec<Connection> = (0..callers)
        .map(|_| {
            let connection = raw::open(path);
            connection.busy_timeout(Duration::from_secs(60)).expect("it can be set");
            connection
        })
        .collect();
    let start = Instant::now();
    let longest = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..callers)
            .zip(connections)
            .map(|(caller, connection)| {
                scope.spawn(move || {
                    let mut longest = Duration::ZERO;
                    for n in caller * each..(caller + 1) * each {
                        let start = Instant::now();
                        connection.execute_batch("BEGIN IMMEDIATE").expect("it waits its turn");
                        rows.insert(&connection, n, &person(n)).expect("the row is new");
                        connection.execute_batch("COMMIT").expect("it commits");
                        longest = longest.max(start.elapsed());
                    }
                    longest
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("it inserts")).max()
    });
    (start.elapsed().as_secs_f64(), longest.unwrap_or_default())
}

type Job = (u64, Person, oneshot::Sender<bool>);

fn commit_in_groups(connection: &Connection, rows: Rows, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let group: Vec<Job> = std::iter::once(first).chain(jobs.try_iter()).collect();
        connection.execute_batch("BEGIN IMMEDIATE").expect("it begins");
        let done: Vec<_> = group
            .into_iter()
            .map(|(n, person, reply)| (rows.insert(connection, n, &person).is_ok(), reply))
            .collect();
        connection.execute_batch("COMMIT").expect("it commits");
        for (done, reply) in done {
            let _ = reply.send(done);
        }
    }
}

async fn group(path: &std::path::Path, rows: Rows, callers: u64, each: u64) -> Outcome {
    let connection = rows.open(path);
    let (sender, receiver) = channel();
    let thread = std::thread::spawn(move || commit_in_groups(&connection, rows, &receiver));
    let outcome = tasks(callers, each, move |n| {
        let sender: Sender<Job> = sender.clone();
        async move {
            let (reply, done) = oneshot::channel();
            sender.send((n, person(n), reply)).expect("the thread lives");
            assert!(done.await.expect("it replies"), "the row is new");
        }
    })
    .await;
    thread.join().expect("it ends with its channel");
    outcome
}

async fn rollbook(path: &std::path::Path, callers: u64, each: u64) -> Outcome {
    let users = Users::new(Arc::new(SqliteStore::open(path).expect("it opens")));
    tasks(callers, each, move |n| {
        let users = users.clone();
        async move {
            let Person { id, email, phone, name, .. } = person(n);
            let new = NewUser::new().id(id).email(email).phone(phone).name(name);
            users.create(new).await.expect("the user is new");
        }
    })
    .await
}

async fn tasks<F: Future<Output = ()> + Send>(
    callers: u64,
    each: u64,
    create: impl Fn(u64) -> F + Clone + Send + 'static,
) -> Outcome {
    let start = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let create = create.clone();
            tokio::spawn(async move {
                let mut longest = Duration::ZERO;
                for n in caller * each..(caller + 1) * each {
                    let start = Instant::now();
                    create(n).await;
                    longest = longest.max(start.elapsed());
                }
                longest
            })
        })
        .collect();
    drop(create);
    let mut longest = Duration::ZERO;
    for task in tasks {
        longest = longest.max(task.await.expect("it creates"));
    }
    (start.elapsed().as_secs_f64(), longest)
}
