//! One user's JSON object: its fields, and what is wrong with them.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;

use crate::import::json::{self, Scalar, Strict};
use crate::import::{ReadOptions, UnknownFields};
use crate::nearest::nearest;
use crate::{Error, HashOptions, Id, ImportedUser, PasswordHash, Prefs, Timestamp};

/// Names each field once: its variant, its name on the wire.
macro_rules! fields {
    ($($variant:ident = $name:literal,)*) => {
        #[derive(Clone, Copy)]
        enum Field {
            $($variant,)*
        }

        impl Field {
            const NAMES: &[&str] = &[$($name,)*];

            fn find(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }

            fn name(self) -> &'static str {
                Self::NAMES[self as usize]
            }
        }
    };
}

fields! {
    Id = "$id",
    CreatedAt = "$createdAt",
    UpdatedAt = "$updatedAt",
    Name = "name",
    Password = "password",
    Hash = "hash",
    HashOptions = "hashOptions",
    Registration = "registration",
    Status = "status",
    Labels = "labels",
    PasswordUpdate = "passwordUpdate",
    Email = "email",
    Phone = "phone",
    EmailVerification = "emailVerification",
    EmailCanonical = "emailCanonical",
    EmailIsFree = "emailIsFree",
    EmailIsDisposable = "emailIsDisposable",
    EmailIsCorporate = "emailIsCorporate",
    EmailIsCanonical = "emailIsCanonical",
    PhoneVerification = "phoneVerification",
    Mfa = "mfa",
    Prefs = "prefs",
    Targets = "targets",
    AccessedAt = "accessedAt",
    Impersonator = "impersonator",
    ImpersonatorUserId = "impersonatorUserId",
}

#[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is moved once")]
pub(super) enum Parsed {
    NoJson(Error),
    User(Result<ImportedUser, Error>),
    /// Something around users.
    Wrapper,
}

/// Reads a line's JSON as a user, or tells that it is something around users.
pub(super) fn parse(text: &str, options: &ReadOptions) -> Parsed {
    let mut found = Found::new(options.unknown_fields);
    let mut json = serde_json::Deserializer::from_str(text);
    let read = (&mut json).deserialize_any(&mut found).and_then(|()| json.end());
    match read {
        Err(error) => {
            let (message, column) = (error.to_string(), error.column());
            let message = message.rsplit_once(" at line ").map_or(&*message, |(first, _)| first);
            // A value of a wrong type ends the reading early; what stands behind it may be no JSON.
            let is_json = || serde_json::from_str::<IgnoredAny>(text).is_ok();
            if error.classify() == Category::Data && is_json() {
                let field = found.at.map_or("line", Field::name);
                Parsed::User(Err(Error::invalid(field, message.to_owned())))
            } else {
                let reason = format!("not a user as JSON on one line: {message} at byte {column}");
                Parsed::NoJson(Error::invalid("line", reason))
            }
        }
        Ok(()) if found.wraps && found.seen == 0 => Parsed::Wrapper,
        Ok(()) => Parsed::User(found.finish(options)),
    }
}

/// What was found on a line.
struct Found<'a> {
    unknown_fields: UnknownFields,
    user: ImportedUser,
    password: Option<Cow<'a, str>>,
    hash: Option<Cow<'a, str>>,
    hash_options: HashOptions,
    /// The fields there were, a bit each.
    seen: u32,
    /// The field that is being read.
    at: Option<Field>,
    /// Whether there is a key that users don't have, but what users are wrapped in.
    wraps: bool,
    /// The first thing that is wrong.
    problem: Option<Error>,
}

impl<'a> Found<'a> {
    fn new(unknown_fields: UnknownFields) -> Self {
        Self {
            unknown_fields,
            user: ImportedUser::default(),
            password: None,
            hash: None,
            hash_options: HashOptions::new(),
            seen: 0,
            at: None,
            wraps: false,
            problem: None,
        }
    }

    fn finish(self, options: &ReadOptions) -> Result<ImportedUser, Error> {
        let Self { mut user, password, hash, hash_options, problem, .. } = self;
        if let Some(problem) = problem {
            return Err(problem);
        }
        if user.id.is_none() && user.email.is_none() && user.phone.is_none() {
            return Err(Error::invalid("$id", "one of `$id`, `email` and `phone` is needed"));
        }
        // Exports pad with spaces and line ends; a hash text never has any (`spec/hash-formats.md`, 8).
        let password = password.as_deref().map(str::trim).filter(|text| !text.is_empty());
        if let Some(text) = password {
            let import = |algorithm: &str| {
                PasswordHash::import(algorithm, text, &hash_options, &options.limits)
            };
            user.password = Some(if let Some(algorithm) = hash {
                import(&algorithm)?
            } else {
                let detected = PasswordHash::detect(text, &options.limits)?;
                if hash_options.is_empty() { detected } else { import(detected.algorithm())? }
            });
        }
        Ok(user)
    }

    fn field<A: MapAccess<'a>>(&mut self, field: Field, object: &mut A) -> Result<(), A::Error> {
        self.at = Some(field);
        let bit = 1 << field as u32;
        if self.seen & bit != 0 {
            return Err(serde::de::Error::custom("the key occurs twice"));
        }
        self.seen |= bit;
        match field {
            Field::Id => self.user.id = self.keep(id(object.next_value()?)),
            Field::CreatedAt => self.user.created_at = self.time(field, object)?,
            Field::UpdatedAt => self.user.updated_at = self.time(field, object)?,
            Field::Name => self.user.name = self.text(field, object)?.map(Cow::into_owned),
            Field::Password => self.password = self.text(field, object)?,
            Field::Hash => self.hash = self.text(field, object)?,
            Field::HashOptions => self.hash_options = self.object(field, object)?,
            Field::Registration => self.user.registration = self.time(field, object)?,
            Field::Status => self.user.status = self.flag(field, object)?,
            Field::Labels => {
                let Strict(value) = object.next_value()?;
                self.user.labels = self.keep(labels(value)).unwrap_or_default();
            }
            Field::PasswordUpdate => self.user.password_update = self.time(field, object)?,
            Field::Email => self.user.email = self.text(field, object)?.map(Cow::into_owned),
            Field::Phone => self.user.phone = self.text(field, object)?.map(Cow::into_owned),
            Field::EmailVerification => self.user.email_verification = self.flag(field, object)?,
            Field::PhoneVerification => self.user.phone_verification = self.flag(field, object)?,
            Field::Mfa => self.user.mfa = self.flag(field, object)?,
            Field::Impersonator => self.user.impersonator = self.flag(field, object)?,
            Field::Prefs => self.user.prefs = self.object(field, object)?,
            Field::AccessedAt => self.user.accessed_at = self.time(field, object)?,
            Field::EmailCanonical
            | Field::EmailIsFree
            | Field::EmailIsDisposable
            | Field::EmailIsCorporate
            | Field::EmailIsCanonical
            | Field::Targets
            | Field::ImpersonatorUserId => {
                object.next_value::<IgnoredAny>()?;
            }
        }
        self.at = None;
        Ok(())
    }

    fn unknown(&mut self, name: &str) {
        self.wraps |= matches!(name, "users" | "input");
        if self.problem.is_none() && self.unknown_fields == UnknownFields::Refuse {
            let reason = match nearest(name, Field::NAMES) {
                Some(nearest) => format!("not a field of a user; did you mean `{nearest}`?"),
                None => "not a field of a user".to_owned(),
            };
            self.problem = Some(Error::invalid(clip(name), reason));
        }
    }

    fn keep<T>(&mut self, value: Result<Option<T>, Error>) -> Option<T> {
        value.unwrap_or_else(|error| {
            self.problem.get_or_insert(error);
            None
        })
    }

    fn text<A: MapAccess<'a>>(
        &mut self,
        field: Field,
        object: &mut A,
    ) -> Result<Option<Cow<'a, str>>, A::Error> {
        let value = object.next_value()?;
        Ok(self.keep(match value {
            Scalar::Null => Ok(None),
            Scalar::Text(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            other => Err(unexpected(field, "a text", other.name())),
        }))
    }

    fn flag<A: MapAccess<'a>>(
        &mut self,
        field: Field,
        object: &mut A,
    ) -> Result<Option<bool>, A::Error> {
        let value = object.next_value()?;
        Ok(self.keep(match value {
            Scalar::Null => Ok(None),
            Scalar::Bool(flag) => Ok(Some(flag)),
            other => Err(unexpected(field, "true or false", other.name())),
        }))
    }

    fn time<A: MapAccess<'a>>(
        &mut self,
        field: Field,
        object: &mut A,
    ) -> Result<Option<Timestamp>, A::Error> {
        let value = object.next_value()?;
        Ok(self.keep(time(field, &value)))
    }

    fn object<A: MapAccess<'a>>(
        &mut self,
        field: Field,
        object: &mut A,
    ) -> Result<Prefs, A::Error> {
        let Strict(value) = object.next_value()?;
        let map = match value {
            Value::Object(map) => Ok(Some(map)),
            Value::Null => Ok(None),
            Value::Array(list) if list.is_empty() => Ok(None),
            other => Err(unexpected(field, "an object", json::name(&other))),
        };
        Ok(self.keep(map).unwrap_or_default())
    }
}

impl<'de> Visitor<'de> for &mut Found<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the fields of a user")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(key) = object.next_key()? {
            let Scalar::Text(name) = key else { unreachable!("JSON keys are texts") };
            if let Some(field) = Field::find(&name) {
                self.field(field, &mut object)?;
            } else {
                self.unknown(&name);
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    // The values themselves must not get into the message, as serde would have it.

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        Err(E::custom("expected an object, found a text"))
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        Err(E::custom("expected an object, found a boolean"))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        Err(E::custom("expected an object, found a number"))
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        Err(E::custom("expected an object, found a number"))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        Err(E::custom("expected an object, found a number"))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Err(E::custom("expected an object, found null"))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Err(serde::de::Error::custom("expected an object, found a list"))
    }
}

fn id(value: Scalar<'_>) -> Result<Option<String>, Error> {
    match value {
        Scalar::Null => Ok(None),
        Scalar::Text(text) if text == "unique()" => Ok(Some(text.into_owned())),
        Scalar::Text(text) => match Id::parse(text) {
            Ok(id) => Ok(Some(id.into())),
            // Told under the name that the field has on this line.
            Err(Error::InvalidArgument { reason, .. }) => Err(Error::invalid("$id", reason)),
            Err(error) => Err(error),
        },
        other => Err(unexpected(Field::Id, "a text", other.name())),
    }
}

fn time(field: Field, value: &Scalar<'_>) -> Result<Option<Timestamp>, Error> {
    let time = match value {
        Scalar::Null | Scalar::Integer(0) => return Ok(None),
        Scalar::Text(text) if text.is_empty() => return Ok(None),
        Scalar::Text(text) => text.parse(),
        Scalar::Integer(seconds) => Timestamp::from_millis(seconds.saturating_mul(1000)),
        other => {
            return Err(unexpected(field, "a time as text or in whole seconds", other.name()));
        }
    };
    time.map(Some).map_err(|error| Error::invalid(field.name(), error.to_string()))
}

fn labels(value: Value) -> Result<Option<Vec<String>>, Error> {
    let list = match value {
        Value::Null => return Ok(None),
        Value::Array(list) => list,
        other => return Err(unexpected(Field::Labels, "a list of texts", json::name(&other))),
    };
    let label = |value| match value {
        Value::String(label) => Ok(label),
        other => {
            let found = format!("{} in it", json::name(&other));
            Err(unexpected(Field::Labels, "a list of texts", &found))
        }
    };
    list.into_iter().map(label).collect::<Result<_, _>>().map(Some)
}

fn unexpected(field: Field, wanted: &str, found: &str) -> Error {
    Error::invalid(field.name(), format!("expected {wanted}, found {found}"))
}

/// A key of the file, short enough for a message.
pub(super) fn clip(name: &str) -> String {
    name.chars().take(40).flat_map(char::escape_debug).collect()
}
