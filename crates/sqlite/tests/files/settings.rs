//! Options, and on which thread a read runs.

use std::pin::pin;
use std::task::Poll;

use rollbook_core::{Filter, ID, Query, Record, User, UserStore};
use rollbook_sqlite::{SqliteOptions, Synchronous};

use crate::{Place, commit, insert, poll_once, run};

#[test]
fn normal_synchronisation() {
    let place = Place::new();
    let options = SqliteOptions::new().synchronous(Synchronous::Normal);
    let store = options.open(place.path()).unwrap();
    run(commit(&store, insert("u0"))).unwrap();
    drop(store);
    assert_eq!(place.names(), ["users.db"]);
    let store = options.open(place.path()).unwrap();
    assert_eq!(run(store.count(&Query::new(User::SCHEMA))).unwrap(), 1);
}

#[test]
fn there_is_at_least_one_reader() {
    let place = Place::with_users(3);
    let store = SqliteOptions::new().readers(0).open(place.path()).unwrap();
    let everyone = Query::new(User::SCHEMA);
    assert_eq!(run(store.select(&everyone)).unwrap().len(), 3);
    assert_eq!(run(store.count(&everyone)).unwrap(), 3);
    assert_eq!(format!("{store:?}").matches("Mutex").count(), 1, "{store:?}");
}

/// Whoever polls once and has the answer did not wait for another thread.
#[test]
fn a_look_up_by_a_key_runs_where_it_is_called() {
    let place = Place::with_users(3);
    let store = place.open();
    let email = User::SCHEMA.field("email").unwrap();
    let found = |filter: Filter| {
        let query = Query::new(User::SCHEMA).filter(filter);
        match poll_once(pin!(store.select(&query)).as_mut()) {
            Poll::Ready(rows) => rows.unwrap().len(),
            Poll::Pending => panic!("it waits"),
        }
    };
    assert_eq!(found(ID.equal(["u1"]).unwrap()), 1);
    assert_eq!(found(ID.equal(["u1", "u2", "nobody"]).unwrap()), 2);
    assert_eq!(found(email.equal(["u2@example.com"]).unwrap()), 1);
    assert_eq!(found(email.equal(["nobody@example.com"]).unwrap()), 0);
}

/// Many more statements than a connection keeps.
#[test]
fn a_thousand_different_statements() {
    let place = Place::with_users(3);
    let store = SqliteOptions::new().readers(1).open(place.path()).unwrap();
    let fields = &User::SCHEMA.fields[..10];
    run(async {
        for shape in 0_usize..1024 {
            let chosen = fields.iter().enumerate().filter(|(place, _)| shape >> place & 1 == 1);
            let query = Query::new(User::SCHEMA).filters_all(
                chosen.map(|(_, field)| Filter::or([field.is_null(), field.is_not_null()])),
            );
            assert_eq!(store.count(&query).await.unwrap(), 3, "{query:?}");
        }
    });
}
