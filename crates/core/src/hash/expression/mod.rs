//! A small language for digests of digests.
//!
//! `sha1($salt.sha1($salt.sha1($pass)))` is how a forum stored its passwords, written as hashcat and the
//! literature write it. An expression is parsed once and evaluated for every guess.
//!
#![doc = include_str!("grammar.md")]

mod buffer;
mod evaluate;
mod function;
mod measure;
mod outermost;
mod parse;

pub(super) use evaluate::Variables;
pub(super) use function::Function;
pub(super) use measure::Sizes;
pub(super) use parse::Problem;

use super::secret::Secret;

/// A parsed expression.
#[derive(Debug)]
pub(super) struct Expression {
    root: Node,
    bytes: usize,
}

/// A part of an expression. Where the language writes a digest in hex, the tree has a [`Node::Hex`].
#[derive(Debug)]
enum Node {
    /// May be somebody's pepper.
    Literal(Secret),
    Variable(Variable),
    Join(Vec<Node>),
    Digest(&'static Function, Box<Node>),
    Hmac(&'static Function, Box<[Node; 2]>),
    Hex(Box<Node>),
    Base64(Box<Node>),
    Upper(Box<Node>),
    Lower(Box<Node>),
    Utf16(Box<Node>),
    Nfc(Box<Node>),
    Fill(usize, Box<Node>),
    Iterate(Rounds, Box<[Node; 2]>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    Pass,
    Salt,
    User,
    Realm,
    Key,
    Last,
}

#[derive(Clone, Copy, Debug)]
enum Rounds {
    Fixed(u32),
    /// `$rounds`, which comes with the hash.
    Given,
}

impl Expression {
    /// The length of its value.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether it says `variable` anywhere.
    pub(super) fn uses(&self, variable: Variable) -> bool {
        self.root.any(&|node| matches!(node, Node::Variable(used) if *used == variable))
    }

    /// Whether it says `$rounds`.
    pub(super) fn uses_rounds(&self) -> bool {
        self.root.any(&|node| matches!(node, Node::Iterate(Rounds::Given, _)))
    }
}

impl Node {
    fn children(&self) -> &[Node] {
        match self {
            Self::Literal(_) | Self::Variable(_) => &[],
            Self::Join(nodes) => nodes,
            Self::Digest(_, node)
            | Self::Hex(node)
            | Self::Base64(node)
            | Self::Upper(node)
            | Self::Lower(node)
            | Self::Utf16(node)
            | Self::Nfc(node)
            | Self::Fill(_, node) => std::slice::from_ref(node),
            Self::Hmac(_, nodes) | Self::Iterate(_, nodes) => &nodes[..],
        }
    }

    fn any(&self, found: &dyn Fn(&Self) -> bool) -> bool {
        found(self) || self.children().iter().any(|node| node.any(found))
    }
}

#[cfg(test)]
mod tests;
