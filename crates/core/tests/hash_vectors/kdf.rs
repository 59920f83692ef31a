//! The rows of the key-derivation families and of the wrappers around bcrypt, scrypt and Argon2.

use proptest::prelude::*;
use rollbook_core::{Limits, PasswordHash, VerifyError, Weak};

use super::{all, check, rows};

/// Runs known answers and malformed texts of each algorithm, whose numbers of rows are given.
fn family(list: &[(&str, usize, usize)]) {
    for (algorithm, vectors, malformed) in list {
        check(&format!("{algorithm}.jsonl"), algorithm, *vectors, all);
        if *malformed > 0 {
            check(&format!("malformed/{algorithm}.jsonl"), algorithm, *malformed, all);
        }
    }
}

#[test]
fn pbkdf2() {
    family(&[
        ("pbkdf2", 81, 7),
        ("symfony-pbkdf2", 13, 1),
        ("keycloak-pbkdf2", 23, 6),
        ("fusionauth-pbkdf2", 19, 1),
    ]);
}

#[test]
fn pbkdf2_of_libraries() {
    family(&[
        ("passlib-pbkdf2", 63, 19),
        ("phc-pbkdf2", 18, 23),
        ("kratos-pbkdf2", 22, 20),
        ("cta-pbkdf2-sha1", 12, 1),
        ("dlitz-pbkdf2-sha1", 13, 1),
        ("werkzeug-pbkdf2", 16, 20),
        ("web2py-pbkdf2", 13, 2),
        ("django-pbkdf2-sha256", 25, 21),
        ("django-pbkdf2-sha1", 14, 0),
        ("aspnet-identity", 19, 18),
    ]);
}

#[test]
fn pbkdf2_of_servers() {
    family(&[
        ("clerk-pbkdf2-sha256", 15, 19),
        ("clerk-pbkdf2-sha512", 12, 0),
        ("clerk-pbkdf2-sha512-hex", 11, 0),
        ("clerk-pbkdf2-sha1", 11, 1),
        ("grub-pbkdf2-sha512", 14, 3),
        ("atlassian-pkcs5s2", 14, 2),
        ("elastic-pbkdf2", 20, 1),
        ("couchdb-pbkdf2", 12, 1),
        ("mosquitto-pbkdf2", 9, 1),
        ("dovecot-pbkdf2", 9, 1),
        ("ldap-pbkdf2", 16, 19),
        ("389ds-pbkdf2", 10, 0),
        ("389ds-pbkdf2-sha256", 10, 5),
    ]);
}

#[test]
fn bcrypt_wrapped() {
    family(&[
        ("bcrypt-prehash", 24, 2),
        ("bcrypt-peppered", 12, 1),
        ("clerk-bcrypt-peppered", 13, 1),
        ("django-bcrypt", 12, 0),
        ("django-bcrypt-sha256", 15, 2),
        ("passlib-bcrypt-sha256", 21, 2),
        ("wordpress-bcrypt", 13, 6),
        ("symfony-native", 10, 0),
        ("wcf2-double-bcrypt", 12, 1),
        ("jenkins-jbcrypt", 11, 0),
    ]);
}

#[test]
fn scrypt_texts() {
    family(&[
        ("phc-scrypt", 20, 18),
        ("kratos-scrypt", 15, 4),
        ("django-scrypt", 13, 4),
        ("werkzeug-scrypt", 13, 11),
        ("better-auth-scrypt", 17, 5),
        ("lucia-scrypt", 15, 0),
        ("scrypt-kdf", 11, 3),
    ]);
}

#[test]
fn firebase() {
    family(&[
        ("firebase-scrypt", 18, 0),
        ("kratos-firescrypt", 13, 11),
        ("supabase-fbscrypt", 13, 15),
        ("clerk-scrypt-firebase", 10, 13),
        ("workos-firebase-scrypt", 10, 9),
        ("supertokens-fscrypt", 14, 11),
    ]);
}

#[test]
fn argon2_wrapped() {
    family(&[
        ("argon2-raw", 32, 2),
        ("keycloak-argon2", 17, 2),
        ("ldap-argon2", 12, 2),
        ("django-argon2", 14, 2),
        ("magento2", 19, 3),
        ("nextcloud", 14, 3),
    ]);
}

#[test]
fn containers() {
    family(&[("spring", 53, 20), ("mediawiki", 43, 7)]);
}

/// The names that the tests above go through, but for the PBKDF2 ones that are alike.
const NAMES: &[&str] = &[
    "pbkdf2",
    "keycloak-pbkdf2",
    "passlib-pbkdf2",
    "phc-pbkdf2",
    "cta-pbkdf2-sha1",
    "dlitz-pbkdf2-sha1",
    "web2py-pbkdf2",
    "aspnet-identity",
    "clerk-pbkdf2-sha1",
    "grub-pbkdf2-sha512",
    "389ds-pbkdf2-sha256",
    "bcrypt-peppered",
    "clerk-bcrypt-peppered",
    "passlib-bcrypt-sha256",
    "wordpress-bcrypt",
    "wcf2-double-bcrypt",
    "phc-scrypt",
    "kratos-scrypt",
    "better-auth-scrypt",
    "scrypt-kdf",
    "firebase-scrypt",
    "kratos-firescrypt",
    "supabase-fbscrypt",
    "supertokens-fscrypt",
    "argon2-raw",
    "django-argon2",
    "magento2",
    "spring",
    "mediawiki",
];

/// A text with one character replaced, inserted or removed, or cut.
fn damage(text: &str, at: prop::sample::Index, by: char, how: u8) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = at.index(characters.len());
    match how {
        0 => characters[at] = by,
        1 => characters.insert(at, by),
        2 => drop(characters.remove(at)),
        _ => characters.truncate(at),
    }
    characters.into_iter().collect()
}

/// Damaged texts are refused, or match nothing but their password, and nothing panics.
#[test]
fn damaged_texts() {
    let limits = Limits::default().with_weak(Weak::Allow);
    let rows: Vec<_> = NAMES
        .iter()
        .flat_map(|name| rows(&format!("{name}.jsonl")).into_iter().map(move |row| (*name, row)))
        .filter(|(_, row)| row.cheap && row.matches == Some(true))
        .collect();
    proptest!(ProptestConfig::with_cases(1500), |(
        row: prop::sample::Index,
        at: prop::sample::Index,
        by in "[ -~]",
        how in 0..4_u8,
    )| {
        let (name, row) = row.get(&rows);
        let by = by.chars().next().unwrap();
        let text = damage(&row.hash, at, by, how);
        prop_assume!(text != row.hash);
        if let Ok(hash) = PasswordHash::import(name, &text, &row.params, &limits) {
            let _ = (hash.explain(), hash.options());
            if hash.cost().work < 3_000 {
                prop_assert_eq!(hash.verify(b"not the password"), Err(VerifyError::Mismatch));
            }
        }
        if let Err(error) = PasswordHash::detect(&text, &limits) {
            prop_assert!(!error.to_string().is_empty());
        }
    });
}
