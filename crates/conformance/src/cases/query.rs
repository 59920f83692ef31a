//! Filters, written out: these tables say what `Query::run` means.

use rollbook_core::{Expect, Filter, ID, Query, QueryError, SEQUENCE};

use super::order::check_order;
use crate::Harness;
use crate::fixtures::{MEMBERS, Member, field};
use crate::probe::{Probe, Trial, asked};
use crate::report::{check, rule};
use crate::values::{NUMBERS, time, times};

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
        name.not_starts_with("x"),
        name.ends_with(""),
        name.not_ends_with("x"),
        name.contains([""]),
        name.contains(["x", ""]),
        name.not_contains(["x"]),
        name.not_contains(["x", "y"]),
        field::<Member>("tags").not_contains(["x"]),
        age.between(0, 0),
        age.not_between(1, 2),
        age.not_between(2, 1),
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
    for filter in [name.not_ends_with(""), name.not_contains([""]), age.between(1, 0)] {
        check_filter(&trial, made(filter), &[]).await;
    }
    for filter in [
        field::<Member>("tags").contains([""]),
        field::<Member>("tags").contains_all([""]),
        field::<Member>("tags").contains_all(["", "x"]),
    ] {
        check_filter(&trial, made(filter), &[]).await;
    }
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
        check_filter(&trial, made(number.between(-1, 1)), &["minus", "zero", "one"]).await;
        check_filter(&trial, made(number.between(i64::MAX, i64::MAX)), &["max"]).await;
        check_filter(&trial, made(number.not_between(-1, 1)), &["min", "max"]).await;
        check_filter(&trial, made(number.not_between(i64::MIN, i64::MAX)), &[]).await;
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

/// Whole numbers compare exactly, also those that a fraction of 64 bits does not hold.
pub(crate) async fn long_numbers_are_exact<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for (place, number) in NUMBERS.iter().enumerate().rev() {
        let id = format!("{place:02}");
        trial.insert(Member { age: Some(*number), count: *number, ..Member::new(&id) }).await;
    }
    let expected: Vec<String> = (0..NUMBERS.len()).map(|place| format!("{place:02}")).collect();
    // Once with an index and once without.
    for field in [field::<Member>("age"), field::<Member>("count")] {
        check_order(&trial, &[field.ascending()], &expected).await;
        for (place, number) in NUMBERS.iter().enumerate() {
            let less = Query::new(&MEMBERS).filter(made(field.less(*number)));
            let done = format!("count of {}", asked(&less));
            check(rule::SELECT, done, trial.count(&less).await, place as u64);
            check_filter(&trial, made(field.equal([*number])), &[&expected[place]]).await;
        }
    }
}

/// Times compare by their milliseconds, before the epoch too, and to the ends of the calendar.
pub(crate) async fn times_compare_by_milliseconds<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let mut sorted = times();
    sorted.sort_unstable();
    // Inserted backwards, so that the order of insertion does not pass for that of the times.
    for (place, at) in sorted.iter().enumerate().rev() {
        let id = format!("{place:02}");
        trial.insert(Member { created: *at, seen: Some(*at), ..Member::new(&id) }).await;
    }
    let expected: Vec<String> = (0..sorted.len()).map(|place| format!("{place:02}")).collect();
    // Once with an index and once without.
    for field in [field::<Member>("$createdAt"), field::<Member>("seen")] {
        check_order(&trial, &[field.ascending()], &expected).await;
        for (place, at) in sorted.iter().enumerate() {
            let before = Query::new(&MEMBERS).filter(made(field.less(*at)));
            let done = format!("count of {}", asked(&before));
            check(rule::SELECT, done, trial.count(&before).await, place as u64);
            check_filter(&trial, made(field.equal([*at])), &[&expected[place]]).await;
        }
        let [first, second] = [sorted[0], sorted[1]];
        check_filter(&trial, made(field.less_equal(first)), &["00"]).await;
        check_filter(&trial, made(field.between(first, second)), &["01", "00"]).await;
        check_filter(&trial, made(field.greater(sorted[sorted.len() - 1])), &[]).await;
    }
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
            let done = asked(&less);
            check(rule::SELECT, done, trial.count(&less).await, place as u64);
            let same = Query::new(&MEMBERS).filter(made(field.equal([text])));
            check(
                rule::SELECT,
                asked(&same),
                trial.ids(&same).await,
                vec![expected[place].clone()],
            );
        }
    }
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
    check(rule::SELECT, asked(&query), trial.ids(&query).await.len(), 0);
}

/// A hundred filters of five hundred values each, and a thousand alternatives, are answered.
pub(crate) async fn many_filters_of_many_values<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for number in 0..4_i64 {
        let (name, roles) = (Some(format!("name{number}")), vec![number.to_string()]);
        trial
            .insert(Member { name, roles, age: Some(number), ..Member::new(&number.to_string()) })
            .await;
    }
    let [age, name, roles] = ["age", "name", "roles"].map(field::<Member>);
    // Every filter leaves 1 and 3 out or in; all of them leave the odd ones.
    let numbers = |shift: i64| (0..500).map(move |number| 2 * (number - shift) + 1);
    let texts = |shift| numbers(shift).map(|number: i64| number.to_string());
    let filters: Vec<Filter> = (0..100)
        .map(|shift| match shift % 5 {
            0 => age.equal(numbers(shift)),
            1 => ID.equal(texts(shift)),
            2 => roles.contains(texts(shift)),
            3 => name.contains(texts(shift)),
            _ => name.equal(numbers(shift).map(|number| format!("name{number}"))),
        })
        .map(made)
        .collect();
    let query = Query::new(&MEMBERS).filters_all(filters.clone());
    let done = "the members that satisfy 100 filters of 500 values";
    check(rule::SELECT, done, trial.ids(&query).await, vec!["1", "3"]);
    check(rule::SELECT, done, trial.count(&query).await, 2);
    let any = Query::new(&MEMBERS).filter(Filter::or(filters));
    let done = "the members that satisfy one of 100 filters of 500 values";
    check(rule::SELECT, done, trial.ids(&any).await, vec!["1", "3"]);
    let one = |number: i64| made(age.equal([number]));
    let done = "the members that satisfy one or all of 3,000 filters";
    let query = Query::new(&MEMBERS).filter(Filter::or((2..3_002).map(one)));
    check(rule::SELECT, done, trial.ids(&query).await, vec!["2", "3"]);
    let query = Query::new(&MEMBERS).filters_all((0..3_000).map(|_| one(2)));
    check(rule::SELECT, done, trial.ids(&query).await, vec!["2"]);
    let deleted = trial.delete(&MEMBERS, vec![Filter::or((1..3_001).map(one))]).await;
    let done = "a deletion of what satisfies one of 3,000 filters";
    check(rule::SELECT, done, deleted, 3);
}

/// Filters and orders see what is stored now: not what was before an update, nor what is deleted.
pub(crate) async fn queries_follow_writes<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for (id, age) in [("a", 1), ("b", 2), ("c", 3)] {
        trial.insert(aged(id, Some(age))).await;
    }
    let [age, count, roles, name] = ["age", "count", "roles", "name"].map(field::<Member>);
    let steps: [(&str, Option<i64>, &[&str]); 4] = [
        ("b", Some(9), &["a", "c", "b"]),
        ("a", None, &["a", "c", "b"]),
        ("c", Some(10), &["a", "b", "c"]),
        ("b", Some(2), &["a", "b", "c"]),
    ];
    let mut stored = [("a", Some(1)), ("b", Some(2)), ("c", Some(3))];
    for (id, new, sorted) in steps {
        let old = stored
            .iter_mut()
            .find(|(other, _)| *other == id)
            .map(|(_, age)| std::mem::replace(age, new));
        trial.put(aged(id, new), Expect::Anything).await;
        if let Some(Some(old)) = old {
            check_filter(&trial, made(age.equal([old])), &[]).await;
            check_filter(&trial, made(count.equal([old])), &[]).await;
            check_filter(&trial, made(roles.contains([old.to_string()])), &[]).await;
            check_filter(&trial, made(name.starts_with(format!("{old}."))), &[]).await;
        }
        if let Some(new) = new {
            check_filter(&trial, made(age.equal([new])), &[id]).await;
            check_filter(&trial, made(count.equal([new])), &[id]).await;
            check_filter(&trial, made(roles.contains([new.to_string()])), &[id]).await;
            check_filter(&trial, made(name.starts_with(format!("{new}."))), &[id]).await;
        }
        let sorted: Vec<String> = sorted.iter().map(ToString::to_string).collect();
        check_order(&trial, &[age.ascending()], &sorted).await;
    }
    trial.delete(&MEMBERS, vec![made(ID.equal(["b"]))]).await;
    check_filter(&trial, made(age.equal([2])), &[]).await;
    check_filter(&trial, made(age.less(100)), &["c"]).await;
    check_order(&trial, &[age.descending()], &["c".to_owned(), "a".to_owned()]).await;
}

/// A member that shows its age in fields with and without an index.
fn aged(id: &str, age: Option<i64>) -> Member {
    let text = age.map(|age| age.to_string());
    Member {
        age,
        count: age.unwrap_or(-1),
        name: text.as_ref().map(|text| format!("{text}.")),
        roles: text.into_iter().collect(),
        ..Member::new(id)
    }
}

pub(super) async fn check_filter(probe: &Probe, filter: Filter, expected: &[&str]) {
    let query = Query::new(&MEMBERS).filter(filter);
    check(rule::SELECT, asked(&query), probe.ids(&query).await, expected.to_vec());
    check(
        rule::SELECT,
        format!("count of {}", asked(&query)),
        probe.count(&query).await,
        expected.len() as u64,
    );
}

pub(super) fn made(filter: Result<Filter, QueryError>) -> Filter {
    filter.expect("the kit compares its fields with values of their type")
}
