//! Thousands of random queries, compared with `Query::run`.

use rollbook_core::{Direction, Document, Field, Filter, Kind, Query, Shuffle, Timestamp, Value};

use crate::Harness;
use crate::dice::Dice;
use crate::fixtures::{MEMBERS, Member, ORDERED};
use crate::probe::{Probe, Trial, asked, ids};
use crate::report::{broken, check, rule};
use crate::values::{NUMBERS, texts, times};

/// Random queries over adversarial records return what `Query::run` returns.
pub(crate) async fn random_queries<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let source = Source { dice: Dice::new(SEED), texts: texts(), times: times() };
    for number in 0..RECORDS {
        trial.insert(source.member(number)).await;
    }
    let all = trial.all(&MEMBERS).await;
    check(rule::SELECT, "200 insertions", all.len(), RECORDS);
    let mut found = 0;
    for number in 0..QUERIES {
        let plan = source.plan(&all);
        if !plan.holds(&trial, &all).await {
            let plan = plan.smallest(&trial, &all).await;
            let query = plan.query();
            let done = format!("query {number} of seed {SEED:#x}, made smaller: {}", asked(&query));
            let (expected, actual) = (ids(&query.run(&all)), trial.ids(&query).await);
            if expected == actual {
                let (expected, actual) = (count(&query, &all), trial.count(&query).await);
                broken(rule::SELECT, format!("count of {done}"), &expected, &actual);
            }
            let first = expected.iter().zip(&actual).take_while(|(a, b)| a == b).count();
            let done = format!("{done}; the first difference is at place {first}");
            broken(rule::SELECT, done, &around(&expected, first), &around(&actual, first));
        }
        found += plan.query().run(&all).len();
    }
    // A generator whose queries find nothing would prove nothing.
    assert!(found > QUERIES, "the random queries of seed {SEED:#x} find too little: {found} rows");
}

/// How many ids there are, and those at `place` and after it.
fn around(ids: &[String], place: usize) -> (usize, Vec<&String>) {
    (ids.len(), ids.iter().skip(place).take(8).collect())
}

/// A query in parts, so that parts of one that fails can be left out.
#[derive(Clone)]
struct Plan {
    filters: Vec<Filter>,
    orders: Vec<(&'static Field, Direction)>,
    shuffle: Option<Shuffle>,
    cursor: Option<(Document, Direction)>,
    limit: Option<u64>,
    offset: u64,
}

impl Plan {
    fn query(&self) -> Query {
        let Self { filters, orders, shuffle, cursor, limit, offset } = self.clone();
        let query = Query::new(&MEMBERS).filters_all(filters).offset(offset);
        let query = orders.into_iter().fold(query, |query, (field, direction)| {
            query.order(match direction {
                Direction::Ascending => field.ascending(),
                Direction::Descending => field.descending(),
            })
        });
        let query = shuffle.into_iter().fold(query, Query::shuffled);
        let query = match cursor {
            Some((row, Direction::Ascending)) => query.after(&row),
            Some((row, Direction::Descending)) => query.before(&row),
            None => query,
        };
        limit.into_iter().fold(query, Query::limit)
    }

    async fn holds(&self, probe: &Probe, all: &[Document]) -> bool {
        let query = self.query();
        ids(&probe.select(&query).await) == ids(&query.run(all))
            && probe.count(&query).await == count(&query, all)
    }

    /// The same without all that it fails without as well.
    async fn smallest(self, probe: &Probe, all: &[Document]) -> Self {
        let mut plan = self;
        'again: loop {
            for smaller in plan.smaller() {
                if !smaller.holds(probe, all).await {
                    plan = smaller;
                    continue 'again;
                }
            }
            return plan;
        }
    }

    fn smaller(&self) -> Vec<Self> {
        let mut plans = Vec::new();
        for (place, filter) in self.filters.iter().enumerate() {
            let mut without = self.clone();
            without.filters.remove(place);
            plans.push(without);
            if let Filter::Not { filter, .. } = filter {
                let mut one = self.clone();
                one.filters[place] = filter.as_ref().clone();
                plans.push(one);
            }
            if let Filter::And { filters, .. } | Filter::Or { filters, .. } = filter {
                for part in filters {
                    let mut one = self.clone();
                    one.filters[place] = part.clone();
                    plans.push(one);
                }
            }
        }
        for place in 0..self.orders.len() {
            let mut without = self.clone();
            without.orders.remove(place);
            plans.push(without);
        }
        if self.shuffle.is_some() {
            plans.push(Self { shuffle: None, ..self.clone() });
        }
        if self.cursor.is_some() {
            plans.push(Self { cursor: None, ..self.clone() });
        }
        if self.limit.is_some() {
            plans.push(Self { limit: None, ..self.clone() });
        }
        if self.offset > 0 {
            plans.push(Self { offset: 0, ..self.clone() });
        }
        plans
    }
}

fn count(query: &Query, all: &[Document]) -> u64 {
    all.iter().filter(|document| query.matches(document)).count() as u64
}

/// Where records and queries come from.
struct Source {
    dice: Dice,
    texts: Vec<String>,
    times: Vec<Timestamp>,
}

impl Source {
    fn member(&self, number: usize) -> Member {
        let Self { dice, texts, times } = self;
        // Every text is there once at least; the other fields repeat, so that there are ties.
        let text = texts.get(number).unwrap_or_else(|| dice.pick(texts));
        let list = || (0..dice.below(3)).map(|_| dice.pick(texts).clone()).collect::<Vec<_>>();
        Member {
            created: *dice.pick(times),
            active: dice.chance(50),
            verified: dice.perhaps(30, &[true, false]),
            name: (!dice.chance(10)).then(|| text.clone()),
            about: dice.perhaps(20, texts),
            handle: texts.get(number).cloned(),
            // Never both, so that no pair is taken twice.
            room: dice.perhaps(20, texts).filter(|_| number.is_multiple_of(2)),
            seat: dice.perhaps(20, NUMBERS).filter(|_| !number.is_multiple_of(2)),
            age: dice.perhaps(20, NUMBERS),
            count: *dice.pick(NUMBERS),
            seen: dice.perhaps(30, times),
            roles: list(),
            tags: dice.perhaps(30, &[list()]),
            ..Member::new(&format!("{}{number}", text.chars().next().unwrap_or_default()))
        }
    }

    fn plan(&self, all: &[Document]) -> Plan {
        let dice = &self.dice;
        let direction =
            || *dice.pick(&[Direction::Ascending, Direction::Ascending, Direction::Descending]);
        let filters = (0..dice.below(3)).map(|_| self.filter(all, 2)).collect();
        let orders = (0..dice.below(4)).map(|_| (*dice.pick(&ORDERED), direction())).collect();
        let shuffle = dice.chance(5).then(|| Shuffle::new(dice.below(usize::MAX) as u64));
        let cursor = dice.chance(25).then(|| (dice.pick(all).clone(), direction()));
        let limit = dice.perhaps(40, &[0, 1, 2, 10, 50, 1_000]);
        let offset = *dice.pick(&[0, 0, 0, 1, 7, 190, 1_000]);
        Plan { filters, orders, shuffle, cursor, limit, offset }
    }

    fn filter(&self, all: &[Document], depth: usize) -> Filter {
        let dice = &self.dice;
        if depth > 0 && dice.chance(30) {
            let parts: Vec<Filter> =
                (0..dice.below(4)).map(|_| self.filter(all, depth - 1)).collect();
            return if dice.chance(50) { Filter::and(parts) } else { Filter::or(parts) };
        }
        if dice.chance(8) {
            return MEMBERS.search(&self.search()).expect("it is a search");
        }
        let lists: Vec<&'static Field> =
            MEMBERS.fields.iter().filter(|field| field.kind() == Kind::List).collect();
        let field = if dice.chance(15) { *dice.pick(&lists) } else { *dice.pick(&ORDERED) };
        let made = match (field.kind(), dice.below(14)) {
            (_, 0) => return field.is_null(),
            (_, 1) => return field.is_not_null(),
            (Kind::List, 2) => field.not_contains(self.some_texts(2)),
            (Kind::List, 3) => field.contains_all(self.some_texts(2)),
            (Kind::List, _) => field.contains(self.some_texts(4)),
            (Kind::Text, 2) if dice.chance(30) => field.not_starts_with(self.prefix()),
            (Kind::Text, 2) => field.starts_with(self.prefix()),
            (Kind::Text, 3) if dice.chance(30) => field.not_ends_with(self.suffix()),
            (Kind::Text, 3) => field.ends_with(self.suffix()),
            (Kind::Text, 10) => field.contains([self.part()]),
            (Kind::Text, 11) => field.contains([self.part(), self.part()]),
            (Kind::Text, 12) => field.not_contains((0..=dice.below(2)).map(|_| self.part())),
            (Kind::Text, 13) => field.contains_all([self.part(), self.part()]),
            (_, 2 | 4) => field.equal((0..=dice.below(4)).map(|_| self.value(field, all))),
            (_, 3) => field.between(self.value(field, all), self.value(field, all)),
            (_, 10) => field.not_between(self.value(field, all), self.value(field, all)),
            (_, 5) => field.not_equal(self.value(field, all)),
            (_, 6) => field.less(self.value(field, all)),
            (_, 7) => field.less_equal(self.value(field, all)),
            (_, 8) => field.greater(self.value(field, all)),
            _ => field.greater_equal(self.value(field, all)),
        };
        made.expect("the generator makes filters of the field's type")
    }

    /// A value of a record, or one that may be of none.
    fn value(&self, field: &'static Field, all: &[Document]) -> Value<'static> {
        let stored = field.read(self.dice.pick(all)).into_owned();
        if !stored.is_null() && self.dice.chance(60) {
            return stored;
        }
        match field.kind() {
            Kind::Bool => self.dice.chance(50).into(),
            Kind::Int => (*self.dice.pick(NUMBERS)).into(),
            Kind::Time => (*self.dice.pick(&self.times)).into(),
            Kind::Text | Kind::List => self.dice.pick(&self.texts).clone().into(),
        }
    }

    /// A word or two of the texts, cut, joined or quoted.
    fn search(&self) -> String {
        let dice = &self.dice;
        let words = (0..=dice.below(2)).map(|_| {
            let text = dice.pick(&self.texts);
            let start = dice.below(3);
            let piece: String = text.chars().skip(start).take(1 + dice.below(12)).collect();
            if dice.chance(20) { format!("\"{piece}\"") } else { piece }
        });
        let text = words.collect::<Vec<_>>().join(if dice.chance(50) { " " } else { "-" });
        if text.is_empty() { "a".to_owned() } else { text }
    }

    /// Up to `most` texts, one at least.
    fn some_texts(&self, most: usize) -> Vec<String> {
        (0..=self.dice.below(most)).map(|_| self.dice.pick(&self.texts).clone()).collect()
    }

    /// Some characters from within a text.
    fn part(&self) -> String {
        let text = self.dice.pick(&self.texts);
        text.chars().skip(self.dice.below(2)).take(self.dice.below(3)).collect()
    }

    /// The end of a text, which may be all of it or nothing.
    fn suffix(&self) -> String {
        let text = self.dice.pick(&self.texts);
        let length = text.chars().count();
        text.chars().skip(length.saturating_sub(self.dice.below(4))).collect()
    }

    /// The beginning of a text, which may be all of it or nothing.
    fn prefix(&self) -> String {
        let text = self.dice.pick(&self.texts);
        text.chars().take(self.dice.below(4)).collect()
    }
}

const SEED: u64 = 0x5eed_0002;
const RECORDS: usize = 200;
const QUERIES: usize = 3_000;
