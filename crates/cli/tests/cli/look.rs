//! `rollbook list`, `get` and `sign-in`

use std::process::{Command, Stdio};

use crate::Place;

fn place() -> Place {
    let place = Place::new();
    let mut lines = String::new();
    for n in 1..=30 {
        lines += &format!("{{\"$id\":\"u{n}\"}}\n");
    }
    lines += "{\"$id\":\"ann\",\"email\":\"Ann@example.com\",\"phone\":\"+14155550100\",\
        \"hash\":\"md5\",\"password\":\"5f4dcc3b5aa765d61d8327deb882cf99\"}\n";
    place.import(&lines);
    place
}

fn ids(place: &Place, arguments: &str) -> Vec<String> {
    let run = place.run(&format!("list --store sqlite:users.db {arguments}"));
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    run.stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["$id"].to_string())
        .collect()
}

#[test]
fn pages() {
    let place = place();
    assert_eq!(ids(&place, "").len(), 25);
    assert_eq!(ids(&place, "--limit 2"), ["\"u1\"", "\"u2\""]);
    assert_eq!(ids(&place, "--limit 2 --after u29"), ["\"u30\"", "\"ann\""]);
    assert_eq!(ids(&place, "--after ann"), [""; 0]);
    assert_eq!(ids(&place, "--limit 0"), [""; 0]);
    assert_eq!(ids(&place, "--all").len(), 31);
    assert_eq!(ids(&place, "--all --after u2").len(), 29);
    assert_eq!(place.run("list --all --limit 3 --store sqlite:users.db").status, 2);
    insta::assert_snapshot!(place.run("list --after nobody --store sqlite:users.db").report(), @r#"
    status 1
    error: general_cursor_not_found: User 'nobody' for the 'cursor' value not found.
    "#);
}

#[test]
fn a_user_is_found_by_each_identifier() {
    let place = place();
    for identifier in ["ann", "ANN@example.com", "+14155550100"] {
        assert_eq!(place.get(identifier)["$id"], "ann", "{identifier}");
    }
    for identifier in ["nobody", "nobody@example.com", "+14155550199"] {
        let run = place.run(&format!("get {identifier} --store sqlite:users.db"));
        insta::allow_duplicates! {
            insta::assert_snapshot!(run.report(), @r"
            status 1
            error: user_not_found: user with the requested id could not be found
            ");
        }
    }
}

#[test]
fn a_password_loses_one_line_end() {
    let place = place();
    let status = |identifier: &str, password: &[u8]| {
        let arguments = format!("sign-in {identifier} --store sqlite:users.db");
        place.run_with(&arguments, password).status
    };
    assert_eq!(status("ann@example.com", b"password"), 0);
    assert_eq!(status("ann@example.com", b"password\n"), 0);
    assert_eq!(status("+14155550100", b"password\r\n"), 0);
    assert_eq!(status("ann@example.com", b"password\n\n"), 1);
    assert_eq!(status("ann@example.com", b" password"), 1);
    assert_eq!(status("ann@example.com", b""), 1);
    assert_eq!(status("nobody@example.com", b"password"), 1);
    assert_eq!(status("ann@example.com", b"\xff"), 1);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = place();
    let mut child = Command::new(env!("CARGO_BIN_EXE_rollbook"))
        .args(["list", "--all", "--store", "sqlite:users.db"])
        .current_dir(place.directory.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn weak_hashes_are_wrapped_once() {
    let place = place();
    let wrap = || place.run("wrap --store sqlite:users.db").report();
    insta::assert_snapshot!(wrap(), @r"
    status 0
    wrapped    1
    ");
    insta::assert_snapshot!(wrap(), @r"
    status 0
    wrapped    0
    ");
    assert_eq!(place.get("ann")["hash"], "wrapped");
    let stored = std::fs::read(place.path("users.db")).unwrap();
    let digest = b"5f4dcc3b5aa765d61d8327deb882cf99";
    assert!(!stored.windows(digest.len()).any(|bytes| bytes == digest), "it is not in a free page");
    let run = place.run_with("sign-in ann@example.com --store sqlite:users.db", b"password");
    assert_eq!(run.status, 0);
    assert_eq!(place.get("ann")["hash"], "argon2");
}
