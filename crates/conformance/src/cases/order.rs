//! Orders, written out.

use rollbook_core::{ID, Order, Query, SEQUENCE, Shuffle};

use super::query::made;
use crate::Harness;
use crate::fixtures::{MEMBERS, Member, field};
use crate::probe::{Probe, Trial, asked, ids};
use crate::report::{check, rule};

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

/// False sorts before true, and a null before both.
pub(crate) async fn booleans_sort<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for (id, verified) in [("t", Some(true)), ("n", None), ("f", Some(false))] {
        let active = verified == Some(true);
        trial.insert(Member { active, verified, ..Member::new(id) }).await;
    }
    let [active, verified] = ["active", "verified"].map(field::<Member>);
    for (orders, expected) in [
        ([verified.ascending()], ["n", "f", "t"]),
        ([verified.descending()], ["t", "f", "n"]),
        ([active.ascending()], ["n", "f", "t"]),
        ([active.descending()], ["t", "n", "f"]),
    ] {
        check_order(&trial, &orders, &expected.map(ToOwned::to_owned)).await;
    }
}

/// Lists sort by their JSON text, nulls before all.
pub(crate) async fn lists_sort_by_their_text<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let sorted: [(&str, Option<&[&str]>); 8] = [
        ("null", None),
        ("space", Some(&[" "])),
        ("empty", Some(&[""])),
        ("several", Some(&["a", "b"])),
        ("one", Some(&["a"])),
        ("longer", Some(&["aa"])),
        ("accent", Some(&["á"])),
        ("none", Some(&[])),
    ];
    for (id, list) in sorted.iter().rev() {
        let tags = list.map(|list| list.iter().map(ToString::to_string).collect());
        trial.insert(Member { tags, ..Member::new(id) }).await;
    }
    let tags = field::<Member>("tags");
    let mut expected: Vec<String> = sorted.iter().map(|(id, _)| (*id).to_owned()).collect();
    check_order(&trial, &[tags.ascending()], &expected).await;
    expected.reverse();
    check_order(&trial, &[tags.descending()], &expected).await;
}

/// A random order is the one that its seed gives, on every store.
pub(crate) async fn random_orders<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for number in 0..20 {
        trial.insert(Member { count: number % 2, ..Member::new(&number.to_string()) }).await;
    }
    let all = trial.all(&MEMBERS).await;
    for seed in [0, 1, 2, u64::MAX] {
        let query = Query::new(&MEMBERS).shuffled(Shuffle::new(seed));
        let even = query.clone().filter(made(field::<Member>("count").equal([0])));
        for query in [query.clone(), query.clone().limit(7), query.offset(5).limit(3), even] {
            check(rule::SELECT, asked(&query), trial.ids(&query).await, ids(&query.run(&all)));
        }
    }
}

pub(super) async fn check_order(probe: &Probe, orders: &[Order], expected: &[String]) {
    let query = orders.iter().fold(Query::new(&MEMBERS), |query, order| query.order(*order));
    let rows = probe.select(&query).await;
    check(rule::SELECT, asked(&query), ids(&rows), expected.to_vec());
}
