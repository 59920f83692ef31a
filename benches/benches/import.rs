//! Import: users a second into each store, beside raw SQLite and plain maps, and the peak of memory.
//!
//! `cargo bench -p rollbook-benches --bench import -- [USERS ...]`; without numbers 10,000 and 100,000.
//! Every contender runs in a process of its own, so that its peak is its own; they take turns.

#![expect(clippy::print_stdout, reason = "a bench reports what it found")]

use std::collections::{BTreeMap, HashMap};
use std::future::{Future, poll_fn};
use std::io::{BufReader, Seek, Write};
use std::pin::Pin;
use std::process::Command;
use std::sync::Arc;
use std::task::Poll;

use rollbook::import::Importer;
use rollbook::{MemoryStore, SqliteStore, Timestamp, UserStore, Users};
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
use rollbook_benches::{Person, Race, person, raw, rows, seconds};

const CONTENDERS: [&str; 5] = ["raw sqlite", "sqlite", "sqlite file", "raw maps", "memory"];

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    if let [run, contender, number] = arguments.as_slice()
        && run == "run"
    {
        let number = number.parse().expect("a number of users");
        let seconds = import(contender, number);
        println!("{seconds} {}", peak_kib());
        return;
    }
    // As a test (`cargo test --benches`) it only shows that it runs.
    let test = std::env::args().any(|argument| argument == "--test");
    let numbers: Vec<u64> = match arguments.iter().filter_map(|a| a.parse().ok()).collect() {
        numbers if test => Vec::into_iter(numbers).chain([1000]).take(1).collect(),
        numbers if Vec::is_empty(&numbers) => vec![10_000, 100_000],
        numbers => numbers,
    };
    for number in numbers {
        report(number, if number > 200_000 { 3 } else { 5 });
    }
}

fn report(number: u64, rounds: usize) {
    let mut race = Race::new();
    let mut peaks: HashMap<&str, u64> = HashMap::new();
    for _ in 0..rounds {
        for contender in CONTENDERS {
            let output = Command::new(std::env::current_exe().expect("it runs"))
                .args(["run", contender, &number.to_string()])
                .stderr(std::process::Stdio::inherit())
                .output()
                .expect("it runs again");
            let output = String::from_utf8(output.stdout).expect("numbers are text");
            let mut parts = output.split_whitespace();
            let seconds = parts.next().and_then(|n| n.parse().ok()).expect("seconds");
            let peak: u64 = parts.next().and_then(|n| n.parse().ok()).expect("a peak");
            race.note(contender, seconds);
            peaks.entry(contender).and_modify(|most| *most = peak.max(*most)).or_insert(peak);
        }
    }
    println!("import of {number} users, median of {rounds} rounds");
    for contender in CONTENDERS {
        #[expect(clippy::cast_precision_loss, reason = "a rate is an estimate")]
        let each = number as f64 / race.median(contender);
        println!("  {contender:<12} {each:>10.0} users/s  peak {:>6} MiB", peaks[contender] / 1024);
    }
    println!("  sqlite / raw sqlite, rate: {:.2}", 1.0 / race.ratio("sqlite", "raw sqlite"));
    println!("  file / raw sqlite, rate:   {:.2}", 1.0 / race.ratio("sqlite file", "raw sqlite"));
    println!("  memory / raw maps, rate:   {:.2}", 1.0 / race.ratio("memory", "raw maps"));
    println!("  memory / sqlite, rate:     {:.2}", 1.0 / race.ratio("memory", "sqlite"));
}

fn import(contender: &str, number: u64) -> f64 {
    let directory = tempfile::tempdir_in(".").expect("a directory on the disk");
    let path = directory.path().join("users.db");
    match contender {
        "raw sqlite" => {
            let connection = raw::open(&path);
            raw::create(&connection);
            seconds(|| raw::import(&connection, number))
        }
        "raw maps" => seconds(|| drop(maps(number))),
        "sqlite" => through(Arc::new(SqliteStore::open(&path).expect("it opens")), number),
        "sqlite file" => file(Arc::new(SqliteStore::open(&path).expect("it opens")), number),
        "memory" => through(Arc::new(MemoryStore::new()), number),
        unknown => panic!("no contender is called {unknown}"),
    }
}

/// Four maps, as somebody would write them for a service of his own.
fn maps(number: u64) -> impl Sized {
    let mut ids = HashMap::new();
    let mut emails = HashMap::new();
    let mut phones = HashMap::new();
    let mut users = BTreeMap::new();
    for n in 0..number {
        let person = person(n);
        ids.insert(person.id.clone(), n);
        emails.insert(person.email.clone(), n);
        phones.insert(person.phone.clone(), n);
        users.insert(n, Arc::new(person));
    }
    (ids, emails, phones, users)
}

/// All of it: checks, unique tuples, chunks of 10,000. One thread makes the users, as a reader of a file
/// would; a chunk is checked while the store writes the one before.
fn through(store: Arc<dyn UserStore>, number: u64) -> f64 {
    let users = Users::new(store);
    seconds(|| {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        let reader = std::thread::spawn(move || {
            for from in (0..number).step_by(10_000) {
                sender
                    .blocking_send(rows(from, (from + 10_000).min(number)))
                    .expect("it is wanted");
            }
        });
        runtime().block_on(async {
            let mut writing: Option<Pin<Box<dyn Future<Output = ()>>>> = None;
            while let Some(chunk) = receiver.recv().await {
                let mut next = Box::pin(import_chunk(&users, chunk));
                // Once polled, it is on its way to the store, behind the one before.
                let ready = poll_fn(|context| Poll::Ready(next.as_mut().poll(context))).await;
                if let Some(writing) = writing.take() {
                    writing.await;
                }
                writing = ready.is_pending().then_some(next as Pin<Box<dyn Future<Output = ()>>>);
            }
            if let Some(writing) = writing {
                writing.await;
            }
        });
        reader.join().expect("it made all users");
    })
}

async fn import_chunk(users: &Users, chunk: Vec<rollbook::ImportedUser>) {
    let outcomes = users.import(chunk).await.expect("the store works");
    assert!(outcomes.iter().all(Result::is_ok), "every user is stored");
}

/// The main job: a file of JSON Lines, read as it is imported.
fn file(store: Arc<dyn UserStore>, number: u64) -> f64 {
    let mut file = tempfile::tempfile_in(".").expect("a file on the disk");
    let mut writer = std::io::BufWriter::new(&mut file);
    for n in 0..number {
        serde_json::to_writer(&mut writer, &line(&person(n))).expect("it is written");
        writeln!(writer).expect("it is written");
    }
    writer.flush().expect("it is written");
    drop(writer);
    file.rewind().expect("it can be read again");
    let importer = Importer::new(Users::new(store));
    seconds(|| {
        let reader = BufReader::with_capacity(1 << 20, file);
        let mut rejects = std::io::sink();
        let import = importer.run(reader, &mut rejects, |_| {}, std::future::pending());
        let summary = runtime().block_on(import).expect("the store works");
        assert_eq!(summary.imported, number, "every user is stored");
    })
}

fn line(person: &Person) -> serde_json::Value {
    serde_json::json!({
        "$id": person.id, "name": person.name, "email": person.email, "phone": person.phone,
        "hash": "bcrypt", "password": person.hash, "prefs": {"theme": "dark", "n": 55},
        "registration": Timestamp::from_millis(person.registration).expect("a time").to_string(),
    })
}

fn runtime() -> tokio::runtime::Runtime {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime")
}

/// The most memory that this process ever held, in KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
