//! E-mail addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::text::checked_text;
use crate::Error;

checked_text! {
    /// An e-mail address, trimmed and in ASCII lower case.
    ///
    /// Accepted is what the Users service accepts (`spec/users-api.md`, 5.3 and 11.6): ASCII only, one
    /// `@`, at most 64 bytes before it and 254 in all, a domain of at least two labels or an address
    /// literal. White space around it is trimmed.
    ///
    /// ```
    /// use rollbook_core::Email;
    ///
    /// assert_eq!(Email::parse(" Ann@Example.COM")?.as_str(), "ann@example.com");
    /// assert!(Email::parse("ann@localhost").is_err());
    /// # Ok::<(), rollbook_core::Error>(())
    /// ```
    Email
}

const MOST_BYTES: usize = 254;
const MOST_LOCAL_BYTES: usize = 64;
const MOST_LABEL_BYTES: usize = 63;

impl Email {
    /// The address that `text` is.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for `email` if it is none.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let address = text.trim();
        let valid = address.len() <= MOST_BYTES
            && address.split_once('@').is_some_and(|(local, domain)| {
                is_local_part(local) && (is_domain(domain) || is_address_literal(domain))
            });
        if valid {
            Ok(Self(address.to_ascii_lowercase()))
        } else {
            Err(Error::invalid("email", "Value must be a valid email address"))
        }
    }
}

/// Words separated by dots, each of plain characters or in quotes.
fn is_local_part(text: &str) -> bool {
    text.len() <= MOST_LOCAL_BYTES && text.split('.').all(|word| is_atom(word) || is_quoted(word))
}

fn is_atom(word: &str) -> bool {
    !word.is_empty()
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
}

fn is_quoted(word: &str) -> bool {
    let Some(inner) = word.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return false;
    };
    !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}

fn is_domain(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    labels.len() >= 2
        && labels.iter().all(|label| is_label(label))
        && last.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn is_label(label: &str) -> bool {
    (1..=MOST_LABEL_BYTES).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn is_address_literal(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return false;
    };
    match inner.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("ipv6:") => inner[5..].parse::<Ipv6Addr>().is_ok(),
        _ => inner.parse::<Ipv4Addr>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executed_examples_of_the_spec() {
        let local = format!("{}@b.co", "a".repeat(64));
        let label = format!("a@{}.co", "b".repeat(63));
        let accepted = [
            "a@b.co",
            "A@B.CO",
            "user@localhost.test",
            "a@[127.0.0.1]",
            "a@[IPv6:::1]",
            "a@b.c1",
            "a+t@b.co",
            "a@xn--tda.co",
            &local,
            &label,
            "a'b@c.de",
            "a!#$%&*/=?^_`{|}~b@c.de",
            " a@b.co",
            "a@b.co ",
        ];
        for address in accepted {
            assert!(Email::parse(address).is_ok(), "{address}");
        }
        let long_local = format!("{}@b.co", "a".repeat(65));
        let long_label = format!("a@{}.co", "b".repeat(64));
        let long = format!("a@{}co", "bcdef.".repeat(42));
        let refused = [
            "a@b",
            "a@localhost",
            "a b@c.de",
            "a@b..co",
            "a.@b.co",
            ".a@b.co",
            "a..b@c.de",
            "\"a b\"@c.de",
            "a@127.0.0.1",
            "a@b.1c",
            "a@b.1",
            "a@-b.co",
            "a@b-.co",
            "a@b.co.",
            "ü@b.co",
            "a@ü.co",
            &long_local,
            &long_label,
            &long,
            "",
            "@b.co",
            "a@",
            "a@b@c.co",
            "a,b@c.de",
            "a(c)@b.co",
            "<a@b.co>",
            "\"a@b\"@c.de",
            "a@b.co\0",
            "a\n@b.co",
            "a@[1.2.3]",
        ];
        for address in refused {
            assert!(Email::parse(address).is_err(), "{address}");
        }
    }

    #[test]
    fn is_stored_in_lower_case_without_outer_blanks() {
        assert_eq!(
            Email::parse("\tJohn.Doe+Tag@GMAIL.com ").unwrap().as_str(),
            "john.doe+tag@gmail.com"
        );
    }
}
