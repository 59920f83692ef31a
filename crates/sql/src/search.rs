//! Searches: how texts are kept for them, and how they are asked.

use rollbook_core::{Document, Search, SearchWord};

/// Appends what is searched of `document` to `text`: the tokens of its texts.
///
/// Between two texts stands a sign that is no token, so that nothing is found across them.
///
/// ```
/// use rollbook_core::{Document, Record, User};
/// use rollbook_sql::search_text;
///
/// let ann = br#"{"$id": "ann", "$createdAt": 0, "$updatedAt": 0, "registration": 0, "status": true,
///     "name": "Ann O'Neill", "email": "Ann@x.co"}"#;
/// let mut text = String::new();
/// search_text(&Document::new(1, 1, (User::SCHEMA.decode)(User::SCHEMA, ann)?), &mut text);
/// assert_eq!(text, "ann ¦ ann o neill ¦ ann x co");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn search_text(document: &Document, text: &mut String) {
    let texts = document.record().schema().search_tokens(document);
    for (place, tokens) in texts.iter().enumerate() {
        if place > 0 {
            text.push_str(" ¦ ");
        }
        for (place, token) in tokens.iter().enumerate() {
            if place > 0 {
                text.push(' ');
            }
            text.push_str(token);
        }
    }
}

/// How much a search for the engine finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a dialect must spell both")]
pub enum Fit {
    /// What it should.
    Exact,
    /// More, but sooner: the store tests what is found.
    Loose,
}

/// Whether a search is worth a loose fit: it has a word of so many tokens that those before the last are
/// found in few rows, an address for example. The last one is a beginning, and to gather all that begins so
/// (`com`) takes an engine longer than to test those few.
pub(crate) fn is_better_loose(search: &Search) -> bool {
    search.words.iter().any(is_long)
}

fn is_long(word: &SearchWord) -> bool {
    word.prefix && word.tokens.len() >= 3
}

/// A search in the language of FTS5; nothing if it has no words.
///
/// Tokens are letters and digits only, so nothing in them ends the quotes.
pub(crate) fn match_expression(search: &Search, fit: Fit) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for word in &search.words {
        let (tokens, prefix) = match word.tokens.split_last() {
            Some((_, before)) if fit == Fit::Loose && is_long(word) => (before, ""),
            _ => (&*word.tokens, if word.prefix { " *" } else { "" }),
        };
        let word = format!("\"{}\"{prefix}", tokens.join(" "));
        // Each would be looked for again.
        if !words.contains(&word) {
            words.push(word);
        }
    }
    (!words.is_empty()).then(|| words.join(" AND "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_tokens() {
        let check = |search: &str, expected: Option<&str>| {
            assert_eq!(
                match_expression(&Search::parse(search), Fit::Exact).as_deref(),
                expected,
                "{search}"
            );
        };
        check("", None);
        check(" * \"\" -", None);
        check("Ann ANN änn", Some("\"ann\" *"));
        check("ann@x.co \"O'Neill Lee\"", Some("\"ann x co\" * AND \"o neill lee\""));
        check(
            "a\" OR tokens:b* NEAR(^c",
            Some("\"a\" * AND \"or\" * AND \"tokens b\" * AND \"near c\" *"),
        );
        check("a\0b ¦ 山田", Some("\"a b\" * AND \"山 田\" *"));
    }

    #[test]
    fn a_loose_fit_leaves_the_last_token_of_a_long_word() {
        let search = Search::parse("lee@x ann@x.com \"o neill x\"");
        assert!(is_better_loose(&search));
        assert_eq!(
            match_expression(&search, Fit::Loose).as_deref(),
            Some("\"lee x\" * AND \"ann x\" AND \"o neill x\"")
        );
        assert!(!is_better_loose(&Search::parse("lee@x \"o neill x\"")));
    }
}
