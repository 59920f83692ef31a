//! Files that earlier versions wrote.
//!
//! `format-1.redb.deflate` was written once, by `examples/make_redb_file.rs`. A new format gets a file
//! of its own and a test beside this one; the old file stays, and so does its test.

use rollbook_conformance::yesterday;

use crate::{Place, run};

#[test]
fn format_1() {
    let bytes = miniz_oxide::inflate::decompress_to_vec(include_bytes!("format-1.redb.deflate"));
    let place = Place::with(bytes.unwrap());
    run(yesterday::check(|| place.open()));
    assert_eq!(place.names(), ["users.redb"]);
}
