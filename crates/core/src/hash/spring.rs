//! Spring Security's `{id}` strings: an identifier in braces says how the rest is to be read.
//!
//! Some identifiers are no protection at all: plain text (`noop`) and plain digests. Those are weak as
//! hashes, though the format is not.

use md4::{Digest as _, Md4};
use zeroize::{Zeroize as _, Zeroizing};

use super::argon2_wrapped::phc;
use super::bcrypt_wrapped::{Prepare, Wrapped};
use super::coding::Coding;
use super::cost::unit;
use super::format::{Core, Field, Format, Input, Looks, Read};
use super::pbkdf2::Pbkdf2;
use super::prf::{self, SHA1, SHA256};
use super::scheme::Scheme;
use super::scrypt::ScryptCost;
use super::scrypt_texts::{Parts, Scrypt};
use super::secret::Secret;
use super::{Cost, Explanation, Standing, VerifyError};

/// The rounds of `sha256`.
const ROUNDS: usize = 1024;

type Reader = fn(&Input<'_>, Field<'_>) -> Read;

/// The identifiers with their readers. Spring compares them exactly.
static IDS: &[(&str, Reader)] = &[
    ("{bcrypt}", |input, rest| Ok(Box::new(Wrapped::new(input, rest, Prepare::Nothing)?))),
    ("{argon2}", |input, rest| Ok(Box::new(phc(input, rest)?))),
    ("{argon2@SpringSecurity_v5_8}", |input, rest| Ok(Box::new(phc(input, rest)?))),
    ("{pbkdf2}", |input, rest| {
        let (salt, key) = hex(input, rest, 8)?;
        Ok(Box::new(Pbkdf2::new(input, &SHA1, 185_000, salt, key)?))
    }),
    ("{pbkdf2@SpringSecurity_v5_8}", |input, rest| {
        let (salt, key) = hex(input, rest, 16)?;
        Ok(Box::new(Pbkdf2::new(input, &SHA256, 310_000, salt, key)?))
    }),
    ("{scrypt}", scrypt),
    ("{scrypt@SpringSecurity_v5_8}", scrypt),
    ("{sha256}", |input, rest| {
        let (salt, digest) = hex(input, rest, 8)?;
        let function = Function::Iterated { salt };
        Ok(Box::new(Digest { function, expected: Secret::new(digest) }))
    }),
    ("{noop}", |_, (_, rest)| {
        let expected = Secret::new(rest.as_bytes().to_vec());
        Ok(Box::new(Digest { function: Function::Nothing, expected }))
    }),
    ("{MD4}", |input, rest| {
        digest(input, rest, "MD4", 16, |parts| {
            let mut state = Md4::new();
            for part in parts {
                state.update(part);
            }
            let mut output = state.finalize();
            let bytes = Zeroizing::new(output.to_vec());
            output.as_mut_slice().zeroize();
            bytes
        })
    }),
    ("{MD5}", |input, rest| digest(input, rest, "MD5", 16, prf::MD5.digest)),
    ("{SHA-1}", |input, rest| digest(input, rest, "SHA-1", 20, SHA1.digest)),
    ("{SHA-256}", |input, rest| digest(input, rest, "SHA-256", 32, SHA256.digest)),
];

static SPRING: Format = Format {
    name: "spring",
    title: "Spring Security, with an identifier in braces",
    aliases: &[],
    keys: &[],
    looks: Looks::Parses(&["{"]),
    parse: |input, ()| {
        let found = IDS.iter().find(|(id, _)| input.text.starts_with(id));
        if let Some((id, read)) = found {
            return read(input, input.after(id)?);
        }
        let known: Vec<_> = IDS.iter().map(|(id, _)| *id).collect();
        let error = input.malformed("no known identifier in braces").at(0);
        let end = input.text.find('}').map_or(0, |at| at + 1);
        let given = input.text.get(..end).unwrap_or_default();
        let other_case = known.iter().find(|id| id.eq_ignore_ascii_case(given));
        Err(match other_case {
            Some(id) => error.hint(format!("Spring writes {id}")),
            None => error.hint(format!("known are {}", known.join(", "))),
        })
    },
    data: (),
};

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[&SPRING];

/// The hex of a salt of `salt_bytes` and 32 bytes more.
fn hex(
    input: &Input<'_>,
    field: Field<'_>,
    salt_bytes: usize,
) -> Result<(Vec<u8>, Vec<u8>), super::HashError> {
    let bytes = Coding::Hex.decode(input, "text", field)?;
    if bytes.len() != salt_bytes + 32 {
        let what =
            format!("{} bytes where {salt_bytes} of salt and 32 of digest are needed", bytes.len());
        return Err(input.malformed(what).at(field.0));
    }
    let (salt, rest) = bytes.split_at(salt_bytes);
    Ok((salt.to_vec(), rest.to_vec()))
}

/// `$<parameters>$<salt>$<key>`, whose parameters are one hexadecimal number: log N, r and p.
fn scrypt(input: &Input<'_>, rest: Field<'_>) -> Read {
    let names = ["text before `$`", "parameters", "salt", "key"];
    let [before, parameters, salt, key] = input.split(rest, '$', names)?;
    if !before.1.is_empty() {
        return Err(input.malformed("expected `$` after the identifier").at(before.0));
    }
    let number = input.number("parameters", parameters, 16)?;
    let log_n = u32::try_from(number >> 16).ok();
    let Some(n) = log_n.and_then(|log_n| 1_u64.checked_shl(log_n)) else {
        return Err(input.malformed("the logarithm of N is over 63").at(parameters.0));
    };
    let cost = ScryptCost { n, r: number >> 8 & 255, p: number & 255 };
    let salt = Coding::Base64.decode(input, "salt", salt)?;
    let coding = Coding::Base64;
    Ok(Box::new(Scrypt::new(input, Parts { cost, salt, key, coding, key_bytes: 32 })?))
}

/// `{salt}hex` or `hex`; the salt is hashed with its braces.
fn digest(
    input: &Input<'_>,
    (at, text): Field<'_>,
    title: &'static str,
    bytes: usize,
    digest: fn(&[&[u8]]) -> Zeroizing<Vec<u8>>,
) -> Read {
    let end = match text.strip_prefix('{') {
        None => 0,
        Some(rest) => match rest.find('}') {
            Some(end) => end + 2,
            None => return Err(input.malformed("no `}` after the salt").at(at)),
        },
    };
    let (salt, rest) = text.split_at(end);
    let expected = Secret::new(Coding::Hex.decode(input, "digest", (at + end, rest))?);
    if expected.len() != bytes {
        let what = format!("a digest of {} bytes where {bytes} are needed", expected.len());
        return Err(input.malformed(what).at(at + end));
    }
    let function = Function::Once { title, digest, salt: salt.as_bytes().to_vec() };
    Ok(Box::new(Digest { function, expected }))
}

#[derive(Debug)]
struct Digest {
    function: Function,
    expected: Secret,
}

#[derive(Debug)]
enum Function {
    /// The password is stored as it is.
    Nothing,
    /// A digest of password and salt.
    Once { title: &'static str, digest: fn(&[&[u8]]) -> Zeroizing<Vec<u8>>, salt: Vec<u8> },
    /// SHA-256 of salt and password, and of itself.
    Iterated { salt: Vec<u8> },
}

impl Core for Digest {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        match &self.function {
            // Spring, too, lets nobody in without a password.
            Function::Nothing if self.expected.len() == 0 => Err(VerifyError::Mismatch),
            Function::Nothing => self.expected.matches(password),
            Function::Once { digest, salt, .. } => {
                self.expected.matches(&digest(&[password, salt]))
            }
            Function::Iterated { salt } => {
                let mut state = (SHA256.digest)(&[salt, password]);
                for _ in 1..ROUNDS {
                    state = (SHA256.digest)(&[&state]);
                }
                self.expected.matches(&state)
            }
        }
    }

    fn cost(&self) -> Cost {
        let rounds = if matches!(self.function, Function::Iterated { .. }) { ROUNDS } else { 1 };
        Cost::of(0, rounds as u64, unit::DIGEST)
    }

    fn explain(&self) -> Explanation {
        let (title, note) = match &self.function {
            Function::Nothing => {
                ("plain text".to_owned(), "the password is stored as it is: treat it as leaked")
            }
            Function::Once { title, salt, .. } if salt.is_empty() => {
                (format!("{title}, unsalted"), "equal passwords have equal hashes")
            }
            Function::Once { title, .. } => (format!("{title}, salted"), "guessing is nearly free"),
            Function::Iterated { .. } => {
                (format!("SHA-256, salted, {ROUNDS} times"), "guessing is nearly free")
            }
        };
        Explanation {
            scheme: "spring",
            title,
            parameters: Vec::new(),
            cost: self.cost(),
            standing: Standing::Broken,
            notes: vec![note.to_owned()],
        }
    }

    fn is_weak(&self) -> bool {
        match &self.function {
            Function::Nothing => true,
            Function::Once { salt, .. } => salt.is_empty(),
            Function::Iterated { .. } => false,
        }
    }
}
