//! The workloads, by the names that the report knows.

use std::time::Instant;

use rollbook::{
    Condition, Error, HashOptions, Limits, ListUsers, PasswordHash, Stored, Timestamp, User,
};
use serde_json::json;

use crate::dataset::{Meta, Person};
use crate::out::{Out, Series, peak_mb};
use crate::store::Store;

pub(crate) fn import(store: &Store, out: &Out, meta: &Meta, file: &str) {
    let before = peak_mb();
    let start = Instant::now();
    let summary = match store.import(file) {
        Ok(summary) => summary,
        Err(error) => return out.failed("W1.import", &error),
    };
    let wall = start.elapsed().as_secs_f64();
    let right = summary.imported == meta.n && store.total(ListUsers::new()).ok() == Some(meta.n);
    #[expect(clippy::cast_precision_loss, reason = "a rate is an estimate")]
    let rate = summary.imported as f64 / wall;
    out.line(
        "W1.import",
        json!({"ops": summary.imported, "ops_s": rate, "wall_s": wall, "rss_mb": peak_mb(),
            "rss_before_mb": before, "db_mb": store.size_mb(), "valid": right,
            "note": "a thread reads, a thread writes; all indexes and the word search"}),
    );
}

/// A series with a note.
fn series<'a>(
    workload: &'a str,
    warm: usize,
    most: usize,
    seconds: f64,
    note: &'a str,
) -> Series<'a> {
    Series { workload, warm, most, seconds, note }
}

fn newest() -> ListUsers {
    ListUsers::new().limit(25).without_total().order(User::REGISTRATION.descending())
}

fn ids(users: &[Stored<User>]) -> Vec<&str> {
    users.iter().map(|user| &*user.id).collect()
}

/// Those whose name or e-mail has `part` anywhere, in any case: names begin with capitals, e-mails don't.
fn anywhere(part: &str) -> Condition<User> {
    let capital: String =
        part.chars().take(1).flat_map(char::to_uppercase).chain(part.chars().skip(1)).collect();
    Condition::any([
        User::NAME.contains(part),
        User::NAME.contains(capital),
        User::EMAIL.contains(part),
    ])
}

pub(crate) fn read(store: &Store, out: &Out, meta: &Meta) {
    let keys = &meta.keys;
    out.series(&series("W3.id", 500, keys.len(), 30.0, ""), |n| {
        let (id, email, name) = &keys[n];
        let found = store.by_id(id)?;
        Ok(found.is_some_and(|user| user.email.as_deref() == Some(email) && user.name == *name))
    });
    out.series(&series("W3.email", 500, keys.len(), 30.0, ""), |n| {
        Ok(store.by_email(&keys[n].1)?.is_some_and(|user| *user.id == *keys[n].0))
    });
    out.series(&series("W3.miss", 500, keys.len().min(5000), 10.0, ""), |n| {
        Ok(store.by_email(&format!("nobody{n}@example.com"))?.is_none())
    });
    out.series(&series("W5.newest25", 5, 1000, 4.0, ""), |_| {
        Ok(ids(&store.list(newest())?) == meta.newest25)
    });
    let time = |millis| Timestamp::from_millis(millis).expect("it is a time");
    let (from, to) = (time(meta.range.0), time(meta.range.1));
    let filtered = |list: ListUsers| {
        let range = [User::REGISTRATION.greater_equal(from), User::REGISTRATION.less(to)];
        range.into_iter().fold(list.filter(User::STATUS.equal(false)), ListUsers::filter)
    };
    out.series(&series("W5.filter25", 5, 1000, 4.0, ""), |_| {
        Ok(ids(&store.list(filtered(newest()))?) == meta.filter25)
    });
    for (number, page) in &meta.pages {
        let label = match number.parse::<u64>() {
            Ok(number) if number == meta.last_page => "W5.pageLast".to_owned(),
            _ => format!("W5.page{number}"),
        };
        out.series(&series(&label, 5, 1000, 4.0, "cursor"), |_| {
            let list = page.after.iter().fold(newest(), |list, id| list.after(id.as_str()));
            Ok(ids(&store.list(list)?) == page.ids)
        });
        if number != "1" {
            out.series(&series(&format!("{label}.offset"), 2, 300, 4.0, "offset"), |_| {
                Ok(ids(&store.list(newest().offset(page.offset))?) == page.ids)
            });
        }
    }
    let note = "parts of words: a filter, since the search finds words by their beginnings";
    out.series(&series("W5.search25", 2, 300, 5.0, note), |_| {
        Ok(ids(&store.list(newest().filter(anywhere("ann")))?) == meta.ann25)
    });
    let (id, email, _) = &keys[5];
    let rare = email.split_inclusive('@').next().unwrap_or_default();
    out.series(&series("W5.searchRare", 2, 100, 5.0, "1 hit, by the same filter"), |_| {
        Ok(ids(&store.list(newest().filter(anywhere(rare)))?) == [id.as_str()])
    });
    out.series(&series("W5.searchRare.word", 2, 300, 5.0, "1 hit, by the search of words"), |_| {
        let found = store.list(newest().search(email)?)?;
        Ok(ids(&found) == [id.as_str()])
    });
    out.series(&series("W5.count", 2, 300, 4.0, ""), |_| {
        Ok(store.total(ListUsers::new())? == meta.n)
    });
    out.series(&series("W5.countFilter", 2, 300, 4.0, ""), |_| {
        Ok(store.total(filtered(ListUsers::new()))? == meta.filter_total)
    });
    out.series(&series("W5.countSearch", 2, 300, 4.0, note), |_| {
        Ok(store.total(ListUsers::new().filter(anywhere("ann")))? == meta.ann_total)
    });
    out.line("rss.read", json!({"rss_mb": peak_mb(), "valid": true}));
}

const KINDS: [&str; 4] = ["bcrypt", "argon2", "md5", "phpass"];

/// A token that no session has.
const NO_TOKEN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

pub(crate) fn write(store: &Store, out: &Out, meta: &Meta, data: &str) {
    let people = Person::read_all(data);
    let mut tokens: Vec<(String, &str)> = Vec::new();
    for kind in KINDS {
        let logins = &meta.logins[kind];
        let logins = &logins[..logins.len().min(if kind == KINDS[0] { 1500 } else { 400 })];
        let import =
            |text: &str| PasswordHash::import(kind, text, &HashOptions::new(), &Limits::default());
        let workload = format!("W4.verify.{kind}");
        out.series(&series(&workload, 50, logins.len(), 15.0, "bare verify"), |n| {
            let (_, _, password, hash) = &logins[n];
            Ok(import(hash)?.verify(password.as_bytes()).is_ok())
        });
        let (_, email, _, hash) = &logins[0];
        let wrong = "not-the-password";
        let verified = import(hash).expect("it is well formed").verify(wrong.as_bytes());
        assert!(verified.is_err(), "a wrong password is wrong");
        let note = match kind {
            "argon2" => "",
            _ => "the first of each user also replaces the hash by Argon2id (8 KiB)",
        };
        out.series(&series(&format!("W4.login.{kind}"), 20, logins.len(), 40.0, note), |n| {
            let (id, email, password, _) = &logins[n];
            tokens.push((store.login(email, password)?, id));
            Ok(true)
        });
        if store.login(email, wrong).is_ok() {
            out.line("W4.wrongpw", json!({"valid": false, "note": "accepted a wrong password"}));
        }
    }
    if !tokens.is_empty() {
        let note = format!("{} sessions", tokens.len());
        out.series(&series("W6.session", 500, 20_000, 20.0, &note), |n| {
            let (token, id) = &tokens[n % tokens.len()];
            Ok(store.session(token)?.as_deref() == Some(*id))
        });
        match store.seed_sessions(100_000) {
            Ok(()) => late(store, out, meta),
            Err(error) => out.failed("W6.session100k", &error),
        }
        if let Ok(Some(_)) = store.session(NO_TOKEN) {
            out.line("W6.badtoken", json!({"valid": false}));
        }
    }
    let note = "plaintext, hashed inside; Argon2id of 8 KiB, since rollbook makes no bcrypt";
    out.series(&series("W2.create", 0, 1000, 60.0, note), |n| {
        store.create(&people[n])?;
        Ok(true)
    });
    let hash = &meta.logins["bcrypt"][0].3;
    out.series(&series("W2.createHashed", 0, 1000, 60.0, "hash made beforehand"), |n| {
        store.create_hashed(&people[1000 + n], hash)?;
        Ok(true)
    });
    if let Ok(found) = store.by_email(&people[0].email) {
        out.line("W2.check", json!({"valid": found.is_some()}));
    }
    let twice = Person { id: "dup1".to_owned(), ..people[1500].clone() };
    // The series may have ended before that person's turn.
    let _ = store.create_hashed(&people[1500], hash);
    out.line(
        "W2.dup",
        match store.create_hashed(&twice, hash) {
            Ok(()) => {
                json!({"valid": false, "note": "a second user with the same email was accepted"})
            }
            Err(_) => json!({"valid": true, "note": "duplicate email refused"}),
        },
    );
    out.line("rss.write", json!({"rss_mb": peak_mb(), "valid": true}));
}

/// Sessions that were made after a hundred thousand others.
fn late(store: &Store, out: &Out, meta: &Meta) {
    let logins = &meta.logins["argon2"];
    let made = logins
        .iter()
        .take(200)
        .map(|(id, email, password, _)| Ok((store.login(email, password)?, id)));
    let late: Vec<_> = match made.collect::<Result<_, Error>>() {
        Ok(late) => late,
        Err(error) => return out.failed("W6.session100k", &error),
    };
    let note = "tokens younger than 100k other sessions";
    out.series(&series("W6.session100k", 20, 20_000, 12.0, note), |n| {
        let (token, id) = &late[n % late.len()];
        Ok(store.session(token)?.as_deref() == Some(id.as_str()))
    });
}
