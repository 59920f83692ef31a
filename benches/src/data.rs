//! Deterministic users of any number.

use rollbook::{HashOptions, ImportedUser, Limits, PasswordHash, Timestamp};

/// The attributes that a user of the benches has.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "benches read it")]
pub struct Person {
    /// 20 hexadecimal digits, in no order.
    pub id: String,
    /// Unique.
    pub email: String,
    /// Unique.
    pub phone: String,
    /// Two words.
    pub name: String,
    /// A bcrypt hash of cost 10; importing does not verify it.
    pub hash: String,
    /// Milliseconds since the epoch, all different, in no order.
    pub registration: i64,
}

const FIRST: [&str; 8] = ["James", "Mary", "Robert", "Zoë", "John", "Jennifer", "Michael", "Ann"];
const LAST: [&str; 8] =
    ["Smith", "Garcia", "O'Neill", "Müller", "Mannheim", "Lee", "Clark", "Wilson"];

/// The `n`-th user.
pub fn person(n: u64) -> Person {
    // A bijection on 64 bits scatters ids and times without a collision.
    let scattered = scatter(n);
    let (first, last) = (FIRST[(n % 8) as usize], LAST[(n / 8 % 8) as usize]);
    Person {
        id: format!("{scattered:016x}{:04x}", n & 0xffff),
        email: format!("user.number{n}@mail{}.example.com", n % 50),
        phone: format!("+1{:010}", 2_000_000_000 + n),
        name: format!("{first} {last}"),
        hash: format!("$2b$10$CCCCCCCCCCCCCCCCCCCCC.{:0>30}.", n % 1_000_000),
        registration: 1_700_000_000_000 + (scattered % 1_000_000_000_000).cast_signed() / 10,
    }
}

fn scatter(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Users `from..to` as they come out of an import file.
///
/// # Panics
///
/// If the hashes of the benches are not well formed.
pub fn rows(from: u64, to: u64) -> Vec<ImportedUser> {
    let (options, limits) = (HashOptions::new(), Limits::default());
    (from..to)
        .map(|n| {
            let person = person(n);
            let hash = PasswordHash::import("bcrypt", &person.hash, &options, &limits);
            let mut prefs = rollbook::Prefs::new();
            prefs.insert("theme".to_owned(), if n % 2 == 0 { "dark" } else { "light" }.into());
            prefs.insert("n".to_owned(), (n % 100).into());
            ImportedUser {
                id: Some(person.id),
                email: Some(person.email),
                phone: Some(person.phone),
                name: Some(person.name),
                password: Some(hash.expect("the hashes of the benches are well formed")),
                registration: Timestamp::from_millis(person.registration).ok(),
                prefs,
                ..ImportedUser::default()
            }
        })
        .collect()
}
