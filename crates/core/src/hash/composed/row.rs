//! What a row says.

use super::super::options::Key;
use super::super::{HashError, Scheme as _};
use super::super::{HashOptions, Limits};
use super::given::Given;

/// A format.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) aliases: &'static [&'static str],
    pub(super) title: &'static str,
    /// How the text splits, from its start to its end.
    pub(super) parts: &'static [Part],
    /// Texts that start like this are of that row, under the same name.
    pub(super) otherwise: Option<(&'static str, &'static Row)>,
    /// The options that come with it.
    pub(super) options: &'static [Take],
    /// The digests it may name, as it spells them and as expressions do.
    pub(super) digests: &'static [(&'static str, &'static str)],
    pub(super) expression: Source,
    pub(super) hash: Encoding,
    pub(super) salt: Encoding,
    /// The fewest bytes of salt.
    pub(super) least_salt: usize,
    /// What no salt has.
    pub(super) no_salt: &'static [u8],
    pub(super) weak: bool,
    pub(super) recognised: Recognised,
    pub(super) notes: &'static [&'static str],
}

impl Row {
    /// Hex alone, with nothing beside it; the base of all rows.
    pub(super) const BASE: Self = Self {
        name: "",
        aliases: &[],
        title: "",
        parts: &[Part::Hash],
        otherwise: None,
        options: &[],
        digests: &[],
        expression: Source::Text(""),
        hash: Encoding::Hex,
        salt: Encoding::Text,
        least_salt: 1,
        no_salt: &[],
        weak: false,
        recognised: Recognised::Never,
        notes: &[],
    };

    pub(super) fn recognises_text(&self, text: &str) -> bool {
        let shaped = || self.parse(text, &HashOptions::new(), &Limits::default()).is_ok();
        match (self.recognised, self.parts.first()) {
            (Recognised::ByPrefix, Some(first)) => {
                let other = self.otherwise.is_some_and(|(prefix, _)| text.starts_with(prefix));
                other || first.starts(text)
            }
            (Recognised::ByShape, Some(first)) => first.starts(text) && shaped(),
            _ => false,
        }
    }
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// These characters.
    Text(&'static str),
    /// The same in any case of their letters.
    AnyCase(&'static str),
    Hash,
    Salt,
    /// So many characters of salt.
    ShortSalt(usize),
    Key,
    Digest,
    Rounds,
    /// How many bytes of salt there are.
    SaltBytes,
    /// Hash and salt in one: the bytes of the hash, then the salt.
    HashThenSalt,
    /// The salt, so many bytes or as many as `SaltBytes` says, and then the hash.
    SaltThenHash(Option<usize>),
    /// Base64 of a text with `{SALT}` and `{PASSWORD}` in it.
    Template,
}

impl Part {
    /// Whether `text` may start with this.
    pub(super) fn starts(self, text: &str) -> bool {
        match self {
            Self::Text(prefix) => text.starts_with(prefix),
            Self::AnyCase(prefix) => {
                text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
            }
            _ => true,
        }
    }

    /// What it is called in errors.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text(_) | Self::AnyCase(_) => "prefix",
            Self::Hash => "hash",
            Self::Salt | Self::ShortSalt(_) => "salt",
            Self::Key => "key",
            Self::Digest => "digest's name",
            Self::Rounds => "rounds",
            Self::SaltBytes => "salt's length",
            Self::HashThenSalt => "hash with its salt",
            Self::SaltThenHash(_) => "salt with its hash",
            Self::Template => "template",
        }
    }
}

/// An option that a row takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Take {
    /// Text; with `saltEncoding` beside it if `SaltEncoding` is taken too.
    Salt,
    /// As `Salt`, none if missing.
    OptionalSalt,
    SaltEncoding,
    SaltPosition,
    PasswordEncoding,
    Key,
    OptionalKey,
    KeyEncoding,
    KeyRole,
    SiteKey,
    Digest,
    /// The first of the row's digests, if missing.
    OptionalDigest,
    Username,
    OptionalUsername,
    Realm,
    OptionalRealm,
    Iterations,
    OptionalIterations,
    Stretches,
    /// Of the hash: hex, if missing.
    Encoding,
    Template,
    Expression,
}

impl Take {
    pub(super) fn key(self) -> Key {
        let name = match self {
            Self::Salt | Self::OptionalSalt => "salt",
            Self::SaltEncoding => "saltEncoding",
            Self::SaltPosition => "saltPosition",
            Self::PasswordEncoding => "passwordEncoding",
            Self::Key | Self::OptionalKey => "key",
            Self::KeyEncoding => "keyEncoding",
            Self::KeyRole => "keyRole",
            Self::SiteKey => "siteKey",
            Self::Digest | Self::OptionalDigest => "digest",
            Self::Username | Self::OptionalUsername => "username",
            Self::Realm | Self::OptionalRealm => "realm",
            Self::Iterations | Self::OptionalIterations => "iterations",
            Self::Stretches => "stretches",
            Self::Encoding => "encoding",
            Self::Template => "template",
            Self::Expression => "expression",
        };
        Key { wire: name, short: name }
    }
}

/// Where the expression comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// Here, with `{H}` for the name of the digest.
    Text(&'static str),
    /// Made from what was given.
    Made(fn(&Given) -> String),
    /// The caller's, in the option `template` or `expression`.
    Caller,
    /// The template in the text, digested.
    Template,
}

/// How bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As they are.
    Text,
    /// Lower-case hex.
    Hex,
    /// Base64 with padding.
    Base64,
    /// Base64 with or without padding.
    LooseBase64,
}

impl Encoding {
    /// The encoding of this name in options.
    pub(super) fn find(name: &str) -> Option<Self> {
        match name {
            "utf8" => Some(Self::Text),
            "hex" => Some(Self::Hex),
            "base64" => Some(Self::Base64),
            _ => None,
        }
    }
}

/// When a text without a name is taken for this format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recognised {
    Never,
    /// By the first of its parts.
    ByPrefix,
    /// When it is read without an error.
    ByShape,
}

/// The error for a row's text.
pub(super) fn malformed(row: &Row, what: impl Into<String>, at: usize) -> HashError {
    HashError::malformed(row.name, what).at(at)
}
