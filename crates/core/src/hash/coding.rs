//! How the parts of a text are written: text, hex, or a dialect of base64; and what a near miss was.

use zeroize::Zeroizing;

use super::HashError;
use super::encoding::Base64;
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
        let decoded = match self {
            Self::Text => return Ok(text.as_bytes().to_vec()),
            Self::Hex | Self::AnyHex => self.hex(input, part, (at, text)),
            Self::Base64 => Base64::Standard.decode(input.scheme, part, text, at),
            Self::Phc => Base64::Phc.decode(input.scheme, part, text, at),
            Self::UrlSafe => Base64::UrlSafe.decode(input.scheme, part, text, at),
            Self::Adapted => {
                let foreign =
                    text.bytes().position(|b| !(b.is_ascii_alphanumeric() || b"./".contains(&b)));
                if let Some(found) = foreign {
                    let what = format!("the {part} has a character outside A-Za-z0-9./");
                    Err(input.malformed(what).at(at + found))
                } else {
                    let text = Zeroizing::new(text.replace('.', "+"));
                    Base64::Phc.decode(input.scheme, part, &text, at)
                }
            }
        };
        decoded.map_err(|error| match self.near_miss(text) {
            Some(hint) => with_hint(error, hint),
            None => error,
        })
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
            return Err(input.malformed(what).at(at + found));
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

    /// What a text that is not of this encoding might be instead.
    fn near_miss(self, text: &str) -> Option<&'static str> {
        let all = |extra: &[u8]| {
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || extra.contains(&byte))
        };
        let hex = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match self {
            Self::Hex | Self::AnyHex if hex => None,
            Self::Hex | Self::AnyHex if text.len() >= 16 && all(b"+/=") => {
                Some("this looks like base64 where hex is needed")
            }
            Self::Base64 | Self::Phc | Self::UrlSafe | Self::Adapted if hex => {
                Some("this looks like hex where base64 is needed")
            }
            Self::Base64 | Self::Phc if text.contains(['-', '_']) && all(b"-_=") => {
                Some("this is the URL-safe alphabet; write + for - and / for _")
            }
            Self::Adapted if text.contains(['+', '=']) && all(b"+/=") => {
                Some("this is ordinary base64; here `.` stands for `+`, without padding")
            }
            Self::UrlSafe if text.contains(['+', '/']) && all(b"+/=") => {
                Some("this is the ordinary alphabet; write - for + and _ for /")
            }
            Self::Base64 | Self::UrlSafe if !text.ends_with('=') && all(b"+/-_") => {
                Some("pad it with `=` to a multiple of 4 characters")
            }
            _ => None,
        }
    }
}

/// The number of four bytes, most significant first, at `at`.
pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

/// Adds a hint to an error that has none.
fn with_hint(error: HashError, hint: &'static str) -> HashError {
    match error {
        HashError::Malformed { hint: None, .. } => error.hint(hint),
        other => other,
    }
}
