//! From an expression and the bytes of its variables to a value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::super::VerifyError;
use super::super::secret::Secret;
use super::buffer::Buffer;
use super::{Expression, Node, Rounds, Variable};

/// What an expression knows beside the password.
#[derive(Debug)]
pub(in crate::hash) struct Variables {
    pub(in crate::hash) salt: Secret,
    pub(in crate::hash) key: Secret,
    pub(in crate::hash) user: Secret,
    pub(in crate::hash) realm: Secret,
    pub(in crate::hash) rounds: u32,
}

/// A value: of a variable, or made.
pub(super) enum Value<'a> {
    Known(&'a [u8]),
    Made(Buffer),
}

impl Value<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Known(bytes) => bytes,
            Self::Made(buffer) => buffer.bytes(),
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    variables: &'a Variables,
    password: &'a [u8],
    last: &'a [u8],
}

impl Expression {
    /// Whether the value for `password` is `expected`.
    pub(in crate::hash) fn verify(
        &self,
        expected: &Secret,
        variables: &Variables,
        password: &[u8],
    ) -> Result<(), VerifyError> {
        let value = self.root.value(Scope::new(variables, password))?;
        expected.matches(value.bytes())
    }

    /// The value for `password`.
    pub(in crate::hash) fn digest(
        &self,
        variables: &Variables,
        password: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VerifyError> {
        let value = self.root.value(Scope::new(variables, password))?;
        Ok(Zeroizing::new(value.bytes().to_vec()))
    }
}

impl Node {
    pub(super) fn value<'a>(&'a self, scope: Scope<'a>) -> Result<Value<'a>, VerifyError> {
        Ok(match self {
            Self::Literal(bytes) => Value::Known(bytes.bytes()),
            Self::Variable(variable) => Value::Known(scope.get(*variable)),
            _ => {
                let mut out = Buffer::new();
                self.append(scope, &mut out)?;
                Value::Made(out)
            }
        })
    }

    pub(super) fn append(&self, scope: Scope<'_>, out: &mut Buffer) -> Result<(), VerifyError> {
        match self {
            Self::Literal(bytes) => out.extend(bytes.bytes()),
            Self::Variable(variable) => out.extend(scope.get(*variable)),
            Self::Join(nodes) => {
                for node in nodes {
                    node.append(scope, out)?;
                }
            }
            Self::Digest(function, input) => function.digest(input.value(scope)?.bytes(), out),
            Self::Hmac(function, arguments) => {
                let [key, message] = &**arguments;
                function.hmac(key.value(scope)?.bytes(), message.value(scope)?.bytes(), out);
            }
            Self::Hex(input) => hex(input.value(scope)?.bytes(), out),
            Self::Base64(input) => base64(input.value(scope)?.bytes(), out),
            Self::Upper(input) => {
                let start = out.bytes().len();
                input.append(scope, out)?;
                out.bytes_mut()[start..].make_ascii_uppercase();
            }
            Self::Lower(input) => {
                let start = out.bytes().len();
                input.append(scope, out)?;
                out.bytes_mut()[start..].make_ascii_lowercase();
            }
            Self::Utf16(input) => {
                for unit in text(input.value(scope)?.bytes())?.encode_utf16() {
                    out.extend(&unit.to_le_bytes());
                }
            }
            Self::Nfc(input) => {
                for character in text(input.value(scope)?.bytes())?.nfc() {
                    out.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
            Self::Fill(bytes, input) => {
                let piece = input.value(scope)?;
                let mut left = if piece.bytes().is_empty() { 0 } else { *bytes };
                while left > 0 {
                    let taken = left.min(piece.bytes().len());
                    out.extend(&piece.bytes()[..taken]);
                    left -= taken;
                }
            }
            Self::Iterate(rounds, nodes) => {
                let [first, next] = &**nodes;
                let mut last = Buffer::new();
                first.append(scope, &mut last)?;
                let mut value = Buffer::new();
                for _ in 1..rounds.of(scope.variables.rounds) {
                    value.clear();
                    next.append(Scope { last: last.bytes(), ..scope }, &mut value)?;
                    std::mem::swap(&mut last, &mut value);
                }
                out.extend(last.bytes());
            }
        }
        Ok(())
    }
}

/// Appends lower-case hex.
pub(super) fn hex(bytes: &[u8], out: &mut Buffer) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        let digit = |four: u8| DIGITS[usize::from(four & 15)];
        out.extend(&[digit(byte >> 4), digit(*byte)]);
    }
}

/// Appends base64.
pub(super) fn base64(bytes: &[u8], out: &mut Buffer) {
    // Three bytes at a time, so that no text of it is left behind.
    let mut text = [0; 4];
    for group in bytes.chunks(3) {
        let result = STANDARD.encode_slice(group, &mut text);
        out.extend(&text[..result.unwrap_or_default()]);
    }
}

/// Software that works on text cannot have hashed a password that is none.
fn text(bytes: &[u8]) -> Result<&str, VerifyError> {
    std::str::from_utf8(bytes).map_err(|_| VerifyError::Mismatch)
}

impl Rounds {
    pub(super) fn of(self, given: u32) -> u32 {
        match self {
            Self::Fixed(rounds) => rounds,
            Self::Given => given,
        }
    }
}

impl<'a> Scope<'a> {
    pub(super) fn new(variables: &'a Variables, password: &'a [u8]) -> Self {
        Self { variables, password, last: &[] }
    }

    /// How often something is iterated.
    pub(super) fn rounds(self, rounds: Rounds) -> u32 {
        rounds.of(self.variables.rounds)
    }

    fn get(self, variable: Variable) -> &'a [u8] {
        match variable {
            Variable::Pass => self.password,
            Variable::Salt => self.variables.salt.bytes(),
            Variable::User => self.variables.user.bytes(),
            Variable::Realm => self.variables.realm.bytes(),
            Variable::Key => self.variables.key.bytes(),
            Variable::Last => self.last,
        }
    }
}
