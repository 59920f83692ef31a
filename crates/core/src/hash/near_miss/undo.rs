//! The mistakes, each as what undoes it.

use zeroize::Zeroizing;

use super::super::encoding::{Base64, HEX_FOR_BASE64, looks_like_hex};
use super::is_hex;

/// A text with a mistake undone; `None` if it does not show the mistake.
type Undone = Option<Zeroizing<String>>;

pub(super) struct Mistake {
    pub(super) undo: fn(&str) -> Undone,
    /// What to do.
    pub(super) advice: &'static str,
}

/// What is done to a whole text.
#[rustfmt::skip]
pub(super) const MISTAKES: &[Mistake] = &[
    Mistake { undo: quotes, advice: "remove the quotes around it" },
    Mistake { undo: |text| quotes(text.strip_prefix('b')?), advice: "take only what is between the quotes; `b''` is Python's way to print bytes" },
    Mistake { undo: |text| rewritten(text, backslash), advice: "decode the escapes with a backslash, such as JSON's `\\/` for `/`" },
    Mistake { undo: |text| rewritten(text, |rest| byte(rest, '%')), advice: "decode the percent escapes, such as `%24` for `$`" },
    Mistake { undo: |text| rewritten(text, |rest| byte(rest, '=')), advice: "decode the quoted-printable escapes, such as `=3D` for `=`" },
    Mistake { undo: |text| rewritten(text, entity), advice: "decode the HTML entities, such as `&#36;` for `$`" },
    Mistake { undo: |text| rewritten(text, |rest| rest.starts_with("$$").then_some(('$', 2))), advice: "write `$` for each `$$`; Docker Compose doubles them" },
    Mistake { undo: |text| rewritten(text, |rest| rest.starts_with(' ').then_some(('+', 1))), advice: "write `+` for each space; a form was decoded that was not encoded" },
    Mistake { undo: |text| base64(text.split_once(":: ")?.1), advice: "decode the base64 after `::`, which is how LDIF writes a value" },
    Mistake { undo: |text| owned(Some(text.split_once(": ")?.1)), advice: "take only the value after `: `" },
    Mistake { undo: base64, advice: "decode the base64 that the whole text is in" },
    Mistake { undo: |text| hex(after_marker(text).unwrap_or(text)), advice: "decode the hex that the whole text is in" },
    Mistake { undo: |text| owned(after_marker(text).filter(|rest| is_hex(rest))), advice: "remove what marks it as hex, `0x` or `\\x`" },
    Mistake { undo: |text| owned(after_digest_name(text)), advice: "remove the name of the digest before it" },
    Mistake { undo: |text| owned(text.split(':').nth(1)), advice: "take only the second field, which is the hash in a line of passwd, shadow or htpasswd" },
    Mistake { undo: |text| owned(Some(text.split_once(':')?.1)), advice: "take only the hash, without the name and the `:` before it" },
    Mistake { undo: |text| owned(before_ages(text)), advice: "take only the hash, without the fields of shadow after it" },
    Mistake { undo: |text| owned(Some(text.strip_prefix('{')?.split_once('}')?.1)), advice: "remove the name in braces before it, or import it under the algorithm that has such names" },
    Mistake { undo: |text| Some(Zeroizing::new(format!("${text}"))), advice: "write the `$` that it begins with" },
    Mistake { undo: |text| owned(text.strip_suffix([',', ';'])), advice: "remove the character after it, which separates it from what followed" },
    Mistake { undo: |text| owned(text.strip_suffix("\\n").map(|text| text.trim_end_matches("\\r"))), advice: "remove the written line break after it" },
];

const SWAPPED: &str = "exchange the last two fields; salt and hash seem to be swapped";

/// What is done to a part of a text.
#[rustfmt::skip]
pub(super) const SLIPS: &[Mistake] = &[
    Mistake { undo: |text| swapped(text, '$'), advice: SWAPPED },
    Mistake { undo: |text| swapped(text, ':'), advice: SWAPPED },
    Mistake { undo: |text| of_hex(text, Base64::Standard), advice: HEX_FOR_BASE64 },
    Mistake { undo: |text| of_hex(text, Base64::Phc), advice: HEX_FOR_BASE64 },
    Mistake { undo: once, advice: "this seems to be base64 twice; decode it once" },
    Mistake { undo: two_digits, advice: "write the cost with two digits, such as `05`" },
];

fn owned(text: Option<&str>) -> Undone {
    text.map(|text| Zeroizing::new(text.to_owned()))
}

fn quotes(text: &str) -> Undone {
    let quoted = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    owned(['"', '\'', '`'].into_iter().find_map(quoted))
}

/// The text with everything replaced for which `replace` gives a character and how many bytes it stands for.
fn rewritten(text: &str, replace: impl Fn(&str) -> Option<(char, usize)>) -> Undone {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let (mut rest, mut changed) = (text, false);
    while let Some(first) = rest.chars().next() {
        let replaced = replace(rest);
        changed |= replaced.is_some();
        let (character, bytes) = replaced.unwrap_or((first, first.len_utf8()));
        out.push(character);
        rest = &rest[bytes..];
    }
    changed.then_some(out)
}

fn backslash(rest: &str) -> Option<(char, usize)> {
    match rest.as_bytes() {
        [b'\\', b'u', ..] => code(rest.get(2..6)?, 16).map(|character| (character, 6)),
        [b'\\', escaped @ (b'/' | b'$' | b'\\' | b'"' | b'\'' | b'='), ..] => {
            Some((char::from(*escaped), 2))
        }
        _ => None,
    }
}

/// An escape of two hex digits.
fn byte(rest: &str, mark: char) -> Option<(char, usize)> {
    code(rest.strip_prefix(mark)?.get(..2)?, 16).map(|character| (character, 3))
}

fn entity(rest: &str) -> Option<(char, usize)> {
    const NAMES: &[(&str, char)] = &[
        ("amp", '&'),
        ("dollar", '$'),
        ("plus", '+'),
        ("equals", '='),
        ("sol", '/'),
        ("quot", '"'),
    ];
    let (name, _) = rest.strip_prefix('&')?.split_once(';')?;
    let known = || NAMES.iter().find(|(known, _)| *known == name).map(|(_, character)| *character);
    let character = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(digits) => code(digits, 16),
            None => code(number, 10),
        },
        None => known(),
    };
    character.map(|character| (character, name.len() + 2))
}

/// The printable character with a number, as no other is in a hash.
fn code(digits: &str, radix: u32) -> Option<char> {
    let plain = digits.chars().all(|digit| digit.is_digit(radix));
    let number = if plain { u8::from_str_radix(digits, radix).ok()? } else { return None };
    number.is_ascii_graphic().then(|| char::from(number))
}

fn base64(text: &str) -> Undone {
    let dialects = [Base64::Standard, Base64::Phc, Base64::UrlSafe, Base64::UrlSafeNoPad];
    let decode = |dialect: Base64| dialect.decode("", "", text, 0).ok();
    printable(dialects.into_iter().find_map(decode)?)
}

fn hex(text: &str) -> Undone {
    printable(unhex(text)?)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let whole = is_hex(text) && text.len().is_multiple_of(2);
    if whole { text.as_bytes().chunks_exact(2).map(pair).collect() } else { None }
}

fn printable(bytes: Vec<u8>) -> Undone {
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes).ok()?.trim_end();
    owned(Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic())))
}

/// What follows the mark of hex in SQL, C or `PostgreSQL`.
fn after_marker(text: &str) -> Option<&str> {
    ["0x", "0X", "\\x"].iter().find_map(|mark| text.strip_prefix(mark))
}

/// What stands before the days of shadow(5), of which there are at least two.
fn before_ages(text: &str) -> Option<&str> {
    let (hash, ages) = text.split_once(':')?;
    let days = |byte: u8| byte == b':' || byte.is_ascii_digit();
    (ages.contains(':') && ages.bytes().all(days)).then_some(hash)
}

/// The hex after a name such as `sha256` or `SHA-256`.
fn after_digest_name(text: &str) -> Option<&str> {
    let (name, rest) = text.split_once(['$', ':', '='])?;
    let known = ["md5", "sha"]
        .iter()
        .any(|known| name.get(..3).is_some_and(|n| n.eq_ignore_ascii_case(known)));
    (known && is_hex(rest)).then_some(rest)
}

/// The text with its last two fields in the other order.
fn swapped(text: &str, separator: char) -> Undone {
    let (rest, last) = text.rsplit_once(separator)?;
    let (head, before) = match rest.rfind(separator) {
        Some(at) => rest.split_at(at + separator.len_utf8()),
        None => ("", rest),
    };
    Some(Zeroizing::new(format!("{head}{last}{separator}{before}")))
}

/// The text with the base64 in its last field decoded once.
fn once(text: &str) -> Undone {
    let (head, last) = last_field(text)?;
    let mut out = base64(last)?;
    out.insert_str(0, head);
    Some(out)
}

/// The text with the hex in its last field as base64.
fn of_hex(text: &str, dialect: Base64) -> Undone {
    let (head, last) = last_field(text)?;
    let bytes = Zeroizing::new(if looks_like_hex(last) { unhex(last)? } else { return None });
    let mut out = Zeroizing::new(dialect.encode(&bytes));
    out.insert_str(0, head);
    Some(out)
}

fn last_field(text: &str) -> Option<(&str, &str)> {
    Some(text.split_at(text.rfind(['$', ':', '}'])? + 1))
}

/// The text with a zero before the single digit that is its second field, as the cost of bcrypt is.
fn two_digits(text: &str) -> Undone {
    let (head, rest) = text.strip_prefix('$')?.split_once('$')?;
    let (cost, rest) = rest.split_once('$')?;
    let single = matches!(cost.as_bytes(), [b'0'..=b'9']);
    single.then(|| Zeroizing::new(format!("${head}$0{cost}${rest}")))
}
