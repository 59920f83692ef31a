//! PBKDF2 (RFC 8018): one function, and the many ways in which software writes its result down.
//!
//! Most formats are a [`Layout`]: a head that names the digest, then iterations, salt and key between
//! separators. The others are read by a function each, in [`layouts`](super::pbkdf2_layouts).
//!
//! A derived key begins with every shorter one, so a cut key would verify: the key's length is the
//! format's, or at least declared beside it, and never under 16 bytes.

use zeroize::Zeroizing;

use super::coding::Coding;
use super::format::{Core, Format, Input, Looks, Read};
use super::prf::{self, Prf, SHA1, SHA224, SHA256, SHA384, SHA512};
use super::recognise::foreign;
use super::scheme::Scheme;
use super::secret::Secret;
use super::work::{self, Work};
use super::{Cost, CostClass, Explanation, HashError, Standing, VerifyError, pbkdf2_layouts};

/// Bytes of a key: the least keeps prefixes out, the most keeps a text from asking for output without
/// end (passport-local-mongoose takes 512).
const KEY_BYTES: std::ops::RangeInclusive<usize> = 16..=512;

/// A format of a head and three parts.
pub(super) struct Layout {
    /// What texts begin with, by digest.
    heads: &'static [(&'static str, &'static Prf)],
    separator: char,
    order: [Part; 3],
    /// 16 where iterations are hexadecimal.
    radix: u32,
    salt: Coding,
    /// Whether the software takes an empty salt.
    salt_may_be_empty: bool,
    key: Coding,
    /// Bytes of the key, if not those of the digest.
    key_bytes: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Iterations,
    Salt,
    Key,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Iterations => "iterations",
            Self::Salt => "salt",
            Self::Key => "key",
        }
    }
}

/// `$`-separated iterations, salt and key of the digest's length.
const PLAIN: Layout = Layout {
    heads: &[],
    separator: '$',
    order: [Part::Iterations, Part::Salt, Part::Key],
    radix: 10,
    salt: Coding::Text,
    salt_may_be_empty: false,
    key: Coding::Base64,
    key_bytes: None,
};

const fn row(
    name: &'static str,
    title: &'static str,
    looks: Looks,
    data: Layout,
) -> Format<Layout> {
    Format { name, title, aliases: &[], keys: &[], looks, parse: read, data }
}

static PASSLIB: Format<Layout> = row(
    "passlib-pbkdf2",
    "PBKDF2 of passlib",
    Looks::Parses(&["$pbkdf2"]),
    Layout {
        heads: &[("$pbkdf2$", &SHA1), ("$pbkdf2-sha256$", &SHA256), ("$pbkdf2-sha512$", &SHA512)],
        salt: Coding::Adapted,
        salt_may_be_empty: true,
        key: Coding::Adapted,
        ..PLAIN
    },
);

static DJANGO_SHA256: Format<Layout> = row(
    "django-pbkdf2-sha256",
    "PBKDF2 of Django, SHA-256",
    Looks::Parses(&["pbkdf2_sha256$"]),
    Layout { heads: &[("pbkdf2_sha256$", &SHA256)], ..PLAIN },
);

static DJANGO_SHA1: Format<Layout> = row(
    "django-pbkdf2-sha1",
    "PBKDF2 of Django, SHA-1",
    Looks::Parses(&["pbkdf2_sha1$"]),
    Layout { heads: &[("pbkdf2_sha1$", &SHA1)], ..PLAIN },
);

static CLERK_SHA256: Format<Layout> = row(
    "clerk-pbkdf2-sha256",
    "PBKDF2 of Clerk, SHA-256",
    Looks::Parses(&["pbkdf2_sha256$"]),
    Layout { heads: &[("pbkdf2_sha256$", &SHA256)], salt: Coding::Base64, ..PLAIN },
);

static CLERK_SHA512: Format<Layout> = row(
    "clerk-pbkdf2-sha512",
    "PBKDF2 of Clerk, SHA-512",
    Looks::Begins(&["pbkdf2_sha512$"]),
    Layout { heads: &[("pbkdf2_sha512$", &SHA512)], key: Coding::Hex, ..PLAIN },
);

static CLERK_SHA512_HEX: Format<Layout> = row(
    "clerk-pbkdf2-sha512-hex",
    "PBKDF2 of Clerk, SHA-512, in hex",
    Looks::Begins(&["pbkdf2_sha512_hex$"]),
    Layout {
        heads: &[("pbkdf2_sha512_hex$", &SHA512)],
        salt: Coding::Hex,
        key: Coding::Hex,
        ..PLAIN
    },
);

static WERKZEUG: Format<Layout> = row(
    "werkzeug-pbkdf2",
    "PBKDF2 of Werkzeug",
    Looks::Begins(&["pbkdf2:"]),
    Layout {
        heads: &[
            ("pbkdf2:sha1:", &SHA1),
            ("pbkdf2:sha224:", &SHA224),
            ("pbkdf2:sha256:", &SHA256),
            ("pbkdf2:sha384:", &SHA384),
            ("pbkdf2:sha512:", &SHA512),
            ("pbkdf2:md5:", &prf::MD5),
        ],
        key: Coding::Hex,
        ..PLAIN
    },
);

static GRUB: Format<Layout> = row(
    "grub-pbkdf2-sha512",
    "PBKDF2 of GRUB",
    Looks::Begins(&["grub.pbkdf2."]),
    Layout {
        heads: &[("grub.pbkdf2.sha512.", &SHA512)],
        separator: '.',
        salt: Coding::AnyHex,
        key: Coding::AnyHex,
        ..PLAIN
    },
);

static CTA: Format<Layout> = row(
    "cta-pbkdf2-sha1",
    "PBKDF2 of cryptacular",
    Looks::Parses(&["$p5k2$"]),
    Layout {
        heads: &[("$p5k2$", &SHA1)],
        radix: 16,
        salt: Coding::UrlSafe,
        salt_may_be_empty: true,
        key: Coding::UrlSafe,
        ..PLAIN
    },
);

static ELASTIC: Format<Layout> = row(
    "elastic-pbkdf2",
    "PBKDF2 of Elasticsearch",
    Looks::Parses(&["{PBKDF2}", STRETCH]),
    Layout {
        heads: &[("{PBKDF2}", &SHA512), (STRETCH, &SHA512)],
        salt: Coding::Base64,
        key_bytes: Some(32),
        ..PLAIN
    },
);

/// The head of Elasticsearch's second form: the password is the hex of its SHA-512.
const STRETCH: &str = "{PBKDF2_STRETCH}";

static COUCHDB: Format<Layout> = row(
    "couchdb-pbkdf2",
    "PBKDF2 of CouchDB",
    Looks::Begins(&["-pbkdf2-"]),
    Layout {
        heads: &[("-pbkdf2-", &SHA1)],
        separator: ',',
        order: [Part::Key, Part::Salt, Part::Iterations],
        key: Coding::Hex,
        ..PLAIN
    },
);

static MOSQUITTO: Format<Layout> = row(
    "mosquitto-pbkdf2",
    "PBKDF2 of Mosquitto",
    Looks::Parses(&["$7$"]),
    Layout { heads: &[("$7$", &SHA512)], salt: Coding::Base64, ..PLAIN },
);

static DOVECOT: Format<Layout> = row(
    "dovecot-pbkdf2",
    "PBKDF2 of Dovecot",
    Looks::Begins(&["{PBKDF2}$1$"]),
    Layout {
        heads: &[("{PBKDF2}$1$", &SHA1)],
        order: [Part::Salt, Part::Iterations, Part::Key],
        key: Coding::Hex,
        ..PLAIN
    },
);

static LDAP: Format<Layout> = row(
    "ldap-pbkdf2",
    "PBKDF2 of OpenLDAP",
    Looks::Parses(&["{PBKDF2}", "{PBKDF2-"]),
    Layout {
        heads: &[
            ("{PBKDF2}", &SHA1),
            ("{PBKDF2-SHA1}", &SHA1),
            ("{PBKDF2-SHA256}", &SHA256),
            ("{PBKDF2-SHA512}", &SHA512),
        ],
        salt: Coding::Adapted,
        key: Coding::Adapted,
        ..PLAIN
    },
);

static DS389: Format<Layout> = row(
    "389ds-pbkdf2",
    "PBKDF2 of 389 Directory Server",
    Looks::Parses(&["{PBKDF2-"]),
    Layout {
        heads: &[
            ("{PBKDF2-SHA1}", &SHA1),
            ("{PBKDF2-SHA256}", &SHA256),
            ("{PBKDF2-SHA512}", &SHA512),
        ],
        salt: Coding::Base64,
        ..PLAIN
    },
);

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[
    &PASSLIB,
    &DJANGO_SHA256,
    &DJANGO_SHA1,
    &CLERK_SHA256,
    &CLERK_SHA512,
    &CLERK_SHA512_HEX,
    &WERKZEUG,
    &GRUB,
    &CTA,
    &ELASTIC,
    &COUCHDB,
    &MOSQUITTO,
    &DOVECOT,
    &LDAP,
    &DS389,
    &pbkdf2_layouts::PBKDF2,
    &pbkdf2_layouts::PHC,
    &pbkdf2_layouts::KRATOS,
    &pbkdf2_layouts::CLERK_SHA1,
    &pbkdf2_layouts::WEB2PY,
    &pbkdf2_layouts::ATLASSIAN,
    &pbkdf2_layouts::DLITZ,
    &pbkdf2_layouts::SYMFONY,
    &pbkdf2_layouts::KEYCLOAK,
    &pbkdf2_layouts::FUSIONAUTH,
    &pbkdf2_layouts::DS389_BLOB,
    &pbkdf2_layouts::ASPNET,
];

fn read(input: &Input<'_>, layout: &Layout) -> Read {
    let Some((head, prf)) = layout.heads.iter().find(|(head, _)| input.text.starts_with(head))
    else {
        let heads: Vec<_> = layout.heads.iter().map(|(head, _)| *head).collect();
        return Err(foreign(input.scheme, &heads.join(" or "), input.text));
    };
    let names = layout.order.map(Part::name);
    let fields = input.split(input.after(head)?, layout.separator, names)?;
    let (mut iterations, mut salt, mut key) = ((0, ""), (0, ""), (0, ""));
    for (field, part) in fields.into_iter().zip(layout.order) {
        *match part {
            Part::Iterations => &mut iterations,
            Part::Salt => &mut salt,
            Part::Key => &mut key,
        } = field;
    }
    if salt.1.is_empty() && !layout.salt_may_be_empty {
        return Err(input.malformed("the salt is empty").at(salt.0));
    }
    let wanted = layout.key_bytes.unwrap_or(prf.bytes);
    let rounds = input.positive("number of iterations", iterations, layout.radix)?;
    let salt_bytes = layout.salt.decode(input, "salt", salt)?;
    let key_bytes = Zeroizing::new(layout.key.decode(input, "key", key)?);
    if key_bytes.len() != wanted {
        let what = format!("a key of {} bytes where {wanted} are needed", key_bytes.len());
        let error = input.malformed(what).at(key.0);
        let cut = key_bytes.len() < wanted;
        return Err(if cut { error.hint("the text was cut") } else { error });
    }
    let mut hash = Pbkdf2::new(input, prf, rounds, salt_bytes, key_bytes.to_vec())?;
    hash.stretched = *head == STRETCH;
    Ok(Box::new(hash))
}

/// A derived key and what it was derived with.
#[derive(Debug)]
pub(super) struct Pbkdf2 {
    prf: &'static Prf,
    rounds: u32,
    salt: Vec<u8>,
    key: Secret,
    /// Whether the password is hashed to hex first.
    stretched: bool,
    note: Option<&'static str>,
}

impl Pbkdf2 {
    /// Checks what holds for every format, and the limits.
    pub(super) fn new(
        input: &Input<'_>,
        prf: &'static Prf,
        rounds: u64,
        salt: Vec<u8>,
        key: Vec<u8>,
    ) -> Result<Self, HashError> {
        let key = Secret::new(key);
        if rounds == 0 {
            return Err(input.malformed("0 iterations where at least 1 is needed"));
        }
        if !KEY_BYTES.contains(&key.len()) {
            let (least, most) = (KEY_BYTES.start(), KEY_BYTES.end());
            let what = format!("a key of {} bytes is not between {least} and {most}", key.len());
            return Err(input.malformed(what).hint("a cut key would verify all the same"));
        }
        let work = rounds.saturating_mul(blocks(prf, key.len()));
        input.bounded("iterations times blocks of output", work, input.limits.pbkdf2_rounds)?;
        let rounds = u32::try_from(rounds)
            .map_err(|_| input.malformed(format!("{rounds} iterations are over 2^32 - 1")))?;
        Ok(Self { prf, rounds, salt, key, stretched: false, note: None })
    }

    /// The same with something that a reader should know.
    pub(super) fn with_note(self, note: &'static str) -> Self {
        Self { note: Some(note), ..self }
    }
}

fn blocks(prf: &Prf, bytes: usize) -> u64 {
    bytes.div_ceil(prf.bytes) as u64
}

impl Pbkdf2 {
    fn derivation<'a>(&'a self, password: &'a [u8]) -> Work<'a> {
        let password = if self.stretched {
            prf::hex(&(SHA512.digest)(&[password])).into()
        } else {
            password.into()
        };
        work::Pbkdf2 {
            prf: self.prf,
            password,
            salt: self.salt.as_slice().into(),
            rounds: self.rounds,
            bytes: self.key.len(),
        }
        .into()
    }
}

impl Core for Pbkdf2 {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        self.conclude(&self.derivation(password).alone("pbkdf2")?)
    }

    fn work<'a>(&'a self, password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        Ok(Some(self.derivation(password)))
    }

    fn conclude(&self, outcome: &[u8]) -> Result<(), VerifyError> {
        self.key.matches(outcome)
    }

    fn cost(&self) -> Cost {
        // A thief computes the first block only, so the class is that of one.
        let first = Cost::of(0, self.rounds.into(), self.prf.nanoseconds);
        Cost { work: first.work.saturating_mul(blocks(self.prf, self.key.len())), ..first }
    }

    fn explain(&self) -> Explanation {
        let mut notes = Vec::new();
        if self.stretched {
            notes.push("the password is replaced by the hex of its SHA-512 first".to_owned());
        }
        let blocks = blocks(self.prf, self.key.len());
        if blocks > 1 {
            notes.push(format!(
                "the key takes {blocks} blocks to verify, but only the first one to guess"
            ));
        }
        if self.salt.is_empty() {
            notes.push("the salt is empty, so equal passwords have equal hashes".to_owned());
        }
        notes.extend(self.note.map(str::to_owned));
        let cost = self.cost();
        let broken = cost.class == CostClass::None || self.salt.is_empty();
        Explanation {
            scheme: "pbkdf2",
            title: format!("PBKDF2, HMAC-{}", self.prf.title),
            parameters: vec![
                ("iterations", self.rounds.to_string()),
                ("salt bytes", self.salt.len().to_string()),
                ("key bytes", self.key.len().to_string()),
            ],
            cost,
            standing: if broken { Standing::Broken } else { Standing::Legacy },
            notes,
        }
    }
}
