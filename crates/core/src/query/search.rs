//! Search: which documents a few words find.
//!
//! A text is cut into *tokens*: runs of letters and digits, in lower case and without accents. A script that
//! is written without spaces between words has a token for each character. A search is a list of words,
//! separated by white space. All must be found, each anywhere in one of the document's texts:
//!
//! - a word of one token is the beginning of a token: `ann` finds `Anna`;
//! - a word of several is those tokens one after the other, of which the last is a beginning:
//!   `ann@x.co` finds `ann@x.co` and `ann@x.com`, but nobody else at `x.co`;
//! - what is in double quotes is those tokens one after the other, whole.
//!
//! Without any token a search finds nothing.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::{Document, Filter, QueryError, Schema};

/// The most characters of a search.
pub const MAX_SEARCH_CHARACTERS: usize = 256;

/// The tokens of a text, in their order.
///
/// ```
/// use rollbook_core::tokens;
///
/// assert_eq!(tokens("Zoë O'Neill-Çelik"), ["zoe", "o", "neill", "celik"]);
/// assert_eq!(tokens("zoe@example.com"), ["zoe", "example", "com"]);
/// assert_eq!(tokens("山田 >😀<"), ["山", "田"]);
/// ```
pub fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut token = String::new();
    let mut end = |token: &mut String| {
        if !token.is_empty() {
            tokens.push(std::mem::take(token));
        }
    };
    if text.is_ascii() {
        // Most texts, without the tables.
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() {
                token.push(char::from(byte.to_ascii_lowercase()));
            } else {
                end(&mut token);
            }
        }
        end(&mut token);
        return tokens;
    }
    for character in text.nfkd().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c)) {
        if !character.is_alphanumeric() {
            end(&mut token);
        } else if stands_alone(character) {
            end(&mut token);
            token.push(character);
            end(&mut token);
        } else {
            match folded(character) {
                Some(letters) => token.push_str(letters),
                None => token.push(character),
            }
        }
    }
    end(&mut token);
    tokens
}

/// Letters that Unicode does not take apart, as people type them without their keys.
const fn folded(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'þ' => "th",
        'ħ' => "h",
        'ı' => "i",
        'ς' => "σ",
        _ => return None,
    })
}

/// Whether the script of a letter puts no spaces between words: Han, Hiragana, Katakana.
const fn stands_alone(character: char) -> bool {
    matches!(character, '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// A search, cut into words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Search {
    /// What must be found, all of it; nothing finds nothing.
    pub words: Vec<SearchWord>,
}

/// Tokens that must follow one another.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SearchWord {
    /// The tokens; never empty.
    pub tokens: Vec<String>,
    /// Whether the last one is the beginning of a token.
    pub prefix: bool,
}

impl Search {
    /// Cuts a search into words. Quotes that don't end are taken for white space.
    pub fn parse(text: &str) -> Self {
        let mut words = Vec::new();
        let pieces: Vec<&str> = text.split('"').collect();
        for (place, piece) in pieces.iter().enumerate() {
            if place % 2 == 1 && place + 1 < pieces.len() {
                words.push(SearchWord { tokens: tokens(piece), prefix: false });
            } else {
                let open = piece.split_whitespace().map(tokens);
                words.extend(open.map(|tokens| SearchWord { tokens, prefix: true }));
            }
        }
        words.retain(|word| !word.tokens.is_empty());
        Self { words }
    }

    /// Whether it is found in a document with these texts, given as their tokens.
    pub fn matches(&self, texts: &[Vec<String>]) -> bool {
        let found = |word: &SearchWord| texts.iter().any(|tokens| word.is_in(tokens));
        !self.words.is_empty() && self.words.iter().all(found)
    }
}

impl SearchWord {
    fn is_in(&self, tokens: &[String]) -> bool {
        let Some((last, before)) = self.tokens.split_last() else { return false };
        tokens.windows(self.tokens.len()).any(|window| {
            window.split_last().is_some_and(|(end, start)| {
                let ends = if self.prefix { end.starts_with(last.as_str()) } else { end == last };
                ends && start == before
            })
        })
    }
}

impl Schema {
    /// The documents in which `text` is found, as `search` says.
    ///
    /// # Errors
    ///
    /// [`QueryError::NoSearch`] if the documents have no texts that are searched,
    /// [`QueryError::SearchLength`] for more than [`MAX_SEARCH_CHARACTERS`] or none.
    ///
    /// ```
    /// use rollbook_core::{Query, Record, User};
    ///
    /// let found = Query::new(User::SCHEMA).filter(User::SCHEMA.search("ann \"o'neill\"")?);
    /// assert!(User::SCHEMA.search(&"a".repeat(257)).is_err());
    /// # let _ = found;
    /// # Ok::<(), rollbook_core::QueryError>(())
    /// ```
    pub fn search(&'static self, text: &str) -> Result<Filter, QueryError> {
        if self.search.is_none() {
            return Err(QueryError::NoSearch { schema: self.name });
        }
        if text.is_empty() || text.chars().nth(MAX_SEARCH_CHARACTERS).is_some() {
            return Err(QueryError::SearchLength);
        }
        Ok(Filter::Search { schema: self, search: Search::parse(text) })
    }

    /// The tokens of each text of `document` that is searched.
    pub fn search_tokens(&self, document: &Document) -> Vec<Vec<String>> {
        let texts = self.search.map_or_else(Vec::new, |texts| texts(document));
        texts.iter().map(|text| tokens(text)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(search: &str, texts: &[&str]) -> bool {
        let texts: Vec<_> = texts.iter().map(|text| tokens(text)).collect();
        Search::parse(search).matches(&texts)
    }

    #[test]
    fn tokens_are_folded_runs_of_letters_and_digits() {
        let check = |text: &str, expected: &[&str]| assert_eq!(tokens(text), expected, "{text}");
        check("", &[]);
        check(" -- ", &[]);
        check("Ann B2B", &["ann", "b2b"]);
        check("ÅSA Łukasz Ærø Straße ΣΊΣΥΦΟΣ", &["asa", "lukasz", "aero", "strasse", "σισυφοσ"]);
        check("İstanbul ISTANBUL ıspanak", &["istanbul", "istanbul", "ispanak"]);
        check("e\u{301}\u{e9}", &["ee"]);
        check("ｆｕｌｌ ﬁne ½", &["full", "fine", "1", "2"]);
        check("한국어", &tokens("한국어").iter().map(String::as_str).collect::<Vec<_>>());
        check("田中ken さん", &["田", "中", "ken", "さ", "ん"]);
        check("+1 (415) 555-0100", &["1", "415", "555", "0100"]);
        check("a_b", &["a", "b"]);
    }

    #[test]
    fn words_are_all_found_and_quoted_ones_whole() {
        let ann = ["ann1", "ann.lee@x.co", "Ann O'Neill Lee", "+14155550100", "label:vip"];
        for search in [
            "ann",
            "AN",
            "a",
            "lee ann",
            "ann.lee@x.co",
            "lee@x",
            "o'neill",
            "O’Neill",
            "neill",
            "+1415",
            "1415",
            "14155550100",
            "vip",
            "label:vip",
            "\"ann o'neill\"",
            "\"o neill\" le",
            "ann1",
            "x.c",
            "\"ann",
            "Änn",
        ] {
            assert!(finds(search, &ann), "{search}");
        }
        for search in [
            "",
            ">",
            "😀",
            "\"\"",
            "nn",
            "ann bob",
            "ann@x.co",
            "415",
            "lee.ann",
            "\"an\"",
            "\"neill o\"",
            "oneill",
            "ann.lee@x.co.uk",
            "lee 1415x",
        ] {
            assert!(!finds(search, &ann), "{search}");
        }
    }
}
