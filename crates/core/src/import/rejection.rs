//! Why a user was not imported, as a line of the reject file.

use std::io::{self, Write};

use serde::Serialize;

use super::Input;
use crate::{Error, HashError, StoreError};

/// Why the user on a line was not imported.
///
/// Serialized, and written with its input by [`write`](Self::write), it is a line of the reject file:
///
/// ```
/// use rollbook_core::Error;
/// use rollbook_core::import::{Input, Rejection};
///
/// let rejection = Rejection::new(17, &Error::invalid("email", "Value must be a valid email address"));
/// let mut file = Vec::new();
/// rejection.write(&Input::Json(r#"{"email":"ann@"}"#.to_owned()), &mut file)?;
/// assert_eq!(
///     String::from_utf8_lossy(&file),
///     "{\"line\":17,\"field\":\"email\",\"code\":\"general_argument_invalid\",\
///      \"reason\":\"Value must be a valid email address\",\"input\":{\"email\":\"ann@\"}}\n",
/// );
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Rejection {
    /// The line of the file, counted from 1.
    pub line: u64,
    /// The field that is to blame, if it is one; `line` for a line that can't be read at all.
    pub field: Option<String>,
    /// The stable type of the error catalogue.
    pub code: &'static str,
    /// What is wrong, for people.
    pub reason: String,
}

impl Rejection {
    /// Why the user on `line` was refused.
    pub fn new(line: u64, error: &Error) -> Self {
        let field = match error {
            Error::Hash(HashError::UnknownAlgorithm { .. }) => Some("hash"),
            Error::Hash(HashError::Option { .. }) => Some("hashOptions"),
            error => error.field(),
        };
        let reason = match error {
            Error::InvalidArgument { reason, .. } => reason.to_string(),
            Error::Hash(error) => error.to_string(),
            Error::Store(StoreError::Backend(source)) => source.to_string(),
            error => error.to_string(),
        };
        Self { line, field: field.map(str::to_owned), code: error.code(), reason }
    }

    /// Writes the line of the reject file: this, and the record itself as `input`.
    ///
    /// # Errors
    ///
    /// Those of `file`.
    pub fn write(&self, input: &Input, file: &mut dyn Write) -> io::Result<()> {
        let mut line = serde_json::to_vec(self)?;
        line.pop();
        match input {
            // A line end in JSON is white space between tokens.
            Input::Json(text) => write!(line, ",\"input\":{}}}", text.replace(['\n', '\r'], " "))?,
            Input::Text(text) => write!(line, ",\"input\":{}}}", serde_json::to_string(text)?)?,
            Input::Dropped => line.extend(b",\"input\":null}"),
        }
        line.push(b'\n');
        file.write_all(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{Jsonl, ReadOptions, Source};
    use crate::{HashOptions, Limits, PasswordHash};

    fn line(error: &Error, input: &Input) -> String {
        let mut file = Vec::new();
        Rejection::new(3, error).write(input, &mut file).unwrap();
        String::from_utf8(file).unwrap()
    }

    #[test]
    fn a_reject_line_is_one_line_of_json() {
        let files = [
            "0[",
            r#"{"$id":"a","$id":"#,
            r#"{"input":"{\n\"$id\":\"_\"}"}"#,
            r#"{"input":"\ud800"}"#,
        ];
        for file in files {
            let rows = Jsonl.rows(Box::new(file.as_bytes()), &ReadOptions::new());
            let row = rows.map(Result::unwrap).next().unwrap();
            // The second is valid until the store is asked.
            let error = row.user.err().unwrap_or(Error::UserAlreadyExists);
            let line = line(&error, &row.input);
            assert_eq!(line.matches('\n').count(), 1, "{file}");
            serde_json::from_str::<serde::de::IgnoredAny>(&line).unwrap();
        }
    }

    #[test]
    fn replaced_bytes_have_to_be_repaired() {
        let file = b"{\"$id\":\"a\",\"name\":\"\xff\"}";
        let read = |file: Vec<u8>| {
            let mut rows = Jsonl.rows(Box::new(io::Cursor::new(file)), &ReadOptions::new());
            rows.next().unwrap().unwrap()
        };
        let row = read(file.to_vec());
        let rejected = line(&row.user.unwrap_err(), &row.input);
        assert_eq!(read(rejected.clone().into_bytes()).user.unwrap_err().field(), Some("input"));
        assert!(read(rejected.replace('\u{fffd}', "x").into_bytes()).user.is_ok());
    }

    #[test]
    fn lines() {
        let import = |algorithm, options| {
            PasswordHash::import(algorithm, "5e88", &options, &Limits::default()).unwrap_err()
        };
        let salt = HashOptions::from_iter([("salt".to_owned(), "s".into())]);
        let lines = [
            line(&import("whirlpool", HashOptions::new()).into(), &Input::Json("{}".to_owned())),
            line(&import("md5", salt).into(), &Input::Json("{}".to_owned())),
            line(&import("md5", HashOptions::new()).into(), &Input::Json("{}".to_owned())),
            line(&Error::UserAlreadyExists, &Input::Text("a \"b\"\u{1}".to_owned())),
            line(&Error::Store(StoreError::backend("disk full")), &Input::Dropped),
        ];
        insta::assert_snapshot!(lines.concat());
    }
}
