//! Taking a file into a store.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::io::{self, BufRead, Write};
use std::pin::pin;
use std::task::Poll;
use std::thread;

use tokio::sync::mpsc;

use super::{Input, ReadOptions, Rejection, Row, Rows, SOURCES, Source, WeakHashes};
use crate::{Cost, CostClass, Error, PasswordHash, Standing, Users};

/// Takes the users of a file into a store.
///
/// The file is read and parsed on a thread of its own while the store writes; a chunk of some thousand
/// users is written with one flush. Memory is bounded by two chunks, whatever the size of the file.
/// Every user is stored or refused on its own, and nothing is undone when the import ends early: what
/// [`ImportSummary::imported`] counts is in the store.
///
/// ```
/// use rollbook_core::Users;
/// use rollbook_core::import::{ImportError, Importer};
///
/// # async fn example(users: Users) -> Result<(), ImportError> {
/// let file = r#"{"$id":"ann","email":"ann@example.com"}
/// {"$id":"bob","email":"bob@"}"#;
/// let mut rejects = Vec::new();
/// let importer = Importer::new(users);
/// let summary = importer.run(file.as_bytes(), &mut rejects, |_| {}, std::future::pending()).await?;
/// assert_eq!((summary.imported, summary.rejected), (1, 1));
/// assert!(rejects.starts_with(br#"{"line":2,"field":"email""#));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Importer {
    users: Users,
    source: &'static dyn Source,
    options: ReadOptions,
}

/// What an import has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportSummary {
    /// The rows that were read.
    pub rows: u64,
    /// The users that are in the store now.
    pub imported: u64,
    /// The rows that were refused.
    pub rejected: u64,
    /// The imported users by the algorithm of their password hash and the class of its cost.
    pub hashes: BTreeMap<(&'static str, CostClass), HashTally>,
    /// The imported users without a password.
    pub without_password: u64,
    /// Whether the import was stopped before the end of the file.
    pub stopped: bool,
}

/// The hashes of one algorithm and cost class that an import brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "reports are tried with made-up ones")]
pub struct HashTally {
    /// How many users have one.
    pub users: u64,
    /// How long it takes to verify all of them once, in microseconds of one core, as estimated.
    pub work: u64,
    /// Whether they should be kept; of the worst among them.
    pub standing: Standing,
}

impl ImportSummary {
    fn count(&mut self, hash: Option<&Kind>) {
        self.imported += 1;
        let Some(Kind { algorithm, cost, standing }) = hash else {
            self.without_password += 1;
            return;
        };
        let none = HashTally { users: 0, work: 0, standing: *standing };
        let tally = self.hashes.entry((*algorithm, cost.class)).or_insert(none);
        tally.users += 1;
        tally.work = tally.work.saturating_add(cost.work);
        tally.standing = tally.standing.max(*standing);
    }
}

/// What is counted of a hash.
struct Kind {
    algorithm: &'static str,
    cost: Cost,
    standing: Standing,
}

impl Kind {
    fn of(hash: &PasswordHash) -> Self {
        let standing = hash.explain().standing;
        Self { algorithm: hash.algorithm(), cost: hash.cost(), standing }
    }
}

/// Why an import ended before the end of the file. What was imported before stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file can't be read.
    #[error("the file can't be read after {rows} rows")]
    Read {
        /// The rows that were read before.
        rows: u64,
        /// What the reader says.
        source: io::Error,
    },
    /// The rejects can't be written.
    #[error("the rejects can't be written")]
    Rejects(#[source] io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// The most rows of a chunk: enough that the flush does not count.
const MOST_ROWS: usize = 10_000;
/// The most bytes of a chunk, if it has more than one row.
const MOST_BYTES: usize = 8 * 1024 * 1024;

impl Importer {
    /// An import of the first of [`SOURCES`] into `users`, with the default options.
    pub fn new(users: Users) -> Self {
        Self { users, source: SOURCES[0], options: ReadOptions::new() }
    }

    /// What kind of file it is.
    pub fn source(self, source: &'static dyn Source) -> Self {
        Self { source, ..self }
    }

    /// How it is read.
    pub fn options(self, options: ReadOptions) -> Self {
        Self { options, ..self }
    }

    /// Imports `file`. What is refused goes to `rejects`, a line each (see [`Rejection`]); `progress` is
    /// called after every chunk. When `stop` is ready, the chunk at hand is finished and the import
    /// ends.
    ///
    /// # Errors
    ///
    /// [`ImportError`]; the last call of `progress` tells what is in the store.
    pub async fn run(
        &self,
        file: impl BufRead + Send + 'static,
        rejects: &mut (dyn Write + Send),
        mut progress: impl FnMut(&ImportSummary),
        stop: impl Future<Output = ()>,
    ) -> Result<ImportSummary, ImportError> {
        let mut summary = ImportSummary::default();
        let (want, mut chunks) = self.parse(Box::new(file))?;
        let _ = want.send(());
        let mut stop = pin!(stop);
        loop {
            let next = poll_fn(|context| match stop.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => chunks.poll_recv(context).map(Some),
            });
            let Some(next) = next.await else {
                summary.stopped = true;
                break;
            };
            match next {
                Some(Message::Chunk(rows)) => {
                    // A reader that is gone is met at the next turn.
                    let _ = want.send(());
                    self.store(rows, rejects, &mut summary).await?;
                    progress(&summary);
                }
                Some(Message::End) => break,
                Some(Message::Failed(source)) => {
                    return Err(ImportError::Read { rows: summary.rows, source });
                }
                None => {
                    return Err(Error::Internal("the reader of the file panicked".into()).into());
                }
            }
        }
        rejects.flush().map_err(ImportError::Rejects)?;
        Ok(summary)
    }

    /// Starts the thread that reads. It reads a chunk when one is wanted, so that there are never more
    /// than two, and ends with the file or when nobody wants any more.
    fn parse(
        &self,
        file: Box<dyn BufRead + Send>,
    ) -> Result<(std::sync::mpsc::Sender<()>, mpsc::Receiver<Message>), Error> {
        let (want, wanted) = std::sync::mpsc::channel();
        let (sender, receiver) = mpsc::channel(1);
        let (source, options) = (self.source, self.options.clone());
        let work = move || {
            let mut rows = source.rows(file, &options);
            while wanted.recv().is_ok() {
                let (chunk, end) = chunk(&mut rows);
                let sent = chunk.is_empty() || sender.blocking_send(Message::Chunk(chunk)).is_ok();
                if let Some(end) = end {
                    let _ = sender.blocking_send(end);
                    return;
                }
                if !sent {
                    return;
                }
            }
        };
        let started = thread::Builder::new().name("rollbook-import".to_owned()).spawn(work);
        started
            .map_err(|error| Error::Internal(format!("no thread to read on: {error}").into()))?;
        Ok((want, receiver))
    }

    async fn store(
        &self,
        rows: Vec<Row>,
        rejects: &mut (dyn Write + Send),
        summary: &mut ImportSummary,
    ) -> Result<(), ImportError> {
        let mut users = Vec::with_capacity(rows.len());
        let read: Vec<(u64, Input, Result<Option<Kind>, Error>)> = rows
            .into_iter()
            .map(|Row { line, input, user }| {
                let user = user.map(|user| {
                    let hash = user.password.as_ref().map(Kind::of);
                    users.push(user);
                    hash
                });
                (line, input, user)
            })
            .collect();
        if self.options.weak_hashes == WeakHashes::Wrap {
            self.users.wrap_imported(&mut users).await?;
        }
        let mut stored = self.users.import(users).await?.into_iter();
        summary.rows += read.len() as u64;
        for (line, input, outcome) in read {
            let missing = || Error::Internal("the import gave no outcome for a user".into());
            let outcome = outcome.and_then(|hash| {
                stored.next().ok_or_else(missing)??;
                Ok(hash)
            });
            match outcome {
                Ok(hash) => summary.count(hash.as_ref()),
                Err(error) => {
                    summary.rejected += 1;
                    let rejection = Rejection::new(line, &error);
                    rejection.write(&input, rejects).map_err(ImportError::Rejects)?;
                }
            }
        }
        Ok(())
    }
}

enum Message {
    Chunk(Vec<Row>),
    /// There is nothing more. Without it, a reader that panicked would look like the end of the file.
    End,
    Failed(io::Error),
}

/// The next rows, and why there are no more behind them, if so.
fn chunk(rows: &mut Rows) -> (Vec<Row>, Option<Message>) {
    let mut chunk = Vec::new();
    let mut bytes = 0;
    while chunk.len() < MOST_ROWS && bytes < MOST_BYTES {
        match rows.next() {
            Some(Ok(row)) => {
                bytes += row.input.len();
                chunk.push(row);
            }
            Some(Err(error)) => return (chunk, Some(Message::Failed(error))),
            None => return (chunk, Some(Message::End)),
        }
    }
    (chunk, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(input: usize) -> Row {
        let user = Err(Error::UserNotFound);
        Row { line: 1, input: Input::Text("x".repeat(input)), user }
    }

    fn check(
        rows: impl Iterator<Item = io::Result<Row>> + Send + 'static,
        length: usize,
        end: &str,
    ) {
        let (chunk, ended) = chunk(&mut (Box::new(rows) as Rows));
        let ended = match ended {
            None => "",
            Some(Message::End) => "end",
            Some(Message::Failed(_)) => "failed",
            Some(Message::Chunk(_)) => "chunk",
        };
        assert_eq!((chunk.len(), ended), (length, end));
    }

    #[test]
    fn chunks_are_bounded_by_rows_and_by_bytes() {
        check(std::iter::repeat_with(|| Ok(row(1))), MOST_ROWS, "");
        check(std::iter::repeat_with(|| Ok(row(MOST_BYTES / 3))), 4, "");
        check(std::iter::repeat_with(|| Ok(row(MOST_BYTES * 2))), 1, "");
        check((0..5).map(|_| Ok(row(1))), 5, "end");
        check(std::iter::empty(), 0, "end");
        let broken = || Err(io::Error::other("the disk is gone"));
        check((0..5).map(|_| Ok(row(1))).chain([broken()]), 5, "failed");
        check([broken()].into_iter(), 0, "failed");
    }
}
