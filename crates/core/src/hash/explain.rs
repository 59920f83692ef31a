//! A hash described for people.

use super::Cost;

/// What a hash is and how good it is, without its salt and digest.
///
/// ```
/// use rollbook_core::{HashOptions, Limits, PasswordHash, Standing};
///
/// let text = "5f4dcc3b5aa765d61d8327deb882cf99";
/// let hash = PasswordHash::import("md5", text, &HashOptions::new(), &Limits::default())?;
/// let explanation = hash.explain();
/// assert_eq!(explanation.title, "MD5, unsalted");
/// assert_eq!(explanation.standing, Standing::Broken);
/// # Ok::<(), rollbook_core::HashError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// The scheme's name on the wire.
    pub scheme: &'static str,
    /// What it is, for people: `Argon2id, version 19`.
    pub title: String,
    /// Parameters by name, in the order of the text.
    pub parameters: Vec<(&'static str, String)>,
    /// The cost of one guess.
    pub cost: Cost,
    /// Whether to keep it.
    pub standing: Standing,
    /// What a reader should know beside: quirks, and what they mean for passwords.
    pub notes: Vec<String>,
}

/// Whether a hash should be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Standing {
    /// Recommended today.
    Current,
    /// Sound, but succeeded by something better; upgrade at the next sign-in.
    Legacy,
    /// Gives next to no protection once the table is stolen.
    Broken,
}

impl Standing {
    /// The standing as a word: `current`, `legacy`, `broken`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Legacy => "legacy",
            Self::Broken => "broken",
        }
    }
}
