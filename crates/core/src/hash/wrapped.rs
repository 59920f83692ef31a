//! Argon2id around a digest that is no protection by itself: `argon2id(digest(password))`.
//!
//! A store full of md5 hashes is as good as a store full of passwords, until their users sign in. Wrapped,
//! nothing weak rests on the disk: the digest is the input of Argon2id and is forgotten. A sign-in computes
//! the old digest, verifies it as a password, and replaces the hash by a plain Argon2id of the password.
//!
//! The text is that of Argon2; the option `inner` says what is inside: the algorithm, its options, and its
//! text with zeros for the digest.

use std::ops::Range;

use serde_json::json;
use zeroize::Zeroizing;

use super::options::{Key, Reader};
use super::scheme::{Parsed, Scheme, find};
use super::{
    Argon2Params, Cost, CostClass, Explanation, HashError, HashOptions, Limits, PasswordHash,
    Standing, VerifyError, argon2, recognise,
};
use crate::Random;

const NAME: &str = "wrapped";

const INNER: Key = Key { wire: "inner", short: "inner" };
const ALGORITHM: &str = "algorithm";
const TEXT: &str = "text";
const OPTIONS: &str = "options";

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[&WrappedScheme];

/// What a scheme gives away so that its hash can be wrapped.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "schemes build it")]
pub struct Wrapping<'h> {
    /// The digest, in bytes.
    pub digest: &'h [u8],
    /// The hash's text with zeros for the digest: what is needed to compute it again.
    pub skeleton: String,
}

/// The scheme `wrapped`. It recognises nothing: by its text it is an Argon2 hash like any other.
#[derive(Debug)]
struct WrappedScheme;

impl Scheme for WrappedScheme {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "Argon2id around an older digest"
    }

    fn is_weak(&self) -> bool {
        false
    }

    fn parse(
        &self,
        text: &str,
        options: &HashOptions,
        limits: &Limits,
    ) -> Result<Box<dyn Parsed>, HashError> {
        let reader = Reader::new(NAME, options, limits, &[&INNER])?;
        let inner = reader.required_object(&INNER)?;
        let wrong = |reason: &str| HashError::option(NAME, INNER.wire, reason);
        let part = |name: &str| inner.get(name).and_then(|part| part.as_str());
        let algorithm = part(ALGORITHM).ok_or_else(|| wrong("`algorithm` is missing"))?;
        let skeleton = part(TEXT).ok_or_else(|| wrong("`text` is missing"))?;
        let none = HashOptions::new();
        let inner_options = match inner.get(OPTIONS) {
            None => &none,
            Some(options) => options.as_object().ok_or_else(|| wrong("`options` is no object"))?,
        };
        // Wrapped only once, so that the cost is bounded by two limits and not by the text.
        let scheme = find(algorithm).filter(|scheme| scheme.name() != NAME);
        let scheme = scheme.ok_or_else(|| wrong("no algorithm that can be wrapped"))?;
        recognise::check_text(scheme.name(), skeleton, limits.text_bytes)?;
        let parsed = scheme.parse(skeleton, inner_options, limits)?;
        if parsed.wrapping(skeleton).is_none() {
            return Err(wrong("no algorithm that can be wrapped"));
        }
        let outer = find("argon2").ok_or_else(|| wrong("there is no argon2"))?;
        let outer = outer.parse(text, &none, limits)?;
        Ok(Box::new(Wrapped {
            outer,
            inner: parsed,
            algorithm: scheme.name(),
            options: inner.clone(),
        }))
    }
}

#[derive(Debug)]
struct Wrapped {
    outer: Box<dyn Parsed>,
    inner: Box<dyn Parsed>,
    algorithm: &'static str,
    options: HashOptions,
}

impl Parsed for Wrapped {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        self.outer.verify(&self.inner.digest(password)?)
    }

    fn options(&self) -> HashOptions {
        HashOptions::from_iter([(INNER.wire.to_owned(), self.options.clone().into())])
    }

    fn is_self_contained(&self) -> bool {
        false
    }

    fn cost(&self) -> Cost {
        self.inner.cost().then(self.outer.cost())
    }

    fn explain(&self) -> Explanation {
        let mut explanation = self.outer.explain();
        explanation.scheme = NAME;
        explanation.title = format!("{} around {}", explanation.title, self.algorithm);
        explanation.standing = Standing::Legacy;
        explanation.notes = vec!["replaced at the next sign-in".to_owned()];
        explanation
    }
}

impl PasswordHash {
    /// Whether [`wrap`](Self::wrap) has something to do.
    pub fn can_be_wrapped(&self) -> bool {
        self.wrapping().is_some()
    }

    /// This hash with Argon2id around it, without the password; `None` if its scheme can't be wrapped or
    /// needs no wrapping.
    ///
    /// What is cheap to guess at is wrapped ([`CostClass::None`] and [`CostClass::Weak`]), if its digest can
    /// be taken out of the text and computed again: `md5` and `sha`, everything that is digests of digests
    /// (salted, nested, expressions), MD5 crypt, DES crypt, phpass, and the columns of databases and of
    /// Windows. What is left is in a container, or costs more than a guess or two.
    ///
    /// # Errors
    ///
    /// Those of [`PasswordHash::hash`].
    ///
    /// ```
    /// use rollbook_core::{Argon2Params, HashOptions, Limits, OsRandom, PasswordHash};
    ///
    /// let limits = Limits::default();
    /// let text = "5f4dcc3b5aa765d61d8327deb882cf99";
    /// let weak = PasswordHash::import("md5", text, &HashOptions::new(), &limits)?;
    /// let wrapped = weak.wrap(&Argon2Params::new(64, 1, 1)?, &OsRandom)?.expect("md5 can be wrapped");
    /// assert_eq!(wrapped.algorithm(), "wrapped");
    /// assert!(!wrapped.text().contains(text) && wrapped.needs_upgrade(&Argon2Params::default()));
    /// assert!(wrapped.verify(b"password").is_ok() && wrapped.verify(b"Password").is_err());
    /// # Ok::<(), rollbook_core::HashError>(())
    /// ```
    pub fn wrap(
        &self,
        params: &Argon2Params,
        random: &dyn Random,
    ) -> Result<Option<Self>, HashError> {
        let Some(Wrapping { digest, skeleton }) = self.wrapping() else { return Ok(None) };
        let text = Zeroizing::new(argon2::new_text(digest, params, random)?);
        let mut inner = json!({ ALGORITHM: self.algorithm(), TEXT: skeleton });
        let options = self.stored_options();
        if !options.is_empty() {
            inner[OPTIONS] = options.into();
        }
        let options = HashOptions::from_iter([(INNER.wire.to_owned(), inner)]);
        Self::restore(NAME, &text, &options, &Limits::default()).map(Some)
    }

    fn wrapping(&self) -> Option<Wrapping<'_>> {
        let cheap = self.cost().class <= CostClass::Weak;
        self.parsed().wrapping(self.text()).filter(|_| cheap)
    }
}

/// The text with `zero` for every letter and digit of its digest, which is at `place`; padding stays.
pub(super) fn zeroed(text: &str, place: Range<usize>, zero: char) -> String {
    let (before, after) = (&text[..place.start], &text[place.end..]);
    let digest = text[place].chars().map(|c| if c == '=' { c } else { zero });
    [before, &digest.collect::<String>(), after].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    fn wrap(algorithm: &str, text: &str, options: &serde_json::Value) -> Option<PasswordHash> {
        let options = options.as_object().unwrap();
        let hash = PasswordHash::import(algorithm, text, options, &Limits::default()).unwrap();
        hash.wrap(&Argon2Params::insecure_for_tests(), &SeededRandom::new(1)).unwrap()
    }

    #[test]
    fn every_version_of_sha_can_be_wrapped_and_restored() {
        // The digests of "appwrite" and "password".
        let cases = [
            ("md5", "144fa7eaa4904e8ee120651997f70dcc", json!({}), "appwrite"),
            (
                "sha",
                "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8",
                json!({"version": "sha1"}),
                "password",
            ),
            (
                "sha",
                "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
                json!({}),
                "password",
            ),
        ];
        for (algorithm, text, options, password) in cases {
            let wrapped = wrap(algorithm, text, &options).unwrap();
            let (options, limits) = (wrapped.stored_options(), Limits::default());
            let stored = serde_json::to_string(&options).unwrap() + wrapped.text();
            assert!(!stored.contains(&text[..8]), "nothing of the digest is left");
            let restored =
                PasswordHash::restore("wrapped", wrapped.text(), &options, &limits).unwrap();
            assert_eq!(restored, wrapped);
            assert_eq!(restored.verify(password.as_bytes()), Ok(()));
            assert_eq!(restored.verify(b"wrong"), Err(VerifyError::Mismatch));
            assert_eq!(restored.verify(text.as_bytes()), Err(VerifyError::Mismatch));
        }
    }

    #[test]
    fn what_is_strong_or_wrapped_already_is_left() {
        let bcrypt = "$2b$04$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        assert_eq!(wrap("bcrypt", bcrypt, &json!({})), None);
        let wrapped = wrap("md5", &"0".repeat(32), &json!({})).unwrap();
        let again = wrapped.wrap(&Argon2Params::insecure_for_tests(), &SeededRandom::new(1));
        assert_eq!(again, Ok(None));
    }

    #[test]
    fn what_is_wrong_is_told() {
        let text = wrap("md5", &"0".repeat(32), &json!({})).unwrap();
        let message = |options: serde_json::Value| {
            let options = options.as_object().unwrap();
            let limits = Limits::default();
            PasswordHash::import("wrapped", text.text(), options, &limits).unwrap_err().to_string()
        };
        let messages = [
            message(json!({})),
            message(json!({"inner": 5})),
            message(json!({"inner": {}})),
            message(json!({"inner": {"algorithm": "md5"}})),
            message(json!({"inner": {"algorithm": "wrapped", "text": "x"}})),
            message(json!({"inner": {"algorithm": "md5", "text": "x"}})),
            message(json!({"inner": {"algorithm": "md5", "text": "x", "options": 5}})),
        ]
        .join("\n");
        insta::assert_snapshot!(messages);
    }
}
