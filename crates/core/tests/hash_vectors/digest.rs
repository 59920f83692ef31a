//! The rows of composed digests: salted, nested, keyed and iterated ones.

use super::{all, check};

/// A test for each algorithm: its name, how many rows it has, how many of them malformed.
macro_rules! rows {
    ($($test:ident: $name:literal, $rows:literal, $malformed:literal;)*) => {
        $(#[test]
        fn $test() {
            check(concat!($name, ".jsonl"), $name, $rows, all);
            if $malformed > 0 {
                check(concat!("malformed/", $name, ".jsonl"), $name, $malformed, all);
            }
        })*
    };
}

rows! {
    aspnet_membership_hmacsha256: "aspnet-membership-hmacsha256", 17, 0;
    aspnet_membership_hmacsha512: "aspnet-membership-hmacsha512", 14, 0;
    aspnet_membership_sha1: "aspnet-membership-sha1", 16, 0;
    aspnet_membership_sha256: "aspnet-membership-sha256", 17, 0;
    authme_sha256: "authme-sha256", 12, 0;
    clerk_hmac_sha256_utf16_b64: "clerk-hmac-sha256-utf16-b64", 12, 0;
    clerk_sha512_symfony: "clerk-sha512-symfony", 11, 0;
    digest_ha1: "digest-ha1", 20, 1;
    django_md5: "django-md5", 18, 0;
    django_sha1: "django-sha1", 16, 0;
    django_unsalted_md5: "django-unsalted-md5", 13, 0;
    django_unsalted_sha1: "django-unsalted-sha1", 13, 0;
    episerver: "episerver", 20, 0;
    fshp: "fshp", 15, 4;
    hmac: "hmac", 36, 0;
    hmailserver_sha256: "hmailserver-sha256", 16, 0;
    jasypt_basic: "jasypt-basic", 10, 0;
    jasypt_strong: "jasypt-strong", 11, 0;
    joomla_md5: "joomla-md5", 13, 0;
    kratos_hmac: "kratos-hmac", 17, 2;
    kratos_md5: "kratos-md5", 13, 2;
    kratos_sha: "kratos-sha", 18, 3;
    ldap_md5: "ldap-md5", 16, 3;
    ldap_sha: "ldap-sha", 17, 3;
    ldap_sha256: "ldap-sha256", 11, 3;
    ldap_sha384: "ldap-sha384", 12, 0;
    ldap_sha512: "ldap-sha512", 11, 3;
    ldap_smd5: "ldap-smd5", 17, 3;
    ldap_ssha: "ldap-ssha", 34, 14;
    ldap_ssha256: "ldap-ssha256", 24, 3;
    ldap_ssha384: "ldap-ssha384", 11, 3;
    ldap_ssha512: "ldap-ssha512", 23, 3;
    magento1_md5: "magento1-md5", 12, 0;
    mosquitto_sha512: "mosquitto-sha512", 16, 0;
    mybb: "mybb", 16, 0;
    nested_digest: "nested-digest", 34, 0;
    opencart: "opencart", 12, 0;
    oscommerce: "oscommerce", 14, 0;
    passwap_md5salted: "passwap-md5salted", 15, 1;
    peoplesoft: "peoplesoft", 14, 0;
    phps: "phps", 13, 0;
    prestashop: "prestashop", 14, 0;
    punbb: "punbb", 12, 0;
    rabbitmq_sha256: "rabbitmq-sha256", 12, 0;
    rabbitmq_sha512: "rabbitmq-sha512", 11, 0;
    redmine: "redmine", 11, 0;
    restful_authentication: "restful-authentication", 16, 1;
    restful_authentication_1: "restful-authentication-1", 14, 0;
    salted_digest: "salted-digest", 78, 0;
    shiro1: "shiro1", 11, 5;
    smf: "smf", 14, 0;
    symfony_digest: "symfony-digest", 17, 4;
    umbraco_hmacsha1: "umbraco-hmacsha1", 11, 0;
    vbulletin: "vbulletin", 13, 0;
    wbb3: "wbb3", 17, 0;
    werkzeug_hmac: "werkzeug-hmac", 15, 0;
    xenforo1_sha256: "xenforo1-sha256", 12, 0;
}
