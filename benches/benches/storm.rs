//! 64 sign-ins at once of users whose hashes were imported: verified together where the scheduler does that,
//! and one by one.
//!
//! `cargo bench -p rollbook-benches --bench storm`. The two take turns. Of each the times are sorted, and the
//! ranks compared: the quickest of one with the quickest of the other, and so on; each rank's median over the
//! rounds. Passwords are wrong, so that nothing is upgraded between the rounds; the work is the same, with the
//! new Argon2id hash that a right one would get.

#![expect(clippy::print_stdout, reason = "a bench reports what it found")]

use std::sync::Arc;
use std::time::Instant;

use rollbook::{
    HashOptions, ImportedUser, Limits, MemoryStore, PasswordHash, SchedulerOptions, Users,
};
use rollbook_benches::machine;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const AT_ONCE: usize = 64;
const BCRYPT: &str = "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const PHPASS: &str = "$P$BabcdefghAAAAAAAAAAAAAAAAAAAAA.";

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    println!("{}", machine());
    for (name, algorithm, text) in
        [("bcrypt, cost 10", "bcrypt", BCRYPT), ("phpass, 2^13", "phpass", PHPASS)]
    {
        runtime.block_on(storm(name, algorithm, text, if test { 1 } else { 9 }));
    }
}

async fn storm(name: &str, algorithm: &str, text: &str, rounds: usize) {
    let hash = PasswordHash::import(algorithm, text, &HashOptions::new(), &Limits::default());
    let hash = hash.expect("the hashes of the bench are well formed");
    let users = |together| {
        let options = SchedulerOptions::new().together(together);
        Users::builder(Arc::new(MemoryStore::new())).scheduling(options).build()
    };
    let contenders = [users(false), users(true)];
    for users in &contenders {
        let person = |n| ImportedUser {
            email: Some(format!("user{n}@x.co")),
            password: Some(hash.clone()),
            ..ImportedUser::default()
        };
        users.import((0..AT_ONCE).map(person).collect()).await.expect("they are new");
    }
    // By contender, by rank.
    let mut ranks = [(); 2].map(|()| vec![Vec::new(); AT_ONCE]);
    for _ in 0..rounds {
        for (users, ranks) in contenders.iter().zip(&mut ranks) {
            for (rank, time) in ranks.iter_mut().zip(sign_ins(users).await) {
                rank.push(time);
            }
        }
    }
    let [alone, together] = ranks.map(|ranks| ranks.into_iter().map(median).collect::<Vec<_>>());
    println!("{name}          one by one    together");
    for (what, rank) in
        [("first", 0), ("median", AT_ONCE / 2), ("99 %", AT_ONCE * 99 / 100), ("last", AT_ONCE - 1)]
    {
        let (alone, together) = (alone[rank], together[rank]);
        let ratio = together / alone;
        println!("  {what:<20} {:>10.1} ms {:>8.1} ms   {ratio:.2}", alone * 1e3, together * 1e3);
    }
    let raised = |rank: &usize| together[*rank] / alone[*rank];
    let slower = (0..AT_ONCE).filter(|rank| raised(rank) > 1.0).count();
    let worst = (0..AT_ONCE).map(|rank| raised(&rank)).fold(0.0, f64::max);
    println!(
        "  sign-ins a second: {:.2} times as many; {slower} of {AT_ONCE} ranks waited longer, by {:.0} % at most; {} of {} together",
        alone[AT_ONCE - 1] / together[AT_ONCE - 1],
        (worst - 1.0).max(0.0) * 100.0,
        contenders[1].scheduler_stats().together,
        contenders[1].scheduler_stats().finished,
    );
}

/// The times of sign-ins that begin at once, in seconds, the shortest first.
async fn sign_ins(users: &Users) -> Vec<f64> {
    let start = Instant::now();
    let all: Vec<_> = (0..AT_ONCE)
        .map(|n| {
            let users = users.clone();
            tokio::spawn(async move {
                let result = users.sign_in(&format!("user{n}@x.co"), "wrong horse").await;
                assert!(result.is_err(), "the password is wrong");
                start.elapsed().as_secs_f64()
            })
        })
        .collect();
    let mut times = Vec::new();
    for one in all {
        times.push(one.await.expect("it does not panic"));
    }
    times.sort_by(f64::total_cmp);
    times
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
