//! The rows of the key-derivation families and of the wrappers around bcrypt, scrypt and Argon2.

use super::{all, check};

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
