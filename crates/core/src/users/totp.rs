//! Codes that follow from a secret and the time: RFC 6238 with SHA-1, six digits, every 30 seconds.
//!
//! It is what every authenticator application knows; most take no other digest, length or step.

use constant_time_eq::constant_time_eq;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::Timestamp;

/// The bytes of a new secret: as many as SHA-1 gives (RFC 4226, 4, R6).
pub(super) const SECRET_BYTES: usize = 20;
const STEP_MILLIS: i64 = 30_000;
/// So many steps to each side a clock may be off (RFC 6238, 5.2).
const DRIFT: u64 = 1;

/// The latest step around `now` whose code is `code`, after the step `last` alone: a code is taken once
/// (RFC 6238, 5.2).
pub(super) fn step_of(secret: &[u8], code: &str, now: Timestamp, last: Option<u64>) -> Option<u64> {
    let now = step(now)?;
    let mut window = now.saturating_sub(DRIFT)..=now + DRIFT;
    let right =
        |step: &u64| constant_time_eq(self::code(secret, *step).as_bytes(), code.as_bytes());
    window.rfind(right).filter(|step| last.is_none_or(|last| last < *step))
}

/// The step that `time` is in, if it is not before 1970.
pub(super) fn step(time: Timestamp) -> Option<u64> {
    u64::try_from(time.as_millis() / STEP_MILLIS).ok()
}

/// The code of a step, six decimal digits.
pub(super) fn code(secret: &[u8], step: u64) -> Zeroizing<String> {
    Zeroizing::new(format!("{:06}", truncated(secret, step) % 1_000_000))
}

/// The dynamic truncation of RFC 4226, 5.3.
fn truncated(secret: &[u8], step: u64) -> u32 {
    let mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes keys of any length");
    let digest = mac.chain_update(step.to_be_bytes()).finalize().into_bytes();
    let offset = usize::from(digest[19] & 15);
    let four = [0, 1, 2, 3].map(|n| digest[offset + n]);
    u32::from_be_bytes(four) & 0x7fff_ffff
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Base32 of RFC 4648, 6, without padding, as authenticators read it.
pub(super) fn base32(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 8 / 5 + 1));
    for chunk in bytes.chunks(5) {
        let mut five = Zeroizing::new([0; 8]);
        five[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(*five);
        for place in 0..(chunk.len() * 8).div_ceil(5) {
            let digit = (bits >> (35 - 5 * place)) & 31;
            text.push(char::from(BASE32[usize::try_from(digit).unwrap_or(0)]));
        }
    }
    text
}

/// The bytes that [`base32`] wrote; `None` for what it did not write.
pub(super) fn from_base32(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() * 5 / 8));
    let (mut bits, mut held) = (0_u32, 0);
    for digit in text.bytes() {
        let value = BASE32.iter().position(|known| *known == digit)?;
        bits = (bits << 5 | u32::try_from(value).ok()?) & 0xfff;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    Some(bytes)
}

/// What a QR code shows to an authenticator: the "Key URI Format" of Google Authenticator.
pub(super) fn uri(issuer: &str, account: &str, secret: &str) -> Zeroizing<String> {
    let (issuer, account) = (encoded(issuer), encoded(account));
    Zeroizing::new(format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
    ))
}

/// Percent-encoding of all but the unreserved characters of RFC 3986, 2.3.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(byte.into());
            }
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    // RFC 6238, appendix B, the rows of SHA-1. They have eight digits.
    #[test]
    fn the_vectors_of_the_rfc() {
        for (seconds, expected) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            let step = step(Timestamp::from_millis(seconds * 1000).unwrap()).unwrap();
            assert_eq!(truncated(SECRET, step) % 100_000_000, expected, "{seconds}");
            assert_eq!(*code(SECRET, step), format!("{:06}", expected % 1_000_000));
        }
    }

    // RFC 4226, appendix D.
    #[test]
    fn the_vectors_of_the_counter() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (step, expected) in (0..).zip(codes) {
            assert_eq!(*code(SECRET, step), expected);
        }
    }

    #[test]
    fn a_clock_may_be_one_step_off() {
        let at = |step: i64| Timestamp::from_millis(step * STEP_MILLIS).unwrap();
        let five = code(SECRET, 5);
        for (now, expected) in [(3, None), (4, Some(5)), (5, Some(5)), (6, Some(5)), (7, None)] {
            assert_eq!(step_of(SECRET, &five, at(now), None), expected, "{now}");
        }
        assert_eq!(step_of(SECRET, &five, at(5), Some(4)), Some(5));
        assert_eq!(step_of(SECRET, &five, at(5), Some(5)), None, "it was used");
        assert_eq!(step_of(SECRET, &five, at(5), Some(6)), None, "a later one was used");
        assert_eq!(step_of(SECRET, &code(SECRET, 0), at(0), None), Some(0));
        assert_eq!(step_of(SECRET, &five, at(-9), None), None);
        for odd in ["", "1", "25467", "2546760", " 254676"] {
            assert_eq!(step_of(SECRET, odd, at(5), None), None, "{odd}");
        }
    }

    // RFC 4648, 10, without the padding.
    #[test]
    fn base32_both_ways() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(*base32(bytes.as_bytes()), text);
            assert_eq!(from_base32(text).unwrap().as_slice(), bytes.as_bytes());
        }
        assert_eq!(from_base32("mzxw6"), None);
    }

    #[test]
    fn a_uri_is_encoded() {
        assert_eq!(
            *uri("Ann & Co", "ann@x.co", "MZXW6"),
            "otpauth://totp/Ann%20%26%20Co:ann%40x.co?secret=MZXW6&issuer=Ann%20%26%20Co\
             &algorithm=SHA1&digits=6&period=30"
        );
    }
}
