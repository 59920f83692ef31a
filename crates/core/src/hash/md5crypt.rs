//! MD5 crypt of FreeBSD (`$1$salt$digest`), and the same under Apache's name (`$apr1$`) and AIX's
//! (`{smd5}`): a thousand rounds of MD5.
//!
//! The three differ in the magic text that is hashed along, which is empty on AIX.

use md5::{Digest as _, Md5};
use zeroize::{Zeroize as _, Zeroizing};

use super::cost::unit;
use super::crypt::{Format, Reading, Source};
use super::encoding::to_crypt64;
use super::scheme::Scheme;
use super::work::{Crypt, Function, Work};
use super::{Cost, HashError};

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[
    &Format {
        name: "md5crypt",
        title: "MD5 crypt",
        recognises: |text| text.starts_with("$1$"),
        read: |source| read(source, "$1$", "$1$"),
        ..FORMAT
    },
    &Format {
        name: "apr1",
        title: "MD5 crypt of Apache",
        recognises: |text| text.starts_with("$apr1$"),
        read: |source| read(source, "$apr1$", "$apr1$"),
        ..FORMAT
    },
    &Format {
        name: "aix-smd5",
        title: "MD5 crypt of AIX",
        // `{smd5}` may also be an LDAP scheme in lower case, whose base64 has no `$`.
        recognises: |text| text.starts_with("{smd5}") && text.contains('$'),
        read: |source| read(source, "{smd5}", ""),
        ..FORMAT
    },
];

const FORMAT: Format =
    Format { notes: &["a thousand rounds of MD5 are quickly guessed at"], ..Format::LEGACY };

const ROUNDS: u32 = 1000;
const DIGEST_CHARACTERS: usize = 22;

fn read(source: &Source<'_>, prefix: &str, magic: &'static str) -> Result<Reading, HashError> {
    let (salt, digest) = source.split(source.after(prefix)?, '$', "salt")?;
    let salt = source.salt(salt, 0, 8)?;
    let (part, digest) = (digest, source.digest64(digest, DIGEST_CHARACTERS)?);
    let cost = Cost::of(0, ROUNDS.into(), unit::DIGEST);
    let recipe = move |password: &[u8]| Ok(work(password, magic.as_bytes(), &salt));
    Ok(Reading::working(cost, digest, recipe, |state| to_crypt64(ORDER.map(|i| state[i])))
        .with("rounds", ROUNDS)
        .digest_at(source, part, '.'))
}

/// The order in which the bytes of a digest are written; that of Sun's MD5 too.
pub(super) const ORDER: [usize; 16] = [12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11];

/// The digest before the first round, and the rounds.
fn work(password: &[u8], magic: &[u8], salt: &[u8]) -> Work<'static> {
    let mut inner =
        Md5::new().chain_update(password).chain_update(salt).chain_update(password).finalize();
    let mut first = Md5::new().chain_update(password).chain_update(magic).chain_update(salt);
    for chunk in password.chunks(16) {
        first.update(&inner[..chunk.len()]);
    }
    // The bits of the length, and the password's first byte where a copy of `inner` was meant.
    let mut length = password.len();
    while length > 0 {
        first.update(if length & 1 == 1 { &[0] } else { &password[..1] });
        length >>= 1;
    }
    inner.as_mut_slice().zeroize();
    let mut state = first.finalize();
    let first = Zeroizing::new(state.to_vec()).into();
    state.as_mut_slice().zeroize();
    Crypt {
        function: Function::Md5,
        first,
        password: Zeroizing::new(password.to_vec()).into(),
        salt: Zeroizing::new(salt.to_vec()).into(),
        rounds: ROUNDS,
    }
    .into()
}
