//! How the parts of a text are written: text, hex, or a dialect of base64.

use super::HashError;
use super::encoding::{Base64, no_hex};
use super::format::{Field, Input};
use super::options::Key;

/// The encoding of one part of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// The bytes of the text itself.
    Text,
    /// Lower-case hex.
    Hex,
    /// Hex of either case, where the software reads both.
    AnyHex,
    /// Base64 with padding.
    Base64,
    /// Base64 without padding.
    Phc,
    /// Base64 with `-` and `_`, and padding.
    UrlSafe,
    /// Base64 with `.` for `+`, without padding: passlib, `OpenLDAP`.
    Adapted,
}

impl Coding {
    /// Decodes a part of a text.
    pub(super) fn decode(
        self,
        input: &Input<'_>,
        part: &str,
        (at, text): Field<'_>,
    ) -> Result<Vec<u8>, HashError> {
        let base64 = match self {
            Self::Text => return Ok(text.as_bytes().to_vec()),
            Self::Hex | Self::AnyHex => return self.hex(input, part, (at, text)),
            Self::Base64 => Base64::Standard,
            Self::Phc => Base64::Phc,
            Self::UrlSafe => Base64::UrlSafe,
            Self::Adapted => Base64::Adapted,
        };
        base64.decode(input.scheme, part, text, at)
    }

    /// Decodes an option.
    pub(super) fn option(self, input: &Input<'_>, key: &Key) -> Result<Vec<u8>, HashError> {
        let text = input.reader.required_text(key)?;
        self.decode(input, key.wire, (0, text)).map_err(|error| match error {
            HashError::Malformed { what, hint, .. } => {
                let hint = hint.map_or(String::new(), |hint| format!("; {hint}"));
                HashError::option(input.scheme, key.wire, format!("{what}{hint}"))
            }
            other => other,
        })
    }

    fn hex(
        self,
        input: &Input<'_>,
        part: &str,
        (at, text): Field<'_>,
    ) -> Result<Vec<u8>, HashError> {
        if let Some(found) = text.bytes().position(|byte| !byte.is_ascii_hexdigit()) {
            let what = format!("the {part} has a character that is no hex digit");
            let error = input.malformed(what).at(at + found);
            return Err(match no_hex(text) {
                Some(hint) => error.hint(hint),
                None => error,
            });
        }
        if !text.len().is_multiple_of(2) {
            let what = format!("the {part} has an odd number of hex digits");
            return Err(input.malformed(what).at(at));
        }
        let upper = text.bytes().position(|byte| byte.is_ascii_uppercase());
        if let (Self::Hex, Some(found)) = (self, upper) {
            return Err(input
                .malformed(format!("the {part} has an upper-case hex digit"))
                .at(at + found)
                .hint("lower-case it before the import"));
        }
        let digit =
            |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let pair = |pair: &[u8]| Some(digit(pair[0])? << 4 | digit(pair[1])?);
        Ok(text.as_bytes().chunks_exact(2).filter_map(pair).collect())
    }
}

/// The number of four bytes, most significant first, at `at`.
pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}
