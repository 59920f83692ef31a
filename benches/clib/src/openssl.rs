//! OpenSSL 3: digests, PBKDF2 and scrypt.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr;

use libloading::Library;

use crate::{function, open};

type Fetch = unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char) -> *mut c_void;
type NewContext = unsafe extern "C" fn() -> *mut c_void;
type FreeContext = unsafe extern "C" fn(*mut c_void);
type Init = unsafe extern "C" fn(*mut c_void, *const c_void, *const c_void) -> c_int;
type Update = unsafe extern "C" fn(*mut c_void, *const c_void, usize) -> c_int;
type Final = unsafe extern "C" fn(*mut c_void, *mut u8, *mut c_uint) -> c_int;
type Md5 = unsafe extern "C" fn(*const u8, usize, *mut u8) -> *mut u8;
type Pbkdf2 = unsafe extern "C" fn(
    password: *const c_char,
    password_length: c_int,
    salt: *const u8,
    salt_length: c_int,
    iterations: c_int,
    digest: *const c_void,
    key_length: c_int,
    key: *mut u8,
) -> c_int;
type Scrypt = unsafe extern "C" fn(
    password: *const c_char,
    password_length: usize,
    salt: *const u8,
    salt_length: usize,
    n: u64,
    r: u64,
    p: u64,
    most_memory: u64,
    key: *mut u8,
    key_length: usize,
) -> c_int;

/// OpenSSL 3.
#[derive(Debug)]
pub struct OpenSsl {
    evp_md_fetch: Fetch,
    evp_md_free: FreeContext,
    evp_md_ctx_new: NewContext,
    evp_md_ctx_free: FreeContext,
    evp_digest_init_ex2: Init,
    evp_digest_update: Update,
    evp_digest_final_ex: Final,
    md5: Md5,
    pkcs5_pbkdf2_hmac: Pbkdf2,
    evp_pbe_scrypt: Scrypt,
    _library: Library,
}

/// A digest that was fetched, with a context that serves again and again: the way in which OpenSSL is fastest.
#[derive(Debug)]
pub struct Digest<'a> {
    library: &'a OpenSsl,
    md: *mut c_void,
    context: *mut c_void,
}

impl OpenSsl {
    /// Loads `libcrypto.so.3`.
    ///
    /// # Errors
    ///
    /// What is missing.
    pub fn load() -> Result<Self, String> {
        let library = open("libcrypto.so.3")?;
        // SAFETY: the types are those of evp.h and md5.h.
        #[expect(unsafe_code, reason = "C functions")]
        unsafe {
            Ok(Self {
                evp_md_fetch: function(&library, "EVP_MD_fetch")?,
                evp_md_free: function(&library, "EVP_MD_free")?,
                evp_md_ctx_new: function(&library, "EVP_MD_CTX_new")?,
                evp_md_ctx_free: function(&library, "EVP_MD_CTX_free")?,
                evp_digest_init_ex2: function(&library, "EVP_DigestInit_ex2")?,
                evp_digest_update: function(&library, "EVP_DigestUpdate")?,
                evp_digest_final_ex: function(&library, "EVP_DigestFinal_ex")?,
                md5: function(&library, "MD5")?,
                pkcs5_pbkdf2_hmac: function(&library, "PKCS5_PBKDF2_HMAC")?,
                evp_pbe_scrypt: function(&library, "EVP_PBE_scrypt")?,
                _library: library,
            })
        }
    }

    /// The digest of this name.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn digest(&self, name: &CStr) -> Digest<'_> {
        // SAFETY: the name ends with NUL; nothing else is asked for.
        #[expect(unsafe_code, reason = "C functions")]
        let (md, context) = unsafe {
            let md = (self.evp_md_fetch)(ptr::null_mut(), name.as_ptr(), ptr::null());
            (md, (self.evp_md_ctx_new)())
        };
        assert!(!md.is_null() && !context.is_null(), "OpenSSL has no {name:?}");
        Digest { library: self, md, context }
    }

    /// MD5 by the function for it alone, which is faster than the digest of that name.
    pub fn md5(&self, bytes: &[u8]) -> [u8; 16] {
        let mut out = [0; 16];
        // SAFETY: pointer and length are those of a slice; it writes 16 bytes.
        #[expect(unsafe_code, reason = "a C function")]
        unsafe {
            (self.md5)(bytes.as_ptr(), bytes.len(), out.as_mut_ptr());
        }
        out
    }

    /// scrypt with one lane.
    ///
    /// # Panics
    ///
    /// If the library refuses.
    pub fn scrypt(&self, password: &[u8], salt: &[u8], n: u64, r: u64, key: &mut [u8]) {
        const MOST_MEMORY: u64 = 1 << 30;
        // SAFETY: pointers and lengths are those of slices that outlive the call.
        #[expect(unsafe_code, reason = "a C function")]
        let status = unsafe {
            (self.evp_pbe_scrypt)(
                password.as_ptr().cast(),
                password.len(),
                salt.as_ptr(),
                salt.len(),
                n,
                r,
                1,
                MOST_MEMORY,
                key.as_mut_ptr(),
                key.len(),
            )
        };
        assert_eq!(status, 1, "OpenSSL refuses");
    }
}

impl Digest<'_> {
    /// The digest of `bytes`, at the beginning of 64 bytes.
    ///
    /// # Panics
    ///
    /// If the library fails.
    pub fn of(&mut self, bytes: &[u8]) -> [u8; 64] {
        let Self { library, md, context } = self;
        // EVP_MAX_MD_SIZE
        let mut out = [0; 64];
        // SAFETY: the digest and the context are valid until they are dropped, and `&mut` makes them nobody else's;
        // pointer and length are those of a slice; at most 64 bytes are written.
        #[expect(unsafe_code, reason = "C functions")]
        let status = unsafe {
            (library.evp_digest_init_ex2)(*context, *md, ptr::null())
                & (library.evp_digest_update)(*context, bytes.as_ptr().cast(), bytes.len())
                & (library.evp_digest_final_ex)(*context, out.as_mut_ptr(), ptr::null_mut())
        };
        assert_eq!(status, 1, "OpenSSL fails");
        out
    }

    /// PBKDF2 with the HMAC of this digest.
    ///
    /// # Panics
    ///
    /// If the library refuses.
    pub fn pbkdf2(&self, password: &[u8], salt: &[u8], iterations: u32, key: &mut [u8]) {
        let int = |number: usize| c_int::try_from(number).expect("it is small");
        // SAFETY: the digest is valid until it is dropped; pointers and lengths are those of slices.
        #[expect(unsafe_code, reason = "a C function")]
        let status = unsafe {
            (self.library.pkcs5_pbkdf2_hmac)(
                password.as_ptr().cast(),
                int(password.len()),
                salt.as_ptr(),
                int(salt.len()),
                int(iterations as usize),
                self.md,
                int(key.len()),
                key.as_mut_ptr(),
            )
        };
        assert_eq!(status, 1, "OpenSSL refuses");
    }
}

impl Drop for Digest<'_> {
    fn drop(&mut self) {
        // SAFETY: both were made by the library and are freed once.
        #[expect(unsafe_code, reason = "C functions")]
        unsafe {
            (self.library.evp_md_ctx_free)(self.context);
            (self.library.evp_md_free)(self.md);
        }
    }
}
