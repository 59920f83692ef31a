//! libsodium.

use std::ffi::{c_char, c_int, c_ulonglong};

use libloading::Library;

use crate::{function, open};

type Init = unsafe extern "C" fn() -> c_int;
type Pwhash = unsafe extern "C" fn(
    out: *mut u8,
    out_length: c_ulonglong,
    password: *const c_char,
    password_length: c_ulonglong,
    salt: *const u8,
    passes: c_ulonglong,
    bytes: usize,
    algorithm: c_int,
) -> c_int;

/// libsodium.
#[derive(Debug)]
pub struct Sodium {
    crypto_pwhash: Pwhash,
    _library: Library,
}

/// `crypto_pwhash_ALG_ARGON2ID13`
const ARGON2ID13: c_int = 2;

impl Sodium {
    /// Loads `libsodium.so.23`.
    ///
    /// # Errors
    ///
    /// What is missing.
    pub fn load() -> Result<Self, String> {
        let library = open("libsodium.so.23")?;
        // SAFETY: the types are those of sodium.h. `sodium_init` may be called more than once and from any thread.
        #[expect(unsafe_code, reason = "C functions")]
        let (status, crypto_pwhash) = unsafe {
            let init: Init = function(&library, "sodium_init")?;
            (init(), function(&library, "crypto_pwhash")?)
        };
        // It chooses what suits the CPU; 1 means that it had done so before.
        if status < 0 {
            return Err("libsodium.so.23 can't be initialised".to_owned());
        }
        Ok(Self { crypto_pwhash, _library: library })
    }

    /// Argon2id, version 19, with the one lane that libsodium has.
    ///
    /// # Panics
    ///
    /// If the library refuses.
    pub fn argon2id(
        &self,
        password: &[u8],
        salt: &[u8; 16],
        kib: u32,
        passes: u32,
        tag: &mut [u8],
    ) {
        // SAFETY: pointers and lengths are those of slices that outlive the call; the salt has the 16 bytes of
        // crypto_pwhash_SALTBYTES.
        #[expect(unsafe_code, reason = "a C function")]
        let status = unsafe {
            (self.crypto_pwhash)(
                tag.as_mut_ptr(),
                tag.len() as c_ulonglong,
                password.as_ptr().cast(),
                password.len() as c_ulonglong,
                salt.as_ptr(),
                passes.into(),
                kib as usize * 1024,
                ARGON2ID13,
            )
        };
        assert_eq!(status, 0, "libsodium refuses");
    }
}
