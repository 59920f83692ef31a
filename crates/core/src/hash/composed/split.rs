//! From a text to the pieces that a row names.

use std::ops::Range;

use zeroize::Zeroizing;

use super::super::crypt::moved;
use super::super::encoding::{self, Base64, HEX_FOR_BASE64};
use super::super::error::clip;
use super::super::expression::Function;
use super::super::recognise::{foreign, hint};
use super::super::secret::Secret;
use super::super::wrapped::zeroed;
use super::super::{HashError, Limits};
use super::given::Given;
use super::row::{Encoding, Part, Row, malformed};

/// Salts are short; what is longer is something else.
const SALT_BYTES: usize = 128;

/// The piece with the hash, which is decoded when the length of the value is known.
pub(super) struct HashText<'a> {
    part: Part,
    text: &'a str,
    at: usize,
}

impl Row {
    /// Cuts the text and reads everything but its hash.
    pub(super) fn split<'a>(
        &self,
        text: &'a str,
        given: &mut Given,
        limits: &Limits,
    ) -> Result<HashText<'a>, HashError> {
        let mut hash = None;
        let mut at = 0;
        for (index, part) in self.parts.iter().enumerate() {
            let rest = &text[at..];
            let bytes = match part {
                Part::Text(fixed) | Part::AnyCase(fixed) => {
                    if !part.starts(rest) {
                        return Err(self.no_prefix(fixed, text, at));
                    }
                    fixed.len()
                }
                Part::ShortSalt(bytes) => *bytes,
                _ => match self.parts.get(index + 1) {
                    Some(Part::Text(next)) => rest.find(next).ok_or_else(|| {
                        let what = format!("no `{next}` after the {}", part.name());
                        malformed(self, what, text.len())
                    })?,
                    _ => rest.len(),
                },
            };
            let Some(piece) = rest.get(..bytes) else {
                let what = format!("{} characters are not enough", text.len());
                return Err(HashError::malformed(self.name, what));
            };
            match part {
                Part::Text(_) | Part::AnyCase(_) => {}
                Part::Hash | Part::HashThenSalt | Part::SaltThenHash(_) => {
                    hash = Some(HashText { part: *part, text: piece, at });
                }
                _ => self.read(*part, piece, at, given, limits)?,
            }
            at += bytes;
        }
        if at < text.len() {
            return Err(malformed(self, "text after its end", at));
        }
        hash.ok_or_else(|| HashError::malformed(self.name, "no hash"))
    }

    fn no_prefix(&self, fixed: &str, text: &str, at: usize) -> HashError {
        if at == 0 {
            return foreign(self.name, &format!("`{fixed}`"), text);
        }
        malformed(self, format!("expected `{fixed}`"), at)
    }

    fn read(
        &self,
        part: Part,
        piece: &str,
        at: usize,
        given: &mut Given,
        limits: &Limits,
    ) -> Result<(), HashError> {
        match part {
            Part::Salt | Part::ShortSalt(_) => {
                given.salt = decode(self, self.salt, part.name(), piece, at)?;
                self.check_salt(given.salt.len(), at)?;
            }
            Part::Key => {
                given.key = decode(self, self.salt, part.name(), piece, at)?;
                self.check_salt(given.key.len(), at)?;
            }
            Part::Digest => {
                let known = self.digests.iter().find(|(spelled, _)| *spelled == piece);
                let function = known.and_then(|(_, name)| Function::find(name));
                let Some(function) = function else {
                    let spelled: Vec<_> = self.digests.iter().map(|(name, _)| *name).collect();
                    let known = spelled.join(", ");
                    let what = format!("unknown digest `{}`; known are {known}", clip(piece));
                    return Err(malformed(self, what, at));
                };
                given.digest = Some(function);
                given.parameters.push(("digest", function.name.to_owned()));
            }
            Part::Rounds => given.set_rounds(self, number(self, part, piece, at)?, limits)?,
            Part::SaltBytes => given.salt_bytes = Some(number(self, part, piece, at)?),
            Part::Template => {
                let template = decode(self, Encoding::Base64, part.name(), piece, at)?;
                let template = String::from_utf8(template)
                    .map_err(|_| malformed(self, "the template is not UTF-8", at))?;
                if !template.contains("{PASSWORD}") {
                    let what = "the template has no {PASSWORD}, so every password would match";
                    return Err(malformed(self, what, at));
                }
                given.template = Some(Zeroizing::new(template));
            }
            Part::Text(_)
            | Part::AnyCase(_)
            | Part::Hash
            | Part::HashThenSalt
            | Part::SaltThenHash(_) => {}
        }
        Ok(())
    }

    fn check_salt(&self, bytes: usize, at: usize) -> Result<(), HashError> {
        if !(self.least_salt..=SALT_BYTES).contains(&bytes) {
            let least = self.least_salt;
            let what = format!("a salt of {bytes} bytes is not between {least} and {SALT_BYTES}");
            return Err(malformed(self, what, at));
        }
        Ok(())
    }
}

/// Where the hash is in its text.
#[derive(Debug)]
pub(super) struct HashPlace {
    place: Range<usize>,
    part: Part,
}

impl HashPlace {
    /// The text with zeros for the hash, which has so many bytes.
    pub(super) fn zeroed(&self, text: &str, bytes: usize) -> Option<String> {
        let place = self.place.clone();
        let piece = text.get(place.clone())?;
        if self.part == Part::Hash {
            // Only hex has two digits a byte.
            let zero = if piece.len() == 2 * bytes { '0' } else { 'A' };
            return Some(zeroed(text, place, zero));
        }
        // Hash and salt share characters, so that the whole has to be written anew.
        let dialect = if piece.ends_with('=') { Base64::Standard } else { Base64::Phc };
        let mut decoded = dialect.decode("", "", piece, 0).ok()?;
        let hash = match self.part {
            Part::HashThenSalt => 0..bytes,
            _ => decoded.len().checked_sub(bytes)?..decoded.len(),
        };
        decoded.get_mut(hash)?.fill(0);
        Some([&text[..place.start], &dialect.encode(&decoded), &text[place.end..]].concat())
    }
}

impl HashText<'_> {
    pub(super) fn place(&self) -> HashPlace {
        HashPlace { place: self.at..self.at + self.text.len(), part: self.part }
    }

    /// The hash, which must have `bytes` bytes; the salt goes to `given` if both are in one.
    pub(super) fn decode(
        &self,
        row: &Row,
        given: &mut Given,
        bytes: usize,
    ) -> Result<Secret, HashError> {
        let encoding = given.encoding.unwrap_or(row.hash);
        if encoding == Encoding::Hex {
            let decoded = encoding::hex(row.name, self.text, bytes);
            return decoded.map(Secret::new).map_err(|error| moved(error, self.at));
        }
        // As base64 it would be a hash with a long salt, which by chance has no other letter.
        if self.part != Part::Hash && self.text.len() >= 32 && is_lower_hex(self.text) {
            let error = malformed(row, format!("the {} is in hex", self.part.name()), self.at);
            return Err(error.hint(HEX_FOR_BASE64));
        }
        let mut decoded = decode(row, encoding, self.part.name(), self.text, self.at)?;
        let salt = match self.part {
            Part::HashThenSalt if decoded.len() >= bytes => decoded.split_off(bytes),
            Part::SaltThenHash(fixed) => {
                let salt = fixed.or(given.salt_bytes).unwrap_or(0);
                if salt > decoded.len() {
                    let found = decoded.len();
                    let what = format!("{found} bytes have no room for a salt of {salt}");
                    return Err(malformed(row, what, self.at));
                }
                let hash = decoded.split_off(salt);
                std::mem::replace(&mut decoded, hash)
            }
            _ => Vec::new(),
        };
        if decoded.len() != bytes {
            let found = decoded.len();
            let what = format!("a hash of {found} bytes where {bytes} are needed");
            let error = malformed(row, what, self.at);
            let hex = self.text.len() >= 32 && is_lower_hex(self.text);
            return Err(if hex { error.hint(HEX_FOR_BASE64) } else { error });
        }
        if matches!(self.part, Part::HashThenSalt | Part::SaltThenHash(_)) {
            row.check_salt(salt.len(), self.at)?;
            given.salt = salt;
        }
        Ok(Secret::new(decoded))
    }
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Decodes a piece of any length.
pub(super) fn decode(
    row: &Row,
    encoding: Encoding,
    part: &str,
    text: &str,
    at: usize,
) -> Result<Vec<u8>, HashError> {
    let dialect = match encoding {
        Encoding::Text => return Ok(text.as_bytes().to_vec()),
        Encoding::Hex if text.len() % 2 == 1 => {
            return Err(malformed(row, format!("the {part} has an odd number of hex digits"), at));
        }
        Encoding::Hex => {
            let decoded = encoding::hex(row.name, text, text.len() / 2);
            return decoded.map_err(|error| moved(error, at));
        }
        Encoding::LooseBase64 if !text.ends_with('=') => Base64::Phc,
        Encoding::Base64 | Encoding::LooseBase64 => Base64::Standard,
    };
    dialect.decode(row.name, part, text, at).map_err(|error| match error {
        HashError::Malformed { hint: None, .. } => match hint(row.name, text) {
            Some(hint) => error.hint(hint),
            None => error,
        },
        hinted => hinted,
    })
}

/// A positive number without a sign and leading zeros; a length may be 0.
fn number<T: std::str::FromStr>(
    row: &Row,
    part: Part,
    text: &str,
    at: usize,
) -> Result<T, HashError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let zero = text == "0" && part != Part::SaltBytes;
    let padded = text.len() > 1 && text.starts_with('0');
    let number = if digits && !zero && !padded { text.parse().ok() } else { None };
    number.ok_or_else(|| {
        let what = format!("the {} `{}` cannot be", part.name(), clip(text));
        malformed(row, what, at).hint("it is a whole number without leading zeros")
    })
}
