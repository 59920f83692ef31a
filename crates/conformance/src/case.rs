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
    /// What is there after reopening. Skipped if [`Harness::reopen`] returns `None`.
    Durability,
}

/// How a case ended that found no broken rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a skipped case has checked nothing"]
#[non_exhaustive]
pub enum Ended {
    /// The rule holds.
    Passed,
    /// The case needs a store that keeps its data, and [`Harness::reopen`] returned `None`.
    Skipped,
}

/// One rule of the contract, to be tried on one kind of store.
///
/// ```
/// # use std::sync::Arc;
/// # use rollbook_core::{Schema, UserStore};
/// # use rollbook_conformance::{Ended, Harness, Level, ModelStore};
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
/// assert_eq!(case.run(), Ended::Passed);
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
    pub fn run(&self) -> Ended {
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
            Ok(Ok(())) => Ended::Passed,
            Ok(Err(failure)) => match failure.into_panic() {
                reason if reason.is::<Skipped>() => Ended::Skipped,
                reason => resume_unwind(reason),
            },
            Err(elapsed) => panic!("{}: {elapsed} after {PATIENCE:?}; does it wait?", self.name),
        }
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}::{}", self.level, self.name)
    }
}

/// The body of each test that [`conformance!`](crate::conformance) writes.
#[doc(hidden)]
pub fn check<H: Harness>(name: &str) {
    let ended = named::<H>(name).run();
    assert!(
        ended == Ended::Passed,
        "the case {name} has checked nothing, because `reopen` returns `None`\n  if the store keeps \
         nothing, say so: `conformance!({}, without durability)`",
        short_name::<H>(),
    );
}

/// The body of the test that stands for the level of durability when it is left out.
#[doc(hidden)]
pub fn check_skipped<H: Harness>() {
    let ended = named::<H>("reopened_as_it_was").run();
    assert!(
        ended == Ended::Skipped,
        "the store keeps its data, so its durability can be tested: `conformance!({})`",
        short_name::<H>(),
    );
}

fn named<H: Harness>(name: &str) -> Case {
    let case = cases::<H>().into_iter().find(|case| case.name == name);
    case.unwrap_or_else(|| panic!("there is no case {name}"))
}

fn short_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    name.rsplit("::").next().unwrap_or(name)
}

/// Ends a case that needs what the store does not have.
///
/// An unwinding that no hook reports is the way out of any depth of a case.
pub(crate) fn skip() -> ! {
    resume_unwind(Box::new(Skipped))
}

/// The reason of such an end.
struct Skipped;

/// More than a small machine has cores, so that races come about on it as well.
const WORKERS: usize = 8;

/// Far more than any case takes, far less than a build server waits.
const PATIENCE: Duration = Duration::from_secs(300);
