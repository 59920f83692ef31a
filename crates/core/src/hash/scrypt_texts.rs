//! scrypt written down with its parameters: PHC strings, Django, Werkzeug, Better Auth, scrypt-kdf.
//!
//! A derived key begins with every shorter one, so each format's key has one length here.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::coding::{Coding, be32};
use super::format::{Core, Field, Format, Input, Looks, Read};
use super::prf::SHA256;
use super::scheme::Scheme;
use super::scrypt::ScryptCost;
use super::secret::Secret;
use super::work::{self, Work};
use super::{Cost, Explanation, HashError, Standing, VerifyError};

/// The cost of Better Auth and Lucia.
const WEB: ScryptCost = ScryptCost { n: 1 << 14, r: 16, p: 1 };

/// A key and what it was derived with.
#[derive(Debug)]
pub(super) struct Scrypt {
    cost: ScryptCost,
    salt: Vec<u8>,
    key: Secret,
    /// Whether the password is brought into NFKC first.
    normalised: bool,
}

/// The parts of a scrypt text, whose key must have `key_bytes` bytes.
pub(super) struct Parts<'a> {
    pub(super) cost: ScryptCost,
    pub(super) salt: Vec<u8>,
    pub(super) key: Field<'a>,
    pub(super) coding: Coding,
    pub(super) key_bytes: usize,
}

impl Scrypt {
    pub(super) fn new(input: &Input<'_>, parts: Parts<'_>) -> Result<Self, HashError> {
        let Parts { cost, salt, key: (at, text), coding, key_bytes } = parts;
        check(input, cost)?;
        let key = Secret::new(coding.decode(input, "key", (at, text))?);
        if key.len() != key_bytes {
            let what = format!("a key of {} bytes where {key_bytes} are needed", key.len());
            let error = input.malformed(what).at(at);
            return Err(if key.len() < key_bytes {
                error.hint("a cut key would verify all the same")
            } else {
                error
            });
        }
        Ok(Self { cost, salt, key, normalised: false })
    }
}

/// The ranges of RFC 7914, in words about the text, and the limits.
pub(super) fn check(input: &Input<'_>, cost: ScryptCost) -> Result<(), HashError> {
    let ScryptCost { n, r, p } = cost;
    if n < 2 || !n.is_power_of_two() {
        return Err(input.malformed(format!("N = {n} is not a power of two from 2 up")));
    }
    if r == 0 || p == 0 {
        return Err(input.malformed("r or p is 0"));
    }
    cost.check(input.scheme, input.limits)
}

/// 2 to a power that a text gives.
pub(super) fn power(input: &Input<'_>, (at, text): Field<'_>) -> Result<u64, HashError> {
    let log_n = input.number("logarithm of N", (at, text), 10)?;
    match u32::try_from(log_n).ok().and_then(|log_n| 1_u64.checked_shl(log_n)) {
        Some(n) if n >= 2 => Ok(n),
        _ => {
            let error =
                input.malformed(format!("the logarithm of N, {log_n}, is not between 1 and 63"));
            let error = error.at(at);
            let is_n = log_n.is_power_of_two() && log_n >= 1024;
            Err(if is_n {
                error.hint("this seems to be N itself, as Kratos writes it")
            } else {
                error
            })
        }
    }
}

impl Scrypt {
    fn derivation<'a>(&'a self, password: &'a [u8]) -> Work<'a> {
        let password = match std::str::from_utf8(password) {
            Ok(text) if self.normalised && !text.is_ascii() => {
                // Reserved for the longest expansion, so that no copy is left behind by growing.
                let mut normal = Zeroizing::new(String::with_capacity(text.len() * 12));
                normal.extend(text.nfkc());
                Zeroizing::new(std::mem::take(&mut *normal).into_bytes()).into()
            }
            _ => password.into(),
        };
        let (cost, salt) = (self.cost, self.salt.as_slice().into());
        work::Scrypt { cost, password, salt, bytes: self.key.len() }.into()
    }
}

impl Core for Scrypt {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        self.conclude(&self.derivation(password).alone("scrypt")?)
    }

    fn work<'a>(&'a self, password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        Ok(Some(self.derivation(password)))
    }

    fn conclude(&self, outcome: &[u8]) -> Result<(), VerifyError> {
        self.key.matches(outcome)
    }

    fn cost(&self) -> Cost {
        self.cost.cost()
    }

    fn explain(&self) -> Explanation {
        explain(self.cost, self.normalised, self.salt.is_empty())
    }
}

fn explain(scrypt: ScryptCost, normalised: bool, unsalted: bool) -> Explanation {
    let mut notes = Vec::new();
    if normalised {
        notes.push("the password is brought into Unicode's form NFKC first".to_owned());
    }
    if unsalted {
        notes.push("the salt is empty, so equal passwords have equal hashes".to_owned());
    }
    let broken = scrypt.n < 1024 || unsalted;
    Explanation {
        scheme: "scrypt",
        title: "scrypt".to_owned(),
        parameters: scrypt.parameters(),
        cost: scrypt.cost(),
        standing: if broken { Standing::Broken } else { Standing::Legacy },
        notes,
    }
}

/// `$scrypt$ln=..,r=..,p=..$salt$key`, where `n` says what `ln` means.
fn phc(
    input: &Input<'_>,
    n: fn(&Input<'_>, Field<'_>) -> Result<u64, HashError>,
    coding: Coding,
) -> Read {
    let rest = input.after("$scrypt$")?;
    let [parameters, salt, key] = input.split(rest, '$', ["parameters", "salt", "key"])?;
    let [ln, r, p] = input.split(parameters, ',', ["ln=", "r=", "p="])?;
    let cost = ScryptCost {
        n: n(input, input.named(ln, "ln")?)?,
        r: input.positive("block size r", input.named(r, "r")?, 10)?,
        p: input.positive("parallelism p", input.named(p, "p")?, 10)?,
    };
    let salt = coding.decode(input, "salt", salt)?;
    Ok(Box::new(Scrypt::new(input, Parts { cost, salt, key, coding, key_bytes: 32 })?))
}

static PHC: Format = Format::row(
    "phc-scrypt",
    "scrypt as a PHC string",
    &[],
    Looks::Parses(&["$scrypt$"]),
    |input, ()| phc(input, power, Coding::Phc),
);

static KRATOS: Format = Format::row(
    "kratos-scrypt",
    "scrypt of Ory Kratos",
    &[],
    Looks::Parses(&["$scrypt$"]),
    |input, ()| {
        let n = |input: &Input<'_>, field: Field<'_>| {
            let n = input.positive("N", field, 10)?;
            if (10..=20).contains(&n) && !n.is_power_of_two() {
                let what = format!("N = {n} is not a power of two");
                let hint = "this seems to be its logarithm, which is phc-scrypt";
                return Err(input.malformed(what).at(field.0).hint(hint));
            }
            Ok(n)
        };
        phc(input, n, Coding::Base64)
    },
);

static DJANGO: Format = Format::row(
    "django-scrypt",
    "scrypt of Django",
    &[],
    Looks::Begins(&["scrypt$"]),
    |input, ()| {
        let names = ["N", "salt", "r", "p", "key"];
        let [n, salt, r, p, key] = input.split(input.after("scrypt$")?, '$', names)?;
        let cost = ScryptCost {
            n: input.positive("N", n, 10)?,
            r: input.positive("block size r", r, 10)?,
            p: input.positive("parallelism p", p, 10)?,
        };
        Ok(Box::new(text_salted(input, cost, salt, key, Coding::Base64)?))
    },
);

static WERKZEUG: Format = Format::row(
    "werkzeug-scrypt",
    "scrypt of Werkzeug",
    &[],
    Looks::Begins(&["scrypt:"]),
    |input, ()| {
        let rest = input.after("scrypt:")?;
        let [parameters, salt, key] = input.split(rest, '$', ["parameters", "salt", "key"])?;
        let [n, r, p] = input.split(parameters, ':', ["N", "r", "p"])?;
        let cost = ScryptCost {
            n: input.positive("N", n, 10)?,
            r: input.positive("block size r", r, 10)?,
            p: input.positive("parallelism p", p, 10)?,
        };
        let (at, digits) = key;
        let lower = digits.to_ascii_lowercase();
        let scrypt = text_salted(input, cost, salt, (at, &lower), Coding::Hex)?;
        Ok(if lower == digits { Box::new(scrypt) } else { Box::new(UpperCase(scrypt)) })
    },
);

/// A key of Werkzeug in upper case. Werkzeug takes it and compares texts, so that it matches no password;
/// whoever wants it to has to lower-case it, and is told so.
#[derive(Debug)]
struct UpperCase(Scrypt);

impl Core for UpperCase {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        // The work is done all the same, so that time says nothing.
        self.0.verify(password).and(Err(VerifyError::Mismatch))
    }

    fn cost(&self) -> Cost {
        self.0.cost()
    }

    fn explain(&self) -> Explanation {
        let mut explanation = self.0.explain();
        let note = "the key is in upper case, which matches no password: lower-case it";
        explanation.notes.push(note.to_owned());
        explanation
    }
}

/// A salt that is text, and a key of 64 bytes.
fn text_salted(
    input: &Input<'_>,
    cost: ScryptCost,
    salt: Field<'_>,
    key: Field<'_>,
    coding: Coding,
) -> Result<Scrypt, HashError> {
    if salt.1.is_empty() {
        return Err(input.malformed("the salt is empty").at(salt.0));
    }
    let salt = salt.1.as_bytes().to_vec();
    Scrypt::new(input, Parts { cost, salt, key, coding, key_bytes: 64 })
}

/// `salt:key` in hex, where the salt is the text itself.
fn web(input: &Input<'_>, rest: Field<'_>) -> Read {
    let [salt, key] = input.split(rest, ':', ["salt", "key"])?;
    if salt.1.is_empty() {
        return Err(input.malformed("the salt is empty").at(salt.0));
    }
    let salt = salt.1.as_bytes().to_vec();
    let parts = Parts { cost: WEB, salt, key, coding: Coding::Hex, key_bytes: 64 };
    Ok(Box::new(Scrypt { normalised: true, ..Scrypt::new(input, parts)? }))
}

static BETTER_AUTH: Format =
    Format::row("better-auth-scrypt", "scrypt of Better Auth", &[], Looks::Nothing, |input, ()| {
        web(input, (0, input.text))
    });

static LUCIA: Format =
    Format::row("lucia-scrypt", "scrypt of Lucia", &[], Looks::Begins(&["s2:"]), |input, ()| {
        web(input, input.after("s2:").unwrap_or((0, input.text)))
    });

static SCRYPT_KDF: Format = Format::row(
    "scrypt-kdf",
    "scrypt-kdf of Node",
    &[],
    Looks::Begins(&["c2NyeXB0A"]),
    |input, ()| Ok(Box::new(ScryptKdf::parse(input)?)),
);

/// The file header of Tarsnap's scrypt: a MAC under half of the derived key proves the password.
#[derive(Debug)]
struct ScryptKdf {
    cost: ScryptCost,
    /// All that is signed: magic, parameters, salt, checksum.
    header: Vec<u8>,
    mac: Secret,
}

const HEADER_BYTES: usize = 64;

impl ScryptKdf {
    fn parse(input: &Input<'_>) -> Result<Self, HashError> {
        let blob = Coding::Base64.decode(input, "text", (0, input.text))?;
        if blob.len() != HEADER_BYTES + 32 {
            let what = format!("{} bytes where 96 are needed", blob.len());
            return Err(input.malformed(what));
        }
        let (header, mac) = blob.split_at(HEADER_BYTES);
        let [b's', b'c', b'r', b'y', b'p', b't', version, log_n, ..] = *header else {
            return Err(input.malformed("the bytes do not begin with `scrypt`"));
        };
        if version != 0 {
            return Err(input.malformed(format!("the version {version} is not 0")));
        }
        if !(1..=62).contains(&log_n) {
            let what = format!("the logarithm of N, {log_n}, is not between 1 and 62");
            return Err(input.malformed(what));
        }
        let cost = ScryptCost {
            n: 1 << log_n,
            r: be32(header, 8).unwrap_or_default().into(),
            p: be32(header, 12).unwrap_or_default().into(),
        };
        let (signed, checksum) = header.split_at(48);
        if (SHA256.digest)(&[signed])[..16] != *checksum {
            return Err(input
                .malformed("the header's checksum does not fit")
                .hint("the text was cut or altered"));
        }
        check(input, cost)?;
        Ok(Self { cost, header: header.to_vec(), mac: Secret::new(mac.to_vec()) })
    }
}

impl ScryptKdf {
    fn derivation<'a>(&'a self, password: &'a [u8]) -> Work<'a> {
        self.cost.work(password, &self.header[16..48], 64)
    }
}

impl Core for ScryptKdf {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        self.conclude(&self.derivation(password).alone("scrypt-kdf")?)
    }

    fn work<'a>(&'a self, password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        Ok(Some(self.derivation(password)))
    }

    fn conclude(&self, outcome: &[u8]) -> Result<(), VerifyError> {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(outcome.get(32..).unwrap_or_default())
        else {
            return Err(VerifyError::Primitive { scheme: "scrypt-kdf" });
        };
        mac.update(&self.header);
        self.mac.matches(&mac.finalize().into_bytes())
    }

    fn cost(&self) -> Cost {
        self.cost.cost()
    }

    fn explain(&self) -> Explanation {
        explain(self.cost, false, false)
    }
}

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] =
    &[&PHC, &KRATOS, &DJANGO, &WERKZEUG, &BETTER_AUTH, &LUCIA, &SCRYPT_KDF];
