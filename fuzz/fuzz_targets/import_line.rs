//! A file of any bytes is read to its end, and what is refused can be refused again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_core::Error;
use rollbook_core::import::{Jsonl, ReadOptions, Rejection, Row, Source};
use serde::de::IgnoredAny;

fuzz_target!(|file: &[u8]| {
    let rows = read(file, &ReadOptions::new().longest_line(256));
    assert!(rows.is_sorted_by_key(|row| row.line), "line numbers decrease");
    let lines = file.split(|byte| *byte == b'\n').count() as u64;
    for row in &rows {
        assert!((1..=lines).contains(&row.line), "line {} of {lines}", row.line);
        match &row.user {
            Ok(user) => assert!(user.id.is_some() || user.email.is_some() || user.phone.is_some()),
            Err(error) => check_rejection(row, error),
        }
    }
});

fn read(file: &[u8], options: &ReadOptions) -> Vec<Row> {
    let rows = Jsonl.rows(Box::new(std::io::Cursor::new(file.to_vec())), options);
    rows.collect::<Result<_, _>>().expect("bytes in memory can be read")
}

fn check_rejection(row: &Row, error: &Error) {
    let rejection = Rejection::new(row.line, error);
    let mut line = Vec::new();
    rejection.write(&row.input, &mut line).expect("memory can be written");
    let end = line.iter().position(|byte| *byte == b'\n');
    assert_eq!(end, Some(line.len() - 1), "not one line");
    serde_json::from_slice::<IgnoredAny>(&line).expect("a reject line is JSON");
    let again = read(&line, &ReadOptions::new());
    // With less around it, what was wrapped too often may be read.
    if rejection.reason != "wrapped too often" {
        assert_eq!(again.len(), 1, "a reject line is one row");
        let error = again[0].user.as_ref().expect_err("what was refused is refused again");
        assert_eq!(error.code(), rejection.code);
    }
}
