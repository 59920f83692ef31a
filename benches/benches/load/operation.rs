//! What the clients of a server do: nine reads for each write.

use rollbook::{List, NewUser, Prefs, User, Users};
use rollbook_benches::person;
use serde_json::{Value, json};

/// So many users have sessions.
pub(crate) const SIGNED_IN: u64 = 1000;

/// Something that a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A user by id.
    Get(u64),
    /// 25 users, newest first.
    Page,
    /// The users of an e-mail address.
    Search(u64),
    /// The sessions of a user.
    Sessions(u64),
    /// A new name, which follows from the second number, so that there is something to write.
    Rename(u64, u64),
    /// New preferences, as well.
    Prefs(u64, u64),
    /// A user without a password.
    Create(u64),
    /// One that was created.
    Delete(u64),
}

/// A client that draws operations, of which a tenth are writes.
#[derive(Debug)]
pub(crate) struct Draw {
    state: u64,
    users: u64,
    /// Whom it created last, and has to delete, so that the number of users stays.
    created: Option<u64>,
    next: u64,
}

impl Draw {
    /// The client of this number, among `users` users.
    pub(crate) fn new(client: u64, users: u64) -> Self {
        let state = (client + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self { state, users, created: None, next: users + (client + 1) * 10_000_000 }
    }

    pub(crate) fn operation(&mut self) -> Operation {
        let kind = self.number() % 100;
        let user = self.number() % self.users;
        match kind {
            0..60 => Operation::Get(user),
            60..70 => Operation::Page,
            70..80 => Operation::Search(user),
            80..90 => Operation::Sessions(user % SIGNED_IN.min(self.users)),
            90..94 => Operation::Rename(user, self.number()),
            94..98 => Operation::Prefs(user, self.number()),
            _ => {
                if let Some(user) = self.created.take() {
                    return Operation::Delete(user);
                }
                self.next += 1;
                self.created = Some(self.next);
                Operation::Create(self.next)
            }
        }
    }

    /// A xorshift: which numbers they are does not matter.
    fn number(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state >> 8
    }
}

fn name(number: u64) -> String {
    format!("{} {}", person(number).name, number % 100_000)
}

fn prefs(number: u64) -> Value {
    json!({ "theme": "dark", "n": number })
}

impl Operation {
    /// Method, path and body of the request.
    pub(crate) fn request(self) -> (&'static str, String, String) {
        let none = String::new;
        match self {
            Self::Get(user) => ("GET", format!("/v1/users/{}", person(user).id), none()),
            Self::Page => {
                // {"method":"orderDesc","attribute":"registration"}, {"method":"limit","values":[25]}
                let queries = "queries[]=%7B%22method%22%3A%22orderDesc%22%2C%22attribute%22%3A%22registration%22%7D\
                     &queries[]=%7B%22method%22%3A%22limit%22%2C%22values%22%3A%5B25%5D%7D";
                ("GET", format!("/v1/users?{queries}"), none())
            }
            Self::Search(user) => {
                let email = person(user).email.replace('@', "%40");
                ("GET", format!("/v1/users?search={email}"), none())
            }
            Self::Sessions(user) => {
                ("GET", format!("/v1/users/{}/sessions", person(user).id), none())
            }
            Self::Rename(user, new) => {
                let body = json!({ "name": name(new) }).to_string();
                ("PATCH", format!("/v1/users/{}/name", person(user).id), body)
            }
            Self::Prefs(user, new) => {
                let body = json!({ "prefs": prefs(new) }).to_string();
                ("PATCH", format!("/v1/users/{}/prefs", person(user).id), body)
            }
            Self::Create(user) => {
                let person = person(user);
                let (id, email, name) = (person.id, person.email, person.name);
                let body = json!({ "userId": id, "email": email, "name": name }).to_string();
                ("POST", "/v1/users".to_owned(), body)
            }
            Self::Delete(user) => ("DELETE", format!("/v1/users/{}", person(user).id), none()),
        }
    }

    /// The same in this process, with what an answer holds.
    pub(crate) async fn call(self, users: &Users) -> Result<Value, rollbook::Error> {
        let user = match self {
            Self::Get(user) => users.get(&person(user).id).await?,
            Self::Page => {
                let newest = List::new().order(User::REGISTRATION.descending()).limit(25);
                return list(users, newest).await;
            }
            Self::Search(user) => {
                let found = List::new().search(&person(user).email)?;
                return list(users, found).await;
            }
            Self::Sessions(user) => {
                let sessions = users.list_sessions(&person(user).id).await?;
                return Ok(sessions.iter().map(|session| session.to_wire("", false)).collect());
            }
            Self::Rename(user, new) => users.update_name(&person(user).id, &name(new)).await?,
            Self::Prefs(user, new) => {
                let prefs: Prefs = serde_json::from_value(prefs(new)).unwrap_or_default();
                return Ok(json!(users.update_prefs(&person(user).id, prefs).await?));
            }
            Self::Create(user) => {
                let person = person(user);
                let new = NewUser::new().id(person.id).email(person.email).name(person.name);
                users.create(new).await?
            }
            Self::Delete(user) => {
                users.delete(&person(user).id).await?;
                return Ok(Value::Null);
            }
        };
        users.user_to_wire(&user).await
    }
}

async fn list(users: &Users, list: List<User>) -> Result<Value, rollbook::Error> {
    let page = users.list(list).await?;
    let wires = users.users_to_wire(&page.users).await?;
    Ok(json!({ "total": page.total, "users": wires }))
}
