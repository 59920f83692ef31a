//! Sessions, beside SQLite by hand in the same run: validation, sign-ins without their hashes, and the
//! deletion of a user who has many; and how long a test suite's sign-ins take.
//!
//! `cargo bench -p rollbook-benches --bench sessions -- [SESSIONS ...]`; without numbers 1,000, 100,000 and
//! 1,000,000 sessions are validated among.

#![expect(clippy::print_stdout, reason = "a bench reports what it found")]

use std::hint::black_box;
use std::sync::Arc;

use rollbook::testing::TestUsers;
use rollbook::{
    Activity, Argon2Params, Batch, Clock, Expect, ManualClock, MemoryStore, NewUser, PasswordHash,
    Record, SecretDigest, Session, SqliteStore, Timestamp, UserStore, Users,
};
use rollbook_benches::{Race, around, person, raw, rows, seconds};
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONTENDERS: [&str; 3] = ["raw", "sqlite", "memory"];

const PASSWORD: &str = "correct horse battery staple";

/// In 2100: no session of the benches has ended.
const LATER: i64 = 4_102_444_800_000;

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let numbers: Vec<u64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let numbers = match (test, numbers.is_empty()) {
        (true, _) => vec![100],
        (false, true) => vec![1_000, 100_000, 1_000_000],
        (false, false) => numbers,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime");
    validate(&runtime, &numbers, if test { 10 } else { 2_000 });
    for due in [true, false] {
        sign_in(&runtime, due, if test { 2 } else { 100 });
    }
    delete(&runtime, if test { 10 } else { 1_000 });
    test_suite(&runtime, if test { 10 } else { 1_000 });
}

/// The contenders, with the same rows.
struct World {
    raw: Connection,
    sqlite: Users,
    memory: Users,
    stores: [Arc<dyn UserStore>; 2],
    clock: Arc<ManualClock>,
    _directory: TempDir,
}

impl World {
    fn new() -> Self {
        let directory = tempfile::tempdir_in(".").expect("a directory on the disk");
        let raw = raw::open(&directory.path().join("raw.db"));
        raw::create(&raw);
        around::create(&raw);
        let sqlite = SqliteStore::open(directory.path().join("users.db")).expect("it opens");
        let clock = Arc::new(ManualClock::new(time(1_800_000_000_000)));
        let stores: [Arc<dyn UserStore>; 2] = [Arc::new(sqlite), Arc::new(MemoryStore::new())];
        let [sqlite, memory] = stores.clone().map(|store| {
            let cheap = Argon2Params::insecure_for_tests();
            Users::builder(store).hashing(cheap).clock(clock.clone()).build()
        });
        Self { raw, sqlite, memory, stores, clock, _directory: directory }
    }

    /// Adds users `from..to`.
    async fn users(&self, from: u64, to: u64) {
        self.raw.execute_batch("BEGIN").expect("it begins");
        for n in from..to {
            around::insert(&self.raw, n, &person(n)).expect("the rows are new");
        }
        self.raw.execute_batch("COMMIT").expect("it commits");
        for users in [&self.sqlite, &self.memory] {
            users.import(rows(from, to)).await.expect("they are imported");
        }
    }

    /// Adds records to the stores, many with one flush.
    async fn put<R: Record + Clone>(&self, records: &[R]) {
        for store in &self.stores {
            let batch = |record: &R| Batch::new().put(record.clone(), Expect::Absent);
            let outcomes = store.commit(records.iter().map(batch).collect()).await;
            assert!(outcomes.expect("they are stored").iter().all(Result::is_ok));
        }
    }

    /// Adds sessions to all contenders.
    async fn sessions(&self, sessions: &[Session]) {
        self.raw.execute_batch("BEGIN").expect("it begins");
        for session in sessions {
            around::session(&self.raw, session).expect("the row is new");
        }
        self.raw.execute_batch("COMMIT").expect("it commits");
        self.put(sessions).await;
    }
}

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).expect("it is a time")
}

fn secret(n: u64) -> String {
    format!("{n:064x}")
}

fn session(n: u64, user: &str) -> Session {
    let value = json!({
        "$id": format!("session{n}"), "$createdAt": 1_700_000_000_000_u64 + n, "$updatedAt": n,
        "userId": user, "provider": "email", "secret": SecretDigest::of(&secret(n)).as_str(),
        "expire": LATER, "factors": ["password"], "ip": "203.0.113.7",
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "country": "DE",
    });
    serde_json::from_value(value).expect("it is a session")
}

/// A time in microseconds, for each of so many.
#[expect(clippy::cast_precision_loss, reason = "a time is an estimate")]
fn micros(seconds: f64, number: u64) -> f64 {
    seconds / number as f64 * 1e6
}

/// Sessions validated by their secrets, one caller, as their number grows; ten of each user.
fn validate(runtime: &Runtime, numbers: &[u64], turns: u64) {
    let world = World::new();
    let mut filled = 0;
    let mut first = None;
    for &number in numbers {
        for from in (filled..number).step_by(10_000) {
            let to = (from + 10_000).min(number);
            runtime.block_on(world.users(from / 10, to.div_ceil(10)));
            let sessions: Vec<_> = (from..to).map(|n| session(n, &person(n / 10).id)).collect();
            runtime.block_on(world.sessions(&sessions));
        }
        filled = number;
        let mut race = Race::new();
        for round in 0..9 {
            let nth = |turn: u64| turn.wrapping_mul(0x9e37_79b9_7f4a_7c15) % number;
            let secrets: Vec<_> =
                (0..turns).map(|turn| secret(nth(round * turns + turn))).collect();
            let digests: Vec<_> =
                secrets.iter().map(|s| SecretDigest::of(s).as_str().to_owned()).collect();
            // The first of two passes warms the caches for all alike.
            for (contender, warm) in CONTENDERS.into_iter().flat_map(|c| [(c, false), (c, true)]) {
                let users = if contender == "memory" { &world.memory } else { &world.sqlite };
                let time = seconds(|| match contender {
                    "raw" => digests.iter().for_each(|digest| {
                        black_box(around::validate(&world.raw, digest).expect("it is there"));
                    }),
                    _ => runtime.block_on(async {
                        for secret in &secrets {
                            black_box(users.validate_session(secret).await.expect("it is there"));
                        }
                    }),
                });
                if warm {
                    race.note(contender, time);
                }
            }
        }
        let times = CONTENDERS.map(|name| micros(race.median(name), turns));
        println!("validation of one of {number} sessions");
        let first = *first.get_or_insert(times);
        for (at, name) in CONTENDERS.into_iter().enumerate() {
            let growth = times[at] / first[at];
            let fastest = micros(race.fastest(name), turns);
            println!(
                "  {name:<7} {:>6.2} µs, {growth:.2} times that of the fewest; fastest round {fastest:.2} µs",
                times[at],
            );
        }
        println!("  sqlite / raw: {:.2}", race.ratio("sqlite", "raw"));
    }
}

/// Sign-ins that make a session, without the verification of the hash, beside their rows by hand. `due` says
/// whether the access time is to be written as well, which it is once a day.
fn sign_in(runtime: &Runtime, due: bool, turns: u64) {
    let world = World::new();
    for users in [&world.sqlite, &world.memory] {
        for n in 0..turns {
            let (person, new) = (person(n), NewUser::new().password(PASSWORD));
            let new = new.id(person.id).email(person.email).phone(person.phone).name(person.name);
            runtime.block_on(users.create(new)).expect("the user is new");
        }
    }
    world.raw.execute_batch("BEGIN").expect("it begins");
    (0..turns).for_each(|n| around::insert(&world.raw, n, &person(n)).expect("it is new"));
    world.raw.execute_batch("COMMIT").expect("it commits");
    let people: Vec<_> = (0..turns).map(person).collect();
    let cheap = Argon2Params::insecure_for_tests();
    let hash = PasswordHash::hash(PASSWORD.as_bytes(), &cheap, &rollbook::OsRandom);
    let hash = hash.expect("it can be hashed");
    let mut race = Race::new();
    for round in 0..9 {
        if due || round == 0 {
            world.clock.advance(25 * 60 * 60 * 1000);
        }
        let now = world.clock.now().as_millis();
        let (mut verification, mut by_hand, mut signed_in) = (0.0, 0.0, [0.0; 2]);
        // One of each in turn: a disk is slow for all alike.
        for (n, person) in (round * turns..).zip(&people) {
            verification += seconds(|| hash.verify(PASSWORD.as_bytes()).expect("it is right"));
            let (id, session) = (format!("entry{n}"), session(n, &person.id));
            by_hand += seconds(|| {
                world.raw.execute_batch("BEGIN IMMEDIATE").expect("it begins");
                around::session(&world.raw, &session).expect("it is new");
                around::log(&world.raw, &id, &person.id, "session.create", now).expect("it is new");
                if due || round == 0 {
                    let body = raw::body(person);
                    around::accessed(&world.raw, &person.id, &body, now).expect("it is there");
                }
                world.raw.execute_batch("COMMIT").expect("it commits");
            });
            for (users, time) in [&world.sqlite, &world.memory].into_iter().zip(&mut signed_in) {
                *time += seconds(|| {
                    let session = users.create_password_session(&person.email, PASSWORD);
                    black_box(runtime.block_on(session).expect("the password is right"));
                });
            }
        }
        // The first sign-in of all is due either way.
        if round > 0 {
            race.note("verification", verification);
            race.note("raw", by_hand);
            race.note("sqlite", signed_in[0] - verification);
            race.note("memory", signed_in[1] - verification);
        }
    }
    let when = if due { "the first of a day" } else { "another of the day" };
    println!("sign-in with a session, {when}, without the verification");
    for name in ["verification", "raw", "sqlite", "memory"] {
        let [median, fastest] = [race.median(name), race.fastest(name)].map(|t| micros(t, turns));
        println!("  {name:<12} {median:>7.1} µs; fastest round {fastest:.1} µs");
    }
    println!("  sqlite / raw: {:.2}", race.ratio("sqlite", "raw"));
}

/// Users with so many sessions and ten times as many log entries, deleted one after the other.
fn delete(runtime: &Runtime, sessions: u64) {
    const USERS: u64 = 8;
    let world = World::new();
    runtime.block_on(world.users(0, USERS));
    // The rows of the users lie between each other, as they come to lie in time.
    let of = |n: u64| person(n % USERS).id;
    for from in (0..sessions * USERS).step_by(1_000) {
        let made: Vec<_> =
            (from..(from + 1_000).min(sessions * USERS)).map(|n| session(n, &of(n))).collect();
        runtime.block_on(world.sessions(&made));
    }
    for from in (0..sessions * 10 * USERS).step_by(1_000) {
        let range = from..(from + 1_000).min(sessions * 10 * USERS);
        let entry = |n: u64| -> Activity {
            let (id, event, time) = (format!("entry{n}"), "session.create", 1_700_000_000_000 + n);
            let value = json!({ "$id": id, "userId": of(n), "event": event, "time": time });
            serde_json::from_value(value).expect("it is an entry")
        };
        let entries: Vec<Activity> = range.map(entry).collect();
        runtime.block_on(world.put(&entries));
        world.raw.execute_batch("BEGIN").expect("it begins");
        for entry in entries {
            let Activity { id, user_id, event, time, .. } = &entry;
            around::log(&world.raw, id, user_id, event, time.as_millis()).expect("it is new");
        }
        world.raw.execute_batch("COMMIT").expect("it commits");
    }
    let mut race = Race::new();
    for n in 0..USERS {
        let id = person(n).id;
        let delete = |users: &Users| runtime.block_on(users.delete(&id)).expect("it is there");
        race.note("raw", seconds(|| around::delete(&world.raw, &id).expect("it is there")));
        race.note("sqlite", seconds(|| delete(&world.sqlite)));
        race.note("memory", seconds(|| delete(&world.memory)));
    }
    println!("deletion of a user with {sessions} sessions and {} log entries", sessions * 10);
    for name in CONTENDERS {
        println!("  {name:<7} {:>7.2} ms", race.median(name) * 1e3);
    }
    println!("  sqlite / raw: {:.2}", race.ratio("sqlite", "raw"));
}

/// What a test suite does: users who sign up and sign in, on `TestUsers`.
fn test_suite(runtime: &Runtime, number: u64) {
    let users = TestUsers::new();
    let time = seconds(|| {
        runtime.block_on(async {
            for n in 0..number {
                let person = person(n);
                let new = NewUser::new().email(&*person.email).name(person.name).password(PASSWORD);
                users.create(new).await.expect("the user is new");
                users.sign_in(&person.email, PASSWORD).await.expect("the password is right");
            }
        });
    });
    println!("{number} sign-ups and sign-ins of a test suite: {time:.3} s");
}
