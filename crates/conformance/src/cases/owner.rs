//! Owners: what needs them, and what falls with them.

use rollbook_core::{Batch, Document, Expect};

use crate::Harness;
use crate::fixtures::{LINES, Line, MEMBERS, Member, NOTES, Note, field};
use crate::probe::{Probe, Trial, has_id, ids, put};
use crate::report::{check, not_found, rule};

/// A document of an owner that does not exist is refused, on insertion and on update.
pub(crate) async fn owner_must_exist<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Note::new("free", None)).await;
    // Another schema has the id: that is no owner.
    trial.insert(Note::new("nobody", None)).await;
    for (id, expect) in [("new", Expect::Absent), ("free", Expect::Anything)] {
        let batch = put(Note::new(id, Some("nobody")), expect);
        let done = format!("put of the note {id:?} of a member that does not exist");
        trial.refuse(rule::OWNER, done, batch, &not_found::<Member>("nobody")).await;
    }
    let batch = put(Line::new("new", "nothing", 1), Expect::Absent);
    let done = "put of a line of a note that does not exist";
    trial.refuse(rule::OWNER, done, batch, &not_found::<Note>("nothing")).await;
    let batch = put(Note::new("new", Some("")), Expect::Absent);
    let done = "put of a note whose owner is the empty text, which is no null";
    trial.refuse(rule::OWNER, done, batch, &not_found::<Member>("")).await;
}

/// A document without an owner needs none; ownership can change hands, begin and end.
pub(crate) async fn ownership_changes<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::new("ann")).await;
    trial.insert(Member::new("bob")).await;
    for owner in [None, Some("ann"), Some("bob"), None, Some("bob")] {
        let done = format!("a put of a note of {owner:?}");
        trial.accept(rule::OWNER, done, put(Note::new("n", owner), Expect::Anything)).await;
    }
    trial.delete(&MEMBERS, vec![has_id("ann")]).await;
    let done = "deletion of a former owner";
    check(rule::CASCADE, done, ids(&trial.all(&NOTES).await), vec!["n"]);
    trial.delete(&MEMBERS, vec![has_id("bob")]).await;
    let done = "deletion of the present owner";
    check(rule::CASCADE, done, trial.all(&NOTES).await.len(), 0);
}

/// What has two owners needs both, and falls with either of them, once.
pub(crate) async fn two_owners<H: Harness>() {
    let trial = Trial::<H>::open().await;
    for id in ["ann", "bob"] {
        trial.insert(Member::new(id)).await;
        trial.insert(Note::new(id, Some(id))).await;
    }
    let batch = put(Line::new("new", "ann", 1).by("nobody"), Expect::Absent);
    let done = "put of a line of a note that exists and a writer who does not";
    trial.refuse(rule::OWNER, done, batch, &not_found::<Member>("nobody")).await;
    let batch = put(Line::new("new", "nothing", 1).by("ann"), Expect::Absent);
    let done = "put of a line of a writer who exists and a note that does not";
    trial.refuse(rule::OWNER, done, batch, &not_found::<Note>("nothing")).await;
    for (place, (id, note, writer)) in (0..).zip([
        ("aa", "ann", "ann"),
        ("ab", "ann", "bob"),
        ("ba", "bob", "ann"),
        ("bb", "bob", "bob"),
    ]) {
        trial.insert(Line::new(id, note, place).by(writer)).await;
    }
    trial.delete(&NOTES, vec![has_id("bob")]).await;
    let done = "deletion of a note with lines of two writers";
    check(rule::CASCADE, done, ids(&trial.all(&LINES).await), vec!["aa", "ab"]);
    trial.delete(&MEMBERS, vec![has_id("ann")]).await;
    let done = "deletion of a member who wrote a note, and a line of it";
    check(rule::CASCADE, done, trial.all(&LINES).await.len(), 0);
    check(rule::CASCADE, done, ids(&trial.all(&MEMBERS).await), vec!["bob"]);
}

/// Deletion takes what is owned, two levels down, and nothing else.
pub(crate) async fn delete_cascades<H: Harness>() {
    let trial = Trial::<H>::open().await;
    family(&trial).await;
    let deleted = trial.delete(&MEMBERS, vec![has_id("ann")]).await;
    let done = "deletion of a member with two notes of two lines each";
    check(
        rule::CASCADE,
        done,
        left(&trial).await,
        [ids_of(&["bob"]), ids_of(&["b1", "free"]), ids_of(&["b1-0"])],
    );
    check(rule::COMMITTED, done, deleted, 1);
    let deleted = trial.delete(&NOTES, vec![]).await;
    let done = "deletion of all notes, one of them with a line";
    check(rule::CASCADE, done, left(&trial).await, [ids_of(&["bob"]), vec![], vec![]]);
    check(rule::COMMITTED, done, deleted, 2);
}

/// What fell with its owner frees its ids and unique values.
pub(crate) async fn cascade_frees_uniques<H: Harness>() {
    let trial = Trial::<H>::open().await;
    trial.insert(Member::new("ann")).await;
    trial.insert(Note::new("n", Some("ann")).slug("s")).await;
    trial.insert(Line::new("l", "n", 1)).await;
    let batch = Batch::new()
        .delete(&MEMBERS, vec![has_id("ann")])
        .put(Note::new("n", None).slug("s"), Expect::Absent)
        .put(Line::new("l", "n", 1), Expect::Absent);
    let done = "deletion of a member and insertion of what it owned, in one batch";
    let committed = trial.accept(rule::CASCADE, done, batch).await;
    let revisions: Vec<u64> = committed.documents.iter().map(Document::revision).collect();
    check(rule::UPDATE, done, revisions, vec![1, 1]);
}

/// A filter that names many owners takes what each of them owns.
pub(crate) async fn cascade_of_many<H: Harness>() {
    let trial = Trial::<H>::open().await;
    family(&trial).await;
    let active = field::<Member>("active").equal([true]).expect("`active` is a boolean");
    let deleted = trial.delete(&MEMBERS, vec![active]).await;
    let done = "deletion of all active members";
    check(rule::CASCADE, done, left(&trial).await, [vec![], ids_of(&["free"]), vec![]]);
    check(rule::COMMITTED, done, deleted, 2);
}

/// Owners are told apart byte by byte: nobody's documents fall with a look-alike.
pub(crate) async fn owners_are_bytes<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let all = ["a", "A", "aa", "a ", "á", "a\u{301}", "a\0", "", "%", "_", "1", "01"];
    for id in all {
        trial.insert(Member::new(id)).await;
        trial.insert(Note::new(&format!("of {id}"), Some(id))).await;
        // A line with the id of the member, which is not its owner.
        trial.insert(Line::new(id, &format!("of {id}"), 1)).await;
    }
    for (place, id) in all.iter().enumerate() {
        trial.delete(&MEMBERS, vec![has_id(id)]).await;
        let rest = &all[place + 1..];
        let notes: Vec<String> = rest.iter().map(|id| format!("of {id}")).collect();
        let done = format!("deletion of the member {id:?} beside others that look alike");
        check(rule::CASCADE, done, left(&trial).await, [ids_of(rest), notes, ids_of(rest)]);
    }
    trial.insert(Member::new("a")).await;
    let batch = put(Note::new("new", Some("A")), Expect::Absent);
    let done = "put of a note of \"A\" while only \"a\" exists";
    trial.refuse(rule::OWNER, done, batch, &not_found::<Member>("A")).await;
}

/// An owner and what it owns can be put in one batch, the owner first.
pub(crate) async fn owner_in_the_same_batch<H: Harness>() {
    let trial = Trial::<H>::open().await;
    let member = || Member::new("ann");
    let note = || Note::new("n", Some("ann"));
    let line = || Line::new("l", "n", 1);
    let batch = Batch::new().put(note(), Expect::Absent).put(member(), Expect::Absent);
    let done = "put of a note before its owner, in one batch";
    trial.refuse(rule::ALONE, done, batch, &not_found::<Member>("ann")).await;
    let batch = Batch::new()
        .put(member(), Expect::Absent)
        .put(note(), Expect::Absent)
        .put(line(), Expect::Absent);
    trial.accept(rule::ALONE, "put of an owner, its note and its line in one batch", batch).await;
    let batch = Batch::new().delete(&MEMBERS, vec![has_id("ann")]).put(note(), Expect::Anything);
    let done = "deletion of an owner and put of its note in one batch";
    trial.refuse(rule::ALONE, done, batch, &not_found::<Member>("ann")).await;
    let batch = Batch::new().delete(&MEMBERS, vec![]).put(line(), Expect::Anything);
    let done = "deletion of a member and put of a line of its note in one batch";
    trial.refuse(rule::ALONE, done, batch, &not_found::<Note>("n")).await;
}

/// An update of an owner leaves what it owns alone.
pub(crate) async fn update_keeps_what_is_owned<H: Harness>() {
    let trial = Trial::<H>::open().await;
    family(&trial).await;
    let before = trial.all(&LINES).await.len();
    trial.put(Member { count: 1, ..Member::new("ann") }, Expect::Anything).await;
    trial.put(Note::new("a1", Some("ann")), Expect::Revision(1)).await;
    check(rule::OWNER, "updates of owners", trial.all(&LINES).await.len(), before);
}

/// Ann with two notes of two lines each, Bob with a note of one line, and a note of nobody.
async fn family(probe: &Probe) {
    for (member, notes) in [("ann", &[("a1", 2), ("a2", 2)][..]), ("bob", &[("b1", 1)])] {
        probe.insert(Member::new(member)).await;
        for (note, lines) in notes {
            probe.insert(Note::new(note, Some(member))).await;
            for place in 0..*lines {
                probe.insert(Line::new(&format!("{note}-{place}"), note, place)).await;
            }
        }
    }
    probe.insert(Note::new("free", None)).await;
}

async fn left(probe: &Probe) -> [Vec<String>; 3] {
    let (members, notes) = (probe.all(&MEMBERS).await, probe.all(&NOTES).await);
    [ids(&members), ids(&notes), ids(&probe.all(&LINES).await)]
}

fn ids_of(ids: &[&str]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}
