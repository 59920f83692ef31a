//! Lists: pages, filters, searches and totals on memory and SQLite, beside SQL written by hand, and how their
//! cost grows with the number of users.
//!
//! `cargo bench -p rollbook-benches --bench query -- [USERS ...]`; without numbers 10,000 and 100,000. One
//! user in ten is blocked, ten have a rare word in their name, one in fifty a word that begins with "zy".

#![expect(clippy::print_stdout, reason = "a bench reports what it found")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;

use rollbook::{
    ImportedUser, ListUsers, MemoryStore, Query, Record, SqliteStore, Timestamp, User, UserStore,
    Users,
};
use rollbook_benches::{Race, person, raw, rows, seconds};
use rusqlite::Connection;
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A shape of list, for the library and by hand.
struct Shape {
    name: &'static str,
    list: fn(&World) -> ListUsers,
    sql: &'static str,
    /// The middle of three numbers that the statement binds.
    first: fn(&World) -> i64,
}

/// A tenth of the registrations, as `person` scatters them.
const FROM: i64 = 1_730_000_000_000;
const TO: i64 = 1_740_000_000_000;

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).expect("it is a time")
}

fn page() -> ListUsers {
    ListUsers::new().limit(25).without_total()
}

fn nothing(_: &World) -> i64 {
    0
}

const SHAPES: &[Shape] = &[
    Shape {
        name: "newest 25",
        list: |_| page().order(User::CREATED_AT.descending()),
        sql: "SELECT body FROM users WHERE ?1 = 0 ORDER BY \"$createdAt\" DESC, \"$sequence\" DESC LIMIT 25",
        first: nothing,
    },
    Shape {
        name: "first page",
        list: |_| page(),
        sql: "SELECT body FROM users WHERE \"$sequence\" > ?1 ORDER BY \"$sequence\" LIMIT 25",
        first: nothing,
    },
    Shape {
        name: "last page",
        list: |world| page().after(world.near_the_end.clone()),
        sql: "SELECT body FROM users WHERE \"$sequence\" > ?1 ORDER BY \"$sequence\" LIMIT 25",
        first: |world| world.number.cast_signed() - 25,
    },
    Shape {
        name: "active, registered in a range",
        list: |_| in_range(true),
        sql: "SELECT body FROM users WHERE status = 1 AND registration BETWEEN 1730000000000 AND
            1740000000000 AND ?1 = 0 ORDER BY registration LIMIT 25",
        first: nothing,
    },
    Shape {
        name: "blocked, registered in a range",
        list: |_| in_range(false),
        sql: "SELECT body FROM users WHERE status = 0 AND registration BETWEEN 1730000000000 AND
            1740000000000 AND ?1 = 0 ORDER BY registration LIMIT 25",
        first: nothing,
    },
    Shape {
        name: "blocked, in order of insertion",
        list: |_| page().filter(User::STATUS.equal(false)),
        sql: "SELECT body FROM users WHERE status = 0 AND ?1 = 0 ORDER BY \"$sequence\" LIMIT 25",
        first: nothing,
    },
    Shape {
        name: "search of a word with 10 hits",
        list: |_| page().search("quetzalcoatl").expect("it is a search"),
        sql: "SELECT body FROM words JOIN users ON \"$sequence\" = words.rowid
            WHERE words MATCH '\"quetzalcoatl\" *' AND ?1 = 0 ORDER BY words.rowid LIMIT 25",
        first: nothing,
    },
    Shape {
        name: "search of two letters",
        list: |_| page().search("zy").expect("it is a search"),
        sql: "SELECT body FROM words JOIN users ON \"$sequence\" = words.rowid
            WHERE words MATCH '\"zy\" *' AND ?1 = 0 ORDER BY words.rowid LIMIT 25",
        first: nothing,
    },
    Shape {
        name: "search of an e-mail",
        list: |world| page().search(&world.email).expect("it is a search"),
        sql: "SELECT body FROM users WHERE email = 'user.number77@mail27.example.com' AND ?1 = 0",
        first: nothing,
    },
];

fn in_range(active: bool) -> ListUsers {
    page()
        .filter(User::STATUS.equal(active))
        .filter(User::REGISTRATION.between(time(FROM), time(TO)))
        .order(User::REGISTRATION.ascending())
}

/// User `n`, who may be blocked or have a word in the name.
fn citizens(from: u64, to: u64, number: u64) -> Vec<ImportedUser> {
    let mut users = rows(from, to);
    for (n, user) in (from..).zip(&mut users) {
        user.status = Some(n % 10 != 3);
        user.name = Some(name(n, number));
    }
    users
}

fn name(n: u64, number: u64) -> String {
    let word = match n {
        n if n % (number / 10).max(1) == 5 => " Quetzalcoatl",
        n if n % 50 == 7 => " Zylka",
        _ => "",
    };
    person(n).name + word
}

struct World {
    number: u64,
    runtime: Runtime,
    raw: Connection,
    sqlite: Users,
    memory: Users,
    stores: [Arc<dyn UserStore>; 2],
    near_the_end: String,
    email: String,
    memory_bytes: u64,
    _directory: tempfile::TempDir,
}

impl World {
    fn new(number: u64) -> Self {
        let directory = tempfile::tempdir_in(".").expect("a directory on the disk");
        let raw = by_hand(&directory.path().join("raw.db"), number);
        let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime");
        let before = resident();
        let memory: Arc<dyn UserStore> = Arc::new(MemoryStore::new());
        let import = |store: &Arc<dyn UserStore>| {
            let users = Users::new(Arc::clone(store));
            for from in (0..number).step_by(10_000) {
                let chunk = citizens(from, (from + 10_000).min(number), number);
                runtime.block_on(users.import(chunk)).expect("it is imported");
            }
            users
        };
        let in_memory = import(&memory);
        let memory_bytes = resident().saturating_sub(before);
        let store = SqliteStore::open(directory.path().join("users.db")).expect("it opens");
        let sqlite: Arc<dyn UserStore> = Arc::new(store);
        let in_sqlite = import(&sqlite);
        Self {
            number,
            runtime,
            raw,
            sqlite: in_sqlite,
            memory: in_memory,
            stores: [memory, sqlite],
            near_the_end: person(number - 26).id,
            email: person(77).email,
            memory_bytes,
            _directory: directory,
        }
    }
}

/// The table of the raw contender with the indexes that the shapes want, and the words in FTS5.
fn by_hand(path: &std::path::Path, number: u64) -> Connection {
    let raw = raw::open(path);
    raw::create(&raw);
    raw::import(&raw, number);
    raw.execute_batch(
        "CREATE VIRTUAL TABLE words USING fts5 (text, content='', prefix='2', tokenize='ascii'); BEGIN",
    )
    .expect("FTS5 is there");
    for n in 0..number {
        let person = person(n);
        let text = format!("{} {} {} {}", person.id, name(n, number), person.email, person.phone);
        let mut words = raw.prepare_cached("INSERT INTO words (rowid, text) VALUES (?1, ?2)");
        let words = words.as_mut().expect("it is right");
        words.execute((n.cast_signed() + 1, text)).expect("it is inserted");
        let mut status =
            raw.prepare_cached("UPDATE users SET status = ?2 WHERE \"$sequence\" = ?1");
        let status = status.as_mut().expect("it is right");
        status.execute((n.cast_signed() + 1, n % 10 != 3)).expect("it is updated");
    }
    raw.execute_batch(
        "COMMIT;
         CREATE INDEX by_created ON users (\"$createdAt\");
         CREATE INDEX by_status_and_registration ON users (status, registration);
         CREATE INDEX by_status ON users (status);
         PRAGMA wal_checkpoint(TRUNCATE)",
    )
    .expect("the indexes are made");
    raw
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let test = arguments.iter().any(|argument| argument == "--test");
    let mut numbers: Vec<u64> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
    if numbers.is_empty() {
        numbers = if test { vec![1000] } else { vec![10_000, 100_000] };
    }
    let mut medians: BTreeMap<(usize, &str), Vec<f64>> = BTreeMap::new();
    for number in numbers {
        let world = World::new(number);
        println!("{number} users");
        for (place, shape) in SHAPES.iter().enumerate() {
            for (contender, median) in race(&world, shape, if test { 2 } else { 60 }) {
                medians.entry((place, contender)).or_default().push(median);
            }
        }
        totals(&world);
        let json = sizes(&world);
        let each = world.memory_bytes / number;
        println!(
            "  memory: {each} bytes a user; as JSON {} stored, {} on the wire",
            json.0, json.1
        );
    }
    println!("growth from the first number to the last");
    for ((place, contender), medians) in &medians {
        if let (Some(first), Some(last)) = (medians.first(), medians.last()) {
            println!("  {:<32} {contender:<8} {:.2}", SHAPES[*place].name, last / first);
        }
    }
}

/// The median microseconds of each contender, printed.
fn race(world: &World, shape: &Shape, turns: usize) -> Vec<(&'static str, f64)> {
    let mut race = Race::new();
    let list = |users: &Users| {
        let users = world.runtime.block_on(users.list((shape.list)(world))).expect("it is a list");
        black_box(users.users.len())
    };
    let first = (shape.first)(world);
    let by_hand = || {
        let mut statement = world.raw.prepare_cached(shape.sql).expect("it is right");
        let read = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
        let bodies: Vec<User> = statement
            .query_map([first], read)
            .expect("it runs")
            .map(|body| serde_json::from_str(&body.expect("it has a body")).expect("it is a user"))
            .collect();
        black_box(bodies.len())
    };
    assert_eq!(list(&world.memory), list(&world.sqlite), "{}", shape.name);
    assert_eq!(list(&world.sqlite), by_hand(), "{}", shape.name);
    for _ in 0..9 {
        let mut note = |contender: &str, work: &mut dyn FnMut()| {
            let took = seconds(|| (0..turns).for_each(|_| work()));
            #[expect(clippy::cast_precision_loss, reason = "a time is an estimate")]
            race.note(contender, took / turns as f64);
        };
        note("by hand", &mut || _ = by_hand());
        note("sqlite", &mut || _ = list(&world.sqlite));
        note("memory", &mut || _ = list(&world.memory));
    }
    println!(
        "  {:<32} by hand {:>7.1} µs, sqlite {:>7.1} µs = {:.2} times, memory {:>7.1} µs",
        shape.name,
        race.median("by hand") * 1e6,
        race.median("sqlite") * 1e6,
        race.ratio("sqlite", "by hand"),
        race.median("memory") * 1e6,
    );
    ["sqlite", "memory"].map(|contender| (contender, race.median(contender) * 1e6)).to_vec()
}

fn totals(world: &World) {
    let all = Query::new(User::SCHEMA);
    let blocked = all.clone().filter(User::STATUS.equal(false).into());
    let both = blocked.clone().filter(User::EMAIL_VERIFICATION.equal(true).into());
    for (name, query) in [("all", &all), ("blocked", &blocked), ("blocked and verified", &both)] {
        let [memory, sqlite] = world.stores.each_ref().map(|store| {
            let mut number = 0;
            let took = seconds(|| {
                for _ in 0..20 {
                    number = world.runtime.block_on(store.count(query)).expect("it counts");
                }
            });
            (took / 20.0 * 1e6, number)
        });
        assert_eq!(memory.1, sqlite.1);
        println!(
            "  total of {name:<20} {:>8}: memory {:.1} µs, sqlite {:.1} µs",
            memory.1, memory.0, sqlite.0
        );
    }
}

/// The mean bytes of a user as JSON: as it is stored, and on the wire.
fn sizes(world: &World) -> (usize, usize) {
    let list = world.runtime.block_on(world.memory.list(ListUsers::new().limit(100)));
    let users = list.expect("it is a list").users;
    let sum = |size: &dyn Fn(&User) -> usize| {
        users.iter().map(|user| size(user)).sum::<usize>() / users.len()
    };
    let stored = |user: &User| serde_json::to_vec(user).expect("it is JSON").len();
    (sum(&stored), sum(&|user| user.to_wire().to_string().len()))
}

/// The memory of this process, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}
