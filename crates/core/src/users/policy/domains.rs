//! Which domains are those of free and of disposable addresses.

use std::collections::HashSet;
use std::fmt;
use std::sync::OnceLock;

use crate::model::brand;

/// Lists of the domains of e-mail addresses. What is on neither list is of a company.
pub trait EmailDomains: fmt::Debug + Send + Sync + 'static {
    /// Whether everybody can have an address at `domain`, which is in lower case.
    fn is_free(&self, domain: &str) -> bool;

    /// Whether addresses at `domain`, which is in lower case, are there to be thrown away.
    fn is_disposable(&self, domain: &str) -> bool;
}

/// The domains that come with the library: some hundred of free providers, and the 10,181 disposable ones of
/// `disposable-email-domains` 0.0.293, whose licence stands beside it, with what lies under them.
///
/// Takes half a MiB once it is used.
///
/// ```
/// use rollbook_core::{EmailDomains, KnownDomains};
///
/// assert!(KnownDomains.is_free("gmail.com") && !KnownDomains.is_disposable("gmail.com"));
/// assert!(KnownDomains.is_disposable("inbox.mailinator.com"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to configure")]
pub struct KnownDomains;

/// The disposable domains, one a line, compressed with zlib.
static COMPRESSED: &[u8] = include_bytes!("disposable.z");

/// What is free at every domain of its name, as `yahoo.de` is.
static FREE_BRANDS: &[&str] =
    &["gmx", "hotmail", "live", "outlook", "rediffmail", "walla", "yahoo", "yandex"];

/// Free providers, in order.
#[rustfmt::skip]
static FREE: &[&str] = &[
    "126.com", "139.com", "163.com", "189.cn", "aim.com", "alice.it", "aliyun.com", "aol.com",
    "arcor.de", "att.net", "bellsouth.net", "bigpond.com", "bk.ru", "bluewin.ch", "bol.com.br",
    "btinternet.com", "centrum.cz", "comcast.net", "cox.net", "daum.net", "email.cz", "email.de",
    "fastmail.com", "fastmail.fm", "foxmail.com", "free.fr", "freemail.hu", "freenet.de", "globo.com",
    "gmail.com", "gmx.net", "googlemail.com", "hanmail.net", "hey.com", "hushmail.com", "icloud.com",
    "ig.com.br", "inbox.lv", "inbox.ru", "interia.pl", "internet.ru", "kolabnow.com", "laposte.net",
    "libero.it", "list.ru", "mac.com", "mail.com", "mail.de", "mail.ee", "mail.ru", "mailbox.org",
    "mailfence.com", "me.com", "msn.com", "nate.com", "naver.com", "neuf.fr", "o2.pl", "onet.pl", "op.pl",
    "orange.fr", "passport.com", "pm.me", "posteo.de", "posteo.net", "proton.me", "protonmail.ch",
    "protonmail.com", "qq.com", "rambler.ru", "rocketmail.com", "runbox.com", "sapo.pt", "sbcglobal.net",
    "seznam.cz", "sfr.fr", "sina.cn", "sina.com", "sky.com", "sohu.com", "t-online.de", "terra.com.br",
    "tiscali.it", "tuta.com", "tuta.io", "tutamail.com", "tutanota.com", "tutanota.de", "uol.com.br",
    "verizon.net", "virgilio.it", "virginmedia.com", "wanadoo.fr", "web.de", "wp.pl", "ya.ru", "yeah.net",
    "ymail.com", "zoho.com", "zohomail.com",
];

impl EmailDomains for KnownDomains {
    fn is_free(&self, domain: &str) -> bool {
        let branded = || brand(domain).is_some_and(|brand| FREE_BRANDS.contains(&brand));
        FREE.binary_search(&domain).is_ok() || branded()
    }

    fn is_disposable(&self, domain: &str) -> bool {
        static TEXT: OnceLock<String> = OnceLock::new();
        static DOMAINS: OnceLock<HashSet<&str>> = OnceLock::new();
        let domains = DOMAINS.get_or_init(|| {
            let text = TEXT.get_or_init(|| {
                let bytes = miniz_oxide::inflate::decompress_to_vec_zlib(COMPRESSED);
                let bytes = bytes.expect("the list that is built in is whole");
                String::from_utf8(bytes).expect("domains are ASCII")
            });
            text.lines().collect()
        });
        let under = std::iter::successors(Some(domain), |domain| Some(domain.split_once('.')?.1));
        under.take_while(|domain| domain.contains('.')).any(|domain| domains.contains(domain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_under_a_disposable_domain_is_disposable() {
        for (domain, expected) in [
            ("mailinator.com", true),
            ("a.b.mailinator.com", true),
            ("mailinator.com.example.org", false),
            ("mailinator-com.example", false),
            ("com", false),
            ("[127.0.0.1]", false),
        ] {
            assert_eq!(KnownDomains.is_disposable(domain), expected, "{domain}");
        }
    }

    #[test]
    fn the_free_ones_are_in_order_and_not_disposable() {
        assert!(FREE.is_sorted());
        let disposable: Vec<_> = FREE.iter().filter(|it| KnownDomains.is_disposable(it)).collect();
        assert_eq!(disposable, [&""; 0]);
    }
}
