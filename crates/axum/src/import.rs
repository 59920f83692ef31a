//! Users from a file, taken in while it arrives, and what became of them.

use std::io::{self, BufRead, Read, Write};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Request, header};
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Frame};
use rollbook_core::import::{
    ImportError, ImportSummary, Importer, ReadOptions, UnknownFields, WeakHashes,
};
use rollbook_core::{Limits, Scope, Weak};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tracing::Instrument as _;

use crate::arguments::{Arguments, read_form};
use crate::dispatch::{Server, count, longer_than, stated_format, too_slow};
use crate::error::Refusal;
use crate::format::Format;
use crate::param::{Param, Rule};
use crate::route::Access;

pub(crate) const PATH: &str = "/users/import";
pub(crate) const NAME: &str = "importUsers";
pub(crate) const SCOPES: &[Scope] = &[Scope::UsersWrite];
pub(crate) const PARAMS: &[Param] = &[
    Param::optional("ignoreUnknown", Rule::Flag),
    Param::optional("allowWeak", Rule::Flag),
    Param::optional("wrap", Rule::Flag),
];

/// The most rejects that the summary tells.
const MOST_REJECTS: usize = 100;
/// How many pieces of the file wait to be read: the client sends no faster than the store writes.
const PIECES: usize = 8;
/// How many lines of progress wait for a client that does not read them; others are left out.
const LINES: usize = 16;

/// Answers a request to import its body.
pub(crate) async fn answer(server: Arc<Server>, request: Request<Body>) -> Response {
    let start = Instant::now();
    let format = stated_format(request.headers());
    let reply = match begin(&server, request, format).await {
        Ok(lines) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson")),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            (headers, Body::new(Lines(lines))).into_response()
        }
        Err(refusal) => refusal.into_reply(format),
    };
    count(NAME, start, &reply);
    reply
}

async fn begin(
    server: &Server,
    request: Request<Body>,
    format: Format,
) -> Result<mpsc::Receiver<Bytes>, Refusal> {
    let (head, body) = request.into_parts();
    let admitted = server.admit(&head, Access::Key(SCOPES)).await?;
    let input = read_form(head.uri.query().unwrap_or_default().as_bytes());
    let arguments = Arguments::check(PARAMS, input, format)?;
    let most = server.options.most_import_bytes;
    if body.size_hint().lower() > most {
        return Err(longer_than(most));
    }
    let importer = Importer::new(admitted.users).options(read_options(&arguments));
    let upload = Upload { body, most, patience: server.options.timeout };
    let (sender, lines) = mpsc::channel(LINES);
    tokio::spawn(run(importer, upload, format, sender).in_current_span());
    Ok(lines)
}

fn read_options(arguments: &Arguments) -> ReadOptions {
    let flag = |name| arguments.flag(name).unwrap_or(false);
    let unknown = if flag("ignoreUnknown") { UnknownFields::Ignore } else { UnknownFields::Refuse };
    let weak = if flag("allowWeak") { Weak::Allow } else { Weak::Refuse };
    let weak_hashes = if flag("wrap") { WeakHashes::Wrap } else { WeakHashes::Keep };
    ReadOptions::new()
        .unknown_fields(unknown)
        .limits(Limits::default().with_weak(weak))
        .weak_hashes(weak_hashes)
}

/// Imports the upload and tells `lines` about it, until nobody listens any more.
async fn run(importer: Importer, upload: Upload, format: Format, lines: mpsc::Sender<Bytes>) {
    let read = Arc::new(AtomicU64::new(0));
    let (pieces, received) = mpsc::channel(PIECES);
    let file = Pieces { received, piece: Bytes::new(), ended: false };
    let mut rejects = Rejects::default();
    let mut last = ImportSummary::default();
    let progress = |summary: &ImportSummary| {
        last.clone_from(summary);
        _ = lines.try_send(line(&state(summary, &read)));
    };
    let outcome = {
        let mut import = pin!(importer.run(file, &mut rejects, progress, lines.closed()));
        // An import that fails needs no more of the file.
        tokio::select! {
            outcome = &mut import => outcome,
            () = upload.pump(pieces, &read) => import.await,
        }
    };
    let (summary, error) = match outcome {
        Ok(summary) => (summary, None),
        Err(error) => (last, Some(refusal(error))),
    };
    let mut told = state(&summary, &read);
    told["complete"] = (error.is_none() && !summary.stopped).into();
    told["rejects"] = rejects.first.into();
    if let Some(error) = error {
        told["error"] = error.into_wire(format);
    }
    _ = lines.send(line(&told)).await;
}

fn state(summary: &ImportSummary, read: &AtomicU64) -> Value {
    json!({
        "rows": summary.rows,
        "imported": summary.imported,
        "rejected": summary.rejected,
        "bytes": read.load(Ordering::Relaxed),
    })
}

fn line(value: &Value) -> Bytes {
    format!("{value}\n").into()
}

/// Why the import ended before the file did.
fn refusal(error: ImportError) -> Refusal {
    match error {
        ImportError::Store(error) => error.into(),
        ImportError::Read { source, .. } => match source.downcast::<Broken>() {
            Ok(Broken(refusal)) => refusal,
            Err(error) => Refusal::of("general_argument_invalid")
                .saying(format!("The body can't be read: {error}")),
        },
        _ => Refusal::of("general_unknown"),
    }
}

/// The body of a request, on its way to the thread that reads.
struct Upload {
    body: Body,
    most: u64,
    /// How long the client may send nothing.
    patience: Duration,
}

impl Upload {
    /// Hands over one piece after the other, and at last the end or what is wrong.
    async fn pump(mut self, pieces: mpsc::Sender<io::Result<Bytes>>, read: &AtomicU64) {
        loop {
            let piece = self.next(read).await;
            let last = !matches!(&piece, Ok(piece) if !piece.is_empty());
            if pieces.send(piece).await.is_err() || last {
                return;
            }
        }
    }

    /// The next piece; an empty one is the end.
    async fn next(&mut self, read: &AtomicU64) -> io::Result<Bytes> {
        loop {
            let frame = tokio::time::timeout(self.patience, self.body.frame()).await;
            let frame = frame.map_err(|_| Broken(too_slow()))?;
            let Some(frame) = frame.transpose().map_err(io::Error::other)? else {
                return Ok(Bytes::new());
            };
            // Trailers say nothing about users.
            let Ok(piece) = frame.into_data() else { continue };
            let before = read.fetch_add(piece.len() as u64, Ordering::Relaxed);
            if before + piece.len() as u64 > self.most {
                return Err(Broken(longer_than(self.most)).into());
            }
            if !piece.is_empty() {
                return Ok(piece);
            }
        }
    }
}

/// What is wrong with a body, through an error of reading.
#[derive(Debug)]
struct Broken(Refusal);

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the body breaks a limit")
    }
}

impl std::error::Error for Broken {}

impl From<Broken> for io::Error {
    fn from(broken: Broken) -> Self {
        Self::other(broken)
    }
}

/// The pieces as a file. Waiting for one blocks, which the thread of the importer may.
struct Pieces {
    received: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
    ended: bool,
}

impl BufRead for Pieces {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.piece.is_empty() && !self.ended {
            // Without the piece that is the end, a file that breaks off would look like a whole one.
            self.piece = self.received.blocking_recv().ok_or(io::ErrorKind::UnexpectedEof)??;
            self.ended = self.piece.is_empty();
        }
        Ok(&self.piece)
    }

    fn consume(&mut self, amount: usize) {
        _ = self.piece.split_to(amount);
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

/// The first rejects, without what was rejected: there are hashes in it, and the client has it.
#[derive(Default)]
struct Rejects {
    first: Vec<Value>,
    line: Vec<u8>,
}

impl Write for Rejects {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.first.len() < MOST_REJECTS {
            self.line.extend_from_slice(bytes);
            if self.line.ends_with(b"\n") {
                let mut reject: Value = serde_json::from_slice(&self.line)?;
                if let Value::Object(reject) = &mut reject {
                    reject.shift_remove("input");
                }
                self.first.push(reject);
                self.line.clear();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The lines of the answer, each sent when it is there.
struct Lines(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Lines {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|line| line.map(|line| Ok(Frame::data(line))))
    }
}
