//! What FTS5 might get wrong: it finds what `Search::matches` does.

use rollbook_core::{Batch, Document, Expect, Filter, ID, Query, Record, User, UserStore};

use crate::{Place, commit, insert, named, run, user};

/// The ids that a search finds, after a check that they are the right ones.
fn found(store: &dyn UserStore, text: &str) -> Vec<String> {
    let ids = |rows: &[Document]| rows.iter().map(|row| row.id().to_owned()).collect::<Vec<_>>();
    let all = run(store.select(&Query::new(User::SCHEMA))).expect("the store works");
    let query = Query::new(User::SCHEMA).filter(User::SCHEMA.search(text).expect("it is a search"));
    let found = run(store.select(&query)).expect("the store works");
    assert_eq!(ids(&found), ids(&query.run(&all)), "{text}");
    assert_eq!(run(store.count(&query)).expect("the store works"), found.len() as u64, "{text}");
    ids(&found)
}

#[test]
fn tokens_of_any_length() {
    let place = Place::new();
    let store = place.open();
    // FTS5 cuts a token after 32,768 bytes.
    let long = "x".repeat(40_000);
    for (id, name) in [
        ("cut", long.clone()),
        ("other", format!("{long}y")),
        ("accents", "é".repeat(20_000)),
        ("many", "a b ".repeat(20_000)),
        ("wide", "山".repeat(10_000)),
    ] {
        run(commit(&store, Batch::new().put(named(id, &name), Expect::Absent))).unwrap();
    }
    assert_eq!(found(&*store, &"x".repeat(256)), ["cut", "other"]);
    assert_eq!(found(&*store, &format!("\"{}\"", "x".repeat(254))), [""; 0]);
    assert_eq!(found(&*store, &"é".repeat(256)), ["accents"]);
    assert_eq!(found(&*store, "\"b a b\""), ["many"]);
    assert_eq!(found(&*store, &"山".repeat(256)), ["wide"]);
    place.check_integrity();
}

#[test]
fn as_many_words_as_a_search_can_have() {
    let place = Place::new();
    let store = place.open();
    let letters: Vec<String> = (0..128).map(|n| char::from(b'a' + n % 26).to_string()).collect();
    let name = letters.join(" ");
    run(commit(&store, Batch::new().put(named("all", &name), Expect::Absent))).unwrap();
    assert_eq!(found(&*store, &name), ["all"]);
    let different: Vec<String> = (0..85).map(|n| format!("{n:02}")).collect();
    run(commit(&store, Batch::new().put(named("digits", &different.join(" ")), Expect::Absent)))
        .unwrap();
    assert_eq!(found(&*store, &different.join(" ")), ["digits"]);
    assert_eq!(found(&*store, &format!("\"{}\"", different[..84].join("-"))), ["digits"]);
}

#[test]
fn what_is_no_word_is_no_syntax() {
    let place = Place::with_users(3);
    let store = place.open();
    for text in [
        "*",
        "\"",
        "\"\"",
        "^u1",
        "u1 OR u2",
        "u1 NOT u2",
        "NEAR(u1 u2)",
        "tokens:u1",
        "{tokens}: u1",
        "-u1",
        "(u1",
        "u1)",
        "u1 + u2",
        "u1\0u2",
        "\0",
        "¦",
        "u1 ¦ name",
        "\"u1 ¦ name\"",
        "'; --",
        "?1",
        "u1*",
        "\"u1*\"",
        "\u{10ffff}",
        "u1\u{10ffff}",
        "rank",
        "rowid",
        "1",
        "name of u1",
        "of name",
    ] {
        found(&*store, text);
    }
    assert_eq!(found(&*store, "\"u1 name\""), [""; 0], "nothing is found across two texts");
}

#[test]
fn updates_and_deletions_are_followed() {
    let place = Place::with_users(5);
    let store = place.open();
    assert_eq!(found(&*store, "name u1"), ["u1"]);
    let put = |user: User| Batch::new().put(user, Expect::Anything);
    run(async {
        commit(&store, put(named("u1", "Zoë"))).await.unwrap();
        commit(&store, put(user("u2"))).await.unwrap();
        // In one transaction, downwards.
        let all = ["u4", "u3", "u0"].map(|id| put(named(id, &format!("Ann {id}"))));
        for outcome in store.commit(all.to_vec()).await.unwrap() {
            outcome.unwrap();
        }
        // A batch that fails takes its texts with it.
        let failed = Batch::new().put(named("u2", "Gone"), Expect::Anything);
        commit(&store, failed.put(user("u1"), Expect::Absent)).await.unwrap_err();
        commit(&store, Batch::new().delete(User::SCHEMA, vec![ID.equal(["u4"]).unwrap()]))
            .await
            .unwrap();
    });
    assert_eq!(found(&*store, "zoe"), ["u1"]);
    assert_eq!(found(&*store, "name"), ["u2"]);
    assert_eq!(found(&*store, "ann"), ["u0", "u3"]);
    assert_eq!(found(&*store, "gone"), [""; 0]);
    let by_search = vec![Filter::and([User::SCHEMA.search("ann").unwrap()])];
    run(commit(&store, Batch::new().delete(User::SCHEMA, by_search))).unwrap();
    assert_eq!(found(&*store, "u"), ["u1", "u2"]);
    run(commit(&store, Batch::new().delete(User::SCHEMA, vec![]))).unwrap();
    assert_eq!(found(&*store, "u"), [""; 0]);
    run(commit(&store, insert("u1"))).unwrap();
    assert_eq!(found(&*store, "u"), ["u1"]);
    drop(store);
    place.check_integrity();
}

/// An update that changes nothing of what is searched does not write it again.
#[test]
fn other_updates_leave_the_texts_alone() {
    let place = Place::with_users(3);
    let store = place.open();
    let texts = || {
        let sql = "SELECT count(*), sum(length(block)) FROM \"users search_data\"";
        let other = place.other();
        other.query_row(sql, (), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).unwrap()
    };
    let before = texts();
    let mut blocked = user("u1");
    blocked.status = false;
    run(commit(&store, Batch::new().put(blocked, Expect::Anything))).unwrap();
    assert_eq!(texts(), before);
    run(commit(&store, Batch::new().put(named("u1", "Zoë"), Expect::Anything))).unwrap();
    assert_ne!(texts(), before);
}

/// Of a word of three tokens FTS5 is asked the first two, so the store has to take the page itself.
#[test]
fn pages_of_a_long_word() {
    let place = Place::with_users(9);
    let store = place.open();
    assert_eq!(found(&*store, "u7@example.com"), ["u7"]);
    assert_eq!(found(&*store, "u7@example.co"), ["u7"]);
    assert_eq!(found(&*store, "u7@example.x"), [""; 0]);
    assert_eq!(found(&*store, "name-of-u").len(), 9);
    let all = run(store.select(&Query::new(User::SCHEMA))).unwrap();
    let search = Query::new(User::SCHEMA).filter(User::SCHEMA.search("name-of-u").unwrap());
    let name = User::SCHEMA.field("name").unwrap();
    for query in [search.clone(), search.clone().after(&all[3]), search.order(name.descending())] {
        for (limit, offset) in [(0, 0), (0, 2), (2, 0), (2, 3), (5, 7), (100, 8), (1, 100)] {
            let query = query.clone().limit(limit).offset(offset);
            let ids =
                |rows: &[Document]| rows.iter().map(|row| row.id().to_owned()).collect::<Vec<_>>();
            let found = run(store.select(&query)).unwrap();
            assert_eq!(ids(&found), ids(&query.run(&all)), "{query:?}");
        }
    }
    let gone = vec![User::SCHEMA.search("u7@example.c").unwrap()];
    run(commit(&store, Batch::new().delete(User::SCHEMA, gone))).unwrap();
    assert_eq!(found(&*store, "u").len(), 8);
}
