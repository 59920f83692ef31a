//! Many verifications side by side beside one after the other, on one core and on two.
//!
//! `cargo bench -p rollbook-benches --bench batch -- [NAME ...]`; without names all hashes. The hashes of a batch
//! have different salts, and the password is a wrong one for all but what is asserted; the ratio is of rates.

#![expect(clippy::print_stdout, reason = "a bench reports what it found")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use rollbook::{HashOptions, Limits, Many, PasswordHash, verify_many};
use rollbook_benches::Race;
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Hashes of a kind, and how many times as fast they are to be in a batch on one core.
struct Case {
    name: &'static str,
    target: Option<f64>,
    make: fn(usize) -> PasswordHash,
}

const PASSWORD: &[u8] = b"correct horse battery staple";
/// What a kernel of the widest instructions takes at once, several times over.
const BATCH: usize = 64;

const CASES: &[Case] = &[
    Case { name: "phpass 2^13", target: Some(15.0), make: phpass },
    Case { name: "$1$", target: Some(15.0), make: |n| crypt("$1$", n, 22) },
    Case { name: "bcrypt 8", target: Some(3.5), make: |n| bcrypt(8, n) },
    Case { name: "bcrypt 10", target: Some(3.5), make: |n| bcrypt(10, n) },
    Case { name: "PBKDF2-SHA1 20k", target: Some(3.5), make: |n| pbkdf2("", 20, n) },
    Case { name: "PBKDF2-SHA256 20k", target: Some(3.5), make: |n| pbkdf2("-sha256", 32, n) },
    Case { name: "PBKDF2-SHA512 20k", target: Some(2.0), make: |n| pbkdf2("-sha512", 64, n) },
    Case { name: "scrypt 2^14 8 1", target: Some(2.5), make: scrypt },
    Case { name: "$5$ 5000 rounds", target: Some(2.0), make: |n| crypt("$5$", n, 43) },
    Case { name: "$6$ 5000 rounds", target: Some(2.0), make: |n| crypt("$6$", n, 86) },
    Case { name: "MD5", target: Some(4.0), make: |n| digest("md5", "", 16, n) },
    Case { name: "SHA1", target: Some(4.0), make: |n| digest("sha", "sha1", 20, n) },
    Case { name: "SHA256", target: Some(4.0), make: |n| digest("sha", "sha256", 32, n) },
    Case { name: "SHA512", target: Some(4.0), make: |n| digest("sha", "sha512", 64, n) },
    Case { name: "argon2id 19 MiB t2 p1", target: None, make: argon2id },
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // As a test (`cargo test --benches`) it only shows that it runs.
    let test = arguments.iter().any(|argument| argument == "--test");
    let names: Vec<&String> = arguments.iter().filter(|word| !word.starts_with("--")).collect();
    println!("{}", rollbook_benches::machine());
    rollbook_benches::limit_kernels(&arguments);
    println!(
        "{:<24} {:>12} {:>12} {:>12}  times on one core, target; on two",
        format!("users a second, {BATCH} each"),
        "one by one",
        "batch",
        "2 cores"
    );
    for case in CASES {
        if names.is_empty() || names.iter().any(|name| case.name.starts_with(name.as_str())) {
            run(case, test);
        }
    }
}

fn run(case: &Case, test: bool) {
    let hashes: Vec<PasswordHash> = (0..if test { 3 } else { BATCH }).map(case.make).collect();
    let start = Instant::now();
    let one_by_one: Vec<_> = hashes.iter().map(|hash| hash.verify(PASSWORD)).collect();
    let once = start.elapsed().max(Duration::from_nanos(50));
    // Digests many times over, so that the clock does not count.
    let turns =
        usize::try_from(2_000_000 / once.as_nanos()).map_or(1, |turns| turns.clamp(1, 1000));
    let pairs: Vec<(&PasswordHash, &[u8])> =
        hashes.iter().cycle().take(hashes.len() * turns).map(|hash| (hash, PASSWORD)).collect();
    let (one_core, two_cores) = (Many::new().threads(1), Many::new().threads(2));
    assert_eq!(verify_many(&pairs[..hashes.len()], &one_core), one_by_one, "{}", case.name);
    assert_eq!(verify_many(&pairs[..hashes.len()], &two_cores), one_by_one, "{}", case.name);
    let rounds = match once.as_millis() {
        _ if test => 1,
        0..100 => 21,
        100..1000 => 9,
        _ => 5,
    };
    let time = |work: &dyn Fn()| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    let mut race = Race::new();
    for _ in 0..rounds {
        race.note(
            "one",
            time(&|| {
                for (hash, password) in &pairs {
                    let _ = black_box(hash.verify(black_box(password)));
                }
            }),
        );
        race.note("batch", time(&|| drop(black_box(verify_many(&pairs, &one_core)))));
        race.note("two", time(&|| drop(black_box(verify_many(&pairs, &two_cores)))));
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate is an estimate")]
    let users = |contender| pairs.len() as f64 / race.median(contender);
    let ratio = race.ratio("one", "batch");
    let told = case.target.map_or_else(
        || ", -".to_owned(),
        |target| format!(", {target} {}", if ratio >= target { "reached" } else { "not reached" }),
    );
    println!(
        "{:<24} {:>12.0} {:>12.0} {:>12.0}  {ratio:.2}{told}; {:.2}",
        case.name,
        users("one"),
        users("batch"),
        users("two"),
        race.ratio("one", "two")
    );
}

fn import(algorithm: &str, text: &str, options: Value) -> PasswordHash {
    let options: HashOptions = serde_json::from_value(options).expect("options are a map");
    let hash = PasswordHash::import(algorithm, text, &options, &Limits::default());
    hash.expect("it is well formed")
}

fn phpass(n: usize) -> PasswordHash {
    import("phpass", &format!("$P$B{n:08}AAAAAAAAAAAAAAAAAAAAA."), json!({}))
}

/// A hash of crypt(3), of which every digit is a zero.
fn crypt(prefix: &str, n: usize, digits: usize) -> PasswordHash {
    let text = format!("{prefix}{n:08}${}", ".".repeat(digits));
    PasswordHash::detect(&text, &Limits::default()).expect("it is well formed")
}

fn bcrypt(cost: u32, n: usize) -> PasswordHash {
    let text = format!("$2b${cost:02}${n:021}.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
    import("bcrypt", &text, json!({}))
}

fn pbkdf2(digest: &str, bytes: usize, n: usize) -> PasswordHash {
    let key = "A".repeat((bytes * 4).div_ceil(3));
    import("passlib-pbkdf2", &format!("$pbkdf2{digest}$20000${n:016}${key}"), json!({}))
}

fn scrypt(n: usize) -> PasswordHash {
    let salt = format!("salt{n}");
    let options =
        json!({"salt": salt, "costCpu": 1 << 14, "costMemory": 8, "costParallel": 1, "length": 64});
    import("scrypt", &"0".repeat(128), options)
}

fn digest(algorithm: &str, version: &str, bytes: usize, n: usize) -> PasswordHash {
    let options = if version.is_empty() { json!({}) } else { json!({"version": version}) };
    import(algorithm, &format!("{n:0width$}", width = 2 * bytes), options)
}

fn argon2id(n: usize) -> PasswordHash {
    let text = format!("$argon2id$v=19$m=19456,t=2,p=1${n:016}${}", "A".repeat(43));
    import("argon2", &text, json!({}))
}
