//! Random commits, compared with the reference store step by step.

use std::collections::{BTreeMap, HashMap};

use rollbook_core::{Batch, Committed, Document, Expect, Filter, Query, StoreError, UserStore};

use crate::dice::Dice;
use crate::fixtures::{LINES, Line, MEMBERS, Member, NOTES, Note, SCHEMAS, field};
use crate::probe::{Outcome, Row, Trial, asked, came, has_id, told};
use crate::report::{broken, check, rule, same};
use crate::{Harness, ModelStore};

/// Random commits have the outcomes of the reference, leave what it has, and are counted as it counts them.
pub(crate) async fn random_commits<H: Harness>() {
    let mut kinds = [0; 4];
    for seed in SEEDS {
        let trial = Trial::<H>::open().await;
        let model = ModelStore::new(SCHEMAS);
        let dice = Dice::new(seed);
        let mut sequences = Sequences::default();
        for step in 0..STEPS {
            let batches: Vec<Batch> = (0..=dice.below(3)).map(|_| batch(&dice)).collect();
            let done = format!("commit {step} of seed {seed:#x}:{}", told(&batches));
            let expected = match model.commit(batches.clone()).await {
                Ok(outcomes) => outcomes,
                Err(error) => broken(rule::WORKS, done, &"a reference that works", &error),
            };
            let outcomes = trial.commit(batches).await;
            for (place, (outcome, expected)) in outcomes.iter().zip(&expected).enumerate() {
                compare(&format!("batch {place} of {done}"), outcome, expected);
                kinds[kind(expected)] += 1;
                let committed = outcome.iter().flat_map(|committed| &committed.documents);
                committed.for_each(|document| sequences.see(&done, document));
            }
            let left = trial.contents().await;
            let expected = Probed(&model).contents().await;
            if left.iter().map(without_sequence).ne(expected.iter().map(without_sequence)) {
                broken(rule::ALL_OR_NOTHING, done, &expected, &left);
            }
            sequences.check(&done, &left);
            for query in totals() {
                let (expected, counted) =
                    (Probed(&model).count(&query).await, trial.count(&query).await);
                check(
                    rule::SELECT,
                    format!("count of {} after {done}", asked(&query)),
                    counted,
                    expected,
                );
            }
        }
    }
    // A generator that never meets an error would prove nothing.
    assert!(
        kinds.iter().all(|times| *times >= 50),
        "accepted, conflict, stale, not found: {kinds:?}"
    );
}

fn kind(outcome: &Outcome) -> usize {
    match outcome {
        Ok(_) => 0,
        Err(StoreError::Conflict { .. }) => 1,
        Err(StoreError::Stale { .. }) => 2,
        Err(_) => 3,
    }
}

/// Outcomes are the same but for the sequences: a store may leave gaps.
fn compare(done: &str, outcome: &Outcome, expected: &Result<Committed, StoreError>) {
    match (outcome, expected) {
        (Err(error), Err(expected)) if same(error, expected) => {}
        (Ok(committed), Ok(expected)) => {
            let parts = |committed: &Committed| {
                let rows: Vec<Row> = committed.documents.iter().map(Row::from).collect();
                (rows.iter().map(without_sequence).collect::<Vec<_>>(), committed.deleted)
            };
            if parts(committed) != parts(expected) {
                let expected = came(&Ok(expected.clone()));
                let actual = came(&Ok(committed.clone()));
                broken(
                    rule::COMMITTED,
                    done,
                    &format_args!("{expected}"),
                    &format_args!("{actual}"),
                );
            }
        }
        (outcome, expected) => {
            let [expected, outcome] = [expected, outcome].map(came);
            broken(rule::CHECKS, done, &format_args!("{expected}"), &format_args!("{outcome}"));
        }
    }
}

fn without_sequence(row: &Row) -> Row {
    Row { sequence: 0, ..row.clone() }
}

/// The sequences that a store has given away.
#[derive(Default)]
struct Sequences {
    /// The highest of each schema.
    last: HashMap<&'static str, u64>,
    /// The sequence of each living document, as its insertion told it.
    given: BTreeMap<(&'static str, String), u64>,
}

impl Sequences {
    fn see(&mut self, done: &str, document: &Document) {
        let row = Row::from(document);
        let last = self.last.entry(row.schema).or_default();
        if document.revision() == 1 {
            if row.sequence <= *last && *last > 0 {
                broken(rule::SEQUENCE, done, &format!("one above {last}"), &row);
            }
            *last = row.sequence;
            self.given.insert((row.schema, row.id), row.sequence);
        } else if self.given.get(&(row.schema, row.id.clone())) != Some(&row.sequence) {
            broken(rule::UPDATE, done, &self.given.get(&(row.schema, row.id.clone())), &row);
        }
    }

    fn check(&self, done: &str, left: &[Row]) {
        for row in left {
            let given = self.given.get(&(row.schema, row.id.clone()));
            if given != Some(&row.sequence) {
                broken(rule::UPDATE, done, &given, row);
            }
        }
    }
}

/// The contents of the reference, in the form that those of the store have.
struct Probed<'a>(&'a ModelStore);

impl Probed<'_> {
    async fn contents(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for schema in SCHEMAS {
            let all = self.0.select(&Query::new(schema)).await;
            rows.extend(all.unwrap_or_default().iter().map(Row::from));
        }
        rows
    }

    async fn count(&self, query: &Query) -> u64 {
        self.0.count(query).await.unwrap_or_default()
    }
}

/// Totals that a store may keep as it writes.
fn totals() -> Vec<Query> {
    let members = || Query::new(&MEMBERS);
    vec![
        members(),
        members().filter(is::<Member>("active", true)),
        members().filter(is::<Member>("verified", true)),
        members().filter(is::<Member>("verified", false)),
        members().filter(field::<Member>("verified").is_null()),
        Query::new(&NOTES),
        Query::new(&LINES),
    ]
}

fn batch(dice: &Dice) -> Batch {
    (0..dice.below(5)).fold(Batch::new(), |batch, _| operation(dice, batch))
}

fn operation(dice: &Dice, batch: Batch) -> Batch {
    // Few ids and values, so that they meet.
    let id = *dice.pick(IDS);
    match dice.below(10) {
        0..4 => {
            let mut member = Member {
                count: i64::from(dice.chance(50)),
                handle: dice.perhaps(40, IDS).map(ToOwned::to_owned),
                ..Member::with_place(id, dice.perhaps(30, &["r", "s"]), dice.perhaps(30, &[1, 2]))
            };
            member.active = dice.chance(50);
            member.verified = dice.perhaps(30, &[true, false]);
            batch.put(member, expectation(dice))
        }
        4..6 => {
            let mut note = Note::new(id, dice.perhaps(25, IDS));
            note.slug = dice.perhaps(40, IDS).map(ToOwned::to_owned);
            batch.put(note, expectation(dice))
        }
        6..8 => {
            let (note, place) = (*dice.pick(IDS), *dice.pick(&[1, 2]));
            batch.put(Line::new(id, note, place), expectation(dice))
        }
        8 => {
            let schema = *dice.pick(&[&MEMBERS, &NOTES, &LINES]);
            batch.delete(schema, vec![has_id(id)])
        }
        _ => match dice.below(6) {
            0 => batch.delete(&MEMBERS, vec![is::<Member>("active", true)]),
            1 => batch.delete(&MEMBERS, vec![is::<Member>("count", 1), is::<Member>("room", "r")]),
            2 => batch.delete(&NOTES, vec![field::<Note>("member").is_null()]),
            3 => batch.delete(&LINES, vec![is::<Line>("place", 1)]),
            4 => batch.delete(&NOTES, vec![Filter::or([has_id(id), is::<Note>("slug", id)])]),
            _ => batch.delete(&MEMBERS, vec![field::<Member>("handle").is_not_null()]),
        },
    }
}

fn is<T: rollbook_core::Record>(
    name: &str,
    value: impl Into<rollbook_core::Value<'static>>,
) -> Filter {
    field::<T>(name).equal([value]).expect("the generator makes filters of the field's type")
}

fn expectation(dice: &Dice) -> Expect {
    match dice.below(10) {
        0..4 => Expect::Anything,
        4..7 => Expect::Absent,
        _ => Expect::Revision(*dice.pick(&[1, 1, 2, 3])),
    }
}

const IDS: &[&str] = &["a", "b", "c", "d", "e"];
const SEEDS: [u64; 4] = [0x5eed_0003, 0x5eed_0004, 0x5eed_0005, 0x5eed_0006];
const STEPS: usize = 150;
