//! Filters and orders, written out: these tables say what `Query::run` means.

use rollbook_core::{Filter, ID, Order, Query, QueryError, SEQUENCE};

use crate::Harness;
use crate::fixtures::{MEMBERS, Member, field};
use crate::probe::{Probe, Trial, ids};
use crate::report::{check, rule};
use crate::values::{time, times};

/// A null satisfies `is_null` and nothing else.
pub(crate) async fn nulls_match_only_is_null<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::new("null")).await;
    let member = Member {
        verified: Some(true),
        name: Some(String::new()),
        age: Some(0),
        seen: Some(time(0)),
        ..Member::new("value")
    };
    trial.insert(Member { tags: Some(vec![]), ..member }).await;
    for name in ["verified", "name", "age", "seen", "tags"] {
        let field = field::<Member>(name);
        check_filter(&trial, field.is_null(), &["null"]).await;
        check_filter(&trial, field.is_not_null(), &["value"]).await;
        check_filter(
            &trial,
            Filter::or([field.is_null(), field.is_not_null()]),
            &["null", "value"],
        )
        .await;
    }
    let (verified, name, age, seen) = (
        field::<Member>("verified"),
        field::<Member>("name"),
        field::<Member>("age"),
        field::<Member>("seen"),
    );
    // Whatever holds for the value, the null is never among the answers.
    for filter in [
        verified.equal([true, false]),
        verified.not_equal(false),
        verified.greater(false),
        name.equal(["", "null"]),
        name.not_equal("x"),
        name.less("x"),
        name.less_equal(""),
        name.greater_equal(""),
        name.starts_with(""),
        age.equal([0]),
        age.not_equal(1),
        age.less(i64::MAX),
        age.less_equal(0),
        age.greater(i64::MIN),
        age.greater_equal(0),
        seen.equal([time(0)]),
        seen.not_equal(time(1)),
        seen.less(time(1)),
        seen.greater_equal(times()[0]),
    ] {
        check_filter(&trial, made(filter), &["value"]).await;
    }
    for filter in [verified.not_equal(true), name.less(""), age.greater(0), seen.less(time(0))] {
        check_filter(&trial, made(filter), &[]).await;
    }
    check_filter(&trial, made(field::<Member>("tags").contains([""])), &[]).await;
}

/// Comparisons are strict or not as they say, at the ends of the ranges too; `equal` takes several.
pub(crate) async fn comparisons<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for (id, age) in [("min", i64::MIN), ("minus", -1), ("zero", 0), ("one", 1), ("max", i64::MAX)]
    {
        let active = age >= 0;
        trial.insert(Member { age: Some(age), count: age, active, ..Member::new(id) }).await;
    }
    // Once with an index and once without.
    for number in [field::<Member>("age"), field::<Member>("count")] {
        check_filter(&trial, made(number.less(0)), &["min", "minus"]).await;
        check_filter(&trial, made(number.less_equal(0)), &["min", "minus", "zero"]).await;
        check_filter(&trial, made(number.greater(0)), &["one", "max"]).await;
        check_filter(&trial, made(number.greater_equal(0)), &["zero", "one", "max"]).await;
        check_filter(&trial, made(number.less(i64::MIN)), &[]).await;
        check_filter(&trial, made(number.less_equal(i64::MIN)), &["min"]).await;
        check_filter(&trial, made(number.greater(i64::MAX)), &[]).await;
        check_filter(&trial, made(number.greater_equal(i64::MAX)), &["max"]).await;
        check_filter(&trial, made(number.not_equal(0)), &["min", "minus", "one", "max"]).await;
        check_filter(&trial, made(number.equal([i64::MAX, 7, -1, -1])), &["minus", "max"]).await;
        let between = [made(number.greater(-1)), made(number.less_equal(1))];
        check_filter(&trial, Filter::and(between), &["zero", "one"]).await;
    }
    let active = field::<Member>("active");
    check_filter(&trial, made(active.greater(false)), &["zero", "one", "max"]).await;
    check_filter(&trial, made(active.less_equal(false)), &["min", "minus"]).await;
    check_filter(
        &trial,
        made(active.equal([true, false])),
        &["min", "minus", "zero", "one", "max"],
    )
    .await;
    check_filter(&trial, made(ID.equal(["one", "min", "none"])), &["min", "one"]).await;
    check_filter(&trial, made(ID.greater("minus")), &["zero", "one"]).await;
    let third = trial.all(&MEMBERS).await[2].sequence().cast_signed();
    check_filter(&trial, made(SEQUENCE.less(third)), &["min", "minus"]).await;
    check_filter(&trial, made(SEQUENCE.equal([third])), &["zero"]).await;
    let many = (0..500).map(|number| number - 250);
    check_filter(&trial, made(field::<Member>("age").equal(many)), &["minus", "zero", "one"]).await;
}

/// Texts compare by their bytes: no case, no accent, no locale, no padding.
pub(crate) async fn texts_compare_by_bytes<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let sorted = [
        "",
        "\0",
        " ",
        "A",
        "Z",
        "a",
        "a\0",
        "a ",
        "a\u{301}",
        "b",
        "é",
        "\u{d7ff}",
        "\u{e000}",
        "\u{ffff}",
        "\u{10000}",
        "😀",
        "\u{10ffff}",
    ];
    // Inserted backwards, so that the order of insertion does not pass for that of the texts.
    for text in sorted.iter().rev() {
        let text = (*text).to_owned();
        let (name, about) = (Some(text.clone()), Some(text.clone()));
        trial.insert(Member { name, about, ..Member::new(&format!("={text}")) }).await;
    }
    let expected: Vec<String> = sorted.iter().map(|text| format!("={text}")).collect();
    for field in [&ID, field::<Member>("name"), field::<Member>("about")] {
        check_order(&trial, &[field.ascending()], &expected).await;
        let reversed: Vec<String> = expected.iter().rev().cloned().collect();
        check_order(&trial, &[field.descending()], &reversed).await;
        for (place, text) in sorted.iter().enumerate() {
            let text = if field == &ID { format!("={text}") } else { (*text).to_owned() };
            let less = Query::new(&MEMBERS).filter(made(field.less(text.clone())));
            let done = format!("{less:?}");
            check(rule::SELECT, done, trial.count(&less).await, place as u64);
            let same = Query::new(&MEMBERS).filter(made(field.equal([text])));
            check(
                rule::SELECT,
                format!("{same:?}"),
                trial.ids(&same).await,
                vec![expected[place].clone()],
            );
        }
    }
}

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
    check_filter(&trial, field::<Member>("roles").is_null(), &[]).await;
}

/// `And` of nothing is true, `Or` of nothing is false, at any depth.
pub(crate) async fn and_or_nest<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for (id, age) in [("a", Some(1)), ("b", Some(2)), ("c", None)] {
        trial.insert(Member { age, ..Member::new(id) }).await;
    }
    let age = field::<Member>("age");
    let is = |value: i64| made(age.equal([value]));
    let (yes, no) = (|| Filter::and([]), || Filter::or([]));
    check_filter(&trial, yes(), &["a", "b", "c"]).await;
    check_filter(&trial, no(), &[]).await;
    check_filter(&trial, Filter::and([yes(), is(1)]), &["a"]).await;
    check_filter(&trial, Filter::and([no(), is(1)]), &[]).await;
    check_filter(&trial, Filter::or([no(), is(1)]), &["a"]).await;
    check_filter(&trial, Filter::or([yes(), is(1)]), &["a", "b", "c"]).await;
    check_filter(&trial, Filter::or([Filter::and([no()]), Filter::or([no()])]), &[]).await;
    check_filter(
        &trial,
        Filter::and([Filter::or([yes()]), Filter::and([yes()])]),
        &["a", "b", "c"],
    )
    .await;
    check_filter(&trial, Filter::and([is(1), is(2)]), &[]).await;
    check_filter(&trial, Filter::or([is(2), is(1), age.is_null()]), &["a", "b", "c"]).await;
    // The inner `Or` binds before the outer `And`, and the other way round.
    let mixed = Filter::and([Filter::or([is(1), age.is_null()]), made(ID.not_equal("a"))]);
    check_filter(&trial, mixed, &["c"]).await;
    let mixed = Filter::or([Filter::and([is(1), made(ID.not_equal("a"))]), age.is_null()]);
    check_filter(&trial, mixed, &["c"]).await;
    let deep = (0..20).fold(is(2), |inner, _| Filter::and([Filter::or([inner, no()]), yes()]));
    check_filter(&trial, deep, &["b"]).await;
    let query = Query::new(&MEMBERS).filters_all([is(1), made(ID.equal(["b"]))]);
    check(rule::SELECT, format!("{query:?}"), trial.ids(&query).await.len(), 0);
}

/// Nulls sort first upwards and last downwards; ties keep the order of insertion both ways; later keys
/// decide where earlier ones tie.
pub(crate) async fn orders<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for (id, age, name) in [
        ("e", Some(1), Some("x")),
        ("d", None, Some("x")),
        ("c", Some(1), None),
        ("b", Some(-1), Some("y")),
        ("a", None, None),
        ("f", Some(1), Some("x")),
    ] {
        let name = name.map(ToOwned::to_owned);
        trial.insert(Member { age, count: age.unwrap_or(0), name, ..Member::new(id) }).await;
    }
    let [age, name] = ["age", "name"].map(field::<Member>);
    let cases: [(&[Order], &str); 10] = [
        (&[], "edcbaf"),
        (&[SEQUENCE.descending()], "fabcde"),
        (&[ID.ascending()], "abcdef"),
        (&[ID.descending()], "fedcba"),
        (&[age.ascending()], "dabecf"),
        (&[age.descending()], "ecfbda"),
        (&[name.ascending(), age.descending()], "caefdb"),
        (&[name.descending(), age.ascending()], "bdefac"),
        (&[age.descending(), name.descending(), ID.descending()], "fecbda"),
        (&[age.ascending(), SEQUENCE.descending()], "adbfce"),
    ];
    for (orders, expected) in cases {
        let expected: Vec<String> = expected.chars().map(String::from).collect();
        check_order(&trial, orders, &expected).await;
    }
    // The time of creation alone takes the order of insertion along: newest first is last inserted first.
    let created = field::<Member>("$createdAt");
    for (order, expected) in [(created.ascending(), "edcbaf"), (created.descending(), "fabcde")] {
        let expected: Vec<String> = expected.chars().map(String::from).collect();
        check_order(&trial, &[order], &expected).await;
    }
}

async fn check_filter(probe: &Probe, filter: Filter, expected: &[&str]) {
    let query = Query::new(&MEMBERS).filter(filter);
    check(rule::SELECT, format!("{query:?}"), probe.ids(&query).await, expected.to_vec());
    check(
        rule::SELECT,
        format!("count of {query:?}"),
        probe.count(&query).await,
        expected.len() as u64,
    );
}

async fn check_order(probe: &Probe, orders: &[Order], expected: &[String]) {
    let query = orders.iter().fold(Query::new(&MEMBERS), |query, order| query.order(*order));
    let rows = probe.select(&query).await;
    check(rule::SELECT, format!("{query:?}"), ids(&rows), expected.to_vec());
}

fn made(filter: Result<Filter, QueryError>) -> Filter {
    filter.expect("the kit compares its fields with values of their type")
}
