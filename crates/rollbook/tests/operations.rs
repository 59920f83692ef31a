//! The table of operations names verbs and tests that are there.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All source files of a folder as one text.
fn sources(folder: &str) -> String {
    let files = read_dir(root().join(folder)).unwrap().map(|file| file.unwrap().path());
    let sources = files.filter(|path| path.extension().is_some_and(|kind| kind == "rs"));
    sources.map(|path| read_to_string(path).unwrap()).collect()
}

#[test]
fn each_operation_has_a_verb_and_a_test() {
    let table = read_to_string(root().join("OPERATIONS.md")).unwrap();
    let verbs = sources("crates/core/src/users");
    let rows = table.lines().filter(|line| line.contains("/users"));
    let rows: Vec<Vec<&str>> = rows
        .filter(|line| line.starts_with("| "))
        .map(|line| line.split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect();
    assert_eq!(rows.len(), 45);
    for row in rows {
        let [_, operation, verb, test, _] = row.as_slice() else { panic!("{row:?}") };
        let has = |end: char| verbs.contains(&format!("pub async fn {verb}{end}"));
        assert!(has('(') || has('<'), "{operation}: no verb {verb}");
        let (file, name) = test.split_once("::").unwrap();
        let tests = root().join("crates/rollbook/tests/users").join(file).with_extension("rs");
        let tests = read_to_string(tests).unwrap();
        assert!(tests.contains(&format!("async fn {name}(")), "{operation}: no test {test}");
    }
}
