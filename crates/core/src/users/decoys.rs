//! Hashes to verify when there is none, so that a sign-in takes as long for nobody as for somebody.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Credential;

/// Hashes of users, as they came by at sign-ins.
///
/// In a store of imported users sign-ins take different times: a cheap hash is verified at once, a costly
/// one is not. An unknown user that always took the time of a new hash would stand out. So every name
/// has a place among the hashes seen, by a keyed hash of the name: the same name always takes the same
/// time, and all names together take the times of the users there are.
#[derive(Debug)]
pub(super) struct Decoys {
    key: RandomState,
    seen: Mutex<Vec<Option<Decoy>>>,
}

/// A user that an unknown name takes the place of.
#[derive(Clone, Debug)]
pub(super) struct Decoy {
    pub(super) id: Arc<str>,
    pub(super) credential: Credential,
}

/// How many hashes are kept.
const PLACES: usize = 1024;

impl Default for Decoys {
    fn default() -> Self {
        Self { key: RandomState::new(), seen: Mutex::new(vec![None; PLACES]) }
    }
}

impl Decoys {
    /// Keeps the user `id` with its hash, who signs in as `name`.
    pub(super) fn keep(&self, name: &str, id: &str, credential: &Credential) {
        let decoy = Decoy { id: id.into(), credential: credential.clone() };
        self.lock()[self.place(name)] = Some(decoy);
    }

    /// Whose hash to verify for `name`, who has none; `None` if no hash was seen yet.
    pub(super) fn of(&self, name: &str) -> Option<Decoy> {
        let seen = self.lock();
        let (before, after) = seen.split_at(self.place(name));
        // An empty place takes its neighbour's, so that few users are enough.
        after.iter().chain(before).flatten().next().cloned()
    }

    /// Whether no hash was seen yet.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().iter().all(Option::is_none)
    }

    fn place(&self, name: &str) -> usize {
        usize::try_from(self.key.hash_one(name) % PLACES as u64).unwrap_or(0)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Option<Decoy>>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HashOptions, Limits, PasswordHash};

    fn md5(digit: &str) -> Credential {
        let (text, options) = (digit.repeat(32), HashOptions::new());
        let hash = PasswordHash::import("md5", &text, &options, &Limits::default());
        Credential::from(&hash.unwrap())
    }

    #[test]
    fn a_name_has_one_decoy_and_names_share_what_was_seen() {
        let decoys = Decoys::default();
        assert!(decoys.is_empty() && decoys.of("nobody").is_none());
        decoys.keep("ann", "1", &md5("a"));
        let decoy = decoys.of("nobody").unwrap();
        assert_eq!((&*decoy.id, decoy.credential), ("1", md5("a")));
        for name in 0..5000 {
            let hash = md5(if name % 2 == 0 { "b" } else { "c" });
            decoys.keep(&name.to_string(), "2", &hash);
        }
        let of = |name: usize| decoys.of(&format!("nobody {name}")).unwrap().credential;
        assert!((0..100).all(|name| of(name) == of(name)));
        let even = (0..1000).filter(|name| of(*name) == md5("b")).count();
        assert!((200..800).contains(&even), "{even}");
    }
}
