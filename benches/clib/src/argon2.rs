//! libargon2, the reference implementation.

use std::ffi::{c_int, c_void};

use libloading::Library;

use crate::{function, open};

type HashRaw = unsafe extern "C" fn(
    t_cost: u32,
    m_cost: u32,
    parallelism: u32,
    password: *const c_void,
    password_length: usize,
    salt: *const c_void,
    salt_length: usize,
    hash: *mut c_void,
    hash_length: usize,
) -> c_int;

/// libargon2.
#[derive(Debug)]
pub struct LibArgon2 {
    argon2id_hash_raw: HashRaw,
    _library: Library,
}

impl LibArgon2 {
    /// Loads `libargon2.so.1`.
    ///
    /// # Errors
    ///
    /// What is missing.
    pub fn load() -> Result<Self, String> {
        let library = open("libargon2.so.1")?;
        // SAFETY: the type is that of argon2.h.
        #[expect(unsafe_code, reason = "a C function")]
        let argon2id_hash_raw = unsafe { function(&library, "argon2id_hash_raw") }?;
        Ok(Self { argon2id_hash_raw, _library: library })
    }

    /// Argon2id, version 19, with one lane.
    ///
    /// # Panics
    ///
    /// If the library refuses.
    pub fn argon2id(&self, password: &[u8], salt: &[u8], kib: u32, passes: u32, tag: &mut [u8]) {
        // SAFETY: pointers and lengths are those of slices that outlive the call.
        #[expect(unsafe_code, reason = "a C function")]
        let status = unsafe {
            (self.argon2id_hash_raw)(
                passes,
                kib,
                1,
                password.as_ptr().cast(),
                password.len(),
                salt.as_ptr().cast(),
                salt.len(),
                tag.as_mut_ptr().cast(),
                tag.len(),
            )
        };
        assert_eq!(status, 0, "libargon2 refuses");
    }
}
