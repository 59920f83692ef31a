//! libxcrypt: `crypt(3)`.

use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_int, c_void};

use libloading::Library;

use crate::{function, open};

type CryptRn = unsafe extern "C" fn(
    phrase: *const c_char,
    setting: *const c_char,
    data: *mut c_void,
    size: c_int,
) -> *mut c_char;

/// libxcrypt.
#[derive(Debug)]
pub struct Xcrypt {
    crypt_rn: CryptRn,
    /// A `struct crypt_data`, aligned for whatever is in it.
    data: RefCell<Vec<u64>>,
    _library: Library,
}

/// The size of `struct crypt_data` in crypt.h, which has not changed and shall not.
const SIZE: usize = 32_768;

impl Xcrypt {
    /// Loads `libcrypt.so.1`, as it is where libxcrypt is the system's.
    ///
    /// # Errors
    ///
    /// What is missing.
    pub fn load() -> Result<Self, String> {
        let library = open("libcrypt.so.1")?;
        // SAFETY: the type is that of crypt.h. glibc's own library lacks this function.
        #[expect(unsafe_code, reason = "a C function")]
        let crypt_rn = unsafe { function(&library, "crypt_rn") }?;
        Ok(Self { crypt_rn, data: RefCell::new(vec![0; SIZE / 8]), _library: library })
    }

    /// The hash of `password` with the salt and the cost of `setting`.
    ///
    /// # Panics
    ///
    /// If the library refuses.
    pub fn crypt(&self, password: &CStr, setting: &CStr) -> String {
        let mut data = self.data.borrow_mut();
        // SAFETY: both texts end with NUL; the data has the size that is told and is nobody else's meanwhile.
        #[expect(unsafe_code, reason = "a C function")]
        let hash = unsafe {
            let data: *mut c_void = data.as_mut_ptr().cast();
            let size = c_int::try_from(SIZE).expect("it is small");
            let hash = (self.crypt_rn)(password.as_ptr(), setting.as_ptr(), data, size);
            assert!(!hash.is_null(), "libxcrypt refuses {setting:?}");
            // It is a part of the data.
            CStr::from_ptr(hash)
        };
        hash.to_str().expect("a hash is ASCII").to_owned()
    }
}
