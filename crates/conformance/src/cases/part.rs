//! Filters that look at parts of texts and lists, written out.

use rollbook_core::ID;

use super::query::{check_filter, made};
use crate::Harness;
use crate::fixtures::{Member, field};
use crate::probe::Trial;

/// A prefix is a text, not a pattern.
pub(crate) async fn prefixes_are_no_patterns<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let names = [
        "",
        "%",
        "%x",
        "_",
        "_x",
        "x",
        "xx",
        "X",
        "\\",
        "\\%",
        "*",
        "[x]",
        "\u{10ffff}",
        "\u{10ffff}y",
        "\u{10ffff}\u{10ffff}",
        "x\u{10ffff}",
        "y",
        "\0",
        "\0x",
        "é",
        "e\u{301}",
    ];
    for name in names {
        let text = Some(name.to_owned());
        trial.insert(Member { name: text.clone(), about: text, ..Member::new(name) }).await;
    }
    trial.insert(Member::new("null")).await;
    let cases: &[(&str, &[&str])] = &[
        ("", &names),
        ("%", &["%", "%x"]),
        ("_", &["_", "_x"]),
        ("x", &["x", "xx", "x\u{10ffff}"]),
        ("X", &["X"]),
        ("\\", &["\\", "\\%"]),
        ("\\%", &["\\%"]),
        ("*", &["*"]),
        ("[", &["[x]"]),
        ("\u{10ffff}", &["\u{10ffff}", "\u{10ffff}y", "\u{10ffff}\u{10ffff}"]),
        ("\u{10ffff}\u{10ffff}", &["\u{10ffff}\u{10ffff}"]),
        ("x\u{10ffff}", &["x\u{10ffff}"]),
        ("\0", &["\0", "\0x"]),
        ("e", &["e\u{301}"]),
        ("xxx", &[]),
    ];
    for (prefix, expected) in cases {
        for name in ["name", "about"] {
            check_filter(&trial, made(field::<Member>(name).starts_with(*prefix)), expected).await;
        }
    }
    check_filter(&trial, made(ID.starts_with("%")), &["%", "%x"]).await;
}

/// A part and an end are texts, not patterns, and stand where their bytes stand.
pub(crate) async fn parts_are_no_patterns<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let names = [
        "",
        "%",
        "x%x",
        "_",
        "x",
        "X",
        "xyx",
        "\\",
        "é",
        "e\u{301}",
        "ré",
        "\0",
        "x\0y",
        "x\0z",
        "\u{10ffff}x",
        "😀",
        "'",
    ];
    for name in names {
        let text = Some(name.to_owned());
        trial.insert(Member { name: text.clone(), about: text, ..Member::new(name) }).await;
    }
    trial.insert(Member::new("null")).await;
    let within: &[(&[&str], &[&str])] = &[
        (&[""], &names),
        (&["%"], &["%", "x%x"]),
        (&["_"], &["_"]),
        (&["y"], &["xyx", "x\0y"]),
        (&["xyx"], &["xyx"]),
        (&["xyxy"], &[]),
        (&["X", "'"], &["X", "'"]),
        (&["\\"], &["\\"]),
        (&["é"], &["é", "ré"]),
        (&["e"], &["e\u{301}"]),
        (&["\u{301}"], &["e\u{301}"]),
        (&["\0"], &["\0", "x\0y", "x\0z"]),
        (&["\0y"], &["x\0y"]),
        (&["\0y", "\0z"], &["x\0y", "x\0z"]),
        (&["😀", "\u{10ffff}"], &["\u{10ffff}x", "😀"]),
    ];
    let ends: &[(&str, &[&str])] = &[
        ("", &names),
        ("%", &["%"]),
        ("_", &["_"]),
        ("x", &["x%x", "x", "xyx", "\u{10ffff}x"]),
        ("yx", &["xyx"]),
        ("xxyx", &[]),
        ("é", &["é", "ré"]),
        ("\u{301}", &["e\u{301}"]),
        ("y", &["x\0y"]),
        ("\0y", &["x\0y"]),
        ("\0", &["\0"]),
        ("😀", &["😀"]),
    ];
    let rest = |found: &[&str]| -> Vec<&str> {
        names.into_iter().filter(|name| !found.contains(name)).collect()
    };
    for field in ["name", "about"].map(field::<Member>) {
        for (parts, expected) in within {
            let parts = || parts.iter().copied();
            check_filter(&trial, made(field.contains(parts())), expected).await;
            check_filter(&trial, made(field.not_contains(parts())), &rest(expected)).await;
        }
        for (suffix, expected) in ends {
            check_filter(&trial, made(field.ends_with(*suffix)), expected).await;
            check_filter(&trial, made(field.not_ends_with(*suffix)), &rest(expected)).await;
        }
        check_filter(&trial, made(field.contains_all(["x", "y"])), &["xyx", "x\0y"]).await;
        check_filter(
            &trial,
            made(field.not_starts_with("x")),
            &rest(&["x%x", "x", "xyx", "x\0y", "x\0z"]),
        )
        .await;
    }
    check_filter(&trial, made(ID.ends_with("yx")), &["xyx"]).await;
    check_filter(&trial, made(ID.contains(["%", "'"])), &["%", "x%x", "'"]).await;
}

/// A list contains an element, not a part of one.
pub(crate) async fn lists_contain_elements<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let lists: [(&str, Option<&[&str]>); 6] = [
        ("null", None),
        ("none", Some(&[])),
        ("empty", Some(&[""])),
        ("ab", Some(&["a", "b"])),
        ("odd", Some(&["a,b", "[\"c\"]", "\"", "%"])),
        ("twice", Some(&["b", "b", "é"])),
    ];
    for (id, list) in lists {
        let tags: Option<Vec<String>> =
            list.map(|list| list.iter().map(ToString::to_string).collect());
        trial
            .insert(Member { roles: tags.clone().unwrap_or_default(), tags, ..Member::new(id) })
            .await;
    }
    let cases: [(&[&str], &[&str]); 10] = [
        (&["a"], &["ab"]),
        (&["b"], &["ab", "twice"]),
        (&["a", "é"], &["ab", "twice"]),
        (&[""], &["empty"]),
        (&["c"], &[]),
        (&["a,b"], &["odd"]),
        (&["[\"c\"]", "a"], &["ab", "odd"]),
        (&["\""], &["odd"]),
        (&["%"], &["odd"]),
        (&["A", "e\u{301}", "null"], &[]),
    ];
    for (elements, expected) in cases {
        for name in ["tags", "roles"] {
            let filter = made(field::<Member>(name).contains(elements.iter().copied()));
            check_filter(&trial, filter, expected).await;
        }
    }
    let all: [(&[&str], &[&str]); 6] = [
        (&["a"], &["ab"]),
        (&["b", "a"], &["ab"]),
        (&["b", "b"], &["ab", "twice"]),
        (&["é", "b"], &["twice"]),
        (&["a", "é"], &[]),
        (&["\"", "[\"c\"]", "a,b"], &["odd"]),
    ];
    for (elements, expected) in all {
        for name in ["tags", "roles"] {
            let filter = made(field::<Member>(name).contains_all(elements.iter().copied()));
            check_filter(&trial, filter, expected).await;
        }
    }
    let not = |name| made(field::<Member>(name).not_contains(["b", "%"]));
    check_filter(&trial, not("tags"), &["none", "empty"]).await;
    check_filter(&trial, not("roles"), &["null", "none", "empty"]).await;
    check_filter(&trial, field::<Member>("roles").is_null(), &[]).await;
}
