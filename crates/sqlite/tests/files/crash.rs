//! A process that is killed while it writes: what it acknowledged is there, whole, and the file is sound.

use std::path::Path;
use std::sync::Arc;

use rollbook_conformance::crash;
use rollbook_core::{Schema, UserStore};
use rollbook_sqlite::SqliteOptions;

use crate::Place;

fn open(path: &Path, schemas: &'static [&'static Schema]) -> Arc<dyn UserStore> {
    Arc::new(SqliteOptions::new().schemas(schemas).open(path).expect("it opens"))
}

/// Does nothing unless it was started by the test below.
#[test]
fn the_process_that_is_killed() {
    crash::write_until_killed(open);
}

#[test]
fn what_was_acknowledged_is_there() {
    let place = Place::new();
    crash::check_after_kills("crash::the_process_that_is_killed", &place.path(), open, || {
        place.check_integrity();
        assert_eq!(place.names(), ["users.db"]);
    });
}
