//! `rollbook keys`

use serde_json::Value;

use crate::{Place, Run};

fn keys(place: &Place, arguments: &str) -> Run {
    place.run(&format!("keys {arguments} --store sqlite:users.db"))
}

fn listed(place: &Place, arguments: &str) -> Vec<Value> {
    let run = keys(place, &format!("list {arguments}"));
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn names(place: &Place, arguments: &str) -> Vec<String> {
    listed(place, arguments).iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_secret_is_printed_once_and_alone() {
    let place = Place::new();
    let run = keys(&place, "create --scopes users.read,users.write --name backend");
    assert_eq!(run.status, 0, "{}", run.stderr);
    let secret = run.stdout.strip_suffix('\n').unwrap();
    let digits = secret.strip_prefix("standard_").unwrap();
    assert!(digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{secret}");
    let listed = listed(&place, "");
    let id = listed[0]["$id"].as_str().unwrap();
    assert_eq!(run.stderr, format!("made the key {id}; its secret is not shown again\n"));
    assert_eq!(listed[0]["scopes"], serde_json::json!(["users.read", "users.write"]));
    assert_eq!(listed[0]["expire"], "");
    assert!(!listed[0].to_string().contains(digits));
    let file = std::fs::read(place.path("users.db")).unwrap();
    assert!(!file.windows(64).any(|part| part == digits.as_bytes()), "a digest is kept");
}

#[test]
fn a_key_as_json_has_its_secret() {
    let place = Place::new();
    let run = keys(&place, "create --scopes teams.read --project acme --expire 30d --json");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let key: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(key["secret"].as_str().unwrap().starts_with("standard_"));
    assert_eq!((&key["project"], &key["name"]), (&"acme".into(), &"key".into()));
    assert!(!key["expire"].as_str().unwrap().is_empty());
}

#[test]
fn keys_of_a_project_are_listed_and_revoked() {
    let place = Place::new();
    for arguments in ["--name one --project acme", "--name two --project other", "--name all"] {
        assert_eq!(keys(&place, &format!("create --scopes users.read {arguments}")).status, 0);
    }
    assert_eq!(names(&place, ""), ["one", "two", "all"]);
    assert_eq!(names(&place, "--project acme"), ["one", "all"]);
    let id = listed(&place, "")[0]["$id"].as_str().unwrap().to_owned();
    assert_eq!(keys(&place, &format!("revoke {id}")).report(), "status 0\n");
    assert_eq!(names(&place, ""), ["two", "all"]);
    insta::assert_snapshot!(keys(&place, &format!("revoke {id}")).report(), @r"
    status 1
    error: key_not_found: the API key could not be found
    ");
}

#[test]
fn what_is_wrong_is_told_and_makes_no_store() {
    let place = Place::new();
    for (arguments, told) in [
        ("create --scopes users.rite", "one of users.read, users.write,"),
        ("create --scopes users.read --expire soon", "as 30d or 12h"),
        ("create", "--scopes"),
    ] {
        let run = keys(&place, arguments);
        assert_eq!(run.status, 2, "{arguments}");
        assert!(run.stderr.contains(told), "{}", run.stderr);
        assert!(!place.path("users.db").exists());
    }
    assert_eq!(keys(&place, "list").status, 1);
    assert!(!place.path("users.db").exists());
}
