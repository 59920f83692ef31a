//! What comes with a hash: its options, and the pieces of its text.

use serde_json::Value;
use zeroize::Zeroizing;

use super::super::encoding::Base64;
use super::super::error::clip;
use super::super::expression::{Expression, Function, Problem, Variable};
use super::super::options::Reader;
use super::super::{HashError, HashOptions, Limits};
use super::row::{Encoding, Row, Source, Take};

/// Everything that was given for one hash.
#[derive(Default)]
pub(super) struct Given {
    pub(super) salt: Vec<u8>,
    pub(super) key: Vec<u8>,
    pub(super) user: Vec<u8>,
    pub(super) realm: Vec<u8>,
    pub(super) rounds: Option<u32>,
    pub(super) digest: Option<&'static Function>,
    pub(super) encoding: Option<Encoding>,
    pub(super) position: Position,
    pub(super) password_is_key: bool,
    pub(super) utf16: bool,
    pub(super) salt_bytes: Option<usize>,
    pub(super) template: Option<Zeroizing<String>>,
    /// The options that there were.
    named: Vec<Take>,
    /// The same to be shown again.
    pub(super) shown: Vec<Shown>,
    /// For the explanation.
    pub(super) parameters: Vec<(&'static str, String)>,
}

/// Where the salt goes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Position {
    #[default]
    Prefix,
    Suffix,
    Both,
}

/// An option as it was given.
pub(super) struct Shown {
    name: &'static str,
    value: ShownValue,
}

enum ShownValue {
    Text(Zeroizing<String>),
    Number(u32),
}

impl Shown {
    pub(super) fn pair(&self) -> (String, Value) {
        let value = match &self.value {
            ShownValue::Text(text) => text.as_str().into(),
            ShownValue::Number(number) => (*number).into(),
        };
        (self.name.to_owned(), value)
    }
}

impl Given {
    pub(super) fn read(
        row: &Row,
        options: &HashOptions,
        limits: &Limits,
    ) -> Result<Self, HashError> {
        let keys: Vec<_> = row.options.iter().map(|take| take.key()).collect();
        let known: Vec<_> = keys.iter().collect();
        let reader = Reader::beside_text(row.name, options, limits, &known)?;
        let mut given = Self::default();
        for take in row.options {
            given.take(row, *take, &reader, options, limits)?;
        }
        Ok(given)
    }

    fn take(
        &mut self,
        row: &Row,
        take: Take,
        reader: &Reader<'_>,
        options: &HashOptions,
        limits: &Limits,
    ) -> Result<(), HashError> {
        let key = take.key();
        let optional = matches!(
            take,
            Take::OptionalSalt
                | Take::SaltEncoding
                | Take::PasswordEncoding
                | Take::OptionalKey
                | Take::KeyEncoding
                | Take::OptionalDigest
                | Take::OptionalUsername
                | Take::OptionalRealm
                | Take::OptionalIterations
                | Take::Encoding
        );
        if optional && !options.contains_key(key.wire) {
            if take == Take::OptionalDigest {
                self.digest = row.digests.first().and_then(|(_, name)| Function::find(name));
            }
            return Ok(());
        }
        self.named.push(take);
        if matches!(take, Take::Iterations | Take::OptionalIterations | Take::Stretches) {
            let rounds = reader.required_integer(&key)?;
            self.set_rounds(row, rounds, limits)?;
            let value = ShownValue::Number(self.rounds.unwrap_or(1));
            self.shown.push(Shown { name: key.wire, value });
            return Ok(());
        }
        let text = reader.required_text(&key)?;
        let value = ShownValue::Text(Zeroizing::new(text.to_owned()));
        self.shown.push(Shown { name: key.wire, value });
        let encoding = |take: Take| match reader.text(&take.key()) {
            Ok(Some(name)) if row.options.contains(&take) => encoding(row, take, name),
            _ => Ok(row.salt),
        };
        let choose = |known: &[&str]| choose(row, key.wire, text, known);
        match take {
            Take::Salt | Take::OptionalSalt => {
                self.salt = decode(row, key.wire, text, encoding(Take::SaltEncoding)?)?;
                if self.salt.len() < row.least_salt {
                    return Err(HashError::option(row.name, key.wire, "empty"));
                }
            }
            Take::Key | Take::OptionalKey => {
                self.key = decode(row, key.wire, text, encoding(Take::KeyEncoding)?)?;
            }
            Take::SiteKey => self.key = text.as_bytes().to_vec(),
            Take::SaltEncoding | Take::KeyEncoding => {
                encoding(take)?;
            }
            Take::SaltPosition => {
                let positions = [Position::Prefix, Position::Suffix, Position::Both];
                self.position = positions[choose(&["prefix", "suffix", "both"])?];
                self.parameters.push(("salt position", text.to_owned()));
            }
            Take::PasswordEncoding => {
                self.utf16 = choose(&["utf8", "utf16le"])? == 1;
                self.parameters.push(("password encoding", text.to_owned()));
            }
            Take::KeyRole => {
                self.password_is_key = choose(&["secret", "password"])? == 1;
                self.parameters.push(("key role", text.to_owned()));
            }
            Take::Digest | Take::OptionalDigest => {
                let function = digest(row, text)?;
                self.digest = Some(function);
                self.parameters.push(("digest", function.name.to_owned()));
            }
            Take::Username | Take::OptionalUsername => self.user = text.as_bytes().to_vec(),
            Take::Realm | Take::OptionalRealm => self.realm = text.as_bytes().to_vec(),
            Take::Encoding => self.encoding = Some(self::encoding(row, take, text)?),
            Take::Template | Take::Expression => {
                self.template = Some(Zeroizing::new(text.to_owned()));
                self.parameters.push((key.wire, redacted(text)));
            }
            Take::Iterations | Take::OptionalIterations | Take::Stretches => {}
        }
        Ok(())
    }

    /// Takes rounds that are at least 1, within their bound.
    pub(super) fn set_rounds(
        &mut self,
        row: &Row,
        rounds: u64,
        limits: &Limits,
    ) -> Result<(), HashError> {
        let limit = limits.digest_rounds;
        match u32::try_from(rounds) {
            Ok(fitting) if fitting <= limit => self.rounds = Some(fitting),
            _ => {
                return Err(HashError::OverLimit {
                    scheme: row.name,
                    parameter: "rounds",
                    value: rounds,
                    limit: limit.into(),
                });
            }
        }
        self.parameters.push(("rounds", rounds.to_string()));
        Ok(())
    }

    /// The name of the digest.
    pub(super) fn digest(&self) -> &'static str {
        self.digest.map_or("", |function| function.name)
    }

    /// The expression of the hash.
    pub(super) fn expression(&self, row: &Row) -> Result<Expression, HashError> {
        let malformed = |problem: Problem| HashError::malformed(row.name, problem.what);
        match row.expression {
            Source::Text(text) => {
                Expression::parse(&text.replace("{H}", self.digest())).map_err(malformed)
            }
            Source::Made(make) => Expression::parse(&make(self)).map_err(malformed),
            Source::Caller => {
                let text = self.template.as_ref().map_or("", |text| text.as_str());
                Expression::parse(text).map_err(|problem| {
                    HashError::option(row.name, caller_option(row), problem.to_string())
                })
            }
            Source::Template => match (self.digest, &self.template) {
                (Some(digest), Some(template)) => {
                    Expression::digest_of_template(digest, template).map_err(malformed)
                }
                _ => Err(HashError::malformed(row.name, "no template")),
            },
        }
    }

    /// That a caller's expression uses what was given, and that it was given what it uses.
    pub(super) fn check(&self, row: &Row, expression: &Expression) -> Result<(), HashError> {
        if !matches!(row.expression, Source::Caller) {
            return Ok(());
        }
        let given = |take: Take| self.named.contains(&take);
        let check = |take: Take, used: bool, empty: bool| {
            let reason = match (given(take), used) {
                (false, true) => "missing; the expression uses it",
                (true, false) if !empty => "not used by the expression",
                _ => return Ok(()),
            };
            Err(HashError::option(row.name, take.key().wire, reason))
        };
        check(Take::OptionalSalt, expression.uses(Variable::Salt), self.salt.is_empty())?;
        check(Take::OptionalKey, expression.uses(Variable::Key), false)?;
        check(Take::OptionalUsername, expression.uses(Variable::User), false)?;
        check(Take::OptionalRealm, expression.uses(Variable::Realm), false)?;
        check(Take::OptionalIterations, expression.uses_rounds(), false)
    }
}

fn caller_option(row: &Row) -> &'static str {
    if row.options.contains(&Take::Template) { "template" } else { "expression" }
}

fn digest(row: &Row, name: &str) -> Result<&'static Function, HashError> {
    let function = if row.digests.is_empty() {
        Function::find(name)
    } else {
        let known = row.digests.iter().find(|(spelled, known)| *spelled == name || *known == name);
        known.and_then(|(_, name)| Function::find(name))
    };
    function.ok_or_else(|| {
        let spelled = || row.digests.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let known = if row.digests.is_empty() { Function::names() } else { spelled() };
        let reason = format!("unknown digest `{}`; known are {known}", clip(name));
        HashError::option(row.name, "digest", reason)
    })
}

fn encoding(row: &Row, take: Take, name: &str) -> Result<Encoding, HashError> {
    Encoding::find(name).ok_or_else(|| {
        let reason = format!("unknown encoding `{}`; known are utf8, hex, base64", clip(name));
        HashError::option(row.name, take.key().wire, reason)
    })
}

/// The index of `text` in `known`.
fn choose(row: &Row, name: &str, text: &str, known: &[&str]) -> Result<usize, HashError> {
    known.iter().position(|known| *known == text).ok_or_else(|| {
        let reason = format!("unknown value `{}`; known are {}", clip(text), known.join(", "));
        HashError::option(row.name, name, reason)
    })
}

fn decode(row: &Row, name: &str, text: &str, encoding: Encoding) -> Result<Vec<u8>, HashError> {
    match encoding {
        Encoding::Text => Ok(text.as_bytes().to_vec()),
        Encoding::Hex => {
            let wrong = |reason: &str| Err(HashError::option(row.name, name, reason));
            if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return wrong("not hex");
            }
            if text.len() % 2 == 1 {
                return wrong("an odd number of hex digits");
            }
            let nibble = |byte: u8| match byte {
                b'0'..=b'9' => byte - b'0',
                _ => (byte | 0x20) - b'a' + 10,
            };
            let pairs = text.as_bytes().chunks_exact(2);
            Ok(pairs.map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])).collect())
        }
        Encoding::Base64 | Encoding::LooseBase64 => {
            Base64::Standard.decode_option(row.name, name, text)
        }
    }
}

/// An expression with its literals left out: one may be a pepper.
fn redacted(text: &str) -> String {
    let mut shown = String::new();
    let mut quote = None;
    let mut escaped = false;
    for character in text.chars() {
        match quote {
            None => {
                shown.push(character);
                if matches!(character, '"' | '\'') {
                    quote = Some(character);
                    shown.push_str("...");
                }
            }
            Some(_) if escaped => escaped = false,
            Some(_) if character == '\\' => escaped = true,
            Some(end) if character == end => {
                shown.push(character);
                quote = None;
            }
            Some(_) => {}
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_left_out() {
        assert_eq!(redacted(r#"md5("pe\"pper".$pass.'')"#), r#"md5("...".$pass.'...')"#);
        assert_eq!(redacted("md5($pass)"), "md5($pass)");
    }
}
