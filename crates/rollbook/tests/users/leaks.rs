//! What the library emits while all the other tests of this program run: spans of all verbs, and no secret.

use std::collections::{BTreeMap, HashSet};
use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};
use std::process::Command;

use aho_corasick::AhoCorasick;
use rollbook::Id;

use crate::support::recording::{EMITTED, FOLDER, SECRETS};

/// The sources of a folder beside this crate's.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let rust = paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    rust.map(|path| (path.clone(), read_to_string(path).unwrap())).collect()
}

/// The public verbs of `Users`, each with the line before it.
fn verbs() -> BTreeMap<String, String> {
    let mut verbs = BTreeMap::new();
    for (_, source) in sources("../core/src/users") {
        let lines: Vec<&str> = source.lines().collect();
        for pair in lines.windows(2) {
            if let Some(rest) = pair[1].strip_prefix("    pub async fn ") {
                let name = rest.split(['(', '<']).next().unwrap();
                verbs.insert(name.to_owned(), pair[0].trim().to_owned());
            }
        }
    }
    verbs
}

#[test]
fn each_verb_bears_the_attribute() {
    let verbs = verbs();
    assert!(verbs.len() >= 88, "{}", verbs.len());
    for (verb, before) in verbs {
        assert!(before.starts_with("#[verb"), "put #[verb] on {verb}");
    }
}

/// The string literals of the tests that are secret or personal: those with a space, an `@` or a `+`, and those of
/// calls that take passwords and tokens.
fn literals() -> HashSet<String> {
    const CALLS: [&str; 10] = [
        "password(",
        "sign_in(",
        "code(",
        "create_password_session(",
        "confirm_recovery(",
        "access_token(",
        "refresh_token(",
        "SealingKeys",
        "Peppers",
        "HashOptions",
    ];
    let mut literals = HashSet::new();
    for (path, source) in sources("tests/users") {
        if path.ends_with("leaks.rs") {
            continue;
        }
        for line in source.lines() {
            let secret = CALLS.iter().any(|call| line.contains(call));
            for literal in line.split('"').skip(1).step_by(2) {
                let personal = literal.contains([' ', '@', '+']);
                // The error catalogue's words, and the argument's name, stand beside them.
                let code = literal.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                let word = literal == "password" || code && literal.contains('_');
                let secret = secret && !word;
                if literal.len() >= 7 && (secret || personal) {
                    literals.insert(literal.to_owned());
                }
            }
        }
    }
    literals
}

/// The lines of `emitted` that hold a secret, or what looks like an address, a phone number, a JWT or a hash.
fn leaks<'a>(emitted: &'a str, secrets: &HashSet<String>) -> Vec<&'a str> {
    // A short one may be part of an id by chance; as a word of its own it would be no chance. The digit at the end
    // of a hexadecimal text is missing in secrets of an odd number of digits.
    let (long, short): (Vec<&str>, Vec<&str>) =
        secrets.iter().map(String::as_str).partition(|secret| secret.len() > 10);
    let long: Vec<&str> = long.iter().map(|secret| &secret[..secret.len() - 1]).collect();
    let long = AhoCorasick::builder().ascii_case_insensitive(true).build(long).unwrap();
    let short: HashSet<&str> = short.into_iter().filter(|secret| secret.len() >= 6).collect();
    let looks_secret = |line: &str| {
        let words = || line.split(|character: char| !character.is_ascii_alphanumeric());
        line.contains(['@', '+', '$'])
            || words().any(|word| word.starts_with("eyJ"))
            || words().any(|word| word.len() >= 6 && word.bytes().all(|byte| byte.is_ascii_digit()))
            || words().any(|word| short.contains(word))
            || long.is_match(line)
    };
    emitted.lines().filter(|line| looks_secret(line)).collect()
}

#[test]
fn a_planted_leak_is_found() {
    let secrets = ["9f86d081884c7d659a2feaa0c55ad015", "MFRGGZDFMZTWQ2LK", "a1b2c3", "open sesame"];
    let secrets = secrets.map(str::to_owned).into();
    let clean =
        "span rollbook INFO get in=none user.id=5e5ea5c16897e19f86d0 store=memory outcome=ok";
    assert_eq!(leaks(clean, &secrets), [""; 0]);
    let planted = [
        "token=9f86d081884c7d659a2feaa0c55ad015",
        "token=9F86D081884C7D659A2FEAA0C55AD01",
        "uri=otpauth://totp/x?secret=MFRGGZDFMZTWQ2LK",
        "code=a1b2c3",
        "password=open sesame",
        "user.id=ann.x@co",
        "phone=+1415555",
        "phone=1415555",
        "jwt=eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9",
        "hash=$argon2id",
    ];
    for plant in planted {
        let emitted = format!("{clean}\nevent rollbook ERROR in=get {plant}\n{clean}");
        assert_eq!(leaks(&emitted, &secrets).len(), 1, "{plant}");
    }
}

/// The fields of a line, `name=value` each.
fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

#[test]
fn nothing_that_is_emitted_holds_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let mut tests = Command::new(std::env::current_exe().unwrap());
    // On two stores: what the others do is the same in the library, and sled tells of every page.
    let tests = tests.args(["::memory::", "::sqlite::"]).env(FOLDER, folder.path());
    let tests = tests.output().unwrap();
    assert!(tests.status.success(), "{}", String::from_utf8_lossy(&tests.stdout));
    let read = |name| read_to_string(folder.path().join(name)).unwrap();
    let (emitted, drawn) = (read(EMITTED), read(SECRETS));

    let secrets: HashSet<String> =
        literals().into_iter().chain(drawn.lines().map(str::to_owned)).collect();
    assert!(secrets.len() > 10_000, "{}", secrets.len());
    for known in ["correct horse", "ann@x.co", "open sesame"] {
        assert!(secrets.contains(known), "{known}");
    }
    let leaks = leaks(&emitted, &secrets);
    assert!(leaks.is_empty(), "{:#?}", &leaks[..leaks.len().min(20)]);

    let verbs = verbs();
    let mut seen = HashSet::new();
    for line in emitted.lines().filter(|line| line.starts_with("span rollbook ")) {
        let name = line.split(' ').nth(3).unwrap();
        assert!(verbs.contains_key(name), "{line}");
        assert_eq!(field(line, "in"), Some("none"), "no verb calls another: {line}");
        let stores = ["memory", "sqlite"];
        assert!(
            field(line, "store").is_some_and(|store| stores.contains(&store.trim_matches('"'))),
            "{line}"
        );
        assert!(field(line, "outcome").is_some(), "{line}");
        if let Some(id) = field(line, "user.id") {
            assert!(Id::parse(id.trim_matches('"')).is_ok(), "{line}");
        }
        seen.insert(name);
    }
    let unseen: Vec<_> = verbs.keys().filter(|verb| !seen.contains(verb.as_str())).collect();
    assert!(unseen.is_empty(), "no test calls {unseen:?}");
    // Of a user who was found, or made, the span tells whom it was about.
    for verb in ["get", "create", "sign_in", "validate_session", "create_password_session"] {
        let of_user = format!("span rollbook INFO {verb} in=none");
        let told = |line: &str| line.starts_with(&of_user) && field(line, "user.id").is_some();
        assert!(emitted.lines().any(told), "{verb}");
    }
    // A flood, and a sender that is missing.
    for event in
        ["event rollbook WARN in=sign_in", "event rollbook ERROR in=create_email_verification"]
    {
        assert!(emitted.lines().any(|line| line.starts_with(event)), "{event}");
    }
    let metrics = emitted.lines().filter(|line| line.starts_with("metric "));
    assert!(metrics.count() > 2 * verbs.len());
}
