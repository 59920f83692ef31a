//! `rollbook bench`

use std::fs;

use serde_json::Value;

use crate::{Place, root};

const FILE: &str = "\
{\"$id\":\"ann\",\"hash\":\"md5\",\"password\":\"5f4dcc3b5aa765d61d8327deb882cf99\"}
{\"$id\":\"amy\",\"hash\":\"md5\",\"password\":\"5f4dcc3b5aa765d61d8327deb882cf98\"}
{\"$id\":\"bob\",\"hash\":\"bcrypt\",\"password\":\"$2b$04$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\"}
{\"$id\":\"eve\",\"emial\":\"eve@example.com\"}
{\"$id\":\"tom\"}
";

/// `text` with every number that was measured as `N`, whatever its length.
fn redacted(text: &str) -> String {
    let measured = |word: &str| word.replace(',', "").parse::<f64>().is_ok();
    let lines = text.lines().map(|line| {
        // The figures stand behind the label and the users, apart by two spaces or more.
        let cells: Vec<&str> =
            line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        if cells.len() < 5 {
            return line.to_owned();
        }
        let cells = cells.iter().enumerate().map(|(place, cell)| {
            let number = cell.split(' ').next().is_some_and(measured);
            if place > 1 && number { "N" } else { *cell }
        });
        cells.collect::<Vec<_>>().join("  ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_hashes_of_a_file_are_measured_by_their_cost() {
    let place = Place::new();
    place.write("users.jsonl", FILE);
    let run = place.run("bench hashes users.jsonl --seconds 0.01");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let cores = std::thread::available_parallelism().unwrap();
    let text = run.stdout.replace(&format!("batch, {cores} cores"), "batch, all cores");
    insta::assert_snapshot!(redacted(&text));
}

#[test]
fn json_has_every_rate_and_its_time() {
    let place = Place::new();
    place.write("users.jsonl", FILE);
    let run = place.run("bench hashes users.jsonl --seconds 0.01 --json --ignore-unknown");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&report["rows"], &report["rejected"]), (&5.into(), &0.into()));
    assert_eq!((&report["without_password"], &report["total"]["users"]), (&2.into(), &3.into()));
    let groups = report["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 2);
    for group in groups.iter().chain([&report["total"]]) {
        for way in ["import", "verify_one", "verify_batch", "verify_batch_all_cores", "upgrade"] {
            let users = group["users"].as_f64().unwrap();
            let rate = group[format!("{way}_per_second")].as_f64().unwrap();
            let hours = group[format!("{way}_hours")].as_f64().unwrap();
            assert!(rate > 0.0 && (users / rate / 3600.0 / hours - 1.0).abs() < 1e-6, "{group}");
        }
        // More than one new Argon2id hash of the default takes 0.1 ms everywhere.
        assert!(group["upgrade_per_second"].as_f64().unwrap() < 10_000.0);
    }
}

#[test]
fn a_picture_of_the_sample_is_drawn() {
    let place = Place::new();
    let sample = root().join("samples/users.jsonl");
    let sample = sample.to_str().unwrap();
    let words = ["bench", "hashes", sample, "--seconds", "0.01", "--plot", "hashes.svg"];
    let run = place.run_words(words, b"");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let picture = place.read("hashes.svg");
    let document = roxmltree::Document::parse(&picture).unwrap();
    let texts: Vec<&str> = document.descendants().filter_map(|node| node.text()).collect();
    for text in ["users a second (logarithmic)", "one by one", "upgrade"] {
        assert!(texts.contains(&text), "{text}");
    }
    assert!(texts.iter().any(|text| text.starts_with("bcrypt, version 2b, cost 4 (")), "{texts:?}");
    assert_eq!(fs::read_dir(place.directory.path()).unwrap().count(), 1);
}

#[test]
fn what_can_not_be_measured_is_told() {
    let place = Place::new();
    place.write(
        "none.jsonl",
        "{\"$id\":\"tom\"}\n{\"$id\":\"eve\",\"hash\":\"md5\",\"password\":\"hunter2\"}\n",
    );
    place.write("precious.svg", "precious");
    let mut reports = String::new();
    for arguments in [
        "bench hashes none.jsonl --plot precious.svg",
        "bench hashes missing.jsonl",
        "bench hashes .",
        "bench hashes none.jsonl --plot no/way.svg",
        "bench hashes none.jsonl --seconds 0",
        "bench hashes none.jsonl --seconds nan",
    ] {
        let report = place.run(arguments).report();
        assert!(!report.contains("hunter2"), "{report}");
        reports += &report.replace(": No such file or directory (os error 2)", ": not there");
    }
    insta::assert_snapshot!(reports);
    assert_eq!(place.read("precious.svg"), "precious");
    assert_eq!(fs::read_dir(place.directory.path()).unwrap().count(), 2);
}

#[test]
fn every_store_is_measured_and_leaves_nothing() {
    let place = Place::new();
    for url in ["memory:", "sqlite:a.db", "redb:a.redb", "sled:a"] {
        let run = place.run(&format!("bench store {url} --users 200 --seconds 0.05"));
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{url}");
        let names: Vec<&str> =
            run.stdout.lines().map(|line| line.split("  ").next().unwrap_or_default()).collect();
        insta::allow_duplicates! {
            insta::assert_snapshot!(names.join("\n"));
        }
        assert_eq!(fs::read_dir(place.directory.path()).unwrap().count(), 0, "{url}");
    }
    let run = place.run("bench store memory: --users 200 --seconds 0.05 --json");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    for operation in report["operations"].as_array().unwrap() {
        assert!(operation["operations_per_second"].as_f64().unwrap() > 0.0);
        let single = operation["operation"] != "import";
        assert_eq!(operation["p50_microseconds"].is_f64(), single, "{operation}");
    }
}

#[test]
fn a_store_that_is_there_is_left_alone() {
    let place = Place::new();
    place.import("{\"$id\":\"ann\"}");
    fs::create_dir(place.path("empty")).unwrap();
    let before = fs::read(place.path("users.db")).unwrap();
    let mut reports = String::new();
    for url in
        ["sqlite:users.db", "redb:users.db", "sled:users.db", "sled:empty", "sqlite:no/way.db", "x"]
    {
        let run = place.run(&format!("bench store {url}"));
        reports += &run.report().replace("No such file or directory (os error 2)", "not there");
    }
    insta::assert_snapshot!(reports);
    assert!(fs::read(place.path("users.db")).unwrap() == before);
    assert!(place.path("empty").exists());
}

#[cfg(unix)]
#[test]
fn an_interrupted_bench_leaves_nothing() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    let place = Place::new();
    let mut child = Command::new(env!("CARGO_BIN_EXE_rollbook"))
        .args(["bench", "store", "sqlite:a.db", "--users", "1000", "--seconds", "600"])
        .current_dir(place.directory.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The store is there, so the signal is listened to: it is asked for before the store is opened.
    let begun = Instant::now();
    while !place.path("a.db-wal").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the store is never made");
        std::thread::yield_now();
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(fs::read_dir(place.directory.path()).unwrap().count(), 0);
}
