//! Much at once.

use rollbook_core::{Batch, Expect, Query};

use crate::Harness;
use crate::fixtures::{NOTES, Note, field};
use crate::probe::{Trial, asked, ids, put};
use crate::report::{broken, check, check_refused, conflict, rule};

/// Ten thousand batches in one commit, each with its own outcome, some of them conflicts.
pub(crate) async fn ten_thousand_batches<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let id = |number: usize| format!("{number:05}");
    // Every seventh wants the slug of the first.
    let fails = |number: usize| number > 0 && number.is_multiple_of(7);
    let batches = (0..BATCHES).map(|number| {
        let slug = if fails(number) { id(0) } else { id(number) };
        put(Note::new(&id(number), None).slug(&slug), Expect::Absent)
    });
    let outcomes = trial.commit(batches.collect()).await;
    for (number, outcome) in outcomes.iter().enumerate() {
        let done = format!("batch {number} of {BATCHES} in one commit");
        match outcome {
            outcome if fails(number) => {
                check_refused(rule::OUTCOMES, done, outcome, &conflict::<Note>("slug"));
            }
            Ok(committed) => {
                check(rule::OUTCOMES, done, ids(&committed.documents), vec![id(number)]);
            }
            Err(error) => broken(rule::OUTCOMES, done, &"acceptance", error),
        }
    }
    let expected: Vec<String> = (0..BATCHES).filter(|number| !fails(*number)).map(id).collect();
    let done = format!("{BATCHES} batches in one commit");
    let all = Query::new(&NOTES);
    check(rule::SELECT, &done, trial.count(&all).await, expected.len() as u64);
    let mut stored = trial.all(&NOTES).await;
    if ids(&stored) != expected {
        let differs = ids(&stored).iter().zip(&expected).position(|(a, b)| a != b);
        let told = format!("{} documents, the first difference at {differs:?}", stored.len());
        broken(rule::SEQUENCE, &done, &expected.len(), &told);
    }
    stored.reverse();
    let backwards = all.order(field::<Note>("slug").descending());
    if ids(&trial.select(&backwards).await) != ids(&stored) {
        broken(rule::SELECT, asked(&backwards), &"the opposite of the insertion", &"another order");
    }
    check(
        rule::COMMITTED,
        "deletion of all",
        trial.delete(&NOTES, vec![]).await,
        expected.len() as u64,
    );
}

/// A batch of thousands of puts is all or nothing as well.
pub(crate) async fn one_large_batch<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let batch = || {
        (0..PUTS).fold(Batch::new(), |batch, number| {
            batch.put(Note::new(&number.to_string(), None), Expect::Absent)
        })
    };
    let failing = batch().put(Note::new("0", None), Expect::Absent);
    let done = format!("a batch of {PUTS} puts and one that fails");
    trial.refuse(rule::ALL_OR_NOTHING, done, failing, &conflict::<Note>("$id")).await;
    let done = format!("a batch of {PUTS} puts");
    let committed = trial.accept(rule::ALL_OR_NOTHING, &done, batch()).await;
    check(rule::COMMITTED, &done, committed.documents.len(), PUTS);
    let ordered =
        committed.documents.windows(2).all(|pair| pair[0].sequence() < pair[1].sequence());
    check(rule::SEQUENCE, done, ordered, true);
}

/// Thousands of rows are selected, counted and deleted as exactly as a few: there is no cap.
pub(crate) async fn thousands_of_rows<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let batch = (0..ROWS).fold(Batch::new(), |batch, number| {
        batch.put(Note::new(&number.to_string(), None), Expect::Absent)
    });
    let done = format!("a batch of {ROWS} puts");
    trial.accept(rule::WORKS, &done, batch).await;
    let (all, number) = (Query::new(&NOTES), ROWS as u64);
    check(rule::SELECT, &done, trial.count(&all).await, number);
    let free = all.clone().filter(field::<Note>("member").is_null());
    check(rule::SELECT, format!("count of {}", asked(&free)), trial.count(&free).await, number);
    check(rule::SELECT, &done, trial.select(&all).await.len(), ROWS);
    let last = all.offset(number - 1).limit(2);
    let expected = vec![(ROWS - 1).to_string()];
    check(rule::SELECT, format!("{} after {done}", asked(&last)), trial.ids(&last).await, expected);
    check(rule::COMMITTED, "deletion of all", trial.delete(&NOTES, vec![]).await, number);
}

/// A text of a mebibyte comes back, and queries tell it from one that differs in its last letter.
pub(crate) async fn very_long_text<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let long = "0\"é\\😀\n".repeat(MEBIBYTE / 10);
    let note = |id: &str, end: &str| Note { text: format!("{long}{end}"), ..Note::new(id, None) };
    for (id, end) in [("a", "a"), ("b", "b"), ("none", "")] {
        trial.insert(note(id, end)).await;
        let read = trial.get::<Note>(id).await;
        let same = read.is_some_and(|read| *read.typed::<Note>() == note(id, end));
        check(rule::BODY, format!("a note {id:?} of {} bytes", long.len()), same, true);
    }
    let text = field::<Note>("text");
    let equal = text.equal([format!("{long}b")]).expect("a text is a text");
    let same = Query::new(&NOTES).filter(equal);
    check(rule::SELECT, "an `equal` with a very long text", trial.ids(&same).await, vec!["b"]);
    let prefix = text.starts_with(long.clone()).expect("a text is a text");
    let begins = Query::new(&NOTES).filter(prefix).order(text.descending());
    let done = "a `starts_with` of a very long text, in the order of the text";
    check(rule::SELECT, done, trial.ids(&begins).await, vec!["b", "a", "none"]);
}

const BATCHES: usize = 10_000;
// More than a page of the domain, and than most engines' own caps.
const ROWS: usize = 5_100;
const PUTS: usize = 2_000;
const MEBIBYTE: usize = 1 << 20;
