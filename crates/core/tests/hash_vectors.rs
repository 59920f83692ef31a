//! Known answers of the password-hash engine: every row of `vectors/`, one test a family.
//!
//! A failing test lists all rows that fail, by id. See `vectors/README.md` for the fields.

#![expect(clippy::unwrap_used, reason = "a test stops at a row that it cannot read")]

#[path = "hash_vectors/digest.rs"]
mod digest;
#[path = "hash_vectors/kdf.rs"]
mod kdf;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rollbook_core::{
    Argon2Params, HashError, HashOptions, Limits, Many, PasswordHash, SeededRandom, VerifyError,
    Weak, verify_many,
};
use serde::Deserialize;

#[path = "hash_vectors/crypt.rs"]
mod crypt;

#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(default)]
    algorithm: String,
    hash: String,
    hash_b64: Option<String>,
    #[serde(default)]
    params: HashOptions,
    password_b64: Option<String>,
    matches: Option<bool>,
    expect: Option<String>,
    kind: Option<String>,
    why: Option<String>,
    #[serde(default)]
    cheap: bool,
}

impl Row {
    /// The text to import, unless its bytes are no text.
    fn text(&self) -> Option<String> {
        match &self.hash_b64 {
            Some(bytes) => String::from_utf8(STANDARD.decode(bytes).unwrap()).ok(),
            None => Some(self.hash.clone()),
        }
    }

    fn password(&self) -> Vec<u8> {
        let password = self.password_b64.as_deref().unwrap_or_default();
        STANDARD.decode(password).unwrap()
    }

    fn outcome(&self, algorithm: &str) -> Outcome {
        let Some(text) = self.text() else { return Outcome::Refused };
        let limits = Limits::default().with_weak(Weak::Allow);
        let imported = match algorithm {
            "auto" => PasswordHash::detect(&text, &limits),
            _ => PasswordHash::import(algorithm, &text, &self.params, &limits),
        };
        match imported {
            Ok(hash) => {
                let hash = stored_and_read(&hash);
                let result = hash.verify(&self.password());
                Outcome::Imported(hash, result)
            }
            Err(HashError::OverLimit { .. }) => Outcome::OverLimit,
            Err(_) => Outcome::Refused,
        }
    }
}

/// The hash as a store gives it back, which must be equal.
fn stored_and_read(hash: &PasswordHash) -> PasswordHash {
    let limits = Limits::default();
    let again =
        PasswordHash::restore(hash.algorithm(), hash.text(), &hash.stored_options(), &limits);
    assert_eq!(again.as_ref(), Ok(hash));
    again.unwrap()
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Refused,
    OverLimit,
    Imported(PasswordHash, Result<(), VerifyError>),
}

impl Outcome {
    fn is_right(&self, row: &Row) -> bool {
        let refused = matches!(self, Self::Refused | Self::OverLimit);
        let mismatch = matches!(self, Self::Imported(_, Err(VerifyError::Mismatch)));
        match (row.matches, row.expect.as_deref()) {
            (Some(true), _) => matches!(self, Self::Imported(_, Ok(()))),
            (Some(false), _) => refused || mismatch,
            (None, Some("reject-at-import")) => refused,
            (None, Some("reject-over-limit")) => *self == Self::OverLimit,
            (None, Some("verify-false")) => mismatch,
            _ => false,
        }
    }
}

fn rows(path: &str) -> Vec<Row> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let lines = std::fs::read_to_string(root.join(path)).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Compares what is said of many together with what was said of each. Cheap ones come several times, so that
/// they fill the lanes that they have.
fn check_together(path: &str, verified: &[(PasswordHash, Vec<u8>, Result<(), VerifyError>)]) {
    let repeated = |hash: &PasswordHash| if hash.cost().work < 1000 { 7 } else { 1 };
    let all: Vec<_> =
        verified.iter().flat_map(|row| std::iter::repeat_n(row, repeated(&row.0))).collect();
    let pairs: Vec<_> = all.iter().map(|(hash, password, _)| (hash, &password[..])).collect();
    let together = verify_many(&pairs, &Many::new().threads(2));
    let expected: Vec<_> = all.iter().map(|row| row.2.clone()).collect();
    assert_eq!(together, expected, "{path}");
}

/// Runs the rows of `path` that `chosen` picks, as `algorithm`. `count` is their number, so that a
/// row cannot get lost.
fn check(path: &str, algorithm: &str, count: usize, chosen: impl Fn(&Row) -> bool) {
    let rows: Vec<_> = rows(path).into_iter().filter(chosen).collect();
    let (mut failures, mut verified) = (String::new(), Vec::new());
    for row in &rows {
        let outcome = row.outcome(algorithm);
        if !outcome.is_right(row) {
            let what = row.kind.as_ref().or(row.why.as_ref());
            writeln!(failures, "{}: {outcome:?} ({})", row.id, what.map_or("", |w| w)).unwrap();
        }
        if let Outcome::Imported(hash, result) = outcome {
            verified.push((hash, row.password(), result));
        }
    }
    check_together(path, &verified);
    assert!(failures.is_empty(), "{path}:\n{failures}");
    assert_eq!(rows.len(), count, "{path}");
}

fn all(_: &Row) -> bool {
    true
}

fn cheap(row: &Row) -> bool {
    row.cheap
}

fn slow(row: &Row) -> bool {
    !row.cheap
}

#[test]
fn argon2_cheap() {
    check("argon2.jsonl", "argon2", 53, cheap);
}

#[test]
fn argon2_slow() {
    check("argon2.jsonl", "argon2", 16, slow);
}

#[test]
fn bcrypt_cheap() {
    check("bcrypt.jsonl", "bcrypt", 134, cheap);
}

#[test]
fn bcrypt_slow() {
    check("bcrypt.jsonl", "bcrypt", 5, slow);
}

#[test]
fn md5() {
    check("md5.jsonl", "md5", 35, all);
}

#[test]
fn sha() {
    check("sha.jsonl", "sha", 286, all);
}

#[test]
fn phpass() {
    check("phpass.jsonl", "phpass", 55, all);
}

#[test]
fn extended_des() {
    check("bsdicrypt.jsonl", "phpass", 33, all);
}

#[test]
fn scrypt() {
    check("scrypt.jsonl", "scrypt", 44, all);
}

#[test]
fn scrypt_modified() {
    check("scrypt-modified.jsonl", "scrypt-modified", 42, all);
}

#[test]
fn malformed() {
    check("malformed/argon2.jsonl", "argon2", 94, all);
    check("malformed/bcrypt.jsonl", "bcrypt", 60, all);
    check("malformed/md5.jsonl", "md5", 15, all);
    check("malformed/sha.jsonl", "sha", 55, all);
    check("malformed/phpass.jsonl", "phpass", 23, all);
    check("malformed/bsdicrypt.jsonl", "phpass", 5, all);
    check("malformed/scrypt.jsonl", "scrypt", 46, all);
    check("malformed/scrypt-modified.jsonl", "scryptMod", 18, all);
}

#[test]
fn malformed_for_detection() {
    check("malformed/auto.jsonl", "auto", 27, all);
}

/// Wraps every hash of every file that can be, and verifies it as before. The number of formats and of
/// hashes is written down, so that none gets lost.
#[test]
fn what_can_be_wrapped_verifies_as_before() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let (limits, random) = (Limits::default().with_weak(Weak::Allow), SeededRandom::new(1));
    let (mut formats, mut hashes) = (BTreeSet::new(), 0);
    for file in std::fs::read_dir(root).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        for row in rows(path.to_str().unwrap()) {
            let Some(text) = row.text() else { continue };
            let imported = PasswordHash::import(&row.algorithm, &text, &row.params, &limits);
            let Some(hash) = imported.ok().filter(PasswordHash::can_be_wrapped) else { continue };
            let params = Argon2Params::new(8, 1, 1).unwrap();
            let wrapped = stored_and_read(&hash.wrap(&params, &random).unwrap().unwrap());
            assert_eq!(wrapped.verify(&row.password()), hash.verify(&row.password()), "{}", row.id);
            let skeleton = wrapped.stored_options()["inner"]["text"].as_str().unwrap().to_owned();
            let kept = skeleton.bytes().zip(text.bytes()).filter(|(a, b)| a == b).count();
            assert!(kept + 6 < text.len(), "{}: {skeleton}", row.id);
            formats.insert(row.algorithm);
            hashes += 1;
        }
    }
    assert_eq!((formats.len(), hashes), (82, 1574), "{formats:?}");
}
