//! Bytes as choices: batches and queries over few ids and values, so that they meet.

use rollbook_core::{
    Batch, Direction, Document, Expect, Field, Filter, ID, Kind, Query, SEQUENCE, Value,
};

use crate::records::{SCHEMAS, Step, TEAMS, Task, Team};

/// The bytes that are left; without any, every choice is the first.
pub struct Input<'b>(pub &'b [u8]);

const IDS: [&str; 5] = ["a", "b", "c", "d", "ab"];
const TEXTS: [&str; 12] =
    ["", "a", "ab", "abc", "b", "A", "\0", "a\0", "é", "ann lee", "a-b", "\u{10ffff}"];
const NUMBERS: [i64; 5] = [0, 1, -1, i64::MAX, i64::MIN];
const ENDS: [i64; 3] = [0, i64::MAX, i64::MIN];

/// A query whose cursor is still the place of a row, which has another sequence in every store.
pub struct Plan {
    query: Query,
    cursor: Option<(usize, Direction)>,
    limit: Option<u64>,
}

impl Plan {
    /// The query, in a store that has these rows.
    pub fn query(&self, rows: &[Document]) -> Query {
        let query = self.limit.iter().fold(self.query.clone(), |query, limit| query.limit(*limit));
        match self.cursor {
            Some((place, direction)) if !rows.is_empty() => match direction {
                Direction::Ascending => query.after(&rows[place % rows.len()]),
                Direction::Descending => query.before(&rows[place % rows.len()]),
            },
            _ => query,
        }
    }
}

impl Input<'_> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn below(&mut self, choices: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % choices
    }

    fn pick<'c, T>(&mut self, choices: &'c [T]) -> &'c T {
        &choices[self.below(choices.len())]
    }

    fn perhaps<T: Clone>(&mut self, choices: &[T]) -> Option<T> {
        choices.get(self.below(choices.len() + 1)).cloned()
    }

    fn id(&mut self) -> String {
        (*self.pick(&IDS)).to_owned()
    }

    fn text(&mut self) -> Option<String> {
        self.perhaps(&TEXTS).map(ToOwned::to_owned)
    }

    fn texts(&mut self) -> Vec<String> {
        (0..=self.below(2)).map(|_| (*self.pick(&TEXTS)).to_owned()).collect()
    }

    pub fn batch(&mut self) -> Batch {
        (0..self.below(5)).fold(Batch::new(), |batch, _| {
            let expect = match self.below(6) {
                0..3 => Expect::Anything,
                3 => Expect::Absent,
                revision => Expect::Revision(revision as u64 - 3),
            };
            match self.below(8) {
                0..3 => batch.put(self.team(), expect),
                3..5 => {
                    let (id, team) = (self.id(), self.perhaps(&IDS).map(ToOwned::to_owned));
                    let (slug, place) = (self.text(), self.perhaps(&NUMBERS));
                    batch.put(Task { id, team, slug, place }, expect)
                }
                5 => {
                    let (id, task, place) = (self.id(), self.id(), self.perhaps(&NUMBERS));
                    batch.put(Step { id, task, place }, expect)
                }
                _ => {
                    let place = self.below(SCHEMAS.len());
                    batch.delete(SCHEMAS[place], self.filters(place))
                }
            }
        })
    }

    fn team(&mut self) -> Team {
        Team {
            id: self.id(),
            name: self.text(),
            handle: self.text(),
            room: self.perhaps(&["r", "s"]).map(ToOwned::to_owned),
            seat: self.perhaps(&NUMBERS),
            size: self.perhaps(&NUMBERS),
            open: self.perhaps(&[true, false]),
            labels: (self.below(3) > 0).then(|| self.texts()),
        }
    }

    pub fn plan(&mut self) -> Plan {
        let place = self.below(SCHEMAS.len());
        let query = Query::new(SCHEMAS[place]).filters_all(self.filters(place));
        let query = (0..self.below(3)).fold(query, |query, _| {
            let field = self.field(place);
            query.order(if self.below(2) == 0 { field.ascending() } else { field.descending() })
        });
        let cursor = match self.below(3) {
            0 => None,
            1 => Some((self.below(16), Direction::Ascending)),
            _ => Some((self.below(16), Direction::Descending)),
        };
        let limit = self.perhaps(&[0, 1, 2, 5]);
        Plan { query: query.offset(*self.pick(&[0, 0, 0, 1, 2])), cursor, limit }
    }

    fn filters(&mut self, schema: usize) -> Vec<Filter> {
        (0..self.below(3)).map(|_| self.filter(schema, 2)).collect()
    }

    fn field(&mut self, schema: usize) -> &'static Field {
        let fields = SCHEMAS[schema].fields;
        fields.get(self.below(fields.len() + 1)).unwrap_or(&ID)
    }

    fn filter(&mut self, schema: usize, depth: usize) -> Filter {
        match self.below(10) {
            0 if depth > 0 => {
                let parts = (0..self.below(3)).map(|_| self.filter(schema, depth - 1));
                return Filter::and(parts.collect::<Vec<_>>());
            }
            1 if depth > 0 => {
                let parts = (0..self.below(3)).map(|_| self.filter(schema, depth - 1));
                return Filter::or(parts.collect::<Vec<_>>());
            }
            2 if SCHEMAS[schema].search.is_some() => {
                let text = self.texts().join(if self.below(2) == 0 { " " } else { "\"" });
                return TEAMS.search(&text).unwrap_or_else(|_| Filter::or([]));
            }
            // Sequences are not the same in every store, but all are between these.
            3 => {
                let ends = [*self.pick(&ENDS), *self.pick(&ENDS)];
                return match self.below(3) {
                    0 => SEQUENCE.between(ends[0], ends[1]),
                    1 => SEQUENCE.less(ends[0]),
                    _ => SEQUENCE.greater_equal(ends[0]),
                }
                .expect("a sequence is a number");
            }
            _ => {}
        }
        let field = self.field(schema);
        let made = match (field.kind(), self.below(11)) {
            (_, 0) => return field.is_null(),
            (_, 1) => return field.is_not_null(),
            (Kind::List, 2..5) => field.contains_all(self.texts()),
            (Kind::List, 5 | 6) => field.not_contains(self.texts()),
            (Kind::List, _) | (Kind::Text, 3) => field.contains(self.texts()),
            (Kind::Text, 2) => field.starts_with(*self.pick(&TEXTS)),
            (_, 4) => field.not_equal(self.value(field)),
            (_, 5) => field.less(self.value(field)),
            (_, 6) => field.less_equal(self.value(field)),
            (_, 7) => field.greater(self.value(field)),
            (_, 8) => field.greater_equal(self.value(field)),
            (_, 9) => field.between(self.value(field), self.value(field)),
            _ => field.equal([self.value(field), self.value(field)]),
        };
        made.expect("the filter is one of the field's type")
    }

    fn value(&mut self, field: &Field) -> Value<'static> {
        match field.kind() {
            Kind::Bool => (self.below(2) == 0).into(),
            Kind::Int => (*self.pick(&NUMBERS)).into(),
            _ => (*self.pick(&TEXTS)).into(),
        }
    }
}
