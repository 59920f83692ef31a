//! What an endpoint takes: parameters and the rules of their values.

use rollbook_core::{Email, Error, Id, MAX_SEARCH_CHARACTERS, Password, Phone};
use serde_json::Value;

/// A parameter of an endpoint.
#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    pub(crate) required: bool,
    pub(crate) rule: Rule,
}

/// Where a parameter comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    /// The query of a GET, the body of everything else.
    Input,
}

/// Which values are right.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    /// An id that something has.
    Id,
    /// An id for something new, or `unique()`.
    NewId,
    Email {
        empty: bool,
    },
    Phone {
        empty: bool,
    },
    /// A text of so many bytes, from 8 to 256.
    Password {
        empty: bool,
    },
    /// A text of so many characters.
    Text {
        least: usize,
        most: usize,
    },
    /// JSON's `true` or `false`.
    Bool,
    /// What forms and queries write for them as well.
    Flag,
    /// A whole number, also as a text.
    Range {
        least: i64,
        most: i64,
    },
    /// A whole number of 32 bits as JSON has it.
    Int,
    /// A JSON object.
    Object,
    Labels,
    /// One of these, in whatever case.
    OneOf(&'static [&'static str]),
    /// Texts in the syntax of queries.
    Queries,
    /// Parameters of the oldest version, which the list reads.
    Plain,
}

impl Param {
    pub(crate) const fn path(name: &'static str, rule: Rule) -> Self {
        Self { name, place: Place::Path, required: true, rule }
    }

    pub(crate) const fn required(name: &'static str, rule: Rule) -> Self {
        Self { name, place: Place::Input, required: true, rule }
    }

    pub(crate) const fn optional(name: &'static str, rule: Rule) -> Self {
        Self { name, place: Place::Input, required: false, rule }
    }
}

/// The most labels of a user, and the most characters of one.
const MOST_LABELS: usize = 1000;
const MOST_LABEL: usize = 36;

impl Rule {
    /// Says what would be right if `value` is not.
    pub(crate) fn check(self, value: &Value) -> Result<(), String> {
        let text = value.as_str();
        let right = match self {
            Self::Id => text.is_some_and(|text| Id::parse(text).is_ok()),
            Self::NewId => text.is_some_and(|text| text == "unique()" || Id::parse(text).is_ok()),
            Self::Email { empty } => {
                text.is_some_and(|text| (empty && text.is_empty()) || Email::parse(text).is_ok())
            }
            Self::Phone { empty } => {
                text.is_some_and(|text| (empty && text.is_empty()) || Phone::parse(text).is_ok())
            }
            Self::Password { empty } => text
                .is_some_and(|text| (empty && text.is_empty()) || (8..=256).contains(&text.len())),
            Self::Text { least, most } => text.is_some_and(|text| {
                (least..=most).contains(&text.chars().take(most.saturating_add(1)).count())
            }),
            Self::Bool => value.is_boolean(),
            Self::Flag => flag(value).is_some(),
            Self::Range { least, most } => {
                whole(value).is_some_and(|number| (least..=most).contains(&number))
            }
            Self::Int => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            Self::Object => match value {
                // What clients without a type for objects send for one without keys.
                Value::Array(items) => items.is_empty(),
                value => value.is_object(),
            },
            Self::Labels => texts(value).is_some_and(|labels| {
                let letters = |label: &&str| label.bytes().all(|byte| byte.is_ascii_alphanumeric());
                labels.len() <= MOST_LABELS
                    && labels.iter().all(|label| (1..=MOST_LABEL).contains(&label.len()))
                    && labels.iter().all(letters)
            }),
            Self::OneOf(names) => {
                text.is_some_and(|text| names.iter().any(|name| name.eq_ignore_ascii_case(text)))
            }
            Self::Queries => texts(value).is_some(),
            Self::Plain => true,
        };
        if right { Ok(()) } else { Err(self.reason()) }
    }

    /// What would be right, as the service words it.
    pub(crate) fn reason(self) -> String {
        let fixed = match self {
            Self::Id => {
                "UID must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, and underscore. \
                 Can't start with a leading underscore"
            }
            // What the library itself says of what is none.
            Self::NewId => return said(Id::parse("")),
            Self::Email { .. } => return said(Email::parse("")),
            Self::Phone { .. } => return said(Phone::parse("")),
            Self::Password { .. } => return said(Password::parse("")),
            Self::Text { least: 0, most } => {
                return format!("Value must be a valid string and no longer than {most} chars");
            }
            Self::Text { least, most } => {
                return format!(
                    "Value must be a valid string and at least {least} chars and no longer than {most} \
                     chars"
                );
            }
            Self::Bool | Self::Flag => "Value must be a valid boolean",
            Self::Range { least, most } => {
                return format!(
                    "Value must be a valid range between {least} and {}",
                    grouped(most)
                );
            }
            Self::Int => {
                "Value must be a valid signed 32-bit integer between -2,147,483,648 and 2,147,483,647"
            }
            Self::Object => "Value must be a valid object.",
            Self::Labels => {
                "Value must a valid array no longer than 1000 items and Value must be a valid string \
                 and at least 1 chars and no longer than 36 chars and only consist of '0, 1, 2, 3, 4, \
                 5, 6, 7, 8, 9, A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T, U, V, W, X, \
                 Y, Z, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z' \
                 chars"
            }
            Self::OneOf(names) => return format!("Value must be one of ({})", names.join(", ")),
            Self::Queries => "Queries must be an array",
            Self::Plain => "",
        };
        fixed.to_owned()
    }

    /// A search, as every list has it.
    pub(crate) const SEARCH: Self = Self::Text { least: 1, most: MAX_SEARCH_CHARACTERS };
}

/// The reason of a refusal.
fn said<T>(refused: Result<T, Error>) -> String {
    match refused {
        Err(Error::InvalidArgument { reason, .. }) => reason.into_owned(),
        _ => String::new(),
    }
}

/// A number with commas between its thousands, as the service writes it.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What a loose truth value says. The service takes the text "false" for true, which nobody means.
pub(crate) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => match text.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        Value::Number(number) => match number.as_i64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A whole number, also as a text with blanks around it.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The texts of an array, or of an object without regard to its keys.
pub(crate) fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        Value::Object(items) => items.values().map(Value::as_str).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(rule: Rule, right: &[Value], wrong: &[Value]) {
        for value in right {
            assert_eq!(rule.check(value), Ok(()), "{rule:?} of {value}");
        }
        for value in wrong {
            assert!(rule.check(value).is_err(), "{rule:?} of {value}");
        }
    }

    #[test]
    fn truth_values() {
        let loose = [json!(true), json!("true"), json!("false"), json!("1"), json!(0)];
        check(Rule::Flag, &loose, &[json!("TRUE"), json!("yes"), json!(""), json!(null), json!(2)]);
        check(Rule::Bool, &[json!(true), json!(false)], &[json!("true"), json!(1), json!(null)]);
    }

    #[test]
    fn numbers() {
        let range = Rule::Range { least: 4, most: 128 };
        let right = [json!(4), json!("4"), json!("04"), json!(" 4"), json!("4 "), json!(128)];
        let wrong = [
            json!("4.0"),
            json!(4.0),
            json!("1e2"),
            json!(true),
            json!(null),
            json!("abc"),
            json!(129),
        ];
        check(range, &right, &wrong);
        check(
            Rule::Int,
            &[json!(1), json!(-1)],
            &[json!("1"), json!(1.5), json!(2_147_483_648_i64)],
        );
        assert_eq!(
            Rule::Range { least: 60, most: 31_536_000 }.reason(),
            "Value must be a valid range between 60 and 31,536,000"
        );
    }

    #[test]
    fn texts_count_characters() {
        let rule = Rule::Text { least: 1, most: 5 };
        let right = [json!("a"), json!("abcdé"), json!("日本語日本"), json!("a\0")];
        check(rule, &right, &[json!(""), json!("abcdef"), json!(5), json!(["a"])]);
    }

    #[test]
    fn ids() {
        let right =
            [json!("a"), json!("A"), json!("1"), json!("a_"), json!("a.b"), json!("a".repeat(36))];
        let wrong = [
            json!("_a"),
            json!("-a"),
            json!("a b"),
            json!("é"),
            json!("a".repeat(37)),
            json!(5),
            json!(""),
        ];
        check(Rule::Id, &right, &wrong);
        check(Rule::Id, &[], &[json!("unique()")]);
        check(Rule::NewId, &[json!("unique()"), json!("a")], &wrong);
    }

    #[test]
    fn reasons_are_those_of_the_library() {
        let reasons = [
            Rule::NewId,
            Rule::Email { empty: true },
            Rule::Phone { empty: false },
            Rule::Password { empty: false },
        ]
        .map(Rule::reason);
        insta::assert_snapshot!(reasons.join("\n"), @r"
        Parameter must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, period, hyphen, and underscore. Can't start with a special char
        Value must be a valid email address
        Phone number must start with a '+' can have a maximum of fifteen digits.
        Password must be between 8 and 256 characters long.
        ");
    }

    #[test]
    fn objects_and_arrays() {
        let right = [json!({}), json!([]), json!({"a": [1]})];
        check(Rule::Object, &right, &[json!([1]), json!("{}"), json!(null)]);
        let right = [json!([]), json!(["vip"]), json!({"0": "vip"})];
        check(
            Rule::Labels,
            &right,
            &[json!("vip"), json!([""]), json!([1]), json!([["a"]]), json!(["a-b"])],
        );
        check(Rule::Queries, &[json!([]), json!({"0": "x"})], &[json!("x"), json!([1])]);
        check(Rule::OneOf(&["sha1"]), &[json!("sha1"), json!("SHA1")], &[json!("")]);
    }
}
