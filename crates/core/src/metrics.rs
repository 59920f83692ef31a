//! What is counted and measured, through the [`metrics`](https://docs.rs/metrics) facade.
//!
//! The application chooses where it goes: it installs a recorder, or none, and nothing is counted. No label ever
//! holds anything of a user.
//!
//! | metric | kind | labels | what it is |
//! |---|---|---|---|
//! | `rollbook_verbs_total` | counter | `verb`, `store`, `outcome` | calls of the verbs of [`Users`](crate::Users) |
//! | `rollbook_verb_duration_seconds` | histogram | `verb`, `store` | how long they took, whatever came of it |
//! | `rollbook_sign_ins_total` | counter | `outcome` | sign-ins with a password, by what was found |
//! | `rollbook_password_upgrades_total` | counter | | hashes that were outdated and were made anew at sign-in |
//! | `rollbook_imported_users_total` | counter | `outcome` | users of imports: `accepted`, `rejected` |
//! | `rollbook_retries_total` | counter | `record` | updates that started again because another was faster |
//! | `rollbook_hash_wait_seconds` | histogram | | how long a password hash waited for its turn |
//! | `rollbook_hash_run_seconds` | histogram | | how long a password hash took |
//! | `rollbook_hash_queued` | gauge | | password hashes that wait |
//! | `rollbook_hash_overloaded_total` | counter | | password hashes that were refused, at once or at their deadline |
//!
//! - `verb` is the method's name.
//! - `store` is the first word of the store's `Debug` in lower case, without `Store`: `memory`, `sqlite`.
//! - `outcome` of a verb is `ok`, the [`code`](crate::Error::code) of its error, or `cancelled` if its caller gave
//!   up. Verbs that the library uses itself are not counted.
//! - `outcome` of a sign-in is `right`, `wrong`, `unknown` (no such user), `no_password` (none, or one that can't be
//!   verified), `blocked` or `overloaded`. It tells operators what no caller is told: keep it from them.
//! - `record` is the record type, `users` for example.
//!
//! With the recorder that you have in place of this one, which keeps a single count:
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
//! # use rollbook_core::{Error, StoreError, UserStore, Batch, Committed, Document, Query, Users};
//! # #[derive(Debug)]
//! # struct EmptyStore;
//! # #[async_trait::async_trait]
//! # impl UserStore for EmptyStore {
//! #     async fn select(&self, _: &Query) -> Result<Vec<Document>, StoreError> { Ok(Vec::new()) }
//! #     async fn count(&self, _: &Query) -> Result<u64, StoreError> { Ok(0) }
//! #     async fn commit(&self, _: Vec<Batch>) -> Result<Vec<Result<Committed, StoreError>>, StoreError> {
//! #         Err(StoreError::backend("read-only"))
//! #     }
//! # }
//!
//! #[derive(Default)]
//! struct Missed(Arc<AtomicU64>);
//!
//! impl Recorder for Missed {
//!     fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
//!         let missed = key.labels().any(|label| label.value() == "user_not_found");
//!         if missed { Counter::from_arc(Arc::clone(&self.0)) } else { Counter::noop() }
//!     }
//!     // ...
//! #     fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge { Gauge::noop() }
//! #     fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram { Histogram::noop() }
//! #     fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
//! #     fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
//! #     fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
//! }
//!
//! let missed = Arc::new(AtomicU64::new(0));
//! metrics::set_global_recorder(Missed(Arc::clone(&missed))).map_err(|_| "there is one")?;
//! // Once the recorder is there, so that it knows units and meanings.
//! rollbook_core::metrics::describe();
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! # let users = Users::new(Arc::new(EmptyStore));
//! assert!(matches!(users.get("nobody").await, Err(Error::UserNotFound)));
//! # });
//! assert_eq!(missed.load(Ordering::Relaxed), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Spans and events
//!
//! Each verb is a span of [`tracing`](https://docs.rs/tracing) of its own name at the level `INFO` with the target
//! `rollbook`, and these fields: `user.id`, if a user is concerned and the text is a valid id; `store`; and
//! `outcome`, both as above. No verb's span is within that of another, unless the application calls one in a
//! [`Sender`](crate::Sender) or the like.
//!
//! There are two events. `ERROR`, when a verb failed for a reason that is not its caller's: with the error and its
//! causes, without what they quote. `WARN`, when there is more to hash than the bounds let through.

use metrics::Unit;

pub(crate) const VERBS: &str = "rollbook_verbs_total";
pub(crate) const VERB_DURATION: &str = "rollbook_verb_duration_seconds";
pub(crate) const SIGN_INS: &str = "rollbook_sign_ins_total";
pub(crate) const PASSWORD_UPGRADES: &str = "rollbook_password_upgrades_total";
pub(crate) const IMPORTED_USERS: &str = "rollbook_imported_users_total";
pub(crate) const RETRIES: &str = "rollbook_retries_total";
pub(crate) const HASH_WAIT: &str = "rollbook_hash_wait_seconds";
pub(crate) const HASH_RUN: &str = "rollbook_hash_run_seconds";
pub(crate) const HASH_QUEUED: &str = "rollbook_hash_queued";
pub(crate) const HASH_OVERLOADED: &str = "rollbook_hash_overloaded_total";

/// Tells the recorder the unit and the meaning of each metric.
pub fn describe() {
    let counters = [
        (VERBS, "Calls of verbs, by verb, store and outcome."),
        (SIGN_INS, "Sign-ins with a password, by what was found."),
        (PASSWORD_UPGRADES, "Outdated password hashes that were made anew at sign-in."),
        (IMPORTED_USERS, "Users of imports, accepted or rejected."),
        (RETRIES, "Updates that started again because another was faster."),
        (HASH_OVERLOADED, "Password hashes that were refused for lack of capacity."),
    ];
    for (name, description) in counters {
        metrics::describe_counter!(name, Unit::Count, description);
    }
    let histograms = [
        (VERB_DURATION, "How long verbs took."),
        (HASH_WAIT, "How long password hashes waited for their turn."),
        (HASH_RUN, "How long password hashes took."),
    ];
    for (name, description) in histograms {
        metrics::describe_histogram!(name, Unit::Seconds, description);
    }
    metrics::describe_gauge!(HASH_QUEUED, Unit::Count, "Password hashes that wait.");
}
