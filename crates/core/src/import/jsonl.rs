//! Appwrite users as JSON Lines: what its API answers, one user a line.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use self::record::{Parsed, clip, parse};
use super::lines::{Broken, Line, Lines};
use super::{Input, ReadOptions, Row, Rows, Source, UnknownFields, json};
use crate::Error;

mod record;

/// Users as the service's response model has them (`spec/users-api.md`, 1.3), each on a line.
///
/// - Every field may be missing, but one of `$id`, `email` and `phone` is needed. An empty text is as good
///   as none, and so is an empty list for an object, which is how PHP prints it.
/// - A time is a text, or a number of seconds since 1970 as in version 0.15, where 0 is none.
/// - `password` is the hash, `hash` its algorithm, `hashOptions` what it needs; without `hash` the text
///   has to show what it is. White space around the hash is dropped.
/// - What an import can't take over is accepted and left out: `targets`, what is derived from the
///   e-mail, and who may impersonate. A field that users don't have is refused unless [`ReadOptions`]
///   say otherwise, and a key that occurs twice is always refused.
/// - A line may also be a whole answer, `{"total":1,"users":[...]}`, or a line of a reject file, of which the
///   `input` is read.
///
/// ```
/// use rollbook_core::import::{Jsonl, ReadOptions, Source};
///
/// let file = r#"{"total":2,"users":[{"$id":"ann"},{"$id":"bob","registration":1602743880}]}"#;
/// let rows = Jsonl.rows(Box::new(file.as_bytes()), &ReadOptions::new());
/// let users = rows.map(|row| row?.user.map_err(std::io::Error::other)).collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(users[0].id.as_deref(), Some("ann"));
/// assert_eq!(users[1].registration.unwrap().as_millis(), 1_602_743_880_000);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct that is named in the registry")]
pub struct Jsonl;

impl Source for Jsonl {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn title(&self) -> &'static str {
        "Appwrite users as JSON Lines"
    }

    fn rows(&self, file: Box<dyn BufRead + Send>, options: &ReadOptions) -> Rows {
        Box::new(Reader {
            lines: Lines::new(file, options.longest_line),
            options: options.clone(),
            ready: VecDeque::new(),
        })
    }
}

struct Reader {
    lines: Lines<Box<dyn BufRead + Send>>,
    options: ReadOptions,
    /// The users of the line that was read last.
    ready: VecDeque<Row>,
}

impl Iterator for Reader {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self { lines, options, ready } = self;
        while ready.is_empty() {
            let Line { number, text } = match lines.next() {
                Ok(line) => line?,
                Err(error) => return Some(Err(error)),
            };
            match text {
                Ok(text) => read_line(text, number, options, MOST_WRAPPERS, ready),
                Err(broken) => ready.push_back(broken_line(&broken, number, options)),
            }
        }
        ready.pop_front().map(Ok)
    }
}

/// How deep users may be wrapped: the whole answer that was the broken `input` of a reject file.
const MOST_WRAPPERS: usize = 2;

fn broken_line(broken: &Broken<'_>, line: u64, options: &ReadOptions) -> Row {
    let (input, reason) = match broken {
        Broken::TooLong => {
            let limit = options.longest_line;
            (Input::Dropped, format!("longer than the limit of {limit} bytes"))
        }
        Broken::NotUtf8 { bytes, at } => (
            Input::Text(String::from_utf8_lossy(bytes).into_owned()),
            format!("not UTF-8 at byte {}", at + 1),
        ),
    };
    Row { line, input, user: Err(Error::invalid("line", reason)) }
}

/// Reads the text of a line, or of the `input` in one.
fn read_line(
    text: &str,
    line: u64,
    options: &ReadOptions,
    wrappers: usize,
    rows: &mut VecDeque<Row>,
) {
    let (input, user) = match parse(text, options) {
        Parsed::NoJson(error) => (Input::Text(text.to_owned()), Err(error)),
        Parsed::User(user) => (Input::Json(text.to_owned()), user),
        Parsed::Wrapper if wrappers == 0 => {
            let error = Error::invalid("line", "wrapped too often");
            (Input::Json(text.to_owned()), Err(error))
        }
        Parsed::Wrapper => match unwrap(text, line, options, wrappers - 1, rows) {
            Ok(()) => return,
            Err(error) => (Input::Json(text.to_owned()), Err(error)),
        },
    };
    rows.push_back(Row { line, input, user });
}

/// Reads the users inside a list answer or a line of a reject file.
fn unwrap(
    text: &str,
    line: u64,
    options: &ReadOptions,
    wrappers: usize,
    rows: &mut VecDeque<Row>,
) -> Result<(), Error> {
    let members = json::members(text).unwrap_or_default();
    let mut wrapped = None;
    for (key, value) in &members {
        match key.as_str() {
            "users" | "input" if wrapped.is_some() => {
                return Err(Error::invalid(key.clone(), "the key occurs twice"));
            }
            "users" | "input" => wrapped = Some((key, *value)),
            "total" | "line" | "field" | "code" | "reason" => {}
            _ if options.unknown_fields == UnknownFields::Ignore => {}
            _ => return Err(Error::invalid(clip(key), "not a field beside `users` or `input`")),
        }
    }
    let Some((key, value)) = wrapped else {
        return Err(Error::invalid("line", "neither a user nor a list of users"));
    };
    if key == "users" {
        let users = json::elements(value)
            .ok_or_else(|| Error::invalid("users", "expected a list of users"))?;
        for user in users {
            // A list in a list would be no answer of any version.
            read_line(user, line, options, 0, rows);
        }
    } else if value == "null" {
        let reason = "the line was too long to be kept; take it from the file that was imported";
        return Err(Error::invalid("input", reason));
    } else if value.starts_with('"') {
        let text: String = serde_json::from_str(value)
            .map_err(|_| Error::invalid("input", "a text with an escape that is no character"))?;
        if text.contains(char::REPLACEMENT_CHARACTER) {
            let reason = "the bytes that are not UTF-8 still stand as U+FFFD; write what they mean";
            return Err(Error::invalid("input", reason));
        }
        read_line(&text, line, options, wrappers, rows);
    } else {
        read_line(value, line, options, wrappers, rows);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
