//! A scheme's verification beside the bare call of the crate that does the work.
//!
//! `cargo bench -p rollbook-benches --bench hash`. The pairs take turns, and the ratio is the median over
//! the rounds; criterion prints the times.

#![expect(clippy::print_stdout, reason = "a bench reports what it found")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use aes::cipher::{KeyIvInit, StreamCipher};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use criterion::Criterion;
use md5::Digest;
use rollbook::{HashOptions, Limits, PasswordHash, VerifyError};
use rollbook_benches::Race;

/// A scheme: its name, a hash that the password does not match, and the bare call that does the same work.
struct Pair {
    name: &'static str,
    hash: PasswordHash,
    bare: Bare,
}

type Bare = Box<dyn Fn(&[u8])>;

const PASSWORD: &[u8] = b"correct horse battery staple";

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    for pair in pairs() {
        race(&pair, if test { 1 } else { 25 });
    }
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(if test { 1 } else { 100 }))
        .measurement_time(Duration::from_millis(if test { 10 } else { 500 }));
    for Pair { name, hash, bare } in pairs() {
        let mut group = criterion.benchmark_group(name);
        group.bench_function("bare", |b| b.iter(|| bare(black_box(PASSWORD))));
        group.bench_function("rollbook", |b| b.iter(|| hash.verify(black_box(PASSWORD))));
        group.finish();
    }
}

fn race(pair: &Pair, rounds: usize) {
    let Pair { name, hash, bare } = pair;
    assert_eq!(hash.verify(PASSWORD), Err(VerifyError::Mismatch), "the work is done to the end");
    // Rounds of a few milliseconds, so that the clock does not count.
    let start = Instant::now();
    bare(PASSWORD);
    let once = start.elapsed().max(Duration::from_nanos(50));
    let turns = (5_000_000 / once.as_nanos()).clamp(1, 20_000);
    let time = |work: &dyn Fn()| {
        let start = Instant::now();
        (0..turns).for_each(|_| work());
        start.elapsed().as_secs_f64()
    };
    let mut race = Race::new();
    for _ in 0..rounds {
        race.note("bare", time(&|| bare(black_box(PASSWORD))));
        race.note("rollbook", time(&|| drop(black_box(hash.verify(black_box(PASSWORD))))));
    }
    #[expect(clippy::cast_precision_loss, reason = "a time is an estimate")]
    let each = race.median("rollbook") / turns as f64;
    println!("{name:<22} {:>10.1} µs  {:.3} of bare", each * 1e6, race.ratio("rollbook", "bare"));
}

fn pairs() -> Vec<Pair> {
    let import = |algorithm: &str, text: &str, options: serde_json::Value| {
        let options: HashOptions = serde_json::from_value(options).expect("options are a map");
        PasswordHash::import(algorithm, text, &options, &Limits::default()).expect("well formed")
    };
    let none = || serde_json::json!({});
    let pair = |name, hash, bare: Bare| Pair { name, hash, bare };
    vec![
        pair(
            "argon2id 19 MiB t2 p1",
            import(
                "argon2",
                "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$\
                 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                none(),
            ),
            Box::new(|password| {
                let params = argon2::Params::new(19_456, 2, 1, Some(32)).expect("they are right");
                let argon2 = argon2::Argon2::new(
                    argon2::Algorithm::Argon2id,
                    argon2::Version::V0x13,
                    params,
                );
                let mut out = [0; 32];
                argon2.hash_password_into(password, &[7; 16], &mut out).expect("it hashes");
                black_box(out);
            }),
        ),
        pair(
            "bcrypt 2b cost 8",
            import(
                "bcrypt",
                "$2b$08$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                none(),
            ),
            Box::new(|password| {
                // The crate's own entry puts the final NUL behind the password, as the format asks.
                let key = [password, &[0]].concat();
                black_box(bcrypt::bcrypt(8, [7; 16], &key));
            }),
        ),
        pair(
            "scrypt 2^14 8 1",
            import(
                "scrypt",
                &"0".repeat(128),
                serde_json::json!({"salt": "salt", "costCpu": 16384, "costMemory": 8,
                    "costParallel": 1, "length": 64}),
            ),
            Box::new(|password| {
                let params = scrypt::Params::new(14, 8, 1).expect("they are right");
                let mut out = [0; 64];
                scrypt::scrypt(password, b"salt", &params, &mut out).expect("it hashes");
                black_box(out);
            }),
        ),
        pair(
            "scryptMod (Firebase)",
            import(
                "scryptMod",
                &STANDARD.encode([0; 64]),
                serde_json::json!({"salt": "AAAAAAAAAAAAAA==", "saltSeparator": "Bw==",
                    "signerKey": STANDARD.encode([7; 64])}),
            ),
            Box::new(|password| {
                let params = scrypt::Params::new(14, 8, 1).expect("they are right");
                let mut key = [0; 64];
                scrypt::scrypt(password, b"\0\0\0\0\0\0\0\0\0\0\x07", &params, &mut key)
                    .expect("it hashes");
                let key: [u8; 32] = key[..32].try_into().expect("32 bytes are 32 bytes");
                let mut cipher = ctr::Ctr128BE::<aes::Aes256>::new(&key.into(), &[0; 16].into());
                let mut out = [7; 64];
                cipher.apply_keystream(&mut out);
                black_box(out);
            }),
        ),
        pair(
            "phpass 2^13",
            import("phpass", "$P$BabcdefghAAAAAAAAAAAAAAAAAAAAA.", none()),
            Box::new(|password| {
                let mut digest = md5::Md5::new();
                digest.update(b"abcdefgh");
                digest.update(password);
                let mut state: [u8; 16] = digest.finalize().into();
                for _ in 0..1 << 13 {
                    let mut digest = md5::Md5::new();
                    digest.update(state);
                    digest.update(password);
                    state = digest.finalize().into();
                }
                black_box(state);
            }),
        ),
        digest::<md5::Md5>("md5", "md5", "", 16),
        digest::<sha1::Sha1>("sha1", "sha", "sha1", 20),
        digest::<sha2::Sha256>("sha256", "sha", "sha256", 32),
        digest::<sha2::Sha512>("sha512", "sha", "sha512", 64),
        digest::<sha3::Sha3_512>("sha3-512", "sha", "sha3-512", 64),
    ]
}

fn digest<D: Digest + 'static>(
    name: &'static str,
    algorithm: &str,
    version: &str,
    bytes: usize,
) -> Pair {
    let mut options = HashOptions::new();
    if !version.is_empty() {
        options.insert("version".to_owned(), version.into());
    }
    let hash =
        PasswordHash::import(algorithm, &"0".repeat(2 * bytes), &options, &Limits::default());
    let bare = Box::new(|password: &[u8]| {
        black_box(D::digest(password));
    });
    Pair { name, hash: hash.expect("well formed"), bare }
}
