//! The password columns of `MySQL`, PostgreSQL and Microsoft SQL Server.

use std::ops::Range;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha512};
use zeroize::{Zeroize as _, Zeroizing};

use super::cost::unit;
use super::crypt::{Case, Format, Reading, Source, USERNAME};
use super::scheme::Scheme;
use super::secret::Secret;
use super::windows::utf16;
use super::{Cost, HashError, VerifyError};

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[
    &Format {
        name: "mysql323",
        title: "OLD_PASSWORD of MySQL, before 4.1",
        notes: &["62 bits without salt, and other passwords with the same hash are found quickly"],
        read: read_mysql323,
        ..Format::WEAK
    },
    &Format {
        name: "mysql41",
        title: "mysql_native_password (SHA-1 twice, unsalted)",
        notes: &["equal passwords have equal hashes, and guessing is nearly free"],
        recognises: |text| {
            text.len() == 41
                && text.starts_with('*')
                && text.bytes().skip(1).all(|byte| byte.is_ascii_hexdigit())
        },
        read: read_mysql41,
        ..Format::WEAK
    },
    &Format {
        name: "postgres-md5",
        title: "md5 of PostgreSQL",
        options: &[&USERNAME],
        notes: &["the salt is the name of the account, so that renaming it voids the hash"],
        recognises: |text| {
            text.len() == 35
                && text.starts_with("md5")
                && text.bytes().skip(3).all(|byte| byte.is_ascii_hexdigit())
        },
        read: read_postgres_md5,
        ..Format::BROKEN
    },
    &Format {
        name: "mssql2000",
        title: "Microsoft SQL Server 2000",
        notes: &["the hash of the password in upper case is there too, and is what is compared"],
        // The text of 2005 may have the same length and prefix.
        read: |source| {
            let second = SHA1_BYTES..SHA1_BYTES * 2;
            read_mssql(source, "0x0100", &[SHA1_BYTES * 2], second, upper_case)
        },
        ..Format::BROKEN
    },
    &Format {
        name: "mssql2005",
        title: "Microsoft SQL Server 2005",
        recognises: |text| text.len() == 54 && text.starts_with("0x0100"),
        read: |source| {
            let lengths = [SHA1_BYTES, SHA1_BYTES * 2];
            read_mssql(source, "0x0100", &lengths, 0..SHA1_BYTES, as_it_is::<Sha1>)
        },
        ..Format::BROKEN
    },
    &Format {
        name: "mssql2012",
        title: "Microsoft SQL Server 2012",
        recognises: |text| text.len() == 142 && text.starts_with("0x0200"),
        read: |source| {
            read_mssql(source, "0x0200", &[SHA512_BYTES], 0..SHA512_BYTES, as_it_is::<Sha512>)
        },
        ..Format::BROKEN
    },
];

const SHA1_BYTES: usize = 20;
const SHA512_BYTES: usize = 64;

fn once() -> Cost {
    Cost::of(0, 1, unit::DIGEST)
}

fn read_mysql323(source: &Source<'_>) -> Result<Reading, HashError> {
    let digest = Secret::new(source.hex(source.text, 8, Case::Any)?);
    Ok(Reading::comparing(once(), digest, mysql323).digest_at(source, source.text, '0'))
}

/// Two words of 31 bits that every byte of the password but spaces and tabs goes through.
fn mysql323(password: &[u8]) -> Zeroizing<Vec<u8>> {
    let (mut first, mut second, mut sum) = (0x5030_5735_u32, 0x1234_5671_u32, 7_u32);
    for byte in password.iter().filter(|byte| !b" \t".contains(byte)) {
        let byte = u32::from(*byte);
        let mixed = (first & 63).wrapping_add(sum).wrapping_mul(byte).wrapping_add(first << 8);
        first ^= mixed;
        second = second.wrapping_add((second << 8) ^ first);
        sum = sum.wrapping_add(byte);
    }
    let words = [first, second].map(|word| (word & 0x7fff_ffff).to_be_bytes());
    Zeroizing::new(words.concat())
}

fn read_mysql41(source: &Source<'_>) -> Result<Reading, HashError> {
    let text = source.text;
    let Some(hex) = text.strip_prefix('*') else {
        return Err(match text.len() {
            40 => source.error(text, "expected `*`").hint(
                "MySQL writes it before 40 hex digits; without it they are sha with version sha1",
            ),
            _ => source.foreign("`*`"),
        });
    };
    let digest = Secret::new(source.hex(hex, SHA1_BYTES, Case::Any)?);
    let compute = |password: &[u8]| {
        let mut first = Sha1::digest(password);
        let second = Sha1::digest(first);
        first.as_mut_slice().zeroize();
        Zeroizing::new(second.to_vec())
    };
    Ok(Reading::comparing(once(), digest, compute).digest_at(source, hex, '0'))
}

fn read_postgres_md5(source: &Source<'_>) -> Result<Reading, HashError> {
    let hex = source.after("md5")?;
    let digest = Secret::new(source.hex(hex, 16, Case::Lower)?);
    let username = source.username()?.to_owned();
    let name = username.clone();
    let compute = move |password: &[u8]| {
        let digest = Md5::new().chain_update(password).chain_update(&name).finalize();
        Zeroizing::new(digest.to_vec())
    };
    Ok(Reading::comparing(once(), digest, compute)
        .with_username(&username)
        .digest_at(source, hex, '0'))
}

/// The digest of a password and a salt.
type Compute = fn(&str, &[u8]) -> Zeroizing<Vec<u8>>;

/// Reads a salt of 4 bytes and digests of one of the `lengths`, of which those at `compared` count.
fn read_mssql(
    source: &Source<'_>,
    prefix: &str,
    lengths: &[usize],
    compared: Range<usize>,
    compute: Compute,
) -> Result<Reading, HashError> {
    const SALT_BYTES: usize = 4;
    let rest = source.after(prefix)?;
    let length = rest.len() / 2;
    let bytes = lengths.iter().map(|digests| digests + SALT_BYTES).find(|bytes| *bytes == length);
    // An error says what the first length would be.
    let bytes = bytes.or(lengths.first().map(|digests| digests + SALT_BYTES)).unwrap_or(0);
    let decoded = source.hex(rest, bytes, Case::Any)?;
    let parts = decoded.split_at_checked(SALT_BYTES);
    let Some((salt, digest)) = parts.and_then(|(salt, all)| Some((salt, all.get(compared)?)))
    else {
        return Err(source.error(rest, "no salt and digest"));
    };
    let (salt, digest) = (salt.to_vec(), Secret::new(digest.to_vec()));
    let compute = move |password: &[u8]| {
        let password = std::str::from_utf8(password).map_err(|_| VerifyError::Mismatch)?;
        Ok(compute(password, &salt))
    };
    // Where there are two digests, both have to go.
    let digests = &rest[2 * SALT_BYTES..];
    Ok(Reading::trying(once(), digest, compute).digest_at(source, digests, '0'))
}

fn upper_case(password: &str, salt: &[u8]) -> Zeroizing<Vec<u8>> {
    as_it_is::<Sha1>(&Zeroizing::new(password.to_uppercase()), salt)
}

fn as_it_is<D: Digest>(password: &str, salt: &[u8]) -> Zeroizing<Vec<u8>> {
    let text = utf16(password, u16::to_le_bytes);
    Zeroizing::new(D::new().chain_update(&*text).chain_update(salt).finalize().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_of_mysql323() {
        // No byte counts, so that the words are those it starts from.
        assert_eq!(*mysql323(b" \t "), [0x50, 0x30, 0x57, 0x35, 0x12, 0x34, 0x56, 0x71]);
    }
}
