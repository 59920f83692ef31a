//! A process that is killed while it writes: what it acknowledged is there, whole.

use std::path::Path;
use std::sync::Arc;

use rollbook_conformance::crash;
use rollbook_core::{Schema, UserStore};
use rollbook_sled::SledOptions;

use crate::Place;

fn open(path: &Path, schemas: &'static [&'static Schema]) -> Arc<dyn UserStore> {
    Arc::new(SledOptions::new().schemas(schemas).open(path).unwrap())
}

/// Does nothing unless it was started by the test below.
#[test]
fn the_process_that_is_killed() {
    crash::write_until_killed(open);
}

#[test]
fn what_was_acknowledged_is_there() {
    let place = Place::new();
    crash::check_after_kills("crash::the_process_that_is_killed", &place.path(), open, || {});
}
