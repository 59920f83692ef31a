//! Cases as values, and how one runs.

use std::fmt;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::time::Duration;

use crate::{Harness, cases};

/// How far a case goes beyond the bare contract; each level is a module of the generated tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Level {
    /// Puts, deletions, unique tuples, owners and batches, alone and under concurrency.
    Core,
    /// Filters, orders, pages and cursors.
    Query,
    /// Many batches at once and long texts.
    Bulk,
    /// What is there after reopening. Passes without a check if [`Harness::reopen`] returns `None`.
    Durability,
}

/// One rule of the contract, to be tried on one kind of store.
///
/// ```
/// # use std::sync::Arc;
/// # use rollbook_core::{Schema, UserStore};
/// # use rollbook_conformance::{Harness, Level, ModelStore};
/// # struct Model(Arc<ModelStore>);
/// # impl Harness for Model {
/// #     async fn open(schemas: &'static [&'static Schema]) -> Self {
/// #         Self(Arc::new(ModelStore::new(schemas)))
/// #     }
/// #     fn store(&self) -> Arc<dyn UserStore> { self.0.clone() }
/// #     async fn reopen(self, _: &'static [&'static Schema]) -> Option<Self> { None }
/// # }
/// let cases = rollbook_conformance::cases::<Model>();
/// let case = cases.iter().find(|case| case.name() == "empty_batches").unwrap();
/// assert_eq!(case.level(), Level::Core);
/// case.run();
/// ```
#[derive(Clone, Copy)]
pub struct Case {
    level: Level,
    name: &'static str,
    start: fn() -> Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Case {
    pub(crate) const fn new(
        level: Level,
        name: &'static str,
        start: fn() -> Pin<Box<dyn Future<Output = ()> + Send>>,
    ) -> Self {
        Self { level, name, start }
    }

    /// The level that the case belongs to.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The name, also that of the generated test; no two cases share one.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Runs the case on a new store, on a multi-threaded tokio runtime of its own.
    ///
    /// # Panics
    ///
    /// If the store breaks a rule; the message names it. Also if called within a tokio runtime.
    pub fn run(&self) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .enable_all()
            .build()
            .expect("the system has threads for a test");
        let case = (self.start)();
        let ended = runtime.block_on(async {
            // On a task of its own, so that a store that blocks its thread can't stop the clock.
            tokio::time::timeout(PATIENCE, tokio::spawn(case)).await
        });
        // A stuck store would keep an orderly shutdown waiting as well.
        runtime.shutdown_background();
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => resume_unwind(failure.into_panic()),
            Err(elapsed) => panic!("{}: {elapsed} after {PATIENCE:?}; does it wait?", self.name),
        }
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}::{}", self.level, self.name)
    }
}

/// Runs the case called `name`: the body of each test that [`conformance!`](crate::conformance)
/// writes.
///
/// # Panics
///
/// As [`Case::run`], and if there is no such case.
pub fn run<H: Harness>(name: &str) {
    let cases = cases::<H>();
    let case = cases.iter().find(|case| case.name == name);
    case.unwrap_or_else(|| panic!("there is no case {name}")).run();
}

/// More than a small machine has cores, so that races come about on it as well.
const WORKERS: usize = 8;

/// Far more than any case takes, far less than a build server waits.
const PATIENCE: Duration = Duration::from_secs(300);
