//! A small language for digests of digests.
//!
//! `sha1($salt.sha1($salt.sha1($pass)))` is how a forum stored its passwords, written as hashcat and the
//! literature write it. An expression is parsed once and evaluated for every guess.
//!
//! ```ebnf
//! expression = term, { ".", term } ;                        (* joined *)
//! term       = call | variable | literal ;
//! call       = name, "(", argument, { ",", argument }, ")" ;
//! argument   = expression | number ;
//! variable   = "$", letter, { letter } ;
//! literal    = '"', { character | escape }, '"' | "'", { character | escape }, "'" ;
//! escape     = "\", ( "\" | '"' | "'" | "x", hex, hex ) ;
//! number     = digit, { digit } | "$rounds" ;
//! name       = letter, { letter | digit | "_" | "-" | "/" } ;
//! ```
//!
//! Spaces may stand between any two of these.
//!
//! **Values** are bytes. The value of a digest is written in lower-case hex wherever it is used, be it
//! joined, digested again or converted; `bin(md5($pass))`, or `md5_bin($pass)` for short, is the digest
//! itself. Only the outermost digest is not written at all: how it is stored is not part of the expression.
//!
//! | function | value |
//! |---|---|
//! | `md4`, `md5`, `ripemd160`, `sha1`, `sha224`, `sha256`, `sha384`, `sha512`, `sha512/224`, `sha512/256`, `sha3-224`, `sha3-256`, `sha3-384`, `sha3-512` | the digest; `_` may stand for `/` and `-` |
//! | `hmac_md5(key, message)` and so on | the HMAC, a digest as well |
//! | `bin(digest)` | the bytes of a digest |
//! | `hex(x)`, `base64(x)` | x in lower-case hex, in base64 with padding |
//! | `upper(x)`, `lower(x)` | x with its ASCII letters in one case; also `strtoupper`, `strtolower` |
//! | `utf16le(x)`, `nfc(x)` | the text x in UTF-16LE, in normalisation form C; bytes that are no text match nothing |
//! | `fill(n, x)` | x repeated and cut to n bytes |
//! | `iterate(n, first, next)` | the last of n values: `first`, and then `next` with `$last` for the one before |
//!
//! Variables are `$pass`, `$salt`, `$user`, `$realm`, `$key`, and `$last` within `iterate`.
//!
//! **Bounds.** An expression has at most 1024 bytes, 64 nodes and 12 levels, and its value a length that
//! does not depend on the password, of 16 to 256 bytes. The values of `iterate` have all one length. No value on
//! the way is longer than 16 of the longest passwords (64 KiB), and what `iterate` does is bounded by
//! [`Limits::digest_rounds`](crate::Limits). All of that is known before anything is computed. An expression
//! whose value does not depend on `$pass` is refused: its hash would fit every password.

mod buffer;
mod evaluate;
mod function;
mod measure;
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
