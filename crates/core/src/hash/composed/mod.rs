//! Password hashes that are digests of digests: each a row that says how its text splits and which
//! [`Expression`] its value is.
//!
//! **Weak** (`Weak::Refuse` keeps it out) are the rows whose value depends on nothing but the password:
//! equal passwords have equal hashes, and tables of them exist. A salted digest is broken as well, for guessing
//! is nearly free, and every explanation says so; but it is what most old applications have, so it comes in
//! without being asked for. `salted-digest`, `nested-digest`, `hmac` and `expression` are what their options
//! say, and like the API's own `md5` and `sha` they always come in.

mod explicit;
mod forums;
mod frameworks;
mod given;
mod kratos;
mod ldap;
mod row;
mod split;
#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use super::cost::unit;
use super::expression::{Expression, Sizes, Variables};
use super::scheme::{Parsed, Scheme};
use super::secret::Secret;
use super::work::Work;
use super::wrapped::Wrapping;
use super::{Cost, CostClass, Explanation, HashError, HashOptions, Limits, Standing, VerifyError};
use given::Given;
use row::Row;
use split::HashPlace;

/// The schemes of this family, file by file.
pub(super) static EXPLICIT: &[&dyn Scheme] = explicit::SCHEMES;
pub(super) static FORUMS: &[&dyn Scheme] = forums::SCHEMES;
pub(super) static FRAMEWORKS: &[&dyn Scheme] = frameworks::SCHEMES;
pub(super) static KRATOS: &[&dyn Scheme] = kratos::SCHEMES;
pub(super) static LDAP: &[&dyn Scheme] = ldap::SCHEMES;

/// The names of the schemes that a text without a prefix of its own may be of.
pub(super) fn candidates(text: &str) -> &'static [&'static str] {
    let salted = |separator: char| {
        let (hash, salt) = text.split_once(separator)?;
        let hex = hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (hex && !salt.is_empty()).then_some(hash.len())
    };
    let two_parts = |rest: &str| rest.split('$').count() == 2 && !rest.starts_with('$');
    match salted(':') {
        Some(32) => forums::MD5_NAMES,
        Some(40) => forums::SHA1_NAMES,
        Some(64) => forums::SHA256_NAMES,
        _ => match text.split_once('$') {
            Some(("md5", rest)) if two_parts(rest) => &["django-md5", "werkzeug-hmac"],
            Some(("sha1", rest)) if two_parts(rest) => &["django-sha1", "werkzeug-hmac"],
            Some(("sha224" | "sha256" | "sha384" | "sha512", rest)) if two_parts(rest) => {
                &["werkzeug-hmac", "salted-digest with its options"]
            }
            _ => &[],
        },
    }
}

impl Scheme for Row {
    fn name(&self) -> &'static str {
        self.name
    }

    fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn recognises(&self, text: &str) -> bool {
        self.recognises_text(text)
    }

    fn is_weak(&self) -> bool {
        self.weak
    }

    fn parse(
        &self,
        text: &str,
        options: &HashOptions,
        limits: &Limits,
    ) -> Result<Box<dyn Parsed>, HashError> {
        if let Some((prefix, row)) = self.otherwise
            && text.starts_with(prefix)
        {
            return row.parse(text, options, limits);
        }
        let mut given = Given::read(self, options, limits)?;
        let hash_text = self.split(text, &mut given, limits)?;
        let expression = given.expression(self)?;
        let hash = hash_text.decode(self, &mut given, expression.bytes())?;
        given.check(self, &expression)?;
        if let Some(found) = self.no_salt.iter().find(|byte| given.salt.contains(byte)) {
            let what = format!("a `{}`, which its software refuses", char::from(*found));
            return Err(if self.options.is_empty() {
                HashError::malformed(self.name, format!("the salt has {what}"))
            } else {
                HashError::option(self.name, "salt", what)
            });
        }
        let variables = Variables {
            salt: Secret::new(std::mem::take(&mut given.salt)),
            key: Secret::new(std::mem::take(&mut given.key)),
            user: Secret::new(std::mem::take(&mut given.user)),
            realm: Secret::new(std::mem::take(&mut given.realm)),
            rounds: given.rounds.unwrap_or(1),
        };
        let password = limits.password_bytes;
        let work = expression.work(&Sizes { variables: &variables, password });
        let over = |parameter, value, limit| {
            Err(HashError::OverLimit { scheme: self.name, parameter, value, limit })
        };
        if work.rounds > u64::from(limits.digest_rounds) {
            return over("rounds", work.rounds, limits.digest_rounds.into());
        }
        if let Some((value, limit)) = work.too_long(password) {
            return over("bytes of the longest value", value, limit);
        }
        Ok(Box::new(Composed {
            name: self.name,
            title: self.title,
            notes: self.notes,
            cost: Cost::of(0, work.digests, unit::DIGEST),
            shown: given.shown,
            parameters: given.parameters,
            self_contained: self.options.is_empty(),
            expression,
            variables,
            hash,
            place: hash_text.place(),
        }))
    }
}

/// A hash of any row.
struct Composed {
    name: &'static str,
    title: &'static str,
    notes: &'static [&'static str],
    cost: Cost,
    /// The options as they were given, under the wire's names.
    shown: Vec<given::Shown>,
    parameters: Vec<(&'static str, String)>,
    self_contained: bool,
    expression: Expression,
    variables: Variables,
    hash: Secret,
    place: HashPlace,
}

impl std::fmt::Debug for Composed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Composed").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Parsed for Composed {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        self.expression.verify(&self.hash, &self.variables, password)
    }

    fn work<'a>(&'a self, password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        self.expression.outermost(&self.variables, password)
    }

    fn conclude(&self, outcome: &[u8]) -> Result<(), VerifyError> {
        self.expression.conclude(&self.hash, outcome)
    }

    fn wrapping(&self, text: &str) -> Option<Wrapping<'_>> {
        let skeleton = self.place.zeroed(text, self.hash.len())?;
        Some(Wrapping { digest: self.hash.bytes(), skeleton })
    }

    fn digest(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, VerifyError> {
        self.expression.digest(&self.variables, password)
    }

    fn options(&self) -> HashOptions {
        let shown = self.shown.iter().map(given::Shown::pair);
        shown.chain([("type".to_owned(), self.name.into())]).collect()
    }

    fn is_self_contained(&self) -> bool {
        self.self_contained
    }

    fn cost(&self) -> Cost {
        self.cost
    }

    fn explain(&self) -> Explanation {
        let mut notes: Vec<String> = self.notes.iter().map(|note| (*note).to_owned()).collect();
        let known = [&self.variables.salt, &self.variables.key, &self.variables.user];
        if known.iter().all(|variable| variable.len() == 0) {
            notes.push("equal passwords have equal hashes, and guessing is nearly free".to_owned());
        } else if self.cost.class == CostClass::None {
            notes.push("guessing is nearly free".to_owned());
        }
        let cheap = self.cost.class == CostClass::None;
        Explanation {
            scheme: self.name,
            title: self.title.to_owned(),
            parameters: self.parameters.clone(),
            cost: self.cost,
            standing: if cheap { Standing::Broken } else { Standing::Legacy },
            notes,
        }
    }
}
