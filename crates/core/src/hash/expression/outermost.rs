//! The last digest of an expression, or its iterated one, apart from the rest.

use zeroize::Zeroizing;

use super::super::VerifyError;
use super::super::secret::Secret;
use super::super::work::{Bytes, Chain, Function, Kind, Work};
use super::buffer::Buffer;
use super::evaluate::{Scope, Value, Variables, base64, hex};
use super::{Expression, Node, Variable};

impl Expression {
    /// What is left to compute once all but the outermost digest is known, if that digest has lanes.
    pub(in crate::hash) fn outermost<'a>(
        &'a self,
        variables: &'a Variables,
        password: &'a [u8],
    ) -> Result<Option<Work<'a>>, VerifyError> {
        self.root.core().outermost(Scope::new(variables, password))
    }

    /// Whether the value is `expected`, if its outermost digest is `outcome`.
    pub(in crate::hash) fn conclude(
        &self,
        expected: &Secret,
        outcome: &[u8],
    ) -> Result<(), VerifyError> {
        if matches!(self.root, Node::Digest(..) | Node::Iterate(..)) {
            return expected.matches(outcome);
        }
        let mut value = Buffer::new();
        self.root.encode(outcome, &mut value);
        expected.matches(value.bytes())
    }
}

impl Node {
    /// The node inside of all encodings.
    fn core(&self) -> &Self {
        match self {
            Self::Hex(node) | Self::Base64(node) | Self::Upper(node) | Self::Lower(node) => {
                node.core()
            }
            _ => self,
        }
    }

    /// Appends the value of this node if that of its core is `outcome`.
    fn encode(&self, outcome: &[u8], out: &mut Buffer) {
        let inner = |node: &Self| {
            let mut value = Buffer::new();
            node.encode(outcome, &mut value);
            value
        };
        match self {
            Self::Hex(node) => hex(inner(node).bytes(), out),
            Self::Base64(node) => base64(inner(node).bytes(), out),
            Self::Upper(node) | Self::Lower(node) => {
                let start = out.bytes().len();
                node.encode(outcome, out);
                let text = &mut out.bytes_mut()[start..];
                if matches!(self, Self::Upper(_)) {
                    text.make_ascii_uppercase();
                } else {
                    text.make_ascii_lowercase();
                }
            }
            _ => out.extend(outcome),
        }
    }

    fn outermost<'a>(&'a self, scope: Scope<'a>) -> Result<Option<Work<'a>>, VerifyError> {
        match self {
            Self::Digest(function, input) => {
                let Some(function) = Function::named(function.name) else { return Ok(None) };
                let message = input.value(scope)?.into();
                Ok(Some(Work(Kind::Digest { function, message })))
            }
            Self::Iterate(rounds, nodes) => {
                let [first, next] = &**nodes;
                let Some((function, suffix)) = next.chained() else { return Ok(None) };
                let first: Bytes<'a> = first.value(scope)?.into();
                if first.len() != function.bytes() {
                    return Ok(None);
                }
                let mut rest = Buffer::new();
                for node in suffix {
                    node.append(scope, &mut rest)?;
                }
                let suffix = Value::Made(rest).into();
                // The first value is the first round.
                let rounds = scope.rounds(*rounds).saturating_sub(1);
                Ok(Some(Chain { function, first, suffix, rounds }.into()))
            }
            _ => Ok(None),
        }
    }

    /// The function and what follows the last value in its input, if that is what a round consists of.
    fn chained(&self) -> Option<(Function, &[Node])> {
        let Self::Digest(function, input) = self else { return None };
        let function = Function::named(function.name)?;
        let parts = match &**input {
            Self::Join(parts) => parts,
            last => std::slice::from_ref(last),
        };
        let (Self::Variable(Variable::Last), suffix) = parts.split_first()? else { return None };
        let is_last = |node: &Self| matches!(node, Self::Variable(Variable::Last));
        (!suffix.iter().any(|node| node.any(&is_last))).then_some((function, suffix))
    }
}

impl<'a> From<Value<'a>> for Bytes<'a> {
    fn from(value: Value<'a>) -> Self {
        match value {
            Value::Known(bytes) => Self::Given(bytes),
            Value::Made(buffer) => Self::Made(Zeroizing::new(buffer.bytes().to_vec())),
        }
    }
}
