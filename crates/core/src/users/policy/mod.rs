//! What a new password must be besides long enough, and a new e-mail besides valid.

mod dictionary;
mod domains;
mod email;

use std::sync::Arc;

pub use dictionary::{CommonPasswords, PasswordDictionary};
pub use domains::{EmailDomains, KnownDomains};
pub use email::EmailPolicy;

use crate::Error;

/// Rules for new passwords, all off unless asked for (`spec/users-api.md`, 1.12, 2.4.4 and 5.6).
///
/// They apply where a plain password is set; a hash that is imported can't be looked into.
///
/// ```
/// use rollbook_core::{PasswordPolicy, Strength};
///
/// let policy = PasswordPolicy::new()
///     .history(5)
///     .refuse_common()
///     .refuse_personal_data()
///     .strength(Strength::new().min(10).number());
/// # let _ = policy;
/// ```
#[derive(Clone, Debug, Default)]
pub struct PasswordPolicy {
    history: usize,
    strength: Strength,
    dictionary: Option<Arc<dyn PasswordDictionary>>,
    personal_data: PersonalData,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum PersonalData {
    #[default]
    Allow,
    Refuse,
}

/// The most old passwords that are remembered.
const MOST_HISTORY: usize = 20;

impl PasswordPolicy {
    /// No rules but the length of a [`Password`](crate::Password).
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses the last `number` passwords of a user, at most 20. Each is remembered as the hash that it
    /// had, so a change of the password verifies that many hashes.
    pub fn history(self, number: usize) -> Self {
        Self { history: number.min(MOST_HISTORY), ..self }
    }

    /// Asks for kinds of characters, or for more of them.
    pub fn strength(self, strength: Strength) -> Self {
        Self { strength, ..self }
    }

    /// Refuses the [`CommonPasswords`] that come with the library.
    pub fn refuse_common(self) -> Self {
        self.dictionary(Arc::new(CommonPasswords))
    }

    /// Refuses what is in `dictionary`.
    pub fn dictionary(self, dictionary: Arc<dyn PasswordDictionary>) -> Self {
        Self { dictionary: Some(dictionary), ..self }
    }

    /// Refuses passwords that contain the user's id, e-mail, the part of it before the `@`, name, or phone
    /// number, in whatever case.
    pub fn refuse_personal_data(self) -> Self {
        Self { personal_data: PersonalData::Refuse, ..self }
    }

    pub(super) fn remembered(&self) -> usize {
        self.history
    }

    /// Checks what the password itself shows.
    pub(super) fn check(&self, password: &str) -> Result<(), Error> {
        self.strength.check(password)?;
        match &self.dictionary {
            Some(dictionary) if dictionary.contains(password) => Err(Error::invalid(
                "password",
                "Password must be between 8 and 256 characters long, and should not be one of the \
                 commonly used password.",
            )),
            _ => Ok(()),
        }
    }

    /// Checks that the password has nothing of its user in it.
    pub(super) fn check_personal(&self, password: &str, person: &Person<'_>) -> Result<(), Error> {
        if self.personal_data == PersonalData::Allow {
            return Ok(());
        }
        let Person { id, email, name, phone } = *person;
        let local = email.and_then(|email| email.split_once('@')).map(|(local, _)| local);
        let digits = phone.and_then(|phone| phone.strip_prefix('+'));
        let parts = [Some(id), email, local, Some(name), phone, digits];
        let password = password.to_lowercase();
        let found = parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .any(|part| password.contains(&part.to_lowercase()));
        if found { Err(Error::PasswordPersonalData) } else { Ok(()) }
    }
}

/// What of a user must not be in the password.
pub(super) struct Person<'a> {
    pub(super) id: &'a str,
    pub(super) email: Option<&'a str>,
    pub(super) name: &'a str,
    pub(super) phone: Option<&'a str>,
}

/// Which characters a new password must have.
///
/// ```
/// use rollbook_core::Strength;
///
/// let strength = Strength::new().min(12).uppercase().lowercase().number().symbol();
/// # let _ = strength;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strength {
    min: usize,
    uppercase: bool,
    lowercase: bool,
    number: bool,
    symbol: bool,
}

impl Default for Strength {
    fn default() -> Self {
        Self { min: 8, uppercase: false, lowercase: false, number: false, symbol: false }
    }
}

impl Strength {
    /// At least 8 bytes, of any kind.
    pub fn new() -> Self {
        Self::default()
    }

    /// At least `min` bytes, between 8 and 256.
    pub fn min(self, min: usize) -> Self {
        Self { min: min.clamp(8, 256), ..self }
    }

    /// A letter from A to Z.
    pub fn uppercase(self) -> Self {
        Self { uppercase: true, ..self }
    }

    /// A letter from a to z.
    pub fn lowercase(self) -> Self {
        Self { lowercase: true, ..self }
    }

    /// A digit from 0 to 9.
    pub fn number(self) -> Self {
        Self { number: true, ..self }
    }

    /// A character that is no letter, no number and no blank, of any script.
    pub fn symbol(self) -> Self {
        Self { symbol: true, ..self }
    }

    fn check(&self, password: &str) -> Result<(), Error> {
        let Self { min, uppercase, lowercase, number, symbol } = *self;
        let has = |asked: bool, kind: fn(char) -> bool| !asked || password.chars().any(kind);
        let strong = password.len() >= min
            && has(uppercase, |c| c.is_ascii_uppercase())
            && has(lowercase, |c| c.is_ascii_lowercase())
            && has(number, |c| c.is_ascii_digit())
            && has(symbol, |c| !c.is_alphanumeric() && !c.is_whitespace());
        if strong {
            return Ok(());
        }
        let mut reason = format!("Password must be between {min} and 256 characters long");
        for (asked, what) in [
            (uppercase, ", include an uppercase letter"),
            (lowercase, ", include a lowercase letter"),
            (number, ", include a number"),
            (symbol, ", include a symbol"),
        ] {
            reason += if asked { what } else { "" };
        }
        Err(Error::invalid("password", reason + "."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strength_names_what_is_asked_for() {
        let strength = Strength::new().min(10).uppercase().lowercase().number().symbol();
        for weak in
            ["Aa1!aaaaa", "aa1!aaaaaa", "AA1!AAAAAA", "Aaa!aaaaaa", "Aa1aaaaaaa", "Aa1 aaaaaa"]
        {
            assert!(strength.check(weak).is_err(), "{weak}");
        }
        assert!(strength.check("Aa1!aaaaaa").is_ok());
        assert!(strength.check("Aa1→aaaaaa").is_ok());
        insta::assert_snapshot!(strength.check("x").unwrap_err(), @"invalid `password`: Password must be between 10 and 256 characters long, include an uppercase letter, include a lowercase letter, include a number, include a symbol.");
        insta::assert_snapshot!(Strength::new().check("x").unwrap_err(), @"invalid `password`: Password must be between 8 and 256 characters long.");
    }

    #[test]
    fn personal_data_is_found_in_any_case() {
        let person = Person {
            id: "u-4711",
            email: Some("ann.lee@example.com"),
            name: "Zoë",
            phone: Some("+14155550025"),
        };
        let policy = PasswordPolicy::new().refuse_personal_data();
        let check = |password: &str| policy.check_personal(password, &person).is_ok();
        for personal in [
            "xxU-4711xx",
            "my ANN.LEE@EXAMPLE.COM",
            "ann.lee!!",
            "ZOË12345",
            "call 14155550025 now",
        ] {
            assert!(!check(personal), "{personal}");
        }
        assert!(check("correct horse"));
        let nobody = Person { id: "x", email: None, name: "", phone: None };
        assert!(policy.check_personal("correct horse", &nobody).is_ok());
        assert!(PasswordPolicy::new().check_personal("ann.lee!!", &person).is_ok());
    }

    #[test]
    fn common_passwords_are_refused_when_asked() {
        assert!(PasswordPolicy::new().check("password").is_ok());
        let policy = PasswordPolicy::new().refuse_common();
        insta::assert_snapshot!(policy.check("Password").unwrap_err(), @"invalid `password`: Password must be between 8 and 256 characters long, and should not be one of the commonly used password.");
        assert!(policy.check("correct horse").is_ok());
    }
}
