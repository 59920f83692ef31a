//! The hashes of a file, grouped by what they cost.

use std::collections::HashMap;
use std::time::Duration;

use rollbook::import::{Rejection, Row};
use rollbook::{Explanation, PasswordHash};

/// Hashes of one scheme and cost.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) kind: Kind,
    /// The users that have one.
    pub(crate) users: u64,
    /// How long it took to read and check them.
    pub(crate) reading: Duration,
    /// The first of them.
    pub(crate) sample: Vec<PasswordHash>,
}

/// What the hashes of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    pub(crate) scheme: &'static str,
    pub(crate) title: String,
    pub(crate) parameters: Vec<(&'static str, String)>,
}

impl Kind {
    fn of(hash: &PasswordHash) -> Self {
        let Explanation { scheme, title, mut parameters, .. } = hash.explain();
        // Of a hash, not of its cost: some systems have salts of any length.
        parameters.retain(|(name, _)| *name != "salt bytes");
        Self { scheme, title, parameters }
    }

    /// On one line, with the short names of parameters that have them.
    pub(crate) fn label(&self) -> String {
        let short = |name: &'static str| {
            let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
            inner.unwrap_or(name)
        };
        // Of the title as well, or the same for all.
        let told = |name: &str| !matches!(name, "version" | "tag bytes");
        let parameters = self.parameters.iter().filter(|(name, _)| told(name));
        parameters.fold(self.title.clone(), |label, (name, value)| {
            format!("{label}, {} {value}", short(name))
        })
    }
}

/// What is in a file.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) rows: u64,
    pub(crate) rejected: u64,
    /// Why the first of them were refused.
    pub(crate) rejections: Vec<Rejection>,
    pub(crate) without_password: u64,
    /// The users whose hashes are of no group, since there were too many kinds.
    pub(crate) ungrouped: u64,
    /// The largest first, once all rows are there.
    pub(crate) groups: Vec<Group>,
    places: HashMap<Kind, usize>,
}

/// The hashes of a group that are kept to be measured, the groups, and the reasons that are told. A file holds no
/// more of the memory, whatever is in it.
const SAMPLE: usize = 64;
pub(crate) const GROUPS: usize = 100;
const REJECTIONS: usize = 10;

impl Contents {
    /// Counts a row that took `reading` to read and check.
    pub(crate) fn add(&mut self, row: Row, reading: Duration) {
        self.rows += 1;
        let user = match row.user {
            Ok(user) => user,
            Err(error) => {
                self.rejected += 1;
                if self.rejections.len() < REJECTIONS {
                    self.rejections.push(Rejection::new(row.line, &error));
                }
                return;
            }
        };
        let Some(hash) = user.password else {
            self.without_password += 1;
            return;
        };
        let kind = Kind::of(&hash);
        let place = match self.places.get(&kind) {
            Some(place) => *place,
            None if self.groups.len() == GROUPS => {
                self.ungrouped += 1;
                return;
            }
            None => {
                let (users, reading) = (0, Duration::ZERO);
                self.groups.push(Group { kind: kind.clone(), users, reading, sample: Vec::new() });
                self.places.insert(kind, self.groups.len() - 1);
                self.groups.len() - 1
            }
        };
        let group = &mut self.groups[place];
        group.users += 1;
        group.reading += reading;
        if group.sample.len() < SAMPLE {
            group.sample.push(hash);
        }
    }

    /// After the last row: the largest group first.
    pub(crate) fn sort(&mut self) {
        self.places.clear();
        self.groups.sort_by_key(|group| std::cmp::Reverse(group.users));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rollbook::import::{ReadOptions, SOURCES};

    fn contents(file: String) -> Contents {
        let mut contents = Contents::default();
        let rows = SOURCES[0].rows(Box::new(std::io::Cursor::new(file)), &ReadOptions::new());
        for row in rows {
            contents.add(row.unwrap(), Duration::from_micros(1));
        }
        contents.sort();
        contents
    }

    fn bcrypt(cost: u32) -> String {
        let text = "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        format!("{{\"$id\":\"x\",\"hash\":\"bcrypt\",\"password\":\"$2b${cost:02}${text}\"}}\n")
    }

    #[test]
    fn hashes_are_grouped_by_what_they_cost() {
        let argon2 = |salt, memory| {
            format!(
                "{{\"$id\":\"x\",\"hash\":\"argon2\",\"password\":\"$argon2id$v=19$m={memory},t=2,p=1${salt}$\
                 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}\n"
            )
        };
        let file = [
            bcrypt(5),
            argon2("AAECAwQFBgcICQoLDA0ODw", 64),
            argon2("AAECAwQFBgcICQoLDA0ODxAREhM", 64),
            argon2("AAECAwQFBgcICQoLDA0ODw", 64),
            argon2("AAECAwQFBgcICQoLDA0ODw", 65),
            bcrypt(5),
            "{\"$id\":\"x\"}\n{\"$id\":\"x\",\"hash\":\"bcrypt\",\"password\":\"x\"}\n".to_owned(),
        ];
        let contents = contents(file.concat());
        let found: Vec<_> =
            contents.groups.iter().map(|group| (group.users, group.kind.label())).collect();
        insta::assert_debug_snapshot!(found, @r#"
        [
            (
                3,
                "Argon2id, version 19, m 64, t 2, p 1",
            ),
            (
                2,
                "bcrypt, version 2b, cost 5",
            ),
            (
                1,
                "Argon2id, version 19, m 65, t 2, p 1",
            ),
        ]
        "#);
        assert_eq!((contents.rows, contents.without_password, contents.rejected), (8, 1, 1));
        assert_eq!((contents.rejections[0].line, contents.ungrouped), (8, 0));
        assert_eq!(contents.groups[0].reading, Duration::from_micros(3));
    }

    #[test]
    fn what_is_kept_of_a_file_is_bounded() {
        let pbkdf2 = |n| {
            let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
            let text = format!("$pbkdf2-sha256${n}$c2FsdHNhbHRzYWx0${key}");
            format!("{{\"$id\":\"x\",\"hash\":\"passlib-pbkdf2\",\"password\":\"{text}\"}}\n")
        };
        let many: String = (1000..1150).map(pbkdf2).collect();
        let contents = contents(bcrypt(4).repeat(100) + &many + &"{\n".repeat(30));
        assert_eq!((contents.groups.len(), contents.ungrouped), (GROUPS, 51));
        assert_eq!((contents.groups[0].users, contents.groups[0].sample.len()), (100, SAMPLE));
        assert_eq!((contents.rejected, contents.rejections.len()), (30, REJECTIONS));
    }
}
