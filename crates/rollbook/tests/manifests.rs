//! Dependencies run one way: what each crate may depend on, read from the manifests.

use std::collections::BTreeMap;
use std::path::Path;

/// A crate, and the other crates of the workspace that it may link, tests aside.
const ALLOWED: [(&str, &[&str]); 13] = [
    ("macros", &[]),
    ("kernels", &[]),
    ("core", &["kernels", "macros"]),
    ("kv", &["core"]),
    ("sql", &["core"]),
    ("memory", &["core", "kv"]),
    ("redb", &["core", "kv"]),
    ("sled", &["core", "kv"]),
    ("sqlite", &["core", "sql"]),
    ("conformance", &["core"]),
    ("rollbook", &["core", "kv", "memory", "redb", "sled", "sqlite"]),
    ("axum", &["core"]),
    ("cli", &["axum", "rollbook"]),
];

#[test]
fn dependencies_run_one_way() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut allowed: BTreeMap<&str, &[&str]> = ALLOWED.into_iter().collect();
    for entry in std::fs::read_dir(&crates).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let allowed = allowed.remove(name.as_str());
        let allowed = allowed.unwrap_or_else(|| panic!("say what {name} may depend on"));
        for dependency in manifest["dependencies"].as_table().unwrap().keys() {
            let own = match dependency.as_str() {
                "rollbook" => "rollbook",
                other => match other.strip_prefix("rollbook-") {
                    Some(own) => own,
                    None => continue,
                },
            };
            assert!(allowed.contains(&own), "{name} must not depend on {own}");
        }
    }
    assert!(allowed.is_empty(), "crates that are gone: {allowed:?}");
}
