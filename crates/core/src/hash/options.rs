//! Reading the options that come with a hash: the alias table and strict types.

use serde_json::Value;

use super::error::clip;
use super::{HashError, Limits};

/// What a hash needs beside its text, as a JSON object: a salt, costs, a digest's version.
///
/// Empty for schemes that describe themselves.
///
/// # A scheme of one's own
///
/// The scheme `expression` takes how passwords were digested as the option `expression`. With it come those
/// that the expression uses: `salt` (and `saltEncoding`: `utf8`, `hex` or `base64`), `key` (and
/// `keyEncoding`), `username` for `$user`, `realm`, and `iterations` for `$rounds`. `encoding` is that of the
/// hash: `hex` if it is missing, `base64`, or `utf8` for a text such as `upper(md5($pass))` makes.
///
/// ```
/// use rollbook_core::{HashOptions, Limits, PasswordHash};
/// use serde_json::json;
///
/// let mut options = HashOptions::new();
/// options.insert("expression".to_owned(), json!("md5('pepper:'.md5($pass))"));
/// let text = "224d714db6be794f03b8cc496d1c20e3";
/// let hash = PasswordHash::import("expression", text, &options, &Limits::default())?;
/// assert_eq!(hash.verify(b"password"), Ok(()));
/// # Ok::<(), rollbook_core::HashError>(())
/// ```
///
#[doc = include_str!("expression/grammar.md")]
pub type HashOptions = serde_json::Map<String, Value>;

/// One option: its name on the wire, and the shorter one that exports and vectors use.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) wire: &'static str,
    pub(super) short: &'static str,
}

impl Key {
    pub(super) const fn same(name: &'static str) -> Self {
        Self { wire: name, short: name }
    }
}

/// The alias table. The wire's names are those of Appwrite's `hashOptions`.
pub(super) const SALT: Key = Key::same("salt");
pub(super) const COST_CPU: Key = Key { wire: "costCpu", short: "cpu" };
pub(super) const COST_MEMORY: Key = Key { wire: "costMemory", short: "memory" };
pub(super) const COST_PARALLEL: Key = Key { wire: "costParallel", short: "parallel" };
pub(super) const LENGTH: Key = Key::same("length");
pub(super) const SALT_SEPARATOR: Key = Key::same("saltSeparator");
pub(super) const SIGNER_KEY: Key = Key::same("signerKey");
pub(super) const VERSION: Key = Key::same("version");

/// Keys that say what the text says already (and not always truly: Appwrite prints its defaults), so
/// that a record read from an API can be imported as it is.
const DESCRIPTIVE: &[&str] = &[
    "memory_cost",
    "time_cost",
    "threads",
    "memoryCost",
    "timeCost",
    "cost",
    "iteration_count_log2",
    "portable_hashes",
    "random_state",
];

/// The options of one hash, known to contain nothing but `known` keys.
pub(super) struct Reader<'a> {
    scheme: &'static str,
    options: &'a HashOptions,
    limit: usize,
}

impl<'a> Reader<'a> {
    /// Options for a scheme whose text describes itself: only descriptive keys, which are ignored.
    pub(super) fn none(
        scheme: &'static str,
        options: &'a HashOptions,
        limits: &Limits,
    ) -> Result<Self, HashError> {
        Self::checked(scheme, options, limits, &[], DESCRIPTIVE)
    }

    /// Options of which exactly `known` may occur, beside `type`.
    pub(super) fn new(
        scheme: &'static str,
        options: &'a HashOptions,
        limits: &Limits,
        known: &[&Key],
    ) -> Result<Self, HashError> {
        Self::checked(scheme, options, limits, known, &[])
    }

    /// Options for a text that describes itself but for `keys`: [`none`](Self::none) without any, else
    /// [`new`](Self::new).
    pub(super) fn beside_text(
        scheme: &'static str,
        options: &'a HashOptions,
        limits: &Limits,
        keys: &[&Key],
    ) -> Result<Self, HashError> {
        match keys {
            [] => Self::none(scheme, options, limits),
            keys => Self::new(scheme, options, limits, keys),
        }
    }

    fn checked(
        scheme: &'static str,
        options: &'a HashOptions,
        limits: &Limits,
        known: &[&Key],
        ignored: &[&str],
    ) -> Result<Self, HashError> {
        for name in options.keys() {
            let name = name.as_str();
            let taken = name == "type"
                || ignored.contains(&name)
                || known.iter().any(|key| key.wire == name || key.short == name);
            if !taken {
                let reason = if known.is_empty() {
                    "unknown; this algorithm takes none".to_owned()
                } else {
                    let names: Vec<_> = known.iter().map(|key| key.wire).collect();
                    format!("unknown; this algorithm takes {}", names.join(", "))
                };
                return Err(HashError::option(scheme, name, reason));
            }
        }
        Ok(Self { scheme, options, limit: limits.option_bytes })
    }

    pub(super) fn text(&self, key: &Key) -> Result<Option<&'a str>, HashError> {
        match self.value(key)? {
            None => Ok(None),
            Some(Value::String(text)) if text.len() > self.limit => {
                let reason = format!("{} bytes are over the limit of {}", text.len(), self.limit);
                Err(HashError::option(self.scheme, key.wire, reason))
            }
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong_type(key, "a string", other)),
        }
    }

    pub(super) fn required_text(&self, key: &Key) -> Result<&'a str, HashError> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }

    pub(super) fn required_object(&self, key: &Key) -> Result<&'a HashOptions, HashError> {
        let value = self.value(key)?.ok_or_else(|| self.missing(key))?;
        value.as_object().ok_or_else(|| self.wrong_type(key, "an object", value))
    }

    /// A positive JSON integer: neither `"8"` nor `8.0`.
    pub(super) fn required_integer(&self, key: &Key) -> Result<u64, HashError> {
        let value = self.value(key)?.ok_or_else(|| self.missing(key))?;
        match value.as_u64() {
            Some(0) => Err(HashError::option(self.scheme, key.wire, "0 is not a positive integer")),
            Some(number) => Ok(number),
            None if value.is_i64() => {
                let reason = format!("{value} is not a positive integer");
                Err(HashError::option(self.scheme, key.wire, reason))
            }
            None => Err(self.wrong_type(key, "an integer", value)),
        }
    }

    /// As [`required_integer`](Self::required_integer), or nothing.
    pub(super) fn optional_integer(&self, key: &Key) -> Result<Option<u64>, HashError> {
        match self.value(key)? {
            None => Ok(None),
            Some(_) => self.required_integer(key).map(Some),
        }
    }

    fn value(&self, key: &Key) -> Result<Option<&'a Value>, HashError> {
        let wire = self.options.get(key.wire);
        if key.wire == key.short {
            return Ok(wire);
        }
        match (wire, self.options.get(key.short)) {
            (Some(_), Some(_)) => {
                let reason = format!("given twice, also as `{}`", key.short);
                Err(HashError::option(self.scheme, key.wire, reason))
            }
            (wire, short) => Ok(wire.or(short)),
        }
    }

    fn missing(&self, key: &Key) -> HashError {
        HashError::option(self.scheme, key.wire, "missing")
    }

    fn wrong_type(&self, key: &Key, wanted: &str, value: &Value) -> HashError {
        let found = match value {
            Value::Null => "null".to_owned(),
            Value::Bool(_) => "a boolean".to_owned(),
            Value::Number(number) if wanted == "an integer" => clip(&number.to_string()),
            Value::Number(_) => "a number".to_owned(),
            Value::String(_) => "a string".to_owned(),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "an object".to_owned(),
        };
        HashError::option(self.scheme, key.wire, format!("expected {wanted}, found {found}"))
    }
}

/// Options from pairs, in this order.
pub(super) fn options<const N: usize>(pairs: [(&str, Value); N]) -> HashOptions {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
