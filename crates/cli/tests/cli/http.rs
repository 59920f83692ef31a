//! A server that runs as a process, and a client that speaks HTTP/1.1 byte by byte.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::Value;

use crate::Place;

pub(crate) const KEY: &str = "the-key-of-all-keys";

/// `rollbook serve`, killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts it in `place` at a free port, with a key, and waits until it listens.
    pub(crate) fn start(place: &Place, arguments: &str) -> Self {
        Self::with(place, arguments, &[("ROLLBOOK_API_KEY", KEY)])
    }

    pub(crate) fn with(place: &Place, arguments: &str, variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rollbook"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments.split_whitespace())
            .current_dir(place.directory.path())
            .env_remove("ROLLBOOK_API_KEY")
            .env_remove("ROLLBOOK_SECRET")
            .env("RUST_LOG", "off")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://");
        let address = address.unwrap_or_else(|| panic!("it printed {line:?}")).parse().unwrap();
        Self { child, address }
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.address).unwrap()
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let kill = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Sends SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection that is kept.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    key: &'static str,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        Ok(Self { stream: BufReader::new(TcpStream::connect(address)?), key: KEY })
    }

    /// The same connection with another key, or none.
    pub(crate) fn key(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.request("GET", path, "").unwrap()
    }

    /// Sends a request and waits for the answer.
    pub(crate) fn request(&mut self, method: &str, path: &str, body: &str) -> io::Result<Answer> {
        let head = self.head(method, path, body.len());
        self.send(&format!("{head}\r\n{body}"))?;
        self.answer()
    }

    /// A head, to which more can be added before the empty line.
    pub(crate) fn head(&self, method: &str, path: &str, length: usize) -> String {
        let key = match self.key {
            "" => String::new(),
            key => format!("X-Appwrite-Key: {key}\r\n"),
        };
        format!(
            "{method} {path} HTTP/1.1\r\nHost: rollbook\r\nX-Appwrite-Project: default\r\n{key}\
             Content-Type: application/json\r\nContent-Length: {length}\r\n"
        )
    }

    pub(crate) fn send(&mut self, text: &str) -> io::Result<()> {
        self.stream.get_mut().write_all(text.as_bytes())
    }

    /// Reads an answer, or fails if the connection ends before it is complete.
    pub(crate) fn answer(&mut self) -> io::Result<Answer> {
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        let mut length = 0;
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            assert!(!name.eq_ignore_ascii_case("transfer-encoding"), "answers have a length");
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Answer { status, body: String::from_utf8(body).unwrap() })
    }

    /// What comes until the server closes the connection.
    pub(crate) fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.stream.read_to_string(&mut rest).unwrap();
        rest
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_owned()),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
