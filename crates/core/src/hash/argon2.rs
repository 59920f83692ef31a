//! Argon2 (RFC 9106): `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`.
//!
//! The text is read here and not by the `argon2` crate, which takes a missing `v=` for 19 (the
//! reference implementation, PHP and everybody else: 16), accepts the parameters in any order, and
//! refuses salts over 48 bytes and tags under 10.

use ::argon2::{Algorithm, AssociatedData, KeyId, Params, ParamsBuilder, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::arena;
use super::encoding::Base64;
use super::options::{Reader, options};
use super::recognise::foreign;
use super::scheme::{Parsed, Scheme};
use super::secret::Secret;
use super::{
    Argon2Params, Cost, CostClass, Explanation, HashError, HashOptions, Limits, Standing,
    VerifyError,
};
use crate::Random;

const NAME: &str = "argon2";
/// Bytes of a salt. The least is libargon2's; ours have 16.
const SALT_BYTES: std::ops::RangeInclusive<usize> = 8..=64;
/// Bytes of a tag. The least is RFC 9106's; the most keeps the text from asking for output without end.
const TAG_BYTES: std::ops::RangeInclusive<usize> = 4..=128;
const NEW_SALT_BYTES: usize = 16;
const NEW_TAG_BYTES: usize = 32;

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[&Argon2Scheme];

/// The scheme `argon2`.
#[derive(Debug)]
pub(super) struct Argon2Scheme;

impl Scheme for Argon2Scheme {
    fn name(&self) -> &'static str {
        NAME
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["argon2id", "argon2i", "argon2d"]
    }

    fn title(&self) -> &'static str {
        "Argon2 (RFC 9106)"
    }

    fn recognises(&self, text: &str) -> bool {
        text.starts_with("$argon2")
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
        Reader::none(NAME, options, limits)?;
        Ok(Box::new(Argon2Hash::parse(text, limits)?))
    }
}

#[derive(Debug)]
pub(super) struct Argon2Hash {
    algorithm: Algorithm,
    version: Version,
    params: Argon2Params,
    keyid: KeyId,
    data: AssociatedData,
    salt: Vec<u8>,
    tag: Secret,
}

/// What a hash consists of, where it is no PHC string.
pub(super) struct Parts {
    pub(super) algorithm: Algorithm,
    pub(super) version: Version,
    pub(super) params: Argon2Params,
    pub(super) salt: Vec<u8>,
    pub(super) tag: Vec<u8>,
}

impl Argon2Hash {
    /// A hash of parts, within the same bounds as one that is text.
    pub(super) fn from_parts(parts: Parts, limits: &Limits) -> Result<Self, HashError> {
        let Parts { algorithm, version, params, salt, tag } = parts;
        let tag = Secret::new(tag);
        params.check(limits, None)?;
        sized("salt", salt.len(), &SALT_BYTES)?;
        sized("tag", tag.len(), &TAG_BYTES)?;
        let (keyid, data) = (KeyId::EMPTY, AssociatedData::EMPTY);
        Ok(Self { algorithm, version, params, keyid, data, salt, tag })
    }

    pub(super) fn parse(text: &str, limits: &Limits) -> Result<Self, HashError> {
        let mut fields = fields(text);
        let algorithm = match (fields.next(), fields.next()) {
            (Some((_, "")), Some((_, "argon2id"))) => Algorithm::Argon2id,
            (Some((_, "")), Some((_, "argon2i"))) => Algorithm::Argon2i,
            (Some((_, "")), Some((_, "argon2d"))) => Algorithm::Argon2d,
            _ => return Err(foreign(NAME, "$argon2id$, $argon2i$ or $argon2d$", text)),
        };
        let mut required = |name: &str| {
            let missing = || HashError::malformed(NAME, format!("no {name}")).at(text.len());
            fields.next().ok_or_else(missing)
        };
        let mut parameters = required("parameters")?;
        let mut version = Version::V0x10;
        if let (at, Some(number)) = (parameters.0, parameters.1.strip_prefix("v=")) {
            version = match number {
                "16" => Version::V0x10,
                "19" => Version::V0x13,
                _ => return Err(HashError::malformed(NAME, "the version is not 16 or 19").at(at)),
            };
            parameters = required("parameters")?;
        }
        let salt = required("salt")?;
        let tag = required("tag")?;
        if let Some((at, _)) = fields.next() {
            return Err(HashError::malformed(NAME, "a field too many").at(at));
        }
        let (params, keyid, data) = read_parameters(parameters, limits)?;
        Ok(Self {
            algorithm,
            version,
            params,
            keyid,
            data,
            salt: bytes("salt", salt, &SALT_BYTES)?,
            tag: Secret::new(bytes("tag", tag, &TAG_BYTES)?),
        })
    }
}

impl Parsed for Argon2Hash {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        let mut computed = Zeroizing::new(vec![0; self.tag.len()]);
        let mut builder = ParamsBuilder::new();
        builder.keyid(self.keyid).data(self.data);
        let setup = Setup { builder, algorithm: self.algorithm, version: self.version };
        match compute(setup, &self.params, password, &self.salt, &mut computed) {
            Ok(()) => self.tag.matches(&computed),
            Err(Failure::Memory(bytes)) => Err(VerifyError::OutOfMemory { bytes }),
            Err(Failure::Primitive) => Err(VerifyError::Primitive { scheme: NAME }),
        }
    }

    fn options(&self) -> HashOptions {
        let Argon2Params { memory_kib, iterations, lanes } = self.params;
        options([
            ("type", NAME.into()),
            ("memory_cost", memory_kib.into()),
            ("time_cost", iterations.into()),
            ("threads", lanes.into()),
        ])
    }

    fn is_self_contained(&self) -> bool {
        true
    }

    fn cost(&self) -> Cost {
        self.params.cost()
    }

    fn explain(&self) -> Explanation {
        let Argon2Params { memory_kib, iterations, lanes } = self.params;
        let variant = match self.algorithm {
            Algorithm::Argon2id => "Argon2id",
            Algorithm::Argon2i => "Argon2i",
            Algorithm::Argon2d => "Argon2d",
        };
        let version = u32::from(self.version);
        let mut notes = Vec::new();
        if self.algorithm == Algorithm::Argon2d {
            notes.push("argon2d leaks through timing; RFC 9106 recommends argon2id".to_owned());
        }
        if self.version == Version::V0x10 {
            notes.push(
                "version 16, as a text without `v=` means too, is superseded by 19".to_owned(),
            );
        }
        if self.tag.len() < 16 {
            notes.push(format!("a tag of {} bytes is short", self.tag.len()));
        }
        // By its cost and not by `meets`: 64 MiB in one pass is as good as 19 MiB in two.
        let good = self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && self.cost().class == CostClass::Strong;
        Explanation {
            scheme: NAME,
            title: format!("{variant}, version {version}"),
            parameters: vec![
                ("memory in KiB (m)", memory_kib.to_string()),
                ("iterations (t)", iterations.to_string()),
                ("lanes (p)", lanes.to_string()),
                ("salt bytes", self.salt.len().to_string()),
                ("tag bytes", self.tag.len().to_string()),
            ],
            cost: self.cost(),
            standing: if good { Standing::Current } else { Standing::Legacy },
            notes,
        }
    }

    fn meets(&self, target: &Argon2Params) -> bool {
        let Self { algorithm, version, params, keyid: _, data: _, salt, tag } = self;
        *algorithm == Algorithm::Argon2id
            && *version == Version::V0x13
            && params.memory_kib >= target.memory_kib
            && params.iterations >= target.iterations
            && params.lanes >= target.lanes
            && salt.len() >= NEW_SALT_BYTES
            && tag.len() >= NEW_TAG_BYTES
    }
}

/// The PHC text of a new Argon2id hash: a salt of 16 bytes, a tag of 32.
pub(super) fn new_text(
    password: &[u8],
    params: &Argon2Params,
    random: &dyn Random,
) -> Result<String, HashError> {
    let mut salt = [0; NEW_SALT_BYTES];
    random.fill(&mut salt);
    let mut tag = Zeroizing::new([0; NEW_TAG_BYTES]);
    let builder = ParamsBuilder::new();
    let setup = Setup { builder, algorithm: Algorithm::Argon2id, version: Version::V0x13 };
    compute(setup, params, password, &salt, &mut *tag).map_err(|failure| match failure {
        Failure::Memory(bytes) => HashError::OutOfMemory { bytes },
        Failure::Primitive => HashError::malformed(NAME, "the primitive refused its parameters"),
    })?;
    let Argon2Params { memory_kib, iterations, lanes } = params;
    let (salt, tag) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(*tag));
    Ok(format!("$argon2id$v=19$m={memory_kib},t={iterations},p={lanes}${salt}${tag}"))
}

struct Setup {
    builder: ParamsBuilder,
    algorithm: Algorithm,
    version: Version,
}

enum Failure {
    Memory(u64),
    Primitive,
}

/// Fills `tag`. The memory is reserved fallibly: where it is short, a sign-in fails and not the process.
fn compute(
    mut setup: Setup,
    params: &Argon2Params,
    password: &[u8],
    salt: &[u8],
    tag: &mut [u8],
) -> Result<(), Failure> {
    let Argon2Params { memory_kib, iterations, lanes } = *params;
    setup.builder.m_cost(memory_kib).t_cost(iterations).p_cost(lanes).output_len(tag.len());
    let params = setup.builder.build().map_err(|_| Failure::Primitive)?;
    let result = fill(&setup, &params, password, salt, tag);
    result.ok_or(Failure::Memory(u64::from(memory_kib) * 1024))?
}

/// Within the ranges of `params`; `None` if there is no memory.
#[cfg(feature = "kernels")]
fn fill(
    setup: &Setup,
    params: &Params,
    password: &[u8],
    salt: &[u8],
    tag: &mut [u8],
) -> Option<Result<(), Failure>> {
    use rollbook_kernels::argon2::{Argon2, Variant, Version as V};

    let argon2 = Argon2 {
        variant: match setup.algorithm {
            Algorithm::Argon2d => Variant::D,
            Algorithm::Argon2i => Variant::I,
            Algorithm::Argon2id => Variant::Id,
        },
        version: match setup.version {
            Version::V0x10 => V::V16,
            Version::V0x13 => V::V19,
        },
        memory_kib: params.m_cost(),
        passes: params.t_cost(),
        lanes: params.p_cost(),
        secret: &[],
        data: params.data(),
    };
    arena::with(argon2.lines(), |memory| argon2.hash(password, salt, memory, tag)).map(Ok)
}

/// Within the ranges of `params`; `None` if there is no memory.
#[cfg(not(feature = "kernels"))]
fn fill(
    setup: &Setup,
    params: &Params,
    password: &[u8],
    salt: &[u8],
    tag: &mut [u8],
) -> Option<Result<(), Failure>> {
    let argon2 = ::argon2::Argon2::new(setup.algorithm, setup.version, params.clone());
    arena::with(params.block_count(), |blocks| {
        let result = argon2.hash_password_into_with_memory(password, salt, tag, blocks);
        result.map_err(|_| Failure::Primitive)
    })
}

type Field<'a> = (usize, &'a str);

/// The `$`-separated fields of a text, each with its offset.
fn fields(text: &str) -> impl Iterator<Item = Field<'_>> {
    text.split('$').scan(0, |at, field| {
        let start = *at;
        *at += field.len() + 1;
        Some((start, field))
    })
}

/// Reads `m=..,t=..,p=..[,keyid=..][,data=..]`, in this order as libargon2 and PHP do.
fn read_parameters(
    (start, text): Field<'_>,
    limits: &Limits,
) -> Result<(Argon2Params, KeyId, AssociatedData), HashError> {
    let mut at = start;
    let mut parts = text.split(',');
    let mut number = |name: &str| {
        let part = parts.next().unwrap_or_default();
        let here = at;
        at += part.len() + 1;
        let digits = part.strip_prefix(name).and_then(|part| part.strip_prefix('='));
        let Some(digits) = digits else {
            return Err(HashError::malformed(NAME, format!("expected {name}=<number>"))
                .at(here)
                .hint("the order is m, t, p"));
        };
        decimal(digits).ok_or_else(|| {
            HashError::malformed(NAME, format!("{name} is not a decimal number up to 2^32 - 1"))
                .at(here)
        })
    };
    let params =
        Argon2Params { memory_kib: number("m")?, iterations: number("t")?, lanes: number("p")? };
    let (mut keyid, mut data) = (KeyId::EMPTY, AssociatedData::EMPTY);
    let mut parts = parts.peekable();
    if let Some(part) = parts.next_if(|part| part.starts_with("keyid=")) {
        let value = bytes("keyid", (at + 6, &part[6..]), &(1..=8))?;
        keyid = KeyId::new(&value)
            .map_err(|_| HashError::malformed(NAME, "the keyid is over 8 bytes").at(at))?;
        at += part.len() + 1;
    }
    if let Some(part) = parts.next_if(|part| part.starts_with("data=")) {
        let value = bytes("data", (at + 5, &part[5..]), &(1..=32))?;
        data = AssociatedData::new(&value)
            .map_err(|_| HashError::malformed(NAME, "the data is over 32 bytes").at(at))?;
        at += part.len() + 1;
    }
    if parts.next().is_some() {
        return Err(HashError::malformed(NAME, "an unknown or repeated parameter")
            .at(at)
            .hint("after m, t and p only keyid and data may follow"));
    }
    params.check(limits, Some(start))?;
    Ok((params, keyid, data))
}

/// A number as libargon2 writes it: digits, no sign, no leading zero.
fn decimal(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits == "0" || !digits.starts_with('0');
    if plain && canonical { digits.parse().ok() } else { None }
}

fn bytes(
    part: &str,
    (at, text): Field<'_>,
    range: &std::ops::RangeInclusive<usize>,
) -> Result<Vec<u8>, HashError> {
    let value = Base64::Phc.decode(NAME, part, text, at)?;
    sized(part, value.len(), range).map_err(|error| error.at(at))?;
    Ok(value)
}

fn sized(
    part: &str,
    count: usize,
    range: &std::ops::RangeInclusive<usize>,
) -> Result<(), HashError> {
    if range.contains(&count) {
        return Ok(());
    }
    let (least, most) = (range.start(), range.end());
    let what = format!("a {part} of {count} bytes where {least} to {most} are allowed");
    Err(HashError::malformed(NAME, what))
}
