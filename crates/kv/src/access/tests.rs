//! Ranges hold exactly what their filters let through, and ways tell whether they do.

use std::borrow::Cow;
use std::sync::Arc;

use rollbook_core::{Document, Record, decode};
use serde::{Deserialize, Serialize};

use super::*;
use crate::encode::sequence_key;
use crate::engine::{Change, Engine};
use crate::layout::keys;
use crate::plain::Maps;

#[derive(Debug, Serialize, Deserialize)]
struct Person {
    id: String,
    name: Option<String>,
    age: Option<i64>,
    labels: Vec<String>,
}

static PEOPLE: Schema = Schema {
    name: "people",
    fields: &[
        Field::new("name", Kind::Text, |d| person(d).name.as_deref().into()).indexed(),
        Field::new("age", Kind::Int, |d| person(d).age.map_or(Value::Null, Value::Int)).indexed(),
        Field::new("labels", Kind::List, |d| person(d).labels.as_slice().into()).indexed(),
    ],
    uniques: &[],
    search: Some(|d| person(d).name.as_deref().map(Cow::Borrowed).into_iter().collect()),
    owners: &[],
    decode: decode::<Person>,
};

fn person(document: &Document) -> &Person {
    document.typed()
}

impl Record for Person {
    const SCHEMA: &'static Schema = &PEOPLE;

    fn id(&self) -> &str {
        &self.id
    }
}

/// Texts that a careless end of a range takes in, or leaves out.
const TEXTS: [&str; 14] = [
    "",
    "\0",
    "\0\0",
    "\0a",
    "\u{1}",
    "a",
    "a\0",
    "a\0b",
    "a\u{1}",
    "ab",
    "b",
    "\u{ffff}",
    "\u{10ffff}",
    "\u{10ffff}\u{10ffff}",
];
const NUMBERS: [i64; 5] = [i64::MIN, -1, 0, 1, i64::MAX];

/// Somebody for every value, and one without.
fn people() -> Vec<Document> {
    let texts = TEXTS.iter().map(|text| Some((*text).to_owned())).chain([None]);
    let people = texts.enumerate().map(|(n, name)| Person {
        id: format!("p{n}"),
        labels: name.iter().filter(|_| n.is_multiple_of(2)).cloned().collect(),
        name,
        age: NUMBERS.get(n % 6).copied(),
    });
    (1..)
        .zip(people)
        .map(|(sequence, person)| Document::new(1, sequence, Arc::new(person)))
        .collect()
}

fn engine(people: &[Document]) -> Maps {
    let set = |(space, key, entry)| Change { space, key, entry: Some(entry) };
    let mut maps = Maps::new(1);
    maps.apply(people.iter().flat_map(|person| keys(0, person)).map(set).collect(), &[]).unwrap();
    maps
}

/// Every filter that narrows a range of `field`, with each of its values.
fn filters(field: &'static Field, values: &[Value<'static>]) -> Vec<Filter> {
    let mut filters = vec![field.is_null(), field.is_not_null()];
    for value in values {
        let value = || value.clone();
        let less = || field.less(value()).unwrap();
        let less_equal = || field.less_equal(value()).unwrap();
        filters.extend([
            less(),
            less_equal(),
            field.greater(value()).unwrap(),
            field.greater_equal(value()).unwrap(),
            // How pages in descending order begin.
            Filter::or([less(), field.is_null()]),
            Filter::or([less_equal(), field.is_null()]),
        ]);
        if let Value::Text(text) = value() {
            filters.push(field.starts_with(text).unwrap());
        }
    }
    filters
}

#[track_caller]
fn check_range(people: &[Document], field: &'static Field, filters: &[Filter]) {
    let (range, exact) = range_of(filters, field).unwrap();
    let exact_is_due =
        !filters.iter().any(|f| matches!(f, Filter::Or { .. } | Filter::IsNull { .. }));
    assert_eq!(exact, exact_is_due, "{filters:?}");
    for person in people {
        let matches = filters.iter().all(|filter| filter.matches(person));
        let mut key = value_key(&field.read(person));
        key.extend(sequence_key(person.sequence()));
        let inside = key >= range.from && range.to.as_ref().is_none_or(|to| key < *to);
        assert_eq!(inside, matches, "{filters:?} and {:?}", field.read(person));
    }
}

#[test]
fn ranges_hold_what_filters_let_through() {
    let people = people();
    let name = (PEOPLE.field("name").unwrap(), TEXTS.map(Value::from).to_vec());
    let age = (PEOPLE.field("age").unwrap(), NUMBERS.map(Value::from).to_vec());
    for (field, values) in [name, age] {
        assert_eq!(range_of(&[], field), Some((everything(), true)));
        let filters = filters(field, &values);
        for a in &filters {
            check_range(&people, field, std::slice::from_ref(a));
            for b in &filters {
                check_range(&people, field, &[a.clone(), b.clone()]);
            }
        }
    }
}

#[test]
fn filters_on_other_fields_leave_a_range_as_it_is() {
    let (name, age) = (PEOPLE.field("name").unwrap(), PEOPLE.field("age").unwrap());
    let filters = [age.less(3).unwrap(), name.starts_with("a").unwrap()];
    assert_eq!(
        range_of(&filters, name),
        range_of(&filters[1..], name).map(|(range, _)| (range, false))
    );
    let either = Filter::or([name.less("b").unwrap(), age.is_null()]);
    assert_eq!(range_of(&[either], name), Some((everything(), false)));
    assert_eq!(range_of(&[], PEOPLE.field("labels").unwrap()), None);
}

#[test]
fn sequences_are_within_what_filters_say() {
    let check =
        |filters: &[Filter], expected| assert_eq!(sequences(filters), expected, "{filters:?}");
    check(&[], (0, u64::MAX));
    check(&[SEQUENCE.greater(4).unwrap()], (5, u64::MAX));
    check(&[SEQUENCE.greater(-4).unwrap()], (0, u64::MAX));
    check(&[SEQUENCE.greater_equal(4).unwrap(), SEQUENCE.less(9).unwrap()], (4, 9));
    check(&[SEQUENCE.between(4, 9).unwrap()], (4, 9));
    check(&[SEQUENCE.less_equal(-1).unwrap()], (0, 0));
    check(&[SEQUENCE.greater(i64::MAX).unwrap()], (1 << 63, u64::MAX));
    check(&[Filter::or([SEQUENCE.less(9).unwrap()])], (0, u64::MAX));
}

/// A way leads to all that match, and to nobody else if it says so.
#[test]
fn ways_lead_to_all_matches() {
    let people = people();
    let maps = engine(&people);
    let [name, age, labels] = ["name", "age", "labels"].map(|name| PEOPLE.field(name).unwrap());
    let search = |text: &str| PEOPLE.search(text).unwrap();
    let alone = [
        (ID.equal(["p3", "p9", "nobody", "p3"]).unwrap(), true),
        (name.equal(["a", "ab", "zz"]).unwrap(), true),
        (name.is_null(), true),
        (age.equal([0, 1]).unwrap(), true),
        (labels.contains(["a", "ab", "a"]).unwrap(), true),
        (labels.contains_all(["a", "ab"]).unwrap(), false),
        (name.starts_with("a\0").unwrap(), true),
        (search("a"), true),
        (search("ab"), true),
        (search("\"ab\""), true),
        (search("a a"), false),
        (search("a-b"), false),
        (search(">"), true),
        (Filter::or([]), true),
    ];
    for (filter, exact) in alone {
        for more in [vec![], vec![age.is_not_null()], vec![SEQUENCE.between(9, 3).unwrap()]] {
            let mut filters = vec![filter.clone()];
            filters.extend(more);
            let query = Query::new(&PEOPLE).filters_all(filters.clone());
            let due: Vec<u64> = query.run(&people).iter().map(Document::sequence).collect();
            let ways = all(&maps, 0, &query).unwrap();
            assert!(!ways.is_empty() || due.is_empty(), "{filters:?}");
            for way in &ways {
                let mut found = Vec::new();
                way.each(&maps, &mut |sequence| found.push(sequence)).unwrap();
                assert!(
                    way.estimate(&maps, u64::MAX).unwrap() >= found.len() as u64,
                    "{filters:?}"
                );
                assert!(due.iter().all(|sequence| found.contains(sequence)), "{way}: {filters:?}");
                found.sort_unstable();
                found.dedup();
                assert!(!way.exact || found == due, "{way} is not exact: {filters:?}");
            }
            if filters.len() == 1 {
                assert_eq!(
                    ways.iter().any(|way| way.exact),
                    exact && !ways.is_empty(),
                    "{filters:?}"
                );
            }
        }
    }
}
