//! Argon2 other than as a bare PHC string: with a head before it, or with its parameters beside it.

use ::argon2::{Algorithm, Version};

use super::argon2::{Argon2Hash, Parts};
use super::bcrypt_wrapped::{Prepare, Wrapped};
use super::coding::Coding;
use super::cost::unit;
use super::format::{Core, Field, Format, Input, Looks, Read};
use super::options::{Key, LENGTH, SALT, VERSION};
use super::pbkdf2_layouts::{CODINGS, ENCODING, SALT_CODINGS, SALT_ENCODING, declared_key};
use super::prf::{MD5, Prf, SHA256};
use super::scheme::{Parsed, Scheme};
use super::secret::Secret;
use super::{Argon2Params, Cost, Explanation, HashError, Standing, VerifyError};

const VARIANT: Key = Key::same("variant");
const TYPE: Key = Key::same("type");
const ITERATIONS: Key = Key::same("iterations");
const HASH_ITERATIONS: Key = Key::same("hashIterations");
const MEMORY: Key = Key::same("memory");
const PARALLEL: Key = Key::same("parallel");
const PARALLELISM: Key = Key::same("parallelism");
const HASH_LENGTH: Key = Key::same("hashLength");
/// Bytes of a tag, the least of which keeps a cut one from being taken for whole.
const TAG_BYTES: std::ops::RangeInclusive<u64> = 16..=128;

impl Core for Argon2Hash {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        Parsed::verify(self, password)
    }

    fn cost(&self) -> Cost {
        Parsed::cost(self)
    }

    fn explain(&self) -> Explanation {
        Parsed::explain(self)
    }

    fn meets(&self, target: &Argon2Params) -> bool {
        Parsed::meets(self, target)
    }
}

/// Reads the PHC string at `field`.
pub(super) fn phc(input: &Input<'_>, (at, text): Field<'_>) -> Result<Argon2Hash, HashError> {
    Argon2Hash::parse(text, input.limits).map_err(|error| input.inner(at, error))
}

/// An option that has to fit into 32 bits.
fn small(input: &Input<'_>, key: &Key) -> Result<u32, HashError> {
    let number = input.reader.required_integer(key)?;
    u32::try_from(number).map_err(|_| {
        HashError::option(input.scheme, key.wire, format!("{number} is over 2^32 - 1"))
    })
}

fn tag(input: &Input<'_>, coding: Coding, key: &Key) -> Result<Vec<u8>, HashError> {
    let length = input.reader.required_integer(key)?;
    if !TAG_BYTES.contains(&length) {
        let (least, most) = (TAG_BYTES.start(), TAG_BYTES.end());
        let reason = format!("{length} is not between {least} and {most}");
        return Err(HashError::option(input.scheme, key.wire, reason));
    }
    declared_key(input, coding, key)
}

fn from_parts(input: &Input<'_>, parts: Parts) -> Read {
    let hash =
        Argon2Hash::from_parts(parts, input.limits).map_err(|error| input.inner(0, error))?;
    Ok(Box::new(hash))
}

static RAW: Format = Format::row(
    "argon2-raw",
    "Argon2 with its parameters beside it",
    &[
        &VARIANT,
        &VERSION,
        &SALT,
        &SALT_ENCODING,
        &ITERATIONS,
        &MEMORY,
        &PARALLEL,
        &LENGTH,
        &ENCODING,
    ],
    Looks::Nothing,
    |input, ()| {
        let algorithm = input.choice(
            &VARIANT,
            &[
                ("argon2id", Algorithm::Argon2id),
                ("argon2i", Algorithm::Argon2i),
                ("argon2d", Algorithm::Argon2d),
            ],
        )?;
        let version = match input.reader.required_integer(&VERSION)? {
            16 => Version::V0x10,
            19 => Version::V0x13,
            other => {
                let reason = format!("{other} is not 16 or 19");
                return Err(HashError::option(input.scheme, VERSION.wire, reason));
            }
        };
        let params = Argon2Params {
            memory_kib: small(input, &MEMORY)?,
            iterations: small(input, &ITERATIONS)?,
            lanes: small(input, &PARALLEL)?,
        };
        let salt = input.choice(&SALT_ENCODING, SALT_CODINGS)?.option(input, &SALT)?;
        let tag = tag(input, input.choice(&ENCODING, CODINGS)?, &LENGTH)?;
        from_parts(input, Parts { algorithm, version, params, salt, tag })
    },
);

static KEYCLOAK: Format = Format::row(
    "keycloak-argon2",
    "Argon2 of Keycloak",
    &[&TYPE, &VERSION, &SALT, &HASH_ITERATIONS, &MEMORY, &PARALLELISM, &HASH_LENGTH],
    Looks::Nothing,
    |input, ()| {
        let algorithm = input.choice(
            &TYPE,
            &[("id", Algorithm::Argon2id), ("i", Algorithm::Argon2i), ("d", Algorithm::Argon2d)],
        )?;
        let version =
            input.choice(&VERSION, &[("1.0", Version::V0x10), ("1.3", Version::V0x13)])?;
        let params = Argon2Params {
            memory_kib: small(input, &MEMORY)?,
            iterations: small(input, &HASH_ITERATIONS)?,
            lanes: small(input, &PARALLELISM)?,
        };
        let salt = Coding::Base64.option(input, &SALT)?;
        let tag = tag(input, Coding::Base64, &HASH_LENGTH)?;
        from_parts(input, Parts { algorithm, version, params, salt, tag })
    },
);

static LDAP: Format = Format::row(
    "ldap-argon2",
    "Argon2 of OpenLDAP",
    &[],
    Looks::Begins(&["{ARGON2}"]),
    |input, ()| Ok(Box::new(phc(input, input.after("{ARGON2}")?)?)),
);

static DJANGO: Format = Format::row(
    "django-argon2",
    "Argon2 of Django",
    &[],
    Looks::Begins(&["argon2$argon2"]),
    |input, ()| {
        // What follows the word is a PHC string with its `$`.
        Ok(Box::new(phc(input, input.after("argon2")?)?))
    },
);

static NEXTCLOUD: Format = Format::row(
    "nextcloud",
    "bcrypt or Argon2 of Nextcloud",
    &[],
    Looks::Begins(&["1|$2", "2|$argon2i$", "3|$argon2id$"]),
    |input, ()| match input.text.as_bytes() {
        [b'1', b'|', ..] => {
            Ok(Box::new(Wrapped::new(input, input.after("1|")?, Prepare::Nothing)?))
        }
        [b'2', b'|', ..] if input.text.starts_with("2|$argon2i$") => {
            Ok(Box::new(phc(input, input.after("2|")?)?))
        }
        _ if input.text.starts_with("3|$argon2id$") => {
            Ok(Box::new(phc(input, input.after("3|")?)?))
        }
        _ => Err(super::recognise::foreign(
            input.scheme,
            "1| and bcrypt, 2| and argon2i, or 3| and argon2id",
            input.text,
        )),
    },
);

static MAGENTO2: Format = Format::row("magento2", "Magento 2", &[], Looks::Nothing, |input, ()| {
    let names = ["hash", "salt", "version"];
    let [hash, salt, version] = input.split((0, input.text), ':', names)?;
    if salt.1.is_empty() {
        return Err(input.malformed("the salt is empty").at(salt.0));
    }
    let sized = |bytes: usize| {
        let digest = Coding::Hex.decode(input, "hash", hash)?;
        if digest.len() == bytes {
            return Ok(digest);
        }
        let what = format!("a hash of {} bytes where {bytes} are needed", digest.len());
        Err(input.malformed(what).at(hash.0))
    };
    let salted = |prf: &'static Prf| -> Read {
        let digest = Secret::new(sized(prf.bytes)?);
        Ok(Box::new(Salted { prf, salt: salt.1.as_bytes().to_vec(), digest }))
    };
    match version.1 {
        "0" => salted(&MD5),
        "1" => salted(&SHA256),
        text if text.starts_with("3_") => {
            // libsodium's opslimit is the passes, its memlimit the memory in bytes.
            let names = ["version", "bytes of the key", "passes", "bytes of memory"];
            let [_, seed, passes, memory] = input.split(version, '_', names)?;
            if seed.1 != "32" {
                return Err(input.malformed("the key does not have 32 bytes").at(seed.0));
            }
            let passes = input.positive("number of passes", passes, 10)?;
            let memory = input.positive("memory", memory, 10)? / 1024;
            let limits = input.limits;
            input.bounded("memory in KiB (m)", memory, limits.argon2_memory_kib.into())?;
            input.bounded("iterations (t)", passes, limits.argon2_iterations.into())?;
            let fits = |number| u32::try_from(number).unwrap_or(u32::MAX);
            let params =
                Argon2Params { memory_kib: fits(memory), iterations: fits(passes), lanes: 1 };
            let Some(salt) = salt.1.as_bytes().get(..16) else {
                return Err(input.malformed("a salt of under 16 characters").at(salt.0));
            };
            let (salt, tag) = (salt.to_vec(), sized(32)?);
            let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
            from_parts(input, Parts { algorithm, version, params, salt, tag })
        }
        _ => {
            Err(input.malformed("the version is not 0, 1 or 3_32_<passes>_<memory>").at(version.0))
        }
    }
});

/// A digest of salt and password.
#[derive(Debug)]
struct Salted {
    prf: &'static Prf,
    salt: Vec<u8>,
    digest: Secret,
}

impl Core for Salted {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        self.digest.matches(&(self.prf.digest)(&[&self.salt, password]))
    }

    fn cost(&self) -> Cost {
        Cost::of(0, 1, unit::DIGEST)
    }

    fn explain(&self) -> Explanation {
        Explanation {
            scheme: "magento2",
            title: format!("{} of salt and password", self.prf.title),
            parameters: vec![("salt bytes", self.salt.len().to_string())],
            cost: Core::cost(self),
            standing: Standing::Broken,
            notes: vec!["guessing is nearly free".to_owned()],
        }
    }
}

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] =
    &[&RAW, &KEYCLOAK, &LDAP, &DJANGO, &NEXTCLOUD, &MAGENTO2];
