//! C libraries of password hashes, loaded when a bench runs: what rollbook is measured beside.
//!
//! Each is a struct with a `load`, which says what is missing where the library is, and a safe function for each of
//! its own that a bench calls. A panic is the answer to parameters that the library refuses.
//!
//! None of it is part of rollbook.

mod argon2;
mod openssl;
mod scrypt;
mod sodium;
mod xcrypt;

use libloading::{Library, Symbol};

pub use argon2::LibArgon2;
pub use openssl::{Digest, OpenSsl};
pub use scrypt::LibScrypt;
pub use sodium::Sodium;
pub use xcrypt::Xcrypt;

/// Opens the library with this file name.
fn open(name: &str) -> Result<Library, String> {
    // SAFETY: loading runs the initialisers of the library. These are libraries of the system that have none with
    // demands on who loads them.
    #[expect(unsafe_code, reason = "a library is code that nobody can check")]
    let library = unsafe { Library::new(name) };
    library.map_err(|error| format!("{name} can't be loaded: {error}"))
}

/// The function `name` of `library`, as a plain pointer, which lives as long as the library is open.
///
/// # Safety
///
/// `F` must be the type of that function.
#[expect(unsafe_code, reason = "nobody can check the type of a C function")]
unsafe fn function<F: Copy>(library: &Library, name: &str) -> Result<F, String> {
    // SAFETY: the caller vouches for the type.
    let symbol: Result<Symbol<'_, F>, _> = unsafe { library.get(name) };
    symbol.map(|symbol| *symbol).map_err(|error| format!("{name} is missing: {error}"))
}
