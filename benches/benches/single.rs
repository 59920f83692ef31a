//! One verification beside the C libraries that do the same: libsodium, libargon2, libxcrypt, OpenSSL, libscrypt.
//!
//! `cargo bench -p rollbook-benches --bench single -- [NAME ...]`; without names all hashes. A library makes the
//! hash, rollbook verifies it with the right password, and then they take turns. Libraries are those of the
//! system, found when the bench runs; what is not there is said and left out. Digests are measured up to the
//! 4096 bytes that a password may have.

#![expect(clippy::print_stdout, reason = "a bench reports what it found")]

use std::ffi::CString;
use std::hint::black_box;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rollbook::{HashOptions, Limits, PasswordHash};
use rollbook_benches::Race;
use rollbook_benches_clib::{LibArgon2, LibScrypt, OpenSsl, Sodium, Xcrypt};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A hash that a library made, and the libraries that can compute it.
struct Case<'a> {
    name: String,
    hash: PasswordHash,
    password: Vec<u8>,
    /// How long rollbook may take, of the time of the fastest of those that are named.
    bound: f64,
    bounded_by: &'a [&'a str],
    libraries: Works<'a>,
}

type Work<'a> = Box<dyn FnMut() + 'a>;
type Works<'a> = Vec<(&'static str, Work<'a>)>;
/// A library, and what it computes.
type Compute<'a, const N: usize> = (&'static str, Box<dyn Fn() -> [u8; N] + 'a>);

const PASSWORD: &[u8] = b"correct horse battery staple";
const SALT: &[u8; 16] = b"0123456789abcdef";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // As a test (`cargo test --benches`) it only shows that it runs.
    let test = arguments.iter().any(|argument| argument == "--test");
    let names: Vec<&String> = arguments.iter().filter(|word| !word.starts_with("--")).collect();
    let libraries = Libraries::load();
    println!("{}", rollbook_benches::machine());
    rollbook_benches::limit_kernels(&arguments);
    println!(
        "{:<26} {:>12}  {:<10} {:>12}  times, bound",
        "one verification", "rollbook", "beside", ""
    );
    for case in libraries.cases() {
        if names.is_empty() || names.iter().any(|name| case.name.starts_with(name.as_str())) {
            run(case, test);
        }
    }
}

fn run(case: Case<'_>, test: bool) {
    let Case { name, hash, password, bound, bounded_by, mut libraries } = case;
    assert_eq!(hash.verify(&password), Ok(()), "{name}: rollbook and the library agree");
    let mut wrong = password.clone();
    wrong[0] ^= 1;
    assert!(hash.verify(&wrong).is_err(), "{name}: a wrong password is wrong");

    let start = Instant::now();
    black_box(hash.verify(&password)).expect("it is right");
    let once = start.elapsed().max(Duration::from_nanos(50));
    // Rounds of some milliseconds, so that the clock does not count; about two seconds in all.
    let turns = (5_000_000 / once.as_nanos()).clamp(1, 20_000);
    let rounds = match once.as_millis() {
        _ if test => 1,
        0..20 => 51,
        20..100 => 21,
        _ => 11,
    };
    let time = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..turns).for_each(|_| work());
        start.elapsed().as_secs_f64()
    };
    let mut race = Race::new();
    for _ in 0..rounds {
        race.note(
            "rollbook",
            time(&mut || {
                black_box(hash.verify(black_box(&password))).expect("it is right");
            }),
        );
        for (library, work) in &mut libraries {
            race.note(library, time(work));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a time is an estimate")]
    let each = |contender| micros(race.median(contender) / turns as f64);
    let fastest = bounded_by
        .iter()
        .filter(|name| libraries.iter().any(|(library, _)| library == *name))
        .min_by(|a, b| race.median(a).total_cmp(&race.median(b)));
    for (place, (library, _)) in libraries.iter().enumerate() {
        let (name, ours) =
            if place == 0 { (name.as_str(), each("rollbook")) } else { ("", String::new()) };
        let ratio = race.ratio("rollbook", library);
        let told = match fastest {
            Some(fastest) if fastest == library => {
                format!(", {bound:.2} {}", if ratio <= bound { "reached" } else { "not reached" })
            }
            _ => String::new(),
        };
        println!("{name:<26} {ours:>12}  {library:<10} {:>12}  {ratio:.3}{told}", each(library));
    }
}

fn micros(seconds: f64) -> String {
    match seconds {
        ..1e-5 => format!("{:.0} ns", seconds * 1e9),
        ..1e-2 => format!("{:.1} µs", seconds * 1e6),
        _ => format!("{:.1} ms", seconds * 1e3),
    }
}

/// The libraries that are there.
struct Libraries {
    sodium: Option<Sodium>,
    argon2: Option<LibArgon2>,
    xcrypt: Option<Xcrypt>,
    openssl: Option<OpenSsl>,
    scrypt: Option<LibScrypt>,
}

impl Libraries {
    fn load() -> Self {
        fn told<L>(loaded: Result<L, String>) -> Option<L> {
            loaded.inspect_err(|error| println!("left out: {error}")).ok()
        }
        Self {
            sodium: told(Sodium::load()),
            argon2: told(LibArgon2::load()),
            xcrypt: told(Xcrypt::load()),
            openssl: told(OpenSsl::load()),
            scrypt: told(LibScrypt::load()),
        }
    }

    /// All cases for which there is a library.
    fn cases(&self) -> Vec<Case<'_>> {
        let mut cases = Vec::new();
        cases.extend(self.argon2id("argon2id 19 MiB t2 p1", 19 * 1024, 2));
        cases.extend(self.argon2id("argon2id 64 MiB t3 p1", 64 * 1024, 3));
        cases.extend(self.scrypt("scrypt 2^14 8 1", 1 << 14));
        cases.extend(self.scrypt("scrypt 2^17 8 1", 1 << 17));
        for (name, setting, bound) in [
            ("bcrypt 10", "$2b$10$abcdefghijklmnopqrstuu", 1.1),
            ("bcrypt 12", "$2b$12$abcdefghijklmnopqrstuu", 1.1),
            ("$5$ 5000 rounds", "$5$saltsaltsalt", 1.0),
            ("$6$ 5000 rounds", "$6$saltsaltsalt", 1.0),
            ("$1$", "$1$saltsalt", 1.0),
            ("yescrypt $y$j9T", "$y$j9T$abcdefghijklmnopqrstu.", 1.1),
        ] {
            cases.extend(self.crypt(name, setting, bound));
        }
        cases.extend(self.phpass());
        for (digest, prefix, bytes) in [
            ("SHA1", "$pbkdf2$", 20),
            ("SHA256", "$pbkdf2-sha256$", 32),
            ("SHA512", "$pbkdf2-sha512$", 64),
        ] {
            cases.extend(self.pbkdf2(digest, prefix, bytes));
        }
        for length in [37, 4096] {
            cases.extend(self.digest("MD5", "md5", "", 16, length));
            cases.extend(self.digest("SHA1", "sha", "sha1", 20, length));
            cases.extend(self.digest("SHA256", "sha", "sha256", 32, length));
            cases.extend(self.digest("SHA512", "sha", "sha512", 64, length));
            cases.extend(self.digest("SHA3-256", "sha", "sha3-256", 32, length));
        }
        cases
    }

    fn argon2id(&self, name: &str, kib: u32, passes: u32) -> Option<Case<'_>> {
        let mut computes: Vec<Compute<'_, 32>> = Vec::new();
        if let Some(sodium) = &self.sodium {
            let compute = move || filled(|tag| sodium.argon2id(PASSWORD, SALT, kib, passes, tag));
            computes.push(("libsodium", Box::new(compute)));
        }
        if let Some(argon2) = &self.argon2 {
            let compute = move || filled(|tag| argon2.argon2id(PASSWORD, SALT, kib, passes, tag));
            computes.push(("libargon2", Box::new(compute)));
        }
        let (tag, libraries) = agreed(computes)?;
        let (salt, tag) = (STANDARD_NO_PAD.encode(SALT), STANDARD_NO_PAD.encode(tag));
        let text = format!("$argon2id$v=19$m={kib},t={passes},p=1${salt}${tag}");
        Some(Case {
            name: name.to_owned(),
            hash: import("argon2", &text, json!({})),
            password: PASSWORD.to_vec(),
            bound: 0.75,
            bounded_by: &["libsodium"],
            libraries,
        })
    }

    fn scrypt(&self, name: &str, n: u64) -> Option<Case<'_>> {
        let mut computes: Vec<Compute<'_, 64>> = Vec::new();
        if let Some(openssl) = &self.openssl {
            let compute = move || filled(|key| openssl.scrypt(PASSWORD, SALT, n, 8, key));
            computes.push(("OpenSSL", Box::new(compute)));
        }
        if let Some(scrypt) = &self.scrypt {
            let compute = move || filled(|key| scrypt.scrypt(PASSWORD, SALT, n, 8, key));
            computes.push(("libscrypt", Box::new(compute)));
        }
        let (key, libraries) = agreed(computes)?;
        let salt = std::str::from_utf8(SALT).expect("it is ASCII");
        let options =
            json!({"salt": salt, "costCpu": n, "costMemory": 8, "costParallel": 1, "length": 64});
        Some(Case {
            name: name.to_owned(),
            hash: import("scrypt", &hex(&key), options),
            password: PASSWORD.to_vec(),
            bound: 1.0,
            bounded_by: &["OpenSSL", "libscrypt"],
            libraries,
        })
    }

    fn crypt(&self, name: &str, setting: &str, bound: f64) -> Option<Case<'_>> {
        let xcrypt = self.xcrypt.as_ref()?;
        let (password, setting) = (c_string(PASSWORD), c_string(setting.as_bytes()));
        let text = xcrypt.crypt(&password, &setting);
        let work = move || drop(black_box(xcrypt.crypt(&password, &setting)));
        Some(Case {
            name: name.to_owned(),
            hash: PasswordHash::detect(&text, &Limits::default()).expect("it is well formed"),
            password: PASSWORD.to_vec(),
            bound,
            bounded_by: &["libxcrypt"],
            libraries: vec![("libxcrypt", Box::new(work))],
        })
    }

    fn phpass(&self) -> Option<Case<'_>> {
        let openssl = self.openssl.as_ref()?;
        let text = format!("$P$Babcdefgh{}", crypt64(&phpass(openssl)));
        Some(Case {
            name: "phpass 2^13".to_owned(),
            hash: import("phpass", &text, json!({})),
            password: PASSWORD.to_vec(),
            bound: 1.0,
            bounded_by: &["OpenSSL"],
            libraries: vec![("OpenSSL", Box::new(move || _ = black_box(phpass(openssl))))],
        })
    }

    fn pbkdf2(&self, digest: &str, prefix: &str, bytes: usize) -> Option<Case<'_>> {
        const ITERATIONS: u32 = 100_000;
        let openssl = self.openssl.as_ref()?.digest(&c_string(digest.as_bytes()));
        let mut key = vec![0; bytes];
        openssl.pbkdf2(PASSWORD, SALT, ITERATIONS, &mut key);
        let coded = |bytes: &[u8]| STANDARD_NO_PAD.encode(bytes).replace('+', ".");
        let text = format!("{prefix}{ITERATIONS}${}${}", coded(SALT), coded(&key));
        let work = move || {
            openssl.pbkdf2(PASSWORD, SALT, ITERATIONS, &mut key);
            black_box(&key);
        };
        Some(Case {
            name: format!("PBKDF2-{digest} 100k"),
            hash: import("passlib-pbkdf2", &text, json!({})),
            password: PASSWORD.to_vec(),
            bound: 1.0,
            bounded_by: &["OpenSSL"],
            libraries: vec![("OpenSSL", Box::new(work))],
        })
    }

    fn digest(
        &self,
        name: &str,
        algorithm: &str,
        version: &str,
        bytes: usize,
        length: usize,
    ) -> Option<Case<'_>> {
        let openssl = self.openssl.as_ref()?;
        let mut digest = openssl.digest(&c_string(name.as_bytes()));
        let password = vec![b'p'; length];
        let options = if version.is_empty() { json!({}) } else { json!({"version": version}) };
        let hash = import(algorithm, &hex(&digest.of(&password)[..bytes]), options);
        let mut libraries: Works<'_> = Vec::new();
        let bytes = password.clone();
        libraries.push((
            "OpenSSL",
            Box::new(move || {
                black_box(digest.of(black_box(&bytes)));
            }),
        ));
        if name == "MD5" {
            let bytes = password.clone();
            libraries.push((
                "MD5()",
                Box::new(move || {
                    black_box(openssl.md5(black_box(&bytes)));
                }),
            ));
        }
        let name = format!("{name} of {length} bytes");
        Some(Case {
            name,
            hash,
            password,
            bound: 1.0,
            bounded_by: &["OpenSSL", "MD5()"],
            libraries,
        })
    }
}

/// 2^13 rounds of MD5, as phpass has them.
fn phpass(openssl: &OpenSsl) -> [u8; 16] {
    let state = openssl.md5(&[b"abcdefgh", PASSWORD].concat());
    let mut block = [&state, PASSWORD].concat();
    for _ in 0..1 << 13 {
        let state = openssl.md5(&block);
        block[..16].copy_from_slice(&state);
    }
    block[..16].try_into().expect("it has 16 bytes")
}

/// phpass's base64: six bits at a time from the low end, three bytes to a group.
fn crypt64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let groups = bytes.chunks(3).flat_map(|group| {
        let bits = group.iter().rev().fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        (0..=group.len()).map(move |place| char::from(ALPHABET[bits >> (6 * place) & 63]))
    });
    groups.collect()
}

/// `N` bytes that `fill` writes.
fn filled<const N: usize>(fill: impl FnOnce(&mut [u8])) -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

/// What all libraries compute, and their work; nothing if there is none.
fn agreed<const N: usize>(computes: Vec<Compute<'_, N>>) -> Option<([u8; N], Works<'_>)> {
    let results: Vec<[u8; N]> = computes.iter().map(|(_, compute)| compute()).collect();
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "the libraries agree");
    let work = computes.into_iter().map(|(library, compute)| {
        let work: Work<'_> = Box::new(move || {
            black_box(compute());
        });
        (library, work)
    });
    Some((*results.first()?, work.collect()))
}

fn import(algorithm: &str, text: &str, options: Value) -> PasswordHash {
    let options: HashOptions = serde_json::from_value(options).expect("options are a map");
    let hash = PasswordHash::import(algorithm, text, &options, &Limits::default());
    hash.expect("it is well formed")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn c_string(bytes: &[u8]) -> CString {
    CString::new(bytes).expect("there is no NUL in it")
}
