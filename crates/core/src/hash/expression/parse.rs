//! From the text of an expression to its tree.

use super::super::error::clip;
use super::super::secret::Secret;
use super::{Expression, Function, Node, Rounds, Variable};

const TEXT_BYTES: usize = 1024;
const NODES: usize = 64;
const LEVELS: usize = 12;
const ROUNDS: u32 = 100_000_000;
const FILL_BYTES: usize = 1024;
/// Shorter values are met by chance; no digest is longer, also in hex.
const VALUE_BYTES: std::ops::RangeInclusive<usize> = 16..=256;

/// What is wrong with an expression, and where, as an offset counted from 0.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::hash) struct Problem {
    pub(in crate::hash) at: usize,
    pub(in crate::hash) what: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, at position {}", self.what, self.at + 1)
    }
}

type Result<T> = std::result::Result<T, Problem>;

impl Expression {
    pub(in crate::hash) fn parse(text: &str) -> Result<Self> {
        let mut parser = Parser { text, at: 0, nodes: 0, level: 0, last: None };
        if text.len() > TEXT_BYTES {
            return Err(parser.problem(format!("{} bytes are over {TEXT_BYTES}", text.len())));
        }
        let root = parser.expression()?;
        parser.spaces();
        if parser.at < text.len() {
            return Err(parser.problem("expected `.` or the end"));
        }
        Self::new(root.node).map_err(|what| Problem { at: 0, what })
    }

    /// The digest of a text with `{SALT}` and `{PASSWORD}` in it.
    pub(in crate::hash) fn digest_of_template(
        function: &'static Function,
        template: &str,
    ) -> Result<Self> {
        const PLACES: [(&str, Variable); 2] =
            [("{SALT}", Variable::Salt), ("{PASSWORD}", Variable::Pass)];
        let mut nodes = Vec::new();
        let mut at = 0;
        while at < template.len() {
            let problem = |what: String| Problem { at, what };
            if nodes.len() == NODES {
                return Err(problem(format!("more than {NODES} parts")));
            }
            let rest = &template[at..];
            if let Some((place, variable)) =
                PLACES.iter().find(|(place, _)| rest.starts_with(place))
            {
                nodes.push(Node::Variable(*variable));
                at += place.len();
            } else {
                let ends = PLACES.iter().filter_map(|(place, _)| rest.find(place));
                let end = ends.min().unwrap_or(rest.len());
                nodes.push(Node::Literal(Secret::new(rest.as_bytes()[..end].to_vec())));
                at += end;
            }
        }
        let root = Node::Digest(function, Box::new(Node::Join(nodes)));
        Self::new(root).map_err(|what| Problem { at: 0, what })
    }

    fn new(root: Node) -> std::result::Result<Self, String> {
        if !root.depends(false) {
            return Err(
                "the value does not depend on $pass, so every password would match".to_owned()
            );
        }
        let (least, most) = (VALUE_BYTES.start(), VALUE_BYTES.end());
        match root.bytes(0) {
            Some(bytes) if VALUE_BYTES.contains(&bytes) => Ok(Self { root, bytes }),
            Some(bytes) => {
                Err(format!("a value of {bytes} bytes is not between {least} and {most}"))
            }
            None => Err("the length of the value is not known; end in a digest".to_owned()),
        }
    }
}

impl Node {
    /// The length of the value, if it is the same for every password and salt.
    fn bytes(&self, last: usize) -> Option<usize> {
        match self {
            Self::Literal(bytes) => Some(bytes.len()),
            Self::Variable(Variable::Last) => Some(last),
            Self::Variable(_) | Self::Utf16(_) | Self::Nfc(_) => None,
            Self::Join(nodes) => {
                nodes.iter().try_fold(0_usize, |sum, node| sum.checked_add(node.bytes(last)?))
            }
            Self::Digest(function, _) | Self::Hmac(function, _) => Some(function.bytes),
            Self::Hex(node) => node.bytes(last)?.checked_mul(2),
            Self::Base64(node) => node.bytes(last)?.div_ceil(3).checked_mul(4),
            Self::Upper(node) | Self::Lower(node) => node.bytes(last),
            Self::Fill(bytes, _) => Some(*bytes),
            Self::Iterate(_, nodes) => nodes[0].bytes(last),
        }
    }

    /// Whether another password makes another value. `last` is whether that before it does.
    fn depends(&self, last: bool) -> bool {
        match self {
            Self::Variable(Variable::Pass) => true,
            Self::Variable(Variable::Last) => last,
            // May cut off what depends.
            Self::Fill(most, node) => {
                node.depends(last) && node.bytes(usize::MAX).is_some_and(|bytes| bytes <= *most)
            }
            Self::Iterate(rounds, nodes) => {
                let first = nodes[0].depends(last);
                let next = nodes[1].depends(first);
                match rounds {
                    Rounds::Fixed(1) => first,
                    Rounds::Fixed(_) => next,
                    Rounds::Given => first && next,
                }
            }
            _ => self.children().iter().any(|node| node.depends(last)),
        }
    }
}

/// A node, and whether it is a digest that is still to be written in hex.
struct Term {
    node: Node,
    digest: bool,
}

impl Term {
    fn written(self) -> Node {
        if self.digest { Node::Hex(Box::new(self.node)) } else { self.node }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    nodes: usize,
    level: usize,
    /// Within `iterate`: whether `$last` is a digest, and its length.
    last: Option<(bool, usize)>,
}

impl<'a> Parser<'a> {
    fn expression(&mut self) -> Result<Term> {
        self.level += 1;
        if self.level > LEVELS {
            return Err(self.problem(format!("more than {LEVELS} levels")));
        }
        let first = self.term()?;
        let mut joined = Vec::new();
        let mut whole = Some(first);
        while self.takes(b'.') {
            joined.extend(whole.take().map(Term::written));
            joined.push(self.term()?.written());
        }
        self.level -= 1;
        Ok(whole.unwrap_or(Term { node: Node::Join(joined), digest: false }))
    }

    fn term(&mut self) -> Result<Term> {
        self.nodes += 1;
        if self.nodes > NODES {
            return Err(self.problem(format!("more than {NODES} parts")));
        }
        self.spaces();
        match self.peek() {
            Some(b'$') => self.variable(),
            Some(quote @ (b'"' | b'\'')) => self.literal(quote),
            Some(byte) if byte.is_ascii_alphabetic() => self.call(),
            _ => Err(self.problem("expected a function, a variable or a literal")),
        }
    }

    fn variable(&mut self) -> Result<Term> {
        let start = self.at;
        self.at += 1;
        let name = self.word(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let variable = match name {
            "pass" => Variable::Pass,
            "salt" => Variable::Salt,
            "user" => Variable::User,
            "realm" => Variable::Realm,
            "key" => Variable::Key,
            "last" => {
                let Some((digest, _)) = self.last else {
                    return Err(Problem {
                        at: start,
                        what: "`$last` outside `iterate`".to_owned(),
                    });
                };
                return Ok(Term { node: Node::Variable(Variable::Last), digest });
            }
            _ => {
                let what = format!(
                    "unknown variable `${}`; known are $pass, $salt, $user, $realm, $key, $last",
                    clip(name)
                );
                return Err(Problem { at: start, what });
            }
        };
        Ok(Term { node: Node::Variable(variable), digest: false })
    }

    fn literal(&mut self, quote: u8) -> Result<Term> {
        let start = self.at;
        self.at += 1;
        let mut bytes = Vec::with_capacity(self.text.len() - self.at);
        loop {
            match self.next() {
                None => {
                    return Err(Problem {
                        at: start,
                        what: "a literal without its end".to_owned(),
                    });
                }
                Some(byte) if byte == quote => break,
                Some(b'\\') => match self.next() {
                    Some(byte @ (b'\\' | b'"' | b'\'')) => bytes.push(byte),
                    Some(b'x') => {
                        let pair = self.text.get(self.at..self.at + 2);
                        let value = pair
                            .filter(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()))
                            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
                        bytes.push(value.ok_or_else(|| self.problem("expected two hex digits"))?);
                        self.at += 2;
                    }
                    _ => {
                        self.at -= 1;
                        return Err(self.problem("an escape is one of \\\\ \\\" \\' \\x00"));
                    }
                },
                Some(byte) => bytes.push(byte),
            }
        }
        Ok(Term { node: Node::Literal(Secret::new(bytes)), digest: false })
    }

    fn call(&mut self) -> Result<Term> {
        let start = self.at;
        let name = self.word(|byte| byte.is_ascii_alphanumeric() || b"_-/".contains(&byte));
        self.expect(b'(')?;
        let bytes = |node| Ok(Term { node, digest: false });
        let term = match name {
            "bin" => {
                let at = self.at;
                let argument = self.expression()?;
                if !argument.digest {
                    let what =
                        "`bin` of what is no digest; its bytes are used as they are".to_owned();
                    return Err(Problem { at, what });
                }
                bytes(argument.node)
            }
            "hex" => {
                let argument = self.expression()?;
                bytes(Node::Hex(Box::new(argument.node)))
            }
            "base64" => bytes(Node::Base64(self.argument()?)),
            "upper" | "strtoupper" => bytes(Node::Upper(self.argument()?)),
            "lower" | "strtolower" => bytes(Node::Lower(self.argument()?)),
            "utf16le" => bytes(Node::Utf16(self.argument()?)),
            "nfc" => bytes(Node::Nfc(self.argument()?)),
            "fill" => {
                let count = self.number(FILL_BYTES as u64)?;
                self.expect(b',')?;
                let count = usize::try_from(count).unwrap_or(FILL_BYTES);
                bytes(Node::Fill(count, self.argument()?))
            }
            "iterate" => self.iterate(),
            _ => self.digest(name, start),
        }?;
        self.expect(b')')?;
        Ok(term)
    }

    fn digest(&mut self, name: &str, start: usize) -> Result<Term> {
        let (name, raw) = match name.strip_suffix("_bin") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (function, keyed) = match name.strip_prefix("hmac_") {
            Some(name) => (Function::find(name), true),
            None => (Function::find(name), false),
        };
        let Some(function) = function else {
            let what = format!("unknown function `{}`", clip(name));
            return Err(Problem { at: start, what });
        };
        let node = if keyed {
            let key = self.expression()?.written();
            self.expect(b',')?;
            Node::Hmac(function, Box::new([key, self.expression()?.written()]))
        } else {
            Node::Digest(function, self.argument()?)
        };
        Ok(Term { node, digest: !raw })
    }

    fn iterate(&mut self) -> Result<Term> {
        self.spaces();
        let rounds = if self.text[self.at..].starts_with("$rounds") {
            self.at += "$rounds".len();
            Rounds::Given
        } else {
            Rounds::Fixed(u32::try_from(self.number(ROUNDS.into())?).unwrap_or(ROUNDS))
        };
        self.expect(b',')?;
        let outer = self.last;
        let outer_bytes = outer.map_or(0, |(_, bytes)| bytes);
        let first = self.expression()?;
        let Some(length) = first.node.bytes(outer_bytes) else {
            return Err(self.problem("the first value of `iterate` has no fixed length"));
        };
        self.expect(b',')?;
        self.last = Some((first.digest, length));
        let next = self.expression()?;
        self.last = outer;
        if next.digest != first.digest || next.node.bytes(length) != Some(length) {
            return Err(self.problem("the values of `iterate` differ in their kind or length"));
        }
        if !next.node.any(&|node| matches!(node, Node::Digest(..) | Node::Hmac(..))) {
            return Err(self.problem("`iterate` without a digest"));
        }
        let digest = first.digest;
        Ok(Term { node: Node::Iterate(rounds, Box::new([first.node, next.node])), digest })
    }

    fn argument(&mut self) -> Result<Box<Node>> {
        Ok(Box::new(self.expression()?.written()))
    }

    /// A number from 1 to `most`.
    fn number(&mut self, most: u64) -> Result<u64> {
        self.spaces();
        let start = self.at;
        let digits = self.word(|byte| byte.is_ascii_digit());
        match digits.parse() {
            Ok(number) if (1..=most).contains(&number) => Ok(number),
            _ => Err(Problem { at: start, what: format!("expected a number from 1 to {most}") }),
        }
    }

    fn word(&mut self, belongs: impl Fn(u8) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let end = rest.bytes().position(|byte| !belongs(byte)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    fn takes(&mut self, wanted: u8) -> bool {
        self.spaces();
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: u8) -> Result<()> {
        if self.takes(wanted) {
            return Ok(());
        }
        Err(self.problem(format!("expected `{}`", char::from(wanted))))
    }

    fn problem(&self, what: impl Into<String>) -> Problem {
        Problem { at: self.at, what: what.into() }
    }
}
