//! Stores that are missing, unknown or not ours.

use std::fs;

use crate::Place;

#[test]
fn an_unknown_store_is_wrong_usage() {
    let place = Place::new();
    let run = place.run("list --store mysql://localhost");
    insta::assert_snapshot!(run.report(), @r"
    status 2
    error: invalid value 'mysql://localhost' for '--store <URL>': unknown store `mysql:`; known are memory:, sqlite:PATH, redb:PATH, sled:PATH

    For more information, try '--help'.
    ");
}

#[test]
fn reading_makes_no_store() {
    let place = Place::new();
    place.write("empty.db", "");
    fs::create_dir(place.path("empty")).unwrap();
    for command in ["list", "list --all", "get ann", "sign-in ann@example.com"] {
        for scheme in ["sqlite", "redb", "sled"] {
            let run = place.run(&format!("{command} --store {scheme}:missing.db"));
            insta::allow_duplicates! {
                insta::assert_snapshot!(run.report(), @r"
                status 1
                error: missing.db: there is no store; `rollbook import` creates one
                ");
            }
            assert!(!place.path("missing.db").exists());
            assert_eq!(place.run(&format!("{command} --store {scheme}:empty.db")).status, 1);
            assert_eq!(place.run(&format!("{command} --store {scheme}:empty")).status, 1);
            assert_eq!(fs::metadata(place.path("empty.db")).unwrap().len(), 0);
            assert_eq!(fs::read_dir(place.path("empty")).unwrap().count(), 0);
        }
    }
}

#[test]
fn what_is_imported_is_found_in_every_store() {
    let place = Place::new();
    let line = br#"{"$id":"ann","email":"ann@example.com","name":"Ann"}"#;
    for (scheme, name) in [("sqlite", "a.db"), ("redb", "a.redb"), ("sled", "a.sled")] {
        let import = place.run_with(&format!("import - --store {scheme}:{name}"), line);
        assert_eq!((import.status, import.stderr.as_str()), (0, ""), "{}", import.stdout);
        let get = place.run(&format!("get ann@example.com --store {scheme}:{name}"));
        assert!(get.status == 0 && get.stdout.contains("\"Ann\""), "{}", get.report());
        // And in no other one.
        for other in ["sqlite", "redb", "sled"].into_iter().filter(|other| *other != scheme) {
            let run = place.run(&format!("list --store {other}:{name}"));
            assert_eq!(run.status, 1, "{other}:{name}");
            assert!(run.stderr.starts_with(&format!("error: {name}: ")), "{}", run.stderr);
        }
    }
}

#[test]
fn a_foreign_database_is_refused_and_left_alone() {
    let place = Place::new();
    let connection = rusqlite::Connection::open(place.path("other.db")).unwrap();
    connection
        .execute_batch("CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('x')")
        .unwrap();
    connection.close().unwrap();
    place.write("text.db", "no database, but a text of some length".repeat(10));
    for (name, told) in [("other.db", "another application"), ("text.db", "not a SQLite database")]
    {
        let before = fs::read(place.path(name)).unwrap();
        for command in ["import -", "list", "get ann"] {
            let run =
                place.run_with(&format!("{command} --store sqlite:{name}"), b"{\"$id\":\"a\"}");
            assert_eq!(run.status, 1);
            assert!(run.stderr.starts_with(&format!("error: {name}: ")), "{}", run.stderr);
            assert!(run.stderr.contains(told), "{}", run.stderr);
        }
        assert!(fs::read(place.path(name)).unwrap() == before);
    }
    assert_eq!(fs::read_dir(place.directory.path()).unwrap().count(), 2);
}
