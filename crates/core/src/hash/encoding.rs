//! The encodings of hash texts, each decoded strictly: one text for one value.

use base64::DecodeError;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{
    GeneralPurpose, NO_PAD, STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD,
};

use zeroize::Zeroizing;

use super::{HashError, recognise};

/// bcrypt's base64: `./A-Za-z0-9`, most significant bits first, no padding.
const BCRYPT: GeneralPurpose = GeneralPurpose::new(&alphabet::BCRYPT, NO_PAD);

/// passlib's "adapted base64": the standard one with `.` for `+`, no padding.
const ADAPTED: GeneralPurpose = GeneralPurpose::new(&ADAPTED_ALPHABET, NO_PAD);
const ADAPTED_ALPHABET: alphabet::Alphabet = match alphabet::Alphabet::new(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./",
) {
    Ok(alphabet) => alphabet,
    Err(_) => alphabet::STANDARD,
};

/// A dialect of base64, by who writes it.
#[derive(Clone, Copy)]
pub(super) enum Base64 {
    /// `A-Za-z0-9+/` with padding.
    Standard,
    /// The same without padding, as PHC strings have it.
    Phc,
    /// `-` and `_` for `+` and `/`, with padding, as Firebase exports have it.
    UrlSafe,
    /// bcrypt's own alphabet.
    Bcrypt,
    /// `-` and `_` for `+` and `/` without padding, as 389-ds has it.
    UrlSafeNoPad,
    /// `.` for `+`, without padding, as passlib has it.
    Adapted,
}

impl Base64 {
    /// Decodes the part of a hash text that starts at `offset` and is called `part`.
    pub(super) fn decode(
        self,
        scheme: &'static str,
        part: &str,
        text: &str,
        offset: usize,
    ) -> Result<Vec<u8>, HashError> {
        self.engine().decode(text).map_err(|error| {
            let (what, at) = self.describe(&error);
            let error = HashError::malformed(scheme, format!("the {part} {what}"));
            let error = error.at(offset + at.unwrap_or(0));
            match self.near_miss(text) {
                Some(hint) => error.hint(hint),
                None => error,
            }
        })
    }

    /// Decodes an option of a hash.
    pub(super) fn decode_option(
        self,
        scheme: &'static str,
        name: &str,
        text: &str,
    ) -> Result<Vec<u8>, HashError> {
        self.engine().decode(text).map_err(|error| {
            let (what, at) = self.describe(&error);
            let at = at.map_or(String::new(), |at| format!(", at position {}", at + 1));
            let hint = self.near_miss(text).map_or(String::new(), |hint| format!("; {hint}"));
            HashError::option(scheme, name, format!("{what}{at}{hint}"))
        })
    }

    /// Encodes bytes, as the software whose dialect this is writes them.
    pub(super) fn encode(self, bytes: &[u8]) -> String {
        self.engine().encode(bytes)
    }

    fn engine(self) -> &'static GeneralPurpose {
        match self {
            Self::Standard => &STANDARD,
            Self::Phc => &STANDARD_NO_PAD,
            Self::UrlSafe => &URL_SAFE,
            Self::Bcrypt => &BCRYPT,
            Self::UrlSafeNoPad => &URL_SAFE_NO_PAD,
            Self::Adapted => &ADAPTED,
        }
    }

    /// What a text that is not of this dialect might be instead.
    fn near_miss(self, text: &str) -> Option<&'static str> {
        let all = |extra: &[u8]| {
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || extra.contains(&byte))
        };
        match self {
            Self::Bcrypt if text.contains(['+', '=']) => Some(OWN_ALPHABET),
            Self::Bcrypt => None,
            _ if text.trim().len() != text.len() => Some("trim the white space around it"),
            _ if looks_like_hex(text) => Some(HEX_FOR_BASE64),
            Self::Standard | Self::Phc if text.contains(['-', '_']) && all(b"-_=") => {
                Some("this is the URL-safe alphabet; write `+` for `-` and `/` for `_`")
            }
            Self::Phc if text.contains('.') && all(b"./") => {
                Some("this is the alphabet of passlib; write `+` for `.`")
            }
            Self::Adapted if text.contains(['+', '=']) && all(b"+/=") => {
                Some("this is ordinary base64; here `.` stands for `+`, without padding")
            }
            Self::UrlSafe | Self::UrlSafeNoPad if text.contains(['+', '/']) && all(b"+/=") => {
                Some("this is the ordinary alphabet; write `-` for `+` and `_` for `/`")
            }
            // One character over a multiple of 4 is no base64 at all.
            Self::Standard | Self::UrlSafe
                if !text.ends_with('=') && text.len() % 4 > 1 && all(b"+/-_") =>
            {
                Some("pad it with `=` to a multiple of 4 characters")
            }
            Self::Phc | Self::UrlSafeNoPad | Self::Adapted if text.ends_with('=') => {
                Some("remove the `=` at its end")
            }
            _ => None,
        }
    }

    fn describe(self, error: &DecodeError) -> (&'static str, Option<usize>) {
        match *error {
            DecodeError::InvalidByte(at, b'=') => {
                ("is base64 with padding where there must be none", Some(at))
            }
            DecodeError::InvalidByte(at, _) => match self {
                Self::Standard | Self::Phc => ("has a character outside A-Za-z0-9+/", Some(at)),
                Self::UrlSafe | Self::UrlSafeNoPad => {
                    ("has a character outside A-Za-z0-9-_", Some(at))
                }
                Self::Adapted => ("has a character outside A-Za-z0-9./", Some(at)),
                Self::Bcrypt => ("has a character outside ./A-Za-z0-9", Some(at)),
            },
            DecodeError::InvalidLength(_) => ("has an impossible length for base64", None),
            DecodeError::InvalidLastSymbol { offset, .. } => {
                ("ends in a character with spare bits set, so it was cut or altered", Some(offset))
            }
            DecodeError::InvalidPadding => match self {
                Self::Standard | Self::UrlSafe => {
                    ("lacks its base64 padding, or has too much", None)
                }
                Self::Phc | Self::Bcrypt | Self::UrlSafeNoPad | Self::Adapted => {
                    ("is base64 with padding where there must be none", None)
                }
            },
        }
    }
}

/// The value of one character of `./0-9A-Za-z`, the alphabet of crypt(3) and phpass.
pub(super) fn crypt64(character: u8) -> Option<u8> {
    match character {
        b'.' => Some(0),
        b'/' => Some(1),
        b'0'..=b'9' => Some(character - b'0' + 2),
        b'A'..=b'Z' => Some(character - b'A' + 12),
        b'a'..=b'z' => Some(character - b'a' + 38),
        _ => None,
    }
}

/// Encodes bytes in crypt64: groups of three bytes, the first of which is the least significant.
pub(super) fn to_crypt64(bytes: impl IntoIterator<Item = u8>) -> Zeroizing<Vec<u8>> {
    // Room for a digest of 64 bytes, so that growing leaves no copies behind.
    let mut out = Zeroizing::new(Vec::with_capacity(88));
    let (mut value, mut bits) = (0_u32, 0);
    for byte in bytes {
        value |= u32::from(byte) << bits;
        bits += 8;
        while bits >= 6 {
            out.push(CRYPT64[(value & 63) as usize]);
            value >>= 6;
            bits -= 6;
        }
    }
    if bits > 0 {
        out.push(CRYPT64[(value & 63) as usize]);
    }
    out
}

/// Encodes a block of 64 bits in crypt64, the most significant bits first, as DES crypt does.
pub(super) fn most_significant_first(block: u64) -> Zeroizing<[u8; 11]> {
    // 66 bits, of which the last two are no part of the block.
    let bits = Zeroizing::new(u128::from(block) << 2);
    let mut out = Zeroizing::new([0; 11]);
    for (slot, shift) in out.iter_mut().rev().zip((0..).step_by(6)) {
        *slot = CRYPT64[(*bits >> shift & 63) as usize];
    }
    out
}

/// The alphabet of crypt(3), by value.
const CRYPT64: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Decodes crypt64 as [`to_crypt64`] writes it; `None` if it could not have written this.
pub(super) fn from_crypt64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let (mut value, mut bits) = (0_u32, 0);
    for character in text.bytes() {
        value |= u32::from(crypt64(character)?) << bits;
        bits += 6;
        if bits >= 8 {
            out.push(value.to_le_bytes()[0]);
            value >>= 8;
            bits -= 8;
        }
    }
    (value == 0 && bits < 6).then_some(out)
}

/// Finds the first character of `text` that is not crypt64.
pub(super) fn check_crypt64(
    scheme: &'static str,
    part: &str,
    text: &str,
    offset: usize,
) -> Result<(), HashError> {
    match text.bytes().position(|byte| crypt64(byte).is_none()) {
        None => Ok(()),
        Some(at) => {
            let what = format!("the {part} has a character outside ./0-9A-Za-z");
            let error = HashError::malformed(scheme, what).at(offset + at);
            let base64 = text.as_bytes()[at] == b'+' || text[at..].bytes().all(|byte| byte == b'=');
            Err(if base64 { error.hint(OWN_ALPHABET) } else { error })
        }
    }
}

/// Decodes the lower-case hex of a digest of `bytes` bytes.
pub(super) fn hex(scheme: &'static str, text: &str, bytes: usize) -> Result<Vec<u8>, HashError> {
    if let Some(at) = text.bytes().position(|byte| !byte.is_ascii_hexdigit()) {
        let error = HashError::malformed(scheme, "a character is not a hex digit").at(at);
        let hint = no_hex(text).map(str::to_owned).or_else(|| recognise::hint(scheme, text));
        return Err(match hint {
            Some(hint) => error.hint(hint),
            None => error,
        });
    }
    if text.len() != bytes * 2 {
        let what = format!("{} hex digits where {} are needed", text.len(), bytes * 2);
        return Err(HashError::malformed(scheme, what));
    }
    if let Some(at) = text.bytes().position(|byte| byte.is_ascii_uppercase()) {
        return Err(HashError::malformed(scheme, "an upper-case hex digit")
            .at(at)
            .hint("lower-case the hash before the import"));
    }
    let nibble = |byte: u8| if byte <= b'9' { byte - b'0' } else { byte - b'a' + 10 };
    Ok(text.as_bytes().chunks_exact(2).map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])).collect())
}

/// Whether a text in base64 is hex rather: by chance base64 of some length has other letters as well.
pub(super) fn looks_like_hex(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits && text.len() >= 16 && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// What a text with other characters than hex digits might be instead.
pub(super) fn no_hex(text: &str) -> Option<&'static str> {
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    // As long as a digest in it, and not a name that happens to have no other letters.
    let digest = text.len() >= 22 && text.bytes().any(|byte| byte.is_ascii_uppercase());
    (digest && text.bytes().all(base64)).then_some("this looks like base64 where hex is needed")
}

pub(super) const HEX_FOR_BASE64: &str = "this looks like hex where base64 is needed";

const OWN_ALPHABET: &str =
    "`+` and `=` are of ordinary base64, and this software has an alphabet of its own";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crypt64_is_the_inverse_of_its_alphabet() {
        for (value, character) in (0..).zip(CRYPT64) {
            assert_eq!(crypt64(*character), Some(value));
        }
        assert_eq!(crypt64(b'+'), None);
    }

    #[test]
    fn crypt64_of_bytes_has_one_text_for_one_value() {
        for bytes in [&[][..], &[0xff], &[1, 2], &[1, 2, 3], &[0x80; 64]] {
            let text = String::from_utf8(to_crypt64(bytes.iter().copied()).to_vec()).unwrap();
            assert_eq!(from_crypt64(&text).as_deref(), Some(bytes));
        }
        for bad in ["z", "zz", "zzzzz", "zz+"] {
            assert_eq!(from_crypt64(bad), None, "{bad}");
        }
    }

    #[test]
    fn hex_is_lower_case_and_of_its_length() {
        assert_eq!(hex("md5", "00ff", 2), Ok(vec![0, 255]));
        assert!(hex("md5", "00FF", 2).is_err());
        assert!(hex("md5", "00ff0", 2).is_err());
        assert!(hex("md5", "00fg", 2).is_err());
    }

    #[test]
    fn base64_has_one_text_for_one_value() {
        let check = |dialect: Base64, text, good: bool| {
            assert_eq!(dialect.decode("x", "salt", text, 0).is_ok(), good, "{text}");
        };
        check(Base64::Standard, "AA==", true);
        check(Base64::Standard, "AA", false);
        check(Base64::Standard, "AB==", false);
        check(Base64::Phc, "AA", true);
        check(Base64::Phc, "AA==", false);
        check(Base64::UrlSafe, "-_8=", true);
        check(Base64::UrlSafe, "+/8=", false);
        check(Base64::Bcrypt, "CCCCCCCCCCCCCCCCCCCCC.", true);
        check(Base64::Bcrypt, "CCCCCCCCCCCCCCCCCCCCC/", false);
    }
}
