//! Totals are counted as rows are written, and are right whatever happened to the rows.

use std::sync::Arc;

use rollbook_core::{Batch, Expect, Field, Filter, ID, Query, Record, User, UserStore};
use rollbook_sqlite::SqliteStore;

use crate::{Place, commit, insert, run, user};

fn field(name: &str) -> &'static Field {
    User::SCHEMA.field(name).expect("users have it")
}

fn count(store: &SqliteStore, filters: Vec<Filter>) -> u64 {
    run(store.count(&Query::new(User::SCHEMA).filters_all(filters))).expect("the store works")
}

/// Asserts that the totals are what a look at every user gives, and returns the total of all.
fn check(store: &SqliteStore) -> u64 {
    let all = run(store.select(&Query::new(User::SCHEMA))).expect("the store works");
    for field in User::SCHEMA.tallied() {
        let mut filters = vec![field.is_null()];
        filters.extend([true, false].map(|value| field.equal([value]).expect("it is a flag")));
        for filter in filters {
            let expected = all.iter().filter(|row| filter.matches(row)).count() as u64;
            assert_eq!(count(store, vec![filter.clone()]), expected, "{filter:?}");
        }
    }
    let total = count(store, vec![]);
    assert_eq!(total, all.len() as u64);
    total
}

fn blocked(id: &str) -> User {
    let mut user = user(id);
    user.status = false;
    user
}

fn put(user: User) -> Batch {
    Batch::new().put(user, Expect::Anything)
}

fn delete(id: &str) -> Batch {
    Batch::new().delete(User::SCHEMA, vec![ID.equal([id.to_owned()]).expect("it is a text")])
}

#[test]
fn commits_that_succeed_and_batches_that_fail() {
    let place = Place::new();
    let store = place.open();
    assert_eq!(check(&store), 0);
    let outcomes = run(store.commit(vec![
        insert("a"),
        insert("b"),
        // Refused alone, and as part of a batch.
        insert("a"),
        insert("c").put(user("a"), Expect::Absent),
        put(blocked("b")).put(user("d"), Expect::Absent),
        delete("a").put(blocked("a"), Expect::Absent),
        put(blocked("d")).put(user("b"), Expect::Absent),
    ]))
    .unwrap();
    let done: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    assert_eq!(done, [true, true, false, false, true, true, false]);
    assert_eq!(check(&store), 3);
    assert_eq!(count(&store, vec![field("status").equal([false]).unwrap()]), 2);
    // Inserted and deleted in the same transaction.
    run(commit(&store, insert("e").delete(User::SCHEMA, vec![]))).unwrap();
    assert_eq!(check(&store), 0);
    drop(store);
    assert_eq!(check(&place.open()), 0);
}

/// A tally is read, not counted: it tells what was written into it.
#[test]
fn totals_are_read() {
    let place = Place::with_users(5);
    place.other().execute_batch("UPDATE rollbook_tallies SET n = n + 100").unwrap();
    let store = place.open();
    assert_eq!(count(&store, vec![]), 105);
    assert_eq!(count(&store, vec![field("status").equal([true]).unwrap()]), 105);
    assert_eq!(count(&store, vec![field("status").is_null()]), 100);
    // Two values are counted.
    assert_eq!(count(&store, vec![field("status").equal([true, false]).unwrap()]), 5);
}

#[test]
fn two_stores_keep_the_same_totals() {
    let place = Place::new();
    let stores = [place.open(), place.open()];
    run(async {
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let store = Arc::clone(&stores[task % 2]);
                tokio::spawn(async move {
                    for n in 0..20 {
                        let id = format!("u{task}-{n}");
                        commit(&store, insert(&id)).await.unwrap();
                        match n % 3 {
                            0 => commit(&store, put(blocked(&id))).await.unwrap(),
                            1 => commit(&store, delete(&id)).await.unwrap(),
                            _ => {}
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(check(&stores[0]), 8 * 13);
    assert_eq!(check(&stores[1]), 8 * 13);
}
