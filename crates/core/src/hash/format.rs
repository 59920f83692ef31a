//! Formats as rows of data: what families of many texts share.
//!
//! A [`Format`] says how a text is named, recognised and read; reading it gives a [`Core`], which knows
//! passwords and nothing of names and options.

use std::fmt;

use super::options::{Key, Reader};
use super::recognise::foreign;
use super::scheme::{Parsed, Scheme};
use super::work::Work;
use super::{Argon2Params, Cost, Explanation, HashError, HashOptions, Limits, VerifyError};

/// What a parse function gives.
pub(super) type Read = Result<Box<dyn Core>, HashError>;

/// One format: a row of its family's table, with the data `D` that its parse function needs.
pub(super) struct Format<D: 'static = ()> {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) aliases: &'static [&'static str],
    /// The options that it takes; none if its texts describe themselves.
    pub(super) keys: &'static [&'static Key],
    pub(super) looks: Looks,
    pub(super) parse: fn(&Input<'_>, &D) -> Read,
    pub(super) data: D,
}

/// How a text shows its format.
pub(super) enum Looks {
    /// It does not.
    Nothing,
    /// It begins like this, as no other format does.
    Begins(&'static [&'static str]),
    /// It begins like this, and as a whole is of the form; others begin alike.
    Parses(&'static [&'static str]),
}

impl Format {
    /// A row of a format with one name and a parse function of its own.
    pub(super) const fn row(
        name: &'static str,
        title: &'static str,
        keys: &'static [&'static Key],
        looks: Looks,
        parse: fn(&Input<'_>, &()) -> Read,
    ) -> Self {
        Self { name, title, aliases: &[], keys, looks, parse, data: () }
    }
}

impl<D> fmt::Debug for Format<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Format").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<D: Send + Sync + 'static> Scheme for Format<D> {
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
        let begins = |heads: &[&str]| heads.iter().any(|head| text.starts_with(head));
        match self.looks {
            Looks::Nothing => false,
            Looks::Begins(heads) => begins(heads),
            Looks::Parses(heads) => {
                begins(heads)
                    && matches!(
                        self.parse(text, &HashOptions::new(), &Limits::default()),
                        Ok(_) | Err(HashError::OverLimit { .. })
                    )
            }
        }
    }

    fn is_weak(&self) -> bool {
        // Of a container some texts may be; those say so themselves.
        false
    }

    fn parse(
        &self,
        text: &str,
        options: &HashOptions,
        limits: &Limits,
    ) -> Result<Box<dyn Parsed>, HashError> {
        let reader = Reader::beside_text(self.name, options, limits, self.keys)?;
        let input = Input { scheme: self.name, text, reader, limits };
        let core = (self.parse)(&input, &self.data)?;
        let mut kept = HashOptions::new();
        for key in self.keys {
            if let Some(value) = options.get(key.wire).or_else(|| options.get(key.short)) {
                kept.insert(key.wire.to_owned(), value.clone());
            }
        }
        // Unless the format has an option of that name itself.
        kept.entry("type").or_insert_with(|| self.name.into());
        let self_contained = self.keys.is_empty();
        Ok(Box::new(Stored { scheme: self.name, options: kept, self_contained, core }))
    }
}

/// A text that is being read.
pub(super) struct Input<'a> {
    pub(super) scheme: &'static str,
    pub(super) text: &'a str,
    pub(super) reader: Reader<'a>,
    pub(super) limits: &'a Limits,
}

/// A part of a text, with its offset.
pub(super) type Field<'a> = (usize, &'a str);

impl<'a> Input<'a> {
    pub(super) fn malformed(&self, what: impl Into<String>) -> HashError {
        HashError::malformed(self.scheme, what)
    }

    /// The rest of the text after `head`.
    pub(super) fn after(&self, head: &str) -> Result<Field<'a>, HashError> {
        match self.text.strip_prefix(head) {
            Some(rest) => Ok((head.len(), rest)),
            None => Err(foreign(self.scheme, head, self.text)),
        }
    }

    /// Exactly the parts that `names` lists, between separators.
    pub(super) fn split<const N: usize>(
        &self,
        (start, text): Field<'a>,
        separator: char,
        names: [&str; N],
    ) -> Result<[Field<'a>; N], HashError> {
        let mut fields = [(0, ""); N];
        let mut at = start;
        let mut parts = text.split(separator);
        for (field, name) in fields.iter_mut().zip(names) {
            let Some(part) = parts.next() else {
                let what = format!("no {name}");
                return Err(self
                    .malformed(what)
                    .at(start + text.len())
                    .hint(format!("between `{separator}` come {}", names.join(", "))));
            };
            *field = (at, part);
            at += part.len() + separator.len_utf8();
        }
        match parts.next() {
            None => Ok(fields),
            Some(_) => Err(self.malformed("a field too many").at(at)),
        }
    }

    /// The value of `name=value`.
    pub(super) fn named(&self, (at, text): Field<'a>, name: &str) -> Result<Field<'a>, HashError> {
        match text.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
            Some(value) => Ok((at + name.len() + 1, value)),
            None => Err(self.malformed(format!("expected {name}=")).at(at)),
        }
    }

    /// A number as software writes it: digits, no sign, no leading zero.
    pub(super) fn number(
        &self,
        part: &str,
        (at, text): Field<'_>,
        radix: u32,
    ) -> Result<u64, HashError> {
        let plain = text.bytes().all(|byte| char::from(byte).is_digit(radix));
        let canonical = text == "0" || !text.starts_with('0');
        let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let number =
            if plain && canonical && lower { u64::from_str_radix(text, radix).ok() } else { None };
        number.ok_or_else(|| {
            let kind = if radix == 16 { "hexadecimal" } else { "decimal" };
            self.malformed(format!("the {part} is not a plain {kind} number")).at(at)
        })
    }

    /// A number that has to be positive.
    pub(super) fn positive(
        &self,
        part: &str,
        field: Field<'_>,
        radix: u32,
    ) -> Result<u64, HashError> {
        match self.number(part, field, radix)? {
            0 => Err(self.malformed(format!("the {part} is 0")).at(field.0)),
            number => Ok(number),
        }
    }

    pub(super) fn bounded(
        &self,
        parameter: &'static str,
        value: u64,
        limit: u64,
    ) -> Result<(), HashError> {
        if value <= limit {
            return Ok(());
        }
        Err(HashError::OverLimit { scheme: self.scheme, parameter, value, limit })
    }

    /// The option `key`, which must be one of `known`.
    pub(super) fn choice<T: Copy>(&self, key: &Key, known: &[(&str, T)]) -> Result<T, HashError> {
        let text = self.reader.required_text(key)?;
        if let Some((_, value)) = known.iter().find(|(name, _)| *name == text) {
            return Ok(*value);
        }
        let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let reason = format!("unknown `{}`; known are {names}", super::error::clip(text));
        Err(HashError::option(self.scheme, key.wire, reason))
    }

    /// An error of a hash inside of this one, whose text starts at `offset`.
    pub(super) fn inner(&self, offset: usize, error: HashError) -> HashError {
        let scheme = self.scheme;
        match error {
            HashError::Malformed { what, position, hint, .. } => {
                let position = position.map(|position| position + offset);
                HashError::Malformed { scheme, what, position, hint }
            }
            HashError::OverLimit { parameter, value, limit, .. } => {
                HashError::OverLimit { scheme, parameter, value, limit }
            }
            HashError::Option { name, reason, .. } => HashError::Option { scheme, name, reason },
            other => other,
        }
    }
}

/// A hash without its name: what [`Parsed`] is, but for the options.
pub(super) trait Core: fmt::Debug + Send + Sync + 'static {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError>;
    fn cost(&self) -> Cost;
    /// The explanation, whose scheme is filled in later.
    fn explain(&self) -> Explanation;

    /// As [`Parsed::work`].
    fn work<'a>(&'a self, _password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        Ok(None)
    }

    /// As [`Parsed::conclude`].
    fn conclude(&self, _outcome: &[u8]) -> Result<(), VerifyError> {
        Err(VerifyError::Primitive { scheme: "batch" })
    }

    fn meets(&self, _target: &Argon2Params) -> bool {
        false
    }

    fn is_weak(&self) -> bool {
        false
    }
}

/// A core with the name and the options that it came with.
struct Stored {
    scheme: &'static str,
    options: HashOptions,
    self_contained: bool,
    core: Box<dyn Core>,
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Options hold peppers and signer keys.
        let mut out = f.debug_struct("Stored");
        out.field("scheme", &self.scheme).field("core", &self.core).finish_non_exhaustive()
    }
}

impl Parsed for Stored {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        self.core.verify(password)
    }

    fn work<'a>(&'a self, password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        self.core.work(password)
    }

    fn conclude(&self, outcome: &[u8]) -> Result<(), VerifyError> {
        self.core.conclude(outcome)
    }

    fn options(&self) -> HashOptions {
        self.options.clone()
    }

    fn is_self_contained(&self) -> bool {
        self.self_contained
    }

    fn cost(&self) -> Cost {
        self.core.cost()
    }

    fn explain(&self) -> Explanation {
        Explanation { scheme: self.scheme, ..self.core.explain() }
    }

    fn meets(&self, target: &Argon2Params) -> bool {
        self.core.meets(target)
    }

    fn is_weak(&self) -> bool {
        self.core.is_weak()
    }
}
