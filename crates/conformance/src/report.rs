//! How a case fails: with the rule, what was done, what was expected and what came.

use std::fmt::{Debug, Display};

use rollbook_core::{Record, StoreError};

use crate::probe::{Outcome, came};

/// The rules, in the words of `UserStore` and of what its methods take.
pub(crate) mod rule {
    pub(crate) const SELECT: &str = "`select` and `count` return exactly what `Query::run` returns over \
        all documents, in its order: null rules, ties and all";
    pub(crate) const ALONE: &str = "a batch is applied as if alone: every operation sees the ones before \
        it in its batch, and nobody sees a part of it";
    pub(crate) const ALL_OR_NOTHING: &str = "if an operation fails, the batch leaves nothing behind, and \
        the batches beside it are not affected";
    pub(crate) const IN_ORDER: &str = "the batches of one `commit` are applied in their order; a later \
        one sees the earlier";
    pub(crate) const OUTCOMES: &str = "the outcome of each batch stands at its place";
    pub(crate) const CHECKS: &str = "for every put are checked, in this order: the expectation, then the \
        owner, then the unique tuples, in the order of the schema";
    pub(crate) const EXPECT: &str = "`Absent`: no record has the id, else `Conflict` on `$id`; `Anything`: \
        whatever is stored; `Revision`: that one, else `Stale`, or `NotFound` when there is none";
    pub(crate) const UNIQUE: &str = "no two documents share the values of a unique tuple, compared byte \
        by byte; a null anywhere in it exempts; else `Conflict` on the tuple's name";
    pub(crate) const OWNER: &str = "a document whose owner field is not null can be stored only while \
        the owner exists; else `NotFound` with the owner's schema and id";
    pub(crate) const CASCADE: &str = "what a deleted document owns, directly or not, is deleted in the \
        same batch";
    pub(crate) const CONCURRENT: &str = "all checks hold under any concurrency";
    pub(crate) const DURABLE: &str = "when `commit` returns, everything is durable, and visible to every \
        later read";
    pub(crate) const SEQUENCE: &str = "each inserted document has a sequence above that of all before it \
        in its schema, also after deletions and reopening";
    pub(crate) const UPDATE: &str = "an update keeps the sequence and adds one to the revision, which is \
        1 at insertion";
    pub(crate) const COMMITTED: &str = "`Committed` has the documents of the puts, in the order of the \
        puts, and how many documents the deletions named, without those that fell with their owner";
    pub(crate) const BODY: &str = "the record that is read is the record that was put";
    pub(crate) const REINDEX: &str = "a store opened with another fingerprint builds its columns and \
        indexes anew from the bodies";
    pub(crate) const WORKS: &str =
        "the engine works: an outer error or `Backend` means that it failed";
}

/// Fails unless `actual` is as `expected`.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "most callers hold a value, and `&` is noise")]
pub(crate) fn check<A, E>(rule: &str, done: impl Display, actual: A, expected: E)
where
    A: Debug + PartialEq<E>,
    E: Debug,
{
    if actual != expected {
        broken(rule, done, &expected, &actual);
    }
}

/// Fails unless the outcome is the error `expected`, with the same fields.
#[track_caller]
pub(crate) fn check_refused(
    rule: &str,
    done: impl Display,
    outcome: &Outcome,
    expected: &StoreError,
) {
    match outcome {
        Err(error) if same(error, expected) => {}
        outcome => broken(rule, done, expected, &format_args!("{}", came(outcome))),
    }
}

/// Fails unless `sequence` is above `last`.
#[track_caller]
pub(crate) fn check_above(done: impl Display, sequence: u64, last: u64) {
    if sequence <= last {
        let expected = format_args!("a sequence above {last}");
        broken(rule::SEQUENCE, done, &expected, &sequence);
    }
}

/// Whether two errors are of one variant with the same fields.
pub(crate) fn same(a: &StoreError, b: &StoreError) -> bool {
    // The variants hold nothing but names and ids, and `Debug` shows all of them.
    format!("{a:?}") == format!("{b:?}")
}

/// Fails.
#[track_caller]
pub(crate) fn broken(
    rule: &str,
    done: impl Display,
    expected: &dyn Debug,
    actual: &dyn Debug,
) -> ! {
    let (expected, actual) = (cut(format!("{expected:?}")), cut(format!("{actual:?}")));
    let done = cut(done.to_string());
    panic!(
        "the store breaks a rule\n  rule: {rule}\n  done: {done}\n  expected: {expected}\n  \
         actual: {actual}"
    )
}

/// The first part of a long text: the interesting values are short, and a few are huge.
fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} ... ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}

/// [`StoreError::Conflict`] on `key` of `T`.
pub(crate) fn conflict<T: Record>(key: &'static str) -> StoreError {
    StoreError::Conflict { schema: T::SCHEMA.name, key }
}

/// [`StoreError::Stale`] for `id` of `T`.
pub(crate) fn stale<T: Record>(id: &str) -> StoreError {
    StoreError::Stale { schema: T::SCHEMA.name, id: id.to_owned() }
}

/// [`StoreError::NotFound`] for `id` of `T`.
pub(crate) fn not_found<T: Record>(id: &str) -> StoreError {
    StoreError::NotFound { schema: T::SCHEMA.name, id: id.to_owned() }
}

const LONGEST: usize = 3_000;
