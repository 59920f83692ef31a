//! Queries of any text are refused with a reason, or make a list; a cursor's text is read as it was written.
//!
//! The input is lines: each is a query in both syntaxes, a parameter of the oldest API, and a cursor.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_core::{Cursor, ListUsers, QuerySyntax};

fuzz_target!(|text: &str| {
    let lines: Vec<&str> = text.lines().collect();
    for syntax in [QuerySyntax::Json, QuerySyntax::Text] {
        let alone = |line: &&str| match ListUsers::from_queries(syntax, [line]) {
            Ok(list) => {
                assert_eq!(ListUsers::from_queries(syntax, [line]).as_ref(), Ok(&list));
                true
            }
            Err(error) => {
                assert!(!error.to_string().is_empty(), "no reason");
                false
            }
        };
        let each = lines.iter().all(alone) && lines.len() <= 100;
        assert_eq!(ListUsers::from_queries(syntax, &lines).is_ok(), each, "{lines:?}");
    }
    let parameters = lines.iter().map(|line| line.split_once('=').unwrap_or((line, "")));
    if let Err(error) = ListUsers::from_plain(parameters) {
        assert!(error.field().is_some(), "{error} is of no parameter");
    }
    for cursor in lines.iter().filter_map(|line| line.parse::<Cursor>().ok()) {
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }
});
