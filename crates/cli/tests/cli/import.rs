//! `rollbook import`

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Place;

const FILE: &str = "\
{\"$id\":\"ann\",\"email\":\"ann@example.com\",\"hash\":\"md5\",\"password\":\"5f4dcc3b5aa765d61d8327deb882cf99\"}
{\"$id\":\"bob\",\"email\":\"bob@\"}

{\"$id\":\"eve\",\"emial\":\"eve@example.com\"}
{\"$id\":\"ann\"}
{\"$id\":\"tom\",
";

#[test]
fn rejects_are_repaired_and_fed_back() {
    let place = Place::new();
    place.write("users.jsonl", FILE);
    let run = place.run("import users.jsonl --store sqlite:users.db");
    insta::assert_snapshot!(run.report(), @r"
    status 3
    rows read  5
    imported   1
    rejected   4, see users.jsonl.rejects.jsonl
    passwords  1 md5 (none)
    weak       1, next to no protection until their users sign in
    ");
    let rejects = place.read("users.jsonl.rejects.jsonl");
    insta::assert_snapshot!(rejects);

    let repaired = rejects
        .replace("\"bob@\"", "\"bob@example.com\"")
        .replace("emial", "email")
        .replace("{\"$id\":\"ann\"}", "{\"$id\":\"amy\"}")
        .replace("{\\\"$id\\\":\\\"tom\\\",", "{\\\"$id\\\":\\\"tom\\\"}");
    place.write("repaired.jsonl", &repaired);
    let run = place.run("import repaired.jsonl --store sqlite:users.db");
    insta::assert_snapshot!(run.report(), @r"
    status 0
    rows read  4
    imported   4
    rejected   0
    passwords  4 none
    ");
    assert!(!place.path("repaired.jsonl.rejects.jsonl").exists());
    let run = place.run("list --store sqlite:users.db");
    let ids: Vec<Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["$id"].clone())
        .collect();
    assert_eq!(ids, ["ann", "bob", "eve", "amy", "tom"]);
}

#[test]
fn a_reject_file_is_never_overwritten() {
    let place = Place::new();
    place.write("users.jsonl", FILE);
    place.write("users.jsonl.rejects.jsonl", "precious");
    let run = place.run("import users.jsonl --store sqlite:users.db");
    insta::assert_snapshot!(run.report(), @r"
    status 1
    error: users.jsonl.rejects.jsonl: the file for the rejects exists; move it away, or name another with --rejects
    ");
    assert_eq!(place.read("users.jsonl.rejects.jsonl"), "precious");
    assert!(!place.path("users.db").exists());

    let run = place.run("import users.jsonl --store sqlite:users.db --rejects ./users.jsonl");
    insta::assert_snapshot!(run.report(), @r"
    status 1
    error: ./users.jsonl: the rejects can't go to the file that is imported
    ");
    assert_eq!(place.read("users.jsonl"), FILE);

    let run = place.run("import users.jsonl --store sqlite:users.db --rejects other.jsonl");
    assert_eq!(run.status, 3);
    assert_eq!(place.read("other.jsonl").lines().count(), 4);
}

#[test]
fn each_exit_status() {
    let place = Place::new();
    let status = |file: &str, rejects: &str| {
        let arguments = format!("import - --store sqlite:users.db --rejects {rejects}");
        place.run_with(&arguments, file.as_bytes()).status
    };
    assert_eq!(status("{\"$id\":\"a\"}", "0"), 0);
    assert_eq!(status("", "1"), 0);
    assert_eq!(status("{\"$id\":\"a\"}", "2"), 1);
    assert_eq!(status("{\"$id\":\"a\"}\n{\"$id\":\"b\"}", "3"), 3);
    for (name, exists) in [("0", false), ("1", false), ("2", true), ("3", true)] {
        assert_eq!(place.path(name).exists(), exists, "{name}");
    }
    assert_eq!(place.run("import --store sqlite:users.db").status, 2);
    assert_eq!(place.run("import x").status, 2);
    assert_eq!(place.run("import x --store sqlite:users.db --format csv").status, 2);
    let run = place.run("import x --store sqlite:users.db");
    insta::assert_snapshot!(run.report(), @r"
    status 1
    error: x: No such file or directory (os error 2)
    ");
    let run = place.run("import . --store sqlite:users.db");
    insta::assert_snapshot!(run.report(), @r"
    status 1
    error: .: a directory, not a file
    ");
}

#[test]
fn rejects_of_standard_input_go_to_the_working_directory() {
    let place = Place::new();
    let run = place.run_with("import - --store memory:", b"\xff\n{\"$id\":\"a\"}");
    insta::assert_snapshot!(run.report(), @r"
    status 3
    rows read  2
    imported   1
    rejected   1, see rejects.jsonl
    passwords  1 none
    ");
    insta::assert_snapshot!(place.read("rejects.jsonl"), @r#"{"line":1,"field":"line","code":"general_argument_invalid","reason":"not UTF-8 at byte 1","input":"�"}"#);
}

#[test]
fn unknown_fields_can_be_ignored() {
    let place = Place::new();
    let file = b"{\"$id\":\"a\",\"shoe\":43}";
    assert_eq!(place.run_with("import - --store memory: --ignore-unknown", file).status, 0);
    assert_eq!(place.run_with("import - --store memory:", file).status, 1);
}

#[test]
fn a_saved_answer_is_a_file_of_users() {
    let place = Place::new();
    let answer = r#"{"total":2,"users":[{"$id":"a","name":"A","targets":[]},{"$id":"b","emailIsFree":null}]}"#;
    place.import(answer);
    assert_eq!(place.get("a")["name"], "A");
    assert_eq!(place.get("b")["$id"], "b");
}

#[test]
fn what_list_prints_can_be_imported() {
    let place = Place::new();
    // More than a page of `list`, and more than a chunk would hide.
    let mut lines = String::new();
    for n in 0..2_100 {
        lines += &format!(
            "{{\"$id\":\"u{n}\",\"email\":\"u{n}@x.co\",\"hash\":\"sha\",\"hashOptions\":{{\"version\":\"sha1\"}},\
             \"password\":\"{n:040x}\",\"prefs\":{{\"n\":[{n},{{}}]}},\"labels\":[\"a\",\"b\"],\"status\":{}}}\n",
            n % 2 == 0
        );
    }
    lines += "{\"$id\":\"cleared\",\"password\":\"\",\"passwordUpdate\":\"2020-01-01\"}\n{\"$id\":\"none\"}\n";
    place.import(&lines);
    let first = place.run("list --all --store sqlite:users.db").stdout;
    assert_eq!(first.lines().count(), 2_102);
    let run = place.run_with("import - --store sqlite:again.db", first.as_bytes());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let second = place.run("list --all --store sqlite:again.db").stdout;
    assert!(first == second);
}

#[test]
fn hashes_are_not_in_the_output() {
    let place = Place::new();
    let file =
        b"{\"$id\":\"a\",\"hash\":\"md5\",\"password\":\"5f4dcc3b5aa765d61d8327deb882cf9x\"}\n\
        \"5f4dcc3b5aa765d61d8327deb882cf9x\"\n";
    let run = place.run_with("import - --store memory:", file);
    assert!(!format!("{}{}", run.stdout, run.stderr).contains("5f4d"));
    let rejects = place.read("rejects.jsonl");
    for line in rejects.lines() {
        let (told, _) = line.split_once("\"input\"").unwrap();
        assert!(!told.contains("5f4d"), "{told}");
    }
}

/// Linux tells which signals a process catches, so the test need not guess when.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_import_tells_what_is_stored() {
    const SIGINT: u64 = 1 << 1;
    let place = Place::new();
    let mut child = Command::new(env!("CARGO_BIN_EXE_rollbook"))
        .args(["import", "-", "--store", "sqlite:users.db"])
        .current_dir(place.directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The pipe stays open: there may be more.
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"{\"$id\":\"a\"}\n").unwrap();
    let catches = |pid: u32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        u64::from_str_radix(caught.trim(), 16).unwrap() & SIGINT != 0
    };
    while !catches(child.id()) {
        std::thread::yield_now();
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.starts_with("rows read  0, interrupted\nimported   0\n"), "{stdout}");
    drop(stdin);
}
