//! Search over 2,000 users, with more than 700 labelled searches.
//!
//! `data/people.jsonl` has the users with names that are hard to search; the others follow from their number.
//! `data/searches.jsonl` says of each search whom it finds: by their ids, which a person wrote down, or how many.
//! [`Rules`] gives a second opinion, and says who is found after changes.

use std::collections::{BTreeMap, BTreeSet};

use rollbook::{Cursor, ImportedUser, ListUsers, User};
use serde::Deserialize;

use crate::search_rules::{Lines, Rules};
use crate::support::{World, on_every_store};

on_every_store! {
    every_search_finds_whom_it_must_and_nobody_else
    changes_and_deletions_are_found_at_once
}

#[derive(Clone, Deserialize)]
struct Person {
    id: String,
    #[serde(default)]
    name: String,
    email: Option<String>,
    phone: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
}

/// A search, and whom it finds: everybody with these ids, or so many.
#[derive(Deserialize)]
struct Labelled {
    search: String,
    finds: Option<Vec<String>>,
    number: Option<usize>,
}

const FIRST: &str = "Anna Ben Clara David Elena Felix Greta Hugo Ida Jonas Karla Leon Mia Noah Olga Paul Rosa \
    Samuel Tina Viktor Wanda Yara Zoe Li Bo Émile Chloé Øystein Łucja Jürgen";
const LAST: &str = "Adler|Baker|Castro|Diaz|Evans|Fischer|Garcia|Hansen|Ivanov|Jensen|Klein|Lopez|Meyer|Novak|\
    Olsen|Peters|Quinn|Rossi|Silva|Torres|Ulrich|Vogel|Weber|Xu|Young|Zimmer|Wu|Ng|Müller|Núñez|Brontë|Strauß|\
    O'Connor|D'Angelo|Saint-Just|van Dyke|de la Cruz|Nakamura|Kowalski|Park";

/// The hand-written people, and as many others as make 2,000.
fn people() -> BTreeMap<String, Person> {
    let lines = include_str!("../data/people.jsonl").lines();
    let mut people: Vec<Person> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let first: Vec<&str> = FIRST.split(' ').collect();
    let last: Vec<&str> = LAST.split('|').collect();
    let others = (0..2_000 - people.len()).map(|n| Person {
        id: format!("g{n:04}"),
        name: format!("{} {}", first[n % 30], last[(n + n / 30) % 40]),
        email: match n {
            0..1300 => Some(format!("user{n}@mail.example")),
            1300..1700 => Some(format!("u.{n}@acme.test")),
            _ => None,
        },
        phone: n.is_multiple_of(3).then(|| format!("+49{}", 30_000_000 + n)),
        labels: [(2, "beta"), (50, "gold")]
            .iter()
            .filter(|(every, _)| n.is_multiple_of(*every))
            .map(|(_, label)| (*label).to_owned())
            .collect(),
    });
    people.extend(others);
    people.into_iter().map(|person| (person.id.clone(), person)).collect()
}

fn searches() -> Vec<Labelled> {
    let lines = include_str!("../data/searches.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn fill(world: &World, people: &BTreeMap<String, Person>) {
    let imported = people.values().map(|person| {
        let Person { id, name, email, phone, labels } = person.clone();
        ImportedUser { id: Some(id), name: Some(name), email, phone, labels, ..Default::default() }
    });
    for outcome in world.users.import(imported.collect()).await.unwrap() {
        outcome.unwrap();
    }
}

/// How much of what had to be found was found, and how much of what was found had to be.
#[derive(Default)]
struct Score {
    due: usize,
    found: usize,
    right: usize,
    wrong: Vec<String>,
}

impl Score {
    fn add(&mut self, search: &str, due: &BTreeSet<String>, found: &BTreeSet<String>) {
        self.due += due.len();
        self.found += found.len();
        self.right += due.intersection(found).count();
        if due != found {
            let missed: Vec<_> = due.difference(found).take(5).collect();
            let extra: Vec<_> = found.difference(due).take(5).collect();
            self.wrong.push(format!("{search:?} misses {missed:?} and has {extra:?} too many"));
        }
    }

    /// Recall and precision are both 1.
    #[track_caller]
    fn check(self) {
        let Self { due, found, right, wrong } = self;
        assert!(
            right == due && right == found,
            "recall {right}/{due}, precision {right}/{found}; {} searches are wrong:\n{}",
            wrong.len(),
            wrong[..wrong.len().min(20)].join("\n"),
        );
        assert!(due > 10_000, "so few prove little: {due}");
    }
}

/// All that a search finds, page by page, in one of several orders.
async fn found(world: &World, search: &str, way: usize) -> BTreeSet<String> {
    let list = || {
        let list = ListUsers::new().search(search).unwrap();
        match way % 3 {
            0 => list.limit(400),
            1 => list.order(User::CREATED_AT.descending()).limit(100),
            _ => list.order(User::NAME.ascending()).limit(70),
        }
    };
    let mut ids = BTreeSet::new();
    let mut page = world.users.list(list()).await.unwrap();
    let total = usize::try_from(page.total).unwrap();
    while let Some(last) = page.last_cursor() {
        for user in &page.users {
            assert!(ids.insert(user.id.to_string()), "{} is on two pages of {search:?}", user.id);
        }
        let next = match way % 2 {
            0 => list().after(page.users.last().unwrap().id.as_str()),
            _ => list().after_cursor(last.to_string().parse::<Cursor>().unwrap()),
        };
        page = world.users.list(next.without_total()).await.unwrap();
    }
    assert_eq!(ids.len(), total, "the total of {search:?}");
    ids
}

/// What is searched of all of them.
fn lines(rules: &Rules, people: &BTreeMap<String, Person>) -> Vec<(String, Lines)> {
    let line = |(id, person): (&String, &Person)| {
        let texts = [Some(id.as_str()), Some(&person.name), person.email.as_deref()];
        let texts: Vec<&str> =
            texts.into_iter().chain([person.phone.as_deref()]).flatten().collect();
        (id.clone(), rules.lines(&texts, &person.labels))
    };
    people.iter().map(line).collect()
}

/// Whom a search finds, by the rules.
fn due(rules: &Rules, lines: &[(String, Lines)], search: &str) -> BTreeSet<String> {
    let wanted = rules.wanted(search);
    let found = lines.iter().filter(|(_, lines)| lines.have(&wanted));
    found.map(|(id, _)| id.clone()).collect()
}

async fn every_search_finds_whom_it_must_and_nobody_else(world: World) {
    let (people, searches, rules) = (people(), searches(), Rules::new());
    assert_eq!((people.len(), searches.len() >= 500), (2_000, true));
    let by_hand = searches.iter().filter(|labelled| labelled.finds.is_some()).count();
    assert!(by_hand >= 120, "{by_hand}");
    fill(&world, &people).await;
    let lines = lines(&rules, &people);
    let mut score = Score::default();
    for (way, Labelled { search, finds, number }) in searches.iter().enumerate() {
        let by_rules = due(&rules, &lines, search);
        let due = match finds {
            Some(ids) => ids.iter().cloned().collect(),
            None => by_rules.clone(),
        };
        // What a person wrote down is what the rules say.
        assert_eq!(by_rules, due, "{search:?}");
        assert_eq!(number.unwrap_or(due.len()), due.len(), "{search:?}");
        score.add(search, &due, &found(&world, search, way).await);
    }
    score.check();
    for text in ["", &"é".repeat(257)] {
        assert!(ListUsers::new().search(text).is_err(), "{text}");
    }
}

/// Searches that the changes below concern, and whom they find afterwards.
const AFTERWARDS: &[(&str, &str)] = &[
    ("ann@x.co", "ann2"),
    ("o'neill", "ann1 zoe-c"),
    ("ann.oneill@new.io", "ann1"),
    ("new.io", "ann1"),
    ("@x.co", "ann2 ann4"),
    ("ann.lee@x.co", ""),
    ("lee@x", ""),
    ("ann3", ""),
    ("山", "yamamoto"),
    ("太郎", ""),
    ("kenji", "yamada"),
    ("\"kenji moon\"", "yamada"),
    ("yamada", "yamada"),
    ("same name", "same1 same3"),
    ("same2@dup.net", ""),
    ("dup.net", "same1 same3"),
    ("label:premium", "premium2"),
    ("premium", "premium1 premium2"),
    ("label:basic", "premium1"),
    ("bearer basic", "premium1"),
    ("vip2", ""),
    ("label:vip", "ann1 li"),
    ("+9100555", "phone2"),
    ("9100", "phone2"),
    ("+81", "phone1"),
    ("dots.id_x-9", "dots.id_x-9"),
    ("full width", ""),
    ("σισυφος", ""),
    ("sisyphos", "sisyphos"),
    ("li moon", "li"),
    ("moon", "li yamada"),
    ("anna", ""),
    ("user0@mail.example", ""),
    ("lucja brown user28@mail.example", "g0028"),
];

async fn changes_and_deletions_are_found_at_once(world: World) {
    let (mut people, rules, users) = (people(), Rules::new(), &world.users);
    fill(&world, &people).await;
    for (id, name) in [("yamada", "Kenji Moon"), ("sisyphos", ""), ("wide", "Narrow")] {
        users.update_name(id, name).await.unwrap();
        name.clone_into(&mut people.get_mut(id).unwrap().name);
    }
    // The second try is the one that counts, and a label that was there before stays.
    users.update_email("ann1", "ann.oneal@old.io").await.unwrap();
    users.update_email("ann1", "ann.oneill@new.io").await.unwrap();
    people.get_mut("ann1").unwrap().email = Some("ann.oneill@new.io".to_owned());
    users.update_labels("premium1", ["basic", "x1"]).await.unwrap();
    people.get_mut("premium1").unwrap().labels = vec!["basic".to_owned(), "x1".to_owned()];
    users.update_phone("phone1", "+8155555").await.unwrap();
    people.get_mut("phone1").unwrap().phone = Some("+8155555".to_owned());
    for n in 0..1_918 {
        let id = format!("g{n:04}");
        match n % 30 {
            // Nobody is called Anna from now on.
            0 => {
                users.delete(&id).await.unwrap();
                people.remove(&id);
            }
            28 => {
                users.update_name(&id, "Łucja Brown").await.unwrap();
                "Łucja Brown".clone_into(&mut people.get_mut(&id).unwrap().name);
            }
            _ => {}
        }
    }
    for id in ["ann3", "same2"] {
        users.delete(id).await.unwrap();
        people.remove(id);
    }
    let li = Person {
        id: "li".to_owned(),
        name: "Li Moon".to_owned(),
        email: None,
        phone: None,
        labels: vec!["vip".to_owned()],
    };
    fill(&world, &BTreeMap::from([("li".to_owned(), li.clone())])).await;
    people.insert("li".to_owned(), li);
    let lines = lines(&rules, &people);
    let mut score = Score::default();
    for (way, (search, ids)) in AFTERWARDS.iter().enumerate() {
        let by_hand: BTreeSet<String> = ids.split_whitespace().map(ToOwned::to_owned).collect();
        assert_eq!(due(&rules, &lines, search), by_hand, "{search:?}");
        score.add(search, &by_hand, &found(&world, search, way).await);
    }
    for (way, Labelled { search, .. }) in searches().iter().enumerate() {
        score.add(search, &due(&rules, &lines, search), &found(&world, search, way + 1).await);
    }
    score.check();
}
