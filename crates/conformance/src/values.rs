//! Values that stores get wrong.

use rollbook_core::Timestamp;

/// Texts that differ by little, or that mean something to an engine.
pub(crate) fn texts() -> Vec<String> {
    let long = "x".repeat(10_000);
    let mut texts: Vec<String> = TEXTS.iter().map(ToString::to_string).collect();
    // They differ only at the end, so cutting them off makes them one.
    texts.extend([format!("{long}a"), format!("{long}b"), long]);
    texts
}

/// Each is another value; none may be taken for its neighbour.
const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "a ",
    " a",
    "A",
    "aa",
    "ab",
    "á",        // One code point.
    "a\u{301}", // The same to the eye, two code points.
    "а",        // Cyrillic.
    "Ａ",       // Full width.
    "ß",
    "ss",
    "i",
    "ı",
    "İ",
    "ﬁ",
    "fi",
    "%",
    "a%",
    "_",
    "a_b",
    "a%b",
    "axb",
    "\\",
    "a\\",
    "\\%",
    "'",
    "''",
    "\"",
    "a'b",
    "`",
    "; drop table members; --",
    "*",
    "?",
    "$1",
    "[a-z]",
    "\0",
    "a\0",
    "a\0b",
    "\0\0",
    "\u{1}",
    "\n",
    "\r\n",
    "\t",
    "\u{7f}",
    "\u{80}",
    "\u{ff}",
    "\u{feff}a",
    "\u{200d}",
    "\u{d7ff}", // The code points beside the surrogates, and those that UTF-16 would sort among them.
    "\u{e000}",
    "\u{ffff}",
    "\u{10000}",
    "\u{10ffff}",
    "\u{10ffff}\u{10ffff}",
    "a\u{10ffff}",
    "😀",
    "😀😀",
    "🇩🇪",
    "null",
    "NULL",
    "true",
    "0",
    "00",
    "1e3",
    "-1",
    "9223372036854775807",
    "[]",
    "{}",
    "2020-01-01",
];

/// Whole numbers at the edges of what engines and JSON readers hold exactly.
pub(crate) const NUMBERS: &[i64] = &[
    i64::MIN,
    i64::MIN + 1,
    -9_007_199_254_740_993,
    -256,
    -1,
    0,
    1,
    2,
    255,
    256,
    9_007_199_254_740_992,
    9_007_199_254_740_993,
    i64::MAX - 1,
    i64::MAX,
];

/// Points in time, the first and the last included.
pub(crate) fn times() -> Vec<Timestamp> {
    let mut times = vec![Timestamp::MIN, Timestamp::MAX];
    times.extend([Timestamp::MIN.plus_millis(1), Timestamp::MAX.plus_millis(-1)]);
    times.extend([-1, 0, 1, 999, 1_000, 1_602_743_880_000].map(time));
    times
}

/// The time that is `millis` after the epoch.
pub(crate) fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).expect("the kit uses times between the years 0000 and 9999")
}
