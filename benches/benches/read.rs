//! Reads, each beside the raw limit in the same run: get by id, find by e-mail, pages; one caller and eight.
//!
//! `cargo bench -p rollbook-benches --bench read -- [USERS]`; without a number 100,000 users. Criterion
//! prints the times; the ratios behind them come from contenders that take turns.

#![expect(clippy::print_stdout, reason = "a bench reports what it found")]

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::Criterion;
use rollbook::{ListUsers, MemoryStore, SqliteStore, UserStore, Users};
use rollbook_benches::{Race, person, raw, rows, seconds};
use rusqlite::Connection;
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct World {
    number: u64,
    runtime: Runtime,
    raw: Connection,
    raw_path: std::path::PathBuf,
    map: HashMap<String, Arc<rollbook_benches::Person>>,
    sqlite: Users,
    memory: Users,
    _directory: tempfile::TempDir,
}

impl World {
    fn new(number: u64) -> Self {
        let directory = tempfile::tempdir_in(".").expect("a directory on the disk");
        let raw_path = directory.path().join("raw.db");
        let raw = raw::open(&raw_path);
        raw::create(&raw);
        raw::import(&raw, number);
        let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime");
        let sqlite = SqliteStore::open(directory.path().join("users.db")).expect("it opens");
        let [sqlite, memory] =
            [Arc::new(sqlite) as Arc<dyn UserStore>, Arc::new(MemoryStore::new())].map(|store| {
                let users = Users::new(store);
                for from in (0..number).step_by(10_000) {
                    let chunk = rows(from, (from + 10_000).min(number));
                    runtime.block_on(users.import(chunk)).expect("it is imported");
                }
                users
            });
        let map = (0..number).map(|n| (person(n).id, Arc::new(person(n)))).collect();
        Self { number, runtime, raw, raw_path, map, sqlite, memory, _directory: directory }
    }

    /// A user that nobody looked at lately.
    fn nth(&self, turn: u64) -> u64 {
        turn.wrapping_mul(0x9e37_79b9_7f4a_7c15) % self.number
    }
}

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let number = std::env::args().find_map(|argument| argument.parse().ok());
    let world = World::new(number.unwrap_or(if test { 1000 } else { 100_000 }));
    println!("{} users", world.number);
    look_ups(&world, if test { 10 } else { 2000 });
    pages(&world, if test { 2 } else { 300 });
    parallel(&world, if test { 10 } else { 5000 });
    criterion(&world, test);
}

/// One caller, by turns.
fn look_ups(world: &World, turns: u64) {
    let mut race = Race::new();
    for round in 0..9 {
        let keys: Vec<_> = (0..turns).map(|turn| person(world.nth(round * turns + turn))).collect();
        let mut note = |contender: &str, work: &mut dyn FnMut(&rollbook_benches::Person)| {
            // The first of two passes warms the caches for all alike.
            keys.iter().for_each(&mut *work);
            #[expect(clippy::cast_precision_loss, reason = "a time is an estimate")]
            race.note(contender, seconds(|| keys.iter().for_each(work)) / turns as f64);
        };
        note("raw by id", &mut |key| {
            black_box(raw::find(&world.raw, "\"$id\"", &key.id));
        });
        note("raw by email", &mut |key| {
            black_box(raw::find(&world.raw, "email", &key.email));
        });
        note("map by id", &mut |key| {
            black_box(world.map.get(&key.id).cloned());
        });
        // One future for all turns: what a caller that runs already pays.
        let mut note = |contender: &str, work: &dyn Fn() -> f64| {
            work();
            race.note(contender, work());
        };
        for (name, users) in [("sqlite", &world.sqlite), ("memory", &world.memory)] {
            #[expect(clippy::cast_precision_loss, reason = "a time is an estimate")]
            let each = |time: f64| time / turns as f64;
            note(&format!("{name} by id"), &|| {
                each(seconds(|| {
                    world.runtime.block_on(async {
                        for key in &keys {
                            black_box(users.get(&key.id).await.expect("it is there"));
                        }
                    });
                }))
            });
            note(&format!("{name} by email"), &|| {
                each(seconds(|| {
                    world.runtime.block_on(async {
                        for key in &keys {
                            black_box(users.find_by_email(&key.email).await.expect("it works"));
                        }
                    });
                }))
            });
        }
    }
    for key in ["id", "email"] {
        let (raw, ours) = (format!("raw by {key}"), format!("sqlite by {key}"));
        println!(
            "by {key}: raw {:.2} µs, sqlite {:.2} µs, ratio {:.2}; memory {:.2} µs",
            race.median(&raw) * 1e6,
            race.median(&ours) * 1e6,
            race.ratio(&ours, &raw),
            race.median(&format!("memory by {key}")) * 1e6,
        );
    }
    println!("by id: plain HashMap {:.2} µs", race.median("map by id") * 1e6);
}

/// Pages of 25: the first, and the last by cursor.
fn pages(world: &World, turns: u64) {
    let mut race = Race::new();
    let last = person(world.number - 26).id;
    for _ in 0..9 {
        let mut note = |contender: &str, work: &mut dyn FnMut()| {
            #[expect(clippy::cast_precision_loss, reason = "a time is an estimate")]
            race.note(contender, seconds(|| (0..turns).for_each(|_| work())) / turns as f64);
        };
        note("raw first", &mut || {
            assert_eq!(raw::page(&world.raw, 0).len(), 25);
        });
        note("raw last", &mut || {
            assert_eq!(raw::page(&world.raw, world.number.cast_signed() - 25).len(), 25);
        });
        for (name, users) in [("sqlite", &world.sqlite), ("memory", &world.memory)] {
            let page = |list: ListUsers| {
                let page = world.runtime.block_on(users.list(list.without_total()));
                assert_eq!(page.expect("it works").users.len(), 25);
            };
            note(&format!("{name} first"), &mut || page(ListUsers::new()));
            note(&format!("{name} last"), &mut || page(ListUsers::new().after(&last)));
        }
    }
    for name in ["raw", "sqlite", "memory"] {
        let (first, last) = (format!("{name} first"), format!("{name} last"));
        println!(
            "page of 25, {name}: first {:.1} µs, last {:.1} µs, last / first {:.2}",
            race.median(&first) * 1e6,
            race.median(&last) * 1e6,
            race.ratio(&last, &first),
        );
    }
}

/// Eight callers at once: threads with a connection each, tasks of one runtime.
fn parallel(world: &World, turns: u64) {
    let mut race = Race::new();
    let connections: Vec<Connection> = (0..8).map(|_| raw::open(&world.raw_path)).collect();
    let mut connections: Vec<Connection> = connections;
    for round in 0..7_u64 {
        let keys = |caller: u64| -> Vec<String> {
            (0..turns)
                .map(|turn| person(world.nth((round * 8 + caller) * turns + turn)).id)
                .collect()
        };
        let all: Vec<Vec<String>> = (0..8).map(keys).collect();
        let raw = seconds(|| {
            std::thread::scope(|scope| {
                for (connection, keys) in connections.iter_mut().zip(&all) {
                    scope.spawn(move || {
                        for key in keys {
                            black_box(raw::find(connection, "\"$id\"", key));
                        }
                    });
                }
            });
        });
        race.note("raw", raw);
        for (name, users) in [("sqlite", &world.sqlite), ("memory", &world.memory)] {
            let time = seconds(|| {
                world.runtime.block_on(async {
                    let tasks: Vec<_> = all
                        .iter()
                        .map(|keys| {
                            let (users, keys) = (users.clone(), keys.clone());
                            tokio::spawn(async move {
                                for key in keys {
                                    black_box(users.get(&key).await.expect("it is there"));
                                }
                            })
                        })
                        .collect();
                    for task in tasks {
                        task.await.expect("it does not panic");
                    }
                });
            });
            race.note(name, time);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate is an estimate")]
    let reads = 8.0 * turns as f64;
    println!(
        "8 callers by id: raw {:.0}/s, sqlite {:.0}/s, sqlite / raw {:.2}; memory {:.0}/s",
        reads / race.median("raw"),
        reads / race.median("sqlite"),
        1.0 / race.ratio("sqlite", "raw"),
        reads / race.median("memory"),
    );
}

/// The same look-ups under criterion, for its statistics and its history.
fn criterion(world: &World, test: bool) {
    let mut criterion = Criterion::default()
        .sample_size(if test { 10 } else { 50 })
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(if test { 10 } else { 1000 }));
    let mut group = criterion.benchmark_group(format!("get by id of {}", world.number));
    let mut turn = 0;
    let mut next = || {
        turn += 1;
        person(world.nth(turn)).id
    };
    group.bench_function("raw sqlite", |b| {
        b.iter_batched_ref(&mut next, |id| raw::find(&world.raw, "\"$id\"", id), BATCH);
    });
    for (name, users) in [("sqlite", &world.sqlite), ("memory", &world.memory)] {
        group.bench_function(name, |b| {
            b.iter_batched_ref(&mut next, |id| world.runtime.block_on(users.get(id)), BATCH);
        });
    }
    group.finish();
}

const BATCH: criterion::BatchSize = criterion::BatchSize::SmallInput;
