//! Searches: how texts are kept for them, and how they are asked.

use rollbook_core::{Document, Search};

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
/// search_text(&Document::new(1, 1, (User::SCHEMA.decode)(ann)?), &mut text);
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

/// A search in the language of FTS5; nothing if it has no words.
///
/// Tokens are letters and digits only, so nothing in them ends the quotes.
pub(crate) fn match_expression(search: &Search) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for word in &search.words {
        let prefix = if word.prefix { " *" } else { "" };
        let word = format!("\"{}\"{prefix}", word.tokens.join(" "));
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
            assert_eq!(match_expression(&Search::parse(search)).as_deref(), expected, "{search}");
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
}
