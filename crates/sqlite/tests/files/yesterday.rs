//! Files that earlier versions wrote.
//!
//! `format-1.db` was written once, by `examples/make_format_file.rs`. A new format gets a file of its
//! own and a test beside this one; the old file stays, and so does its test.

use rollbook_conformance::yesterday;

use crate::{Place, run};

#[test]
fn format_1() {
    let place = Place::with(include_bytes!("format-1.db"));
    run(yesterday::check(|| place.open()));
    place.check_integrity();
    assert_eq!(place.names(), ["users.db"]);
}
