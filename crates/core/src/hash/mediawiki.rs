//! `MediaWiki`: `:type:` and what the type needs.

use super::argon2_wrapped::phc;
use super::bcrypt_wrapped::{Prepare, Wrapped};
use super::coding::Coding;
use super::cost::unit;
use super::format::{Core, Field, Format, Input, Looks, Read};
use super::pbkdf2::Pbkdf2;
use super::prf::{self, MD5};
use super::recognise::foreign;
use super::scheme::Scheme;
use super::secret::Secret;
use super::{Cost, Explanation, Standing, VerifyError};
use zeroize::Zeroizing;

static MEDIAWIKI: Format = Format {
    name: "mediawiki",
    title: "MediaWiki",
    aliases: &[],
    keys: &[],
    looks: Looks::Begins(&[":A:", ":B:", "$B$", ":pbkdf2:", ":bcrypt:", ":argon2:$"]),
    parse: |input, ()| read(input),
    data: (),
};

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[&MEDIAWIKI];

fn read(input: &Input<'_>) -> Read {
    let text = input.text;
    let after = |head: &str| text.strip_prefix(head).map(|rest| (head.len(), rest));
    if let Some(rest) = after(":A:") {
        return md5(input, None, rest);
    }
    for (head, separator) in [(":B:", ':'), ("$B$", '$')] {
        if let Some(rest) = after(head) {
            let [salt, digest] = input.split(rest, separator, ["salt", "digest"])?;
            return md5(input, Some(salt), digest);
        }
    }
    if let Some(rest) = after(":pbkdf2:") {
        return pbkdf2(input, rest);
    }
    if let Some(rest) = after(":argon2:") {
        return Ok(Box::new(phc(input, rest)?));
    }
    if let Some(rest) = after(":bcrypt:") {
        return bcrypt(input, rest);
    }
    Err(foreign(input.scheme, ":A:, :B:, $B$, :pbkdf2:, :argon2: or :bcrypt:", text))
}

/// bcrypt with a cost of as many digits as it has, and `$` between salt and digest.
fn bcrypt(input: &Input<'_>, rest: Field<'_>) -> Read {
    let [cost, salt, digest] = input.split(rest, '$', ["cost", "salt", "digest"])?;
    let cost = input.number("cost", cost, 10)?;
    if salt.1.len() != 22 {
        let what = format!("a salt of {} characters where 22 are needed", salt.1.len());
        return Err(input.malformed(what).at(salt.0));
    }
    let text = Zeroizing::new(format!("$2y${cost:02}${}{}", salt.1, digest.1));
    // In bcrypt's own text the salt stands after seven characters.
    Ok(Box::new(Wrapped::new(input, (salt.0.saturating_sub(7), &text), Prepare::Nothing)?))
}

fn pbkdf2(input: &Input<'_>, rest: Field<'_>) -> Read {
    let names = ["digest", "iterations", "length", "salt", "key"];
    let [name, iterations, length, salt, key] = input.split(rest, ':', names)?;
    let Some((_, prf)) = prf::ALL.iter().find(|(known, _)| *known == name.1) else {
        return Err(input.malformed("an unknown digest").at(name.0));
    };
    let rounds = input.positive("number of iterations", iterations, 10)?;
    let wanted = input.positive("length", length, 10)?;
    let salt = Coding::Base64.decode(input, "salt", salt)?;
    let bytes = Coding::Base64.decode(input, "key", key)?;
    if bytes.len() as u64 != wanted {
        let what = format!("a key of {} bytes where {wanted} are announced", bytes.len());
        return Err(input.malformed(what).at(key.0));
    }
    Ok(Box::new(Pbkdf2::new(input, prf, rounds, salt, bytes)?))
}

fn md5(input: &Input<'_>, salt: Option<Field<'_>>, (at, text): Field<'_>) -> Read {
    let digest = Secret::new(Coding::Hex.decode(input, "digest", (at, text))?);
    if digest.len() != MD5.bytes {
        let what = format!("a digest of {} bytes where 16 are needed", digest.len());
        return Err(input.malformed(what).at(at));
    }
    let salt = match salt {
        Some((at, "")) => return Err(input.malformed("the salt is empty").at(at)),
        Some((_, salt)) => Some(salt.as_bytes().to_vec()),
        None => None,
    };
    Ok(Box::new(Old { salt, digest }))
}

/// MD5 of the password, or of `salt-` and the hex of that.
#[derive(Debug)]
struct Old {
    salt: Option<Vec<u8>>,
    digest: Secret,
}

impl Core for Old {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        let plain = (MD5.digest)(&[password]);
        match &self.salt {
            None => self.digest.matches(&plain),
            Some(salt) => {
                let text = prf::hex(&plain);
                self.digest.matches(&(MD5.digest)(&[salt, b"-", &text]))
            }
        }
    }

    fn cost(&self) -> Cost {
        Cost::of(0, 2, unit::DIGEST)
    }

    fn explain(&self) -> Explanation {
        let (title, note) = match self.salt {
            None => ("MD5, unsalted", "equal passwords have equal hashes"),
            Some(_) => ("MD5, twice and salted", "guessing is nearly free"),
        };
        Explanation {
            scheme: "mediawiki",
            title: title.to_owned(),
            parameters: Vec::new(),
            cost: self.cost(),
            standing: Standing::Broken,
            notes: vec![note.to_owned()],
        }
    }

    fn is_weak(&self) -> bool {
        self.salt.is_none()
    }
}
