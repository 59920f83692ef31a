//! What the verbs and lists of `Users` mean: a map from ids to users, sorted when it is looked at.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rollbook::{ListUsers, User};

/// A user as the model has it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Row {
    sequence: usize,
    name: String,
    email: Option<String>,
    blocked: bool,
    labels: Vec<String>,
    created: i64,
    updated: i64,
}

#[derive(Default)]
pub(crate) struct Model {
    rows: BTreeMap<&'static str, Row>,
    inserted: usize,
    now: i64,
}

#[derive(Clone, Debug)]
pub(crate) enum Verb {
    Create { name: &'static str, email: Option<&'static str> },
    Rename(&'static str),
    Email(Option<&'static str>),
    Block(bool),
    Label(Vec<&'static str>),
    Delete,
    Wait,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Key {
    Name,
    Email,
    Created,
    Updated,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Only {
    Everybody,
    Named(&'static str),
    From(&'static str),
    Blocked,
    WithoutEmail,
    Labelled(&'static str),
}

/// A list, as a client and as the model makes it.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub(crate) only: Only,
    pub(crate) keys: Vec<(Key, bool)>,
    pub(crate) after: Option<(&'static str, bool)>,
    pub(crate) limit: u64,
    pub(crate) offset: u64,
}

impl Model {
    /// What the verb does, and the code of its error.
    pub(crate) fn apply(&mut self, id: &'static str, verb: &Verb) -> Option<&'static str> {
        let owner = |email: &str| {
            self.rows.iter().find(|(_, row)| row.email.as_deref() == Some(email)).map(|(id, _)| *id)
        };
        let taken = match verb {
            Verb::Create { email, .. } | Verb::Email(email) => {
                email.and_then(|e| owner(&address(e)))
            }
            _ => None,
        };
        let Some(row) = self.rows.get(id) else {
            return match verb {
                Verb::Wait => {
                    self.now += 1;
                    None
                }
                Verb::Create { .. } if taken.is_some() => Some("user_already_exists"),
                Verb::Create { name, email } => {
                    self.inserted += 1;
                    let row = Row {
                        sequence: self.inserted,
                        name: (*name).to_owned(),
                        email: email.map(address),
                        created: self.now,
                        updated: self.now,
                        ..Row::default()
                    };
                    self.rows.insert(id, row);
                    None
                }
                _ => Some("user_not_found"),
            };
        };
        let mut changed = row.clone();
        match verb {
            Verb::Create { .. } => return Some("user_already_exists"),
            Verb::Rename(name) => (*name).clone_into(&mut changed.name),
            Verb::Email(_) if taken.is_some_and(|owner| owner != id) => {
                return Some("user_email_already_exists");
            }
            Verb::Email(email) => changed.email = email.map(address),
            Verb::Block(blocked) => changed.blocked = *blocked,
            Verb::Label(labels) => {
                changed.labels.clear();
                for label in labels {
                    if !changed.labels.contains(&(*label).to_owned()) {
                        changed.labels.push((*label).to_owned());
                    }
                }
            }
            Verb::Delete => {
                self.rows.remove(id);
                return None;
            }
            Verb::Wait => {
                self.now += 1;
                return None;
            }
        }
        if changed != *row {
            changed.updated = self.now;
            self.rows.insert(id, changed);
        }
        None
    }

    /// The page that a list must be, and its total; `None` if its cursor is of nobody.
    pub(crate) fn page(&self, look: &Look) -> Option<(u64, Vec<&'static str>)> {
        let mut rows: Vec<(&'static str, &Row)> = self
            .rows
            .iter()
            .filter(|(_, row)| look.only.has(row))
            .map(|(id, row)| (*id, row))
            .collect();
        let total = rows.len() as u64;
        rows.sort_by(|a, b| look.compare(a.1, b.1));
        let (skip, limit) =
            (usize::try_from(look.offset).unwrap(), usize::try_from(look.limit).unwrap());
        let page = |rows: &mut dyn Iterator<Item = &(&'static str, &Row)>| {
            rows.skip(skip).take(limit).map(|(id, _)| *id).collect::<Vec<_>>()
        };
        let Some((id, forwards)) = look.after else { return Some((total, page(&mut rows.iter()))) };
        let anchor = self.rows.get(id)?;
        let beyond = if forwards { Ordering::Greater } else { Ordering::Less };
        rows.retain(|(_, row)| look.compare(row, anchor) == beyond);
        if forwards {
            return Some((total, page(&mut rows.iter())));
        }
        let mut nearest = page(&mut rows.iter().rev());
        nearest.reverse();
        Some((total, nearest))
    }
}

pub(crate) fn address(name: &str) -> String {
    format!("{name}@x.co")
}

impl Only {
    fn has(self, row: &Row) -> bool {
        match self {
            Self::Everybody => true,
            Self::Named(name) => row.name == name,
            Self::From(name) => row.name.as_str() >= name,
            Self::Blocked => row.blocked,
            Self::WithoutEmail => row.email.is_none(),
            Self::Labelled(label) => row.labels.iter().any(|own| own == label),
        }
    }
}

impl Look {
    fn compare(&self, a: &Row, b: &Row) -> Ordering {
        let mut order = Ordering::Equal;
        for (key, up) in &self.keys {
            let by_key = match key {
                Key::Name => a.name.cmp(&b.name),
                Key::Email => a.email.cmp(&b.email),
                Key::Created => a.created.cmp(&b.created),
                Key::Updated => a.updated.cmp(&b.updated),
            };
            order = order.then(if *up { by_key } else { by_key.reverse() });
        }
        // Newest first is also last inserted first.
        let ties = a.sequence.cmp(&b.sequence);
        let newest = matches!(self.keys.first(), Some((Key::Created | Key::Updated, false)));
        order.then(if newest { ties.reverse() } else { ties })
    }

    pub(crate) fn list(&self) -> ListUsers {
        let list = ListUsers::new().limit(self.limit).offset(self.offset);
        let list = match self.only {
            Only::Everybody => list,
            Only::Named(name) => list.filter(User::NAME.equal(name)),
            Only::From(name) => list.filter(User::NAME.greater_equal(name)),
            Only::Blocked => list.filter(User::STATUS.equal(false)),
            Only::WithoutEmail => list.filter(User::EMAIL.is_null()),
            Only::Labelled(label) => list.filter(User::LABELS.contains(label)),
        };
        let list = self.keys.iter().fold(list, |list, (key, up)| {
            list.order(match (key, up) {
                (Key::Name, true) => User::NAME.ascending(),
                (Key::Name, false) => User::NAME.descending(),
                (Key::Email, true) => User::EMAIL.ascending(),
                (Key::Email, false) => User::EMAIL.descending(),
                (Key::Created, true) => User::CREATED_AT.ascending(),
                (Key::Created, false) => User::CREATED_AT.descending(),
                (Key::Updated, true) => User::UPDATED_AT.ascending(),
                (Key::Updated, false) => User::UPDATED_AT.descending(),
            })
        });
        match self.after {
            Some((id, true)) => list.after(id),
            Some((id, false)) => list.before(id),
            None => list,
        }
    }
}
