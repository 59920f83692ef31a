//! Pages: limits, offsets, and cursors in both directions.

use rollbook_core::{Document, Order, Query, SEQUENCE};

use crate::Harness;
use crate::dice::Dice;
use crate::fixtures::{MEMBERS, Member, ORDERED, field};
use crate::probe::{Probe, Trial, asked, ids};
use crate::report::{check, rule};
use crate::values::time;

/// Limits and offsets count rows of the order; far beyond the end there is nothing, and no error.
pub(crate) async fn limits_and_offsets<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for id in ["a", "b", "c", "d", "e"] {
        trial.insert(Member::new(id)).await;
    }
    let cases: [(Option<u64>, u64, &str); 12] = [
        (None, 0, "abcde"),
        (Some(0), 0, ""),
        (Some(1), 0, "a"),
        (Some(2), 2, "cd"),
        (Some(5), 0, "abcde"),
        (Some(9), 3, "de"),
        (None, 4, "e"),
        (None, 5, ""),
        (Some(2), 9, ""),
        (Some(u64::MAX), 1, "bcde"),
        (Some(u64::MAX), u64::MAX, ""),
        (Some(1), i64::MAX as u64 + 1, ""),
    ];
    for (limit, offset, expected) in cases {
        let query = Query::new(&MEMBERS).offset(offset);
        let query = limit.into_iter().fold(query, Query::limit);
        let expected: Vec<String> = expected.chars().map(String::from).collect();
        check(rule::SELECT, asked(&query), trial.ids(&query).await, expected);
    }
    let page = Query::new(&MEMBERS).order(SEQUENCE.descending()).offset(1).limit(2);
    check(rule::SELECT, asked(&page), trial.ids(&page).await, vec!["d", "c"]);
}

/// The page is cut from what satisfies the filters, in its order: not the other way round.
pub(crate) async fn filters_come_before_the_page<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for number in 0..8 {
        let age = (number % 2 == 0).then_some(10 - number);
        trial.insert(Member { age, ..Member::new(&number.to_string()) }).await;
    }
    let age = field::<Member>("age");
    let even = || Query::new(&MEMBERS).filter(age.is_not_null());
    for (query, expected) in [
        (even().limit(2), &["0", "2"][..]),
        (even().offset(1).limit(2), &["2", "4"]),
        (even().offset(3), &["6"]),
        (even().offset(4), &[]),
        (even().order(age.ascending()).limit(2), &["6", "4"]),
        (even().order(age.ascending()).offset(2).limit(1), &["2"]),
    ] {
        check(rule::SELECT, asked(&query), trial.ids(&query).await, expected.to_vec());
    }
}

/// The count is that of the filters, whatever the page.
pub(crate) async fn count_ignores_the_page<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for number in 0..7 {
        let age = (number % 2 == 0).then_some(number);
        trial.insert(Member { age, ..Member::new(&number.to_string()) }).await;
    }
    let age = field::<Member>("age");
    for (limit, offset) in [(0, 0), (1, 0), (2, 3), (5, 100), (u64::MAX, u64::MAX)] {
        let query = Query::new(&MEMBERS).order(age.descending()).limit(limit).offset(offset);
        check(rule::SELECT, format!("count of {}", asked(&query)), trial.count(&query).await, 7);
        let query = query.filter(age.is_not_null());
        check(rule::SELECT, format!("count of {}", asked(&query)), trial.count(&query).await, 4);
    }
}

/// Cursors walk all rows, once each, in every order and in both directions.
pub(crate) async fn cursors_walk_all_pages<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let dice = Dice::new(SEED);
    let names: Vec<String> = ["", "a", "A", "\u{10ffff}", "\0"].map(ToOwned::to_owned).to_vec();
    for number in 0..37 {
        // Few values, so that there are ties on every key, nulls among them.
        let member = Member {
            created: time(*dice.pick(&[0, 1])),
            active: dice.chance(50),
            verified: dice.perhaps(30, &[true, false]),
            name: dice.perhaps(30, &names),
            age: dice.perhaps(30, &[i64::MIN, 0, i64::MAX]),
            seen: dice.perhaps(30, &[time(0), time(1)]),
            ..Member::new(&format!("{}-{number}", dice.below(10)))
        };
        trial.insert(member).await;
    }
    let all = trial.all(&MEMBERS).await;
    let [age, name, verified, seen] = ["age", "name", "verified", "seen"].map(field::<Member>);
    let mut orders: Vec<Vec<Order>> = vec![vec![]];
    orders.extend(
        ORDERED.iter().flat_map(|field| [vec![field.ascending()], vec![field.descending()]]),
    );
    orders.extend([
        vec![age.ascending(), name.descending()],
        vec![age.descending(), name.ascending()],
        vec![verified.descending(), age.descending(), seen.descending()],
        vec![seen.ascending(), verified.ascending(), name.ascending(), age.ascending()],
    ]);
    for orders in orders {
        let query = orders.iter().fold(Query::new(&MEMBERS), |query, order| query.order(*order));
        let expected = query.run(&all);
        for size in [1, 5, 36] {
            walk(&trial, &query, &expected, size, Way::Onward).await;
            walk(&trial, &query, &expected, size, Way::Back).await;
        }
    }
}

/// A page continues after a row that is gone by now.
pub(crate) async fn cursors_outlive_their_row<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for (id, age) in [("a", Some(2)), ("b", None), ("c", Some(1)), ("d", Some(2)), ("e", Some(3))] {
        trial.insert(Member { age, ..Member::new(id) }).await;
    }
    let row = trial.get::<Member>("a").await.expect("it was inserted");
    trial.delete(&MEMBERS, vec![crate::probe::has_id("a")]).await;
    let query = Query::new(&MEMBERS).order(field::<Member>("age").ascending());
    let done = "pages after and before a row that was deleted since";
    check(rule::SELECT, done, trial.ids(&query.clone().after(&row)).await, vec!["d", "e"]);
    let before = query.before(&row);
    let mut rows = trial.select(&before).await;
    before.restore(&mut rows);
    check(rule::SELECT, done, ids(&rows), vec!["b", "c"]);
}

/// Which way a walk goes.
#[derive(Clone, Copy, Debug)]
enum Way {
    Onward,
    Back,
}

/// Walks over all pages of `size` rows and compares them with the rows `expected`.
async fn walk(probe: &Probe, query: &Query, expected: &[Document], size: u64, way: Way) {
    let done = format!("pages of {size}, {way:?}, of {} (seed {SEED})", asked(query));
    let mut walked: Vec<Document> = Vec::new();
    loop {
        let page = match (way, walked.first(), walked.last()) {
            (Way::Onward, _, Some(last)) => query.clone().after(last),
            (Way::Back, Some(first), _) => query.clone().before(first),
            // Backwards the walk begins before the last row, which is known.
            (Way::Back, None, _) => match expected.last() {
                Some(last) => {
                    walked.push(last.clone());
                    continue;
                }
                None => return,
            },
            (Way::Onward, _, None) => query.clone(),
        };
        let page = page.limit(size);
        let mut rows = probe.select(&page).await;
        page.restore(&mut rows);
        let most = usize::try_from(size).unwrap_or(usize::MAX);
        check(rule::SELECT, &done, rows.len().min(most), rows.len());
        if rows.is_empty() || walked.len() > expected.len() {
            break;
        }
        match way {
            Way::Onward => walked.extend(rows),
            Way::Back => drop(walked.splice(0..0, rows)),
        }
    }
    check(rule::SELECT, done, ids(&walked), ids(expected));
}

const SEED: u64 = 0x5eed_0001;
