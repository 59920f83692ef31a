//! What an expression costs, from its tree alone.

use super::evaluate::Variables;
use super::{Expression, Node, Variable};

/// The longest value that an expression may make on the way, in passwords of the longest kind; no less than
/// with the default limit of theirs.
const VALUE_PASSWORDS: u64 = 16;
const VALUE_BYTES: u64 = 64 * 1024;
/// Bytes that count as one round at least: the longest password, joined to a salt and digested.
const ROUND_BYTES: u64 = 16 * 1024;

/// The lengths of the variables.
pub(in crate::hash) struct Sizes<'a> {
    pub(in crate::hash) variables: &'a Variables,
    /// The longest password there will be.
    pub(in crate::hash) password: usize,
}

/// The cost of one evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::hash) struct Work {
    /// Digests of a short password.
    pub(in crate::hash) digests: u64,
    /// Rounds of everything within `iterate`, for the longest password.
    pub(in crate::hash) rounds: u64,
    /// Bytes of the longest value, for the longest password.
    pub(in crate::hash) value_bytes: u64,
    /// Bytes of all values that are made or digested, for the longest password.
    pub(in crate::hash) bytes: u64,
}

impl Work {
    /// The longest value and its limit, if it is too long for passwords of up to `password` bytes.
    pub(in crate::hash) fn too_long(&self, password: usize) -> Option<(u64, u64)> {
        let limit = VALUE_BYTES.max((password as u64).saturating_mul(VALUE_PASSWORDS));
        (self.value_bytes > limit).then_some((self.value_bytes, limit))
    }
}

impl Expression {
    pub(in crate::hash) fn work(&self, sizes: &Sizes<'_>) -> Work {
        let mut work = Work::default();
        measure(&self.root, sizes, 0, 1, &mut work);
        work
    }
}

/// The length of the value of `node`, which is computed `times` times; adds its cost.
fn measure(node: &Node, sizes: &Sizes<'_>, last: u64, times: u64, work: &mut Work) -> u64 {
    let value = match node {
        Node::Literal(bytes) => bytes.len() as u64,
        Node::Variable(Variable::Last) => last,
        Node::Variable(variable) => sizes.of(*variable),
        Node::Join(nodes) => {
            let lengths = nodes.iter().map(|node| measure(node, sizes, last, times, work));
            lengths.fold(0, u64::saturating_add)
        }
        Node::Digest(function, input) => {
            let input = measure(input, sizes, last, times, work);
            work.digests = work.digests.saturating_add(times);
            work.takes(input, times);
            function.bytes as u64
        }
        Node::Hmac(function, arguments) => {
            for argument in arguments.iter() {
                let input = measure(argument, sizes, last, times, work);
                work.digests = work.digests.saturating_add(times);
                work.takes(input, times);
            }
            function.bytes as u64
        }
        Node::Hex(input) | Node::Utf16(input) => {
            measure(input, sizes, last, times, work).saturating_mul(2)
        }
        Node::Base64(input) => {
            measure(input, sizes, last, times, work).div_ceil(3).saturating_mul(4)
        }
        Node::Upper(input) | Node::Lower(input) => measure(input, sizes, last, times, work),
        // No character grows more in UTF-8 (UAX #15, section 12).
        Node::Nfc(input) => measure(input, sizes, last, times, work).saturating_mul(3),
        Node::Fill(bytes, input) => {
            measure(input, sizes, last, times, work);
            *bytes as u64
        }
        Node::Iterate(rounds, nodes) => {
            let [first, next] = &**nodes;
            let first = measure(first, sizes, last, times, work);
            let again = u64::from(rounds.of(sizes.variables.rounds)).saturating_sub(1);
            let mut inner = Work::default();
            measure(next, sizes, first, times.saturating_mul(again), &mut inner);
            work.digests = work.digests.saturating_add(inner.digests);
            work.bytes = work.bytes.saturating_add(inner.bytes);
            work.value_bytes = work.value_bytes.max(inner.value_bytes);
            // This has the rounds of an inner `iterate` already.
            let rounds = inner.digests.max(inner.bytes / ROUND_BYTES);
            work.rounds = work.rounds.saturating_add(rounds);
            first
        }
    };
    if !matches!(node, Node::Literal(_) | Node::Variable(_)) {
        work.takes(value, times);
    }
    value
}

impl Work {
    fn takes(&mut self, value: u64, times: u64) {
        self.bytes = self.bytes.saturating_add(value.saturating_mul(times));
        self.value_bytes = self.value_bytes.max(value);
    }
}

impl Sizes<'_> {
    fn of(&self, variable: Variable) -> u64 {
        let bytes = match variable {
            Variable::Pass => self.password,
            Variable::Salt => self.variables.salt.len(),
            Variable::User => self.variables.user.len(),
            Variable::Realm => self.variables.realm.len(),
            Variable::Key => self.variables.key.len(),
            Variable::Last => 0,
        };
        bytes as u64
    }
}
