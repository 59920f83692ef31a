//! What to do about a text that would be right, had nothing been done to it on its way.
//!
//! Every piece of advice but the guesses was tried: the mistake is undone, and what comes out is read. So it
//! always leads to a text of the scheme, and costs nothing where the text is one. A text is not repaired here:
//! that its mistake can be undone does not say that this gives the text which was meant.

mod undo;

use super::recognise::{check_text, detect, hint};
use super::{HashError, HashOptions, Limits, Scheme};
use undo::{MISTAKES, SLIPS};

/// The error of a scheme, with advice if a known mistake explains it.
pub(super) fn advise(
    scheme: &'static dyn Scheme,
    text: &str,
    options: &HashOptions,
    limits: &Limits,
    error: HashError,
) -> HashError {
    let HashError::Malformed { hint: given, .. } = &error else { return error };
    let reads = |text: &str| reads(scheme, text, options, limits);
    let tried = |mistakes: &[undo::Mistake]| {
        let found =
            mistakes.iter().find(|mistake| (mistake.undo)(text).is_some_and(|text| reads(&text)));
        found.map(|mistake| mistake.advice.to_owned())
    };
    let guessed = || {
        cut(text, reads)
            .or_else(|| taken_by_a_shell(text))
            .or_else(|| other_digest(scheme, text, options))
    };
    // A scheme knows its own parts better than a guess does.
    let advice = match tried(MISTAKES).or_else(|| tried(SLIPS)) {
        None if given.is_none() => guessed(),
        found => found,
    };
    match advice {
        Some(advice) => error.hint(advice),
        None => error,
    }
}

/// The error of detection, with advice if a known mistake explains it.
pub(super) fn advise_unnamed(text: &str, limits: &Limits, error: HashError) -> HashError {
    let HashError::Unrecognised { hint: given } = &error else { return error };
    let tried = MISTAKES.iter().find_map(|mistake| {
        let text = (mistake.undo)(text)?;
        check_text("password", &text, limits.text_bytes).ok()?;
        match detect(&text) {
            Ok(scheme) if reads(scheme, &text, &HashOptions::new(), limits) => {
                Some(format!("{}; then it is {}", mistake.advice, scheme.name()))
            }
            Err(HashError::Ambiguous { .. }) => Some(mistake.advice.to_owned()),
            _ => None,
        }
    });
    let guessed = || if given.is_none() { taken_by_a_shell(text) } else { None };
    match tried.or_else(guessed) {
        Some(advice) => error.hint(advice),
        None => error,
    }
}

/// Whether the scheme takes the text, but perhaps for its cost.
fn reads(scheme: &dyn Scheme, text: &str, options: &HashOptions, limits: &Limits) -> bool {
    check_text(scheme.name(), text, limits.text_bytes).is_ok()
        && matches!(scheme.parse(text, options, limits), Ok(_) | Err(HashError::OverLimit { .. }))
}

/// Whether a text as long as a column of a table would be right if it were longer.
fn cut(text: &str, reads: impl Fn(&str) -> bool) -> Option<String> {
    const WIDTHS: &[usize] =
        &[20, 30, 32, 40, 45, 48, 50, 60, 64, 72, 75, 80, 90, 100, 120, 128, 255, 256];
    // Characters for bits that are all zero in base64, in hex and in the alphabet of crypt(3).
    const FILLS: [&str; 3] = ["A", "0", "."];
    const LONGEST: usize = 90;
    let width = text.len();
    let longer = |fill: &str| {
        let mut longer = zeroize::Zeroizing::new(String::with_capacity(width + LONGEST + 2));
        longer.push_str(text);
        (0..LONGEST).any(|_| {
            longer.push_str(fill);
            let length = longer.len();
            ["", "=", "="].iter().any(|padding| {
                longer.push_str(padding);
                reads(&longer)
            }) || {
                longer.truncate(length);
                false
            }
        })
    };
    (WIDTHS.contains(&width) && !is_hex(text) && FILLS.into_iter().any(longer)).then(|| {
        format!("it has exactly {width} characters, so a column of that width seems to have cut it")
    })
}

/// Whether a text looks like what a shell leaves of a hash in double quotes: `$2b`, `$10` and the like are
/// variables to it.
fn taken_by_a_shell(text: &str) -> Option<String> {
    let argon2 = text.starts_with("=19=") || text.starts_with("=16=");
    let bcrypt = matches!(text.as_bytes(), [b'a' | b'b' | b'x' | b'y', b'0'..=b'9', ..])
        && text.len() < 60
        && text.contains(['.', '/'])
        && text.bytes().all(|byte| super::encoding::crypt64(byte).is_some());
    let rounds = text.starts_with('=') && text.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    (argon2 || bcrypt || rounds).then(|| {
        "a shell seems to have taken what begins with `$`; put the text in single quotes".to_owned()
    })
}

/// What hex digits are that are too many or too few. With options they are of a scheme that many lengths fit.
fn other_digest(scheme: &dyn Scheme, text: &str, options: &HashOptions) -> Option<String> {
    if options.is_empty() && is_hex(text) { hint(scheme.name(), text) } else { None }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
