//! The kit finds faults: each store here does one step wrong, and the cases that are named beside it
//! tell so, in words that say which rule is broken.
//!
//! A fault that only the random cases find is a sign that a case is missing.

mod batch;
mod body;
mod clay;
mod delete;
mod durability;
mod messages;
mod order;
mod owner;
mod page;
mod put;
mod query;
mod search;
mod support;
mod text;
mod total;
mod unique;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, Once, PoisonError};

use rollbook_conformance::{Ended, Harness, Level, cases};
use rollbook_core::UserStore;

use clay::{Clay, HONEST, Schemas, Shelf, Ways};

/// Writes a test per fault: what the store does otherwise, and the cases that find it.
macro_rules! faults {
    ($($name:ident { $($way:ident: $how:expr),+ $(,)? } => $($case:ident)+;)+) => {$(
        #[test]
        fn $name() {
            static WAYS: $crate::clay::Ways =
                $crate::clay::Ways { $($way: $how,)+ ..$crate::clay::HONEST };
            $crate::check(&WAYS, &[$(stringify!($case)),+]);
        }
    )+};
}
use faults;

/// The faulty store as the kit opens it.
///
/// A harness is a type, and a type for each fault would be compiled with all cases each. So there is one,
/// and the faults take turns.
struct Subject(Arc<Clay>);

static WAYS: Mutex<&Ways> = Mutex::new(&HONEST);
static TURN: Mutex<()> = Mutex::new(());

impl Harness for Subject {
    async fn open(schemas: Schemas) -> Self {
        let ways = *WAYS.lock().unwrap_or_else(PoisonError::into_inner);
        Self(Arc::new(Clay::new(ways, Shelf { schemas, ..Shelf::default() })))
    }

    fn store(&self) -> Arc<dyn UserStore> {
        self.0.clone()
    }

    async fn reopen(self, schemas: Schemas) -> Option<Self> {
        let ways = self.0.ways;
        let read = (ways.reopened)(self.0.lock().clone(), schemas);
        Some(Self(Arc::new(Clay::new(ways, read))))
    }
}

/// What the cases of these names say of a store that has these ways.
fn told(ways: &'static Ways, names: &[&str]) -> Vec<Result<Ended, String>> {
    silence();
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    *WAYS.lock().unwrap_or_else(PoisonError::into_inner) = ways;
    let cases = cases::<Subject>();
    let run = |name: &&str| {
        let case = cases.iter().find(|case| case.name() == *name).expect(name);
        catch_unwind(AssertUnwindSafe(|| case.run())).map_err(|failure| message(&*failure))
    };
    names.iter().map(run).collect()
}

/// The named cases find the fault and say which rule it breaks; the store works otherwise.
fn check(ways: &'static Ways, names: &[&str]) {
    let by_chance = |name: &&str| ["random_commits", "random_queries"].contains(name);
    assert!(!names.iter().all(by_chance), "found by chance only: a case is missing");
    for (name, outcome) in names.iter().zip(told(ways, names)) {
        let message = outcome.expect_err(name);
        for part in
            ["the store breaks a rule\n  rule: ", "\n  done: ", "\n  expected: ", "\n  actual: "]
        {
            assert!(message.contains(part), "{name} teaches little: {message}");
        }
    }
    // A store that does nothing right would be found by any case.
    let simple = ["insert_then_read", "delete_all_and_none", "unique_field", "one_wins_an_id"];
    assert!(simple.iter().any(|name| told(ways, &[name])[0].is_ok()), "nothing works");
}

fn message(failure: &(dyn Any + Send)) -> String {
    failure.downcast_ref::<String>().cloned().unwrap_or_default()
}

/// The failures are wanted here: they are no news when they happen on the threads of a case.
fn silence() {
    static SILENCE: Once = Once::new();
    SILENCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if std::thread::current().name().is_none_or(|name| !name.starts_with("tokio")) {
                report(panic);
            }
        }));
    });
}

/// Without a fault nothing is found: what is found is the fault.
#[test]
fn an_honest_store_passes() {
    let cases = cases::<Subject>();
    let quick = cases.iter().filter(|case| case.level() != Level::Bulk);
    let names: Vec<_> = quick.map(rollbook_conformance::Case::name).collect();
    for (name, outcome) in names.iter().zip(told(&HONEST, &names)) {
        assert_eq!(outcome, Ok(Ended::Passed), "{name}");
    }
}
