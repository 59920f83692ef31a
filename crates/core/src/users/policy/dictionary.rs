//! Passwords that everybody tries first.

use std::collections::HashSet;
use std::fmt;
use std::sync::OnceLock;

/// Passwords that nobody may choose.
pub trait PasswordDictionary: fmt::Debug + Send + Sync + 'static {
    /// Whether `password` is one of them.
    fn contains(&self, password: &str) -> bool;
}

/// The 11,611 most common passwords of 8 bytes and more, in whatever case.
///
/// From the frequency list of zxcvbn 4.4.2, whose licence stands beside it. Takes 1 MiB once it is used.
///
/// ```
/// use rollbook_core::{CommonPasswords, PasswordDictionary};
///
/// assert!(CommonPasswords.contains("Trustno1"));
/// assert!(!CommonPasswords.contains("correct horse"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to configure")]
pub struct CommonPasswords;

/// The passwords in lower case, one a line, compressed with zlib.
static COMPRESSED: &[u8] = include_bytes!("common.z");

impl PasswordDictionary for CommonPasswords {
    fn contains(&self, password: &str) -> bool {
        static WORDS: OnceLock<HashSet<String>> = OnceLock::new();
        let words = WORDS.get_or_init(|| {
            let text = miniz_oxide::inflate::decompress_to_vec_zlib(COMPRESSED)
                .expect("the list that is built in is whole");
            text.split(|byte| *byte == b'\n')
                .map(|word| String::from_utf8_lossy(word).into_owned())
                .collect()
        });
        words.contains(&password.to_ascii_lowercase())
    }
}
