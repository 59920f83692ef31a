//! The users of `samples/users.jsonl`, whose rules `samples/README.md` tells.
//!
//! The hashes are made by the libraries of `RustCrypto` and by `bcrypt`, put together here and not by the
//! engine of rollbook, so that importing and signing in compares two implementations.

use aes::cipher::{KeyIvInit as _, StreamCipher as _};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};

/// How many users there are.
pub(crate) const USERS: u32 = 1100;

/// The lines of the file.
pub(crate) fn sample() -> String {
    let mut dice = Dice(0x726f_6c6c_626f_6f6b);
    let mut lines = String::new();
    for number in 1..=USERS {
        lines += &user(number, &mut dice).to_string();
        lines.push('\n');
    }
    lines
}

/// The password of the user with this number.
pub(crate) fn password(number: u32) -> String {
    format!("Passw0rd-{number:04}")
}

/// Splitmix64: one seed, one file.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// True once in `times`.
    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).expect("an index fits")]
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next().to_le_bytes()[0])
    }
}

/// A name, and its ASCII form for the e-mail.
static GIVEN: &[(&str, &str)] = &[
    ("Ann", "ann"),
    ("Zoë", "zoe"),
    ("José", "jose"),
    ("Siobhán", "siobhan"),
    ("Łukasz", "lukasz"),
    ("Jürgen", "juergen"),
    ("Amélie", "amelie"),
    ("Nguyễn", "nguyen"),
    ("Håkon", "haakon"),
    ("Ivan", "ivan"),
    ("Fatima", "fatima"),
    ("Kwame", "kwame"),
    ("Mary-Jane", "mary-jane"),
    ("Chloé", "chloe"),
    ("Noah", "noah"),
    ("Ólafur", "olafur"),
    ("Ravi", "ravi"),
    ("Ximena", "ximena"),
    ("Björk", "bjork"),
    ("Tom", "tom"),
];

static FAMILY: &[(&str, &str)] = &[
    ("O'Neill", "oneill"),
    ("Müller", "mueller"),
    ("García Márquez", "garcia.marquez"),
    ("D'Angelo", "dangelo"),
    ("Nowak", "nowak"),
    ("Smith", "smith"),
    ("van der Berg", "vanderberg"),
    ("Đặng", "dang"),
    ("Ångström", "angstrom"),
    ("Çelik", "celik"),
    ("Okafor", "okafor"),
    ("Singh", "singh"),
    ("Sørensen", "sorensen"),
    ("Petrović", "petrovic"),
    ("Saint-Exupéry", "saint-exupery"),
    ("Ng", "ng"),
];

static WHOLE: &[(&str, &str)] = &[
    ("山田太郎", "yamada.taro"),
    ("佐藤 花子", "sato.hanako"),
    ("王小明", "wang.xiaoming"),
    ("김민준", "kim.minjun"),
    ("Анна Иванова", "anna.ivanova"),
    ("Γιώργος Παπαδόπουλος", "giorgos.papadopoulos"),
    ("محمد علي", "mohamed.ali"),
    ("שרה כהן", "sara.cohen"),
    ("प्रिया शर्मा", "priya.sharma"),
];

/// The moment of the export, 2024-03-01T00:00:00Z, in seconds.
const EXPORTED: u64 = 1_709_251_200;

fn user(number: u32, dice: &mut Dice) -> Value {
    let (name, address) = if dice.once_in(5) {
        let (name, address) = dice.pick(WHOLE);
        (name.to_owned(), address.to_owned())
    } else {
        let (given, family) = (dice.pick(GIVEN), dice.pick(FAMILY));
        (format!("{} {}", given.0, family.0), format!("{}.{}", given.1, family.1))
    };
    let phone_only = number.is_multiple_of(25);
    let phone = phone_only || dice.once_in(4);
    let domain = dice.pick(&["example.com", "example.org", "mail.example.net"]);
    let (hash, password, options) = if number % 40 == 7 {
        ("argon2", None, json!({"type": "argon2"}))
    } else {
        let (hash, text, options) = credential(number, dice);
        (hash, Some(text), options)
    };
    let registered = EXPORTED - 86_400 - dice.below(5 * 365 * 86_400);
    let changed = registered + dice.below(EXPORTED - registered);
    let seen = registered + dice.below(EXPORTED - registered);
    let labels: &[&str] =
        dice.pick(&[&[], &[], &[], &["vip"], &["beta", "staff"], &["newsletter"]]);
    let prefs = match dice.below(4) {
        0 => json!({"theme": "dark", "language": dice.pick(&["de", "en", "ja", "pt"])}),
        1 => json!({"mail": {"weekly": dice.once_in(2)}, "pages": [1, 2, dice.below(100)]}),
        _ => json!({}),
    };
    json!({
        "$id": format!("u{number:04}"),
        "$createdAt": time(registered, dice.below(1000)),
        "$updatedAt": time(changed, dice.below(1000)),
        "name": name,
        "password": password,
        "hash": hash,
        "hashOptions": options,
        "registration": time(registered, 0),
        "status": number % 50 != 3,
        "labels": labels,
        "passwordUpdate": if password.is_some() { time(changed, 0) } else { String::new() },
        "email": if phone_only { String::new() } else { format!("{address}.{number}@{domain}") },
        "phone": if phone { format!("+1415555{number:04}") } else { String::new() },
        "emailVerification": !phone_only && dice.once_in(2),
        "phoneVerification": phone && dice.once_in(2),
        "prefs": prefs,
        "accessedAt": if dice.once_in(3) { String::new() } else { time(seen / 86_400 * 86_400, 0) },
    })
}

/// The schemes, one user after the other: algorithm, hash text and options.
fn credential(number: u32, dice: &mut Dice) -> (&'static str, String, Value) {
    let secret = password(number);
    let password = secret.as_bytes();
    // 26 kinds, of which the expensive one has every thirtieth user.
    if number.is_multiple_of(30) {
        return scrypt_modified(password, dice);
    }
    match number % 25 {
        0 | 1 => ("argon2", argon2(Algorithm::Argon2id, password, dice), json!({"type": "argon2"})),
        2 => ("argon2", argon2(Algorithm::Argon2i, password, dice), json!({"type": "argon2"})),
        3 => ("argon2", argon2(Algorithm::Argon2d, password, dice), json!({"type": "argon2"})),
        4 | 5 => ("bcrypt", bcrypt("2y", password, dice), json!({"type": "bcrypt"})),
        6 => ("bcrypt", bcrypt("2a", password, dice), json!({"type": "bcrypt"})),
        7 => ("bcrypt", bcrypt("2b", password, dice), json!({"type": "bcrypt", "cost": 4})),
        // The defect of 2x shows for bytes above 127 only, and these passwords have none.
        8 => ("bcrypt", bcrypt("2x", password, dice), json!({"type": "bcrypt"})),
        9 => ("md5", hex(&Md5::digest(password)), json!({"type": "md5"})),
        10 => ("phpass", phpass("$P$", password, dice), json!({"type": "phpass"})),
        11 => ("phpass", phpass("$H$", password, dice), json!({"type": "phpass"})),
        12 | 13 => scrypt(password, dice),
        14 => sha::<Sha1>("sha1", password),
        15 => sha::<Sha224>("sha224", password),
        16 => sha::<Sha256>("sha256", password),
        17 => sha::<Sha384>("sha384", password),
        18 => sha::<Sha512_224>("sha512/224", password),
        19 => sha::<Sha512_256>("sha512/256", password),
        20 => sha::<Sha512>("sha512", password),
        21 => sha::<Sha3_224>("sha3-224", password),
        22 => sha::<Sha3_256>("sha3-256", password),
        23 => sha::<Sha3_384>("sha3-384", password),
        _ => sha::<Sha3_512>("sha3-512", password),
    }
}

fn argon2(algorithm: Algorithm, password: &[u8], dice: &mut Dice) -> String {
    let (memory, passes) = (dice.pick(&[8, 16, 64]), dice.pick(&[1, 2]));
    let salt: [u8; 16] = dice.bytes();
    let params = Params::new(memory, passes, 1, Some(32)).expect("legal parameters");
    let mut tag = [0; 32];
    Argon2::new(algorithm, Version::V0x13, params)
        .hash_password_into(password, &salt, &mut tag)
        .expect("legal parameters");
    format!(
        "${}$v=19$m={memory},t={passes},p=1${}${}",
        algorithm.as_str(),
        STANDARD_NO_PAD.encode(salt),
        STANDARD_NO_PAD.encode(tag)
    )
}

fn bcrypt(version: &str, password: &[u8], dice: &mut Dice) -> String {
    let hash = bcrypt::hash_with_salt(password, 4, dice.bytes()).expect("a legal cost");
    format!("${version}$04${}", &hash.format_for_version(bcrypt::Version::TwoB)[7..])
}

/// The portable hash of PHPass with 2^7 rounds, the fewest there are.
fn phpass(tag: &str, password: &[u8], dice: &mut Dice) -> String {
    const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let letter = |value: u32| char::from(ALPHABET[(value & 63) as usize]);
    let salt: String = dice.bytes::<8>().iter().map(|byte| letter((*byte).into())).collect();
    let mut digest = Md5::new_with_prefix(&salt).chain_update(password).finalize();
    for _ in 0..1 << 7 {
        digest = Md5::new_with_prefix(digest).chain_update(password).finalize();
    }
    let encoded: String = digest
        .chunks(3)
        .flat_map(|chunk| {
            let value = chunk.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
            (0..=chunk.len()).map(move |at| letter(value >> (6 * at)))
        })
        .collect();
    format!("{tag}{}{salt}{encoded}", letter(7))
}

fn scrypt(password: &[u8], dice: &mut Dice) -> (&'static str, String, Value) {
    let (log_n, r, p, length) =
        (dice.pick(&[4, 5, 6]), dice.pick(&[2, 8]), 1, dice.pick(&[32, 64]));
    let salt = hex(&dice.bytes::<8>());
    let mut key = vec![0; length];
    let params = scrypt::Params::new(log_n, r, p).expect("legal parameters");
    scrypt::scrypt(password, salt.as_bytes(), &params, &mut key).expect("a legal length");
    let options = json!({
        "type": "scrypt",
        "salt": salt,
        "costCpu": 1 << log_n,
        "costMemory": r,
        "costParallel": p,
        "length": length,
    });
    ("scrypt", hex(&key), options)
}

/// Firebase's scrypt: its cost is fixed. The signer key belongs to the project, so all users share it.
fn scrypt_modified(password: &[u8], dice: &mut Dice) -> (&'static str, String, Value) {
    const SIGNER_KEY: [u8; 64] =
        *b"The signer key of a project that never was; sixty-four bytes....";
    const SEPARATOR: [u8; 1] = [7];
    let salt: [u8; 10] = dice.bytes();
    let mut key = [0; 64];
    let params = scrypt::Params::new(14, 8, 1).expect("legal parameters");
    let salted = [&salt[..], &SEPARATOR].concat();
    scrypt::scrypt(password, &salted, &params, &mut key).expect("a legal length");
    let mut text = SIGNER_KEY;
    let key = key[..32].try_into().expect("half of 64 bytes");
    ctr::Ctr128BE::<aes::Aes256>::new(key, &[0; 16].into()).apply_keystream(&mut text);
    let options = json!({
        "type": "scryptMod",
        "salt": STANDARD.encode(salt),
        "saltSeparator": STANDARD.encode(SEPARATOR),
        "signerKey": STANDARD.encode(SIGNER_KEY),
    });
    ("scryptMod", STANDARD.encode(text), options)
}

fn sha<D: Digest>(version: &str, password: &[u8]) -> (&'static str, String, Value) {
    let mut options = Map::new();
    options.insert("version".to_owned(), version.into());
    // Some releases wrote the type too.
    if version.len().is_multiple_of(2) {
        options.insert("type".to_owned(), "sha".into());
    }
    ("sha", hex(&D::digest(password)), Value::Object(options))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A time as the API prints it. Only the days of the Gregorian calendar need thought; this is the
/// algorithm of Howard Hinnant's `civil_from_days`.
fn time(seconds: u64, millis: u64) -> String {
    let (days, second) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}.{millis:03}+00:00",
        second % 60
    )
}
