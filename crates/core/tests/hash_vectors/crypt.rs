//! The formats of crypt(3), of databases and of Windows.

use super::{all, check};

/// One test a format: its name, the number of its vectors and of its malformed texts.
macro_rules! formats {
    ($($test:ident: $name:literal, $vectors:literal, $malformed:literal;)*) => {
        $(
            #[test]
            fn $test() {
                check(concat!($name, ".jsonl"), $name, $vectors, all);
                if $malformed > 0 {
                    check(concat!("malformed/", $name, ".jsonl"), $name, $malformed, all);
                }
            }
        )*
    };
}

formats! {
    md5crypt: "md5crypt", 58, 9;
    apr1: "apr1", 22, 3;
    aix_smd5: "aix-smd5", 8, 0;
    sha256crypt: "sha256crypt", 42, 18;
    sha512crypt: "sha512crypt", 43, 18;
    mysql_caching_sha2: "mysql-caching-sha2", 13, 2;
    sha1crypt: "sha1crypt", 26, 8;
    aix_ssha1: "aix-ssha1", 8, 0;
    aix_ssha256: "aix-ssha256", 10, 0;
    aix_ssha512: "aix-ssha512", 11, 2;
    sunmd5: "sunmd5", 24, 6;
    descrypt: "descrypt", 28, 8;
    bigcrypt: "bigcrypt", 21, 0;
    bsdicrypt: "bsdicrypt", 33, 5;
    yescrypt: "yescrypt", 22, 8;
    gost_yescrypt: "gost-yescrypt", 21, 0;
    scrypt_crypt: "scrypt-crypt", 24, 9;
    drupal7: "drupal7", 19, 10;
    ldap_crypt: "ldap-crypt", 21, 8;
    django_crypt: "django-crypt", 13, 0;
    kratos_crypt: "kratos-crypt", 17, 0;
    nt: "nt", 25, 3;
    nt_ldap: "nt-ldap", 15, 2;
    nt_crypt: "nt-crypt", 17, 0;
    lm: "lm", 17, 1;
    msdcc: "msdcc", 23, 0;
    msdcc2: "msdcc2", 22, 1;
    postgres_scram_sha_256: "postgres-scram-sha-256", 15, 7;
    passlib_scram: "passlib-scram", 10, 1;
    dovecot_scram_sha_1: "dovecot-scram-sha-1", 9, 0;
    dovecot_scram_sha_256: "dovecot-scram-sha-256", 9, 0;
    mysql323: "mysql323", 25, 2;
    mysql41: "mysql41", 20, 4;
    postgres_md5: "postgres-md5", 27, 3;
    mssql2000: "mssql2000", 23, 0;
    mssql2005: "mssql2005", 33, 2;
    mssql2012: "mssql2012", 18, 1;
    oracle10: "oracle10", 24, 1;
    oracle11: "oracle11", 16, 1;
    oracle12: "oracle12", 14, 1;
    dovecot_plain_md5: "dovecot-plain-md5", 10, 0;
    dovecot_cram_md5: "dovecot-cram-md5", 10, 0;
}
