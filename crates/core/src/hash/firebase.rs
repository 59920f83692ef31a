//! Firebase's scrypt with its rounds and memory cost, in the strings of those who import it.
//!
//! The function is that of [`scryptMod`](super::scrypt_modified); rounds are scrypt's r, and the memory
//! cost is the logarithm of N.

use super::coding::Coding;
use super::format::{Core, Field, Format, Input, Looks};
use super::options::{Key, SALT, SALT_SEPARATOR, SIGNER_KEY};
use super::scheme::Scheme;
use super::scrypt::ScryptCost;
use super::scrypt_modified::{SALT_BYTES, SEPARATOR_BYTES, SIGNER_KEY_BYTES, Signed};
use super::scrypt_texts::{check, power};
use super::secret::Secret;
use super::work::Work;
use super::{Cost, Explanation, HashError, Standing, VerifyError};

const ROUNDS: Key = Key::same("rounds");
const MEM_COST: Key = Key::same("memCost");

/// The parts of a text, still encoded.
struct Parts<'a> {
    hash: Field<'a>,
    salt: Field<'a>,
    separator: Field<'a>,
    signer_key: Field<'a>,
    cost: ScryptCost,
}

#[derive(Debug)]
struct Firebase {
    cost: ScryptCost,
    signed: Signed,
}

impl Firebase {
    fn new(input: &Input<'_>, parts: &Parts<'_>) -> Result<Self, HashError> {
        check(input, parts.cost)?;
        let sized = |name: &str, field: Field<'_>, range: &std::ops::RangeInclusive<usize>| {
            let bytes = either(input, name, field)?;
            if !range.contains(&bytes.len()) {
                let (least, most) = (range.start(), range.end());
                let what =
                    format!("the {name} has {} bytes, not between {least} and {most}", bytes.len());
                return Err(input.malformed(what).at(field.0));
            }
            Ok(bytes)
        };
        let mut salt = sized("salt", parts.salt, &SALT_BYTES)?;
        salt.extend(sized("salt separator", parts.separator, &SEPARATOR_BYTES)?);
        let signer_key = Secret::new(sized("signer key", parts.signer_key, &SIGNER_KEY_BYTES)?);
        let hash = Secret::new(either(input, "hash", parts.hash)?);
        if hash.len() != signer_key.len() {
            let (found, wanted) = (hash.len(), signer_key.len());
            let what = format!("a hash of {found} bytes where the signer key has {wanted}");
            return Err(input.malformed(what).at(parts.hash.0));
        }
        Ok(Self { cost: parts.cost, signed: Signed { salt, signer_key, hash } })
    }
}

/// Exports write either alphabet of base64.
fn coding(text: &str) -> Coding {
    if text.contains(['-', '_']) { Coding::UrlSafe } else { Coding::Base64 }
}

fn either(input: &Input<'_>, part: &str, field: Field<'_>) -> Result<Vec<u8>, HashError> {
    coding(field.1).decode(input, part, field)
}

/// An option as if it were a part of the text; what is wrong with its encoding is said of the option.
fn option<'a>(input: &Input<'a>, key: &Key) -> Result<Field<'a>, HashError> {
    let text = input.reader.required_text(key)?;
    coding(text).option(input, key)?;
    Ok((0, text))
}

impl Core for Firebase {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        self.signed.verify("firebase-scrypt", self.cost, password)
    }

    fn work<'a>(&'a self, password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        Ok(Some(self.signed.work(self.cost, password)))
    }

    fn conclude(&self, outcome: &[u8]) -> Result<(), VerifyError> {
        self.signed.conclude("firebase-scrypt", outcome)
    }

    fn cost(&self) -> Cost {
        self.cost.cost()
    }

    fn explain(&self) -> Explanation {
        Explanation {
            scheme: "firebase-scrypt",
            title: "scrypt of Firebase".to_owned(),
            parameters: self.cost.parameters(),
            cost: self.cost(),
            standing: Standing::Legacy,
            notes: vec!["the signer key is a secret of the whole Firebase project".to_owned()],
        }
    }
}

/// A memory cost, rounds, and perhaps a parallelism, as numbers of a text.
fn cost(
    input: &Input<'_>,
    mem_cost: Field<'_>,
    rounds: Field<'_>,
    p: Option<Field<'_>>,
) -> Result<ScryptCost, HashError> {
    Ok(ScryptCost {
        n: power(input, mem_cost)?,
        r: input.positive("number of rounds", rounds, 10)?,
        p: p.map_or(Ok(1), |p| input.positive("parallelism p", p, 10))?,
    })
}

static FIREBASE: Format = Format::row(
    "firebase-scrypt",
    "scrypt of Firebase, with rounds and memory cost",
    &[&SALT, &SALT_SEPARATOR, &SIGNER_KEY, &ROUNDS, &MEM_COST],
    Looks::Nothing,
    |input, ()| {
        let log_n = input.reader.required_integer(&MEM_COST)?;
        let n = u32::try_from(log_n).ok().and_then(|log_n| 1_u64.checked_shl(log_n));
        let Some(n) = n else {
            let reason = format!("{log_n} is not between 1 and 63");
            return Err(HashError::option(input.scheme, MEM_COST.wire, reason));
        };
        let parts = Parts {
            hash: (0, input.text),
            salt: option(input, &SALT)?,
            separator: option(input, &SALT_SEPARATOR)?,
            signer_key: option(input, &SIGNER_KEY)?,
            cost: ScryptCost { n, r: input.reader.required_integer(&ROUNDS)?, p: 1 },
        };
        Ok(Box::new(Firebase::new(input, &parts)?))
    },
);

static KRATOS: Format = Format::row(
    "kratos-firescrypt",
    "scrypt of Firebase, as Ory Kratos writes it",
    &[],
    Looks::Begins(&["$firescrypt$"]),
    |input, ()| {
        let names = ["parameters", "salt", "hash", "salt separator", "signer key"];
        let [parameters, salt, hash, separator, signer_key] =
            input.split(input.after("$firescrypt$")?, '$', names)?;
        let [ln, r, p] = input.split(parameters, ',', ["ln=", "r=", "p="])?;
        let (ln, r) = (input.named(ln, "ln")?, input.named(r, "r")?);
        let cost = cost(input, ln, r, Some(input.named(p, "p")?))?;
        let parts = Parts { hash, salt, separator, signer_key, cost };
        Ok(Box::new(Firebase::new(input, &parts)?))
    },
);

static SUPABASE: Format = Format::row(
    "supabase-fbscrypt",
    "scrypt of Firebase, as Supabase writes it",
    &[],
    Looks::Begins(&["$fbscrypt$"]),
    |input, ()| {
        let rest = input.after("$fbscrypt$")?;
        let [parameters, salt, hash] = input.split(rest, '$', ["parameters", "salt", "hash"])?;
        let names = ["v=1", "n=", "r=", "p=", "ss=", "sk="];
        let [v, n, r, p, separator, signer_key] = input.split(parameters, ',', names)?;
        if v.1 != "v=1" {
            return Err(input.malformed("the version is not v=1").at(v.0));
        }
        let (n, r) = (input.named(n, "n")?, input.named(r, "r")?);
        let cost = cost(input, n, r, Some(input.named(p, "p")?))?;
        let separator = input.named(separator, "ss")?;
        let signer_key = input.named(signer_key, "sk")?;
        let parts = Parts { hash, salt, separator, signer_key, cost };
        Ok(Box::new(Firebase::new(input, &parts)?))
    },
);

static CLERK: Format = Format::row(
    "clerk-scrypt-firebase",
    "scrypt of Firebase, as Clerk writes it",
    &[],
    Looks::Nothing,
    |input, ()| {
        let names = ["hash", "salt", "signer key", "salt separator", "rounds", "memory cost"];
        let [hash, salt, signer_key, separator, rounds, mem_cost] =
            input.split((0, input.text), '$', names)?;
        let cost = cost(input, mem_cost, rounds, None)?;
        let parts = Parts { hash, salt, separator, signer_key, cost };
        Ok(Box::new(Firebase::new(input, &parts)?))
    },
);

static WORKOS: Format = Format::row(
    "workos-firebase-scrypt",
    "scrypt of Firebase, as WorkOS writes it",
    &[],
    Looks::Begins(&["$firebase-scrypt$"]),
    |input, ()| {
        let names = ["hash=", "salt=", "sk=", "ss=", "r=", "m="];
        let fields = input.split(input.after("$firebase-scrypt$")?, '$', names)?;
        let [hash, salt, signer_key, separator, rounds, mem_cost] = fields;
        let rounds = input.named(rounds, "r")?;
        let cost = cost(input, input.named(mem_cost, "m")?, rounds, None)?;
        let parts = Parts {
            hash: input.named(hash, "hash")?,
            salt: input.named(salt, "salt")?,
            separator: input.named(separator, "ss")?,
            signer_key: input.named(signer_key, "sk")?,
            cost,
        };
        Ok(Box::new(Firebase::new(input, &parts)?))
    },
);

static SUPERTOKENS: Format = Format::row(
    "supertokens-fscrypt",
    "scrypt of Firebase, as SuperTokens writes it",
    &[&SIGNER_KEY],
    Looks::Begins(&["$f_scrypt$"]),
    |input, ()| {
        let names = ["hash", "salt", "m=", "r=", "s="];
        let fields = input.split(input.after("$f_scrypt$")?, '$', names)?;
        let [hash, salt, mem_cost, rounds, separator] = fields;
        let rounds = input.named(rounds, "r")?;
        let cost = cost(input, input.named(mem_cost, "m")?, rounds, None)?;
        let separator = input.named(separator, "s")?;
        let signer_key = option(input, &SIGNER_KEY)?;
        let parts = Parts { hash, salt, separator, signer_key, cost };
        Ok(Box::new(Firebase::new(input, &parts)?))
    },
);

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] =
    &[&FIREBASE, &KRATOS, &SUPABASE, &CLERK, &WORKOS, &SUPERTOKENS];
