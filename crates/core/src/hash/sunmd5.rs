//! MD5 crypt of Sun, by Alec Muffett: `$md5,rounds=904$salt$$digest`.
//!
//! Every round hashes the state and its number, and, on the toss of a coin that the state decides, a
//! soliloquy of Hamlet's. What is hashed along with the password is the text up to the salt, with a
//! `$` after it if two follow; both forms are found in the wild.

use md5::{Digest as _, Md5};
use zeroize::{Zeroize as _, Zeroizing};

use super::cost::unit;
use super::crypt::{Format, Reading, Source};
use super::encoding::to_crypt64;
use super::md5crypt::ORDER;
use super::scheme::Scheme;
use super::{Cost, HashError};

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[&Format {
    name: "sunmd5",
    title: "MD5 crypt of Sun",
    recognises: |text| {
        let end = text.strip_prefix("$md5").filter(|rest| rest.starts_with(['$', ',']));
        let digest = end.and_then(|rest| rest.rsplit_once('$'));
        digest.is_some_and(|(_, digest)| {
            digest.len() == DIGEST_CHARACTERS
                && super::encoding::check_crypt64("", "", digest, 0).is_ok()
        })
    },
    read,
    ..Format::LEGACY
}];

const DIGEST_CHARACTERS: usize = 22;
/// Rounds that every hash has, beyond those in its text.
const BASE_ROUNDS: u32 = 4096;

fn read(source: &Source<'_>) -> Result<Reading, HashError> {
    let rest = source.after("$md5")?;
    if !rest.starts_with(['$', ',']) {
        return Err(source.error(rest, "no `$` or `,` after `$md5`"));
    }
    let rest = &rest[1..];
    let (mut rounds, mut salted) = (0, rest);
    if let Some(after) = rest.strip_prefix("rounds=") {
        let (number, after) = source.split(after, '$', "rounds")?;
        rounds = source.number(number, "rounds")?;
        if rounds > u64::from(u32::MAX - BASE_ROUNDS) {
            return Err(source.error(number, "more rounds than 4294963199"));
        }
        salted = after;
    } else if source.text.starts_with("$md5,") {
        return Err(source.error(rest, "no `rounds=` after the comma"));
    }
    let (salt, digest) = source.split(salted, '$', "salt")?;
    source.salt(salt, 0, 16)?;
    let (digest, doubled) = match digest.strip_prefix('$') {
        Some(digest) => (digest, 1),
        None => (digest, 0),
    };
    let hashed = source.offset(salt) + salt.len() + doubled;
    let setting = source.text.as_bytes()[..hashed].to_vec();
    let digest = source.digest64(digest, DIGEST_CHARACTERS)?;
    source.bound("rounds", rounds, source.limits.sunmd5_rounds)?;
    let all = u32::try_from(rounds)
        .ok()
        .and_then(|rounds| rounds.checked_add(BASE_ROUNDS))
        .ok_or_else(|| source.error(salted, "more rounds than 4294963199"))?;
    // Every second round hashes Hamlet, which takes some 25 blocks.
    let cost = Cost::of(0, all.into(), 14 * unit::DIGEST);
    Ok(Reading::comparing(cost, digest, move |password| compute(password, &setting, all))
        .with("rounds", all))
}

fn compute(password: &[u8], setting: &[u8], rounds: u32) -> Zeroizing<Vec<u8>> {
    let mut state: [u8; 16] = Md5::new().chain_update(password).chain_update(setting).finalize().0;
    for round in 0..rounds {
        let mut digest = Md5::new().chain_update(state);
        if coin(&state, round) {
            digest.update(HAMLET);
        }
        digest.update(round.to_string());
        state = digest.finalize().0;
    }
    let text = to_crypt64(ORDER.map(|i| state[i]));
    state.zeroize();
    text
}

/// The toss of the coin: one bit, from two that the state and the round's number point to.
fn coin(state: &[u8; 16], round: u32) -> bool {
    let bit = |n: u32| state[(n / 8 % 16) as usize] >> (n % 8) & 1;
    // Eight bits, each picked by a pair of bytes from `start` on.
    let pick = |start: usize| {
        (0..8).fold(0, |byte, i| {
            let a = state[(start + i) % 16];
            let b = state[(start + i + 3) % 16];
            let chosen = state[usize::from(a >> (b % 5)) % 16];
            let index = if b >> (a % 8) & 1 == 1 { chosen / 2 } else { chosen };
            byte | u32::from(bit(index.into())) << i
        })
    };
    let halved = |byte: u32, by: u8| byte >> by;
    let x = halved(pick(0), bit(round));
    let y = halved(pick(8), bit(round.wrapping_add(64)));
    bit(x) != bit(y)
}

/// Act 3, scene 1, in the wording of Project Gutenberg's first edition, with the NUL of C's string.
const HAMLET: &[u8] = b"To be, or not to be,--that is the question:--
Whether 'tis nobler in the mind to suffer
The slings and arrows of outrageous fortune
Or to take arms against a sea of troubles,
And by opposing end them?--To die,--to sleep,--
No more; and by a sleep to say we end
The heartache, and the thousand natural shocks
That flesh is heir to,--'tis a consummation
Devoutly to be wish'd. To die,--to sleep;--
To sleep! perchance to dream:--ay, there's the rub;
For in that sleep of death what dreams may come,
When we have shuffled off this mortal coil,
Must give us pause: there's the respect
That makes calamity of so long life;
For who would bear the whips and scorns of time,
The oppressor's wrong, the proud man's contumely,
The pangs of despis'd love, the law's delay,
The insolence of office, and the spurns
That patient merit of the unworthy takes,
When he himself might his quietus make
With a bare bodkin? who would these fardels bear,
To grunt and sweat under a weary life,
But that the dread of something after death,--
The undiscover'd country, from whose bourn
No traveller returns,--puzzles the will,
And makes us rather bear those ills we have
Than fly to others that we know not of?
Thus conscience does make cowards of us all;
And thus the native hue of resolution
Is sicklied o'er with the pale cast of thought;
And enterprises of great pith and moment,
With this regard, their currents turn awry,
And lose the name of action.--Soft you now!
The fair Ophelia!--Nymph, in thy orisons
Be all my sins remember'd.
\0";
