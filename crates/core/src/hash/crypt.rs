//! Formats as rows of data: what the files of crypt(3), of databases and of Windows share.
//!
//! A [`Format`] says what a format is called and how good it is, and points to the function that reads a
//! text. That function returns a [`Reading`]: what there is to tell, and a closure that verifies.

use std::fmt;
use std::ops::Range;

use zeroize::Zeroizing;

use super::encoding::{self, Base64};
use super::options::{Key, Reader, options};
use super::recognise::foreign;
use super::scheme::{Parsed, Scheme};
use super::secret::Secret;
use super::work::Work;
use super::wrapped::{Wrapping, zeroed};
use super::{Cost, CostClass, Explanation, HashError, HashOptions, Limits, Standing, VerifyError};

/// The account a hash belongs to, where the name is part of what was hashed.
pub(super) const USERNAME: Key = Key { wire: "username", short: "username" };
/// Rounds that the text does not show.
pub(super) const ITERATIONS: Key = Key { wire: "iterations", short: "iterations" };

/// A format, as data.
#[derive(Debug)]
pub(super) struct Format {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// How good it is at its usual cost.
    pub(super) standing: Standing,
    /// Whether it is next to no protection, whatever its parameters.
    pub(super) weak: bool,
    /// The options it takes beside its text.
    pub(super) options: &'static [&'static Key],
    /// What a caller should know.
    pub(super) notes: &'static [&'static str],
    pub(super) recognises: fn(&str) -> bool,
    pub(super) read: fn(&Source<'_>) -> Result<Reading, HashError>,
}

impl Format {
    /// What a row starts from: sound once, and succeeded by something better.
    pub(super) const LEGACY: Self = Self {
        name: "",
        title: "",
        standing: Standing::Legacy,
        weak: false,
        options: &[],
        notes: &[],
        recognises: |_| false,
        read: |source| Err(source.foreign("another text")),
    };

    /// A row for one digest over a password and a salt or a name: broken, but at least no two accounts
    /// share a hash, so that it may come in without being asked for.
    pub(super) const BROKEN: Self = Self { standing: Standing::Broken, ..Self::LEGACY };

    /// A row for what is no protection at all, and comes in only when the caller allows it: digests
    /// without salt (NT and what is made of it, those of `MySQL` and Dovecot), ciphers and digests of less than 64
    /// bits, and whatever rests on the 56 bits of DES, salted or not.
    pub(super) const WEAK: Self = Self { weak: true, ..Self::BROKEN };
}

impl Scheme for Format {
    fn name(&self) -> &'static str {
        self.name
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn recognises(&self, text: &str) -> bool {
        (self.recognises)(text)
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
        let reader = Reader::beside_text(self.name, options, limits, self.options)?;
        let source = Source { scheme: self.name, text, options: reader, limits };
        let reading = (self.read)(&source)?;
        let Self { name, title, standing, notes, .. } = *self;
        Ok(Box::new(Hash { name, title, standing, notes, reading }))
    }
}

/// What a format's function reads from.
pub(super) struct Source<'a> {
    pub(super) scheme: &'static str,
    pub(super) text: &'a str,
    pub(super) options: Reader<'a>,
    pub(super) limits: &'a Limits,
}

impl<'a> Source<'a> {
    /// The text after its prefix.
    pub(super) fn after(&self, prefix: &str) -> Result<&'a str, HashError> {
        self.text.strip_prefix(prefix).ok_or_else(|| self.foreign(prefix))
    }

    pub(super) fn foreign(&self, expected: &str) -> HashError {
        foreign(self.scheme, expected, self.text)
    }

    /// An error at the beginning of `part`, which is a part of the text.
    pub(super) fn error(&self, part: &str, what: impl Into<String>) -> HashError {
        HashError::malformed(self.scheme, what).at(self.offset(part))
    }

    /// Where `part` is in the text.
    pub(super) fn offset(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize).min(self.text.len())
    }

    /// Splits at the first `separator`, of which there must be one.
    pub(super) fn split(
        &self,
        part: &'a str,
        separator: char,
        what: &str,
    ) -> Result<(&'a str, &'a str), HashError> {
        part.split_once(separator).ok_or_else(|| {
            HashError::malformed(self.scheme, format!("no `{separator}` after the {what}"))
                .at(self.offset(part) + part.len())
        })
    }

    /// Checks that `part` is `count` characters of crypt64, and keeps it to compare with.
    pub(super) fn digest64(&self, part: &str, count: usize) -> Result<Secret, HashError> {
        if part.len() != count {
            let what = format!("a digest of {} characters where {count} are needed", part.len());
            return Err(self.error(part, what));
        }
        encoding::check_crypt64(self.scheme, "digest", part, self.offset(part))?;
        Ok(Secret::new(part.as_bytes().to_vec()))
    }

    /// Checks a salt that is text: as long as allowed, and nothing that ends a field of passwd(5) or that
    /// crypt(3) takes for a failure token.
    pub(super) fn salt(&self, part: &str, least: usize, most: usize) -> Result<Vec<u8>, HashError> {
        if !(least..=most).contains(&part.len()) {
            let what =
                format!("a salt of {} characters where {least} to {most} are allowed", part.len());
            return Err(self.error(part, what));
        }
        let bad = |byte: u8| !byte.is_ascii_graphic() || b"!*:;\\$".contains(&byte);
        if let Some(at) = part.bytes().position(bad) {
            return Err(self.error(
                &part[at..],
                "a character that no salt has (`!`, `*`, `:`, `;`, `\\` or `$`)",
            ));
        }
        Ok(part.as_bytes().to_vec())
    }

    /// A decimal number without sign or leading zeros, from 1 up.
    pub(super) fn number(&self, part: &str, name: &str) -> Result<u64, HashError> {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        match part.parse() {
            Ok(value) if digits && !part.starts_with('0') => Ok(value),
            _ => Err(self.error(part, format!("the {name} are not a positive decimal number"))),
        }
    }

    /// Refuses a cost over its limit.
    pub(super) fn bound(
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

    /// Decodes the hex of `bytes` bytes in a part of the text.
    pub(super) fn hex(&self, part: &str, bytes: usize, case: Case) -> Result<Vec<u8>, HashError> {
        let lower = part.to_ascii_lowercase();
        let wanted = match case {
            Case::Lower => part,
            Case::Any => &lower,
        };
        encoding::hex(self.scheme, wanted, bytes).map_err(|error| moved(error, self.offset(part)))
    }

    /// Decodes base64 that must hold `bytes` bytes.
    pub(super) fn base64(
        &self,
        dialect: Base64,
        name: &str,
        part: &str,
        bytes: std::ops::RangeInclusive<usize>,
    ) -> Result<Vec<u8>, HashError> {
        let decoded = dialect.decode(self.scheme, name, part, self.offset(part))?;
        if bytes.contains(&decoded.len()) {
            return Ok(decoded);
        }
        let (least, most) = bytes.into_inner();
        let needed = if least == most { least.to_string() } else { format!("{least} to {most}") };
        let what = format!("the {name} has {} bytes where {needed} are needed", decoded.len());
        Err(self.error(part, what))
    }

    /// The option `username`.
    pub(super) fn username(&self) -> Result<&'a str, HashError> {
        self.options.required_text(&USERNAME)
    }
}

/// Which case the hex digits of a format have.
#[derive(Clone, Copy)]
pub(super) enum Case {
    /// Lower case, because its software compares texts.
    Lower,
    /// Either, because its software compares bytes.
    Any,
}

/// The error of a part, with its position in the whole text.
pub(super) fn moved(mut error: HashError, by: usize) -> HashError {
    if let HashError::Malformed { position: Some(position), .. } = &mut error {
        *position += by;
    }
    error
}

type Recipe = Box<dyn Fn(&[u8]) -> Result<Work<'static>, VerifyError> + Send + Sync>;
type Encode = Box<dyn Fn(&[u8]) -> Zeroizing<Vec<u8>> + Send + Sync>;
type Verify = Box<dyn Fn(&[u8]) -> Result<(), VerifyError> + Send + Sync>;
type Compute = Box<dyn Fn(&[u8]) -> Result<Zeroizing<Vec<u8>>, VerifyError> + Send + Sync>;

/// How a password is verified.
enum How {
    /// By a function that says yes or no.
    Asking(Verify),
    /// By computing the digest again.
    Comparing { digest: Secret, compute: Compute },
    /// By work whose outcome, encoded, is the digest.
    Working { digest: Secret, recipe: Recipe, encode: Encode },
    /// As the hash inside is.
    Inside(Inner),
}

/// What was read from a text.
pub(super) struct Reading {
    pub(super) cost: Cost,
    pub(super) parameters: Vec<(&'static str, String)>,
    /// Options that are needed to read the text again.
    pub(super) options: HashOptions,
    how: How,
    /// Where in the text the digest is, and what is a zero there; none if it can't be taken out.
    place: Option<(Range<usize>, char)>,
}

/// The hash inside a container.
pub(super) struct Inner {
    pub(super) parsed: Box<dyn Parsed>,
    pub(super) weak: bool,
    /// Where its text starts in the container's, and what stands before it by itself.
    pub(super) start: usize,
    pub(super) prefix: &'static str,
}

impl Inner {
    fn wrapping(&self, text: &str) -> Option<Wrapping<'_>> {
        let (before, rest) = text.split_at_checked(self.start)?;
        let Wrapping { digest, skeleton } = self.parsed.wrapping(&[self.prefix, rest].concat())?;
        let skeleton = [before, skeleton.get(self.prefix.len()..)?].concat();
        Some(Wrapping { digest, skeleton })
    }
}

impl Reading {
    pub(super) fn new(
        cost: Cost,
        verify: impl Fn(&[u8]) -> Result<(), VerifyError> + Send + Sync + 'static,
    ) -> Self {
        Self::how(cost, How::Asking(Box::new(verify)))
    }

    /// A reading whose hash is computed by `compute`, and right if it equals `digest`.
    pub(super) fn comparing(
        cost: Cost,
        digest: Secret,
        compute: impl Fn(&[u8]) -> Zeroizing<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        Self::trying(cost, digest, move |password| Ok(compute(password)))
    }

    /// The same for what can't be computed of every password.
    pub(super) fn trying(
        cost: Cost,
        digest: Secret,
        compute: impl Fn(&[u8]) -> Result<Zeroizing<Vec<u8>>, VerifyError> + Send + Sync + 'static,
    ) -> Self {
        Self::how(cost, How::Comparing { digest, compute: Box::new(compute) })
    }

    /// A reading whose work can be done beside that of others; right if its outcome, encoded, is `digest`.
    pub(super) fn working(
        cost: Cost,
        digest: Secret,
        recipe: impl Fn(&[u8]) -> Result<Work<'static>, VerifyError> + Send + Sync + 'static,
        encode: impl Fn(&[u8]) -> Zeroizing<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let (recipe, encode) = (Box::new(recipe), Box::new(encode));
        Self::how(cost, How::Working { digest, recipe, encode })
    }

    fn how(cost: Cost, how: How) -> Self {
        let (parameters, options) = (Vec::new(), HashOptions::new());
        Self { cost, parameters, options, how, place: None }
    }

    /// A reading of the hash inside.
    pub(super) fn inside(inner: Inner) -> Self {
        Self::how(inner.parsed.cost(), How::Inside(inner))
    }

    /// The digest, and no more than it, is `part` of the text, where `zero` is a zero.
    pub(super) fn digest_at(mut self, source: &Source<'_>, part: &str, zero: char) -> Self {
        let at = source.offset(part);
        self.place = Some((at..at + part.len(), zero));
        self
    }

    pub(super) fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.parameters.push((name, value.to_string()));
        self
    }

    pub(super) fn with_username(mut self, username: &str) -> Self {
        self.options.insert(USERNAME.wire.to_owned(), username.into());
        self
    }
}

struct Hash {
    name: &'static str,
    title: &'static str,
    standing: Standing,
    notes: &'static [&'static str],
    reading: Reading,
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hash").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Parsed for Hash {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        match &self.reading.how {
            How::Asking(verify) => verify(password),
            How::Comparing { digest, compute } => digest.matches(&compute(password)?),
            How::Working { recipe, .. } => self.conclude(&recipe(password)?.alone(self.name)?),
            How::Inside(inner) => inner.parsed.verify(password),
        }
    }

    fn work<'a>(&'a self, password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        match &self.reading.how {
            How::Working { recipe, .. } => recipe(password).map(Some),
            How::Inside(inner) => inner.parsed.work(password),
            How::Asking(_) | How::Comparing { .. } => Ok(None),
        }
    }

    fn conclude(&self, outcome: &[u8]) -> Result<(), VerifyError> {
        match &self.reading.how {
            How::Working { digest, encode, .. } => digest.matches(&encode(outcome)),
            How::Inside(inner) => inner.parsed.conclude(outcome),
            How::Asking(_) | How::Comparing { .. } => {
                Err(VerifyError::Primitive { scheme: self.name })
            }
        }
    }

    fn wrapping(&self, text: &str) -> Option<Wrapping<'_>> {
        match &self.reading.how {
            How::Asking(_) => None,
            How::Comparing { digest, .. } | How::Working { digest, .. } => {
                let (place, zero) = self.reading.place.clone()?;
                Some(Wrapping { digest: digest.bytes(), skeleton: zeroed(text, place, zero) })
            }
            How::Inside(inner) => inner.wrapping(text),
        }
    }

    fn digest(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, VerifyError> {
        match &self.reading.how {
            How::Comparing { compute, .. } => compute(password),
            How::Working { recipe, encode, .. } => Ok(encode(&recipe(password)?.alone(self.name)?)),
            How::Inside(inner) => inner.parsed.digest(password),
            How::Asking(_) => Err(VerifyError::Primitive { scheme: self.name }),
        }
    }

    fn options(&self) -> HashOptions {
        let mut all = options([("type", self.name.into())]);
        all.extend(self.reading.options.clone());
        all
    }

    fn is_self_contained(&self) -> bool {
        self.reading.options.is_empty()
    }

    fn is_weak(&self) -> bool {
        matches!(&self.reading.how, How::Inside(inner) if inner.weak)
    }

    fn cost(&self) -> Cost {
        self.reading.cost
    }

    fn explain(&self) -> Explanation {
        let notes = self.notes.iter().map(|&note| note.to_owned());
        // A sound function at a low cost protects as little as an old one.
        let cheap = self.cost().class < CostClass::Moderate;
        let standing = if cheap { self.standing.max(Standing::Legacy) } else { self.standing };
        if let How::Inside(inner) = &self.reading.how {
            let explanation = inner.parsed.explain();
            return Explanation {
                scheme: self.name,
                title: format!("{}, in it {}", self.title, explanation.title),
                notes: notes.chain(explanation.notes.iter().cloned()).collect(),
                ..explanation
            };
        }
        Explanation {
            scheme: self.name,
            title: self.title.to_owned(),
            parameters: self.reading.parameters.clone(),
            cost: self.cost(),
            standing,
            notes: notes.collect(),
        }
    }
}
