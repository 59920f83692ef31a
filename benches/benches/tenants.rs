//! What a tenant costs: look-ups, pages, searches and totals of one of ten tenants in a store, beside a store of
//! its own that has the same users and no others.
//!
//! `cargo bench -p rollbook-benches --bench tenants -- [USERS [TENANTS]]`; without numbers 100,000 in 10.

#![expect(clippy::print_stdout, reason = "a bench reports what it found")]

use std::hint::black_box;
use std::sync::Arc;

use rollbook::{
    ImportedUser, ListUsers, MemoryStore, SCHEMAS, SqliteOptions, User, UserStore, Users,
    all_schemas,
};
use rollbook_benches::{Race, rows, seconds};
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A question, and how many users are in its answer.
struct Shape {
    name: &'static str,
    ask: fn(&Runtime, &Users, &ImportedUser) -> u64,
}

fn list(runtime: &Runtime, users: &Users, list: ListUsers) -> u64 {
    let page = runtime.block_on(users.list(list)).expect("it is a list");
    page.total.max(page.users.len() as u64)
}

fn page() -> ListUsers {
    ListUsers::new().limit(25).without_total()
}

const SHAPES: &[Shape] = &[
    Shape {
        name: "by id",
        ask: |runtime, users, one| {
            let id = one.id.as_deref().expect("it has an id");
            black_box(runtime.block_on(users.get(id)).expect("it is there").revision())
        },
    },
    Shape {
        name: "by e-mail",
        ask: |runtime, users, one| {
            let email = one.email.as_deref().expect("it has an e-mail");
            runtime.block_on(users.find_by_email(email)).expect("it is asked").map_or(0, |_| 1)
        },
    },
    Shape { name: "first page", ask: |runtime, users, _| list(runtime, users, page()) },
    Shape {
        name: "newest 25",
        ask: |runtime, users, _| {
            list(runtime, users, page().order(User::REGISTRATION.descending()))
        },
    },
    Shape {
        name: "25 by name",
        ask: |runtime, users, _| list(runtime, users, page().order(User::NAME.ascending())),
    },
    Shape {
        name: "25 of a name",
        ask: |runtime, users, _| list(runtime, users, page().filter(User::NAME.equal("Ann Lee"))),
    },
    Shape {
        name: "total",
        ask: |runtime, users, _| list(runtime, users, ListUsers::new().limit(1)),
    },
    Shape {
        name: "total of the active",
        ask: |runtime, users, _| {
            list(runtime, users, ListUsers::new().filter(User::STATUS.equal(true)).limit(1))
        },
    },
    Shape {
        name: "search of an address",
        ask: |runtime, users, one| {
            let email = one.email.as_deref().expect("it has an e-mail");
            list(runtime, users, page().search(email).expect("it is a search"))
        },
    },
    Shape {
        name: "search of a name, first page",
        ask: |runtime, users, _| {
            list(runtime, users, page().search("zoe").expect("it is a search"))
        },
    },
];

fn fill(runtime: &Runtime, users: &Users, all: &[ImportedUser]) -> f64 {
    seconds(|| {
        for part in all.chunks(1000) {
            let imported = runtime.block_on(users.import(part.to_vec())).expect("it works");
            assert!(imported.iter().all(Result::is_ok));
        }
    })
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let test = arguments.iter().any(|argument| argument == "--test");
    let mut numbers = arguments.iter().filter_map(|argument| argument.parse::<u64>().ok());
    let number = numbers.next().unwrap_or(if test { 1000 } else { 100_000 });
    let tenants = numbers.next().unwrap_or(10);
    let runtime = Runtime::new().expect("threads can be started");
    let directory = tempfile::tempdir().expect("a directory");
    let sqlite = |name: &str, schemas| -> Arc<dyn UserStore> {
        let options = SqliteOptions::new().schemas(schemas);
        Arc::new(options.open(directory.path().join(name)).expect("it opens"))
    };
    let memory = Arc::new(MemoryStore::with_schemas(all_schemas()));
    let shared = [Users::new(memory), Users::new(sqlite("shared.db", all_schemas()))];
    let alone = [Users::new(Arc::new(MemoryStore::new())), Users::new(sqlite("alone.db", SCHEMAS))];
    let each = number / tenants;
    let mut rates = [0.0; 4];
    for tenant in 0..tenants {
        // Every tenant has users of the same names; their ids and e-mails differ.
        let all = rows(tenant * each, (tenant + 1) * each);
        for (place, users) in shared.iter().enumerate() {
            let users = users.tenant(&format!("tenant{tenant}")).expect("it is a name");
            rates[place] = fill(&runtime, &users, &all);
        }
        if tenant == tenants / 2 {
            for (place, users) in alone.iter().enumerate() {
                rates[2 + place] = fill(&runtime, users, &all);
            }
        }
    }
    let name = format!("tenant{}", tenants / 2);
    let [memory, sqlite] = shared.each_ref().map(|users| users.tenant(&name).expect("it is one"));
    let [memory_alone, sqlite_alone] = &alone;
    println!("{number} users in {tenants} tenants, beside a store of {each}");
    println!(
        "  import of the last, beside the first: memory {:.2} times, sqlite {:.2} times the time",
        rates[0] / rates[2],
        rates[1] / rates[3]
    );
    let one = rows(tenants / 2 * each + 7, tenants / 2 * each + 8).remove(0);
    for shape in SHAPES {
        let contenders = [
            ("memory, tenant", &memory),
            ("memory, alone", memory_alone),
            ("sqlite, tenant", &sqlite),
            ("sqlite, alone", sqlite_alone),
        ];
        let ask = |users: &Users| (shape.ask)(&runtime, users, &one);
        let answers = contenders.map(|(_, users)| ask(users));
        assert!(answers.iter().all(|answer| *answer == answers[0] && *answer > 0), "{answers:?}");
        let mut race = Race::new();
        let turns: u32 = if test { 1 } else { 50 };
        for _ in 0..9 {
            for (name, users) in contenders {
                let took = seconds(|| {
                    for _ in 0..turns {
                        black_box(ask(users));
                    }
                });
                race.note(name, took / f64::from(turns));
            }
        }
        println!(
            "  {:<29} memory {:>8.1} µs = {:>5.2} times, sqlite {:>8.1} µs = {:>5.2} times",
            shape.name,
            race.median("memory, tenant") * 1e6,
            race.ratio("memory, tenant", "memory, alone"),
            race.median("sqlite, tenant") * 1e6,
            race.ratio("sqlite, tenant", "sqlite, alone"),
        );
    }
    let made = seconds(|| (0..100_000).for_each(|_| drop(black_box(shared[0].tenant("tenant1")))));
    println!("  a handle of a tenant: {:.0} ns", made / 100_000.0 * 1e9);
}
