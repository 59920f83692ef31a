//! The text syntax: `equal("name", ["Ann"])`. A forgiving scanner rather than a grammar.
//!
//! The method is everything before the first parenthesis. The arguments are everything after it, without
//! the last character of the text, whatever it is. Quotes may be of either kind; a backslash takes a
//! comma, bracket or quote for what it is, and stays before anything else. Outside quotes blanks are
//! skipped, empty arguments too, and lists within lists lie side by side.

use serde_json::Value;

use super::number::numeric;
use super::{ParsedQuery, SyntaxError};
use crate::QueryError;

/// The query that `text` is.
pub(super) fn parse(text: &str) -> Result<ParsedQuery, QueryError> {
    let (method, rest) = text.split_once('(').ok_or(SyntaxError::Text)?;
    if method.contains('.') {
        return Err(SyntaxError::Dotted.into());
    }
    let mut arguments = scan(rest).into_iter();
    let mut next = || arguments.next();
    let attribute = |argument: Option<Argument>| match argument.map(Argument::value) {
        Some(Value::String(text)) => text,
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    Ok(match method {
        "equal" | "notEqual" | "lessThan" | "lessThanEqual" | "greaterThan"
        | "greaterThanEqual" | "search" | "contains" | "isNull" | "isNotNull" | "startsWith"
        | "endsWith" => {
            let attribute = attribute(next());
            let values = next().map_or_else(Vec::new, Argument::values);
            ParsedQuery::new(method, attribute, values)
        }
        "between" => {
            let attribute = attribute(next());
            let ends = [next(), next()].map(|end| end.map_or(Value::Null, Argument::value));
            ParsedQuery::new(method, attribute, ends)
        }
        "select" => ParsedQuery::new(method, "", next().map_or_else(Vec::new, Argument::values)),
        "orderAsc" | "orderDesc" => ParsedQuery::new(method, attribute(next()), []),
        "limit" | "offset" | "cursorAfter" | "cursorBefore" => {
            ParsedQuery::new(method, "", next().map(Argument::value))
        }
        // Newer methods were unknown to this syntax, and a client of its time doesn't send them.
        method => return Err(QueryError::Method { method: method.to_owned() }),
    })
}

/// An argument as it stands between the commas.
enum Argument {
    One(String),
    List(Vec<String>),
}

impl Argument {
    fn values(self) -> Vec<Value> {
        match self {
            Self::One(text) => vec![literal(text)],
            Self::List(texts) => texts.into_iter().map(literal).collect(),
        }
    }

    fn value(self) -> Value {
        match self {
            Self::One(text) => literal(text),
            Self::List(texts) => texts.into_iter().map(literal).collect(),
        }
    }
}

fn scan(rest: &str) -> Vec<Argument> {
    let (mut arguments, mut list, mut current) = (Vec::new(), Vec::new(), String::new());
    let (mut quote, mut depth) = (None, 0_i64);
    // A backslash before the last character still finds it; the loop itself does not.
    let end = rest.char_indices().next_back().map_or(0, |(place, _)| place);
    let mut chars = rest.char_indices();
    while let Some((_, c)) = chars.next().filter(|(place, _)| *place < end) {
        match c {
            '\\' => {
                let Some((_, escaped)) = chars.next() else { break };
                if !matches!(escaped, ',' | '[' | ']' | '"' | '\'') {
                    current.push('\\');
                }
                if quote.is_some() || !is_blank(escaped) {
                    current.push(escaped);
                }
            }
            '"' | '\'' => {
                match quote {
                    None => quote = Some(c),
                    Some(open) if open == c => quote = None,
                    Some(_) => {}
                }
                current.push(c);
            }
            _ if quote.is_some() => current.push(c),
            '[' => depth += 1,
            ']' => {
                depth -= 1;
                list.extend(some(&mut current));
                arguments.push(Argument::List(std::mem::take(&mut list)));
            }
            ',' if depth > 0 => list.extend(some(&mut current)),
            ',' => arguments.extend(some(&mut current).map(Argument::One)),
            c if is_blank(c) => {}
            c => current.push(c),
        }
    }
    arguments.extend(some(&mut current).map(Argument::One));
    arguments
}

fn some(current: &mut String) -> Option<String> {
    let text = std::mem::take(current);
    (!text.is_empty()).then_some(text)
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// What an argument means: a text in quotes, a word of JSON, a number, or a text without quotes.
fn literal(text: String) -> Value {
    if text.starts_with(['"', '\'']) {
        // The last character goes whatever it is: most often it is the other quote.
        let mut inner = text.chars();
        inner.next();
        inner.next_back();
        return Value::String(inner.collect());
    }
    match text.as_str() {
        "true" => true.into(),
        "false" => false.into(),
        "null" => Value::Null,
        other => numeric(other).map_or_else(|| text.into(), Value::Number),
    }
}
