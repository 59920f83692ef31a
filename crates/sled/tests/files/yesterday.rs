//! Folders that earlier versions wrote.
//!
//! `format-1.sled` was written once, by `examples/make_sled_folder.rs`. A new format gets a folder of its
//! own and a test beside this one; the old folder stays, and so does its test.

use rollbook_conformance::yesterday;

use crate::{Files, Place, run};

#[test]
fn format_1() {
    let files = [
        ("conf", &include_bytes!("format-1.sled/conf")[..]),
        ("db", include_bytes!("format-1.sled/db")),
        ("rollbook", include_bytes!("format-1.sled/rollbook")),
    ];
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    let place = Place::with(&Files::from(files));
    run(yesterday::check(|| place.open()));
}
