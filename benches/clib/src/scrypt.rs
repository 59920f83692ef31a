//! libscrypt.

use std::ffi::c_int;

use libloading::Library;

use crate::{function, open};

type Scrypt = unsafe extern "C" fn(
    password: *const u8,
    password_length: usize,
    salt: *const u8,
    salt_length: usize,
    n: u64,
    r: u32,
    p: u32,
    key: *mut u8,
    key_length: usize,
) -> c_int;

/// libscrypt.
#[derive(Debug)]
pub struct LibScrypt {
    libscrypt_scrypt: Scrypt,
    _library: Library,
}

impl LibScrypt {
    /// Loads `libscrypt.so.0`.
    ///
    /// # Errors
    ///
    /// What is missing.
    pub fn load() -> Result<Self, String> {
        let library = open("libscrypt.so.0")?;
        // SAFETY: the type is that of libscrypt.h.
        #[expect(unsafe_code, reason = "a C function")]
        let libscrypt_scrypt = unsafe { function(&library, "libscrypt_scrypt") }?;
        Ok(Self { libscrypt_scrypt, _library: library })
    }

    /// scrypt with one lane.
    ///
    /// # Panics
    ///
    /// If the library refuses.
    pub fn scrypt(&self, password: &[u8], salt: &[u8], n: u64, r: u32, key: &mut [u8]) {
        // SAFETY: pointers and lengths are those of slices that outlive the call.
        #[expect(unsafe_code, reason = "a C function")]
        let status = unsafe {
            (self.libscrypt_scrypt)(
                password.as_ptr(),
                password.len(),
                salt.as_ptr(),
                salt.len(),
                n,
                r,
                1,
                key.as_mut_ptr(),
                key.len(),
            )
        };
        assert_eq!(status, 0, "libscrypt refuses");
    }
}
