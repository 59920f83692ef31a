//! What operators see of a verb: its span, what it counts, and an event if it failed.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use metrics::{IntoF64, Key, Label, Level, Metadata, with_recorder};
use tracing::instrument::Instrument as _;
use tracing::{Span, error, warn};

use crate::metrics::{VERB_DURATION, VERBS};
use crate::{Error, Id, ScheduleError, UserStore};

/// What the outcome of a verb is called that was given up by its caller.
const CANCELLED: &str = "cancelled";
const OK: &str = "ok";

/// A verb, as it is observed; `rollbook_macros::verb` makes one for each.
#[derive(Debug)]
pub(super) struct Verb {
    name: &'static str,
    keys: OnceLock<Keys>,
}

/// The keys of what nearly every call counts, made once: to make them takes a tenth of a look-up in memory.
#[derive(Debug)]
struct Keys {
    store: StoreName,
    ok: Key,
    duration: Key,
}

impl Keys {
    fn new(verb: &'static str, store: &StoreName) -> Self {
        let (ok, duration) = (total(verb, store, OK), duration(verb, store));
        Self { store: store.clone(), ok, duration }
    }
}

fn total(verb: &'static str, store: &StoreName, outcome: &'static str) -> Key {
    let labels = [label("verb", verb), store.label(), label("outcome", outcome)];
    Key::from_parts(VERBS, labels.to_vec())
}

fn duration(verb: &'static str, store: &StoreName) -> Key {
    Key::from_parts(VERB_DURATION, vec![label("verb", verb), store.label()])
}

const fn label(name: &'static str, value: &'static str) -> Label {
    Label::from_static_parts(name, value)
}

impl Verb {
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, keys: OnceLock::new() }
    }

    /// A call of the verb, from now on.
    pub(super) fn start<'a>(&'static self, store: &'a StoreName, span: Span) -> Running<'a> {
        Running { verb: self, store, span, started: Instant::now(), outcome: CANCELLED }
    }

    fn count(&'static self, store: &StoreName, outcome: &'static str, started: Instant) {
        let count = |total: &Key, duration: &Key| {
            with_recorder(|recorder| {
                recorder.register_counter(total, &METADATA).increment(1);
                recorder.register_histogram(duration, &METADATA).record(Since(started));
            });
        };
        let keys = self.keys.get_or_init(|| Keys::new(self.name, store));
        if keys.store != *store {
            // A process with several kinds of stores makes the keys of all but the first anew.
            count(&total(self.name, store, outcome), &duration(self.name, store));
        } else if outcome != OK {
            count(&total(self.name, store, outcome), &keys.duration);
        } else {
            count(&keys.ok, &keys.duration);
        }
    }
}

static METADATA: Metadata<'static> = Metadata::new("rollbook", Level::INFO, Some(module_path!()));

/// The seconds since then. The clock is read only if somebody records them.
struct Since(Instant);

impl IntoF64 for Since {
    fn into_f64(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// A call of a verb. When it is dropped before it has finished, its caller has given up.
#[derive(Debug)]
pub(super) struct Running<'a> {
    verb: &'static Verb,
    store: &'a StoreName,
    span: Span,
    started: Instant,
    outcome: &'static str,
}

impl Running<'_> {
    /// Does the work in the span.
    pub(super) fn run<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        work.instrument(self.span.clone())
    }

    /// Says whom it was about, where only the outcome tells.
    pub(super) fn concerns<'a>(&self, user: impl Into<Option<&'a Id>>) {
        if let Some(user) = user.into() {
            self.record("user.id", user.as_str());
        }
    }

    /// Fills in a field. Without a subscriber its name is not even looked for.
    fn record(&self, field: &'static str, value: &str) {
        if !self.span.is_disabled() {
            self.span.record(field, value);
        }
    }

    pub(super) fn finish<T>(mut self, outcome: &Result<T, Error>) {
        self.outcome = match outcome {
            Ok(_) => OK,
            Err(error) => {
                report(error, &self.span);
                error.code()
            }
        };
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.record("outcome", self.outcome);
        self.verb.count(self.store, self.outcome, self.started);
    }
}

/// An event for what an operator has to know: not what callers do wrong.
fn report(error: &Error, span: &Span) {
    match error {
        Error::Schedule(ScheduleError::Overloaded { queued }) => {
            warn!(target: "rollbook", parent: span, queued, "too many passwords to hash");
        }
        error if matches!(error.code(), "general_unknown" | "general_resource_locked") => {
            error!(target: "rollbook", parent: span, error = %Chain(error), "the verb failed");
        }
        _ => {}
    }
}

/// An error and its causes. The texts of engines and senders are foreign, and may hold values of records, or
/// whom a message was for: they are told without what looks like it.
struct Chain<'a>(&'a Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !matches!(self.0, Error::Store(_) | Error::Sender(_)) {
            return self.0.fmt(f);
        }
        let mut text = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let message = error.to_string();
            if !text.contains(&message) {
                let _ = write!(text, ": {message}");
            }
            cause = error.source();
        }
        f.write_str(&without_values(&text))
    }
}

/// `text` with an ellipsis for all between its first quote and its last, as an apostrophe may be one of them, and
/// for words that may be an address, a phone number or a secret: those with an `@`, or with four digits or more.
fn without_values(text: &str) -> String {
    const QUOTES: [char; 3] = ['"', '\'', '`'];
    let unquoted = match (text.find(QUOTES), text.rfind(QUOTES)) {
        (Some(first), Some(last)) => format!("{}…{}", &text[..first], &text[last + 1..]),
        _ => text.to_owned(),
    };
    let is_value =
        |word: &str| word.contains('@') || word.bytes().filter(u8::is_ascii_digit).count() >= 4;
    let words = unquoted.split_whitespace().map(|word| if is_value(word) { "…" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// The id in a span: none if it breaks the rules of ids, as an e-mail does that was passed by mistake.
pub(super) fn shown(id: &str) -> Option<&str> {
    Some(id).filter(|id| Id::is_valid(id))
}

/// What a store is called where it is counted: `SqliteStore` is `sqlite`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoreName(Arc<str>);

impl StoreName {
    pub(super) fn of(store: &dyn UserStore) -> Self {
        let mut word = FirstWord(String::new());
        // It fails where the word ends: what else a store shows may be all its documents.
        let _ = write!(word, "{store:?}");
        let FirstWord(word) = word;
        let name = word.strip_suffix("Store").unwrap_or(&word);
        Self(if name.is_empty() { word.as_str() } else { name }.to_ascii_lowercase().into())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn label(&self) -> Label {
        Label::new("store", Arc::clone(&self.0))
    }
}

struct FirstWord(String);

impl fmt::Write for FirstWord {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if !character.is_alphanumeric() {
                return Err(fmt::Error);
            }
            self.0.push(character);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreError;

    #[test]
    fn causes_are_told_without_values() {
        let check = |error: Error, told: &str| assert_eq!(Chain(&error).to_string(), told);
        check(StoreError::backend("disk full").into(), "the store failed: disk full");
        let stale = StoreError::Stale { schema: "users", id: "ann".to_owned() };
        check(stale.into(), "… of the users was changed in the meantime");
        let decode = serde_json::from_str::<u8>(r#""ann@x.co or so""#).unwrap_err();
        check(
            StoreError::backend(decode).into(),
            "the store failed: invalid type: string …, expected u8 at line 1 column 16",
        );
        let refused = "550 no mailbox <ann@x.co>, call +1415555".to_owned();
        let source: Box<dyn StdError + Send + Sync> = refused.into();
        check(
            Error::Sender(Arc::from(source)),
            "the message could not be sent: 550 no mailbox … call …",
        );
    }

    #[test]
    fn an_email_is_no_id() {
        assert_eq!(shown("ann"), Some("ann"));
        assert_eq!(shown("ann@example.com"), None);
        assert_eq!(shown("+14155550123"), None);
    }
}
