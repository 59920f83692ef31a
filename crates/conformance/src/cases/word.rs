//! What a search finds, rule by rule, as `rollbook_core::tokens` and `Schema::search` tell it.

use rollbook_core::{Filter, Schema};

use super::query::{check_filter, made};
use crate::Harness;
use crate::fixtures::{MEMBERS, Member};
use crate::probe::{Probe, Trial};

/// A word is the beginning of a token, in whatever case; never its middle or its end.
pub(crate) async fn search_finds_beginnings<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let names = ["Anna Lee", "Hanna Annan-Bly", "B2B 2024", "ann", ""];
    about(&trial, &names).await;
    let cases: [Found; 14] = [
        ("ann", "0 1 3"),
        ("ANN", "0 1 3"),
        ("a", "0 1 3"),
        ("anna", "0 1"),
        ("annan", "1"),
        ("annabel", ""),
        ("nna", ""),
        ("hanna", "1"),
        ("bly", "1"),
        ("b", "1 2"),
        ("b2", "2"),
        ("20", "2"),
        ("024", ""),
        ("4", ""),
    ];
    check_search(&trial, &cases).await;
    // The id is one of the texts, and so is each element of a list.
    check_search(&trial, &[("q4", "4"), ("q", "0 1 2 3 4")]).await;
    let roles = vec!["label:vip".to_owned(), "staff".to_owned()];
    trial.insert(Member { roles, ..Member::new("q5") }).await;
    check_search(&trial, &[("vip", "5"), ("label", "5"), ("staff", "5"), ("aff", "")]).await;
}

/// All words must be found, each in any of the texts; the same word may do for two.
pub(crate) async fn search_wants_all_words<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for (number, name, about, role) in [
        (0, "Ann", "from Rome", "admin"),
        (1, "Bob", "from Rome", "ann"),
        (2, "Ann", "from Oslo", "staff"),
    ] {
        let (name, about) = (Some(name.to_owned()), Some(about.to_owned()));
        let roles = vec![role.to_owned()];
        trial.insert(Member { name, about, roles, ..Member::new(&format!("q{number}")) }).await;
    }
    let cases: [Found; 9] = [
        ("ann rome", "0 1"),
        ("rome ann admin", "0"),
        ("  rome\tann\n", "0 1"),
        ("ann oslo rome", ""),
        ("ann nobody", ""),
        ("nobody ann", ""),
        ("ann an a", "0 1 2"),
        ("ann ann", "0 1 2"),
        ("from r", "0 1"),
    ];
    check_search(&trial, &cases).await;
}

/// What is written together must stand together, in that order, in one text; only its last token is a
/// beginning.
pub(crate) async fn search_glues_words<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let texts =
        ["ann.lee@x.co", "ann.lee@x.com", "ann@x.co lee", "x co ann lee", "Lee-Ann, x (co)"];
    about(&trial, &texts).await;
    let cases: [Found; 15] = [
        ("ann.lee@x.co", "0 1"),
        ("ann.lee@x.com", "1"),
        ("ann@x.co", "2 4"),
        ("ANN+x/co", "2 4"),
        ("x.co", "0 1 2 3 4"),
        ("x.com", "1"),
        ("lee@x", "0 1"),
        ("co.ann", "3"),
        ("lee.ann", "4"),
        ("ann-lee", "0 1 3"),
        ("ann.le", "0 1 3"),
        ("an.lee", ""),
        ("ann.lee@x.co.uk", ""),
        ("ann lee", "0 1 2 3 4"),
        ("lee@x ann", "0 1"),
    ];
    check_search(&trial, &cases).await;
    // Two texts of one member don't run into each other, nor do two elements of a list.
    let (name, about) = (Some("eva".to_owned()), Some("may".to_owned()));
    let roles = vec!["ivy".to_owned(), "joy".to_owned()];
    trial.insert(Member { name, about, roles, ..Member::new("q5") }).await;
    let cases: [Found; 6] = [
        ("eva may", "5"),
        ("ivy joy", "5"),
        ("eva-may", ""),
        ("ivy-joy", ""),
        ("may-ivy", ""),
        ("\"eva may\"", ""),
    ];
    check_search(&trial, &cases).await;
}

/// What is quoted must stand together, and whole; a quote that does not end is white space.
pub(crate) async fn search_quotes_are_whole<H: Harness>() {
    let trial = Trial::<H>::open().await;
    about(&trial, &["Ann O'Neill Lee", "Anne O'Neill", "Neill O Ann"]).await;
    let cases: [Found; 15] = [
        ("\"ann\"", "0 2"),
        ("\"ANN\"", "0 2"),
        ("\"ann o'neill\"", "0"),
        ("\"o neill\"", "0 1"),
        ("\"neill o\"", "2"),
        ("\"nei\"", ""),
        ("\"lee ann\"", ""),
        ("\"ann lee\"", ""),
        ("\"o neill\" le", "0"),
        ("le\"ann\"", "0"),
        ("\"ann\"\"lee\"", "0"),
        ("\"ann", "0 1 2"),
        ("\"ann\" \"le", "0"),
        ("\"\"", ""),
        ("\"\" ann", "0 1 2"),
    ];
    check_search(&trial, &cases).await;
}

/// Case and accents don't count, on either side; letters of other alphabets do.
pub(crate) async fn search_folds_letters<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let texts = [
        "Zoë Çelik",
        "ZOE CELIK",
        "Łukasz Straße",
        "ΣΊΣΥΦΟΣ",
        "İstanbul ısı",
        "e\u{301}lan",
        "ﬁne ½",
        "Ann",
        "Аnn", // Its first letter is Cyrillic.
        "ｆｕｌｌ",
    ];
    about(&trial, &texts).await;
    let cases: [Found; 23] = [
        ("zoe", "0 1"),
        ("ZOË", "0 1"),
        ("zoe\u{308}", "0 1"),
        ("çelik", "0 1"),
        ("celik", "0 1"),
        ("\"zoé celík\"", "0 1"),
        ("lukasz", "2"),
        ("strasse", "2"),
        ("straß", "2"),
        ("strase", ""),
        ("σισυφος", "3"),
        ("σίσυφοσ", "3"),
        ("istanbul", "4"),
        ("ISTAN", "4"),
        ("isi", "4"),
        ("élan", "5"),
        ("elan", "5"),
        ("fine", "6"),
        ("ﬁ", "6"),
        ("2", "6"),
        ("ann", "7"),
        ("аnn", "8"),
        ("full", "9"),
    ];
    check_search(&trial, &cases).await;
}

/// A script without spaces between words has a token for each character.
pub(crate) async fn search_takes_characters_of_han<H: Harness>() {
    let trial = Trial::<H>::open().await;
    about(&trial, &["山田太郎", "田山", "田中ken さん", "한국어"]).await;
    let cases: [Found; 11] = [
        ("山", "0 1"),
        ("太", "0"),
        ("山田", "0"),
        ("田山", "1"),
        ("田 山", "0 1"),
        ("ken", "2"),
        ("中k", "2"),
        ("\"田中\"", "2"),
        ("ん", "2"),
        ("한국", "3"),
        ("국어", ""),
    ];
    check_search(&trial, &cases).await;
}

/// A search without letters and digits finds nothing, and is no error; it is not left out either.
pub(crate) async fn search_without_words_finds_nothing<H: Harness>() {
    let trial = Trial::<H>::open().await;
    about(&trial, &["ann", ">", "", "😀 % _ * \" '"]).await;
    for text in [">", "😀", "\"", "\"\"", " ", "%", "_", "*", "'", "\\", "\0", "-- ;", "\u{301}"]
    {
        check_filter(&trial, found(&MEMBERS, text), &[]).await;
        let both = Filter::and([found(&MEMBERS, text), found(&MEMBERS, "ann")]);
        check_filter(&trial, both, &[]).await;
        let one = Filter::or([found(&MEMBERS, text), found(&MEMBERS, "ann")]);
        check_filter(&trial, one, &["q0"]).await;
    }
    // Beside words they say nothing.
    check_search(&trial, &[("> ann", "0"), ("ann 😀", "0"), ("\"\" ann *", "0")]).await;
}

/// What is an operator to a search engine is a word here, or nothing.
pub(crate) async fn search_knows_no_operators<H: Harness>() {
    let trial = Trial::<H>::open().await;
    about(&trial, &["ann", "bob", "ann or bob", "name: not near ann and bob"]).await;
    let cases: [Found; 15] = [
        ("ann*", "0 2 3"),
        ("a%", "0 2 3"),
        ("-ann", "0 2 3"),
        ("^ann", "0 2 3"),
        ("(ann)", "0 2 3"),
        ("ann'", "0 2 3"),
        ("\"ann\" + \"or\"", "2"),
        ("ann OR bob", "2"),
        ("ann AND bob", "3"),
        ("ann NOT bob", "3"),
        ("NEAR(ann bob)", "3"),
        ("name:ann", ""),
        ("{name}: ann", "3"),
        ("a_n", ""),
        ("ann\0bob", ""),
    ];
    check_search(&trial, &cases).await;
}

/// A text of many words and a word of many letters are found, by their last word and their first letters.
pub(crate) async fn search_of_any_size<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let many: Vec<String> = (0..5_000).map(|number| format!("w{number}")).collect();
    let long = format!("{}a {}b", "x".repeat(10_000), "x".repeat(10_000));
    about(&trial, &[&many.join(" "), &long, "w1 w2", "x"]).await;
    check_search(&trial, &[("w4999", "0"), ("w1", "0 2"), ("\"w4998 w4999\"", "0")]).await;
    check_search(&trial, &[("w2.w3", "0"), ("\"w1 w2\"", "0 2"), ("w5000", "")]).await;
    check_search(&trial, &[(&"x".repeat(256), "1"), ("x", "1 3"), ("xa", "")]).await;
    let words = "w1 ".repeat(85);
    check_search(&trial, &[(&words, "0 2"), (&format!("{words}y"), "")]).await;
}

/// A search, and the numbers of the members that it finds.
pub(super) type Found<'a> = (&'a str, &'a str);

/// Members `q0`, `q1` and so on with these texts.
pub(super) async fn about(probe: &Probe, texts: &[&str]) {
    for (number, text) in texts.iter().enumerate() {
        let about = Some((*text).to_owned());
        probe.insert(Member { about, ..Member::new(&format!("q{number}")) }).await;
    }
}

pub(super) async fn check_search(probe: &Probe, cases: &[Found<'_>]) {
    for (text, numbers) in cases {
        let expected: Vec<String> =
            numbers.split_whitespace().map(|number| format!("q{number}")).collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check_filter(probe, found(&MEMBERS, text), &expected).await;
    }
}

pub(super) fn found(schema: &'static Schema, text: &str) -> Filter {
    made(schema.search(text))
}
