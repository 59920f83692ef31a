//! Forums, shops and other applications in PHP and Ruby, most of them `hash:salt`.

use super::super::scheme::Scheme;
use super::row::{Encoding, Part, Recognised, Row, Source, Take};

pub(super) static SCHEMES: &[&dyn Scheme] = &[
    &AUTHME,
    &PHPS,
    &HMAILSERVER,
    &JOOMLA,
    &MAGENTO1,
    &MYBB,
    &OPENCART,
    &OSCOMMERCE,
    &PRESTASHOP,
    &PUNBB,
    &REDMINE,
    &RESTFUL,
    &RESTFUL_1,
    &SMF,
    &VBULLETIN,
    &WBB3,
    &XENFORO1,
];

/// What 32, 40 and 64 hex digits with a colon and a salt may be.
pub(super) static MD5_NAMES: &[&str] =
    &["joomla-md5", "magento1-md5", "mybb", "oscommerce", "prestashop", "vbulletin"];
pub(super) static SHA1_NAMES: &[&str] = &["opencart", "punbb", "redmine", "wbb3"];
pub(super) static SHA256_NAMES: &[&str] = &["xenforo1-sha256", "salted-digest with its options"];

/// `hash:salt`. The hash has no colon, the salt may have.
const HASH_SALT: Row = Row { parts: &[Part::Hash, Part::Text(":"), Part::Salt], ..Row::BASE };

macro_rules! hash_salt {
    ($($ident:ident: $name:literal, $title:literal, $expression:literal;)*) => {
        $(static $ident: Row = Row {
            name: $name,
            title: $title,
            expression: Source::Text($expression),
            ..HASH_SALT
        };)*
    };
}

hash_salt! {
    JOOMLA: "joomla-md5", "MD5 of Joomla up to 3.1", "md5($pass.$salt)";
    MAGENTO1: "magento1-md5", "MD5 of Magento 1", "md5($salt.$pass)";
    MYBB: "mybb", "nested MD5 of MyBB and Invision Power Board", "md5(md5($salt).md5($pass))";
    OPENCART: "opencart", "nested SHA-1 of OpenCart", "sha1($salt.sha1($salt.sha1($pass)))";
    OSCOMMERCE: "oscommerce", "MD5 of osCommerce and xt:Commerce", "md5($salt.$pass)";
    PRESTASHOP: "prestashop", "MD5 of PrestaShop up to 1.6", "md5($salt.$pass)";
    PUNBB: "punbb", "nested SHA-1 of PunBB", "sha1($salt.sha1($pass))";
    REDMINE: "redmine", "nested SHA-1 of Redmine", "sha1($salt.sha1($pass))";
    VBULLETIN: "vbulletin", "nested MD5 of vBulletin", "md5(md5($pass).$salt)";
    WBB3: "wbb3", "nested SHA-1 of WoltLab Burning Board 3", "sha1($salt.sha1($salt.sha1($pass)))";
    XENFORO1: "xenforo1-sha256", "nested SHA-256 of XenForo 1.0 and 1.1", "sha256(sha256($pass).$salt)";
}

static AUTHME: Row = Row {
    name: "authme-sha256",
    title: "nested SHA-256 of AuthMe",
    parts: &[Part::Text("$SHA$"), Part::Salt, Part::Text("$"), Part::Hash],
    expression: Source::Text("sha256(sha256($pass).$salt)"),
    recognised: Recognised::ByPrefix,
    ..Row::BASE
};

static PHPS: Row = Row {
    name: "phps",
    title: "nested MD5 of PHPS",
    parts: &[Part::Text("$PHPS$"), Part::Salt, Part::Text("$"), Part::Hash],
    expression: Source::Text("md5(md5($pass).$salt)"),
    salt: Encoding::Hex,
    recognised: Recognised::ByPrefix,
    ..Row::BASE
};

static HMAILSERVER: Row = Row {
    name: "hmailserver-sha256",
    title: "salted SHA-256 of hMailServer",
    parts: &[Part::ShortSalt(6), Part::Hash],
    expression: Source::Text("sha256($salt.$pass)"),
    ..Row::BASE
};

static SMF: Row = Row {
    name: "smf",
    title: "SHA-1 of Simple Machines Forum, salted with the user's name",
    options: &[Take::Username],
    // PHP's strtolower: ASCII, as far as UTF-8 goes.
    expression: Source::Text("sha1(lower($user).$pass)"),
    ..Row::BASE
};

static RESTFUL: Row = Row {
    name: "restful-authentication",
    title: "stretched SHA-1 of restful_authentication, with a site key",
    options: &[Take::Salt, Take::SiteKey, Take::Stretches],
    expression: Source::Text(
        "iterate($rounds, sha1($key.'--'.$salt.'--'.$pass.'--'.$key), \
         sha1($last.'--'.$salt.'--'.$pass.'--'.$key))",
    ),
    notes: &["the site key is a secret of the whole application"],
    ..Row::BASE
};

static RESTFUL_1: Row = Row {
    name: "restful-authentication-1",
    title: "salted SHA-1 of restful_authentication without a site key",
    options: &[Take::Salt],
    expression: Source::Text("sha1('--'.$salt.'--'.$pass.'--')"),
    ..Row::BASE
};
