//! The program as a user runs it.
//!
//! - `sample`: the sample is what its generator makes, can be imported, and everybody in it can sign in
//! - `import`: rejects and their repair, exit status, forms of the file
//! - `look`: list, get and sign-in
//! - `keys`: API keys
//! - `projects`: the users of a project
//! - `stores`: stores that are missing, unknown or foreign
//! - `hash`: explain and check
//! - `bench`: figures of a file and of a store
//! - `serve`: a server as its clients and its operator see it; `killed` in the middle of writes

#![expect(clippy::unwrap_used, reason = "a test stops at what it can't set up")]

mod bench;
mod hash;
mod http;
mod import;
mod keys;
mod killed;
mod look;
mod projects;
mod sample;
mod serve;
mod stores;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A directory to run the program in, with a store `users.db`.
struct Place {
    directory: TempDir,
}

/// What a run left.
struct Run {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Place {
    fn new() -> Self {
        Self { directory: TempDir::new().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs the program with words from `arguments`, in the directory.
    fn run(&self, arguments: &str) -> Run {
        self.run_with(arguments, b"")
    }

    fn run_with(&self, arguments: &str, stdin: &[u8]) -> Run {
        self.run_words(arguments.split_whitespace(), stdin)
    }

    fn run_words<'a>(&self, words: impl IntoIterator<Item = &'a str>, stdin: &[u8]) -> Run {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rollbook"))
            .args(words)
            .current_dir(self.directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that refuses its arguments does not read.
        let _ = child.stdin.take().unwrap().write_all(stdin);
        let output = child.wait_with_output().unwrap();
        Run {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Imports `lines`, all of which must be right.
    fn import(&self, lines: &str) {
        let run = self.run_with("import - --store sqlite:users.db", lines.as_bytes());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    }

    fn get(&self, id: &str) -> Value {
        let run = self.run(&format!("get {id} --store sqlite:users.db"));
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        serde_json::from_str(&run.stdout).unwrap()
    }
}

impl Run {
    /// The status and both outputs, without the line that tells how long an import took.
    fn report(&self) -> String {
        let Self { status, stdout, stderr } = self;
        let lines: Vec<_> = stdout.lines().filter(|line| !line.starts_with("took ")).collect();
        let end = if lines.is_empty() { "" } else { "\n" };
        format!("status {status}\n{}{end}{stderr}", lines.join("\n"))
    }
}
