//! rollbook as a contender of a side-by-side of user stores: one workload on one store, measured and checked,
//! a line of JSON for each figure.
//!
//! `contender memory|sqlite|sled import|read|write N DATA [reimport]` and
//! `contender sqlite|sled open N DATA ID EMAIL warm|cold`. DATA is a folder of the generator's with `new-users.jsonl`
//! and `N/users.jsonl`, and the right answers in `N/meta.json`; stores are in the folder `PB_DB`, and are made by
//! `import`. One caller does one thing after the other.

#![expect(clippy::print_stdout, reason = "a contender reports what it found")]

mod dataset;
mod out;
mod store;
mod workload;

use std::time::Instant;

use dataset::Meta;
use out::{Out, peak_mb};
use serde_json::json;
use store::Store;

// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [kind, workload, number, data, rest @ ..] = words.as_slice() else {
        panic!("usage: contender memory|sqlite|sled import|read|write|open N DATA ...")
    };
    let number: u64 = number.parse().expect("N is a number of users");
    let folder = std::env::var("PB_DB").expect("PB_DB is the folder of the stores");
    let place = format!("{folder}/rollbook-{kind}-{number}");
    let out = Out::new(format!("rollbook-{kind}"), number);
    let users = format!("{data}/{number}/users.jsonl");
    if let ("open", [id, email, heat]) = (*workload, rest) {
        let start = Instant::now();
        let store = Store::open(kind, &place);
        let opened = start.elapsed();
        let found = store.by_id(id);
        let first = start.elapsed();
        let right =
            found.is_ok_and(|user| user.is_some_and(|user| user.email.as_deref() == Some(*email)));
        let fields = json!({"open_ms": opened.as_secs_f64() * 1e3, "first_query_ms": first.as_secs_f64() * 1e3,
            "valid": right, "rss_mb": peak_mb()});
        return out.line(&format!("W7.open.{heat}"), fields);
    }
    if *workload == "import" {
        Store::remove(&place);
    }
    let store = Store::open(kind, &place);
    let meta = Meta::read(data, number);
    if rest.contains(&"reimport") {
        store.import(&users).expect("the users are imported");
    }
    match *workload {
        "import" => workload::import(&store, &out, &meta, &users),
        "read" => workload::read(&store, &out, &meta),
        "write" => workload::write(&store, &out, &meta, data),
        unknown => panic!("no workload is called {unknown}"),
    }
}
