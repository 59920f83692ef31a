//! bcrypt with something around it: a head, a pepper, or a digest of the password before it.
//!
//! A password is digested first to get around bcrypt's 72 bytes; what bcrypt then sees is the digest as
//! text, in hex or base64, and never the password.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Sha256, Sha384};
use zeroize::{Zeroize as _, Zeroizing};

use super::bcrypt::BcryptHash;
use super::coding::Coding;
use super::format::{Core, Field, Format, Input, Looks};
use super::options::Key;
use super::prf::{self, Prf, SHA256, SHA512};
use super::scheme::{Parsed, Scheme};
use super::secret::Secret;
use super::work::Work;
use super::{Cost, Explanation, HashError, VerifyError};

const DIGEST: Key = Key::same("digest");
const PEPPER: Key = Key::same("pepper");
/// Characters of a bcrypt text up to the digest.
const SETTING: usize = 29;
const TEXT: usize = 60;

/// What bcrypt is given in place of the password.
#[derive(Debug)]
pub(super) enum Prepare {
    /// The password.
    Nothing,
    /// The lower-case hex of its digest.
    Hex(&'static Prf),
    /// The base64 of its SHA-256.
    Base64,
    /// The base64 of HMAC-SHA256 under the characters of the salt.
    Salted(String),
    /// The base64 of HMAC-SHA384 under a fixed key.
    WordPress,
    /// The base64 of its SHA-512, if bcrypt would not take all of it.
    Symfony,
    /// The password and a pepper.
    Pepper(Secret),
    /// The bcrypt text of the password with the same setting, which is this.
    Twice(String),
}

impl Prepare {
    fn prepare(&self, hash: &BcryptHash, password: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let base64 = |bytes: &[u8]| Zeroizing::new(STANDARD.encode(bytes).into_bytes());
        Some(match self {
            Self::Hex(prf) => prf::hex(&(prf.digest)(&[password])),
            Self::Base64 => base64(&(SHA256.digest)(&[password])),
            Self::Salted(salt) => {
                let mut mac = Hmac::<Sha256>::new_from_slice(salt.as_bytes()).ok()?;
                mac.update(password);
                let mut bytes = mac.finalize().into_bytes();
                let text = base64(&bytes);
                bytes.as_mut_slice().zeroize();
                text
            }
            Self::WordPress => {
                let mut mac = Hmac::<Sha384>::new_from_slice(b"wp-sha384").ok()?;
                mac.update(password);
                let mut bytes = mac.finalize().into_bytes();
                let text = base64(&bytes);
                bytes.as_mut_slice().zeroize();
                text
            }
            Self::Symfony if password.len() > 72 || password.contains(&0) => {
                base64(&(SHA512.digest)(&[password]))
            }
            Self::Nothing | Self::Symfony => Zeroizing::new(password.to_vec()),
            Self::Pepper(pepper) => Zeroizing::new([password, pepper.bytes()].concat()),
            Self::Twice(setting) => {
                let mut text = Zeroizing::new(Vec::with_capacity(TEXT));
                text.extend_from_slice(setting.as_bytes());
                text.extend_from_slice(hash.digest_text(password).as_bytes());
                text
            }
        })
    }

    fn note(&self) -> Option<String> {
        Some(match self {
            Self::Nothing => return None,
            Self::Hex(prf) => format!("bcrypt is given the hex of the password's {}", prf.title),
            Self::Base64 => "bcrypt is given the base64 of the password's SHA-256".to_owned(),
            Self::Salted(_) => {
                "bcrypt is given the base64 of the password's HMAC-SHA256 under the salt".to_owned()
            }
            Self::WordPress => {
                "bcrypt is given the base64 of the password's HMAC-SHA384; WordPress trims a password \
                 when it is set"
                    .to_owned()
            }
            Self::Symfony => {
                "bcrypt is given the base64 of the SHA-512 of a password over 72 bytes or with a NUL"
                    .to_owned()
            }
            Self::Pepper(_) => {
                "the pepper stands after the password: of both only the first 72 bytes count".to_owned()
            }
            Self::Twice(_) => "bcrypt is applied twice".to_owned(),
        })
    }

    /// Whether bcrypt sees the password itself, so that its own notes hold.
    fn is_plain(&self) -> bool {
        matches!(self, Self::Nothing | Self::Pepper(_) | Self::Twice(_))
    }
}

/// bcrypt of a prepared password.
#[derive(Debug)]
pub(super) struct Wrapped {
    hash: BcryptHash,
    prepare: Prepare,
}

impl Wrapped {
    /// Reads the bcrypt text at `field`.
    pub(super) fn new(
        input: &Input<'_>,
        (at, text): Field<'_>,
        prepare: Prepare,
    ) -> Result<Self, HashError> {
        let hash = BcryptHash::parse(text, input.limits).map_err(|error| input.inner(at, error))?;
        Ok(Self { hash, prepare })
    }
}

impl Core for Wrapped {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        let Some(prepared) = self.prepare.prepare(&self.hash, password) else {
            return Err(VerifyError::Primitive { scheme: "bcrypt" });
        };
        self.hash.verify(&prepared)
    }

    fn work<'a>(&'a self, password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        // What comes before bcrypt must be next to nothing.
        if matches!(self.prepare, Prepare::Twice(_)) {
            return Ok(None);
        }
        let Some(prepared) = self.prepare.prepare(&self.hash, password) else {
            return Err(VerifyError::Primitive { scheme: "bcrypt" });
        };
        Ok(Some(self.hash.keyed(&prepared)))
    }

    fn conclude(&self, outcome: &[u8]) -> Result<(), VerifyError> {
        self.hash.conclude(outcome)
    }

    fn cost(&self) -> Cost {
        let cost = self.hash.cost();
        match self.prepare {
            Prepare::Twice(_) => Cost { work: cost.work * 2, ..cost },
            _ => cost,
        }
    }

    fn explain(&self) -> Explanation {
        let mut explanation = self.hash.explain();
        if !self.prepare.is_plain() {
            explanation.notes.retain(|note| !note.contains("72 bytes"));
        }
        explanation.notes.extend(self.prepare.note());
        explanation.cost = self.cost();
        explanation
    }
}

static PREHASH: Format = Format::row(
    "bcrypt-prehash",
    "bcrypt of a digest in hex",
    &[&DIGEST],
    Looks::Nothing,
    |input, ()| {
        let prf = input.choice(&DIGEST, prf::ALL)?;
        Ok(Box::new(Wrapped::new(input, (0, input.text), Prepare::Hex(prf))?))
    },
);

static PEPPERED: Format = Format::row(
    "bcrypt-peppered",
    "bcrypt with a pepper, of Devise",
    &[&PEPPER],
    Looks::Nothing,
    |input, ()| {
        let pepper = Secret::new(Coding::Text.option(input, &PEPPER)?);
        if pepper.len() == 0 {
            return Err(HashError::option(input.scheme, PEPPER.wire, "empty"));
        }
        Ok(Box::new(Wrapped::new(input, (0, input.text), Prepare::Pepper(pepper))?))
    },
);

static CLERK_PEPPERED: Format = Format::row(
    "clerk-bcrypt-peppered",
    "bcrypt with its pepper appended, of Clerk",
    &[],
    Looks::Nothing,
    |input, ()| {
        let rest = input.text.get(TEXT..).and_then(|rest| rest.strip_prefix('$'));
        let (Some(hash), Some(pepper)) = (input.text.get(..TEXT), rest) else {
            return Err(input
                .malformed("no `$` and pepper after 60 characters of bcrypt")
                .hint("without a pepper the algorithm is bcrypt"));
        };
        if pepper.is_empty() {
            return Err(input.malformed("the pepper is empty").at(TEXT + 1));
        }
        let pepper = Secret::new(pepper.as_bytes().to_vec());
        Ok(Box::new(Wrapped::new(input, (0, hash), Prepare::Pepper(pepper))?))
    },
);

static DJANGO: Format = Format::row(
    "django-bcrypt",
    "bcrypt of Django",
    &[],
    Looks::Begins(&["bcrypt$$2"]),
    |input, ()| Ok(Box::new(Wrapped::new(input, input.after("bcrypt$")?, Prepare::Nothing)?)),
);

static DJANGO_SHA256: Format = Format::row(
    "django-bcrypt-sha256",
    "bcrypt of a SHA-256, of Django",
    &[],
    Looks::Begins(&["bcrypt_sha256$$2"]),
    |input, ()| {
        let rest = input.after("bcrypt_sha256$")?;
        Ok(Box::new(Wrapped::new(input, rest, Prepare::Hex(&SHA256))?))
    },
);

static PASSLIB_SHA256: Format = Format::row(
    "passlib-bcrypt-sha256",
    "bcrypt of a SHA-256, of passlib",
    &[],
    Looks::Begins(&["$bcrypt-sha256$"]),
    |input, ()| {
        let rest = input.after("$bcrypt-sha256$")?;
        let [parameters, salt, digest] =
            input.split(rest, '$', ["parameters", "salt", "digest"])?;
        let versioned = parameters.1.starts_with("v=");
        let (minor, cost) = if versioned {
            let [version, minor, cost] = input.split(parameters, ',', ["v=2", "t=", "r="])?;
            if version.1 != "v=2" {
                return Err(input.malformed("the version is not 2").at(version.0));
            }
            (input.named(minor, "t")?, input.named(cost, "r")?)
        } else {
            let [minor, cost] = input.split(parameters, ',', ["minor version", "cost"])?;
            (minor, cost)
        };
        if !matches!(minor.1, "2a" | "2b") {
            return Err(input.malformed("the bcrypt version is not 2a or 2b").at(minor.0));
        }
        let cost = input.number("cost", cost, 10)?;
        if salt.1.len() != 22 {
            let what = format!("a salt of {} characters where 22 are needed", salt.1.len());
            return Err(input.malformed(what).at(salt.0));
        }
        let text = Zeroizing::new(format!("${}${cost:02}${}{}", minor.1, salt.1, digest.1));
        let prepare = if versioned { Prepare::Salted(salt.1.to_owned()) } else { Prepare::Base64 };
        // The inner text begins a salt's offset less seven characters before.
        Ok(Box::new(Wrapped::new(input, (salt.0 - 7, &text), prepare)?))
    },
);

static WORDPRESS: Format = Format::row(
    "wordpress-bcrypt",
    "bcrypt of WordPress 6.8",
    &[],
    Looks::Begins(&["$wp$2"]),
    |input, ()| {
        let rest = input.after("$wp")?;
        Ok(Box::new(Wrapped::new(input, rest, Prepare::WordPress)?))
    },
);

static SYMFONY: Format =
    Format::row("symfony-native", "bcrypt of Symfony", &[], Looks::Nothing, |input, ()| {
        Ok(Box::new(Wrapped::new(input, (0, input.text), Prepare::Symfony)?))
    });

static WCF2: Format = Format::row(
    "wcf2-double-bcrypt",
    "bcrypt twice, of WoltLab",
    &[],
    Looks::Nothing,
    |input, ()| {
        let setting = input.text.get(..SETTING).unwrap_or_default().to_owned();
        Ok(Box::new(Wrapped::new(input, (0, input.text), Prepare::Twice(setting))?))
    },
);

static JENKINS: Format = Format::row(
    "jenkins-jbcrypt",
    "bcrypt of Jenkins",
    &[],
    Looks::Begins(&["#jbcrypt:"]),
    |input, ()| Ok(Box::new(Wrapped::new(input, input.after("#jbcrypt:")?, Prepare::Nothing)?)),
);

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[
    &PREHASH,
    &PEPPERED,
    &CLERK_PEPPERED,
    &DJANGO,
    &DJANGO_SHA256,
    &PASSLIB_SHA256,
    &WORDPRESS,
    &SYMFONY,
    &WCF2,
    &JENKINS,
];
