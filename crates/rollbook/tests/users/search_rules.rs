//! The rules of search once more, by brute force: a second opinion on what a search must find.
//!
//! Written from the documentation of `ListUsers::search`, and unlike the library in every step: a text becomes
//! a line of words with a space before and after each, letters are looked up in a table written by hand, and
//! whether words are found is one question to `str::contains`.

use std::collections::HashMap;

/// How the letters of the test data are written in lower case and without accents.
const LETTERS: &[(&str, &str)] = &[
    ("ÁÅáäåą", "a"),
    ("ÇçćČč", "c"),
    ("ð", "d"),
    ("ÉéëĘęěễ", "e"),
    ("ğ", "g"),
    ("İıị", "i"),
    ("Łł", "l"),
    ("Ññ", "n"),
    ("ÖØóôöøồ", "o"),
    ("ř", "r"),
    ("śŞşȘș", "s"),
    ("Țț", "t"),
    ("Úúü", "u"),
    ("Żż", "z"),
    ("Ææ", "ae"),
    ("ßẞ", "ss"),
    ("Þþ", "th"),
    ("Ίί", "ι"),
    ("Ι", "ι"),
    ("Οό", "ο"),
    ("Π", "π"),
    ("Σς", "σ"),
    ("Υ", "υ"),
    ("Φ", "φ"),
    ("В", "в"),
    ("Д", "д"),
    ("Её", "е"),
    ("ИЙй", "и"),
    ("К", "к"),
    ("О", "о"),
    ("С", "с"),
    ("Т", "т"),
    ("Ф", "ф"),
    // Letters in other dress.
    ("Ⅸⅸ", "ix"),
    ("½", "1 2"),
    ("ﬁ", "fi"),
    ("ﬃ", "ffi"),
    ("ｄ", "d"),
    ("Ｆｆ", "f"),
    ("ｈ", "h"),
    ("ｉ", "i"),
    ("ｌ", "l"),
    ("ｔ", "t"),
    ("ｕ", "u"),
    ("Ｗ", "w"),
    // One word each.
    ("ず", " す "),
    ("ズ", " ス "),
];
/// Letters that are written as they are.
const PLAIN: &str = "αδιλοπσυφвдеикорстфדוילحدعلميतमरशसจชดมยสาใ김민수";
/// Letters of scripts without spaces, each a word.
const ALONE: &str = "いうきさすちろんキス中京太子小山明本東民王田花郎都";
/// Marks on the letter before, which are left out.
const MARKS: &str = "\u{301}\u{93e}\u{940}\u{94d}\u{e35}\u{20e3}\u{fe0f}";
/// What stands between words.
const BETWEEN: &str = "\u{a0}\u{ad}\u{2003}\u{200d}’🇩🇪😀";

/// The rules, ready to be asked.
pub(crate) struct Rules {
    written: HashMap<char, String>,
}

/// What is searched of one user: a line of words for each text.
pub(crate) struct Lines(Vec<String>);

impl Rules {
    pub(crate) fn new() -> Self {
        let mut written = HashMap::new();
        let mut add = |letters: &str, text: &dyn Fn(char) -> String| {
            written.extend(letters.chars().map(|letter| (letter, text(letter))));
        };
        for (letters, text) in LETTERS {
            add(letters, &|_| (*text).to_owned());
        }
        add(PLAIN, &|letter| letter.to_string());
        add(ALONE, &|letter| format!(" {letter} "));
        add(MARKS, &|_| String::new());
        add(BETWEEN, &|_| " ".to_owned());
        Self { written }
    }

    /// The lines of a user with these texts and labels.
    pub(crate) fn lines(&self, texts: &[&str], labels: &[String]) -> Lines {
        let labels = labels.iter().map(|label| self.line(&format!("label:{label}")));
        Lines(texts.iter().map(|text| self.line(text)).chain(labels).collect())
    }

    /// What must be in the lines of a user, each in one of them, for `search` to find it.
    pub(crate) fn wanted(&self, search: &str) -> Vec<String> {
        let mut wanted = Vec::new();
        let mut rest = search;
        while let Some((before, after)) = rest.split_once('"') {
            self.open(before, &mut wanted);
            match after.split_once('"') {
                Some((quoted, after)) => {
                    // The space at the end keeps longer words out.
                    wanted.push(self.line(quoted));
                    rest = after;
                }
                None => rest = after,
            }
        }
        self.open(rest, &mut wanted);
        wanted.retain(|words| !words.trim().is_empty());
        wanted
    }

    fn open(&self, text: &str, wanted: &mut Vec<String>) {
        let words = text.split_whitespace();
        wanted.extend(words.map(|word| self.line(word).trim_end().to_owned()));
    }

    /// ` a word o neill `, of which ` o nei` is a part, and ` neil ` is not.
    fn line(&self, text: &str) -> String {
        let written: String = text.chars().map(|letter| self.letter(letter)).collect();
        written.split(' ').filter(|word| !word.is_empty()).fold(" ".to_owned(), |mut line, word| {
            line += word;
            line + " "
        })
    }

    fn letter(&self, letter: char) -> String {
        if letter.is_ascii() {
            let plain = letter.is_ascii_alphanumeric();
            return if plain { letter.to_lowercase().to_string() } else { " ".to_owned() };
        }
        let written = self.written.get(&letter);
        written.unwrap_or_else(|| panic!("say how {letter:?} is written")).clone()
    }
}

impl Lines {
    /// Whether all that is wanted is there.
    pub(crate) fn have(&self, wanted: &[String]) -> bool {
        let found = |words: &String| self.0.iter().any(|line| line.contains(words.as_str()));
        !wanted.is_empty() && wanted.iter().all(found)
    }
}
