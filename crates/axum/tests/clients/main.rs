//! The official SDKs against the router: every method of their Users services, on every store.
//!
//! `scenario.json` says what is called and what must come of it, `models.json` which keys an answer has since which
//! version, as the service documents it. `scripts/clients` installs the SDKs; where there is no Python or no Node, it
//! says so, and their part is not run.

#![expect(clippy::unwrap_used, reason = "a test stops at what it can't set up")]
#![expect(clippy::print_stdout, reason = "the table is for people")]

mod check;
mod stores;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use check::Models;
use stores::{KEY, Server};

/// A version of an SDK.
struct Sdk {
    name: &'static str,
    version: &'static str,
    /// The version of the API that it says it speaks.
    format: &'static str,
}

const SDKS: [Sdk; 5] = [
    Sdk { name: "python", version: "0.10.0", format: "0.15.0" },
    Sdk { name: "python", version: "4.1.0", format: "1.4.0" },
    Sdk { name: "python", version: "27.0.0", format: "2.5.0" },
    Sdk { name: "node", version: "11.1.1", format: "1.4.0" },
    Sdk { name: "node", version: "27.1.0", format: "1.9.5" },
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn here(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(file)
}

impl Sdk {
    /// The folder where it is installed, if it could be.
    fn folder(&self) -> Option<PathBuf> {
        let folder = root().join("target/clients").join(self.name).join(self.version);
        folder.join("installed").exists().then_some(folder)
    }

    /// The command that plays a scenario.
    fn command(&self, folder: &Path) -> Command {
        if self.name == "python" {
            let mut command = Command::new(folder.join("bin/python"));
            command.arg(here("client.py"));
            return command;
        }
        let mut command = Command::new("node");
        command.arg(here("client.cjs")).env("NODE_PATH", folder.join("node_modules"));
        command
    }

    fn old(&self) -> bool {
        self.format.starts_with("0.")
    }

    /// The steps that this version can be asked for.
    fn steps(&self) -> Vec<Value> {
        let steps: Vec<Value> = serde_json::from_str(include_str!("scenario.json")).unwrap();
        let fits = |step: &Value| match step["if"].as_str() {
            Some("plain") => self.old(),
            Some("queries") => !self.old(),
            // This one has most methods of second factors under two names.
            Some("twice") => (self.name, self.version) == ("node", "27.1.0"),
            _ => true,
        };
        steps.into_iter().filter(fits).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_method_of_every_version_on_every_store() {
    let installed = Command::new(root().join("scripts/clients")).output().unwrap();
    let said = String::from_utf8_lossy(&installed.stderr);
    assert!(installed.status.success(), "{said}");
    let models = Models::read();
    let mut table: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut columns = Vec::new();
    for sdk in &SDKS {
        let Some(folder) = sdk.folder() else {
            println!("{} {}: not run, as it is not installed: {said}", sdk.name, sdk.version);
            continue;
        };
        let mut outcomes: BTreeMap<String, String> = BTreeMap::new();
        for store in stores::ALL {
            let server = Server::start(store).await;
            let steps = sdk.steps();
            let scenario = json!({
                "endpoint": server.endpoint(),
                "project": "default",
                "key": KEY,
                "known": server.known(),
                "steps": steps,
            });
            let lines = play(sdk.command(&folder), scenario);
            let context = format!("{} {} on {store}", sdk.name, sdk.version);
            for line in &lines {
                if let Some(missed) = line.get("missed") {
                    assert_eq!(missed, &json!([]), "{context}: methods that no step calls");
                    continue;
                }
                let step = &steps[usize::try_from(line["step"].as_u64().unwrap()).unwrap()];
                let step = stores::filled(step, &server.known());
                models.check(&step, line, sdk.format, &context);
                let method = line["method"].as_str().unwrap().to_owned();
                let outcome = outcomes.entry(method).or_default();
                if !outcome.contains(store) {
                    outcome.push_str(store);
                    outcome.push(' ');
                }
            }
            server.stop().await;
        }
        columns.push(format!("{} {}", sdk.name, sdk.version));
        for (method, stores) in outcomes {
            // The names of one method in the spelling of both languages.
            let method = method.replace('_', "").to_lowercase();
            let row = table.entry(method).or_default();
            row.resize(columns.len() - 1, String::new());
            row.push(stores.trim().to_owned());
        }
    }
    print_table(&columns, table);
}

/// Plays a scenario; what the client prints.
fn play(mut command: Command, scenario: Value) -> Vec<Value> {
    let mut client = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = client.stdin.take().unwrap();
    // A scenario is longer than a pipe holds.
    let written = std::thread::spawn(move || input.write_all(scenario.to_string().as_bytes()));
    let output = client.wait_with_output().unwrap();
    written.join().unwrap().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// Prints which method of which version was called on which stores.
fn print_table(columns: &[String], table: BTreeMap<String, Vec<String>>) {
    let row = |name: &str, cells: &[&str]| {
        let mut line = format!("{name:<28}");
        for cell in cells {
            line.push_str(&format!("{cell:<16}"));
        }
        println!("{}", line.trim_end());
    };
    row("method", &columns.iter().map(String::as_str).collect::<Vec<_>>());
    let full = stores::ALL.join(" ");
    for (method, mut cells) in table {
        cells.resize(columns.len(), String::new());
        for stores in &cells {
            assert!(stores.is_empty() || *stores == full, "{method}: {stores}");
        }
        let cell =
            |stores: &String| if stores.is_empty() { "no such method" } else { "all stores" };
        row(&method, &cells.iter().map(cell).collect::<Vec<_>>());
    }
}
