//! `samples/users.jsonl`

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{Place, root};

#[path = "../../examples/make_sample/sample.rs"]
mod maker;

fn sample() -> String {
    std::fs::read_to_string(root().join("samples/users.jsonl")).unwrap()
}

fn users() -> Vec<Value> {
    sample().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What tells the schemes of the sample apart: the algorithm, and its variant.
fn kind(user: &Value) -> Option<String> {
    let password = user["password"].as_str()?;
    let variant = match user["hash"].as_str()? {
        "argon2" | "bcrypt" | "phpass" => password.split('$').nth(1)?,
        "sha" => user["hashOptions"]["version"].as_str()?,
        _ => "",
    };
    Some(format!("{} {variant}", user["hash"].as_str()?))
}

/// The first user of each kind who may sign in.
fn one_per_scheme() -> BTreeMap<String, Value> {
    let mut kinds = BTreeMap::new();
    for user in users().into_iter().filter(|user| user["status"] == true) {
        if let Some(kind) = kind(&user) {
            kinds.entry(kind).or_insert(user);
        }
    }
    kinds
}

fn password(user: &Value) -> String {
    maker::password(user["$id"].as_str().unwrap()[1..].parse().unwrap())
}

#[test]
fn the_file_is_what_its_maker_makes() {
    // Not `assert_eq`, which would print both.
    assert!(maker::sample() == sample(), "run the example make_sample");
}

#[test]
fn it_is_small_and_has_everything() {
    let users = users();
    assert_eq!(users.len(), maker::USERS as usize);
    assert!(sample().len() < 1_000_000);
    let has = |what: &str, test: &dyn Fn(&Value) -> bool| {
        assert!(users.iter().filter(|user| test(user)).count() >= 10, "{what}");
    };
    has("blocked", &|user| user["status"] == false);
    has("phone only", &|user| user["email"] == "" && user["phone"] != "");
    has("without password", &|user| user["password"].is_null());
    has("labels", &|user| user["labels"] != serde_json::json!([]));
    has("apostrophes", &|user| user["name"].as_str().unwrap().contains('\''));
    has("accents", &|user| user["name"].as_str().unwrap().contains('é'));
    has("CJK", &|user| user["name"].as_str().unwrap().contains('山'));
    let kinds: Vec<_> = one_per_scheme().into_keys().collect();
    insta::assert_snapshot!(kinds.join("\n"), @r"
    argon2 argon2d
    argon2 argon2i
    argon2 argon2id
    bcrypt 2a
    bcrypt 2b
    bcrypt 2x
    bcrypt 2y
    md5 
    phpass H
    phpass P
    scrypt 
    scryptMod 
    sha sha1
    sha sha224
    sha sha256
    sha sha3-224
    sha sha3-256
    sha sha3-384
    sha sha3-512
    sha sha384
    sha sha512
    sha sha512/224
    sha sha512/256
    ");
}

#[test]
fn it_is_imported_and_users_of_every_scheme_sign_in() {
    let place = Place::new();
    let file = root().join("samples/users.jsonl");
    let run = place.run(&format!("import {} --store sqlite:users.db", file.display()));
    insta::assert_snapshot!(run.report());

    for (kind, user) in one_per_scheme() {
        let name = [&user["email"], &user["phone"]].map(|name| name.as_str().unwrap());
        let name = if name[0].is_empty() { name[1] } else { name[0] };
        let id = user["$id"].as_str().unwrap();
        let sign_in = format!("sign-in {name} --store sqlite:users.db");

        let run = place.run_with(&sign_in, b"Passw0rd-0000\n");
        assert_eq!(run.status, 1, "{kind}");
        assert!(run.stderr.starts_with("error: user_invalid_credentials: "), "{}", run.stderr);
        assert_eq!(place.get(id)["password"], user["password"], "{kind}");

        let run = place.run_with(&sign_in, format!("{}\n", password(&user)).as_bytes());
        assert_eq!(run.stderr, "", "{kind}");
        assert_eq!(run.stdout, format!("signed in: {id}\n"), "{kind}");
        let after = place.get(id);
        assert_eq!(after["hash"], "argon2", "{kind}");
        let text = after["password"].as_str().unwrap();
        assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kind}");
        assert_eq!(after["passwordUpdate"], user["passwordUpdate"], "{kind}");
    }
}

#[test]
fn blocked_users_and_those_without_a_password_do_not_sign_in() {
    let place = Place::new();
    let users = users();
    let blocked =
        users.iter().find(|user| user["status"] == false && kind(user).is_some()).unwrap();
    let without = users.iter().find(|user| user["password"].is_null()).unwrap();
    place.import(&format!("{blocked}\n{without}\n"));
    let sign_in = |user: &Value| {
        let name = user["email"].as_str().unwrap();
        let arguments = format!("sign-in {name} --store sqlite:users.db");
        place.run_with(&arguments, password(user).as_bytes()).report()
    };
    insta::assert_snapshot!(sign_in(blocked), @r"
    status 1
    error: user_blocked: the user has been blocked
    ");
    insta::assert_snapshot!(sign_in(without), @r"
    status 1
    error: user_invalid_credentials: invalid credentials; check the email or phone and the password
    ");
}
