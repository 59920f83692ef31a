//! Pages while others write: a scan misses no user who is there all the time, and sees none of them twice.
//!
//! In each round two tasks create, change and delete users while others read all pages in every order, forwards
//! and backwards, by the id of a user and by a place whose user is deleted on purpose. What a scan must see
//! follows from one list of everybody at its beginning: those who were let alone until its end, in that order.
//! The seeds fix the choices, and the scheduler adds its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use rollbook::{
    Collection, Cursor, Error, ImportedUser, ListUsers, Random, SeededRandom, StoreError,
    Timestamp, User, UserList,
};
use tokio::task::{JoinSet, yield_now};

use crate::support::{START, World, on_every_store};

on_every_store! {
    scans_miss_nobody_while_others_write
}

const ROUNDS: u64 = 40;
const USERS: usize = 90;
/// More than there are users.
const MOST: u64 = 5_000;
const NAMES: [&str; 3] = ["", "Ann", "Bob"];

/// An order and what makes it.
type Order = (&'static str, fn(ListUsers) -> ListUsers);

const ORDERS: [Order; 7] = [
    ("insertion", |list| list),
    ("against insertion", |list| list.order(User::SEQUENCE.descending())),
    ("newest", |list| list.order(User::CREATED_AT.descending())),
    ("name", |list| list.order(User::NAME.ascending())),
    ("latest registration", |list| list.order(User::REGISTRATION.descending())),
    ("latest access", |list| list.order(User::ACCESSED_AT.descending())),
    ("name and access", |list| {
        list.order(User::NAME.descending()).order(User::ACCESSED_AT.ascending())
    }),
];

/// Where a page starts: at the id of a user, or at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    Id,
    Place,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Forwards,
    Backwards,
}

struct Dice(SeededRandom);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(SeededRandom::new(seed))
    }

    fn below(&self, sides: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes) as usize % sides
    }
}

/// How many writes to the sort keys of a user have begun, and how many have ended.
#[derive(Default)]
struct Writes {
    begun: AtomicUsize,
    ended: AtomicUsize,
}

/// The users, and who has been written to.
struct Crowd {
    world: World,
    records: Collection<User>,
    writes: BTreeMap<String, Writes>,
    anchors_deleted: AtomicUsize,
    restless_seen: AtomicUsize,
}

/// Every other user keeps its sort keys.
fn is_steady(id: &str) -> bool {
    id.starts_with('s')
}

fn time(n: usize) -> Timestamp {
    Timestamp::from_millis(START + i64::try_from(n).unwrap()).unwrap()
}

/// One of a few times, or none.
fn accessed_at(n: usize) -> Option<Timestamp> {
    (!n.is_multiple_of(4)).then(|| time(n % 5))
}

fn new_user(id: &str, n: usize) -> ImportedUser {
    ImportedUser {
        id: Some(id.to_owned()),
        name: Some(NAMES[n % 3].to_owned()),
        registration: Some(time(n % 7)),
        accessed_at: accessed_at(n),
        ..Default::default()
    }
}

impl Crowd {
    async fn new(world: World) -> Self {
        let mut writes = BTreeMap::new();
        for n in 0..USERS {
            let id = format!("{}{n:02}", if n.is_multiple_of(2) { "s" } else { "r" });
            world.users.import(vec![new_user(&id, n)]).await.unwrap().remove(0).unwrap();
            if n.is_multiple_of(5) {
                world.clock.advance(1);
            }
            writes.insert(id, Writes::default());
        }
        let records = Collection::new(Arc::clone(&world.store));
        let (anchors_deleted, restless_seen) = Default::default();
        Self { world, records, writes, anchors_deleted, restless_seen }
    }

    fn count(&self, number: fn(&Writes) -> &AtomicUsize) -> BTreeMap<&str, usize> {
        let count = |(id, writes)| (String::as_str(id), number(writes).load(SeqCst));
        self.writes.iter().map(count).collect()
    }

    /// A write to the sort keys of a user who may be gone.
    async fn write(&self, id: &str, write: impl Future<Output = Result<(), Error>>) {
        self.writes[id].begun.fetch_add(1, SeqCst);
        match write.await {
            Ok(()) | Err(Error::UserNotFound | Error::UserAlreadyExists) => {}
            Err(error) => panic!("{error}"),
        }
        self.writes[id].ended.fetch_add(1, SeqCst);
    }

    /// One random write.
    async fn step(&self, dice: &Dice) {
        let users = &self.world.users;
        let id = self.writes.keys().nth(dice.below(self.writes.len())).unwrap();
        let n = dice.below(USERS);
        if is_steady(id) {
            // None of these is a sort key.
            match dice.below(3) {
                0 => drop(users.update_labels(id, [format!("l{n}")]).await.unwrap()),
                1 => drop(users.update_status(id, n.is_multiple_of(2)).await.unwrap()),
                _ => drop(users.update_email_verification(id, n.is_multiple_of(2)).await.unwrap()),
            }
            return;
        }
        match dice.below(8) {
            0..3 => {
                let create = async {
                    let mut outcomes = users.import(vec![new_user(id, n)]).await?;
                    outcomes.remove(0).map(drop)
                };
                self.write(id, create).await;
            }
            3..5 => self.write(id, users.delete(id)).await,
            5..7 => {
                let rename = async { users.update_name(id, NAMES[n % 3]).await.map(drop) };
                self.write(id, rename).await;
            }
            _ => {
                let access = |user: &User| {
                    let mut user = user.clone();
                    user.accessed_at = accessed_at(n);
                    Ok::<_, StoreError>(Some(user))
                };
                let access = async { Ok(self.records.update(id, access).await.map(drop)?) };
                self.write(id, access).await;
            }
        }
        self.world.clock.advance(i64::try_from(dice.below(2)).unwrap());
    }

    async fn list(&self, list: ListUsers) -> UserList {
        self.world.users.list(list.without_total()).await.unwrap()
    }

    /// Reads all pages, and compares them with one list of everybody.
    async fn scan(&self, seed: u64, (name, order): Order, way: Way, by: By) {
        let ended = self.count(|writes| &writes.ended);
        let whole = self.list(order(ListUsers::new()).limit(MOST)).await;
        let mut found = self.pages(&Dice::new(seed), order, way, by, &whole).await;
        let begun = self.count(|writes| &writes.begun);
        let let_alone = |id: &String| begun[id.as_str()] == ended[id.as_str()];
        let due: Vec<String> = ids(&whole).into_iter().filter(let_alone).collect();
        found.retain(let_alone);
        assert_eq!(found, due, "by {name}, {way:?}, from {by:?}, seed {seed:#x}");
        let restless = due.iter().filter(|id| !is_steady(id)).count();
        self.restless_seen.fetch_add(restless, SeqCst);
    }

    /// Who is on the pages, one after the other; backwards they begin at the end of `whole`.
    async fn pages(
        &self,
        dice: &Dice,
        order: fn(ListUsers) -> ListUsers,
        way: Way,
        by: By,
        whole: &UserList,
    ) -> Vec<String> {
        let (mut seen, mut place) = (Vec::new(), None);
        let mut id = String::new();
        if way == Way::Backwards {
            seen = ids(whole);
            let last = |id: &String| by == By::Place || is_steady(id);
            seen = seen.split_off(seen.iter().rposition(last).unwrap());
            id.clone_from(&seen[0]);
            seen.reverse();
            place = whole.last_cursor();
        }
        let mut limit = 3;
        loop {
            let list = order(ListUsers::new()).limit(limit);
            let page = self.list(match (way, by, &place) {
                (_, By::Place, None) => list,
                (_, By::Id, _) if id.is_empty() => list,
                (Way::Forwards, By::Id, _) => list.after(id.as_str()),
                (Way::Backwards, By::Id, _) => list.before(id.as_str()),
                (Way::Forwards, By::Place, Some(place)) => list.after_cursor(again(place)),
                (Way::Backwards, By::Place, Some(place)) => list.before_cursor(again(place)),
            });
            let page = page.await;
            // A store that never waits would leave the writers no turn between two pages.
            yield_now().await;
            let mut next = ids(&page);
            if way == Way::Backwards {
                next.reverse();
            }
            let Some(end) = next.last() else { break };
            if by == By::Place {
                place = match way {
                    Way::Forwards => page.last_cursor(),
                    Way::Backwards => page.first_cursor(),
                };
                if !is_steady(end) && dice.below(2) == 0 {
                    self.write(end, self.world.users.delete(end)).await;
                    self.anchors_deleted.fetch_add(1, SeqCst);
                }
            } else if let Some(steady) = next.iter().rposition(|id| is_steady(id)) {
                // The others may be somewhere else when the next page starts from them.
                next.truncate(steady + 1);
                id.clone_from(&next[steady]);
            } else if limit == MOST {
                seen.extend(next);
                break;
            } else {
                limit = MOST;
                continue;
            }
            seen.extend(next);
            limit = 1 + dice.below(9) as u64;
        }
        if way == Way::Backwards {
            seen.reverse();
        }
        seen
    }
}

fn ids(list: &UserList) -> Vec<String> {
    list.users.iter().map(|user| user.id.to_string()).collect()
}

/// The place as a client gives it back.
fn again(place: &Cursor) -> Cursor {
    place.to_string().parse().unwrap()
}

async fn scans_miss_nobody_while_others_write(world: World) {
    let crowd = Arc::new(Crowd::new(world).await);
    for round in 0..ROUNDS {
        let over = Arc::new(AtomicBool::new(false));
        let (mut writers, mut readers) = (JoinSet::new(), JoinSet::new());
        for writer in 0..2 {
            let (crowd, over) = (Arc::clone(&crowd), Arc::clone(&over));
            let dice = Dice::new(round << 16 | writer);
            writers.spawn(async move {
                while !over.load(SeqCst) {
                    crowd.step(&dice).await;
                    yield_now().await;
                }
            });
        }
        for (reader, way, by) in [
            (1, Way::Forwards, By::Id),
            (2, Way::Forwards, By::Place),
            (3, Way::Backwards, By::Id),
            (4, Way::Backwards, By::Place),
        ] {
            let crowd = Arc::clone(&crowd);
            readers.spawn(async move {
                for (order, seed) in ORDERS.into_iter().zip(round << 16 | reader << 8..) {
                    crowd.scan(seed, order, way, by).await;
                }
            });
        }
        while let Some(reader) = readers.join_next().await {
            reader.unwrap();
        }
        over.store(true, SeqCst);
        while let Some(writer) = writers.join_next().await {
            writer.unwrap();
        }
    }
    let begun: usize = crowd.writes.values().map(|writes| writes.begun.load(SeqCst)).sum();
    let done = [begun, crowd.anchors_deleted.load(SeqCst), crowd.restless_seen.load(SeqCst)];
    // Scans of a store where nothing happens would prove nothing.
    assert!(done.iter().all(|number| *number > 100), "{done:?}");
}
